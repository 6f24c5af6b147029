"""The pointer tool driven by plain events against a real editor: no window, no Qt events."""

from pathlib import Path

import msgspec
import pytest
from timeline_hand import Hand
from timeline_samples import sample_document

from genmo_studio.document.queries import find_item, find_track, track_of
from genmo_studio.document.time import Span
from genmo_studio.ui.timeline import commands
from genmo_studio.ui.timeline.effects import Button, Modifier, Pointer
from genmo_studio.ui.timeline.headers import HeaderButton, header_buttons


@pytest.fixture
def hand() -> Hand:
    return Hand(sample_document())


def test_tl3_tl7_the_ruler_scrubs_and_escape_brings_the_playhead_back(hand: Hand) -> None:
    hand.session.set_playhead(7)
    hand.press(hand.view.x_of(100) + 0.4, 10)
    hand.move(hand.view.x_of(50), 300)
    assert hand.sought == [100, 50]
    hand.cancel()
    assert hand.session.playhead == 7
    hand.press(hand.view.x_of(0), 10)
    hand.move(5000, 10)
    assert hand.session.playhead == 599, "the last visible frame, not the end of the span"
    hand.release()
    assert hand.editor.history == ()


def test_tl19_se3_clicks_select_toggle_and_clear(hand: Hand) -> None:
    hand.click(*hand.middle("x1"))
    assert hand.session.selection == {"x1"}
    hand.click(*hand.middle("x2"), keys=Modifier.CTRL)
    assert hand.session.selection == {"x1", "x2"}
    hand.click(*hand.middle("x1"), keys=Modifier.CTRL)
    assert hand.session.selection == {"x2"}
    hand.click(hand.view.x_of(560), hand.middle("v1")[1])
    assert hand.session.selection == frozenset()
    hand.click(*hand.middle("k0"))
    hand.click(*hand.middle("k2"), keys=Modifier.SHIFT)
    assert hand.session.selection == {"k0", "k1", "k2"}
    assert hand.editor.history == ()


def test_tl3_tl19_a_box_takes_what_it_meets(hand: Hand) -> None:
    y = hand.middle("k0")[1]
    hand.drag((hand.view.x_of(280), y - 12), hand.view.x_of(500) - hand.view.x_of(280), dy=20)
    assert hand.session.selection == {"k1", "k2"}
    assert hand.runner.overlay.band is None


def test_tl6_moving_snaps_previews_and_is_one_undo_step(hand: Hand) -> None:
    before = hand.editor.document
    hand.session.set_playhead(200)
    x, y = hand.middle("x1")  # starts at 135; 63 frames on it is 2 frames (4 pixels) short of the playhead
    hand.press(x, y)
    hand.move(x + 2 * 30, y)
    assert hand.editor.in_gesture
    hand.move(x + 2 * 63, y)
    assert hand.span("x1") == Span(200, 395)
    assert hand.runner.overlay.snap_line == 200
    hand.release()
    assert hand.editor.history == ("Move Clip",)
    assert hand.runner.overlay.snap_line is None
    hand.editor.undo()
    assert hand.editor.document == before
    hand.drag((x, y), 2 * 63, keys=Modifier.SHIFT)
    assert hand.span("x1").start == 198, "Shift inverts snapping"


def test_tl6_keys_snap_to_beats_and_a_selection_moves_together(hand: Hand) -> None:
    hand.session.select({"k0", "k1"})
    hand.drag(hand.middle("k0"), 2 * 119)
    assert (hand.span("k0").start, hand.span("k1").start) == (270, 450), "beat of the music at 270"
    assert hand.session.selection == {"k0", "k1"}


def test_nothing_moves_before_frame_zero(hand: Hand) -> None:
    hand.drag(hand.middle("x1"), -5000)
    assert hand.span("x1") == Span(0, 195)


def test_tl8_trimming_stops_at_the_medium_and_at_one_frame(hand: Hand) -> None:
    rect = hand.rect("v1")
    hand.drag((rect.right - 3, rect.y + 30), -2 * 40, keys=Modifier.SHIFT)
    assert hand.span("v1") == Span(0, 110)
    hand.drag((hand.rect("v1").right - 3, rect.y + 30), 2 * 400)
    assert hand.span("v1") == Span(0, 150), "the video has 150 frames"
    hand.drag((hand.rect("x2").x + 3, hand.middle("x2")[1]), 5000)
    assert hand.span("x2") == Span(479, 480)
    assert hand.editor.history == ("Trim End", "Trim End", "Trim Start")


def test_escape_and_a_small_tremble_leave_nothing_behind(hand: Hand) -> None:
    before = hand.editor.document
    x, y = hand.middle("x2")
    hand.press(x, y)
    hand.move(x + 100, y)
    assert hand.editor.document != before
    hand.cancel()
    assert hand.editor.document is before
    hand.drag((x, y), 2)
    assert hand.editor.document is before
    assert hand.editor.history == ()


def test_a_locked_track_can_be_selected_but_not_changed(hand: Hand) -> None:
    row = next(row for row in hand.scene.layout.rows if row.key == "t2")
    lock = header_buttons(row, hand.view)[HeaderButton.LOCK]
    hand.click(lock.x + 4, lock.y + 4)
    track = find_track(hand.editor.document, "t2")
    assert track is not None
    assert track.locked
    before = hand.editor.document
    hand.drag(hand.middle("x1"), 200)
    assert hand.session.selection == {"x1"}
    assert hand.editor.document == before
    assert hand.editor.history == ("Lock Track",)


def test_tl2_a_clip_moves_to_another_track_of_its_kind_only(hand: Hand) -> None:
    document = hand.editor.document
    other = msgspec.structs.replace(document.tracks[1], id="t9", items=(), name="Text 2")
    hand.editor.edit("Add track", lambda d: msgspec.structs.replace(d, tracks=(*d.tracks, other)))
    row = next(row for row in hand.scene.layout.rows if row.key == "t9")
    x, y = hand.middle("x1")
    hand.drag((x, y), 0, dy=row.rect.y + 20 - y)
    home = track_of(hand.editor.document, "x1")
    assert home is not None
    assert home.id == "t9"
    hand.drag(hand.middle("x1"), 0, dy=hand.middle("v1")[1] - hand.middle("x1")[1])
    home = track_of(hand.editor.document, "x1")
    assert home is not None
    assert home.id == "t9"


def test_markers_row_heights_and_panning(hand: Hand) -> None:
    flag = hand.scene.layout.markers[0].rect
    hand.drag((flag.x + 3, flag.y + 3), 2 * 50, keys=Modifier.SHIFT)
    assert hand.editor.document.markers[0].frame in (349, 350, 351)
    row = next(row for row in hand.scene.layout.rows if row.key == "t1")
    hand.drag((40, row.rect.bottom - 2), 0, dy=25)
    assert hand.editor.document.tracks[0].height == 97
    hand.press(700, 300, button=Button.MIDDLE)
    hand.move(500, 300)
    hand.release()
    assert hand.view.scroll == 100


def test_tl9_commands_on_the_selection(hand: Hand) -> None:
    document = hand.editor.document
    hand.runner.apply(commands.split(document, {"x1"}, frame=200))
    assert hand.span("x1") == Span(135, 200)
    hand.runner.apply(commands.delete(hand.editor.document, {"x1", "mk1", "k0"}))
    assert find_item(hand.editor.document, "x1") is None
    assert hand.editor.document.markers == ()
    hand.runner.apply(commands.duplicate(hand.editor.document, {"k1"}))
    hand.runner.apply(commands.change_words(hand.editor.document, "x2", "  sits   down "))
    assert find_item(hand.editor.document, "x2").text == "sits down"
    assert hand.editor.history == ("Split", "Delete", "Duplicate Key", "Change Text")
    while hand.editor.undo():
        pass
    assert hand.editor.document == document


def test_tl14_double_click_edits_text_only(hand: Hand) -> None:
    for item in ("x1", "v1", "k0"):
        pointer = Pointer(*hand.middle(item))
        hand.runner.run(hand.tool.double_click(pointer, hand.scene), pointer)
    assert hand.edited == ["x1"]


def test_the_sample_media_can_be_written(tmp_path: Path) -> None:
    assert all((tmp_path / str(m.relative_path)).stat().st_size > 1000 for m in sample_document(tmp_path).media)
