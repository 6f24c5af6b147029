"""The gizmo and its drags with plain numbers: size, hits, metres and radians, snapping, slowness, typed values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.render.camera import Camera, Lens, ViewPreset, project
from genmo_studio.ui.viewport import pose_drag, pose_gizmo
from genmo_studio.ui.viewport.pose_gizmo import ARROW, MOVES, PLANES, RING, TURNS, Handle, Tool

SIZE = (900, 600)
ORIGIN = np.array([0.3, 1.1, -0.2])
CAMERA = Camera(yaw=0.6, pitch=0.4, distance=4.0)


def made(tool: Tool, *, camera: Camera = CAMERA, axes: np.ndarray | None = None, origin: np.ndarray = ORIGIN):
    gizmo = pose_gizmo.make_gizmo(
        tool, origin=origin, axes=np.eye(3) if axes is None else axes, camera=camera, size=SIZE
    )
    assert gizmo is not None
    return gizmo


def dragged(handle: Handle, start, stop, *, camera: Camera = CAMERA, axes=None, steps: int = 8, slow: bool = False):
    pull = pose_drag.begin(
        handle, origin=ORIGIN, axes=np.eye(3) if axes is None else axes, camera=camera, size=SIZE, at=start
    )
    for share in np.linspace(0, 1, steps + 1)[1:]:
        at = (start[0] + (stop[0] - start[0]) * share, start[1] + (stop[1] - start[1]) * share)
        pull = pose_drag.advance(pull, at, slow=slow)
    return pull


def seen(point, camera: Camera = CAMERA) -> tuple[float, float]:
    x, y, _ = project(point, camera, SIZE)
    return float(x), float(y)


@given(st.floats(0.8, 60.0), st.sampled_from(list(Lens)))
def test_gz3_the_gizmo_has_the_same_size_on_screen_at_every_distance(distance: float, lens: Lens) -> None:
    camera = Camera(target=tuple(ORIGIN), yaw=0.0, pitch=0.0, distance=distance, lens=lens)
    up = made(Tool.MOVE, camera=camera).shape(Handle.MOVE_Y)
    assert up is not None
    tip = np.abs(up.points[-1] - project(ORIGIN, camera, SIZE)[:2])
    np.testing.assert_allclose(tip, (0.0, ARROW), atol=0.02 * ARROW)
    ring = made(Tool.ROTATE, camera=camera).shape(Handle.TURN_VIEW)
    assert ring is not None
    away = np.linalg.norm(ring.points - project(ORIGIN, camera, SIZE)[:2], axis=1)
    np.testing.assert_allclose(away, pose_gizmo.VIEW_RING, atol=0.01)


def test_gz3_every_handle_is_hit_where_it_is_drawn() -> None:
    gizmo = made(Tool.MOVE)
    for handle in MOVES:
        tip = gizmo.shape(handle).points[-1]
        assert pose_gizmo.hit(gizmo, *tip) is handle
    for handle in PLANES:
        middle = gizmo.shape(handle).points.mean(axis=0)
        assert pose_gizmo.hit(gizmo, *middle) is handle
    assert pose_gizmo.hit(gizmo, *gizmo.centre) is Handle.MOVE_FREE
    assert pose_gizmo.hit(gizmo, gizmo.centre[0] + 200, gizmo.centre[1]) is None
    gizmo = made(Tool.ROTATE)
    for handle in TURNS:
        points = gizmo.shape(handle).points
        found = {pose_gizmo.hit(gizmo, *point) for point in points[4:-4]}
        assert handle in found
    assert pose_gizmo.hit(gizmo, gizmo.centre[0] + pose_gizmo.VIEW_RING, gizmo.centre[1]) is Handle.TURN_VIEW
    assert pose_gizmo.hit(gizmo, gizmo.centre[0] + 8, gizmo.centre[1] + 6) in (*TURNS, Handle.TURN_FREE)


def test_gz3_what_is_seen_end_on_is_not_there() -> None:
    gizmo = made(Tool.MOVE, camera=CAMERA.preset(ViewPreset.FRONT).looking_at(ORIGIN))
    assert gizmo.shape(Handle.MOVE_Z) is None
    assert gizmo.shape(Handle.MOVE_XY) is not None
    assert gizmo.shape(Handle.MOVE_YZ) is None
    assert gizmo.shape(Handle.MOVE_XZ) is None
    assert pose_gizmo.make_gizmo(Tool.SELECT, origin=ORIGIN, axes=np.eye(3), camera=CAMERA, size=SIZE) is None
    behind = CAMERA.eye() + CAMERA.backward()
    assert pose_gizmo.make_gizmo(Tool.MOVE, origin=behind, axes=np.eye(3), camera=CAMERA, size=SIZE) is None


AXES = matrix_from_rotvec(np.array([0.3, -0.8, 0.5]))


@pytest.mark.parametrize("handle", MOVES)
@pytest.mark.parametrize("axes", [np.eye(3), AXES])
def test_gz3_the_point_of_an_axis_stays_under_the_pointer(handle: Handle, axes: np.ndarray) -> None:
    axis = axes[handle.axis]
    start, goal = ORIGIN + 0.05 * axis, ORIGIN + 0.42 * axis
    moved = pose_drag.offset(dragged(handle, seen(start), seen(goal), axes=axes))
    np.testing.assert_allclose(moved, 0.37 * axis, atol=1e-9)


@pytest.mark.parametrize("handle", PLANES)
def test_gz3_planes_and_the_free_centre_follow_the_pointer(handle: Handle) -> None:
    u, v = AXES[(handle.normal + 1) % 3], AXES[(handle.normal + 2) % 3]
    goal = ORIGIN + 0.2 * u - 0.13 * v
    moved = pose_drag.offset(dragged(handle, seen(ORIGIN), seen(goal), axes=AXES))
    np.testing.assert_allclose(moved, goal - ORIGIN, atol=1e-9)
    assert abs(AXES[handle.normal] @ moved) < 1e-9
    free = pose_drag.offset(dragged(Handle.MOVE_FREE, seen(ORIGIN), (500.0, 210.0)))
    np.testing.assert_allclose(seen(ORIGIN + free), (500.0, 210.0), atol=1e-6)
    assert abs(free @ pose_gizmo.towards_eye(ORIGIN, CAMERA, SIZE)) < 1e-9


@pytest.mark.parametrize("handle", TURNS)
def test_gz3_a_ring_turns_with_the_pointer_and_counts_beyond_one_turn(handle: Handle) -> None:
    axis = AXES[handle.axis]
    camera = next(  # from where no ring is seen from the side
        camera
        for camera in (Camera(yaw=yaw, pitch=pitch) for yaw in np.arange(0, 6, 0.3) for pitch in (-0.5, 0.1, 0.6))
        if np.abs(AXES @ pose_gizmo.towards_eye(ORIGIN, camera, SIZE)).min() > 0.4
    )
    arm = np.cross(axis, [0.3, 0.9, -0.4])
    arm *= 0.3 / np.linalg.norm(arm)
    at = seen(ORIGIN + arm, camera)
    pull = pose_drag.begin(handle, origin=ORIGIN, axes=AXES, camera=camera, size=SIZE, at=at)
    for angle in np.linspace(0, 7.5, 60)[1:]:
        pull = pose_drag.advance(pull, seen(ORIGIN + matrix_from_rotvec(axis * angle) @ arm, camera))
    np.testing.assert_allclose(pose_drag.turn(pull), axis * 7.5, atol=1e-6)


def test_gz3_rings_from_the_side_and_the_ball_turn_as_the_pointer_rolls_them() -> None:
    camera = CAMERA.preset(ViewPreset.FRONT).looking_at(ORIGIN)
    middle = seen(ORIGIN, camera)
    pull = dragged(Handle.TURN_Y, middle, (middle[0] + RING * 0.5, middle[1]), camera=camera)
    np.testing.assert_allclose(pose_drag.turn(pull), (0, 0.5, 0), atol=0.02)
    pull = dragged(Handle.TURN_FREE, middle, (middle[0] + RING, middle[1]), camera=camera)
    np.testing.assert_allclose(pose_drag.turn(pull), (0, 1, 0), atol=0.02)
    pull = dragged(Handle.TURN_FREE, middle, (middle[0], middle[1] + RING), camera=camera)
    np.testing.assert_allclose(pose_drag.turn(pull), (1, 0, 0), atol=0.02)
    right, up = (middle[0] + 60, middle[1]), (middle[0], middle[1] - 60)
    pull = dragged(Handle.TURN_VIEW, right, up, camera=camera, steps=20)
    np.testing.assert_allclose(pose_drag.turn(pull), (0, 0, np.pi / 2), atol=0.01)


def test_gz3_ctrl_snaps_and_shift_slows_tenfold_without_a_jump() -> None:
    pull = dragged(Handle.MOVE_X, seen(ORIGIN), seen(ORIGIN + np.array([0.1234, 0, 0])))
    np.testing.assert_allclose(pose_drag.offset(pull, snap=True), (0.12, 0, 0), atol=1e-12)
    pull = dragged(Handle.TURN_VIEW, (500.0, 300.0), (500.0, 250.0))
    angle = np.degrees(np.linalg.norm(pose_drag.turn(pull, snap=True)))
    assert angle > 0
    assert abs(angle / 5 - round(angle / 5)) < 1e-9
    pull = dragged(Handle.MOVE_FREE, (400.0, 300.0), (500.0, 300.0))
    fast = pose_drag.offset(pull)
    same = pose_drag.advance(pull, (500.0, 300.0), slow=True)
    np.testing.assert_allclose(pose_drag.offset(same), fast, atol=1e-12)
    slower = pose_drag.advance(same, (600.0, 300.0), slow=True)
    np.testing.assert_allclose(slower.pointer, (510.0, 300.0))
    assert np.linalg.norm(pose_drag.offset(slower) - fast) == pytest.approx(np.linalg.norm(fast) / 10, rel=0.02)


def test_gz2_typed_numbers_are_centimetres_and_degrees_along_the_handle() -> None:
    pull = dragged(Handle.MOVE_Z, seen(ORIGIN), seen(ORIGIN), axes=AXES)
    np.testing.assert_allclose(pose_drag.typed_offset(pull, -12.5), -0.125 * AXES[2])
    assert pose_drag.words(pull, pose_drag.typed_offset(pull, -12.5)) == "Z -12.5 cm"
    pull = dragged(Handle.TURN_X, seen(ORIGIN), seen(ORIGIN), axes=AXES)
    np.testing.assert_allclose(pose_drag.typed_turn(pull, 90), np.pi / 2 * AXES[0])
    assert pose_drag.words(pull, pose_drag.typed_turn(pull, 90)) == "X 90.0°"
    pull = dragged(Handle.MOVE_XY, seen(ORIGIN), seen(ORIGIN))
    assert pose_drag.words(pull, np.array([0.1, 0.02, 0.0])) == "X 10.0  Y 2.0 cm"
