"""Edits and commands of keys: reverse, scale, mirror, hold, free and move joints; rows of regions and joints."""

import math
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from document_cases import KEY_TRACKS, KINDS, Plain, assert_valid, random_document, randoms
from edit_cases import Case, obeys_the_four_laws, pick, track, without
from hypothesis import given, settings
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from studio_window import close_window, open_window
from timeline_hand import Hand

from genmo_studio.document import edits
from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.holds import ROOT, held_parts
from genmo_studio.document.model import Document, PoseKey, TakeMode, Track, TrackKind, Waypoint
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span
from genmo_studio.engine.job_log import JobRecord, Phase
from genmo_studio.motion.body import forward_kinematics
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS, MIRROR
from genmo_studio.ui.control.body_parts import BodyPartsControl
from genmo_studio.ui.panels.value_popup import ValuePopup
from genmo_studio.ui.timeline import key_commands
from genmo_studio.ui.timeline.effects import Button, Modifier
from genmo_studio.ui.timeline.fills import failed_spans
from genmo_studio.ui.timeline.hit import HitKind, hit_test
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.key_mirror import WORLD, Plane, mirrored
from genmo_studio.ui.timeline.layout import disclosure, lay_out
from genmo_studio.ui.timeline.menus import menu_of
from genmo_studio.ui.timeline.subrows import region_key, sub_rows, unfolded_further
from genmo_studio.ui.timeline.view import View

FULL = {name: (0.01 * n, 0.02, 0.03) for n, name in enumerate(JOINTS[:BODY_JOINT_COUNT])}
CASES: list[Case] = []


def case(build: Case) -> Case:
    CASES.append(build)
    return build


@case
def replace_items(rng: random.Random, document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("k1",))[1]
    item["rotations"] = {"head": [0.0, 0.5, 0.0]}
    changed = msgspec.structs.replace(find_item(document, item["id"]), rotations={"head": (0.0, 0.5, 0.0)})
    return edits.replace_items((changed,))


@case
def reverse_items(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row = track(want, rng.choice(list(KINDS)))
    ends = [
        (i["frame"], i["frame"] + 1 + i.get("hold", 0)) if "frame" in i else (i["span"]["start"], i["span"]["stop"])
        for i in row["items"]
    ]
    whole = min(start for start, _ in ends) + max(stop for _, stop in ends)
    if len({stop for _, stop in ends}) < len(ends):
        return edits.compose()  # two holds end together: their keys would meet
    for item, (start, stop) in zip(row["items"], ends, strict=True):
        if "frame" in item:
            item["frame"] = whole - stop
        else:
            item["span"] = {"start": whole - stop, "stop": whole - start}
        if item.get("velocity"):
            item["velocity"] = [-speed for speed in item["velocity"]]
    return edits.reverse_items([item["id"] for item in row["items"]])


@case
def move_joints(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row, item = pick(rng, want, ("k1",))
    by = rng.choice([-item["frame"], 1, 13])
    there = next((i for i in row["items"] if i["frame"] == item["frame"] + by), None) if by else None
    if by:
        turn = item["rotations"].pop("left_knee")
        if there is None:
            moved = {**item, "id": "new", "frame": item["frame"] + by, "rotations": {"left_knee": turn},
                     "positions": {}, "root_position": None}  # fmt: skip
            row["items"].append(moved)
        else:
            there["rotations"]["left_knee"] = turn
    return edits.move_joints([item["id"]], {"left_knee", "head"}, by=by, new_ids=["new"])


@case
def move_all_joints_of_a_key(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row, item = pick(rng, want, ("k1",))
    item["frame"] += 500
    without(row, item["frame"], item)
    return edits.move_joints([item["id"]], {"left_knee", "pelvis", ROOT}, by=500)


@case
def free_parts(rng: random.Random, _document: Document, want: Plain) -> Edit:
    (_, first), (limbs, second) = pick(rng, want, ("k1",)), pick(rng, want, ("p1",))
    del first["rotations"]["pelvis"]
    first["root_position"] = None
    limbs["items"].remove(second)
    return edits.free_parts([first["id"], second["id"]], {"pelvis", ROOT, "left_wrist"})


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_kf6_the_four_laws_of_an_edit(build: Case) -> None:
    obeys_the_four_laws(build)


def project(*keys: PoseKey, path: tuple[Waypoint, ...] = ()) -> Document:
    tracks = (Track("k", TrackKind.FULL_KEYS, "Keys", keys, height=40), Track("w", TrackKind.PATH, "Path", path))
    return Document("d", "d", length=400, tracks=tracks)


def three() -> Document:
    return project(*(PoseKey(f"k{n}", 40 * n + 20, rotations=FULL, root_position=(0.1, 1.0, 0.2)) for n in range(3)))


# -- scaling and reversing ---------------------------------------------------------------------------------------------


@given(randoms())
@settings(max_examples=20)
def test_kf6_reversing_twice_changes_nothing(rng: random.Random) -> None:
    document = random_document(rng)
    ids = [item.id for name in KEY_TRACKS for t in document.tracks if t.id == name for item in t.items]
    try:
        once = edits.reverse_items(ids)(document)
    except EditError:  # two holds end on one frame
        return
    assert_valid(once)
    assert edits.reverse_items(ids)(once).tracks == document.tracks


@pytest.mark.parametrize(("percent", "frame", "frames"), [
    (200, 0, [20, 100, 180]), (50, 60, [40, 60, 80]), (150, 100, [-20, 40, 100]),
])  # fmt: skip
def test_kf6_keys_are_scaled_about_the_playhead_among_them_else_about_the_first(
    percent: float, frame: int, frames: list[int]
) -> None:
    document = three()
    wanted = key_commands.scale(document, {"k0", "k1", "k2"}, percent=percent, frame=frame)
    assert wanted is not None
    assert wanted.label == f"Scale Keys to {percent:g} %"
    if frames[0] < 0:
        with pytest.raises(EditError, match="before the start"):
            wanted.edit(document)
        return
    assert [key.frame for key in wanted.edit(document).tracks[0].items] == frames


def test_kf6_keys_that_would_meet_are_not_scaled() -> None:
    document = three()
    wanted = key_commands.scale(document, {"k0", "k1", "k2"}, percent=1, frame=0)
    assert wanted is not None
    with pytest.raises(EditError, match="same frame"):
        wanted.edit(document)


# -- mirroring ---------------------------------------------------------------------------------------------------------


def joints_of(key: PoseKey) -> np.ndarray:
    """World positions (24, 3) in m on a symmetric stick figure."""
    rng = np.random.default_rng(3)
    rest = rng.normal(0, 0.3, (24, 3))
    for joint, other in enumerate(MIRROR):
        rest[other] = rest[joint] * [-1, 1, 1] if other != joint else rest[joint] * [0, 1, 1]
    turns = np.array([key.rotations.get(name, (0.0, 0.0, 0.0)) for name in JOINTS])
    assert key.root_position is not None
    _, placed = forward_kinematics(matrix_from_rotvec(turns), rest, np.array(key.root_position) - rest[0])
    return placed


@pytest.mark.parametrize("plane", [WORLD, Plane((1.5, -0.4), 0.7)], ids=["world", "body"])
def test_kf6_a_mirrored_key_is_the_reflected_body(plane: Plane) -> None:
    rng = np.random.default_rng(1)
    rotations = {name: tuple(rng.normal(0, 0.6, 3)) for name in JOINTS[:BODY_JOINT_COUNT]}
    place = tuple(rng.normal(0, 1, 3))
    key = PoseKey("a", 3, rotations=rotations, root_position=place, positions={"left_wrist": (0.3, 1.2, 0.4)}, hold=4)
    flipped = mirrored(key, plane)
    assert isinstance(flipped, PoseKey)
    normal = np.array([plane.left[0], 0.0, plane.left[1]])
    centre = np.array([plane.place[0], 0.0, plane.place[1]])
    before = joints_of(key)
    reflected = before - 2 * ((before - centre) @ normal)[:, None] * normal
    assert joints_of(flipped) == pytest.approx(reflected[list(MIRROR)], abs=1e-9)
    target = np.array(key.positions["left_wrist"])
    wanted = target - 2 * ((target - centre) @ normal) * normal
    assert flipped.positions["right_wrist"] == pytest.approx(tuple(wanted))
    assert flipped.hold == 4
    back = mirrored(flipped, plane)
    assert back.rotations["left_elbow"] == pytest.approx(key.rotations["left_elbow"])
    assert joints_of(back) == pytest.approx(before, abs=1e-9)


def test_kf6_keys_are_mirrored_about_the_body_at_the_first_of_them() -> None:
    facing = (0.0, math.radians(30), 0.0)
    keys = (PoseKey("a", 10, rotations={"pelvis": facing}, root_position=(2.0, 1.0, 3.0)),)
    path = (Waypoint("w", 50, position=(3.0, 3.0), heading=math.radians(60), velocity=(1.0, 0.0)),)
    document = project(*keys, path=path)
    wanted = key_commands.mirror(document, {"a", "w"}, stand=lambda _frame: ((9.0, 9.0), 2.0))
    assert wanted is not None
    new = wanted.edit(document)
    key, point = find_item(new, "a"), find_item(new, "w")
    assert key.root_position == pytest.approx((2.0, 1.0, 3.0)), "the body itself stays where it is"
    assert key.rotations["pelvis"] == pytest.approx(facing)
    assert point.heading == pytest.approx(0.0, abs=1e-9), "30° to the left of it became 30° to its right"
    assert math.hypot(*point.velocity) == pytest.approx(1.0)
    assert math.dist(point.position, (2.0, 3.0)) == pytest.approx(1.0)


def test_kf6_a_limb_key_is_mirrored_about_the_body_that_is_shown() -> None:
    hand = PoseKey("a", 10, positions={"left_wrist": (1.0, 1.0, 0.0)})
    document = project(hand)
    shown = key_commands.mirror(document, {"a"}, stand=lambda _frame: ((0.5, 0.0), 0.0))
    world = key_commands.mirror(document, {"a"}, stand=lambda _frame: ((0.5, 0.0), 0.0), world=True)
    assert shown is not None
    assert world is not None
    assert find_item(shown.edit(document), "a").positions == {"right_wrist": (0.0, 1.0, 0.0)}
    assert find_item(world.edit(document), "a").positions == {"right_wrist": (-1.0, 1.0, 0.0)}


# -- kinds and holds ---------------------------------------------------------------------------------------------------


def test_kf8_a_breakdown_only_suggests_and_is_made_a_key_again() -> None:
    document = three()
    suggested = key_commands.breakdown(document, {"k0", "k1"})
    assert suggested is not None
    new = suggested.edit(document)
    assert [key.weight for key in new.tracks[0].items] == [0.5, 0.5, 1.0]
    again = key_commands.breakdown(new, {"k0", "k1"})
    assert again is not None
    assert again.edit(new).tracks[0].items[0].weight == 1.0


def test_kf6_holds_are_typed_and_grow_by_a_frame_each_on_its_own() -> None:
    document = edits.set_hold(["k0"], 5)(three())
    longer = key_commands.lengthen(document, {"k0", "k1"}, by=1)
    assert longer is not None
    assert [key.hold for key in longer.edit(document).tracks[0].items] == [6, 1, 0]
    shorter = key_commands.lengthen(document, {"k0", "k1"}, by=-1)
    assert shorter is not None
    assert [key.hold for key in shorter.edit(document).tracks[0].items] == [4, 0, 0]
    typed = key_commands.hold(document, {"k0"}, 0)
    assert typed is not None
    assert typed.label == "Remove Hold"
    assert key_commands.hold(document, {"w"}, 3) is None


def test_kf12_all_keys_and_only_keys_are_selected() -> None:
    document = random_document(random.Random(5))
    shown = [t for t in document.tracks if not t.hidden and t.id in KEY_TRACKS]
    assert key_commands.all_keys(document) == {item.id for t in shown for item in t.items}


# -- rows of regions and joints ----------------------------------------------------------------------------------------


def test_kf5_a_track_unfolds_to_regions_then_joints_then_folds() -> None:
    document = three()
    row = document.tracks[0]
    view = View()
    assert list(sub_rows(row, view.unfolded)) == []
    once = unfolded_further(row, frozenset({"other"}))
    titles = [sub.title for sub in sub_rows(row, once)]
    assert titles == ["Root", "Torso and head", "Left arm", "Right arm", "Left leg", "Right leg"]
    twice = unfolded_further(row, once)
    joints = [sub for sub in sub_rows(row, twice) if sub.joint]
    assert {name for sub in joints for name in sub.parts} == {*JOINTS, ROOT}
    assert unfolded_further(row, twice) == {"other"}
    assert list(sub_rows(document.tracks[1], frozenset({"w"}))) == [], "waypoints have no joints"


def unfolded(*keys: PoseKey) -> Hand:
    hand = Hand(project(*keys))
    hand.session.set_snapping(False)
    layout = hand.scene.layout
    (row,) = [row for row in layout.rows if row.key == "k"]
    spot = disclosure(row)
    assert spot is not None
    hand.press(spot.x + 4, spot.y + spot.height / 2)
    hand.release()
    assert hand.view.unfolded == {"k"}
    assert hand.editor.undo_label is None, "what is unfolded is no part of the document"
    return hand


def place(hand: Hand, row: str, key: str) -> tuple[float, float]:
    (found,) = [r for r in hand.scene.layout.rows if r.key == row]
    (placed,) = [k for k in found.keys if k.item.id == key]
    return placed.rect.x + placed.rect.width / 2, placed.rect.y + placed.rect.height / 2


def test_kf5_a_row_of_a_region_shows_the_keys_that_hold_it() -> None:
    arm = PoseKey("a", 20, positions={"left_wrist": (0, 1, 0)})
    root = PoseKey("b", 60, root_position=(0, 1, 0))
    hand = unfolded(arm, root)
    shown = {r.sub.title: [k.item.id for k in r.keys] for r in hand.scene.layout.rows if r.sub is not None}
    assert shown["Left arm"] == ["a"]
    assert shown["Root"] == ["b"]
    assert shown["Right arm"] == shown["Torso and head"] == []
    (summary,) = [r for r in hand.scene.layout.rows if r.key == "k"]
    assert [k.item.id for k in summary.keys] == ["a", "b"]


def test_kf5_rows_below_push_the_next_tracks_down_and_are_hit_where_they_are_drawn() -> None:
    hand = unfolded(*three().tracks[0].items)
    rows = hand.scene.layout.rows
    below = [row for row in rows if row.sub is not None]
    (path,) = [row for row in rows if row.key == "w"]
    assert len(below) == 6
    for before, after in zip(below, [*below[1:], path], strict=True):
        assert after.rect.y == pytest.approx(before.rect.bottom + hand.view.metrics.row_gap)
    for row in below:
        hit = hit_test(hand.scene.layout, 700, row.rect.y + row.rect.height / 2, cache=hand.cache)
        assert (hit.kind, hit.track, hit.parts) == (HitKind.EMPTY, "k", row.sub.parts)
    assert lay_out(hand.editor.document, hand.view, IndexCache()).rows == rows


def test_kf5_moving_a_key_of_the_summary_moves_all_and_of_a_region_only_its_joints() -> None:
    hand = unfolded(*three().tracks[0].items)
    arm = region_key("k", "left_arm")
    x, y = place(hand, arm, "k1")
    hand.press(x, y)
    hand.move(x + 20, y)
    hand.release()
    assert hand.editor.undo_label == "Move Left Arm"
    keys = {key.frame: key for key in hand.editor.document.tracks[0].items}
    assert sorted(keys) == [20, 60, 70, 100]
    moved = {"left_collar", "left_shoulder", "left_elbow", "left_wrist"}
    assert set(keys[70].rotations) == moved
    assert set(keys[60].rotations) == set(FULL) - moved
    assert keys[60].root_position == (0.1, 1.0, 0.2)
    assert hand.session.selection == {keys[70].id}
    assert hand.session.parts == {*moved, "left_hand"}
    x, y = place(hand, "k", "k0")
    hand.press(x, y)
    hand.move(x + 20, y)
    hand.release()
    assert hand.session.parts is None
    assert find_item(hand.editor.document, "k0") == msgspec.structs.replace(three().tracks[0].items[0], frame=30)
    while hand.editor.undo():
        pass
    assert hand.editor.document == three()


def test_kf5_joints_that_land_on_a_key_join_it() -> None:
    hand = unfolded(*three().tracks[0].items)
    free = edits.free_parts(["k2"], {"left_elbow", "left_wrist"})
    hand.editor.edit("Free", free)
    x, y = place(hand, region_key("k", "left_arm"), "k1")
    hand.press(x, y)
    hand.move(x + 80, y)
    hand.release()
    keys = hand.editor.document.tracks[0].items
    assert [key.frame for key in keys] == [20, 60, 100]
    assert set(keys[2].rotations) == set(FULL)
    assert keys[2].id == "k2"
    assert_valid(hand.editor.document)


def test_kf5_a_click_means_the_joints_of_the_row_and_a_click_on_the_summary_the_whole_key() -> None:
    hand = unfolded(*three().tracks[0].items)
    x, y = place(hand, region_key("k", "right_leg"), "k0")
    hand.press(x, y)
    hand.release()
    assert hand.session.selection == {"k0"}
    assert hand.session.parts == {"right_hip", "right_knee", "right_ankle", "right_foot"}
    freed = key_commands.free(hand.editor.document, hand.session.selection, hand.session.parts)
    assert freed is not None
    assert freed.label == "Free Right Leg"
    left = find_item(freed.edit(hand.editor.document), "k0")
    assert held_parts(left) == held_parts(find_item(hand.editor.document, "k0")) - hand.session.parts
    hit = hit_test(hand.scene.layout, x, y, cache=hand.cache)
    assert menu_of(hit, hand.editor.document)[0] == "key.free_joints"
    x, y = place(hand, "k", "k0")
    hand.press(x, y)
    hand.release()
    assert hand.session.parts is None


def test_kf5_the_header_of_a_region_selects_every_key_that_holds_it() -> None:
    arm = PoseKey("c", 200, rotations={"left_elbow": (0, 0, 1)})
    hand = unfolded(*three().tracks[0].items, arm)
    (row,) = [r for r in hand.scene.layout.rows if r.key == region_key("k", "right_arm")]
    hand.press(120, row.rect.y + 8)
    hand.release()
    assert hand.session.selection == {"k0", "k1", "k2"}
    hand.press(26, row.rect.y + 8)
    hand.release()
    assert hand.view.unfolded == {"k", region_key("k", "right_arm")}


def test_kf5_nudged_joints_stay_selected() -> None:
    document = three()
    moved = key_commands.nudge_parts(document, {"k0", "k1"}, {"head"}, by=-30)
    assert moved is not None
    new = moved.edit(document)
    heads = [key.frame for key in new.tracks[0].items if set(key.rotations) == {"head"}]
    assert heads == [0, 40], "the first stops at frame 0, and with it the other"
    assert moved.select == {key.id for key in new.tracks[0].items if set(key.rotations) == {"head"}}
    assert key_commands.nudge_parts(document, {"w"}, {"head"}, by=1) is None


def test_kf5_a_box_in_the_rows_below_takes_the_keys_that_hold_the_region() -> None:
    arm = PoseKey("c", 30, rotations={"left_elbow": (0, 0, 1)})
    hand = unfolded(*three().tracks[0].items, arm)
    (row,) = [r for r in hand.scene.layout.rows if r.key == region_key("k", "left_leg")]
    x = hand.view.x_of
    hand.press(x(10), row.rect.y + 3)
    hand.move(x(70), row.rect.bottom - 3)
    hand.release()
    assert hand.session.selection == {"k0", "k1"}


@given(randoms())
@settings(max_examples=40)
def test_tl3_any_gesture_on_the_rows_below_leaves_a_valid_document(rng: random.Random) -> None:
    hand = unfolded(*three().tracks[0].items, PoseKey("c", 200, rotations={"left_elbow": (0, 0, 1)}))
    for _ in range(3):
        x, y = rng.uniform(0, 900), rng.uniform(80, 360)
        keys = rng.choice([Modifier.NONE, Modifier.CTRL, Modifier.SHIFT, Modifier.ALT])
        hand.press(x, y, keys=keys, button=rng.choice([Button.LEFT, Button.LEFT, Button.RIGHT]))
        hand.move(rng.uniform(0, 900), rng.uniform(80, 360), keys=keys)
        hand.release()
        assert_valid(hand.editor.document)
    while hand.editor.undo():
        pass
    assert [key.frame for key in hand.editor.document.tracks[0].items] == [20, 60, 100, 200]


def test_kf13_rows_below_a_hundred_thousand_keys_are_merged_and_quick_to_place_again() -> None:
    keys = tuple(PoseKey(f"k{n}", n, rotations=FULL if n % 2 else {"head": (0, 0, 0)}) for n in range(100_000))
    document = Document("d", "d", length=100_000, tracks=(Track("k", TrackKind.FULL_KEYS, "Keys", keys),))
    view = View(width=1200, height=600, scale=0.009, unfolded=frozenset({"k"}))
    cache = IndexCache()
    layout = lay_out(document, view, cache)
    below = [row for row in layout.rows if row.sub is not None]
    assert len(below) == 6
    assert all(not row.keys and sum(run.number for run in row.runs) in {0, 50_000, 100_000} for row in below)
    assert all(len(row.runs) < 1_200 for row in below)
    near = lay_out(document, View(width=1200, height=600, scale=8.0, scroll=50_000, unfolded=frozenset({"k"})), cache)
    (arm,) = [row for row in near.rows if row.key == region_key("k", "left_arm")]
    assert 40 < len(arm.keys) < 100
    assert all(key.item.frame % 2 for key in arm.keys)


# -- the window --------------------------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[object]:
    made = open_window(qtbot, tmp_path)
    made.editor.edit("Add Keys", edits.compose(
        edits.add_track(TrackKind.FULL_KEYS, index=0, track_id="k"), edits.add_items("k", three().tracks[0].items),
    ))  # fmt: skip
    made.session.set_track("k")
    yield made
    close_window(made)


def test_kf5_se1_a_row_of_a_region_selects_its_joints_everywhere_and_delete_frees_them(
    window: object, qtbot: QtBot
) -> None:
    act, timeline = window.actions_by_id, window.timeline
    act["track.unfold"].trigger()
    qtbot.waitUntil(lambda: any(row.sub is not None for row in timeline.scene().layout.rows))
    (row,) = [row for row in timeline.scene().layout.rows if row.key == region_key("k", "left_arm")]
    rect = next(key.rect for key in row.keys if key.item.id == "k1")
    middle = QPoint(round(rect.x + rect.width / 2), round(rect.y + rect.height / 2))
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
    joints = window.commands.of(BodyPartsControl).joints
    assert joints.joints == {"left_collar", "left_shoulder", "left_elbow", "left_wrist"}
    act["edit.nudge_right"].trigger()
    frames = [key.frame for key in window.editor.document.tracks[0].items]
    assert frames == [20, 60, 61, 100]
    act["edit.delete"].trigger()
    assert [key.frame for key in window.editor.document.tracks[0].items] == [20, 60, 100]
    assert "left_elbow" not in find_item(window.editor.document, "k1").rotations


def test_kf6_commands_of_keys_act_on_the_selection_and_say_what_is_missing(
    window: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, said = window.actions_by_id, []
    monkeypatch.setattr(window, "note", said.append)
    window.session.select(())
    for action in ("key.hold", "key.longer", "key.scale", "key.reverse", "key.mirror", "key.breakdown"):
        before = window.editor.document
        act[action].trigger()
        assert window.editor.document is before
        assert said[-1].startswith(("No ", "Select "))
    window.session.select({"k0", "k1", "k2"})
    for action, label in (
        ("key.longer", "Change Hold"),
        ("key.reverse", "Reverse Keys"),
        ("key.mirror", "Mirror Keys"),
        ("key.mirror_world", "Mirror Keys"),
        ("key.breakdown", "Make Breakdown"),
    ):
        act[action].trigger()
        assert window.editor.undo_label == label
    act["key.select_all"].trigger()
    assert {"k0", "k1", "k2"} <= window.session.selection


def test_kf6_a_hold_and_a_scale_are_typed_where_the_work_is(window: object, qtbot: QtBot) -> None:
    act = window.actions_by_id
    window.session.select({"k0", "k1", "k2"})
    for action, value in (("key.hold", 7.0), ("key.scale", 50.0)):
        act[action].trigger()
        popup = next(w for w in QApplication.topLevelWidgets() if isinstance(w, ValuePopup) and w.isVisible())
        popup.field.setValue(value)
        QTest.keyClick(popup.field.lineEdit(), Qt.Key.Key_Return)
    keys = window.editor.document.tracks[0].items
    assert [key.frame for key in keys] == [20, 40, 60]
    assert {key.hold for key in keys} == {4}, "half of seven, rounded up"


def test_kf9_where_the_last_generation_failed_is_told_to_the_timeline() -> None:
    def job(number: int, span: Span, phase: Phase) -> JobRecord:
        return JobRecord(number, "Take", TakeMode.FULL, span, 0, 10, "m", phase=phase)

    newest_first = (
        job(4, Span(0, 50), Phase.DONE), job(3, Span(0, 50), Phase.FAILED), job(2, Span(80, 90), Phase.FAILED),
        job(1, Span(80, 90), Phase.DONE), job(0, Span(200, 210), Phase.CANCELLED),
    )  # fmt: skip
    assert failed_spans(newest_first) == (Span(80, 90),)


def test_kf9_the_inspector_types_holds_and_the_speed_of_waypoints(window: object) -> None:
    window.session.select({"k1"})
    form = window.inspector.form
    form._hold.setValue(12)
    assert find_item(window.editor.document, "k1").hold == 12
    point = Waypoint("way", 30, position=(1.0, 2.0), heading=0.0)
    window.editor.edit("Add", edits.compose(
        edits.add_track(TrackKind.PATH, track_id="way-track"), edits.add_item("way-track", point)
    ))  # fmt: skip
    window.session.select({"way"})
    form = window.inspector.form
    form._passes.click()
    form._speed.setValue(1.5)
    form._way.setValue(90.0)
    assert find_item(window.editor.document, "way").velocity == pytest.approx((1.5, 0.0))
    form._passes.click()
    assert find_item(window.editor.document, "way").velocity is None
