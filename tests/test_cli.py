"""The command line in processes of its own and in this one: files, reports, exit codes and sentences."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import msgspec
import numpy as np
import pytest

from genmo_studio import cli
from genmo_studio.cli.project import shown_result
from genmo_studio.document.model import (
    Document,
    GenerationSettings,
    MediaKind,
    MediaRef,
    PoseKey,
    Track,
    TrackKind,
    VideoClip,
    Waypoint,
)
from genmo_studio.document.storage import load
from genmo_studio.document.time import Span
from genmo_studio.motion.regions import region_joints
from genmo_studio.motion.skeleton import JOINTS

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = [sys.executable, "-c", "import sys; from genmo_studio.app import main; sys.exit(main())"]
SHARED = ROOT.parent / "shared"


def pose(frame: int, **rotations: tuple[float, float, float]) -> PoseKey:
    full = {**dict.fromkeys(JOINTS[:22], (0.0, 0.0, 0.0)), **rotations}
    return PoseKey(id=f"pose{frame}", frame=frame, rotations=full, root_position=(0.0, 0.9, frame / 30))


@pytest.fixture
def project(tmp_path: Path, model: Path) -> Path:
    """Two seconds with two full keys and a waypoint, as another program would write it."""
    keys = (pose(0), pose(45, left_elbow=(0.0, -1.2, 0.0), head=(0.2, 0.3, 0.0)))
    document = Document(
        id="d",
        name="Test",
        length=60,
        tracks=(
            Track(id="k", kind=TrackKind.FULL_KEYS, name="Poses", items=keys),
            Track(id="p", kind=TrackKind.PATH, name="Path", items=(Waypoint(id="w", frame=59, position=(0.5, 2.0)),)),
        ),
        generation=GenerationSettings(model=str(model), steps=6),
    )
    (tmp_path / "project.json").write_bytes(msgspec.json.encode(document))
    return tmp_path / "project.json"


def genmo(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the program as a user without a display does."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        cwd=cwd or ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_generate_makes_a_part_of_the_result_anew_and_leaves_the_rest_bit_identical(project: Path) -> None:
    first, second, npz, report = (project.parent / name for name in ("1.genmo", "2.genmo", "whole.npz", "r.json"))
    assert genmo("generate", project, "-o", first, "--draft").returncode == 0
    parts = ("--regenerate", "20:35", "--region", "upper", "--region", "left_leg", "--seed", "9")
    done = genmo("generate", first, "-o", second, "-o", npz, "--draft", *parts, "--report", report)
    assert done.returncode == 0, done.stderr
    before, after = load(first), load(second)
    take = after.document.takes[-1]
    assert take.base == before.document.takes[0].blob
    assert [(piece.span, piece.take) for piece in after.document.result] == [
        (Span(0, 20), before.document.takes[0].id),
        (Span(20, 35), take.id),
        (Span(35, 60), before.document.takes[0].id),
    ]
    old, new = shown_result(before).motion, shown_result(after).motion
    fresh = np.zeros((60, 24), bool)
    fresh[20:35, sorted(region_joints(("upper", "left_leg")))] = True
    assert new.rotations[~fresh].tobytes() == old.rotations[~fresh].tobytes()
    assert new.translation.tobytes() == old.translation.tobytes()
    assert not np.array_equal(new.rotations[fresh], old.rotations[fresh])
    written = json.loads(report.read_text())
    assert next(output["frames"] for output in written["outputs"] if "frames" in output) == 60
    loop = genmo("generate", second, "-o", npz, "--draft", "--regenerate", "10:50", "--loop", "in_place")
    assert loop.returncode == 0, loop.stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--region", "upper"), "--regenerate A:B"),
        (("--regenerate", "5:2"), "--regenerate 5:2 is no span"),
        (("--regenerate", "0:9", "--span", "0:9"), "leave --span out"),
        (("--regenerate", "0:9", "--loop", "in_place", "--region", "upper"), "leave --region out"),
        (("--regenerate", "0:9"), "There is no motion"),
    ],
)
def test_what_cannot_be_made_anew_is_said_in_a_sentence(options, sentence, project: Path, capsys) -> None:
    assert cli.main(["generate", str(project), "-o", str(project.parent / "x.npz"), *options]) == 1
    assert sentence in capsys.readouterr().err


def test_generate_writes_every_format_and_a_report_without_a_display(project: Path) -> None:
    folder = project.parent
    names = ["a.glb", "a.bvh", "a.npz", "a.mp4", "a.genmo"]
    outputs = [word for name in names for word in ("-o", folder / name)]
    done = genmo("generate", project, *outputs, "--size", "160x90", "--report", folder / "r.json", "--seed", 3)
    assert done.returncode == 0, done.stderr
    report = json.loads((folder / "r.json").read_text())
    written = {Path(output["path"]).name: output for output in report["outputs"]}
    assert set(names) <= set(written)
    assert all(written[name]["max_joint_error_m"] < 1e-3 for name in names[:3])
    assert written["a.mp4"]["frames"] == 60
    assert report["device"] in {"cpu", "cuda"}
    assert report["model"] == "tiny"
    assert report["seed"] == 3
    assert report["steps"] == 6
    assert report["frames"] == 60
    assert report["seconds"]["total"] > report["seconds"]["denoising"] > 0
    assert any("skate" in name for name in report)
    assert any("key" in name for name in report)
    saved = load(folder / "a.genmo")
    assert [take.seed for take in saved.document.takes] == [3]
    assert saved.document.result[0].span.length == 60


def test_what_could_not_be_used_stands_in_the_report(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project.parent)
    document = msgspec.json.decode(project.read_bytes(), type=Document)
    clip = VideoClip(id="v", span=Span(0, 60), media="m", source=Span(0, 60))
    document = msgspec.structs.replace(
        document,
        tracks=(*document.tracks, Track(id="t", kind=TrackKind.VIDEO, name="Video", items=(clip,))),
        media=(MediaRef(id="m", kind=MediaKind.VIDEO, name="gone.mp4", relative_path="gone.mp4"),),
    )
    project.write_bytes(msgspec.json.encode(document))
    assert cli.main(["generate", str(project), "--report", "r.json", "--draft"]) == 0
    (note,) = json.loads(Path("r.json").read_text())["notes"]
    assert "gone.mp4" in note
    assert note in capsys.readouterr().err


def test_a_project_too_long_for_one_generation_is_refused_before_anything_is_loaded(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = msgspec.json.decode(project.read_bytes(), type=Document)
    project.write_bytes(msgspec.json.encode(msgspec.structs.replace(document, length=1_000_000)))
    assert cli.main(["generate", str(project), "-o", str(project.parent / "a.npz")]) == 1
    assert "Generate a shorter span" in capsys.readouterr().err


def test_the_same_request_gives_the_same_bytes_and_another_seed_others(project: Path) -> None:
    folder = project.parent
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        done = genmo("generate", project, "-o", folder / f"{name}.bvh", "--seed", seed, "--span", ":45")
        assert done.returncode == 0, done.stderr
    a, b, c = ((folder / f"{name}.bvh").read_bytes() for name in "abc")
    assert a == b
    assert a != c


def test_a_draft_then_export_and_render_of_the_saved_project(project: Path) -> None:
    folder = project.parent
    assert genmo("generate", project, "-o", folder / "p.genmo", "--draft").returncode == 0
    exported = genmo("export", folder / "p.genmo", "-o", folder / "part.npz", "--span", "10:40")
    assert exported.returncode == 0, exported.stderr
    with np.load(folder / "part.npz") as file:
        assert file["poses"].shape == (30, 156)
    drawn = genmo("render", folder / "p.genmo", "-o", folder / "still.png", "--frame", 5, "--size", "96x64")
    assert drawn.returncode == 0, drawn.stderr
    assert (folder / "still.png").read_bytes().startswith(b"\x89PNG")
    told = genmo("info", folder / "p.genmo")
    assert "Take 1: 0:60" in told.stdout


def test_ctrl_c_cancels_cleanly(project: Path) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "generate", str(project), "-o", str(project.parent / "a.npz"), "--steps", "1000"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    seen = ""
    while "denoising" not in seen:
        line = process.stderr.readline()
        assert line, f"ended too early: {seen}"
        seen += line
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert "cancelled" in rest
    assert "Traceback" not in rest
    assert sorted(path.name for path in project.parent.iterdir()) == ["project.json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("generate", "gone.genmo", "-o", "a.npz"), "There is no file"),
        (("generate", "{project}", "-o", "a.fbx"), "no format that can be written"),
        (("generate", "{project}"), "Nothing would be written"),
        (("generate", "{project}", "-o", "nowhere/a.npz"), "does not exist"),
        (("generate", "{project}", "-o", "a.npz", "--span", "50:900"), "no span of this project"),
        (("generate", "{project}", "-o", "a.npz", "--model", "nobody"), 'no model called "nobody"'),
        (("generate", "{project}", "-o", "a.npz", "--steps", "0"), "number of steps"),
        (("generate", "{project}", "-o", "a.png", "--size", "big"), "is no size"),
        (("export", "{project}", "-o", "a.npz"), "no motion yet"),
        (("render", "{project}", "-o", "a.npz"), "no film or picture"),
        (("info", "{folder}"), "folder"),
        (("data", "prepare", "gone", "-o", "out"), "is not a folder"),
        (("check-reference", "gone.ckpt", "gone.npz"), "gone.ckpt"),
    ],
)
def test_what_cannot_be_done_ends_in_one_sentence(
    arguments: tuple[str, ...],
    said: str,
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(project.parent)
    names = {"project": str(project), "folder": str(project.parent)}
    assert cli.main([word.format(**names) for word in arguments]) == 1
    out, err = capsys.readouterr()
    last = err.strip().splitlines()[-1]
    assert last.startswith("genmo-studio: ")
    assert said in last
    assert "Traceback" not in out + err
    assert sorted(path.name for path in project.parent.iterdir()) == ["project.json"]


def test_wrong_usage_is_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["generate"], ["nonsense"], ["schema", "--bogus"], []):
        with pytest.raises(SystemExit) as stopped:
            cli.main(arguments)
        assert stopped.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for name in cli.COMMANDS:
        with pytest.raises(SystemExit) as stopped:
            cli.main([name, "--help"])
        assert stopped.value.code == 0
        assert "usage: " in capsys.readouterr().out


def test_the_printed_schema_accepts_a_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.validate(json.loads(project.read_text()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"id": "d", "name": "n", "length": "long"}, schema)


@pytest.mark.skipif(not (SHARED / "reference").is_dir(), reason="the reference vectors are not on this machine")
def test_reference_vectors_agree(capsys: pytest.CaptureFixture[str]) -> None:
    folder = SHARED / "reference"
    assert cli.main(["check-reference", str(folder / "gem_tiny.ckpt"), str(folder / "gem_tiny.npz")]) == 0
    errors = dict(line.split()[:2] for line in capsys.readouterr().out.splitlines())
    assert {"out", "est", "t400", "ddim50", "dec", "world"} <= set(errors)
    assert max(map(float, errors.values())) <= 1e-4
