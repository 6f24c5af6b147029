"""Foot contacts, tweaks and locks on the timeline: their edits, commands, drags, looks, forms and names."""

import random

import pytest
from document_cases import Plain, assert_valid
from edit_cases import Case, obeys_the_four_laws, pick
from timeline_hand import Hand
from timeline_samples import full_document

from genmo_studio.conditions.checks import check_conditions
from genmo_studio.document import clipping, edits
from genmo_studio.document.edits import Edit, EditError
from genmo_studio.document.model import ContactClip, Document, Foot, LockClip, Track, TrackKind, Tweak
from genmo_studio.document.queries import find_item, find_track
from genmo_studio.document.time import Span
from genmo_studio.ui.body_words import joint_words, region_words
from genmo_studio.ui.project import empty_document
from genmo_studio.ui.timeline import span_commands
from genmo_studio.ui.timeline.hit import HitKind, hit_test
from genmo_studio.ui.timeline.index import IndexCache
from genmo_studio.ui.timeline.menus import menu_of
from genmo_studio.ui.timeline.timecode import TimeFormat
from genmo_studio.ui.timeline.tips import item_tip, tip

LEFT, RIGHT = Foot.LEFT, Foot.RIGHT
CASES: list[Case] = []


def case(build: Case) -> Case:
    CASES.append(build)
    return build


@case
def set_contact(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("c1",))[1]
    item["foot"], item["planted"] = "right", not item["planted"]
    return edits.set_contact(item["id"], foot=RIGHT, planted=item["planted"])


@case
def set_regions(rng: random.Random, _document: Document, want: Plain) -> Edit:
    item = pick(rng, want, ("l1",))[1]
    item["regions"] = ["lower", "left_arm"]
    return edits.set_regions(item["id"], ("lower", "left_arm", "lower"))


@case
def lay_on_the_row_that_is_there(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row = next(row for row in want["tracks"] if row["id"] == "l1")
    start = rng.randrange(500)
    row["items"].append({"type": "lock", "id": "new", "span": {"start": start, "stop": start + 9},
                         "regions": ["spine"], "weight": 1.0, "muted": False})  # fmt: skip
    return edits.lay(TrackKind.LOCKS, (LockClip("new", Span(start, start + 9), regions=("spine",)),))


@case
def lay_a_contact_where_the_foot_says_nothing(rng: random.Random, _document: Document, want: Plain) -> Edit:
    row = next(row for row in want["tracks"] if row["id"] == "c1")
    start = 600 + rng.randrange(100)
    row["items"].append({"type": "contact", "id": "new", "span": {"start": start, "stop": start + 9},
                         "foot": "left", "planted": True, "weight": 1.0, "muted": False})  # fmt: skip
    return edits.lay_contact(ContactClip("new", Span(start, start + 9), LEFT))


@pytest.mark.parametrize("build", CASES, ids=lambda build: build.__name__)
def test_the_four_laws_of_an_edit(build: Case) -> None:
    obeys_the_four_laws(build)


def only(document: Document, kind: TrackKind) -> Track:
    (track,) = [track for track in document.tracks if track.kind is kind]
    return track


# -- creating ----------------------------------------------------------------------------------------------------------


def test_kf8_a_new_project_gets_the_row_of_a_contact_with_its_first_contact_and_below_all_others() -> None:
    document = empty_document()
    kinds = {TrackKind.CONTACTS, TrackKind.TWEAKS, TrackKind.LOCKS}
    assert not kinds & {track.kind for track in document.tracks}
    made = span_commands.contact(document, (), frame=20, foot=LEFT, planted=True)
    new = made.edit(document)
    assert new.tracks[-1].kind is TrackKind.CONTACTS
    assert new.tracks[-1].items[0].span == Span(15, 25), "ten frames around the playhead"
    again = span_commands.contact(new, (), frame=100, foot=RIGHT, planted=False).edit(new)
    assert len(again.tracks) == len(new.tracks)


def test_kf8_a_contact_spans_the_selection_else_in_to_out() -> None:
    document = edits.set_in_out(Span(60, 90))(full_document())
    over = span_commands.range_for
    assert over(document, {"x1"}, 5) == Span(135, 330)
    assert over(document, (), 5) == Span(60, 90)
    assert over(edits.set_in_out(None)(document), (), 5) == Span(5, 20)


def test_kf8_a_new_contact_takes_the_place_of_what_its_foot_said_there() -> None:
    clips = (
        ContactClip("a", Span(0, 100), LEFT),
        ContactClip("b", Span(20, 30), RIGHT),
        ContactClip("c", Span(95, 120), LEFT, planted=False),
    )
    document = Document("d", "d", length=200, tracks=(Track("t", TrackKind.CONTACTS, "Contacts", clips),))
    new = edits.lay_contact(ContactClip("new", Span(40, 110), LEFT, planted=False))(document)
    spans = [(item.id, item.span, item.foot, item.planted) for item in only(new, TrackKind.CONTACTS).items]
    assert spans == [
        ("a", Span(0, 40), LEFT, True),
        ("b", Span(20, 30), RIGHT, True),
        ("new", Span(40, 110), LEFT, False),
        ("c", Span(110, 120), LEFT, False),
    ]
    inside = edits.lay_contact(ContactClip("n2", Span(10, 20), LEFT, planted=False))(document)
    assert sorted(i.span for i in only(inside, TrackKind.CONTACTS).items) == [
        Span(0, 10), Span(10, 20), Span(20, 30), Span(20, 100), Span(95, 120)]  # fmt: skip
    assert_valid(inside)


def test_a_locked_row_of_contacts_is_left_alone_and_a_second_one_made() -> None:
    document = edits.set_track_flags("t7", locked=True)(full_document())
    new = edits.lay_contact(ContactClip("new", Span(0, 10), LEFT))(document)
    assert find_track(new, "t7") is find_track(document, "t7")
    assert new.tracks[-1].name == "Contacts 2"


def test_locks_of_no_region_are_refused_with_advice() -> None:
    with pytest.raises(EditError, match="at least one region"):
        edits.set_regions("l1", ())(full_document())


def test_a_lock_command_changes_selected_locks_and_otherwise_makes_one() -> None:
    document = full_document()
    changed = span_commands.lock(document, {"l1", "l2"}, frame=0, regions=("spine",))
    assert changed is not None
    new = changed.edit(document)
    assert [item.regions for item in only(new, TrackKind.LOCKS).items] == [("spine",), ("spine",)]
    made = span_commands.lock(document, {"x1"}, frame=0, regions=("upper",))
    assert made is not None
    assert made.label == "Lock Upper Body"
    assert len(only(made.edit(document), TrackKind.LOCKS).items) == 3
    assert span_commands.lock(document, (), frame=0, regions=()) is None


def test_a_tweak_names_the_selected_joints_else_the_root() -> None:
    document = full_document()
    joints = span_commands.tweak(document, {"x1"}, frame=0, joints={"left_wrist", "left_elbow"}).edit(document)
    made = next(item for item in only(joints, TrackKind.TWEAKS).items if item.id not in {"e1", "e2"})
    assert isinstance(made, Tweak)
    assert set(made.rotations) == {"left_elbow", "left_wrist"}
    assert made.shift is None
    assert made.rise == made.fall == 39
    root = span_commands.tweak(document, (), frame=0, joints=()).edit(document)
    assert any(isinstance(i, Tweak) and i.shift == (0, 0, 0) for i in only(root, TrackKind.TWEAKS).items)


def test_contacts_are_turned_over_together() -> None:
    document = full_document()
    mixed = span_commands.toggle(document, {"c1", "c3"})
    assert mixed is not None
    assert mixed.label == "Plant Foot"
    planted = mixed.edit(document)
    freed = span_commands.toggle(planted, {"c1", "c3"})
    assert freed is not None
    assert [find_item(freed.edit(planted), name).planted for name in ("c1", "c3")] == [False, False]
    other = span_commands.other_foot(document, {"c1", "x1"})
    assert other is not None
    assert find_item(other.edit(document), "c1").foot is RIGHT
    assert span_commands.toggle(document, {"x1"}) is None


# -- time --------------------------------------------------------------------------------------------------------------


def test_tl10_inserted_time_lengthens_contacts_and_tweaks_and_is_not_locked() -> None:
    document = full_document()
    new = edits.insert_time(120, 30)(document)
    assert find_item(new, "c3").span == Span(90, 180)
    tweak = find_item(new, "e1")
    assert (tweak.span, tweak.rise, tweak.fall) == (Span(60, 210), 20, 40)
    assert [item.span for item in only(new, TrackKind.LOCKS).items] == [
        Span(100, 120), Span(150, 230), Span(350, 450)]  # fmt: skip
    back = edits.delete_time(Span(120, 150))(new)
    assert find_item(back, "c3").span == Span(90, 150)


def test_tl8_a_tweak_that_is_split_is_as_strong_at_the_cut_as_before() -> None:
    new = edits.split_items(["e1"], 120, new_ids=["right"])(full_document())
    left, right = find_item(new, "e1"), find_item(new, "right")
    assert (left.rise, left.fall, right.rise, right.fall) == (20, 0, 0, 40)


def test_tl18_contacts_tweaks_and_locks_are_pasted_into_a_project_without_their_rows() -> None:
    document = full_document()
    copied = clipping.decode(clipping.encode(clipping.clip(document, {"c1", "e1", "l1"})))
    other = empty_document()
    new = edits.paste(copied, 10, new_ids=["n1", "n2", "n3"])(other)
    assert [track.kind for track in new.tracks[-3:]] == [TrackKind.CONTACTS, TrackKind.TWEAKS, TrackKind.LOCKS]
    assert find_item(new, "n1").span == Span(10, 50)
    half = copied.at_rate(15)
    tweak = next(item for item in half.items if isinstance(item, Tweak))
    assert (tweak.span, tweak.rise, tweak.fall) == (Span(30, 90), 10, 20)


# -- pointer -----------------------------------------------------------------------------------------------------------


def handle(hand: Hand, kind: HitKind, item: str) -> tuple[float, float]:
    """A point where the pointer finds a handle of an item."""
    rect = next(c.rect for row in hand.scene.layout.rows for c in row.clips if c.item.id == item)
    for x in range(round(rect.x), round(rect.right)):
        for y in range(round(rect.y), round(rect.bottom), 2):
            hit = hit_test(hand.scene.layout, x, y, cache=hand.cache)
            if hit.kind is kind and hit.item == item:
                return x + 2, y + 2
    raise AssertionError(f"no {kind} on {item}")


def test_kf8_the_rise_of_a_tweak_is_dragged_and_stays_inside_it() -> None:
    hand = Hand(full_document())
    hand.session.set_snapping(False)
    x, y = handle(hand, HitKind.RISE, "e1")
    hand.press(x, y)
    hand.move(x + 40, y)
    hand.release()
    assert find_item(hand.editor.document, "e1").rise == 40
    assert hand.editor.undo_label == "Change Rise"
    x, y = handle(hand, HitKind.FALL, "e1")
    hand.press(x, y)
    hand.move(x - 900, y)
    hand.release()
    tweak = find_item(hand.editor.document, "e1")
    assert (tweak.rise, tweak.fall) == (40, 79), "the fall begins where the rise ends"
    while hand.editor.undo():
        pass
    assert hand.editor.document == full_document()


def test_a_handle_on_a_locked_row_moves_nothing() -> None:
    hand = Hand(edits.set_track_flags("t8", locked=True)(full_document()))
    before = hand.editor.document
    x, y = handle(hand, HitKind.FALL, "e1")
    hand.press(x, y)
    hand.move(x - 60, y)
    hand.release()
    assert hand.editor.document == before


def test_kf8_feet_have_rows_of_their_own_as_long_as_each_says_one_thing() -> None:
    contacts = only(full_document(), TrackKind.CONTACTS)
    index = IndexCache().of(contacts)
    assert list(zip(index.lane, index.lanes, strict=True)) == [(0, 2), (1, 2), (0, 2), (1, 2)]
    assert index.overlaps == (), "a foot does not fade into the other"
    clash = (*contacts.items[:3], ContactClip("c9", Span(100, 190), LEFT), contacts.items[3])
    document = Document("d", "d", tracks=(Track("t", TrackKind.CONTACTS, "Contacts", clash),))
    crowded = IndexCache().of(document.tracks[0])
    places = {item.id: lane for item, lane in zip(crowded.items, crowded.lane, strict=True)}
    assert places["c9"] not in {places["c3"], places["c4"]}, "what overlaps is seen"
    assert any("planted and free at once" in problem.sentence for problem in check_conditions(document))


def test_tl21_menus_name_what_belongs_to_each_kind() -> None:
    hand = Hand(full_document())
    document = hand.editor.document

    def menu(item: str) -> tuple[str, ...]:
        rect = next(c.rect for row in hand.scene.layout.rows for c in row.clips if c.item.id == item)
        hit = hit_test(hand.scene.layout, rect.x + rect.width / 2, rect.bottom - 3, cache=hand.cache)
        assert hit.item == item
        return menu_of(hit, document)

    assert "contact.toggle" in menu("c1")
    assert "lock.regions" in menu("l1")
    assert "edit.split" in menu("e1")
    x, y = handle(hand, HitKind.RISE, "e1")
    assert menu_of(hit_test(hand.scene.layout, x, y, cache=hand.cache), document) == menu("e1")


def test_tips_say_what_it_is_and_what_a_drag_does() -> None:
    hand = Hand(full_document())
    document = hand.editor.document
    x, y = handle(hand, HitKind.RISE, "e1")
    words = tip(
        hit_test(hand.scene.layout, x, y, cache=hand.cache), document, style=TimeFormat.FRAMES, stale=frozenset()
    )
    assert "left shoulder, left elbow" in words
    assert "grows" in words
    spoken = {name: item_tip(find_item(document, name), document, style=TimeFormat.FRAMES) for name in ("c3", "l2")}
    assert spoken["c3"].startswith("Left foot free")
    assert spoken["l2"].startswith("Locked: full body")


def test_joints_of_a_whole_region_are_named_by_it() -> None:
    assert joint_words({"left_collar", "left_shoulder", "left_elbow", "left_wrist"}) == "left arm"
    assert joint_words({"head", "left_wrist"}) == "head, left wrist"
    assert joint_words({"head", "left_wrist", "right_wrist", "neck"}) == "neck, head, 2 more joints"
    assert region_words(("upper", "left_leg")) == "upper body, left leg"
    assert region_words(("full", "left_leg")) == "full body"
