"""What a set of files becomes on the timeline, worked out without files and without Qt."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmo_studio.document import edits
from genmo_studio.document.editor import Editor
from genmo_studio.document.model import (
    Document,
    MediaKind,
    MediaRef,
    MusicClip,
    Take,
    TextClip,
    Track,
    TrackKind,
    VideoClip,
)
from genmo_studio.document.queries import ITEM_TYPES, all_items, find_item, find_take, find_track, item_span, track_of
from genmo_studio.document.time import Span
from genmo_studio.importers.text import Segment
from genmo_studio.ui.media_import import (
    SUFFIXES,
    Arrived,
    FileKind,
    Incoming,
    Place,
    Target,
    kind_of,
    landing,
    landing_edit,
    link_refusal,
    refusal,
    sound_edit,
)

FPS = 30
BLOB = "0" * 64


def document(**locked: bool) -> Document:
    """Video (with a clip at 0..100), text, music, poses."""
    media = MediaRef(id="m", kind=MediaKind.VIDEO, name="old.mp4", frames=100)
    clip = VideoClip(id="old", span=Span(0, 100), media="m", source=Span(0, 100))
    kinds = (TrackKind.VIDEO, TrackKind.TEXT, TrackKind.MUSIC, TrackKind.FULL_KEYS)
    tracks = tuple(
        Track(
            id=kind.value,
            kind=kind,
            name=kind.value.title(),
            locked=locked.get(kind.value, False),
            items=(clip,) if kind is TrackKind.VIDEO else (),
        )
        for kind in kinds
    )
    return Document(id="d", name="Doc", tracks=tracks, media=(media,))


def video(frames: int | None = 50, *, sound: bool | None = True, name: str = "é film.mp4") -> Incoming:
    return Incoming(name, FileKind.VIDEO, Path(name), frames=frames, has_sound=sound)


def arrived(file: Incoming, number: int) -> Arrived:
    if file.kind.is_motion:
        take = Take(
            id=f"t{number}", name=file.name, span=Span(0, 1), blob=BLOB, request_hash="", seed=0, model="import"
        )
        return Arrived(take=take)
    if file.kind.is_text:
        return Arrived()
    kind = MediaKind.VIDEO if file.kind is FileKind.VIDEO else MediaKind.AUDIO
    return Arrived(media=MediaRef(id=f"n{number}", kind=kind, name=file.name, frames=file.frames))


SOUND = Incoming("ü.ogg", FileKind.SOUND, frames=70)
BVH = Incoming("歩く.bvh", FileKind.BVH, frames=40)
LINES = Incoming("a.txt", FileKind.LINES, segments=(Segment("walk"), Segment("sit")))
TITLES = Incoming("a.srt", FileKind.SUBTITLES, segments=(Segment("one", 1.0, 2.0), Segment("two", 1.5, 4.0)))

files = st.lists(
    st.one_of(
        st.builds(video, st.none() | st.integers(1, 400), sound=st.sampled_from([True, False, None])),
        st.builds(Incoming, st.just("s.wav"), st.just(FileKind.SOUND), frames=st.none() | st.integers(1, 400)),
        st.builds(
            Incoming, st.just("m.bvh"), st.sampled_from([FileKind.BVH, FileKind.NPZ]), frames=st.integers(1, 400)
        ),
        st.builds(
            Incoming,
            st.just("t.srt"),
            st.just(FileKind.SUBTITLES),
            segments=st.lists(
                st.builds(lambda a, d: Segment("says", a, a + d), st.floats(0, 50), st.floats(0.01, 9)), min_size=1
            ).map(tuple),
        ),
        st.just(LINES),
    ),
    min_size=1,
    max_size=5,
)
places = st.builds(
    lambda frame, where: Place(frame, *where),
    st.integers(0, 500),
    st.sampled_from(
        [(Target.AUTO,), (Target.BELOW,), (Target.RESULT,)]
        + [(Target.TRACK, kind) for kind in ("video", "text", "music", "full_keys")]
    ),
)
locks = st.dictionaries(st.sampled_from(["video", "text", "music"]), st.booleans())


@given(files, places, locks)
def test_tl2_everything_lands_on_a_track_of_its_kind_or_the_drop_says_why(incoming, place, locked) -> None:
    """TL2, DD1, DD2: what the ghosts show is what the edit makes, as one undo step; nothing else changes."""
    before = document(**locked)
    found = landing(before, incoming, place)
    if found.problem:
        assert found.ghosts == ()
        assert found.problem.endswith(".")
        assert place.target in (Target.TRACK, Target.RESULT)
        return
    assert {ghost.source for ghost in found.ghosts} == set(range(len(incoming)))
    for ghost in found.ghosts:
        assert 0 <= ghost.span.start < ghost.span.stop
        if ghost.track is not None:
            track = find_track(before, ghost.track)
            assert track is not None
            assert track.kind is ghost.kind
            assert not track.locked
        if place.target is Target.BELOW:
            assert ghost.track is None
    editor = Editor(before)
    made = landing_edit(before, found.ghosts, {n: arrived(file, n) for n, file in enumerate(incoming)})
    editor.edit("Import", made.edit)
    after = editor.document
    old = {item.id for _, item in all_items(before)}
    new = [item for _, item in all_items(after) if item.id not in old]
    assert sorted(item_span(item) for item in new) == sorted(g.span for g in found.ghosts if g.kind is not None)
    assert [take.span for take in after.takes] == [g.span for g in found.ghosts if g.kind is None]
    for item in new:
        track = track_of(after, item.id)
        assert track is not None
        assert isinstance(item, ITEM_TYPES[track.kind])
    assert set(made.ids) == {item.id for item in new} | {take.id for take in after.takes}
    assert len(editor.history) == 1
    editor.undo()
    assert editor.document == before


@given(files, places)
def test_several_media_on_one_track_never_lie_on_each_other(incoming, place) -> None:
    """DD2: many files at once lie one behind the other."""
    ghosts = [
        g for g in landing(document(), incoming, place).ghosts if g.kind in (TrackKind.VIDEO, TrackKind.MUSIC, None)
    ]
    for index, one in enumerate(ghosts):
        for other in ghosts[index + 1 :]:
            if (one.track, one.kind) == (other.track, other.kind):
                assert not one.span.overlaps(other.span)


@pytest.mark.parametrize(
    ("file", "track", "words"),
    [
        (SOUND, "video", "“Video” takes video, not sound; drop it below the tracks"),
        (video(), "text", "“Text” takes text"),
        (LINES, "music", "“Music” takes sound, or a video for its sound, not text"),
        (video(sound=False), "music", "“é film.mp4” has no sound."),
        (BVH, "text", "motion goes into the Result row."),
        (video(), "full_keys", "poses that are set in the viewport"),
    ],
)
def test_tl2_a_track_refuses_the_wrong_medium_and_says_why(file, track, words) -> None:
    assert words in landing(document(), [file], Place(0, Target.TRACK, track)).problem


def test_dd1_locked_tracks_and_the_result_say_why() -> None:
    locked = landing(document(video=True), [video()], Place(0, Target.TRACK, "video"))
    assert locked.problem == "“Video” is locked; unlock it, or drop below the tracks."
    assert "takes motion only" in landing(document(), [SOUND], Place(0, Target.RESULT)).problem
    assert landing(document(), [BVH], Place(7, Target.RESULT)).ghosts[0].span == Span(7, 47)
    assert "no longer" in landing(document(), [SOUND], Place(0, Target.TRACK, "gone")).problem


def test_dd1_the_usual_drops_land_where_one_expects() -> None:
    doc = document()
    (on_track,) = landing(doc, [video()], Place(20, Target.TRACK, "video")).ghosts
    assert (on_track.track, on_track.span) == ("video", Span(20, 70))
    (as_sound,) = landing(doc, [video()], Place(20, Target.TRACK, "music")).ghosts
    assert (as_sound.kind, as_sound.track) == (TrackKind.MUSIC, "music")
    (elsewhere,) = landing(doc, [video()], Place(20)).ghosts
    assert elsewhere.track is None, "a new track, because the first has a clip there"
    (behind,) = landing(doc, [video()], Place(100)).ghosts
    assert behind.track == "video"
    (unknown,) = landing(doc, [video(None)], Place(200)).ghosts
    assert not unknown.known
    assert unknown.span.length > 0
    titles = landing(doc, [TITLES], Place(30)).ghosts
    assert [(g.name, g.span) for g in titles] == [("one", Span(60, 90)), ("two", Span(75, 150))]
    lines = landing(doc, [LINES], Place(30)).ghosts
    assert [(g.name, g.span) for g in lines] == [("walk", Span(30, 120)), ("sit", Span(120, 210))]
    assert "on its own" in landing(doc, [Incoming("a.genmo", FileKind.PROJECT)] * 2, Place()).problem


def test_a_video_used_twice_is_known_once_and_its_sound_can_be_added() -> None:
    doc = document()
    ghosts = landing(doc, [video()], Place(200)).ghosts
    ref = doc.media[0]
    used = landing_edit(doc, ghosts, {0: Arrived(media=ref)})
    after = used.edit(doc)
    assert after.media == doc.media
    clip = find_item(after, used.ids[0])
    assert isinstance(clip, VideoClip)
    sound = sound_edit(after, clip)
    heard = find_item(sound.edit(after), sound.ids[0])
    assert isinstance(heard, MusicClip)
    assert (heard.span, heard.source, heard.media) == (clip.span, clip.source, clip.media)
    full = edits.set_track_flags("music", locked=True)(after)
    assert len(sound_edit(full, clip).edit(full).tracks) == len(full.tracks) + 1


def test_an_imported_motion_is_a_take_of_the_result_with_its_origin() -> None:
    doc = document()
    ghosts = landing(doc, [BVH], Place(12)).ghosts
    after = landing_edit(doc, ghosts, {0: arrived(BVH, 0)}).edit(doc)
    take = find_take(after, "t0")
    assert take is not None
    assert (take.model, take.span) == ("import", Span(12, 52))
    assert [(piece.take, piece.span) for piece in after.result] == [("t0", Span(12, 52))]


def test_text_of_a_file_becomes_text_clips() -> None:
    doc = document()
    made = landing_edit(doc, landing(doc, [LINES], Place(0)).ghosts, {0: Arrived()})
    clips = [find_item(made.edit(doc), one) for one in made.ids]
    assert [clip.text for clip in clips if isinstance(clip, TextClip)] == ["walk", "sit"]


def test_dd1_kinds_by_suffix_and_sentences_for_the_rest() -> None:
    assert {kind_of(Path(f"Ä {suffix.upper()}{suffix.upper()}")) for suffix in SUFFIXES} == set(FileKind)
    for name in ("model.FBX", "scene.glb", "notes.pdf", "README"):
        assert kind_of(Path(name)) is None
        assert name in refusal(Path(name))
    assert "BVH" in refusal(Path("model.fbx"))
    assert "save the file" in link_refusal("https://example.org/" + "x" * 200)
    assert len(link_refusal("https://example.org/" + "x" * 200)) < 140
