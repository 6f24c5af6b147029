"""Drafts while something is dragged: which frames are made, newest wins, and what crosses to the worker."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmo_studio.conditions.edited import LIVE_FRAMES, REACH, Edited, between_keys, edited, live_window
from genmo_studio.conditions.laid import laid_over
from genmo_studio.conditions.regenerating import Anew, base_of, prepare
from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.edits import set_key
from genmo_studio.document.model import Document, PoseKey, TextClip, Track, TrackKind, Waypoint
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol
from genmo_studio.engine.live import LiveDraft, LiveDrafts, LiveEvent, LiveFailed
from genmo_studio.engine.schedule import Schedule
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import JOINTS

HERE = "keys"


def pose(frame: int, angle: float = 0.0, *, name: str | None = None, hold: int = 0) -> PoseKey:
    rotations = dict.fromkeys(JOINTS[:22], (0.0, 0.0, angle))
    return PoseKey(id=name or f"k{frame}", frame=frame, rotations=rotations, hold=hold)


def document(*keys: PoseKey, length: int = 300, text: Span | None = None) -> Document:
    clips = () if text is None else (TextClip(id="t", span=text, text="a person walks"),)
    return Document(
        id="d",
        name="Test",
        length=length,
        tracks=(
            Track(id="texts", kind=TrackKind.TEXT, name="Text", items=clips),
            Track(id=HERE, kind=TrackKind.FULL_KEYS, name="Poses", items=keys),
            Track(id="path", kind=TrackKind.PATH, name="Path", items=(Waypoint(id="w", frame=90, position=(0, 0)),)),
        ),
    )


# -- which frames ------------------------------------------------------------------------------------------------------


def test_a_changed_key_is_found_among_many() -> None:
    old = document(*(pose(frame) for frame in range(0, 300, 10)))
    new = set_key(HERE, pose(50, 0.3))(old)
    assert edited(old, new) == Edited(Span(50, 51), frozenset({HERE}))
    assert edited(old, old) is None
    assert edited(old, set_key(HERE, pose(50))(old)) is None, "the same key set again changes nothing"


def test_a_moved_clip_counts_where_it_was_and_where_it_is() -> None:
    old, new = document(text=Span(10, 40)), document(text=Span(60, 90))
    assert edited(old, new) == Edited(Span(10, 90), frozenset({"texts"}))


def test_the_frames_between_the_neighbouring_keys_answer_an_edit() -> None:
    keyed = document(pose(0), pose(40, hold=5), pose(100), pose(160))
    assert between_keys(keyed, Edited(Span(100, 101), frozenset({HERE}))) == Span(46, 160)
    alone = document(pose(150))
    assert between_keys(alone, Edited(Span(150, 151), frozenset({HERE}))) == Span(150 - REACH, 151 + REACH)
    assert between_keys(alone, Edited(Span(10, 11), frozenset({HERE}))) == Span(0, 11 + REACH)
    beside = between_keys(alone, Edited(Span(100, 101), frozenset({"path"})))
    assert beside == Span(91, 150), "a waypoint is bounded by waypoints and by keys of the whole body"


@given(st.integers(1, 2000), st.data())
def test_a_live_window_is_short_and_holds_what_changes(length: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, length - 1))
    span = Span(start, data.draw(st.integers(start + 1, length)))
    at = data.draw(st.integers(0, length))
    bounds = Span(0, length)
    window, part = live_window(span, bounds=bounds, at=at)
    assert 0 <= window.start <= part.start < part.stop <= window.stop <= length
    assert window.length == min(length, LIVE_FRAMES)
    assert span.start <= part.start < part.stop <= span.stop
    if span.length <= LIVE_FRAMES - 40:
        assert part == span
    elif at in span and length > LIVE_FRAMES:
        assert at in part


# -- laid over the result ----------------------------------------------------------------------------------------------


def still(frames: int, height: float) -> Motion:
    return Motion(np.zeros((frames, 24, 3), np.float32), np.full((frames, 3), height, np.float32))


def test_a_draft_lies_in_the_result_and_holds_beyond_it() -> None:
    laid = laid_over(ShownMotion(still(20, 1.0), 10), still(10, 2.0), 25)
    assert laid.span == Span(10, 35)
    assert laid.motion.translation[:, 1].tolist() == [1.0] * 15 + [2.0] * 10
    apart = laid_over(ShownMotion(still(5, 1.0), 0), still(3, 2.0), 10)
    assert apart.motion.translation[:, 1].tolist() == [1.0] * 10 + [2.0] * 3, "the pose between is held"
    assert laid_over(None, still(3, 2.0), 10).span == Span(10, 13)


# -- the schedule ------------------------------------------------------------------------------------------------------


def live(job: int) -> protocol.Submit:
    return protocol.Submit(job, protocol.LiveWork(GenerationRequest(frames=30)))


def test_live_drafts_have_a_place_of_their_own_and_the_newest_wins() -> None:
    schedule = Schedule()
    schedule.submit(protocol.Submit(1, protocol.GenerateWork(GenerationRequest(frames=30))))
    schedule.start_next()
    assert schedule.submit(live(2)) == []
    assert schedule.submit(live(3)) == [2]
    assert not schedule.must_stop, "the take goes on"
    begun = schedule.start_live()
    assert begun is not None
    assert begun.job == 3
    assert schedule.start_live() is None
    schedule.submit(live(4))
    assert schedule.cancel(4) == [4]
    assert schedule.start_live() is None


def test_a_live_draft_that_is_being_made_can_be_cancelled_alone() -> None:
    schedule = Schedule()
    schedule.submit(protocol.Submit(1, protocol.GenerateWork(GenerationRequest(frames=30))))
    schedule.start_next()
    schedule.submit(live(2))
    schedule.start_live()
    assert schedule.cancel(2) == []
    assert schedule.must_stop_live
    assert not schedule.must_stop


# -- with a worker that answers at will --------------------------------------------------------------------------------


class Slow:
    """A client whose worker answers when the test says so."""

    def __init__(self) -> None:
        self.sent: list[protocol.LiveWork] = []
        self.cancelled: list[int] = []

    def submit(self, work: protocol.LiveWork) -> int:
        self.sent.append(work)
        return len(self.sent)

    def cancel(self, job: int) -> None:
        self.cancelled.append(job)


def drafts_of(slow: Slow) -> tuple[LiveDrafts, list[LiveEvent]]:
    heard: list[LiveEvent] = []
    return LiveDrafts(slow, locate=lambda media: (media, ""), tell=heard.append), heard  # type: ignore[arg-type]


def drag(drafts: LiveDrafts, angle: float, base: Document) -> None:
    new = set_key(HERE, pose(100, angle))(base)
    what = edited(base, new)
    assert what is not None
    drafts.want(new, what, at=100)


def angle_of(work: protocol.LiveWork) -> float:
    return max(key.rotations["head"][2] for key in work.request.poses)


def test_of_many_events_only_the_first_and_the_newest_are_drafted() -> None:
    slow, base = Slow(), document(pose(0), pose(200))
    drafts, heard = drafts_of(slow)
    for step in range(1, 10):
        drag(drafts, step / 10, base)
    assert [angle_of(work) for work in slow.sent] == [0.1]
    assert drafts.hear(protocol.LiveDone(1, protocol.Arrays.of(still(150, 1.0)), 0.02, "cpu"))
    assert [angle_of(work) for work in slow.sent] == [0.1, 0.9]
    (draft,) = heard
    assert isinstance(draft, LiveDraft)
    assert len(draft.motion) == slow.sent[0].request.frames == LIVE_FRAMES
    assert draft.start == slow.sent[0].request.start
    assert not drafts.hear(protocol.Cancelled(99)), "others hear of other jobs"


def test_after_the_end_nothing_is_told() -> None:
    slow, base = Slow(), document(pose(0), pose(200))
    drafts, heard = drafts_of(slow)
    drag(drafts, 0.1, base)
    drag(drafts, 0.2, base)
    drafts.end()
    assert slow.cancelled == [1]
    assert drafts.hear(protocol.LiveDone(1, protocol.Arrays.of(still(150, 1.0)), 0.02, "cpu")), (
        "it is still its own message"
    )
    assert (heard, len(slow.sent), drafts.waiting) == ([], 1, False)


def test_a_window_stays_for_the_whole_drag() -> None:
    """Text and music of a window are known to the worker after its first draft."""
    slow, base = Slow(), document(length=1000)
    drafts, _ = drafts_of(slow)
    for job, frame in enumerate((400, 403, 410), start=1):
        new = set_key(HERE, pose(frame))(base)
        drafts.want(new, Edited(Span(frame, frame + 1), frozenset({HERE})), at=frame)
        drafts.hear(protocol.LiveDone(job, protocol.Arrays.of(still(150, 1.0)), 0.02, "cpu"))
    assert len({work.request.start for work in slow.sent}) == 1
    new = set_key(HERE, pose(700))(base)
    drafts.want(new, Edited(Span(700, 701), frozenset({HERE})), at=700)
    assert slow.sent[-1].request.start > slow.sent[0].request.start + 100


def test_a_refused_draft_is_told_once_and_asked_for_again_with_the_next_drag() -> None:
    slow, base = Slow(), document(pose(0), pose(200))
    drafts, heard = drafts_of(slow)
    drag(drafts, 0.1, base)
    drafts.hear(protocol.Failed(1, "no model", kind=protocol.FailureKind.REFUSED))
    drag(drafts, 0.2, base)
    assert len(slow.sent) == 1
    assert [isinstance(event, LiveFailed) and event.given_up for event in heard] == [True]
    drafts.end()
    drag(drafts, 0.3, base)
    assert len(slow.sent) == 2


# -- what crosses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("contacts", [False, True])
def test_a_motion_crosses_as_its_arrays(contacts: bool) -> None:
    dice = np.random.default_rng(3)
    made = Motion(
        rotations=dice.normal(size=(7, 24, 3)).astype(np.float32),
        translation=dice.normal(size=(7, 3)).astype(np.float32),
        betas=dice.normal(size=10).astype(np.float32),
        contacts=dice.random((7, 6), np.float32) if contacts else None,
        fps=25.0,
        body="genmo-free",
    )
    sent = protocol.encode(protocol.LiveDone(4, protocol.Arrays.of(made), 0.1, "cpu"))
    message = protocol.decode_message(sent)
    assert isinstance(message, protocol.LiveDone)
    assert message.motion.motion().to_bytes() == made.to_bytes()


def test_what_a_drag_starts_from_is_packed_once() -> None:
    """The same bytes and the same request as without remembering."""
    shown = ShownMotion(still(200, 1.0), 10, (Span(10, 210),))
    window = Span(20, 120)
    packed = base_of(shown, window)
    doc = document(pose(15), pose(60), pose(150))
    anew = Anew(Span(40, 80))
    plain = prepare(doc, shown, anew, locate=lambda _: None, window=window, seed=3)
    known = prepare(doc, shown, anew, locate=lambda _: None, window=window, seed=3, known_base=packed)
    assert (plain.request, plain.base) == (known.request, known.base)
    assert known.base is packed.data
