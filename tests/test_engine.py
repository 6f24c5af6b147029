"""The engine with its real worker process: results, refusals, cancels, crashes; and the schedule as a plain value."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
import soundfile
from hypothesis import given

from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document.model import TakeMode, TempoScale
from genmo_studio.engine import outcome, protocol
from genmo_studio.engine.client import EngineClient
from genmo_studio.engine.schedule import Schedule
from genmo_studio.engine.timing import StageClock

PATIENCE = 280.0  # seconds; librosa compiles for a minute on a fresh machine, and a slow one is not a hang


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineClient]:
    client = EngineClient()
    wait_for(client, client.submit(protocol.DeviceWork()))  # the process belongs to the module, not to a test
    yield client
    client.close()


def wait_for(client: EngineClient, job: int, *kinds: type) -> list[protocol.Message]:
    """All messages up to the poll that brought one of ``job`` of these kinds (by default: an ending)."""
    seen: list[protocol.Message] = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        seen += client.poll()
        if any(message.job == job and isinstance(message, kinds or protocol.Ending) for message in seen):
            return seen
        time.sleep(0.005)
    raise AssertionError(f"job {job} did not come to {kinds or 'an end'}; seen: {seen}")


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Six seconds of clicks at 120 beats a minute."""
    samples = np.zeros(6 * 22050, np.float32)
    for beat in range(12):
        samples[beat * 11025 : beat * 11025 + 400] = np.sin(np.arange(400) * 0.3) * np.linspace(1, 0, 400)
    soundfile.write(tmp_path / "clicks.wav", samples, 22050)
    return tmp_path / "clicks.wav"


def test_device_job_loads_torch_there_and_not_here(engine: EngineClient) -> None:
    job = engine.submit(protocol.DeviceWork())
    messages = wait_for(engine, job)
    assert isinstance(messages[0], protocol.ProgressMessage)
    done = messages[-1]
    assert isinstance(done, protocol.DeviceDone)
    assert done.device in {"cpu", "cuda"}
    assert done.torch.startswith("2.")
    assert engine.open_jobs == ()
    assert engine.pid not in {None, os.getpid()}


@pytest.mark.timeout(600)
def test_beats_are_found_in_the_worker(engine: EngineClient, song: Path) -> None:
    done = wait_for(engine, engine.submit(protocol.MusicWork(str(song))))[-1]
    assert isinstance(done, protocol.MusicDone)
    assert done.tempo == pytest.approx(120, rel=0.03)
    assert np.diff(done.beats) == pytest.approx(15, abs=1)
    twice = wait_for(engine, engine.submit(protocol.MusicWork(str(song), TempoScale.HALF)))[-1]
    assert isinstance(twice, protocol.MusicDone)
    assert twice.tempo == pytest.approx(60, rel=0.03)


def test_a_refusal_is_one_sentence_and_the_worker_lives_on(engine: EngineClient, tmp_path: Path) -> None:
    first, second = engine.submit(protocol.MusicWork(str(tmp_path / "gone.wav"))), engine.submit(protocol.DeviceWork())
    worker = engine.pid
    messages = wait_for(engine, second)
    failed = next(message for message in messages if isinstance(message, protocol.Failed))
    assert failed.job == first
    assert failed.kind is protocol.FailureKind.REFUSED
    assert "gone.wav" in failed.sentence
    assert "\n" not in failed.sentence
    assert isinstance(messages[-1], protocol.DeviceDone)
    assert engine.pid == worker


def test_a_killed_worker_fails_its_jobs_and_the_next_submit_starts_another() -> None:
    client = EngineClient()
    try:
        first = client.submit(protocol.DeviceWork())
        second = client.submit(protocol.DeviceWork())
        wait_for(client, first, protocol.ProgressMessage)
        killed = client.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        messages = wait_for(client, second)
        failures = {message.job: message for message in messages if isinstance(message, protocol.Failed)}
        assert set(failures) | {m.job for m in messages if isinstance(m, protocol.DeviceDone)} == {first, second}
        assert failures[second].kind is protocol.FailureKind.CRASHED
        assert "memory" in failures[second].sentence
        assert client.open_jobs == ()
        third = client.submit(protocol.DeviceWork())
        assert client.pid not in {killed, None}
        assert isinstance(wait_for(client, third)[-1], protocol.DeviceDone)
    finally:
        client.close()
    assert client.pid is None


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a worker is stopped by a signal that Windows does not have")
def test_who_submits_never_waits_for_a_worker_that_does_not_read() -> None:
    """A worker that still imports reads nothing, and a request is larger than a pipe."""
    client = EngineClient()
    try:
        wait_for(client, client.submit(protocol.DeviceWork()))
        assert client.pid is not None
        os.kill(client.pid, signal.SIGSTOP)
        large = [client.submit(protocol.MusicWork("x" * 2**20)) for _ in range(3)]  # waited here, it would for ever
        client.cancel(large[1])
        os.kill(client.pid, signal.SIGCONT)
        seen = wait_for(client, large[2])
        endings = {message.job: type(message) for message in seen if isinstance(message, protocol.Ending)}
        assert set(endings) <= set(large)
        assert endings[large[2]] is protocol.Failed
    finally:
        client.close()


@pytest.mark.skipif(not hasattr(signal, "SIGABRT") or os.name == "nt", reason="needs POSIX signals")
def test_a_native_crash_leaves_its_stack_in_the_details() -> None:
    client = EngineClient()
    try:
        job = client.submit(protocol.DeviceWork())
        wait_for(client, job, protocol.ProgressMessage)
        assert client.pid is not None
        os.kill(client.pid, signal.SIGSEGV)
        failed = wait_for(client, job)[-1]
        assert isinstance(failed, protocol.Failed)
        assert "Segmentation fault" in failed.detail
        assert "worker.py" in failed.detail
    finally:
        client.close()


def test_closing_in_the_middle_of_work_ends_the_process(song: Path) -> None:
    client = EngineClient()
    job = client.submit(protocol.MusicWork(str(song)))
    wait_for(client, job, protocol.ProgressMessage)
    worker = client.pid
    assert worker is not None
    client.close()
    assert client.pid is None
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    assert client.poll() == []


def test_waiting_jobs_can_be_cancelled(engine: EngineClient) -> None:
    first, second = engine.submit(protocol.DeviceWork()), engine.submit(protocol.DeviceWork())
    engine.cancel(second)
    heard = wait_for(engine, first)
    if second in engine.open_jobs:
        heard += wait_for(engine, second)
    endings = {m.job: type(m) for m in heard if isinstance(m, protocol.Ending)}
    assert endings[second] in {protocol.Cancelled, protocol.DeviceDone}  # a fast worker may have been done
    engine.cancel(second)  # of a finished job: nothing happens
    assert engine.open_jobs == ()


def work(*, draft: bool) -> protocol.Work:
    mode = TakeMode.DRAFT if draft else TakeMode.FULL
    return protocol.GenerateWork(GenerationRequest(frames=30, mode=mode))


@given(st.lists(st.one_of(st.booleans(), st.just("next"), st.integers(0, 20))))
def test_schedule_laws(script: list[bool | str | int]) -> None:
    """Against the rules in words: takes in order, one draft at most waits, every job ends exactly once."""
    schedule, drafts, submitted, ended = Schedule(), set(), 0, []
    for step in script:
        if isinstance(step, bool):
            replaced = schedule.submit(protocol.Submit(submitted, work(draft=step)))
            assert all(job in drafts for job in replaced)
            assert step or not replaced
            ended += replaced
            if step:
                drafts.add(submitted)
            submitted += 1
        elif step == "next":
            if schedule.running is not None:
                ended.append(schedule.running.job)
            schedule.start_next()
            assert not schedule.must_stop
        elif isinstance(step, int):
            ended += schedule.cancel(step)
    takes = [job for job in ended if job not in drafts]
    while schedule.running is not None or schedule.start_next() is not None:
        assert schedule.running is not None
        ended.append(schedule.running.job)
        schedule.running = None
    assert sorted(ended) == list(range(submitted))
    assert len(takes) == len(set(takes))


def test_newest_draft_wins_and_stops_a_running_draft_but_never_a_take() -> None:
    schedule = Schedule()
    schedule.submit(protocol.Submit(1, work(draft=False)))
    schedule.start_next()
    schedule.submit(protocol.Submit(2, work(draft=False)))
    assert schedule.submit(protocol.Submit(3, work(draft=True))) == []
    assert schedule.submit(protocol.Submit(4, work(draft=True))) == [3]
    assert not schedule.must_stop
    draft = schedule.start_next()
    assert draft is not None
    assert draft.job == 4
    schedule.submit(protocol.Submit(5, work(draft=True)))
    assert schedule.must_stop


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


class OutOfMemoryError(RuntimeError):
    """torch's name for it."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_running_out_of_memory_is_a_named_outcome_with_advice(error: Exception) -> None:
    failed = outcome.failure(1, raised(error))
    assert failed.kind is protocol.FailureKind.OUT_OF_MEMORY
    assert "shorter span" in failed.sentence


def test_a_fault_of_the_program_is_not_dressed_up_as_the_users() -> None:
    failed = outcome.failure(1, raised(ValueError("operands could not be broadcast")))
    assert failed.kind is protocol.FailureKind.INTERNAL
    assert "Traceback" in failed.detail


def test_messages_survive_the_pipe() -> None:
    report = {"device": "cpu", "error": np.float32(0.5), "seconds": {"denoising": 1.0}}
    done = protocol.Done(3, b"npz", report, ("a note",))
    assert protocol.decode_message(protocol.encode(done)) == protocol.Done(
        3, b"npz", {**report, "error": 0.5}, ("a note",)
    )


def test_time_left_is_told_a_stage_at_a_time() -> None:
    from genmo_studio.conditions.progress import Progress

    times = iter([0.0, 0.0, 1.0, 2.0, 2.0, 5.0])
    clock = StageClock(now=lambda: next(times))
    assert clock.note(Progress("reading", 0.0)) is None
    assert clock.note(Progress("reading", 0.25)) == pytest.approx(3.0)
    assert clock.note(Progress("reading", 1.0)) == 0.0
    assert clock.note(Progress("denoising", 0.0)) is None
    assert clock.finish() == {"reading": 2.0, "denoising": 3.0, "total": 5.0}
