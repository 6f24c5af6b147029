"""Queued generations with the real worker: several at once, cancels, a killed worker, and memory that runs out."""

import os
import signal
import sys
from pathlib import Path

import pytest

from genmo_studio.document.edits import change_generation, set_key
from genmo_studio.document.model import PoseKey, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.engine import protocol, service
from genmo_studio.engine.client import EngineClient
from genmo_studio.motion.skeleton import JOINTS
from tests.test_service import ENDLESS, Studio


def ended(studio: Studio, kind: type) -> list[int]:
    return [event.running.job for event in studio.events if isinstance(event, kind)]


def test_pg1_several_takes_at_once_have_their_own_seeds_and_the_first_is_shown(
    client: EngineClient, model: Path
) -> None:
    studio = Studio(client, model, steps=3)
    jobs = studio.service.generate_several([5, 6, 7])
    assert [running.name for running in studio.service.running] == ["Take 1", "Take 2", "Take 3"]
    studio.service.poll()
    assert len(client.open_jobs) == 1, "the worker has one; what waits can still be moved"
    studio.service.move(jobs[2], -1)
    assert [running.job for running in studio.service.running] == [jobs[0], jobs[2], jobs[1]]
    studio.wait_for(service.Finished, job=jobs[1])
    assert ended(studio, service.Finished) == [jobs[0], jobs[2], jobs[1]]
    document = studio.editor.document
    assert [take.seed for take in document.takes] == [5, 7, 6]
    assert [piece.take for piece in document.result] == [document.takes[0].id]
    assert studio.editor.history == ("Generate motion",) * 3, "each take is one step (UN5)"
    assert len({take.blob for take in document.takes}) == 3
    with pytest.raises(ValueError, match="to 8 takes"):
        studio.service.generate_several([None] * 9)


def test_pg2_cancel_ends_at_once_keeps_what_is_finished_and_frees_the_worker_at_its_next_step(
    client: EngineClient, model: Path
) -> None:
    studio = Studio(client, model, steps=3)
    first = studio.service.generate()
    studio.wait_for(service.Finished, job=first)
    studio.editor.edit("Steps", change_generation(steps=ENDLESS))
    second, third = studio.service.generate(), studio.service.generate()
    studio.wait_for(service.Previewed, job=second)
    studio.service.cancel()  # ended for the user when this returns; the worker is not waited for
    assert studio.service.running == ()
    assert studio.service.freeing
    assert ended(studio, service.Stopped) == [third, second]
    freed = studio.wait_for(service.Freed)
    assert isinstance(freed, service.Freed)
    assert freed.running.job == second
    assert [take.name for take in studio.editor.document.takes] == ["Take 1"]
    assert not [event for event in studio.events if isinstance(event, service.Finished)][1:]


def test_pg2_cancelling_one_lets_the_next_begin(client: EngineClient, model: Path) -> None:
    studio = Studio(client, model, steps=ENDLESS)
    first = studio.service.generate()
    studio.wait_for(service.Advanced, job=first)
    studio.editor.edit("Steps", change_generation(steps=3))
    second, third = studio.service.generate(), studio.service.generate(mode=TakeMode.FULL)
    studio.service.cancel(third)
    assert [running.job for running in studio.service.running] == [first, second]
    studio.service.cancel(first)
    finished = studio.wait_for(service.Finished, job=second)
    assert isinstance(finished, service.Finished)
    assert ended(studio, service.Stopped) == [third, first]
    assert len(studio.editor.document.takes) == 1


def test_un6_undo_while_it_runs_and_the_late_take_is_an_alternative(client: EngineClient, model: Path) -> None:
    """UN5, UN6."""
    studio = Studio(client, model, steps=3)
    key = PoseKey(id="k1", frame=20, rotations=dict.fromkeys(JOINTS[:22], (0.0, 0.0, 0.1)))
    studio.editor.edit("Add key", set_key("keys", key))
    studio.service.generate()
    studio.editor.undo()
    late = studio.wait_for(service.Finished)
    assert isinstance(late, service.Finished)
    assert (late.shown, late.outdated) == (False, True)
    assert studio.editor.document.result == ()
    assert studio.editor.redo() == "Add key", "what was undone is not lost"
    assert [take.id for take in studio.editor.document.takes] == [late.take.id]
    assert any(item.id == "k1" for item in studio.editor.document.tracks[0].items)


def test_pg3_a_killed_worker_costs_one_job_and_the_queue_goes_on(model: Path) -> None:
    client = EngineClient()
    try:
        studio = Studio(client, model, steps=ENDLESS)
        first = studio.service.generate()
        studio.wait_for(service.Advanced, job=first)
        studio.editor.edit("Steps", change_generation(steps=3))
        second = studio.service.generate()
        killed = client.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        broken = studio.wait_for(service.Broken)
        assert isinstance(broken, service.Broken)
        assert (broken.running.job, broken.failure.kind) == (first, protocol.FailureKind.CRASHED)
        assert broken.running.name == "Take 1"
        studio.wait_for(service.Finished, job=second)
        assert client.pid not in (None, killed)
        assert ended(studio, service.Broken) == [first]
    finally:
        client.close()


def test_pg3_workers_that_die_in_a_row_end_the_queue_with_a_sentence(model: Path) -> None:
    client = EngineClient()
    try:
        studio = Studio(client, model, steps=ENDLESS)
        jobs = [studio.service.generate() for _ in range(4)]
        for job in jobs[: service.CRASHES_IN_A_ROW]:
            studio.wait_for(service.Advanced, job=job)
            assert client.pid is not None
            os.kill(client.pid, signal.SIGKILL)
            studio.wait_for(service.Broken, job=job)
        assert ended(studio, service.Broken) == jobs
        last = next(e for e in studio.events if isinstance(e, service.Broken) and e.running.job == jobs[-1])
        assert "twice in a row" in last.failure.sentence
        assert studio.service.running == ()
    finally:
        client.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit of another process is Linux's")
def test_pg3_memory_that_runs_out_is_a_named_outcome_and_the_next_job_works(model: Path) -> None:
    """A real limit on the real worker's address space, and a span that does not fit into it."""
    import resource

    client = EngineClient()
    try:
        studio = Studio(client, model, steps=3)
        studio.service.generate()
        studio.wait_for(service.Finished)
        before, worker = studio.editor.document, client.pid
        assert worker is not None
        size = 1024 * int(next(line for line in Path(f"/proc/{worker}/status").read_text().splitlines()
                               if line.startswith("VmSize")).split()[1])  # fmt: skip
        _, hard = resource.prlimit(worker, resource.RLIMIT_AS)
        resource.prlimit(worker, resource.RLIMIT_AS, (size + 100 * 2**20, hard))
        long = studio.service.generate(span=Span(0, 60_000))
        short = studio.service.generate()
        broken = studio.wait_for(service.Broken, job=long)
        assert isinstance(broken, service.Broken)
        assert broken.failure.kind is protocol.FailureKind.OUT_OF_MEMORY
        assert "shorter span" in broken.failure.sentence
        assert studio.editor.document is before
        assert isinstance(studio.wait_for(service.Finished, service.Broken, job=short), service.Finished)
        assert client.pid == worker, "the same worker lives on, under the same limit"
    finally:
        client.close()
