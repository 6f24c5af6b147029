"""Keys on the timeline: holds, kinds, fills, rows of regions and joints, and what is done to keys."""

import random

import msgspec
import pytest
from document_cases import Plain, assert_valid, random_document, randoms
from edit_cases import Case, obeys_the_four_laws, pick
from hypothesis import given, settings
from timeline_hand import Hand
from timeline_samples import sample_document

from genmo_studio.conditions.compile import compile_request
from genmo_studio.conditions.record import is_whole, read_record, record_of
from genmo_studio.document import clipping, edits
from genmo_studio.document.edits import Edit
from genmo_studio.document.holds import held_parts, hold_stop
from genmo_studio.document.model import Document, PoseKey, ResultPiece, Track, TrackKind, Waypoint
from genmo_studio.document.queries import find_item, item_span
from genmo_studio.document.time import Span
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, JOINTS
from genmo_studio.ui.timeline.fills import Fill, Fills
from genmo_studio.ui.timeline.hit import HitKind, hit_test
from genmo_studio.ui.timeline.hold_places import hold_handle, hold_rect
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.layout import lay_out
from genmo_studio.ui.timeline.timecode import TimeFormat
from genmo_studio.ui.timeline.tips import item_tip, tip
from genmo_studio.ui.timeline.view import View

FULL = dict.fromkeys(JOINTS[:BODY_JOINT_COUNT], (0.01, 0.02, 0.03))
CASES: list[Case] = []


def case(build: Case) -> Case:
    CASES.append(build)
    return build


@case
def set_hold(rng: random.Random, _document: Document, want: Plain) -> Edit:
    first, second = (pick(rng, want, (name,))[1] for name in ("k1", "p1"))
    first["hold"] = second["hold"] = hold = rng.choice([0, 7, 500])
    return edits.set_hold([first["id"], second["id"]], hold)


@case
def set_velocity(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("w1",))[1]
    item["velocity"] = rng.choice([None, [1.5, -0.5]])
    return edits.set_velocity(item["id"], item["velocity"] and (1.5, -0.5))


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_kf6_the_four_laws_of_an_edit(build: Case) -> None:
    obeys_the_four_laws(build)


def project(*keys: PoseKey | Waypoint, limbs: tuple[PoseKey, ...] = (), length: int = 200) -> Document:
    kind = TrackKind.PATH if keys and isinstance(keys[0], Waypoint) else TrackKind.FULL_KEYS
    tracks = (Track("k", kind, "Keys", keys), Track("p", TrackKind.PARTIAL_KEYS, "Limbs", limbs))
    return Document("d", "d", length=length, tracks=tracks)


def asked(document: Document, span: Span | None = None) -> dict[int, set[str]]:
    """What is held at each frame of the request."""
    request = compile_request(document, locate=lambda _media: ("", ""), span=span).request
    found: dict[int, set[str]] = {}
    for pose in request.poses:
        root = set() if pose.root_position is None else {"root"}
        found.setdefault(pose.frame, set()).update(pose.rotations, pose.positions, root)
    return found


# -- holds ------------------------------------------------------------------------------------------


def test_kf9_a_hold_is_a_condition_at_every_frame_that_it_holds() -> None:
    key = PoseKey("a", 10, rotations=FULL, root_position=(0, 1, 0), hold=4)
    assert sorted(asked(project(key))) == [10, 11, 12, 13, 14]
    assert all(held == {*FULL, "root"} for held in asked(project(key)).values())


def test_kf9_a_hold_is_clipped_to_the_span_that_is_generated() -> None:
    key = PoseKey("a", 10, rotations=FULL, hold=40)
    assert sorted(asked(project(key), Span(20, 30))) == list(range(10)), "counted from the span's start"
    assert asked(project(key), Span(51, 60)) == {}
    muted = msgspec.structs.replace(key, muted=True)
    assert asked(project(muted), Span(20, 30)) == {}


def test_kf9_each_joint_is_held_until_another_key_says_something_about_it() -> None:
    keys = (PoseKey("a", 10, rotations=FULL, hold=20), PoseKey("b", 25, rotations=FULL))
    limbs = (PoseKey("c", 15, positions={"left_wrist": (0, 1, 0)}),)
    held = asked(project(*keys, limbs=limbs))
    assert sorted(held) == list(range(10, 26)), "the next full key ends it"
    request = compile_request(project(*keys, limbs=limbs), locate=lambda _media: ("", "")).request
    turned = {pose.frame: set(pose.rotations) for pose in request.poses if pose.rotations}
    assert "left_wrist" in turned[14]
    assert all("left_wrist" not in turned[frame] for frame in range(15, 25)), "the hand goes its own way from there"
    assert all("left_elbow" in turned[frame] for frame in range(15, 25))


def test_kf9_a_long_hold_stays_small_in_the_record_of_a_take() -> None:
    key = PoseKey("a", 0, rotations=FULL, root_position=(0.1, 0.9, 0.3), hold=5_000)
    request = compile_request(project(key, length=6_000), locate=lambda _media: ("", "")).request
    assert len(request.poses) == 5_001
    assert len({id(pose.rotations) for pose in request.poses}) <= 2, "held poses share what they hold"
    record = record_of(request)
    assert len(record) < 60_000
    assert is_whole(read_record(record), request_hash=request.hash)


@given(randoms())
@settings(max_examples=30)
def test_tl10_time_inserted_or_removed_inside_a_hold_makes_it_longer_or_shorter(rng: random.Random) -> None:
    hold, at, count = rng.randrange(1, 40), rng.randrange(0, 80), rng.randrange(1, 30)
    document = project(PoseKey("a", 20, rotations=FULL, hold=hold))
    held = set(range(20, 21 + hold))
    longer = find_item(edits.insert_time(at, count)(document), "a")
    moved = {frame if frame < at else frame + count for frame in held}
    filled = moved | (set(range(at, at + count)) if 20 < at <= 20 + hold else set())
    assert set(range(longer.frame, longer.frame + longer.hold + 1)) == filled
    gone = Span(at, at + count)
    shorter = find_item(edits.delete_time(gone)(document), "a")
    if 20 in gone:
        assert shorter is None, "the key itself was removed"
    else:
        left = {frame - count * (frame >= gone.stop) for frame in held if frame not in gone}
        assert set(range(shorter.frame, shorter.frame + shorter.hold + 1)) == left


def test_kf6_a_hold_is_moved_stretched_copied_and_pasted_with_its_key() -> None:
    document = project(PoseKey("a", 20, rotations=FULL, hold=10))
    assert item_span(find_item(document, "a")) == Span(20, 31)
    assert find_item(edits.move_items(["a"], by=5)(document), "a").hold == 10
    stretched = edits.stretch_items(["a"], old=Span(0, 100), new=Span(0, 200))(document)
    assert (find_item(stretched, "a").frame, find_item(stretched, "a").hold) == (40, 20)
    doubled = edits.duplicate_items(["a"], new_ids=["b"])(document)
    assert find_item(doubled, "b").frame == 31, "behind the hold"
    copied = clipping.clip(document, ["a"])
    assert copied is not None
    assert copied.at_rate(60).items[0].hold == 20
    pasted = edits.paste(copied, 100, new_ids=["n"])(document)
    assert item_span(find_item(pasted, "n")) == Span(100, 111)


def test_kf9_a_hold_makes_the_project_long_enough() -> None:
    assert edits.set_hold(["a"], 300)(project(PoseKey("a", 20, rotations=FULL))).length == 321


def test_kf9_the_bar_of_a_hold_ends_where_the_next_key_takes_over() -> None:
    first, second = PoseKey("a", 10, rotations=FULL, hold=50), PoseKey("b", 30, rotations=FULL)
    assert hold_stop(first, [second]) == 30
    other = PoseKey("c", 20, rotations={"head": (0, 0, 0)})
    assert hold_stop(first, [other]) == 61
    assert held_parts(PoseKey("d", 0, root_position=(0, 0, 0))) != held_parts(PoseKey("e", 0))
    view = View(scale=4.0)
    (row,) = [r for r in lay_out(project(first, second), view, IndexCache()).rows if r.key == "k"]
    assert [key.until for key in row.keys] == [30, 0]
    bar = hold_rect(row.keys[0], view)
    assert bar is not None
    assert bar.right == view.x_of(29)


def test_kf13_a_hold_from_far_away_reaches_into_view_without_the_keys_between() -> None:
    keys = (PoseKey("a", 0, rotations={"head": (0, 0, 0)}, hold=9_000),
            *(PoseKey(f"n{n}", n, rotations={"neck": (0, 0, 0)}) for n in range(10, 8_000, 2)))  # fmt: skip
    document = project(*keys, length=10_000)
    view = View(width=800, scale=4.0, scroll=8_500)
    (row,) = [r for r in lay_out(document, view, IndexCache()).rows if r.key == "k"]
    assert [key.item.id for key in row.keys] == ["a"]
    assert not row.runs


def held_key(hand: Hand, item: str) -> tuple[float, float]:
    (placed,) = [key for row in hand.scene.layout.rows for key in row.keys if key.item.id == item]
    rect = hold_handle(placed, hand.view)
    assert rect is not None
    return rect.x + rect.width / 2, rect.y + rect.height / 2


def test_kf9_the_end_of_a_hold_is_dragged_and_a_selected_key_can_begin_to_hold() -> None:
    hand = Hand(sample_document())
    hand.session.set_snapping(False)
    x, y = held_key(hand, "k0")
    assert hit_test(hand.scene.layout, x, y, cache=hand.cache).kind is not HitKind.HOLD, "not selected, holds nothing"
    hand.session.select({"k0"})
    hand.press(x, y)
    hand.move(x + 40, y)
    hand.release()
    assert find_item(hand.editor.document, "k0").hold == 20
    hand.session.select(())
    x, y = held_key(hand, "k0")
    hand.press(x, y)
    hand.move(x - 500, y)
    hand.release()
    assert find_item(hand.editor.document, "k0").hold == 0
    while hand.editor.undo():
        pass
    assert hand.editor.document == sample_document()


# -- waypoints ------------------------------------------------------------------------------------------


def test_wp4_how_a_waypoint_is_passed_is_said_by_where_the_path_is_beside_it() -> None:
    points = (Waypoint("a", 50, position=(1.0, 2.0), heading=0.5, velocity=(0.6, -1.2)),)
    request = compile_request(project(*points), locate=lambda _media: ("", "")).request
    told = {point.frame: (point.position, point.heading) for point in request.waypoints}
    assert set(told) == {49, 50, 51}
    assert told[50] == ((1.0, 2.0), 0.5)
    assert told[49][0] == pytest.approx((0.98, 2.04))
    assert told[51] == (pytest.approx((1.02, 1.96)), None)


def test_wp4_a_promised_place_never_overrides_a_waypoint_and_stays_in_the_span() -> None:
    points = (Waypoint("a", 50, position=(1.0, 2.0), velocity=(3.0, 0.0)), Waypoint("b", 51, position=(1.0, 2.0)))
    request = compile_request(project(*points), locate=lambda _media: ("", "")).request
    assert [(p.frame, p.position) for p in request.waypoints if p.frame == 51] == [(51, (1.0, 2.0))]
    scoped = compile_request(project(*points[:1]), locate=lambda _media: ("", ""), span=Span(50, 60)).request
    assert [point.frame for point in scoped.waypoints] == [0, 1]
    free = Waypoint("c", 50, heading=1.0, velocity=(1.0, 0.0))
    alone = compile_request(project(free), locate=lambda _media: ("", "")).request
    assert [point.frame for point in alone.waypoints] == [50], "without a place there is nothing to pass"


# -- fills ------------------------------------------------------------------------------------------


def test_kf9_an_interval_is_filled_by_the_worst_of_what_is_there() -> None:
    result = (ResultPiece(Span(0, 50), "old"), ResultPiece(Span(50, 100), "new"), ResultPiece(Span(120, 150), "new"))
    fills = Fills.of(result, stale=frozenset({"old"}), failed=[Span(140, 150)])
    assert fills.between(60, 100) is Fill.GENERATED
    assert fills.between(40, 60) is Fill.STALE
    assert fills.between(95, 130) is Fill.HELD
    assert fills.between(130, 145) is Fill.FAILED
    assert fills.between(160, 170) is Fill.NOTHING
    assert Fills().between(0, 10) is Fill.NOTHING


def test_kf9_a_tip_says_what_lies_between_two_keys_and_what_the_result_lacks() -> None:
    hand = Hand(sample_document())
    fills = Fills.of(hand.editor.document.result, stale=frozenset({"take2"}))
    (row,) = [row for row in hand.scene.layout.rows if row.key == "t4"]

    def words(frame: int, y: float) -> str:
        hit = hit_test(hand.scene.layout, hand.view.x_of(frame), y, cache=hand.cache)
        assert hit.kind is HitKind.EMPTY
        return tip(hit, hand.editor.document, style=TimeFormat.FRAMES, stale=frozenset(), fills=fills)

    middle = row.rect.y + row.rect.height / 2
    assert words(200, middle) == "Frames 150 to 330: generated for these keys."
    assert words(400, middle).startswith("Frames 330 to 480: generated before something here was changed")
    assert words(60, middle) == "", "before the first key there is nothing to fill"
    assert words(570, 50.0) == "Result: nothing is generated here yet."


def test_kf8_a_tip_names_the_kind_of_a_key() -> None:
    document = project(
        PoseKey("a", 10, rotations=FULL, hold=6, weight=0.5),
        PoseKey("b", 90, rotations={"left_elbow": (0, 0, 1)}, root_position=(0, 1, 0), muted=True),
    )
    said = {name: item_tip(find_item(document, name), document, style=TimeFormat.FRAMES) for name in ("a", "b")}
    assert said["a"].startswith("Full-body key")
    assert "held for 6" in said["a"]
    assert "a breakdown: suggested with weight 0.5" in said["a"]
    assert said["b"].startswith("Key: left elbow, root place")
    assert "muted" in said["b"]
    point = Waypoint("w", 5, position=(1.0, 2.0), velocity=(3.0, 4.0))
    assert "passed at 5.00 m/s" in item_tip(point, document, style=TimeFormat.FRAMES)


def test_kf9_the_line_between_two_keys_is_drawn_while_both_are_out_of_sight() -> None:
    view = View(width=800, scale=20.0, scroll=220.0)
    (row,) = [r for r in lay_out(sample_document(), view, IndexCache()).rows if r.key == "t4"]
    assert (row.keys, row.around) == ((), (150, 330))
    whole = View(width=2000, scale=2.0)
    (row,) = [r for r in lay_out(sample_document(), whole, IndexCache()).rows if r.key == "t4"]
    assert row.around == (None, None)


def test_random_documents_stay_valid_when_keys_hold() -> None:
    for seed in range(20):
        document = random_document(random.Random(seed), most=6)
        keys = [i.id for t in document.tracks for i in t.items if isinstance(i, PoseKey)]
        assert_valid(edits.set_hold(keys, 30)(document))
