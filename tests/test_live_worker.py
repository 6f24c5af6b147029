"""Live drafts of the real worker: keys are met, and a take that is in the making goes on beside them."""

import time
from pathlib import Path

import numpy as np
import pytest

from genmo_studio.conditions.edited import edited
from genmo_studio.document.edits import change_generation, set_key
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol, service
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.live import LiveDraft, LiveEvent, LiveFailed
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import INDEX
from tests.test_live import pose
from tests.test_service import ENDLESS, PATIENCE, Studio


class LiveStudio(Studio):
    """A studio that hears drafts."""

    def __init__(self, client: EngineClient, model: Path, *, steps: int = 5) -> None:
        super().__init__(client, model, steps=steps)
        self.drafts: list[LiveEvent] = []
        self.service.live.tell = self.drafts.append

    def turn(self, angle: float) -> None:
        base = self.editor.settled
        new = set_key("keys", pose(20, angle))(base)
        what = edited(base, new)
        assert what is not None
        self.service.live.want(new, what, at=20)

    def draft(self) -> LiveDraft | LiveFailed:
        """Poll until the next draft comes or fails."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            self.service.poll()
            for event in self.drafts:
                if isinstance(event, LiveDraft | LiveFailed):
                    self.drafts.remove(event)
                    return event
            time.sleep(0.002)
        raise AssertionError(f"no draft came; heard {self.drafts}")


def test_a_drag_is_answered_by_a_motion_that_meets_the_dragged_key(client: EngineClient, model: Path) -> None:
    studio = LiveStudio(client, model)
    before = studio.editor.document
    studio.turn(0.4)
    draft = studio.draft()
    assert isinstance(draft, LiveDraft)
    assert (draft.start, len(draft.motion), draft.device) == (0, 40, "cpu")
    for joint in ("head", "left_elbow", "right_knee"):
        assert draft.motion.rotations[20, INDEX[joint]] == pytest.approx([0, 0, 0.4], abs=1e-4)
    assert 0 < draft.compute_seconds < draft.seconds
    assert studio.editor.document is before, "a draft is no take"
    assert studio.service.running == ()
    assert studio.events == [], "and stands in no list of jobs"


def test_the_same_drag_drafts_the_same_motion_whatever_was_drafted_before(client: EngineClient, model: Path) -> None:
    """What is kept from one draft to the next changes nothing."""
    studio = LiveStudio(client, model)
    motions = []
    for angle in (0.4, 0.1, 0.4):
        studio.turn(angle)
        draft = studio.draft()
        assert isinstance(draft, LiveDraft)
        motions.append(draft.motion.to_bytes())
    assert motions[0] == motions[2]
    assert motions[0] != motions[1]


def test_where_there_is_a_result_only_the_frames_between_the_keys_change(client: EngineClient, model: Path) -> None:
    studio = LiveStudio(client, model)
    studio.editor.edit("Key", set_key("keys", pose(30, 0.2)))
    studio.service.generate(seed=1)
    finished = studio.wait_for(service.Finished)
    assert isinstance(finished, service.Finished)
    before = Motion.from_bytes(studio.store[finished.take.blob])
    studio.turn(0.5)
    draft = studio.draft()
    assert isinstance(draft, LiveDraft)
    assert draft.span == Span(1, 30)
    assert draft.motion.rotations[20, INDEX["head"]] == pytest.approx([0, 0, 0.5], abs=1e-4)
    kept = np.r_[0:1, 30:40]
    assert draft.motion.rotations[kept].tobytes() == before.rotations[kept].tobytes()
    assert draft.motion.translation[kept].tobytes() == before.translation[kept].tobytes()


def test_drafts_are_made_between_the_steps_of_a_take_which_goes_on_undisturbed(
    client: EngineClient, model: Path
) -> None:
    alone = LiveStudio(client, model, steps=60)
    alone.service.generate(seed=3)
    undisturbed = alone.wait_for(service.Finished)
    studio = LiveStudio(client, model, steps=60)
    job = studio.service.generate(seed=3)
    studio.wait_for(service.Advanced, job=job)
    answered = 0
    for step in range(1, 6):
        studio.turn(step / 10)
        assert isinstance(studio.draft(), LiveDraft)
        answered += studio.service.running != ()
    assert answered, "while the take was being made"
    finished = studio.wait_for(service.Finished)
    assert isinstance(finished, service.Finished)
    assert isinstance(undisturbed, service.Finished)
    assert finished.take.blob == undisturbed.take.blob, "the take is the same to the bit"


def test_a_take_can_be_cancelled_while_drafts_come(client: EngineClient, model: Path) -> None:
    studio = LiveStudio(client, model, steps=ENDLESS)
    job = studio.service.generate()
    studio.wait_for(service.Advanced, job=job)
    studio.turn(0.1)
    studio.service.cancel(job)
    freed = studio.wait_for(service.Freed)
    assert isinstance(freed, service.Freed)
    assert isinstance(studio.draft(), LiveDraft)


def test_a_draft_of_a_model_that_is_not_there_is_refused_in_a_sentence(client: EngineClient, model: Path) -> None:
    studio = LiveStudio(client, model)
    studio.editor.edit("Model", change_generation(model=str(model.parent / "gone")))
    studio.turn(0.1)
    failed = studio.draft()
    assert isinstance(failed, LiveFailed)
    assert failed.given_up
    assert failed.failure.kind is protocol.FailureKind.REFUSED
    assert "gone" in failed.failure.sentence


def test_a_dead_worker_costs_one_draft_and_the_next_starts_another(model: Path) -> None:
    client = EngineClient()
    try:
        studio = LiveStudio(client, model)
        studio.turn(0.1)
        assert isinstance(studio.draft(), LiveDraft)
        assert client.pid is not None
        import os
        import signal

        os.kill(client.pid, signal.SIGSTOP)
        studio.turn(0.2)
        os.kill(client.pid, signal.SIGKILL)
        failed = studio.draft()
        assert isinstance(failed, LiveFailed)
        assert (failed.failure.kind, failed.given_up) == (protocol.FailureKind.CRASHED, False)
        studio.turn(0.3)
        assert isinstance(studio.draft(), LiveDraft)
    finally:
        client.close()
