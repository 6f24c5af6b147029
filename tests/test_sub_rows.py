"""Rows of regions and joints below a track of keys: what they show, and what a pointer does in them (KF5)."""

import random

import msgspec
import pytest
from document_cases import assert_valid, randoms
from hypothesis import given, settings
from timeline_hand import Hand

from genmo_studio.document import edits
from genmo_studio.document.holds import ROOT, held_parts
from genmo_studio.document.model import Document, PoseKey, Track, TrackKind, Waypoint
from genmo_studio.document.queries import find_item
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS
from genmo_studio.ui.timeline import key_commands
from genmo_studio.ui.timeline.effects import Button, Modifier
from genmo_studio.ui.timeline.headers import disclosure
from genmo_studio.ui.timeline.hit import HitKind, hit_test
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.layout import lay_out
from genmo_studio.ui.timeline.menus import menu_of
from genmo_studio.ui.timeline.subrows import region_key, sub_rows, unfolded_further
from genmo_studio.ui.timeline.view import View

FULL = {name: (0.01 * n, 0.02, 0.03) for n, name in enumerate(JOINTS[:BODY_JOINT_COUNT])}


def project(*keys: PoseKey, path: tuple[Waypoint, ...] = ()) -> Document:
    tracks = (Track("k", TrackKind.FULL_KEYS, "Keys", keys, height=40), Track("w", TrackKind.PATH, "Path", path))
    return Document("d", "d", length=400, tracks=tracks)


def three() -> Document:
    return project(*(PoseKey(f"k{n}", 40 * n + 20, rotations=FULL, root_position=(0.1, 1.0, 0.2)) for n in range(3)))


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
