"""Scrolling moves what is painted and paints only what it leaves open: the picture is the same as one painted anew."""

import random
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from timeline_samples import sample_document

from genmo_studio.ui.theme import DARK
from genmo_studio.ui.timeline.art import MediaArt
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.paint_rows import Look
from genmo_studio.ui.timeline.picture import Picture
from genmo_studio.ui.timeline.view import View
from genmo_studio.values import replace

LOOK = Look(selection=frozenset({"x1"}))


def pixels(picture: Picture) -> np.ndarray:
    image = picture.image()
    image = image.convertToFormat(image.Format.Format_RGB32)
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[..., :3].astype(int)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_hd2_a_scrolled_picture_is_the_picture_of_that_place(qtbot: QtBot, tmp_path: Path, ratio: float) -> None:
    document = sample_document()
    art = MediaArt(document, locate=lambda _ref: None, cache=tmp_path)
    rng = random.Random(3)
    for scale in (0.5, 1.3, 6.0, 20.0):
        picture, view = Picture(DARK, art, IndexCache()), View(width=1000, height=450, scale=scale, scroll=40)
        picture.refresh(document, view, LOOK, ratio=ratio)
        whole = picture.rows_painted
        for _ in range(5):
            step = round(rng.choice([-200, -40, -4, 4, 20, 80, 300])) / ratio
            view = replace(view, scroll=max(0.0, view.scroll + step / scale))
            picture.refresh(document, view, LOOK, ratio=ratio)
            anew = Picture(DARK, art, IndexCache())
            anew.refresh(document, view, LOOK, ratio=ratio)
            wrong = (np.abs(pixels(picture) - pixels(anew)).max(-1) > 40).sum()
            assert wrong <= 12, "a few pixels of smooth edges may differ where two parts meet"
        assert picture.rows_painted < whole + 6 * 5, "not all rows again"
    art.close()
