"""Regenerating a part of the result: one undo step, bit-identical elsewhere, never over newer edits, kept in files."""

import time
from pathlib import Path

import numpy as np
import pytest

from genmo_studio.conditions.locks import kept_regions
from genmo_studio.conditions.regenerating import Anew, NotRegenerableError, covered_stretches, prepare, stretch_around
from genmo_studio.conditions.request import KeptRegion
from genmo_studio.conditions.result import ShownMotion, assemble_result
from genmo_studio.document import storage
from genmo_studio.document.edits import add_item, add_track, change_generation, delete_take, set_key
from genmo_studio.document.model import Document, LockClip, PoseKey, ResultPiece, Take, TakeMode, Track, TrackKind
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol, service
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.outcome import told_of_timeline
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.regions import region_of, region_words
from genmo_studio.motion.skeleton import INDEX, JOINTS, REGIONS
from genmo_studio.ui.regenerate import NotRepeatableError, request_again
from genmo_studio.ui.staleness import Staleness
from tests.test_service import ENDLESS, Studio
from tests.window_document import walking

# -- what is asked for -------------------------------------------------------------------------------------------------


def nowhere(media: str) -> tuple[str, str]:
    raise LookupError(media)


def with_result(*pieces: ResultPiece, length: int = 400, locks: tuple[LockClip, ...] = ()) -> Document:
    take = Take(id="t", name="Take 1", span=Span(0, length), blob="0" * 64, request_hash="", seed=0, model="m")
    track = Track(id="locks", kind=TrackKind.LOCKS, name="Locks", items=locks)
    return Document(id="d", name="D", length=length, tracks=(track,), takes=(take,), result=pieces)


def shown_of(document: Document, motion: Motion) -> ShownMotion:
    shown = assemble_result(document, lambda _: motion)
    assert shown is not None
    return shown


def test_a_request_covers_the_span_and_what_the_model_sees_around_it() -> None:
    document = with_result(ResultPiece(Span(0, 400), "t"))
    motion = walking(400)
    prepared = prepare(document, shown_of(document, motion), Anew(Span(190, 210), ("left_arm",)), locate=nowhere)
    request = prepared.request
    assert (request.start, request.frames) == (70, 260)
    assert request.regeneration is not None
    assert request.regeneration.span == Span(120, 140)
    assert prepared.base == motion.sliced(70, 330).to_bytes()


def test_what_the_result_does_not_cover_cannot_be_made_anew() -> None:
    document = with_result(
        ResultPiece(Span(0, 100), "t"), ResultPiece(Span(100, 150), "t"), ResultPiece(Span(200, 400), "t")
    )
    shown = shown_of(document, walking(400))
    assert covered_stretches(shown) == [Span(0, 150), Span(200, 400)]
    assert stretch_around(shown, Span(90, 150), length=400) == Span(0, 150)
    with pytest.raises(NotRegenerableError, match="no motion in all of frames 140 to 159"):
        stretch_around(shown, Span(140, 160), length=400)
    with pytest.raises(NotRegenerableError, match="frame 170 "):
        stretch_around(None, Span(170, 171), length=400)


def test_locks_are_kept_and_what_they_keep_wholly_is_refused() -> None:
    lock = LockClip(id="l", span=Span(180, 200), regions=("left_arm", "spine"))
    muted = LockClip(id="m", span=Span(0, 400), muted=True)
    document = with_result(ResultPiece(Span(0, 400), "t"), locks=(lock, muted))
    assert kept_regions(document, Span(190, 210), start=70) == (KeptRegion(Span(120, 130), ("left_arm", "spine")),)
    shown = shown_of(document, walking(400))
    prepare(document, shown, Anew(Span(190, 210), ("left_arm",)), locate=nowhere)
    with pytest.raises(NotRegenerableError, match="Locks keep everything"):
        prepare(document, shown, Anew(Span(185, 195), ("left_arm",)), locate=nowhere)


def test_regions_have_names_and_joints_have_regions() -> None:
    assert region_words(("left_arm",)) == "left arm"
    assert region_words(("left_arm", "spine", "root")) == "left arm, spine and root path"
    assert region_of([INDEX["left_wrist"]]) == "left_arm"
    assert region_of([INDEX["left_wrist"], INDEX["right_wrist"]]) == "upper"
    assert region_of([INDEX["left_wrist"], INDEX["left_knee"]]) == "full"
    assert region_of([0]) == "root"
    assert region_of([]) == "full"


def test_what_could_not_be_met_is_said_with_frames_of_the_timeline() -> None:
    told = told_of_timeline(["left wrist is 3.0 cm from its target at frame 5: it is out of reach"], start=70)
    assert told == ("Left wrist is 3.0 cm from its target at frame 75: it is out of reach.",)
    assert told_of_timeline(["the foot slides in frames 3 to 9."], start=10) == ("The foot slides in frames 13 to 19.",)
    assert told_of_timeline([], start=3) == ()


# -- with the real worker ----------------------------------------------------------------------------------------------


class Made(Studio):
    """A studio with a result."""

    def __init__(self, client: EngineClient, model: Path, *, steps: int = 4) -> None:
        super().__init__(client, model, steps=steps)
        self.service.generate(seed=1)
        self.wait_for(service.Finished)
        self.events.clear()

    @property
    def result(self) -> Motion:
        shown = assemble_result(self.editor.document, self.motion)
        assert shown is not None
        return shown.motion

    def motion(self, take_id: str) -> Motion:
        blob = next(take.blob for take in self.editor.document.takes if take.id == take_id)
        return Motion.from_bytes(self.store[blob])

    def regenerated(self, anew: Anew, **how: object) -> service.Finished:
        self.service.regenerate(anew, **how)  # type: ignore[arg-type]
        finished = self.wait_for(service.Finished)
        assert isinstance(finished, service.Finished)
        return finished


@pytest.fixture
def studio(client: EngineClient, model: Path) -> Made:
    return Made(client, model)


def test_un5_a_part_is_made_anew_in_one_step_and_the_rest_is_the_same_to_the_bit(studio: Made) -> None:
    before, document = studio.result, studio.editor.document
    finished = studio.regenerated(Anew(Span(10, 30), ("left_arm",)), seed=9)
    after, take = studio.result, finished.take
    assert finished.shown
    assert studio.editor.undo_label == "Regenerate left arm 10–29"
    arm = sorted(REGIONS["left_arm"])
    assert not np.array_equal(after.rotations[15:25][:, arm], before.rotations[15:25][:, arm])
    inside = np.zeros(before.rotations.shape, bool)
    inside[10:30, arm] = True
    assert after.rotations[~inside].tobytes() == before.rotations[~inside].tobytes()
    assert after.translation.tobytes() == before.translation.tobytes()
    assert [piece.span for piece in studio.editor.document.result] == [Span(0, 10), Span(10, 30), Span(30, 40)]
    assert studio.store[take.base] == before.to_bytes()
    assert studio.editor.undo() == "Regenerate left arm 10–29"
    assert studio.editor.document == document
    assert studio.result.to_bytes() == before.to_bytes()


def test_un6_what_changed_meanwhile_makes_it_an_alternative(studio: Made) -> None:
    studio.service.regenerate(Anew(Span(10, 30)))
    key = PoseKey(id="k1", frame=20, rotations=dict.fromkeys(JOINTS[:22], (0.0, 0.0, 0.1)))
    studio.editor.edit("Add key", set_key("keys", key))
    late = studio.wait_for(service.Finished)
    assert isinstance(late, service.Finished)
    assert (late.shown, late.outdated) == (False, True)
    assert len(studio.editor.document.result) == 1


def test_un6_another_result_below_makes_it_an_alternative(studio: Made) -> None:
    """A result that is changed while its part is being made anew: what comes does not fit into it any more."""
    assert studio.regenerated(Anew(Span(5, 20))).shown
    studio.editor.edit("Steps", change_generation(steps=200))
    job = studio.service.regenerate(Anew(Span(10, 30)))
    studio.wait_for(service.Advanced, job=job)
    studio.editor.undo()  # the steps
    studio.editor.undo()  # the first part
    late = studio.wait_for(service.Finished, job=job)
    assert isinstance(late, service.Finished)
    assert (late.shown, late.outdated) == (False, True)


def test_un6_a_lock_that_was_set_meanwhile_holds(studio: Made) -> None:
    studio.service.regenerate(Anew(Span(10, 30)))
    studio.editor.edit("Add track", add_track(TrackKind.LOCKS, name="Locks", track_id="locks"))
    studio.editor.edit("Lock", add_item("locks", LockClip(id="l", span=Span(0, 40))))
    late = studio.wait_for(service.Finished)
    assert isinstance(late, service.Finished)
    assert not late.shown
    assert studio.service.why_not(Anew(Span(10, 30))).startswith("Locks keep everything")
    with pytest.raises(NotRegenerableError):
        studio.service.regenerate(Anew(Span(10, 30)))


def test_a_locked_arm_stays_while_the_body_around_it_changes(studio: Made) -> None:
    studio.editor.edit("Add track", add_track(TrackKind.LOCKS, name="Locks", track_id="locks"))
    studio.editor.edit("Lock", add_item("locks", LockClip(id="l", span=Span(15, 25), regions=("right_arm",))))
    before = studio.result
    assert studio.regenerated(Anew(Span(10, 30)), seed=5).shown
    arm = sorted(REGIONS["right_arm"])
    after = studio.result
    assert after.rotations[15:25][:, arm].tobytes() == before.rotations[15:25][:, arm].tobytes()
    assert not np.array_equal(after.rotations[20], before.rotations[20])


def test_what_waits_starts_from_the_motion_of_when_it_begins(studio: Made) -> None:
    """A loop asked for while a refinement runs is not put aside because of that refinement."""
    first = studio.service.regenerate(Anew(Span(5, 35), ("left_arm",)), refines=True)
    second = studio.service.regenerate(Anew(Span(10, 30), ("right_arm",)), seed=3)
    studio.wait_for(service.Finished, job=first)
    arm = studio.result.rotations[:, sorted(REGIONS["left_arm"])].tobytes()
    finished = studio.wait_for(service.Finished, job=second)
    assert finished.shown
    assert not finished.outdated
    assert studio.result.rotations[:, sorted(REGIONS["left_arm"])].tobytes() == arm, "the refinement is still there"
    assert len(finished.take.above) >= 1


def test_a_refinement_goes_first_and_replaces_the_one_before(studio: Made) -> None:
    studio.editor.edit("Steps", change_generation(steps=ENDLESS))
    running = studio.service.generate()
    waiting = studio.service.generate()
    studio.service.poll()
    first = studio.service.regenerate(Anew(Span(10, 30)), refines=True)
    assert [r.job for r in studio.service.running] == [running, first, waiting]
    second = studio.service.regenerate(Anew(Span(10, 30)), refines=True)
    assert [r.job for r in studio.service.running] == [running, second, waiting], "the running take is not stopped"
    studio.service.cancel_refining()
    assert [r.job for r in studio.service.running] == [running, waiting]
    studio.service.cancel()
    studio.wait_for(service.Freed)


def test_a_draft_of_a_part_is_possible_too(studio: Made) -> None:
    finished = studio.regenerated(Anew(Span(10, 30)), mode=TakeMode.DRAFT)
    assert finished.take.mode is TakeMode.DRAFT
    assert "key_errors_before.rotation_deg" in finished.take.metrics, "the error before correction is kept"


def test_the_file_keeps_what_a_take_started_from_for_as_long_as_the_take_exists(studio: Made, tmp_path: Path) -> None:
    take = studio.regenerated(Anew(Span(10, 30)), seed=9).take
    path = tmp_path / "p.genmo"
    storage.save(path, studio.editor.document, takes=studio.store)
    loaded = storage.load(path)
    assert loaded.takes[take.base] == studio.store[take.base]
    assert loaded.document == studio.editor.document
    first = loaded.document.takes[0]
    assert take.base == first.blob, "what is the same is stored once"
    storage.save(path, delete_take(first.id)(loaded.document), takes=loaded.takes)
    alone = storage.load(path)
    assert alone.report == ()
    assert set(alone.takes) == {take.blob, take.base}
    storage.save(path, delete_take(take.id)(alone.document), takes=alone.takes)
    assert storage.load(path).takes == {}
    lost = {blob: data for blob, data in studio.store.items() if blob != take.base}
    with pytest.raises(storage.StorageError, match="is lost"):
        storage.save(path, studio.editor.document, takes=lost)


def test_a_regenerated_take_is_made_again_bit_for_bit_from_its_base(studio: Made, client: EngineClient) -> None:
    take = studio.regenerated(Anew(Span(10, 30)), seed=9).take
    with pytest.raises(NotRepeatableError, match="no longer holds"):
        request_again(take, lambda _: None)
    base = studio.store[take.base]
    job = client.submit(protocol.GenerateWork(request_again(take, lambda _: None, base=base), base=base))
    done = None
    while done is None:
        done = next((m for m in client.poll() if isinstance(m, protocol.Done) and m.job == job), None)
        time.sleep(0.005)
    assert done.motion == studio.store[take.blob]


def test_only_the_shown_part_of_a_take_can_be_stale(studio: Made) -> None:
    """After a refinement the rest of the former take is as good as it was."""
    staleness = Staleness()

    def stale() -> set[str]:
        found = staleness.stale(studio.editor.document, locate=nowhere)
        return {take.name for take in studio.editor.document.takes if take.id in found}

    assert stale() == set()
    key = PoseKey(id="k1", frame=20, rotations=dict.fromkeys(JOINTS[:22], (0.0, 0.0, 0.1)))
    studio.editor.edit("Add key", set_key("keys", key))
    assert stale() == {"Take 1"}
    studio.regenerated(Anew(Span(10, 30)))
    assert stale() == set()
    other = PoseKey(id="k2", frame=35, rotations=dict.fromkeys(JOINTS[:22], (0.0, 0.0, 0.1)))
    studio.editor.edit("Add key", set_key("keys", other))
    assert stale() == {"Take 1"}, "the new take is shown where nothing has changed"
    studio.editor.edit("Change key", set_key("keys", PoseKey(id="k1", frame=20, rotations={"head": (0.0, 0.5, 0.0)})))
    assert stale() == {"Take 1", "Take 2"}
