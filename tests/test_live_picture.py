"""The viewport during a drag: one picture a draft, ghosts and trajectories of the draft, the way of what is held."""

import os
import signal
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from genmo_studio.conditions.result import ShownMotion, assemble_result
from genmo_studio.document.edits import change_generation
from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.motion import Motion
from genmo_studio.render.scene import Scene
from genmo_studio.ui import jobs, stage
from genmo_studio.ui.theme import DARK
from genmo_studio.ui.viewport.display import PICKED, Display, GhostRule, Option
from genmo_studio.ui.viewport.picture import Picture
from genmo_studio.values import replace
from tests.studio_window import close_window, open_window
from tests.test_live_window import PATIENCE, Drag
from tests.window_document import walking, window_document

BODY = load_body("genmo-free")
WRIST = 20


@pytest.fixture
def window(qtbot, tmp_path, model) -> Iterator[object]:
    made = open_window(qtbot, tmp_path)
    made.editor.edit("Choose model", change_generation(model=str(model), steps=5))
    yield made
    close_window(made)


def shown_and_drafted(display: Display) -> tuple[Picture, Motion]:
    """A picture of a walk, a draft of which lies over it."""
    picture, result = Picture(BODY, DARK), walking()
    document, _ = window_document(result)
    picture.show_document(document, selection=frozenset())
    picture.show_motion(assemble_result(document, lambda _: result))
    picture.display = display
    picture.scene(30.0)  # what was worked out for the result is known now
    draft = walking(phase=1.0)
    draft = replace(draft, translation=draft.translation + np.array([0.5, 0, 0], np.float32))
    picture.show_preview(ShownMotion(draft, 0), draft=True)
    return picture, draft


def way(scene: Scene) -> np.ndarray:
    """Ends of all strokes of a scene, (N, 3)."""
    return np.concatenate([lines.segments.reshape(-1, 3) for lines in scene.lines])


def holds(scene: Scene, places: np.ndarray) -> bool:
    """Whether a line goes through all the places."""
    ends = way(scene)
    return all(bool((np.abs(ends - place).max(axis=1) < 1e-4).any()) for place in places)


def test_vp6_the_ghosts_of_the_motion_are_those_of_the_draft() -> None:
    options = frozenset[Option]()
    picture, draft = shown_and_drafted(Display(options=options, ghosts=GhostRule.STEP, ghost_step=10, ghost_count=2))
    character, *ghosts = picture.scene(30.0).bodies
    joints = joint_positions(draft, BODY)
    assert np.allclose(character.joint_positions(), joints[30], atol=1e-4)
    found = sorted(float(ghost.joint_positions()[0, 2]) for ghost in ghosts)
    assert found == pytest.approx([float(joints[frame, 0, 2]) for frame in (10, 20, 40, 50)], abs=1e-4)
    assert all(float(ghost.joint_positions()[0, 0]) == pytest.approx(0.5, abs=1e-2) for ghost in ghosts)


def test_vp7_the_trajectories_are_those_of_the_draft() -> None:
    shown = Display(options=frozenset(), trails=frozenset({"Hands"}), trail_before=20, trail_after=20)
    picture, draft = shown_and_drafted(shown)
    assert holds(picture.scene(30.0), joint_positions(draft, BODY)[10:51, WRIST])
    assert not holds(picture.scene(30.0), joint_positions(walking(), BODY)[10:51, WRIST])


def test_vp7_the_way_of_a_dragged_joint_is_seen_while_drafts_answer() -> None:
    """Trajectories are switched off; what is drawn of the drag alone is what they would show."""
    picture, draft = shown_and_drafted(Display(options=frozenset()))
    picture.picked = (WRIST,)
    assert not picture.scene(30.0).lines, "nothing is dragged"
    picture.dragging = lambda: True
    scene = picture.scene(30.0)
    assert holds(scene, joint_positions(draft, BODY)[0:61, WRIST])
    picture.dragging = lambda: False
    picture.display = Display(options=frozenset(), trails=frozenset({PICKED}))
    assert np.allclose(way(scene), way(picture.scene(30.0)), atol=1e-5)
    picture.dragging = lambda: True
    picture.display = Display(options=frozenset())
    for frame in (0.0, 89.0):
        assert len(way(picture.scene(frame)))
    picture.show_preview(None)
    assert not picture.scene(30.0).lines, "no draft answers"


@pytest.mark.leaves_threads
def test_a_drag_is_drawn_with_its_drafts_and_at_rest_when_it_ends(window, qtbot, monkeypatch) -> None:
    """Without a graphics card each picture takes the engine's time: one a draft, and a smooth one at the end."""
    monkeypatch.setattr(stage, "WITH_THE_DRAFT_MS", 60_000)
    view = window.viewport.viewport
    assert not view.composed
    window.transport.seek(30)
    view.set_picked((WRIST,))
    drag = Drag(window, "key1")
    drag.move(60)
    qtbot.waitUntil(lambda: window.live.shown is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not window.parts.service.live.waiting, timeout=PATIENCE)
    qtbot.wait(3 * 180)  # longer than it takes to be drawn beautifully; but something is held
    pictures: list[object] = []
    view.painted.connect(lambda: pictures.append(window.live.shown))
    for place in (64, 70, 76, 82, 90):
        drag.move(place)
    qtbot.waitUntil(lambda: not window.parts.service.live.waiting, timeout=PATIENCE)
    qtbot.waitUntil(lambda: bool(pictures) and pictures[-1] is window.live.shown, timeout=PATIENCE)
    assert len(pictures) == len(set(map(id, pictures))), "no draft was drawn twice"
    assert not view._still
    shown = window.picture.shown
    near = joint_positions(shown.motion, window.picture.body)[20:41, WRIST]
    assert holds(window.picture.scene(30.0), near), "the way of the picked joint is that of the draft"
    pictures.clear()
    drag.release(90)
    assert window.live.shown is not None
    qtbot.waitUntil(lambda: view._still and bool(pictures))
    assert not holds(window.picture.scene(30.0), near), "nothing is dragged any more"
    shown_now = view.grab().toImage()
    assert shown_now == view.grabFramebuffer(), "what is on show is up to date"


@pytest.mark.leaves_threads
def test_a_drag_that_no_draft_answers_is_drawn_soon(window, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(stage, "WITH_THE_DRAFT_MS", 40)
    view = window.viewport.viewport
    drag = Drag(window, "key1")
    drag.move(60)
    qtbot.waitUntil(lambda: window.live.shown is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not window.parts.service.live.waiting, timeout=PATIENCE)
    monkeypatch.setattr(window.parts.service.live, "want", lambda *_, **__: None)
    qtbot.wait(100)
    drawn: list[bool] = []
    view.painted.connect(lambda: drawn.append(True))
    drag.move(80)
    qtbot.waitUntil(lambda: bool(drawn))
    drag.release(80)


@pytest.mark.leaves_threads
def test_what_drafts_do_not_answer_is_drawn_at_once(window, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(stage, "WITH_THE_DRAFT_MS", 60_000)
    view = window.viewport.viewport
    drag = Drag(window, "key1")
    drag.move(60)
    qtbot.waitUntil(lambda: window.live.shown is not None, timeout=PATIENCE)
    drag.release(60)
    qtbot.waitUntil(lambda: not window.parts.service.live.waiting, timeout=PATIENCE)
    window.actions_by_id["live.drafts"].setChecked(False)
    drawn: list[bool] = []
    drag = Drag(window, "key1")
    drag.move(30)
    qtbot.wait(50)
    view.painted.connect(lambda: drawn.append(True))
    drag.move(50)
    qtbot.waitUntil(lambda: bool(drawn))
    drag.release(50)


@pytest.mark.leaves_threads
@pytest.mark.skipif(sys.platform == "win32", reason="pipes of Windows are polled")
def test_a_draft_is_heard_when_it_comes_not_when_a_clock_asks(window, qtbot, monkeypatch) -> None:
    for name in ("POLL_MS", "IDLE_POLL_MS", "LIVE_POLL_MS"):
        monkeypatch.setattr(jobs, name, 10 * PATIENCE)
    drag = Drag(window, "key1")
    drag.move(60)
    qtbot.waitUntil(lambda: window.live.shown is not None, timeout=PATIENCE)
    first = window.live.shown
    drag.move(80)
    qtbot.waitUntil(lambda: window.live.shown is not first, timeout=PATIENCE)
    # A worker that dies is heard of in the same way.
    killed = window.parts.client.pid
    drag.move(100)
    os.kill(killed, signal.SIGKILL)
    qtbot.waitUntil(lambda: window.parts.client.pid != killed, timeout=PATIENCE)
    drag.release(100)
