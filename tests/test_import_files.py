"""Reading what is imported: BVH whatever its axes, npz however hostile, texts in any encoding."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from bvh_cases import bvh_text, smooth_rotations, smpl_bvh
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from genmo_studio.conditions.result import ShownMotion
from genmo_studio.document.time import Span
from genmo_studio.export.amass import amass_arrays
from genmo_studio.export.options import ExportOptions, UpAxis
from genmo_studio.importers.bvh import BvhClip, read_bvh
from genmo_studio.importers.npz import NpzError, npz_frames, read_npz
from genmo_studio.importers.placing import BvhFixes, FileUp, Travel, Unit, guess, placed_motion
from genmo_studio.importers.text import Segment, TextError, decoded, lines, read_segments, subtitles
from genmo_studio.motion.body import joint_positions, load_body
from genmo_studio.motion.retarget import RetargetError
from genmo_studio.motion.skeleton import BODY_JOINT_COUNT, INDEX
from genmo_studio.ui.media_anchor import Anchor, anchor_before, moved_to
from genmo_studio.ui.media_import_read import Fixes, ImportFileError, Reader, collect, look
from tests.window_document import walking

FRAMES = 24


@pytest.fixture(scope="module")
def body():
    return load_body("genmo-free")


@pytest.fixture(scope="module")
def upright_clip(body) -> BvhClip:
    """A figure that moves a little and walks one metre along +z, in centimetres, y up."""
    turns = smooth_rotations(np.random.default_rng(8), frames=FRAMES, joints=BODY_JOINT_COUNT, size=0.3)
    places = np.stack([np.zeros(FRAMES), np.full(FRAMES, 0.95), np.linspace(0, 1, FRAMES)], axis=1)
    return read_bvh(smpl_bvh(body, turns, places, frames=FRAMES))


def in_other_axes(clip: BvhClip, turn: np.ndarray, *, rest: bool, unit: float = 100.0) -> str:
    """BVH text of the clip with its world (and its rest pose too, with ``rest``) turned, lengths in other units."""
    inner = turn if rest else np.eye(3)
    local = inner @ clip.rotations @ inner.T
    root = clip.parents.index(-1)
    local[:, root] = turn @ clip.rotations[:, root] @ inner.T
    angles = Rotation.from_matrix(local.reshape(-1, 3, 3)).as_euler("XYZ", degrees=True)
    return bvh_text(
        list(clip.joints), list(clip.parents), clip.offsets @ inner.T * unit,
        angles.reshape(len(clip), len(clip.joints), 3), clip.positions @ turn.T * unit,
        orders=["XYZ"] * len(clip.joints),
    )  # fmt: skip


Z_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
X_UP = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
TURNED = np.array([[0.0, 0, 1], [0, 1, 0], [-1, 0, 0]])


@pytest.mark.parametrize(
    ("turn", "rest", "up"),
    [
        (np.eye(3), True, FileUp.Y),
        (Z_UP, True, FileUp.Z),
        (X_UP, True, FileUp.X),
        (TURNED, True, FileUp.Y),
        (Z_UP @ TURNED, True, FileUp.Z),
        (Z_UP, False, FileUp.Z),
    ],
)
def test_dd3_whatever_the_axes_of_a_bvh_the_body_stands_and_walks_the_same(body, upright_clip, turn, rest, up) -> None:
    expected = placed_motion(upright_clip, guess(upright_clip), BvhFixes(), body=body)
    clip = read_bvh(in_other_axes(upright_clip, turn, rest=rest))
    found = guess(clip)
    assert (found.up, found.unit) == (up, Unit.CENTIMETRE)
    assert found.missing == ()
    motion = placed_motion(clip, found, BvhFixes(), body=body)
    ours, theirs = joint_positions(motion, body), joint_positions(expected, body)
    np.testing.assert_allclose(ours[..., 1], theirs[..., 1], atol=2e-3, err_msg="heights are the same")
    apart = np.linalg.norm(ours - ours[:, :1], axis=-1) - np.linalg.norm(theirs - theirs[:, :1], axis=-1)
    np.testing.assert_allclose(apart, 0, atol=2e-3, err_msg="the pose is the same up to where it faces")
    walked = np.linalg.norm(np.ptp(motion.translation[:, [0, 2]], axis=0))
    assert walked == pytest.approx(np.linalg.norm(np.ptp(expected.translation[:, [0, 2]], axis=0)), abs=2e-3)


def test_dd3_a_wrong_guess_of_the_up_axis_can_be_overruled_and_lays_the_figure_down(body, upright_clip) -> None:
    found = guess(upright_clip)
    lying = placed_motion(upright_clip, found, BvhFixes(up=FileUp.Z), body=body)
    stands, lies = (
        float(np.ptp(joint_positions(motion, body)[0, :, 1]))
        for motion in (placed_motion(upright_clip, found, BvhFixes(), body=body), lying)
    )
    assert stands > 1.2
    assert lies < 0.8


@pytest.mark.parametrize(("factor", "unit"), [(1.0, Unit.METRE), (1000.0, Unit.MILLIMETRE), (1 / 0.0254, Unit.INCH)])
def test_dd3_units_are_guessed_from_the_legs_and_travel_can_be_kept(body, upright_clip, factor, unit) -> None:
    clip = read_bvh(in_other_axes(upright_clip, np.eye(3), rest=True, unit=factor))
    found = guess(clip)
    assert found.unit is unit
    assert found.leg * unit.value == pytest.approx(0.84, abs=0.15)
    measured = placed_motion(clip, found, BvhFixes(travel=Travel.MEASURED), body=body)
    assert np.ptp(measured.translation[:, 2]) == pytest.approx(1.0, abs=0.02), "one metre in the file is one metre here"
    doubled = placed_motion(clip, found, BvhFixes(unit=Unit.METRE, travel=Travel.MEASURED), body=body)
    assert np.ptp(doubled.translation[:, 2]) == pytest.approx(factor, rel=0.02)


def test_a_skeleton_without_legs_is_refused_with_a_sentence(tmp_path: Path) -> None:
    text = bvh_text(
        ["Box", "Lid"], [-1, 0], np.array([[0, 0, 0], [0, 10.0, 0]]), np.zeros((2, 2, 3)), np.zeros((2, 3)),
        orders=["ZXY"] * 2,
    )  # fmt: skip
    with pytest.raises(RetargetError, match="no left hip"):
        guess(read_bvh(text))
    file = tmp_path / "Kiste ü.bvh"
    file.write_text(text)
    with pytest.raises(ImportFileError, match=r"^“Kiste ü.bvh” cannot be imported: .*\.$"):
        Reader(30, None, lambda: load_body("genmo-free")).read(file)


def write_npz(path: Path, **arrays) -> Path:
    np.savez_compressed(path, **arrays)
    return path


def test_dd1_amass_and_own_takes_come_in_upright_at_the_projects_rate(body, tmp_path: Path) -> None:
    motion = walking(60)
    own = tmp_path / "take.npz"
    own.write_bytes(motion.to_bytes())
    amass = write_npz(tmp_path / "amass.npz", **amass_arrays(motion, body, ExportOptions(up=UpAxis.Z)))
    for file, style in ((own, "take of the studio"), (amass, "AMASS-style")):
        assert npz_frames(file) == (60, 30.0)
        found = read_npz(file)
        assert found.style == style
        made = found.to_motion(body, fps=30)
        np.testing.assert_allclose(joint_positions(made, body), joint_positions(motion, body), atol=1e-4)
        slow = found.to_motion(body, fps=15)
        np.testing.assert_allclose(joint_positions(slow, body), joint_positions(motion, body)[::2], atol=1e-4)
    plain = amass_arrays(motion, body, ExportOptions(up=UpAxis.Y))
    del plain["up_axis"], plain["mocap_frame_rate"], plain["mocap_framerate"]
    lying = read_npz(write_npz(tmp_path / "plain.npz", **plain))
    assert not lying.up_known
    assert not lying.rate_known
    wrong, right = (joint_positions(lying.to_motion(body, fps=30, up=up), body) for up in (None, UpAxis.Y))
    head = INDEX["head"]
    assert wrong[0, head, 1] - wrong[0, 0, 1] < 0.2 < right[0, head, 1] - right[0, 0, 1], "DD3: the fix stands it up"


def hostile(kind: str, path: Path) -> Path:
    poses, trans = np.zeros((5, 156)), np.zeros((5, 3))
    match kind:
        case "pickle":
            np.savez(path, poses=np.array([{"a": 1}] * 5, dtype=object), trans=trans)
        case "claims more than it holds":
            header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 156), }\n"
            data = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
            with zipfile.ZipFile(path, "w") as archive:
                archive.writestr("poses.npy", data)
        case "unpacks to gigabytes":
            np.savez_compressed(path, poses=poses, trans=trans)
            data = bytearray(path.read_bytes())
            size = data.index(b"PK\x01\x02") + 24  # unpacked size in the archive's list
            data[size : size + 4] = (0xF0000000).to_bytes(4, "little")
            path.write_bytes(data)
        case "cut off":
            np.savez(path, poses=poses, trans=trans)
            path.write_bytes(path.read_bytes()[:300])
        case "not a number":
            np.savez(path, poses=poses * np.nan, trans=trans, mocap_frame_rate=30.0)
        case "shapes":
            np.savez(path, poses=poses, trans=np.zeros((4, 3)), mocap_frame_rate=30.0)
        case "no frames":
            np.savez(path, poses=poses[:0], trans=trans[:0], mocap_frame_rate=30.0)
        case "rate":
            np.savez(path, poses=poses, trans=trans, mocap_frame_rate=np.array("fast"))
        case "nothing of a body":
            np.savez(path, weights=np.zeros(3))
        case "text":
            path.write_text("no archive at all")
    return path


KINDS = ("pickle", "claims more than it holds", "cut off", "not a number", "shapes", "no frames", "rate",
         "nothing of a body", "text", "unpacks to gigabytes")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_dd1_hostile_npz_are_refused_with_one_sentence(kind: str, tmp_path: Path) -> None:
    path = hostile(kind, tmp_path / "动作.npz")
    with pytest.raises(NpzError) as caught:
        read_npz(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")
    with pytest.raises(ImportFileError, match=r"^[^\n]*\.$"):
        Reader(30, None, lambda: load_body("genmo-free")).read(path)


def test_subtitles_and_lines() -> None:
    text = (
        "1\r\n00:00:01,500 --> 00:00:03,000\r\n<i>a person</i>\r\nwalks\r\n\r\n"
        "2\n00:00:00.250 --> 00:00:01.000\n{\\an8}jumps\n\nnonsense\n3\n00:00:09,000 --> 00:00:08,000\nbackwards\n"
        "4\n00:01:00,000 --> 00:01:02,000\nturns"
    )
    assert subtitles(text) == (
        Segment("jumps", 0.25, 1.0),
        Segment("a person walks", 1.5, 3.0),
        Segment("turns", 60.0, 62.0),
    )
    assert [s.text for s in lines("a person  walks\n\n  sits down \n")] == ["a person walks", "sits down"]
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert decoded("füßig".encode(encoding)) == "füßig"


def test_text_files_that_are_none_are_refused(tmp_path: Path) -> None:
    for name, data in (
        ("leer.txt", b" \n"),
        ("bild.txt", b"GIF89a\0\0"),
        ("x.srt", b"only words"),
        ("a.txt", b"a\n" * 2000),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(TextError, match=name):
            read_segments(tmp_path / name)


@given(st.text(max_size=300))
def test_any_text_gives_ordered_segments_with_words(text: str) -> None:
    for segment in (*lines(text), *subtitles(text), *subtitles(f"00:00:01,0 --> 00:00:02,5\n{text}")):
        assert segment.text == " ".join(segment.text.split())
        assert segment.text
        if segment.start is not None:
            assert segment.stop is not None
            assert segment.stop > segment.start


def test_dd2_folders_are_opened_to_a_bound_and_the_unusable_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "Ordner 日本"
    deep = folder / "b" / "c" / "d" / "e"
    deep.mkdir(parents=True)
    for name in ("b/walk.bvh", "b/c/song.ogg", "notes.pdf", ".hidden.mp4", "a.srt", "b/c/d/e/far.wav", "other.genmo"):
        (folder / name).touch()
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    figure = tmp_path / "figure.fbx"
    figure.touch()
    single = folder / "a.srt"
    found = collect([folder, figure, single, tmp_path / "noch.xyz"])
    assert [file.name for file in found.files] == ["a.srt", "walk.bvh", "song.ogg"]
    assert found.refused[0] == "2 other files in “Ordner 日本” were left out."
    assert "BVH" in found.refused[1]
    assert "figure.fbx" in found.refused[1]
    assert "noch.xyz" in found.refused[2]


def test_dd1_a_quick_look_knows_the_length_and_never_raises(body, tmp_path: Path, upright_clip) -> None:
    motion = tmp_path / "gehen ü.bvh"
    motion.write_text(in_other_axes(upright_clip, np.eye(3), rest=True))
    seen = look(motion, fps=60)
    assert (seen.frames, seen.source_frames, seen.source_fps) == (47, FRAMES, pytest.approx(30, abs=0.01))
    read = Reader(60, tmp_path, lambda: body).read(motion)
    assert read.take is not None
    assert (read.take.span.length, read.take.model, read.take.name) == (47, "import", "Imported from gehen ü.bvh")
    assert read.blob is not None
    fixed = Reader(60, tmp_path, lambda: body).read(motion, fixes=Fixes(up=FileUp.Z))
    assert fixed.take is not None
    assert fixed.take.blob != read.take.blob
    for name in ("kaputt.mp4", "kaputt.bvh", "kaputt.npz", "kaputt.srt", "kaputt.ogg", "kaputt.fbx"):
        (tmp_path / name).write_bytes(b"\x00\x01 nothing of use" * 50)
        problem = look(tmp_path / name, fps=30).problem
        assert name in problem
        assert problem.endswith(".")
    assert "fehlt.wav" in look(tmp_path / "fehlt.wav", fps=30).problem


def test_dd3_a_motion_can_go_on_where_the_result_stands(body) -> None:
    before, after = walking(40), walking(30)
    shown = ShownMotion(moved_to(before, Anchor(2.0, -1.0, 1.2), body), 10, (Span(10, 50),))
    assert anchor_before(shown, 10, body) is None, "nothing is shown before its first frame"
    anchor = anchor_before(shown, 50, body)
    assert anchor is not None
    assert anchor.heading == pytest.approx(1.2, abs=1e-5)
    moved = moved_to(after, anchor, body)
    start = joint_positions(moved, body)[0, 0]
    np.testing.assert_allclose(start[[0, 2]], joint_positions(shown.motion, body)[-1, 0, [0, 2]], atol=1e-5)
    ours, theirs = joint_positions(moved, body), joint_positions(after, body)
    np.testing.assert_allclose(ours[..., 1], theirs[..., 1], atol=1e-5, err_msg="heights stay")
    step = ours[-1, 0] - ours[0, 0]
    assert np.arctan2(step[0], step[2]) == pytest.approx(1.2, abs=0.01), "it walks on where the body faces"
