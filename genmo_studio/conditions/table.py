"""The table of modalities. Adding one is one module and one row here."""

from genmo_studio.conditions import contacts, keys, music, path, text, video
from genmo_studio.conditions.modality import Modality
from genmo_studio.document.model import TrackKind

MODALITIES: dict[TrackKind, Modality] = {
    modality.kind: modality
    for modality in (
        video.MODALITY,
        text.MODALITY,
        music.MODALITY,
        keys.FULL,
        keys.PARTIAL,
        path.MODALITY,
        contacts.MODALITY,
    )
}
