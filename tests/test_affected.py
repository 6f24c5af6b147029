"""What answers an edit: the joints that it is about, the frames around it, and the user's work that is left alone."""

import hashlib

import msgspec
import numpy as np
import pytest
from window_document import FRAMES, walking, window_document

from genmo_studio.conditions.affected import affected, local_work, regions_of, together
from genmo_studio.conditions.checks import contradictions
from genmo_studio.conditions.edited import EVERY_JOINT, Edited, edited
from genmo_studio.conditions.record import record_of
from genmo_studio.conditions.request import GenerationRequest, Loop, Regeneration
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document import edits
from genmo_studio.document.model import ContactClip, Document, Foot, PoseKey, ResultPiece, Take, Waypoint
from genmo_studio.document.queries import find_item
from genmo_studio.document.time import Span
from genmo_studio.motion.body import load_body
from genmo_studio.motion.skeleton import INDEX, REGIONS
from genmo_studio.ui.panels.take_model import describe, summary
from genmo_studio.values import replace as put

BODY = load_body("genmo-free")
MOTION = walking()
SHOWN = ShownMotion(MOTION, 0, (Span(0, FRAMES),))


def rest_pelvis(_document: Document) -> np.ndarray:
    return BODY.rest_joints(np.zeros(10, np.float32))[0]


@pytest.fixture
def document() -> Document:
    """Keys at 0, 45 and 89 that the motion meets."""
    return window_document(MOTION)[0]


def turned(document: Document, *names: str, key: str = "key1") -> Document:
    """With joints of a key turned by 0.3 rad."""
    old = find_item(document, key)
    assert isinstance(old, PoseKey)
    turns = {name: (0.3, *turn[1:]) if name in names else turn for name, turn in old.rotations.items()}
    return edits.set_key("t2", msgspec.structs.replace(old, rotations=turns))(document)


def answer(old: Document, new: Document, **options: object):
    what = edited(old, new)
    assert what is not None
    return affected(new, what, SHOWN, pelvis=rest_pelvis, **options)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def made(document: Document, span: Span, regions: tuple[str, ...], *, name: str, loop: Loop | None = None,
         refines: bool = False, start: int = 0) -> Document:  # fmt: skip
    """With a part of the result made anew in it, as the engine leaves it."""
    asked = Regeneration(base=_sha("b"), span=span.shifted(-start), regions=regions, loop=loop)
    request = GenerationRequest(frames=FRAMES - start, start=start, regeneration=asked)
    take = Take(id=name, name=name, span=Span(start, FRAMES), blob=_sha(name), request_hash=request.hash, seed=1,
                model="default", request=record_of(request), base=_sha("b"), refines=refines)  # fmt: skip
    document = edits.add_take(take, place=False)(document)
    return edits.show_regenerated(name, span)(document)


def test_a_part_of_the_body_answers_what_was_turned_in_a_key(document) -> None:
    assert answer(document, turned(document, "left_elbow")).regions == ("left_arm",)
    assert answer(document, turned(document, "left_elbow", "neck")).regions == ("spine", "left_arm")
    assert answer(document, turned(document, "left_elbow", "right_collar", "neck")).regions == ("upper",)
    assert answer(document, turned(document, "pelvis")).regions == ("full",), "all of the body hangs there"
    assert answer(document, turned(document, "left_elbow")).span == Span(1, 89)


def test_a_moved_key_a_waypoint_and_a_text_are_about_the_whole_body(document) -> None:
    key = find_item(document, "key1")
    moved = edits.compose(edits.delete_items({"key1"}), edits.add_item("t2", msgspec.structs.replace(key, frame=50)))
    assert answer(document, moved(document)).regions == ("full",)
    assert answer(document, edits.set_waypoint("way1", position=(0.4, 1.0), heading=None)(document)).regions == (
        "full",
    )
    assert edited(document, edits.set_text("text1", "a person sits")(document)).joints == EVERY_JOINT


def test_a_contact_is_about_its_leg(document) -> None:
    planted = edits.lay_contact(ContactClip("c", Span(40, 50), Foot.RIGHT))(document)
    assert answer(document, planted).regions == ("right_leg",)


def test_a_new_key_is_about_what_the_result_does_not_do_yet(document) -> None:
    at = 60
    turns = {name: tuple(float(x) for x in MOTION.rotations[at, INDEX[name]]) for name in INDEX if INDEX[name] < 22}
    place = tuple(float(x) for x in MOTION.translation[at] + rest_pelvis(document))
    same = PoseKey("new", at, rotations=turns, root_position=place)
    assert answer(document, edits.add_item("t2", same)(document)) is None, "the result does that already"
    bent = msgspec.structs.replace(same, rotations={**turns, "right_elbow": (0.0, 0.5, 0.0)})
    assert answer(document, edits.add_item("t2", bent)(document)).regions == ("right_arm",)
    beside = msgspec.structs.replace(same, root_position=(place[0] + 0.01, *place[1:]))
    assert answer(document, edits.add_item("t2", beside)(document)).regions == ("full",)
    for name in ("left_wrist", "left_hand"):
        reach = PoseKey("hand", at, positions={name: (0.5, 1.0, 2.0)})
        assert answer(document, edits.add_item("t2", reach)(document)).regions == ("spine", "left_arm")
    step = PoseKey("foot", at, positions={"left_ankle": (0.1, 0.1, 2.0)})
    assert answer(document, edits.add_item("t2", step)(document)).regions == ("left_leg",)


def test_where_the_result_does_not_reach_nothing_answers(document) -> None:
    what = edited(document, turned(document, "left_elbow"))
    assert affected(document, what, None) is None
    assert affected(document, what, put(SHOWN, covered=(Span(0, 1),))) is None


def test_a_loop_is_not_gone_into_from_outside_unless_it_is_asked_for(document) -> None:
    looped = made(document, Span(50, 80), ("full",), name="loop", loop=Loop.IN_PLACE)
    found = answer(looped, turned(looped, "left_elbow"))
    assert found.span == Span(1, 50)
    (work,) = found.spared
    assert work.words == "the loop (frames 50 to 79)"
    assert answer(looped, turned(looped, "left_elbow"), spare=False).span == Span(1, 89)


def test_an_edit_inside_of_a_loop_stays_inside(document) -> None:
    looped = made(document, Span(30, 60), ("full",), name="loop", loop=Loop.IN_PLACE)
    assert answer(looped, turned(looped, "left_elbow")).span == Span(30, 60)
    border = affected(looped, Edited(Span(28, 46), frozenset({"t2"})), SHOWN)
    assert border.span == Span(1, 60), "what lies on its border is about both"


def test_other_joints_of_a_new_arm_are_refined_beside_it(document) -> None:
    armed = made(document, Span(50, 80), ("left_arm",), name="arm", start=20)
    found = answer(armed, turned(armed, "right_elbow"))
    assert (found.span, found.spared) == (Span(1, 89), ())
    assert answer(armed, turned(armed, "left_elbow")).span == Span(1, 50)
    assert "your new left arm (frames 50 to 79)" in answer(armed, turned(armed, "left_elbow")).spared[0].words


def test_local_work_is_what_the_result_still_shows_of_it(document) -> None:
    armed = made(document, Span(50, 80), ("left_arm",), name="arm")
    refined = made(armed, Span(60, 89), ("spine",), name="refined", refines=True)
    assert {(work.take, work.span) for work in local_work(refined)} == {("arm", Span(50, 60)), ("arm", Span(60, 80))}
    whole = Take(
        id="new", name="Take 9", span=Span(0, FRAMES), blob=_sha("n"), request_hash="", seed=1, model="default"
    )
    anew = edits.add_take(whole, place=True)(refined)
    assert local_work(anew) == ()
    pieces = (ResultPiece(Span(0, 55), "new"), *(p for p in refined.result if p.span.start >= 55))
    half = msgspec.structs.replace(anew, result=pieces)
    assert all(work.span.start >= 55 for work in local_work(half))
    moved = msgspec.structs.replace(document, takes=armed.takes, result=(ResultPiece(Span(60, 80), "arm", offset=10),))
    assert [work.span for work in local_work(moved)] == [Span(60, 80)]


def test_what_overlaps_is_one_refinement_of_both_parts(document) -> None:
    one = answer(document, turned(document, "left_elbow"))
    two = answer(document, turned(document, "right_knee", key="key2"))
    both = together(one, two)
    assert both.regions == ("left_arm", "right_leg")
    assert both.span == Span(1, FRAMES)


def test_regions_hold_the_joints_and_no_more_than_needed() -> None:
    for name in ("left_arm", "right_leg", "spine", "upper"):
        assert regions_of(frozenset(REGIONS[name])) == (name,)
    assert regions_of(EVERY_JOINT - {0}) == ("full",)


def test_a_path_that_contradicts_a_key_is_told(document) -> None:
    assert contradictions(document, Span(45, 46)) == []
    apart = edits.set_waypoint("way1", position=(3.0, 1.5), heading=None)(document)
    assert any("disagree about the place" in sentence for sentence in contradictions(apart, Span(45, 46)))
    assert contradictions(apart, Span(0, 1)) == [], "elsewhere"
    fast = edits.add_items("t3", (Waypoint("w", 50, position=(40.0, 0.0)),))(document)
    assert any("nobody runs faster" in sentence for sentence in contradictions(fast, Span(50, 51)))


def test_a_take_of_a_part_says_which_part_and_which_frames(document) -> None:
    armed = made(document, Span(50, 80), ("left_arm",), name="arm", start=20)
    looped = made(armed, Span(40, 70), ("full",), name="round", loop=Loop.IN_PLACE)
    refined = made(looped, Span(1, 50), ("spine", "left_arm"), name="after", refines=True)
    lines = [summary(take)[1] for take in refined.takes]
    assert lines[0].startswith("f 0–89 · seed 41")
    assert lines[1].startswith("left arm · f 50–79 · seed 1")
    assert lines[2].startswith("loop · f 40–69")
    assert lines[3].startswith("refined spine and left arm · f 1–49")
    assert "Made anew: left arm, frames 50 to 79" in describe(refined.takes[1])


def test_two_edits_are_not_one_refinement_where_that_goes_into_local_work(document) -> None:
    arm = made(document, Span(50, 80), ("left_arm",), name="arm")
    elbow = answer(arm, turned(arm, "left_elbow"))
    knee = answer(arm, turned(arm, "right_knee", key="key2"))
    assert elbow.spared
    assert knee.span.overlaps(elbow.span)
    assert together(elbow, knee) is None


def test_an_edit_is_answered_in_the_stretch_it_lies_in(document) -> None:
    what = edited(document, turned(document, "left_elbow", key="key2"))
    parts = put(SHOWN, covered=(Span(0, 30), Span(60, 90)))
    found = affected(document, what, parts, pelvis=rest_pelvis)
    assert 89 in found.span
    assert found.span.start >= 60
    assert affected(document, what, put(SHOWN, covered=(Span(0, 60),)), pelvis=rest_pelvis) is None


def test_takes_that_say_what_they_started_from_are_believed(document) -> None:
    base = document.takes[0].id
    arm = made(document, Span(50, 80), ("left_arm",), name="arm")
    other = edits.add_take(put(document.takes[0], id="other", name="Take 9", blob=_sha("o")), place=False)(arm)

    def leg(document: Document, above: tuple[str, ...]) -> Document:
        made_so = made(document, Span(40, 85), ("right_leg",), name="leg")
        takes = tuple(put(take, above=above) if take.id == "leg" else take for take in made_so.takes)
        return put(made_so, takes=takes)

    names = [work.take for work in local_work(leg(other, (base, "arm")))]
    assert set(names) == {"leg", "arm"}, "an unrelated take between them hides nothing"
    back = edits.add_take(put(document.takes[0], id="again", name="Take 8", blob=_sha("p")), place=True)(arm)
    assert {work.take for work in local_work(leg(back, ("again",)))} == {"leg"}, "what is not shown is not spared"


def test_a_held_key_contradicts_a_waypoint_within_its_hold() -> None:
    key = PoseKey("k", 10, hold=40, root_position=(0.0, 0.95, 0.0))
    document, _ = window_document(MOTION)
    document = edits.add_item("t2", key)(edits.delete_items({"key1"})(document))
    path = next(track.id for track in document.tracks if any(isinstance(item, Waypoint) for item in track.items))
    document = edits.add_item(path, Waypoint("far", 30, position=(3.0, 0.0)))(document)
    assert contradictions(document, Span(30, 31))
