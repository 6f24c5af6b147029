"""Posing without a window: poses and keys, unkeyed changes, gestures, auto-key, pins, a pose held while time moves."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QSettings

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.editor import Editor
from genmo_studio.document.edits import EditError, set_track_flags
from genmo_studio.document.model import Document, PoseKey, TrackKind
from genmo_studio.motion.body import load_body
from genmo_studio.motion.pose import Pose
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import INDEX, JOINTS
from genmo_studio.ui import posing_keys as keys
from genmo_studio.ui import posing_pose as poses
from genmo_studio.ui.joint_selection import ALL, JointSelection
from genmo_studio.ui.posing import Posing
from genmo_studio.ui.posing_pending import PendingPoses
from genmo_studio.ui.posing_solver import IkMode, free_joints
from genmo_studio.ui.theme import DARK
from genmo_studio.ui.timeline.session import Session
from genmo_studio.ui.viewport.picture import Picture
from tests.window_document import walking

BODY = load_body("genmo-free")


class Bench:
    """Posing with everything it needs."""

    def __init__(self, folder, *, motion: bool) -> None:
        self.editor = Editor(Document(id="d", name="n", length=90))
        self.session = Session()
        self.joints = JointSelection(QSettings(str(folder / "s.ini"), QSettings.Format.IniFormat))
        self.picture = Picture(BODY, DARK)
        self.picture.show_document(self.editor.document, selection=frozenset())
        if motion:
            self.picture.show_motion(ShownMotion(walking(), 0))
        self.posing = Posing(self.editor, session=self.session, joints=self.joints, picture=self.picture)

    def keys(self, kind: TrackKind) -> list[PoseKey]:
        return [item for track in self.editor.document.tracks if track.kind is kind for item in track.items]

    def bent(self, name: str = "left_elbow", angle: float = 0.7) -> Pose:
        return poses.turned(self.posing.pose(), INDEX[name], np.array([0, angle, 0]), self.posing.rest_joints())

    def place(self, name: str) -> np.ndarray:
        return self.posing.pose().world(self.posing.rest_joints())[1][INDEX[name]]


@pytest.fixture
def bench(tmp_path, qapp) -> Bench:
    return Bench(tmp_path, motion=True)


@pytest.fixture
def nothing(tmp_path, qapp) -> Bench:
    return Bench(tmp_path, motion=False)


def test_gz10_a_pose_is_made_from_nothing_and_stands_on_the_floor(nothing) -> None:
    posing = nothing.posing
    pose = posing.pose()
    lowest = pose.translation[1] + BODY.v_template[:, 1].min()
    assert lowest == pytest.approx(0.0, abs=1e-6)
    posing.set_key()
    (key,) = nothing.keys(TrackKind.FULL_KEYS)
    assert set(key.rotations) == ALL
    assert key.root_position == pytest.approx(tuple(posing.rest_joints()[0] + pose.translation))
    nothing.session.set_playhead(40)
    assert poses.same(posing.pose(), pose), "without motion the nearest key goes on"


def test_kf3_a_change_off_a_key_is_kept_as_unkeyed_until_it_is_keyed_or_discarded(bench) -> None:
    posing, editor = bench.posing, bench.editor
    bench.session.set_playhead(10)
    before, document = posing.pose(), editor.document
    changed = bench.bent()
    assert posing.change("Bend", changed)
    assert editor.document is document
    assert poses.same(posing.pose(), changed)
    assert posing.posed_frame().unkeyed
    bench.session.set_playhead(30)
    assert not poses.same(posing.pose(), changed)
    assert set(posing.unkeyed) == {10}, "moving on loses nothing"
    assert posing.change("Bend", bench.bent("right_knee"))
    assert set(posing.unkeyed) == {10, 30}
    bench.session.set_playhead(10)
    assert poses.same(posing.pose(), changed)
    posing.set_key()
    assert set(posing.unkeyed) == {30}
    assert poses.same(posing.pose(), changed)
    assert posing.discard(30)
    assert not posing.unkeyed
    editor.undo()
    assert poses.same(posing.pose(), before)


def test_kf3_changes_of_an_unkeyed_pose_are_taken_back_one_by_one(bench) -> None:
    posing = bench.posing
    first, states = posing.pose(), []
    for angle in (0.2, 0.4, 0.6):
        posing.change("Bend", bench.bent(angle=angle))
        states.append(posing.pose())
    assert posing.step_back()
    assert poses.same(posing.pose(), states[1])
    assert posing.step_back()
    assert posing.step_back()
    assert poses.same(posing.pose(), first)
    assert not posing.unkeyed
    assert not posing.step_back()


def test_gz11_a_drag_on_a_key_is_one_step_and_cancelling_restores(bench) -> None:
    posing, editor = bench.posing, bench.editor
    posing.set_key()
    document, steps = editor.document, len(editor.history)
    edit = posing.begin("Rotate Left Elbow")
    for angle in (0.1, 0.2, 0.5):
        edit.show(bench.bent(angle=angle), touched=frozenset({"left_elbow"}))
    edit.cancel()
    assert editor.document == document
    start = posing.pose()
    edit = posing.begin("Rotate Left Elbow")
    for angle in (0.1, 0.2, 0.5):
        edit.show(poses.turned(start, INDEX["left_elbow"], np.array([0, angle, 0]), posing.rest_joints()),
                  touched=frozenset({"left_elbow"}))  # fmt: skip
    edit.commit()
    assert len(editor.history) == steps + 1
    assert editor.undo_label == "Rotate Left Elbow"
    (key,) = bench.keys(TrackKind.FULL_KEYS)
    wanted = matrix_from_rotvec(poses.turned(start, INDEX["left_elbow"], np.array([0, 0.5, 0]), posing.rest_joints())
                                .rotations[INDEX["left_elbow"]])  # fmt: skip
    np.testing.assert_allclose(matrix_from_rotvec(np.array(key.rotations["left_elbow"])), wanted, atol=1e-9)
    editor.undo()
    assert editor.document == document


def test_kf1_what_is_selected_decides_what_is_keyed(bench) -> None:
    posing = bench.posing
    bench.joints.select({"left_wrist", "left_elbow"})
    posing.set_key()
    (key,) = bench.keys(TrackKind.PARTIAL_KEYS)
    assert set(key.rotations) == {"left_wrist", "left_elbow"}
    assert key.root_position is None
    bench.joints.select(())
    posing.set_key(places=False)
    (full,) = bench.keys(TrackKind.FULL_KEYS)
    assert len(full.rotations) == 22
    assert full.root_position is None
    bench.joints.select({"right_wrist"})
    posing.set_key(rotations=False)
    (key,) = bench.keys(TrackKind.PARTIAL_KEYS)
    assert set(key.positions) == {"right_wrist"}
    assert set(key.rotations) == {"left_wrist", "left_elbow"}, "the key that was there keeps what it holds"
    np.testing.assert_allclose(key.positions["right_wrist"], bench.place("right_wrist"), atol=1e-9)


def test_kf1_kf3_a_limb_key_never_leaves_a_change_behind(bench) -> None:
    """A change outside of the selected limb makes a full key: nothing is lost by what happens to be selected."""
    posing = bench.posing
    bench.joints.select({"left_wrist"})
    posing.change("Bend", bench.bent("left_elbow"))
    assert posing.part_of(posing.unkeyed[0].touched) == {"left_wrist", "left_elbow"}
    posing.change("Bend", bench.bent("right_knee"))
    wanted = posing.pose()
    posing.set_key()
    assert not bench.keys(TrackKind.PARTIAL_KEYS)
    assert poses.same(posing.pose(), wanted)


def test_kf2_auto_key_waits_for_the_first_key_and_then_keys_in_one_step(bench) -> None:
    posing, editor = bench.posing, bench.editor
    assert not posing.auto_key_wanted
    posing.set_auto_key(True)
    assert not posing.auto_key
    posing.change("Bend", bench.bent())
    assert posing.unkeyed
    posing.set_key()
    assert posing.auto_key
    bench.session.set_playhead(25)
    steps = len(editor.history)
    wanted = bench.bent("right_elbow")
    posing.change("Bend", wanted)
    assert not posing.unkeyed
    assert len(editor.history) == steps + 1
    assert [key.frame for key in bench.keys(TrackKind.FULL_KEYS)] == [0, 25]
    assert poses.same(posing.pose(), wanted)


def test_kf7_a_held_pose_goes_along_with_time_and_is_keyed_there(bench) -> None:
    posing = bench.posing
    bench.session.set_playhead(12)
    pose = posing.pose()
    posing.hold(True)
    for frame in (13, 20, 33):
        bench.session.set_playhead(frame)
        assert poses.same(posing.pose(), pose)
        assert set(posing.unkeyed) == {frame}
    posing.set_key()
    posing.hold(False)
    (key,) = bench.keys(TrackKind.FULL_KEYS)
    assert key.frame == 33
    np.testing.assert_allclose(key.rotations["left_hip"], pose.rotations[INDEX["left_hip"]], atol=1e-9)


def test_kf7_kf3_a_held_pose_gives_back_the_unkeyed_poses_that_it_passes(bench) -> None:
    posing = bench.posing
    bench.session.set_playhead(20)
    posing.change("Bend", bench.bent("right_knee"))
    waiting = posing.unkeyed[20]
    bench.session.set_playhead(12)
    posing.change("Bend", bench.bent())
    mine = posing.unkeyed[12]
    posing.hold(True)
    bench.session.set_playhead(20)
    assert posing.pose() is mine.pose
    bench.session.set_playhead(30)
    assert posing.unkeyed[20] is waiting, "what was there comes back"
    assert set(posing.unkeyed) == {20, 30}
    bench.session.set_playhead(12)
    assert posing.unkeyed[12] is mine, "with its steps"
    assert set(posing.unkeyed) == {12, 20}
    bench.session.set_playhead(20)
    posing.hold(False)
    assert posing.pose() is mine.pose
    assert posing.step_back()
    assert posing.unkeyed[20] is waiting, "left on top of another unkeyed pose, that one is a step back"


def test_kf3_all_unkeyed_poses_are_keyed_in_one_step_or_let_go(bench) -> None:
    posing, editor = bench.posing, bench.editor
    pending = PendingPoses(posing)
    assert pending.pending == ()
    wanted = {}
    for frame, name in ((31, "left_elbow"), (8, "right_knee")):
        bench.session.set_playhead(frame)
        posing.change("Bend", bench.bent(name))
        wanted[frame] = posing.pose()
    edit = posing.begin("Bend")
    edit.show(bench.bent("left_elbow", 0.3), touched=frozenset({"left_elbow"}))
    wanted[8] = posing.pose()
    assert pending.pending == (8, 31)
    assert not posing.editing, "a drag ends where it is"
    steps = len(editor.history)
    pending.key_all()
    assert len(editor.history) == steps + 1
    assert not posing.unkeyed
    assert sorted(key.frame for key in bench.keys(TrackKind.FULL_KEYS)) == [8, 31]
    for frame, pose in wanted.items():
        assert poses.same(posing.settled(frame), pose, within=1e-6)
    bench.session.set_playhead(50)
    posing.change("Bend", bench.bent())
    pending.discard_all()
    assert not posing.unkeyed
    assert len(editor.history) == steps + 1


def test_kf3_a_pose_that_no_track_can_take_is_kept(bench) -> None:
    posing = bench.posing
    posing.change("Bend", bench.bent())

    def full(_label, _edit, **_named):
        raise EditError("The project is full.")

    bench.editor.edit = full
    with pytest.raises(EditError):
        PendingPoses(posing).key_all()
    assert set(posing.unkeyed) == {0}


def test_a_locked_track_is_shown_but_not_written(bench) -> None:
    posing, editor = bench.posing, bench.editor
    posing.change("Bend", bench.bent())
    posing.set_key()
    posed = posing.pose()
    (track,) = editor.document.tracks
    editor.edit("Lock", set_track_flags(track.id, locked=True))
    assert poses.same(posing.pose(), posed)
    document = editor.document
    posing.change("Bend", bench.bent("right_elbow"))
    assert editor.document is document
    assert posing.unkeyed


def test_a_partial_key_with_a_place_is_shown_met(bench) -> None:
    target = bench.place("left_wrist") + np.array([0.05, 0.12, 0.02])
    key = PoseKey(id="k", frame=5, positions={"left_wrist": poses.vec3(target)})
    bench.editor.edit("Key", keys.put_key(bench.editor.document, key, TrackKind.PARTIAL_KEYS))
    bench.session.set_playhead(5)
    target = np.array(target)
    np.testing.assert_allclose(bench.place("left_wrist"), target, atol=2e-3)


def test_gz4_the_body_follows_and_pins_stay(bench) -> None:
    posing, rest = bench.posing, bench.posing.rest_joints()
    start = posing.pose()
    _, before = start.world(rest)
    wrist = INDEX["left_wrist"]
    goal = before[wrist] + [0.0, -0.35, 0.25]
    posing.rig.toggle_pin(["left_ankle", "right_ankle", "right_wrist"])
    moved = posing.rig.move(start, rest, floor=posing.floor, goals={wrist: goal})
    _, after = moved.pose.world(rest)
    assert moved.missing[wrist] < 2e-3
    for name in ("left_ankle", "right_ankle", "right_wrist"):
        assert np.linalg.norm(after[INDEX[name]] - before[INDEX[name]]) < 2e-3, name
    posing.rig.set_mode(IkMode.BODY_PART)
    part = posing.rig.move(start, rest, floor=posing.floor, goals={wrist: before[wrist] + [0, 0.1, 0.05]})
    changed = poses.changed_joints(start, part.pose)
    assert changed <= {"left_collar", "left_shoulder", "left_elbow", "left_wrist"}
    assert free_joints(IkMode.SELECTION, wrist, {"left_elbow", "left_wrist"}) == {INDEX["left_elbow"], wrist}


def test_gz4_feet_that_stand_are_pinned_by_themselves(bench) -> None:
    rig, rest = bench.posing.rig, bench.posing.rest_joints()
    standing = poses.at_rest(floor=bench.posing.floor)
    assert set(rig.holding_pins(standing, rest, floor=bench.posing.floor)) == {"left_ankle", "right_ankle"}
    jumping = Pose(standing.rotations, standing.translation + np.array([0, 0.2, 0]))
    assert not rig.holding_pins(jumping, rest, floor=bench.posing.floor)
    rig.set_pin_feet(False)
    assert not rig.holding_pins(standing, rest, floor=bench.posing.floor)


def test_gz5_touched_joints_stay_until_they_are_freed(bench) -> None:
    posing, rest = bench.posing, bench.posing.rest_joints()
    rig, start = posing.rig, posing.pose()
    left, right = INDEX["left_wrist"], INDEX["right_wrist"]
    _, before = start.world(rest)
    rig.touch("left_wrist", moved=True)
    goal = {right: before[right] + [0.0, 0.4, 0.5]}
    _, after = rig.move(start, rest, floor=posing.floor, goals=goal).pose.world(rest)
    assert np.linalg.norm(after[left] - before[left]) < 2e-3
    assert rig.free("left_wrist")
    assert not rig.free("left_wrist")
    _, free = rig.move(start, rest, floor=posing.floor, goals=goal).pose.world(rest)
    assert np.linalg.norm(free[left] - before[left]) > 5e-3, "free again, it goes along with the body"


def test_gz6_turning_moves_only_what_hangs_on_the_joint(bench) -> None:
    rest = bench.posing.rest_joints()
    start = bench.posing.pose()
    after = bench.bent("left_shoulder", 0.4)
    assert poses.changed_joints(start, after) == {"left_shoulder"}
    _, a = start.world(rest)
    _, b = after.world(rest)
    moved = {JOINTS[j] for j in np.flatnonzero(np.linalg.norm(a - b, axis=1) > 1e-9)}
    assert moved <= {"left_elbow", "left_wrist", "left_hand"}


def test_poses_survive_a_file(bench) -> None:
    pose = bench.bent()
    again = poses.from_plain(
        msgspec.json.decode(msgspec.json.encode(poses.to_plain(pose)), type=dict[str, list[float]])
    )
    assert again is not None
    assert poses.same(again, pose, within=1e-12) or poses.changed_joints(pose, again) == frozenset()
    assert poses.from_plain({"head": [1.0]}) is None
    assert poses.from_plain({"translation": [1e9, 0.0, 0.0]}) is None
