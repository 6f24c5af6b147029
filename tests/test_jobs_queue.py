"""The queue of generations as plain values: order, places, the list; undone steps that outlive a late take."""

from dataclasses import dataclass

import hypothesis.strategies as st
from hypothesis import given

from genmo_studio.conditions.request import GenerationRequest
from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import add_take, change_generation
from genmo_studio.document.model import Document, Take, TakeMode
from genmo_studio.document.time import Span
from genmo_studio.engine import service
from genmo_studio.engine.job_log import KEPT, JobLog, Phase
from genmo_studio.engine.protocol import Failed, ProgressMessage
from genmo_studio.engine.queue import JobQueue
from genmo_studio.engine.service import Running
from genmo_studio.ui.panels.job_model import line_words, ordinal, state_words


@dataclass(frozen=True)
class Job:
    job: int
    draft: bool = False


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.booleans()),
        st.tuples(st.just("next"), st.just(0)),
        st.tuples(st.just("end"), st.just(0)),
        st.tuples(st.just("remove"), st.integers(0, 12)),
        st.tuples(st.just("move"), st.tuples(st.integers(0, 12), st.integers(-3, 3))),
    )
)


@given(ACTIONS)
def test_pg1_every_job_is_in_one_place_and_ends_once(script: list[tuple[str, object]]) -> None:
    """Against the rules in words: takes keep their order unless moved, at most one draft waits and it is first."""
    queue: JobQueue[Job] = JobQueue()
    made: list[Job] = []
    ended: list[int] = []
    for name, value in script:
        before = [job.job for job in queue.waiting]
        if name == "add":
            made.append(Job(len(made), bool(value)))
            replaced = queue.add(made[-1])
            assert all(job.draft for job in replaced)
            for job in replaced:
                queue.remove(job.job)
                ended.append(job.job)
        elif name == "next":
            queue.start_next()
        elif name == "end" and queue.active is not None:
            ended.append(queue.active.job)
            queue.remove(queue.active.job)
        elif name == "remove":
            gone = queue.remove(int(value))  # type: ignore[call-overload]
            ended += [] if gone is None else [gone.job]
        elif name == "move":
            job, by = value  # type: ignore[misc]
            moved = queue.move(job, by)
            after = [other.job for other in queue.waiting]
            assert moved == (after != before)
            assert [j for j in after if j != job] == [j for j in before if j != job]
        assert sum(job.draft for job in queue.all) <= 1
    assert sorted([*ended, *(job.job for job in queue.all)]) == [job.job for job in made]


def ticket(job: int, *, mode: TakeMode = TakeMode.FULL) -> Running:
    return Running(job, GenerationRequest(frames=60, start=30, mode=mode, seed=job), "d", f"Take {job}")


def test_pg1_the_list_tells_place_step_and_time_left_and_keeps_what_ended() -> None:
    now = [100.0]
    log = JobLog(now=lambda: now[0])
    first, second, third = ticket(1), ticket(2), ticket(3)
    for job in (first, second, third):
        log.take_in(service.Submitted(job), active=None, waiting=(first, second, third)[: job.job])
    assert [record.place for record in log.records] == [1, 2, 3]
    progress = ProgressMessage(1, "denoising", 0.4, "step 20 of 50", 8.0)
    log.take_in(service.Advanced(first, progress, 2), active=first, waiting=(third, second))
    running, near, far = log.records
    assert (running.phase, near.name, far.name) == (Phase.RUNNING, "Take 3", "Take 2")
    assert line_words(running) == "Denoising · step 20 of 50 · about 8 s left"
    assert (state_words(near), state_words(far)) == ("Next", "2nd in the queue")
    assert "seed 3, 60 frames" in line_words(near)
    now[0] += 7
    log.take_in(service.Stopped(first), active=third, waiting=(second,))
    log.take_in(service.Freed(first, 0.04), active=third, waiting=(second,))
    log.take_in(service.Broken(third, Failed(3, "No room.", "trace")), active=second, waiting=())
    assert [record.name for record in log.records] == ["Take 2", "Take 3", "Take 1"], "newest ending first"
    _, failed, cancelled = log.records
    assert (failed.outcome, failed.report) == ("No room.", "trace")
    assert "free after 0.0 s" in cancelled.outcome
    assert cancelled.seconds == 7
    log.forget_ended()
    assert [record.name for record in log.records] == ["Take 2"]
    for job in range(10, 20 + KEPT):
        log.take_in(service.Submitted(ticket(job)), active=None, waiting=())
        log.take_in(service.Stopped(ticket(job)), active=None, waiting=())
    assert len(log.records) <= KEPT + 1
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 102)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd"
    ]  # fmt: skip


def take(name: str) -> Take:
    return Take(id=name, name=name, span=Span(0, 40), blob=name * 64, request_hash="", seed=0, model="default")


def test_un6_what_was_undone_can_be_redone_after_a_late_take() -> None:
    editor = Editor(Document(id="d", name="d", length=40))
    editor.edit("Steps", change_generation(steps=9))
    editor.edit("First take", add_take(take("a")))
    editor.edit("Guidance", change_generation(guidance=1.0))
    editor.undo()
    editor.undo()
    editor.undo()
    start = editor.document
    editor.edit("Late", add_take(take("b")), later=add_take(take("b"), place=False))
    assert editor.history == ("Late", "Steps", "First take", "Guidance")
    for label in ("Steps", "First take", "Guidance"):
        assert editor.redo() == label
    assert {one.id for one in editor.document.takes} == {"a", "b"}
    assert editor.document.result[0].take == "a", "what the user had is back"
    assert (editor.document.generation.steps, editor.document.generation.guidance) == (9, 1.0)
    while editor.undo():
        pass
    assert editor.document == start
