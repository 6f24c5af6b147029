"""Whatever is on disk: the loader either opens a valid project or ends in one typed sentence."""

import hashlib
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from random import Random
from typing import Any

import pytest
from document_cases import BLOBS, Plain, assert_valid, plain, random_document, randoms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genmo_studio.document.container import Limits
from genmo_studio.document.storage import StorageError, file_bytes, load, save

GOOD = file_bytes(random_document(Random(4)), takes=BLOBS)
SETTINGS = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


def opens_or_says_why(path: Path, data: bytes, *, limits: Limits | None = None) -> str | None:
    """Load; None when a valid project came out, else the sentence. Anything but StorageError fails the test."""
    path.write_bytes(data)
    try:
        loaded = load(path, limits=limits)
    except StorageError as error:
        sentence = str(error)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert len(sentence) < 600
        return sentence
    assert_valid(loaded.document)
    assert {take.blob for take in loaded.document.takes} <= set(loaded.takes)
    save(path.with_suffix(".again"), loaded.document, takes=loaded.takes)  # what opens can also be saved
    return None


@given(randoms())
@SETTINGS
def test_flipped_bits(tmp_path: Path, rng: Random) -> None:
    data = bytearray(GOOD)
    for _ in range(rng.choice([1, 1, 2, 20])):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    opens_or_says_why(tmp_path / "x.genmo", bytes(data))


@pytest.mark.parametrize("part", range(64))
def test_truncation_at_every_64th(tmp_path: Path, part: int) -> None:
    assert opens_or_says_why(tmp_path / "x.genmo", GOOD[: len(GOOD) * part // 64])


def packed(members: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def unpacked(data: bytes = GOOD) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


ODD: list[Any] = [
    None, True, -1, 0, 2**31, 2**63, 2**200, 0.5, 1e308, "", "x" * 5000, "\0", "../../etc/passwd", [], [[]], {},
    {"id": "a"}, {"start": 5, "stop": 1}, {"start": -5, "stop": 5}, {"start": 0, "stop": 2**40}, [1, 2],
    "🕺", "clip",
]  # fmt: skip


def damaged(rng: Random, value: Any) -> Any:
    """One place of the data dropped, retyped, doubled or moved."""
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key, child in list(node.items()) if isinstance(node, dict) else list(enumerate(node)):
            places.append((node, key))
            if isinstance(child, dict | list):
                walk(child)

    walk(value)
    node, key = rng.choice(places)
    match rng.randrange(5):
        case 0:
            del node[key]
        case 1 if isinstance(node, list):
            node.append(node[key])  # the same id twice
        case 2:
            other, name = rng.choice(places)
            node[key] = json.loads(json.dumps(other[name])) if name in other or isinstance(other, list) else None
        case _:
            node[key] = rng.choice(ODD)
    return value


@given(randoms(), st.booleans())
@SETTINGS
def test_dropped_retyped_and_doubled_fields(tmp_path: Path, rng: Random, in_container: bool) -> None:
    project: Plain = plain(random_document(rng, most=2))
    for _ in range(rng.choice([1, 1, 1, 3])):
        damaged(rng, project)
    text = json.dumps(project).encode()
    if in_container:
        opens_or_says_why(tmp_path / "x.genmo", packed({**unpacked(), "project.json": text}))
    else:
        opens_or_says_why(tmp_path / "x.json", text)


@given(randoms())
@SETTINGS
def test_a_damaged_manifest_and_old_projects_damaged(tmp_path: Path, rng: Random) -> None:
    members = unpacked()
    manifest = damaged(rng, json.loads(members["manifest.json"]))
    opens_or_says_why(tmp_path / "x.genmo", packed({**members, "manifest.json": json.dumps(manifest).encode()}))
    golden = Path(__file__).parent / "data" / "golden" / "project_0_9.json"
    old = damaged(rng, json.loads(golden.read_text(encoding="utf-8")))
    opens_or_says_why(tmp_path / "y.json", json.dumps(old).encode())


@pytest.mark.parametrize(
    "text",
    [
        '{"id": "p", "name": "p", "length": NaN}',
        '{"id": "p", "name": "p", "length": 1e999}',
        '{"id": "p", "name": "p", "length": 3.5}',
        '{"id": "p", "name": "p", "generation": {"guidance": 1e999}}',
        '{"id": "p", "name": "\\ud800"}',
        '{"id": "p", "name": "p", "x": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"id": "p", "name": "p", "x": ' + '{"x":' * 200 + "1" + "}" * 200 + "}",
        '{"id": "p", "name": "p", "length": ' + "9" * 5000 + "}",
        '{"id": "p", "name": "p", "tracks": [{"id": "t", "kind": "text", "name": "", "items": [{"type": "bomb"}]}]}',
        '{"id": "p"}',
        '{"id": "p", "name": "p"',
        '{"schema": 1, "id": "p", "name": "p"}',
        '{"schema": "1.٣", "id": "p", "name": "p"}',
    ],
)
def test_projects_that_are_no_projects(tmp_path: Path, text: str) -> None:
    sentence = opens_or_says_why(tmp_path / "x.json", text.encode())
    assert sentence is not None
    assert "cannot be opened, because" in sentence


def test_many_faults_at_once_are_repaired_and_reported(tmp_path: Path) -> None:
    project = plain(random_document(Random(4), most=3))
    project.update(length=-5, fps=0, in_out={"start": 9, "stop": 3})
    project["body"]["betas"] = [1.0]
    project["generation"]["steps"] = 0
    project["generation"]["seed"] = 2**40
    project["media"].append({**project["media"][0]})
    project["tracks"][0]["items"][0]["media"] = "nobody"
    texts = project["tracks"][2]["items"]
    texts.append({**texts[0], "span": {"start": 7, "stop": 7}, "id": "e"})
    project["tracks"][3]["items"][0]["id"] = texts[0]["id"]
    for start, stop, take in ((5, 30, "y"), (50, 70, "y"), (0, 9, "nobody")):
        project["result"].append({"span": {"start": start, "stop": stop}, "take": take})
    project["markers"][0]["colour"] = "javascript:"
    path = tmp_path / "x.genmo"
    assert opens_or_says_why(path, packed({**unpacked(), "project.json": json.dumps(project).encode()})) is None
    assert (load(path).document.generation.steps, load(path).document.generation.seed) == (20, 2**40)
    report = "\n".join(load(path).report)
    expected = (
        "changed outside", "length was -5", "frame rate was 0", "in and out", "body was reset", "generation were",
        "Media files: 1", "not in the project", "holds no frame", "another track", "overlapped", "result: 2 left",
    )  # fmt: skip
    assert [words for words in expected if words not in report] == []


# -- zip attacks -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../evil", "motions/../../evil.npz", "/etc/passwd", "..\\evil", "C:/evil", "a/b/../../../c", "\\\\host\\x"]
)
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str) -> None:
    sentence = opens_or_says_why(tmp_path / "x.genmo", packed({**unpacked(), name: b"x"}))
    assert sentence is not None
    assert "outside of it" in sentence


def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    data = packed({**unpacked(), "project.jsom": b"{}"}).replace(b"project.jsom", b"project.json")
    sentence = opens_or_says_why(tmp_path / "x.genmo", data)
    assert sentence is not None
    assert "twice" in sentence


def test_zip_bombs_are_refused_before_they_expand(tmp_path: Path) -> None:
    bomb = packed({**unpacked(), "project.json": b" " * (64 << 20)})
    assert "expands more than" in (opens_or_says_why(tmp_path / "x.genmo", bomb) or "")
    small = Limits(project=1000, motion=2000, total=10_000, members=20)
    assert "larger than" in (opens_or_says_why(tmp_path / "x.genmo", GOOD, limits=small) or "")
    many = packed({**unpacked(), **{f"n{number}": b"" for number in range(30)}})
    assert "members" in (opens_or_says_why(tmp_path / "x.genmo", many, limits=Limits(members=20)) or "")
    total = packed({**unpacked(), **{f"motions/{n:064x}.npz": b"x" * 500 for n in range(9)}}, compression=0)
    limits = Limits(manifest=5000, project=20_000, motion=600, total=4000)
    assert "expand" in (opens_or_says_why(tmp_path / "x.genmo", total, limits=limits) or "")
    (tmp_path / "big.json").write_bytes(b" " * 2000)
    assert "larger than" in (opens_or_says_why(tmp_path / "big.json", b" " * 2000, limits=small) or "")


def test_a_member_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    """The directory says 10 bytes, the stream holds a mebibyte."""
    members = unpacked()
    data = bytearray(packed({**members, "project.json": b" " * (1 << 20)}))
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"project.json"))
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)
    data[entry + 16 : entry + 20] = struct.pack("<I", zlib.crc32(b" " * 10))
    assert opens_or_says_why(tmp_path / "x.genmo", bytes(data)) is not None


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_packing_and_encryption_are_refused(tmp_path: Path, method: int) -> None:
    assert "packed in a way" in (opens_or_says_why(tmp_path / "x.genmo", packed(unpacked(), compression=method)) or "")
    data = bytearray(GOOD)
    entry = data.rindex(b"PK\x01\x02", 0, data.rindex(b"project.json"))
    data[entry + 8] |= 1
    assert "packed in a way" in (opens_or_says_why(tmp_path / "x.genmo", bytes(data)) or "")


def test_a_zip_that_is_no_project_and_an_exe_that_is_a_zip(tmp_path: Path) -> None:
    assert "manifest.json is missing" in (opens_or_says_why(tmp_path / "x.genmo", packed({"a": b"b"})) or "")
    assert "not a GENMO Studio" in (opens_or_says_why(tmp_path / "x.genmo", packed({"manifest.json": b"{}"})) or "")
    assert opens_or_says_why(tmp_path / "x.genmo", b"MZ" + GOOD) is not None


def test_a_damaged_take_costs_that_take_only(tmp_path: Path) -> None:
    members = unpacked()
    first, second = sorted(BLOBS)
    members[f"motions/{first}.npz"] = b"other bytes"
    path = tmp_path / "x.genmo"
    assert opens_or_says_why(path, packed({**members, "notes.txt": b"hello"})) is None
    loaded = load(path)
    assert [take.blob for take in loaded.document.takes] == [second]
    assert dict(loaded.takes) == {second: BLOBS[second]}
    assert hashlib.sha256(loaded.takes[second]).hexdigest() == second
    assert any("notes.txt" in sentence for sentence in loaded.report)
    assert any("missing or damaged" in sentence for sentence in loaded.report)
