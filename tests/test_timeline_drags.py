"""Drags of the timeline beyond moving and trimming: copies, stretching, marks, order of tracks, menus; plain events."""

import time

import msgspec
import pytest
from timeline_hand import Hand
from timeline_samples import sample_document

from genmo_studio.document import edits
from genmo_studio.document.model import Document, Marker, TextClip, Track, TrackKind
from genmo_studio.document.queries import find_item, find_track, item_start, track_of
from genmo_studio.document.time import Span
from genmo_studio.ui.actions import ACTIONS
from genmo_studio.ui.timeline import choosing, commands
from genmo_studio.ui.timeline.edge_scroll import push
from genmo_studio.ui.timeline.effects import Button, Modifier, Pointer
from genmo_studio.ui.timeline.hit import HitKind, hit_test, mark_handles, marker_stop
from genmo_studio.ui.timeline.menus import menu_of
from genmo_studio.ui.timeline.session import Wheel
from genmo_studio.ui.timeline.snap import snap_targets
from genmo_studio.ui.timeline.timecode import TimeFormat
from genmo_studio.ui.timeline.tips import tip
from genmo_studio.ui.timeline.view import View
from genmo_studio.ui.timeline.wheel import Turn, heights, meaning

FREE = Modifier.SHIFT  # held while moving: no snapping


@pytest.fixture
def hand() -> Hand:
    return Hand(sample_document())


def names(document: Document) -> list[str]:
    return [track.id for track in document.tracks]


def test_ctrl_drag_copies_and_ctrl_click_toggles(hand: Hand) -> None:
    """TL18, TL19: one gesture, told apart by whether the pointer moves."""
    hand.drag(hand.middle("x1"), 2 * 400, keys=FREE, at_press=Modifier.CTRL)
    (copy,) = hand.session.selection
    assert copy != "x1"
    assert hand.span("x1") == Span(135, 330), "the original stays"
    assert hand.span(copy) == Span(535, 730)
    assert hand.editor.history == ("Copy Clip",)
    hand.editor.undo()
    assert hand.editor.document == sample_document()
    hand.session.select({"k0", "k1"})
    hand.drag(hand.middle("k0"), 2 * 7, keys=FREE, at_press=Modifier.CTRL)
    keys = find_track(hand.editor.document, "t4")
    assert keys is not None
    assert [item_start(key) for key in keys.items] == [150, 157, 330, 337, 480]
    hand.click(*hand.middle("x2"), keys=Modifier.CTRL)
    assert "x2" in hand.session.selection
    assert len(hand.session.selection) == 3


def test_tl19_a_click_on_one_of_several_selects_it_alone_and_a_drag_takes_all(hand: Hand) -> None:
    hand.session.select({"k0", "k1", "x1"})
    hand.click(*hand.middle("k1"))
    assert hand.session.selection == {"k1"}
    hand.session.select({"k0", "k1"})
    hand.drag(hand.middle("k1"), 2 * 10, keys=FREE)
    assert (hand.span("k0").start, hand.span("k1").start) == (160, 340)
    assert hand.session.selection == {"k0", "k1"}


def test_alt_drag_stretches_keys_and_clips_like_each_other(hand: Hand) -> None:
    """TL8: keys move and scale in time like clips; the far end stays."""
    hand.session.select({"k0", "k1", "k2"})  # 150, 330, 480
    hand.drag(hand.middle("k2"), -2 * 165, keys=FREE, at_press=Modifier.ALT)
    assert [hand.span(k).start for k in ("k0", "k1", "k2")] == [150, 240, 315], "half as long"
    assert hand.editor.history == ("Stretch Keys",)
    hand.editor.undo()
    hand.session.select({"k0", "k1", "k2"})
    hand.drag(hand.middle("k0"), -2 * 90, keys=FREE, at_press=Modifier.ALT)
    assert hand.span("k2").start == 480
    assert hand.span("k0").start == 60
    hand.drag(hand.middle("k0"), 5000, keys=FREE, at_press=Modifier.ALT)
    assert len({hand.span(k).start for k in ("k0", "k1", "k2")}) == 3, "keys never fall onto each other"
    rect = hand.rect("v1")
    hand.drag((rect.right - 3, rect.y + 30), 2 * 150, keys=FREE, at_press=Modifier.ALT)
    clip = find_item(hand.editor.document, "v1")
    assert (hand.span("v1"), clip.source) == (Span(0, 300), Span(0, 150)), "half speed"
    assert "200%" in (hand.runner.overlay.readout or "200%")


def test_tl13_clips_and_keys_are_stretched_to_the_marked_range() -> None:
    document = edits.set_in_out(Span(100, 201))(sample_document())
    keys = commands.fit_to_marks(document, {"k0", "k1", "k2"})  # 150, 330, 480
    assert keys is not None
    moved = keys.edit(document)
    assert [item_start(find_item(moved, key)) for key in ("k0", "k1", "k2")] == [100, 155, 200]
    clips = commands.fit_to_marks(document, {"x1", "x2"})  # 135 to 330, 300 to 480
    assert clips is not None
    moved = clips.edit(document)
    assert (find_item(moved, "x1").span.start, find_item(moved, "x2").span.stop) == (100, 201)
    assert commands.fit_to_marks(sample_document(), {"x1"}) is None, "nothing is marked"
    assert commands.fit_to_marks(document, {"mk1"}) is None


def test_tl14_shift_click_on_a_selected_text_splits_it(hand: Hand) -> None:
    x, y = hand.view.x_of(200), hand.middle("x1")[1]
    hand.click(x, y)
    hand.click(x, y, keys=Modifier.SHIFT)
    assert hand.editor.history == ("Split",)
    assert hand.span("x1") == Span(135, 200)
    hand.click(*hand.middle("k0"))
    hand.click(*hand.middle("k1"), keys=Modifier.SHIFT)
    assert hand.session.selection == {"k0", "k1"}, "elsewhere Shift selects a range"
    assert hand.editor.history == ("Split",)


def test_tl14_a_double_click_in_an_empty_place_of_a_text_track_adds_a_text(hand: Hand) -> None:
    y = hand.middle("x1")[1]
    hand.double_click(hand.view.x_of(80) + 1, y)
    (made,) = hand.session.selection
    assert hand.span(made) == Span(80, 135), "up to the next text"
    assert hand.edited == [made]
    hand.double_click(hand.view.x_of(500) + 1, y)
    (made,) = hand.session.selection
    assert hand.span(made) == Span(500, 590)
    hand.double_click(hand.view.x_of(560), hand.middle("v1")[1])
    assert hand.editor.history == ("Add Text", "Add Text")


def test_tl12_markers_and_the_ends_of_ranges_are_dragged(hand: Hand) -> None:
    hand.editor.edit("Add", edits.add_marker(Marker("range", 60, length=40)))
    flag = next(placed.rect for placed in hand.scene.layout.markers if placed.marker.id == "range")
    hand.drag((flag.x + 4, flag.y + 4), 2 * 10, keys=FREE)
    moved = hand.editor.document.markers[0]
    assert (moved.frame, moved.length) == (70, 40)
    stop = marker_stop(moved, hand.view)
    assert stop is not None
    hand.drag((stop.x + 5, stop.y + 5), 2 * 25, keys=FREE)
    assert hand.editor.document.markers[0].length == 65
    stop = marker_stop(hand.editor.document.markers[0], hand.view)
    assert stop is not None
    hand.drag((stop.x + 5, stop.y + 5), -5000, keys=FREE)
    assert hand.editor.document.markers[0].length == 0, "a range becomes a point"
    flag = next(placed.rect for placed in hand.scene.layout.markers if placed.marker.id == "range")
    hand.double_click(flag.x + 4, flag.y + 4)
    assert hand.edited == ["range"]


def test_tl13_in_and_out_are_dragged_in_the_ruler(hand: Hand) -> None:
    hand.editor.edit("Mark", edits.set_in_out(Span(100, 200)))
    begin, end = mark_handles(Span(100, 200), hand.view)
    hand.drag((end.x + 6, end.y + 3), 2 * 50, keys=FREE)
    assert hand.editor.document.in_out == Span(100, 250)
    hand.drag((begin.x + 4, begin.y + 3), 2 * 1000, keys=FREE)
    assert hand.editor.document.in_out == Span(249, 250), "one frame stays marked"
    assert hand.sought == [], "the playhead has not moved (TL3)"
    assert hand.editor.history == ("Mark", "Move Out", "Move In")


def test_tl1_headers_reorder_by_drag_and_names_are_edited_in_place(hand: Hand) -> None:
    x, y = hand.header("t1")
    hand.drag((x, y), 0, dy=hand.header("t3")[1] - y + 5)
    assert names(hand.editor.document) == ["t2", "t3", "t1", "t4", "t5", "t6"]
    assert hand.session.track == "t1"
    x, y = hand.header("t1")
    hand.drag((x, y), 0, dy=-2000)
    assert names(hand.editor.document)[0] == "t1"
    assert hand.editor.history == ("Move Track", "Move Track")
    hand.editor.edit("Hide", edits.set_track_flags("t2", hidden=True))
    x, y = hand.header("t3")
    hand.drag((x, y), 0, dy=2000)
    assert names(hand.editor.document)[-1] == "t3"
    hand.double_click(*hand.header("t4"))
    assert hand.edited == ["t4"]
    hand.click(*hand.header("t5"))
    assert hand.session.track == "t5"
    assert len(hand.editor.history) == 4, "a click moves nothing"


def test_tl6_snapping_knows_every_kind_of_time_and_leaves_out_what_is_dragged() -> None:
    document = msgspec.structs.replace(
        sample_document(), in_out=Span(33, 77), markers=(Marker("m", 41, length=9), Marker("n", 91))
    )
    targets = set(snap_targets(document, playhead=12, beats=[19]).frames)
    assert {12, 19, 33, 77, 41, 50, 91, 135, 330, 150, 480, 0, 600, 420} <= targets
    fewer = set(snap_targets(document, exclude=frozenset({"m", "x1"}), marks=False).frames)
    assert not {41, 50, 33, 77, 135} & fewer


def test_middle_drag_pans_and_with_ctrl_zooms(hand: Hand) -> None:
    """TL4."""
    hand.press(700, 300, button=Button.MIDDLE, keys=Modifier.CTRL)
    held = hand.view.frame_at(700)
    hand.move(860, 300)
    hand.release()
    assert hand.view.scale == pytest.approx(4.0)
    assert hand.view.frame_at(700) == pytest.approx(held)


def test_tl4_the_wheel_in_both_cultures() -> None:
    none, shift, ctrl = Modifier.NONE, Modifier.SHIFT, Modifier.CTRL

    def turn(culture: Wheel, keys: Modifier, *, sideways: bool = False, headers: bool = False) -> Turn:
        return meaning(culture, keys, sideways=sideways, over_headers=headers)

    assert [turn(Wheel.ZOOM, keys) for keys in (none, shift, ctrl)] == [Turn.ZOOM, Turn.TIME, Turn.HEIGHT]
    assert [turn(Wheel.PAN, keys) for keys in (none, shift, ctrl)] == [Turn.TIME, Turn.ZOOM, Turn.HEIGHT]
    for culture in Wheel:
        assert turn(culture, none, sideways=True) is Turn.TIME, "two fingers on a touchpad"
        assert turn(culture, none, headers=True) is Turn.TRACKS
    document, view = sample_document(), View()
    one = heights(document, view, track="t4", notches=2).edit(document)
    assert [track.height for track in one.tracks] == [72, 60, 72, 54, 38, 38]
    low = heights(document, view, track=None, notches=-100).edit(document)
    assert {track.height for track in low.tracks} == {30}, "not lower than a row is drawn"


def test_a_drag_at_the_edge_moves_the_view_on(hand: Hand) -> None:
    """TL19: also into what was out of sight."""
    view = hand.view
    inside = Pointer(700, 300)
    assert push(inside, view, along=True, down=True) == (0.0, 0.0)
    right, far_right = (push(Pointer(x, 300), view, along=True, down=True)[0] for x in (1490, 1600))
    assert far_right < right < 0
    assert push(Pointer(100, 100), view, along=True, down=False)[0] > 0
    assert push(Pointer(700, 595), view, along=False, down=True) == (0.0, pytest.approx(-19 / 3))
    y = hand.middle("k0")[1]
    hand.press(hand.view.x_of(100), y - 12)
    hand.move(1490, y + 12)
    assert hand.tool.edges == (True, True)
    hand.view = hand.view.panned(-600)
    hand.move(hand.view.x_of(400), y + 12)
    assert hand.session.selection == {"k0", "k1"}, "the corner of the box stayed at its time"
    hand.release()


def test_tl21_every_place_has_a_menu_of_known_commands_and_the_right_button_changes_nothing(hand: Hand) -> None:
    hand.editor.edit("Mark", edits.set_in_out(Span(200, 240)))
    before = hand.editor.document
    begin, end = mark_handles(Span(200, 240), hand.view)
    flag = hand.scene.layout.markers[0].rect
    places = {
        HitKind.RULER: (hand.view.x_of(20), 8.0),
        HitKind.MARKER: (flag.x + 4, flag.y + 4),
        HitKind.MARK_IN: (begin.x + 4, begin.y + 2),
        HitKind.MARK_OUT: (end.x + 6, end.y + 2),
        HitKind.HEADER: hand.header("t3"),
        HitKind.CORNER: (20.0, 10.0),
        HitKind.BODY: hand.middle("x1"),
        HitKind.KEY: hand.middle("k1"),
        HitKind.RESULT: (hand.view.x_of(300), 60.0),
        HitKind.EMPTY: (hand.view.x_of(590), hand.middle("v1")[1]),
    }
    known = {entry.id for entry in ACTIONS} | {"-"}
    for kind, (x, y) in places.items():
        hit = hit_test(hand.scene.layout, x, y, cache=hand.cache)
        assert hit.kind is kind
        menu = menu_of(hit, hand.editor.document)
        assert len(menu) >= 3, kind
        assert set(menu) <= known, set(menu) - known
        assert menu[0] != "-"
        assert menu[-1] != "-"
        hand.press(x, y, button=Button.RIGHT)
        hand.release()
        if hit.item is not None:
            assert hand.session.selection == {hit.item}
    assert hand.editor.document is before
    assert hand.editor.history == ("Mark",)


def test_tl23_a_drag_across_tracks_costs_what_a_drag_along_one_costs() -> None:
    clips = tuple(TextClip(f"c{n}", Span(30 * n, 30 * n + 25), "walks") for n in range(4000))
    tracks = (Track("a", TrackKind.TEXT, "A", clips), Track("b", TrackKind.TEXT, "B"))
    document = Document("d", "D", length=130_000, tracks=tracks)

    def cost(edit: edits.Edit) -> float:
        runs = []
        for _ in range(7):
            began = time.perf_counter()
            edit(document)
            runs.append(time.perf_counter() - began)
        return min(runs)

    along = cost(edits.move_items(["c2000"], by=3))
    across = cost(edits.move_items(["c2000"], by=3, to_track="b"))
    assert across < 5 * along, "no reload of the timeline, only two tracks instead of one"
    moved = edits.move_items(["c2000"], by=3, to_track="b")(document)
    home = track_of(moved, "c2000")
    assert home is not None
    assert home.id == "b"


def test_tl19_se3_se4_what_the_selection_commands_choose() -> None:
    document = edits.set_track_flags("t6", hidden=True)(sample_document())
    shown = {item.id for track in document.tracks if not track.hidden for item in track.items}
    assert choosing.everything(document) == shown, "hidden tracks take no part"
    assert choosing.inverted(document, {"x1", "k0"}) == shown - {"x1", "k0"}
    before, after = choosing.before(document, 300), choosing.after(document, 300)
    assert before | after == shown
    assert not before & after
    assert {"x2", "k1"} <= after
    assert choosing.under(document, 150) == {"x1", "k0"}
    assert choosing.span_of(document, {"k0", "mk1"}) == Span(150, 301)
    assert choosing.range_between(document, "k0", "k2") == {"k0", "k1", "k2"}


def test_tl8_every_place_says_what_a_drag_does_there(hand: Hand) -> None:
    def words(x: float, y: float) -> str:
        hit = hit_test(hand.scene.layout, x, y, cache=hand.cache)
        return tip(hit, hand.editor.document, style=TimeFormat.FRAMES, stale=frozenset())

    rect = hand.rect("x1")
    assert "Ctrl-drag to copy" in words(*hand.middle("x1"))
    assert "trim" in words(rect.right - 3, rect.y + rect.height / 2)
    assert "stretch" in words(*hand.middle("k0"))
    assert "rename" in words(*hand.header("t1"))
    hand.editor.edit("Mark", edits.set_in_out(Span(20, 60)))
    begin, _ = mark_handles(Span(20, 60), hand.view)
    assert words(begin.x + 4, begin.y + 2).startswith("In:")
    assert words(60.0, hand.view.metrics.ruler_height + 10) == "", "the result's header"


def test_tl7_a_click_on_an_in_or_out_mark_goes_to_the_frame_and_a_drag_moves_the_mark(hand: Hand) -> None:
    hand.editor.edit("Mark", edits.set_in_out(Span(200, 240)))
    begin, end = mark_handles(Span(200, 240), hand.view)
    hand.click(hand.view.x_of(201), begin.y + 4)
    hand.click(end.x + 2, end.y + 4)
    assert hand.sought == [201, round(hand.view.frame_at(end.x + 2))]
    assert hand.editor.history == ("Mark",)
    hand.drag((hand.view.x_of(200) + 2, begin.y + 4), -40.0)
    assert hand.editor.document.in_out == Span(180, 240)
    assert len(hand.sought) == 2


def test_kf5_one_click_on_a_key_selects_it_and_two_go_to_its_frame(hand: Hand) -> None:
    hand.click(*hand.middle("k1"))
    assert hand.session.selection == {"k1"}
    assert hand.sought == []
    hand.double_click(*hand.middle("k1"))
    assert hand.sought == [330]
    assert hand.editor.history == ()
