"""Edits and commands of keys: reverse, scale, mirror, hold, free and move joints; rows of regions and joints."""

import math
import random

import msgspec
import numpy as np
import pytest
from document_cases import KEY_TRACKS, KINDS, Plain, assert_valid, random_document, randoms
from edit_cases import Case, obeys_the_four_laws, pick, track, without
from hypothesis import given, settings

from genmo_studio.document import edits
from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.holds import ROOT
from genmo_studio.document.model import Document, PoseKey, Track, TrackKind, Waypoint
from genmo_studio.document.queries import find_item
from genmo_studio.motion.body import forward_kinematics
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS, MIRROR
from genmo_studio.ui.timeline import key_commands
from genmo_studio.ui.timeline.key_mirror import WORLD, Plane, mirrored

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
