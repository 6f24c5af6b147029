"""Jobs in the real window with the real engine: queue, cancel, previews, undo meanwhile, failures, problems."""

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication

from genmo_studio import app as program
from genmo_studio.document import storage
from genmo_studio.document.edits import change_generation, set_text, set_waypoint
from genmo_studio.document.model import GenerationSettings
from genmo_studio.engine.job_log import Phase
from genmo_studio.ui.control.generate import GenerateControl
from genmo_studio.ui.control.jobs import JobsControl
from tests.answers import Answers
from tests.tiny_model import write_tiny_model
from tests.window_document import window_document

PATIENCE = 120_000


@pytest.fixture
def window(qtbot, tmp_path):
    document, takes = window_document()
    storage.save(tmp_path / "project.genmo", document, takes=takes)
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    made = program.open_window(
        program.make_application(), tmp_path / "project.genmo", settings=settings, prompts=Answers(), warm_up=False
    )
    made.resize(1280, 800)
    with qtbot.waitExposed(made):
        made.show()
    made.docks["jobs"].raise_()
    model = str(write_tiny_model(tmp_path / "tiny"))
    made.commands.edit("Choose model", change_generation(model=model, steps=400))
    yield made
    made.close()
    made.deleteLater()


def use_steps(window, steps: int) -> None:
    window.commands.edit("Set steps", change_generation(steps=steps))


@pytest.mark.leaves_threads
def test_pg1_pg2_pg4_pg5_several_takes_queue_show_themselves_and_are_cancelled(window, qtbot) -> None:
    """PG1, PG2, PG4, PG5, UN5, UN6."""
    panel, act = window.commands.of(JobsControl).panel, window.actions_by_id
    use_steps(window, 50)  # long enough to be looked at, moved and cancelled
    before = window.editor.document
    window.generation.set_count(3)
    act["generate.full"].trigger()
    assert window.parts.client.pid is None, "the answer does not wait for the engine to start"
    assert panel.model.rowCount() == 3
    assert [record.place for record in window.jobs.log.records] == [1, 2, 3]
    assert "Take 2" in window.strip.state.sentence
    assert len({record.seed for record in window.jobs.log.records}) == 3
    # While the model loads its stages are shown, and editing goes on.
    stages = set()
    window.jobs.state_changed.connect(lambda state: state is not None and stages.add(state.stage))
    window.commands.edit("Change Text", set_text("text2", "a person jumps"))
    qtbot.waitUntil(lambda: window.picture.previewing, timeout=PATIENCE)
    assert "loading the model" in stages
    assert window.editor.document.tracks[0].items[1].text == "a person jumps"
    assert "in the making: step" in window.viewport.viewport.hud.title
    # Order: the last one goes before the second, by its action.
    last = window.jobs.log.records[2]
    panel.list.setCurrentIndex(panel.model.index(2))
    assert act["jobs.up"].isEnabled()
    assert not act["jobs.down"].isEnabled()
    act["jobs.up"].trigger()
    assert [record.job for record in window.jobs.log.records][1] == last.job
    # The cross of a row cancels just that one; undo takes the edit back while the first one runs.
    place = panel.list.visualRect(panel.model.index(2))
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=panel._delegate.cross(place).center())
    assert [r.phase for r in window.jobs.log.records] == [Phase.RUNNING, Phase.WAITING, Phase.CANCELLED]
    act["edit.undo"].trigger()
    assert window.editor.document.tracks == before.tracks
    act["generate.cancel_all"].trigger()  # idle when this returns; the worker is not waited for
    assert window.jobs.freeing
    assert window.strip.state is None
    assert not window.picture.previewing
    assert not act["generate.cancel"].isEnabled()
    qtbot.waitUntil(lambda: not window.jobs.freeing, timeout=20_000)
    assert {record.phase for record in window.jobs.log.records} == {Phase.CANCELLED}
    assert window.editor.document == before

    # Two short ones: the first is shown, the second kept; each is one step, and what was undone can be redone.
    use_steps(window, 4)
    window.generation.set_count(2)
    act["generate.full"].trigger()
    window.commands.edit("Change Text", set_text("text2", "a person sits"))
    act["edit.undo"].trigger()
    qtbot.waitUntil(lambda: not window.jobs.running, timeout=PATIENCE)
    first, second = window.editor.document.takes[-2:]
    assert {piece.take for piece in window.editor.document.result} == {first.id}
    assert window.editor.history[-3:] == ("Generate motion", "Generate motion", "Change Text")
    assert act["edit.redo"].isEnabled()
    assert first.seed != second.seed
    done = window.jobs.log.records[0]
    assert (done.phase, done.take, done.outcome) == (Phase.DONE, second.id, "Kept among the takes.")
    panel.list.setCurrentIndex(panel.model.index(0))
    act["jobs.details"].trigger()
    assert f"seed {second.seed}" in QGuiApplication.clipboard().text()
    act["jobs.show"].trigger()
    assert {piece.take for piece in window.editor.document.result} == {second.id}
    act["jobs.clear"].trigger()
    assert window.jobs.log.records == ()


@pytest.mark.leaves_threads
def test_pg6_one_reason_is_one_message_and_a_late_take_can_be_shown(window, qtbot) -> None:
    """PG3, PG6, UN6."""
    window.commands.edit("Choose model", change_generation(model="no-such-model"))
    window.generation.set_count(3)
    window.actions_by_id["generate.full"].trigger()
    qtbot.waitUntil(lambda: not window.jobs.running, timeout=PATIENCE)
    (message,) = window.messages.messages
    assert message.what.startswith("Take 2, Take 3, Take 4 were not made. ")
    assert "no-such-model" in message.what
    assert message.advice
    assert "Traceback" in message.details
    assert [record.phase for record in window.jobs.log.records] == [Phase.FAILED] * 3
    window.messages.clear()
    window.actions_by_id["edit.undo"].trigger()
    use_steps(window, 4)
    window.generation.set_count(1)
    window.actions_by_id["generate.full"].trigger()
    window.commands.edit("Change Text", set_text("text2", "a person jumps"))
    shown = window.editor.document.result
    qtbot.waitUntil(lambda: not window.jobs.running, timeout=PATIENCE)
    assert window.editor.document.result == shown, "the newer edit stays what it was"
    late = window.editor.document.takes[-1]
    (message,) = window.messages.messages
    assert "edited meanwhile" in message.what
    window.messages._act()
    assert {piece.take for piece in window.editor.document.result} == {late.id}


def test_conflicts_show_in_the_panel_on_the_timeline_and_by_key(window, qtbot) -> None:
    """The check never blocks Generate."""
    panel, control = window.generation, window.commands.of(GenerateControl)
    window.commands.edit("Move", set_waypoint("way1", position=(40.0, 1.5), heading=None))
    control._check()
    sentences = [problem.sentence for problem in panel.problems]
    assert any("nobody runs faster" in sentence for sentence in sentences)
    assert any("disagree about the place" in sentence for sentence in sentences)
    assert {"way1", "key1"} <= set(window.timeline.badges.problems)
    assert "⚠" in window.timeline.badges.tip("way1")
    window.timeline.viewport().grab()
    assert window.timeline.badges._placed[1], "triangles are painted"
    window.transport.seek(0)
    window.actions_by_id["generate.next_problem"].trigger()
    assert window.session.playhead == 45
    assert "way1" in window.session.selection
    assert window.actions_by_id["generate.full"].isEnabled()
    window.actions_by_id["edit.undo"].trigger()
    control._check()
    assert not any("nobody" in problem.sentence for problem in panel.problems)


def test_generate_panel_presets_seeds_and_resets_are_edits(window) -> None:
    panel = window.generation
    panel._quality.activated.emit(0)
    assert window.editor.document.generation.steps == 10
    assert not panel._quality_row.button.isHidden()
    panel._quality_row.button.click()
    assert window.editor.document.generation.steps == GenerationSettings().steps == 20
    assert panel._quality_row.button.isHidden()
    panel.set_new_seeds(True)
    panel.set_count(4)
    assert len(set(panel.next_seeds())) == 4
    window.actions_by_id["generate.new_seed"].trigger()
    assert not panel.new_seeds, "who throws the dice keeps what came"
    seed = window.editor.document.generation.seed
    assert panel.next_seeds() == (seed, seed + 1, seed + 2, seed + 3)
    assert panel._press.text() == "Generate 4 takes"
    assert window.parts.settings.value("generate/takes") in (4, "4")
