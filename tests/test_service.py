"""From the Generate button to a take, with the real worker, a real (tiny, untrained) model and a real editor."""

import hashlib
import os
import signal
import time
from pathlib import Path

import pytest

from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import change_generation, delete_items, set_key
from genmo_studio.document.model import Document, GenerationSettings, PoseKey, TakeMode, Track, TrackKind
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol, service
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.service import GenerationService
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.skeleton import JOINTS

PATIENCE = 150.0
ENDLESS = 1000  # steps: as many as there may be; several seconds


class Studio:
    """An editor, a service and everything that was heard from it."""

    def __init__(self, client: EngineClient, model: Path, *, steps: int = 5) -> None:
        keys = (PoseKey(id="k0", frame=0, rotations=dict.fromkeys(JOINTS[:22], (0.0, 0.0, 0.0))),)
        track = Track(id="keys", kind=TrackKind.FULL_KEYS, name="Poses", items=keys)
        settings = GenerationSettings(model=str(model), steps=steps)
        self.editor = Editor(Document(id="d", name="Test", length=40, tracks=(track,), generation=settings))
        self.store: dict[str, bytes] = {}
        self.service = GenerationService(self.editor, client, self.store, locate=self._no_media)
        self.events: list[service.Event] = []
        self.service.subscribe(self.events.append)

    @staticmethod
    def _no_media(media: str) -> tuple[str, str]:
        raise LookupError(media)

    def wait_for(self, *kinds: type, job: int | None = None) -> service.Event:
        """Poll as the window's timer does until an event of these kinds (of the job) comes."""
        seen, deadline = 0, time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for event in self.events[seen:]:
                if isinstance(event, kinds) and (job is None or event.running.job == job):  # type: ignore[union-attr]
                    return event
            seen = len(self.events)
            self.service.poll()
            time.sleep(0.005)
        raise AssertionError(f"no {kinds} came; heard {self.events}")


@pytest.fixture
def studio(client: EngineClient, model: Path) -> Studio:
    return Studio(client, model)


def test_a_generation_becomes_a_take_in_one_undoable_step(studio: Studio) -> None:
    before = studio.editor.document
    job = studio.service.generate(seed=7)
    assert [running.job for running in studio.service.running] == [job]
    finished = studio.wait_for(service.Finished)
    assert isinstance(finished, service.Finished)
    take = finished.take
    assert finished.shown
    assert studio.editor.document.takes == (take,)
    assert studio.editor.document.result[0].take == take.id
    assert (take.span, take.seed, take.mode, take.model) == (Span(0, 40), 7, TakeMode.FULL, "tiny")
    assert take.created.endswith("+00:00")
    assert hashlib.sha256(studio.store[take.blob]).hexdigest() == take.blob
    assert len(Motion.from_bytes(studio.store[take.blob])) == 40
    kinds = [type(event) for event in studio.events]
    assert kinds[0] is service.Submitted
    assert {service.Advanced, service.Previewed} <= set(kinds)
    assert kinds[-1] is service.Finished
    assert studio.service.running == ()
    assert studio.editor.undo() == "Generate motion"
    assert studio.editor.document == before


def test_a_late_take_never_overwrites_a_newer_edit(studio: Studio) -> None:
    studio.service.generate()
    key = PoseKey(id="k1", frame=20, rotations=dict.fromkeys(JOINTS[:22], (0.0, 0.0, 0.1)))
    studio.editor.edit("Add key", set_key("keys", key))
    late = studio.wait_for(service.Finished)
    assert isinstance(late, service.Finished)
    assert not late.shown
    assert [take.id for take in studio.editor.document.takes] == [late.take.id]
    assert studio.editor.document.result == ()
    assert studio.editor.history == ("Add key", "Generate motion")


def test_changing_how_the_next_take_is_made_does_not_make_this_one_late(studio: Studio) -> None:
    studio.service.generate()
    studio.editor.edit("Change steps", change_generation(steps=9, guidance=1.0, seed=99))
    finished = studio.wait_for(service.Finished)
    assert isinstance(finished, service.Finished)
    assert finished.shown


def test_a_take_that_lands_during_a_drag_leaves_the_drag_alone(studio: Studio) -> None:
    with studio.editor.gesture("Delete key") as gesture:
        gesture.preview(delete_items(["k0"]))
        studio.service.generate()
        studio.wait_for(service.Finished)
        assert gesture.active
        assert len(studio.editor.document.takes) == 1
        assert studio.editor.document.tracks[0].items == ()
    assert studio.editor.history == ("Generate motion", "Delete key")


def test_cancel_is_heard_while_denoising_and_nothing_changes(client: EngineClient, model: Path) -> None:
    studio = Studio(client, model, steps=ENDLESS)
    before, worker = studio.editor.document, client.pid
    first, second = studio.service.generate(), studio.service.generate()
    studio.wait_for(service.Previewed, service.Advanced, job=first)
    studio.service.cancel()
    studio.wait_for(service.Stopped, job=first)
    studio.wait_for(service.Stopped, job=second)
    assert studio.editor.document is before
    assert studio.store == {}
    assert client.pid == worker


def test_the_newest_draft_wins_and_goes_before_waiting_takes(client: EngineClient, model: Path) -> None:
    studio = Studio(client, model)
    take = studio.service.generate()
    drafts = [studio.service.generate(mode=TakeMode.DRAFT, seed=seed) for seed in (1, 2, 3)]
    studio.wait_for(service.Finished, job=drafts[2])
    studio.wait_for(service.Finished, job=take)
    ended = [event.running.job for event in studio.events if isinstance(event, service.Finished)]
    stopped = [event.running.job for event in studio.events if isinstance(event, service.Stopped)]
    assert set(stopped) | set(ended) == {take, *drafts}
    assert drafts[1] in stopped or drafts[0] in stopped
    assert studio.editor.document.takes[0].mode is TakeMode.DRAFT or studio.editor.document.takes[0].name == "Take 1"


def test_a_missing_model_is_a_sentence_and_the_project_is_untouched(client: EngineClient, tmp_path: Path) -> None:
    studio = Studio(client, tmp_path / "nobody")
    before = studio.editor.document
    studio.service.generate()
    broken = studio.wait_for(service.Broken)
    assert isinstance(broken, service.Broken)
    assert broken.failure.kind is protocol.FailureKind.REFUSED
    assert "nobody" in broken.failure.sentence
    assert studio.editor.document is before


def test_a_take_for_a_project_that_was_closed_is_dropped(studio: Studio) -> None:
    studio.service.generate()
    other = Document(id="other", name="Other", length=40)
    studio.editor.open(other)
    studio.wait_for(service.Stopped)
    assert studio.editor.document is other
    assert studio.store == {}


def test_a_worker_that_dies_in_a_generation_costs_only_that_generation(model: Path) -> None:
    client = EngineClient()
    try:
        studio = Studio(client, model, steps=ENDLESS)
        before = studio.editor.document
        studio.service.generate()
        studio.wait_for(service.Previewed, service.Advanced)
        assert client.pid is not None
        os.kill(client.pid, signal.SIGKILL)
        broken = studio.wait_for(service.Broken)
        assert isinstance(broken, service.Broken)
        assert broken.failure.kind is protocol.FailureKind.CRASHED
        assert studio.editor.document is before
        studio.editor.edit("Change steps", change_generation(steps=4))
        studio.service.generate()
        studio.wait_for(service.Finished)
    finally:
        client.close()
