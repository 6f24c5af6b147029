"""Exports, each read back by a reader that is not ours: NumPy, bvhio, pygltflib and PyAV."""

import json
import warnings
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from genmo_studio.conditions.progress import Progress
from genmo_studio.export import (
    EXPORTERS,
    Existing,
    ExportError,
    ExportOptions,
    Frames,
    Sound,
    UpAxis,
    export_motion,
)
from genmo_studio.export.bvh import zxy_angles
from genmo_studio.export.glb import continuous_quaternions
from genmo_studio.export.report import verify_export
from genmo_studio.motion.body import Body, joint_positions, load_body, skin
from genmo_studio.motion.motion import Motion
from genmo_studio.motion.rotations import matrix_from_rotvec
from genmo_studio.motion.skeleton import JOINTS, PARENTS
from genmo_studio.render.camera import Camera
from genmo_studio.values import replace

FRAMES = 24
REPLACE = ExportOptions(existing=Existing.REPLACE)


@pytest.fixture(scope="module")
def body() -> Body:
    return load_body("genmo-free")


@pytest.fixture(scope="module")
def motion() -> Motion:
    """A turning, tumbling walk of a body with a shape: large root rotations, all joints moving, 24 fps."""
    rng = np.random.default_rng(11)
    t = np.arange(FRAMES)[:, None, None] / FRAMES
    phase = rng.uniform(0, 2 * np.pi, (1, 24, 3))
    rotations = 0.8 * np.sin(2 * np.pi * t + phase)
    rotations[:, 0] = (Rotation.from_euler("yx", np.stack([t[:, 0, 0] * 9, np.sin(t[:, 0, 0] * 6)], 1))).as_rotvec()
    translation = np.stack([t[:, 0, 0] * 2, 1 + 0.1 * np.sin(9 * t[:, 0, 0]), -t[:, 0, 0]], axis=1)
    return Motion(
        rotations.astype(np.float32),
        translation.astype(np.float32),
        betas=rng.normal(scale=0.7, size=10).astype(np.float32),
        contacts=rng.uniform(size=(FRAMES, 6)).astype(np.float32),
        fps=24.0,
    )


def written(items) -> list[Path]:
    """Run an exporter; its progress must rise from 0 to 1."""
    items = list(items)
    fractions = [item.fraction for item in items if isinstance(item, Progress)]
    assert fractions == sorted(fractions)
    assert fractions[0] >= 0.0
    assert fractions[-1] == 1.0
    return [item for item in items if isinstance(item, Path)]


def naive_joints(rotations, offsets, root):
    """FK by scipy: local rotation matrices (T, 24, 3, 3), offsets (24, 3), root positions (T, 3)."""
    turned, placed = [], []
    for joint, parent in enumerate(PARENTS):
        if parent < 0:
            turned.append(rotations[:, joint])
            placed.append(root)
        else:
            turned.append(turned[parent] @ rotations[:, joint])
            placed.append(placed[parent] + turned[parent] @ offsets[joint])
    return np.stack(placed, axis=1)


def bone_offsets(body, betas):
    rest = body.rest_joints(betas).astype(np.float64)
    return rest - rest[[max(parent, 0) for parent in PARENTS]], rest


@pytest.mark.parametrize("up", list(UpAxis))
def test_npz_holds_an_amass_motion(tmp_path, body, motion, up):
    path = tmp_path / "walk.npz"
    options = ExportOptions(up=up, gender="female", notes={"model": "default"})
    assert written(export_motion(motion, body, path, options)) == [path]
    with np.load(path, allow_pickle=False) as file:
        data = {name: file[name] for name in file.files}
    assert data["poses"].shape == (FRAMES, 156)
    assert data["betas"].shape == (16,)
    assert data["mocap_framerate"] == data["mocap_frame_rate"] == 24.0
    assert str(data["gender"]) == "female"
    assert str(data["body"]) == "genmo-free"
    assert not data["poses"][:, 66:].any()
    np.testing.assert_array_equal(data["contacts"], motion.contacts)
    np.testing.assert_array_equal(data["betas"][:10].astype(np.float32), motion.betas)

    offsets, rest = bone_offsets(body, motion.betas)
    pose = np.zeros((FRAMES, 24, 3))
    pose[:, :22] = data["poses"].reshape(FRAMES, 52, 3)[:, :22]
    matrices = Rotation.from_rotvec(pose.reshape(-1, 3)).as_matrix().reshape(FRAMES, 24, 3, 3)
    joints = naive_joints(matrices, offsets, rest[0] + data["trans"])
    if up is UpAxis.Z:  # z up: (x, -z, y)
        joints = np.stack([joints[..., 0], joints[..., 2], -joints[..., 1]], axis=-1)
    truth = joint_positions(motion, body)
    np.testing.assert_allclose(joints[:, :22], truth[:, :22], atol=1e-5)
    report = verify_export(path, motion, body)
    assert (report.frames, report.fps) == (FRAMES, 24.0)
    assert report.max_joint_error < 1e-5


def test_npz_round_trip_is_exact(tmp_path, body, motion):
    from genmo_studio.export.amass import read_amass

    path = tmp_path / "walk.npz"
    written(export_motion(motion, body, path, ExportOptions(up=UpAxis.Y)))
    back = read_amass(path, body)
    for name in ("rotations", "translation", "betas", "contacts"):
        np.testing.assert_array_equal(getattr(back, name), getattr(motion, name))
    assert (back.fps, back.body) == (motion.fps, motion.body)


def test_amass_files_of_others_are_read_and_broken_ones_refused(tmp_path, body, motion):
    from genmo_studio.export.amass import amass_arrays, read_amass

    data = amass_arrays(motion, body, ExportOptions())
    path = tmp_path / "theirs.npz"
    kept = ("poses", "trans", "betas", "gender", "mocap_framerate")
    np.savez(path, **{name: data[name] for name in kept}, dmpls=np.zeros((FRAMES, 8)))
    back = read_amass(path, body)
    np.testing.assert_allclose(joint_positions(back, body), joint_positions(motion, body), atol=1e-5)
    for name, value in (
        ("poses", np.zeros((FRAMES, 7))),
        ("poses", np.full((FRAMES, 156), np.inf)),
        ("poses", np.array([{}], dtype=object)),
        ("trans", np.zeros((3, 3))),
        ("mocap_framerate", np.array(0.0)),
        ("betas", np.array(["a"])),
    ):
        np.savez(path, **{**{key: data[key] for key in kept}, name: value})
        with pytest.raises(ExportError, match="cannot be read as a motion"):
            read_amass(path, body)
    for content in (b"", b"PK\x03\x04" + bytes(60), path.read_bytes()[:2000]):
        path.write_bytes(content)
        with pytest.raises(ExportError, match="cannot be read as a motion"):
            read_amass(path, body)


def test_bvh_is_read_by_bvhio_with_the_same_joints(tmp_path, body, motion):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the reader's own dependencies
        import bvhio

    path = tmp_path / "walk.bvh"
    assert written(export_motion(motion, body, path)) == [path, tmp_path / "walk.bvh.json"]
    container = bvhio.readAsBvh(str(path))
    assert container.FrameCount == FRAMES
    assert container.FrameTime == pytest.approx(1 / 24, abs=1e-9)
    root = bvhio.convertBvhToHierarchy(container.Root)
    truth = joint_positions(motion, body)
    for frame in (0, 7, FRAMES - 1):
        root.loadPose(frame)
        found = {joint.Name: np.array(joint.PositionWorld) / 100 for joint, *_ in root.layout()}
        error = max(np.linalg.norm(found[name] - truth[frame, index]) for index, name in enumerate(JOINTS))
        assert error < 1e-3
    beside = json.loads((tmp_path / "walk.bvh.json").read_text())
    assert (beside["unit"], beside["up_axis"], beside["fps"]) == ("centimetre", "+y", 24.0)
    assert verify_export(path, motion, body).max_joint_error < 1e-4


@settings(max_examples=60)
@given(arrays(np.float64, (5, 3), elements=st.floats(-8, 8)))
def test_zxy_angles_are_the_rotation_and_take_the_short_way(rotvecs):
    rotvecs = np.concatenate([rotvecs, [[np.pi / 2, 0, 0], [-np.pi / 2, 0, 0]]])
    matrices = Rotation.from_rotvec(rotvecs).as_matrix()
    angles = zxy_angles(matrices[:, None].copy())[:, 0]
    np.testing.assert_allclose(Rotation.from_euler("ZXY", angles).as_matrix(), matrices, atol=1e-6)
    steps = np.abs(np.diff(angles, axis=0))
    assert steps[:, [0, 2]].max() <= np.pi + 1e-6 or steps.sum(axis=1).max() <= 3 * np.pi + 1e-6


def gltf_arrays(document):
    blob = document.binary_blob()
    kinds = {5126: "<f4", 5121: "u1", 5123: "<u2", 5125: "<u4"}
    widths = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}

    def values(index):
        accessor = document.accessors[index]
        view = document.bufferViews[accessor.bufferView]
        flat = np.frombuffer(
            blob, kinds[accessor.componentType], accessor.count * widths[accessor.type], view.byteOffset
        )
        found = flat.reshape(accessor.count, -1)
        if accessor.min:
            np.testing.assert_allclose(found.min(axis=0), accessor.min, rtol=1e-6)
            np.testing.assert_allclose(found.max(axis=0), accessor.max, rtol=1e-6)
        return found

    return values


def test_glb_skin_and_animation_put_joints_and_skin_where_the_body_does(tmp_path, body, motion):
    import pygltflib

    path = tmp_path / "walk.glb"
    assert written(export_motion(motion, body, path, ExportOptions(name="Take 3"))) == [path]
    document = pygltflib.GLTF2().load(str(path))
    values = gltf_arrays(document)
    animation, skin_data = document.animations[0], document.skins[0]
    assert animation.name == "Take 3"
    times = values(animation.samplers[0].input)[:, 0]
    np.testing.assert_allclose(times, np.arange(FRAMES) / 24, atol=1e-6)

    local = np.tile(np.eye(4), (FRAMES, len(document.nodes), 1, 1))
    for index, node in enumerate(document.nodes):
        local[:, index, :3, 3] = node.translation or 0
    for channel in animation.channels:
        output = values(animation.samplers[channel.sampler].output).astype(np.float64)
        if channel.target.path == "rotation":
            np.testing.assert_allclose(np.linalg.norm(output, axis=1), 1, atol=1e-6)
            assert ((output[1:] * output[:-1]).sum(axis=1) > 0).all()
            local[:, channel.target.node, :3, :3] = Rotation.from_quat(output).as_matrix()
        else:
            local[:, channel.target.node, :3, 3] = output
    world = {}

    def place(index, above):
        world[index] = above @ local[:, index]
        for child in document.nodes[index].children or ():
            place(child, world[index])

    for index in document.scenes[0].nodes:
        place(index, np.eye(4))
    truth = joint_positions(motion, body)
    joints = np.stack([world[index][:, :3, 3] for index in skin_data.joints], axis=1)
    assert [document.nodes[index].name for index in skin_data.joints] == list(JOINTS)
    np.testing.assert_allclose(joints, truth, atol=1e-4)

    attributes = document.meshes[0].primitives[0].attributes
    influence, weights = values(attributes.JOINTS_0), values(attributes.WEIGHTS_0).astype(np.float64)
    assert (influence[weights == 0] == 0).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    bind = values(skin_data.inverseBindMatrices).reshape(-1, 4, 4).transpose(0, 2, 1)
    frame = 9
    moved = np.stack([world[index][frame] for index in skin_data.joints]) @ bind
    rest = np.concatenate([values(attributes.POSITION), np.ones((len(weights), 1))], axis=1)
    skinned = sum(weights[:, k, None] * np.einsum("vij,vj->vi", moved[influence[:, k]], rest)[:, :3] for k in range(4))
    away = np.linalg.norm(skinned - skin(body, motion)[frame], axis=1)
    assert away.max() < 0.02  # the file keeps four of the body's five influences
    assert np.percentile(away, 99) < 1e-3
    assert values(document.meshes[0].primitives[0].indices).max() == len(weights) - 1
    assert verify_export(path, motion, body).max_joint_error < 1e-4


def test_quaternions_never_change_sides():
    turning = np.zeros((400, 1, 3), np.float32)
    turning[:, 0, 1] = np.linspace(0, 4 * np.pi, 400)
    found = continuous_quaternions(turning)
    assert ((found[1:] * found[:-1]).sum(axis=-1) > 0.99).all()


def test_mp4_has_every_frame_the_right_length_and_sound(tmp_path, body, motion):
    rate = 44_100
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(rate * 3) / rate)
    tone[: rate // 2] = 0  # sound starts after half a second
    sound = Sound(np.stack([tone, tone], axis=1).astype(np.float32), rate)
    path = tmp_path / "walk.mp4"
    options = ExportOptions(size=(201, 160), sound=sound, name="Take 3")
    assert written(export_motion(motion, body, path, options)) == [path]
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.codec_context.name == "h264"
        assert video.pix_fmt == "yuv420p"
        assert container.metadata["title"] == "Take 3"
        pictures = [(float(frame.time), frame.to_ndarray(format="rgb24")) for frame in container.decode(video)]
        container.seek(0)
        parts = [(float(frame.time), frame.to_ndarray()) for frame in container.decode(audio)]
        audio_rate = audio.rate
    assert [picture.shape for _, picture in pictures] == [(160, 202, 3)] * FRAMES
    np.testing.assert_allclose([time for time, _ in pictures], np.arange(FRAMES) / 24, atol=1e-4)
    assert all(picture.std() > 8 for _, picture in pictures)
    assert np.abs(pictures[0][1].astype(int) - pictures[12][1]).max() > 60
    loudness = np.concatenate([part for _, part in parts], axis=1)[0]
    heard = parts[0][0] + np.flatnonzero(np.abs(loudness) > 0.1)[0] / audio_rate
    assert heard == pytest.approx(0.5, abs=0.03)
    assert len(loudness) / audio_rate == pytest.approx(FRAMES / 24, abs=0.05)
    report = verify_export(path, motion, body)
    assert (report.frames, report.fps) == (FRAMES, 24.0)


def test_mp4_without_sound_has_no_sound_track(tmp_path, body, motion):
    path = tmp_path / "walk.mp4"
    written(export_motion(motion.sliced(0, 3), body, path, ExportOptions(size=(64, 64))))
    with av.open(str(path)) as container:
        assert not container.streams.audio
        assert sum(1 for _ in container.decode(video=0)) == 3


def test_png_single_and_sequence(tmp_path, body, motion):
    single = ExportOptions(size=(120, 90), frames=Frames.SINGLE, frame=5, camera=Camera())
    assert written(export_motion(motion, body, tmp_path / "pose.png", single)) == [tmp_path / "pose.png"]
    with av.open(str(tmp_path / "pose.png")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert picture.shape == (90, 120, 3)
    assert picture.std() > 8
    options = replace(single, frames=Frames.SEQUENCE)
    paths = written(export_motion(motion.sliced(5, 8), body, tmp_path / "run.png", options))
    assert [path.name for path in paths] == [f"run_0000{number}.png" for number in range(3)]
    assert paths[0].read_bytes() == (tmp_path / "pose.png").read_bytes()
    with pytest.raises(ExportError, match="Frame 99 is outside"):
        written(export_motion(motion, body, tmp_path / "x.png", replace(single, frame=99)))


@pytest.mark.parametrize("suffix", list(EXPORTERS))
def test_files_appear_whole_or_not_at_all(tmp_path, body, motion, suffix):
    part = motion.sliced(0, 4)
    path = tmp_path / f"walk{suffix}"
    options = ExportOptions(size=(64, 64), frames=Frames.SINGLE)
    halted = export_motion(part, body, path, options)
    next(halted)
    halted.close()
    assert not list(tmp_path.iterdir())

    written(export_motion(part, body, path, options))
    kept = path.read_bytes()
    with pytest.raises(ExportError, match="already there and was kept"):
        written(export_motion(part, body, path, options))
    assert path.read_bytes() == kept
    written(export_motion(part.sliced(1, 3), body, path, replace(options, existing=Existing.REPLACE)))
    assert {found.suffix for found in tmp_path.iterdir()} == {suffix} | ({".json"} if suffix == ".bvh" else set())
    with pytest.raises(ExportError, match="does not exist; make it first"):
        written(export_motion(part, body, tmp_path / "no" / path.name, options))


def test_what_cannot_be_exported_is_said_in_a_sentence(tmp_path, body, motion):
    with pytest.raises(ExportError, match=r"cannot export \.fbx"):
        export_motion(motion, body, tmp_path / "a.fbx")
    broken = replace(motion, translation=np.full((FRAMES, 3), np.nan, np.float32))
    for suffix in EXPORTERS:
        with pytest.raises(ExportError, match="not numbers"):
            written(export_motion(broken, body, tmp_path / f"a{suffix}", REPLACE))
        with pytest.raises(ExportError, match="no frames"):
            written(export_motion(motion.sliced(0, 0), body, tmp_path / f"a{suffix}", REPLACE))
    with pytest.raises(ExportError, match="pixels cannot be made"):
        written(export_motion(motion, body, tmp_path / "a.mp4", ExportOptions(size=(0, 100))))
    assert not list(tmp_path.iterdir())
    (tmp_path / "a.glb").write_bytes(b"glTF" + bytes(20))
    with pytest.raises(ExportError, match="cannot be read back"):
        verify_export(tmp_path / "a.glb", motion, body)


def test_the_rest_pose_of_a_bvh_is_the_body_at_rest(tmp_path, body):
    still = Motion(np.zeros((1, 24, 3), np.float32), np.zeros((1, 3), np.float32))
    path = tmp_path / "rest.bvh"
    written(export_motion(still, body, path))
    assert verify_export(path, still, body).max_joint_error < 1e-5
    assert np.allclose(matrix_from_rotvec(still.rotations), np.eye(3))
    ends = path.read_text().split("End Site")[1:]
    lengths = [np.linalg.norm([float(v) for v in end.split("OFFSET")[1].split("\n")[0].split()]) for end in ends]
    assert len(lengths) == 5
    assert all(4 < length < 40 for length in lengths)
