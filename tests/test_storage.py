"""Project files: identity, golden files of every schema, and saves that are interrupted at every step."""

import contextlib
import errno
import json
import math
import os
import stat
import zipfile
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from document_cases import BLOBS, assert_valid, plain, random_document, randoms
from hypothesis import HealthCheck, given, settings

from genmo_studio.document import edits, schema, validation
from genmo_studio.document.durable import FileLayer, backup_path
from genmo_studio.document.migrations import CHAIN, Migration, migrated
from genmo_studio.document.model import Document, PoseKey, TextClip, TrackKind
from genmo_studio.document.queries import MAX_FRAMES, find_item, in_order
from genmo_studio.document.storage import SaveInfo, StorageError, load, save
from genmo_studio.document.time import Span
from genmo_studio.document.validation import MAX_ID, MAX_METRES, MAX_RADIANS

GOLDEN = Path(__file__).parent / "data" / "golden"
INFO = SaveInfo(created="2026-01-01T00:00:00Z", saved="2026-01-02T00:00:00Z", edits=12)


@given(randoms())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_save_load_save_is_the_identity(tmp_path: Path, rng: Any) -> None:
    document = random_document(rng)
    first, second = tmp_path / "a.genmo", tmp_path / "b.genmo"
    save(first, document, takes=BLOBS, info=INFO, thumb=b"picture")
    loaded = load(first)
    assert loaded.document == document
    assert loaded.takes == BLOBS
    assert (loaded.report, loaded.info, loaded.thumb, loaded.newer) == ((), INFO, b"picture", None)
    save(second, loaded.document, takes=loaded.takes, info=loaded.info, thumb=loaded.thumb)
    assert first.read_bytes() == second.read_bytes()


def test_a_file_is_a_readable_zip_that_obeys_the_published_schema(tmp_path: Path) -> None:
    document = random_document(Random(4))
    save(tmp_path / "a.genmo", document, takes=BLOBS, info=INFO)
    with zipfile.ZipFile(tmp_path / "a.genmo") as archive:
        assert archive.testzip() is None
        project = json.loads(archive.read("project.json"))
        manifest = json.loads(archive.read("manifest.json"))
        motions = {archive.read(name) for name in archive.namelist() if name.startswith("motions/")}
    assert motions == set(BLOBS.values())
    jsonschema.validate(project, schema.json_schema())
    assert list(project) == sorted(project)
    assert project == {**plain(document), "schema": "1.1"}
    assert (manifest["schema"], manifest["project"], manifest["edits"]) == ("1.1", "project", 12)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**project, "tracks": 3}, schema.json_schema())


def test_a_plain_project_json_opens(tmp_path: Path) -> None:
    path = tmp_path / "project.json"
    path.write_text(
        '{"id": "p", "name": "by hand", "lenght": 90, "tracks": [{"id": "t", "kind": "text", "name": "T",'
        ' "items": [{"type": "text", "id": "b", "span": {"start": 50, "stop": 60}, "text": "late"},'
        ' {"type": "text", "id": "a", "span": {"start": 0, "stop": 60}, "text": "a person walks"}]}]}'
    )
    loaded = load(path)
    assert [item.id for item in loaded.document.tracks[0].items] == ["a", "b"]
    assert loaded.report == ("1 unknown field(s) were ignored: lenght.",)
    assert_valid(loaded.document)


def test_takes_of_a_plain_project_lie_beside_it_and_missing_ones_are_reported(tmp_path: Path) -> None:
    document = random_document(Random(4))
    (tmp_path / "project.json").write_bytes(schema.encode(document))
    (tmp_path / "motions").mkdir()
    present, missing = document.takes
    (tmp_path / "motions" / f"{present.blob}.npz").write_bytes(BLOBS[present.blob])
    loaded = load(tmp_path / "project.json")
    assert loaded.document.takes == (present,)
    assert all(piece.take == present.id for piece in loaded.document.result)
    assert len(loaded.report) == 2
    assert missing.name in loaded.report[0]
    (tmp_path / "motions" / f"{missing.blob}.npz").write_bytes(b"something else")
    assert load(tmp_path / "project.json").document.takes == (present,)  # checked by its hash


# -- versions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["project_0_9.json", "project_1_0.json"])
def test_golden_files_of_every_schema_open_as_they_always_did(name: str) -> None:
    raw = json.loads((GOLDEN / name).read_text(encoding="utf-8"))
    document = schema.decode(raw, schema.parse_version(raw["schema"]))
    assert plain(document) == json.loads((GOLDEN / f"{Path(name).stem}.expected.json").read_text(encoding="utf-8"))
    loaded = load(GOLDEN / name)
    assert_valid(loaded.document)
    assert find_item(loaded.document, "t2") is not None


def test_a_golden_container_opens_as_it_always_did() -> None:
    loaded = load(GOLDEN / "project_1_0.genmo")
    expected = json.loads((GOLDEN / "project_1_0.expected.json").read_text(encoding="utf-8"))
    assert plain(loaded.document) == expected
    assert loaded.takes == BLOBS
    assert loaded.report == ()


def test_migrations_run_in_order_from_where_a_file_is() -> None:
    def step(name: str) -> Any:
        return lambda raw: {**raw, "steps": [*raw.get("steps", []), name]}

    chain = (Migration((1, 0), (1, 1), step("a")), Migration((1, 1), (2, 0), step("b")))
    assert migrated({}, (1, 0), chain=chain) == {"steps": ["a", "b"]}
    assert migrated({}, (1, 1), chain=chain) == {"steps": ["b"]}
    assert migrated({}, (2, 0), chain=chain) == {}
    with pytest.raises(LookupError):
        migrated({}, (0, 1), chain=chain)
    assert all(a.target == b.source for a, b in pairwise(CHAIN))


def _with_schema(path: Path, version: str, **extra: Any) -> Path:
    """Rewrite a saved file as another version would have written it."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = {**json.loads(members["manifest.json"]), "schema": version}
    project = {**json.loads(members["project.json"]), "schema": version, **extra}
    members["manifest.json"], members["project.json"] = json.dumps(manifest).encode(), json.dumps(project).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_newer_minor_version_opens_and_keeps_what_is_not_known(tmp_path: Path) -> None:
    document = random_document(Random(4))
    tracks = plain(document)["tracks"]
    tracks[2]["groove"] = [1, 2]
    tracks[2]["items"][0]["mood"] = {"deep": None}
    save(tmp_path / "a.genmo", document, takes=BLOBS)
    path = _with_schema(tmp_path / "a.genmo", "1.7", tracks=tracks, weather="rain")
    loaded = load(path)
    assert loaded.document == document
    assert any("newer GENMO Studio made this file (format 1.7)" in sentence for sentence in loaded.report)
    changed = edits.compose(edits.move_track("t1", 0), edits.rename_project("changed"))(loaded.document)
    save(path, changed, takes=loaded.takes, info=loaded.info, newer=loaded.newer)
    with zipfile.ZipFile(path) as archive:
        project = json.loads(archive.read("project.json"))
        assert json.loads(archive.read("manifest.json"))["schema"] == "1.7"
    assert (project["weather"], project["name"], project["schema"]) == ("rain", "changed", "1.7")
    assert project["tracks"][0]["groove"] == [1, 2]
    assert project["tracks"][0]["items"][0]["mood"] == {"deep": None}


@pytest.mark.parametrize(
    ("version", "words"),
    [("2.0", "newer GENMO Studio .format 2.0.*up to 1.x"), ("0.3", "never released"), ("x", "which")],
)
def test_versions_that_cannot_be_read_are_refused(tmp_path: Path, version: str, words: str) -> None:
    save(tmp_path / "a.genmo", random_document(Random(4)), takes=BLOBS)
    path = _with_schema(tmp_path / "a.genmo", version)
    before = path.read_bytes()
    with pytest.raises(StorageError, match=words):
        load(path)
    assert path.read_bytes() == before


def test_the_first_save_over_an_older_schema_keeps_the_original(tmp_path: Path) -> None:
    document = random_document(Random(4))
    path = tmp_path / "old.genmo"
    old = json.loads((GOLDEN / "project_0_9.json").read_text(encoding="utf-8"))
    save(path, document, takes=BLOBS)
    original = _with_schema(path, "0.9", **old).read_bytes()
    loaded = load(path)
    assert loaded.version == (0, 9)
    save(path, loaded.document, takes=loaded.takes)
    save(path, loaded.document, takes=loaded.takes, info=INFO)
    assert (tmp_path / "old (schema 0.9).genmo").read_bytes() == original
    assert load(path).version == (1, 1)


# -- interrupted saves -------------------------------------------------------------------------------------------------

OPERATIONS = ["write_new", "copy_mode", "sync", "read", "link", "replace", "replace second", "sync_folder"]


class FailingLayer(FileLayer):
    """Fails at one operation, in the way a disk does; ``write_new`` leaves a part behind."""

    def __init__(self, operation: str, code: int) -> None:
        self.operation, self.code, self.replaced = operation, code, 0

    def _fail(self, operation: str) -> None:
        if operation == self.operation:
            raise OSError(self.code, os.strerror(self.code))

    def write_new(self, path: Path, data: bytes) -> None:
        if self.operation == "write_new":
            path.write_bytes(data[: len(data) // 2])
        self._fail("write_new")
        super().write_new(path, data)

    def sync(self, path: Path) -> None:
        self._fail("sync")
        super().sync(path)

    def read(self, path: Path) -> bytes:
        self._fail("read")
        return super().read(path)

    def copy_mode(self, source: Path, target: Path) -> None:
        self._fail("copy_mode")
        super().copy_mode(source, target)

    def link(self, source: Path, target: Path) -> None:
        self._fail("link")
        super().link(source, target)

    def replace(self, source: Path, target: Path) -> None:
        self.replaced += 1
        self._fail("replace" if self.replaced == 1 else "replace second")
        super().replace(source, target)

    def sync_folder(self, folder: Path) -> None:
        self._fail("sync_folder")
        super().sync_folder(folder)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_save_that_fails_leaves_the_old_file_or_the_new_one(tmp_path: Path, operation: str, code: int) -> None:
    path = tmp_path / "work.genmo"
    old = random_document(Random(4))
    new = edits.rename_project("new")(old)
    save(path, old, takes=BLOBS)
    with pytest.raises(StorageError, match="could not be") as caught:
        save(path, new, takes=BLOBS, files=FailingLayer(operation, code))
    assert os.strerror(code) in str(caught.value)
    expected = new if operation == "sync_folder" else old
    assert load(path).document == expected
    assert {file.name for file in tmp_path.iterdir()} <= {"work.genmo", "work.genmo~1"}  # no temporary files
    save(path, new, takes=BLOBS)
    assert load(path).document == new


class LyingLayer(FileLayer):
    """A disk that flips a bit on the way."""

    def write_new(self, path: Path, data: bytes) -> None:
        super().write_new(path, data[:100] + bytes([data[100] ^ 1]) + data[101:])


class PowerCut(BaseException):
    """Not an Exception: nothing can catch it and tidy up on purpose."""


class DyingLayer(FileLayer):
    """The process dies before its n-th operation."""

    def __init__(self, after: int) -> None:
        self.left = after

    def _count(self) -> None:
        if self.left == 0:
            raise PowerCut
        self.left -= 1


for _name in ("write_new", "sync", "read", "copy_mode", "link", "replace", "sync_folder"):

    def _operation(self: DyingLayer, *args: Any, _name: str = _name) -> Any:
        self._count()
        return getattr(FileLayer, _name)(self, *args)

    setattr(DyingLayer, _name, _operation)


def test_a_process_that_dies_at_any_operation_leaves_old_or_new(tmp_path: Path) -> None:
    path = tmp_path / "work.genmo"
    old = random_document(Random(4))
    new = edits.rename_project("new")(old)
    seen = set()
    for after in range(20):
        save(path, old, takes=BLOBS)
        finished = False
        with contextlib.suppress(PowerCut):
            save(path, new, takes=BLOBS, files=DyingLayer(after))
            finished = True
        document = load(path).document
        assert document in (old, new)
        seen.add(document.name)
        if finished:
            assert document == new
            break
    else:
        raise AssertionError("the save never finished")
    assert seen == {old.name, "new"}


def test_a_disk_that_stores_other_bytes_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "work.genmo"
    document = random_document(Random(4))
    save(path, document, takes=BLOBS)
    with pytest.raises(StorageError, match="other bytes"):
        save(path, edits.rename_project("new")(document), takes=BLOBS, files=LyingLayer())
    assert load(path).document == document


def test_the_previous_version_stays_and_permissions_and_links_are_kept(tmp_path: Path) -> None:
    real, link = tmp_path / "real.genmo", tmp_path / "link.genmo"
    first = random_document(Random(4))
    second = edits.rename_project("second")(first)
    save(real, first, takes=BLOBS)
    real.chmod(0o640)
    link.symlink_to(real)
    save(link, second, takes=BLOBS)
    assert link.is_symlink()
    assert load(real).document == second
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert load(backup_path(real)).document == first
    old_temp, new_temp = tmp_path / ".real.genmo.00.tmp", tmp_path / ".real.genmo.11.tmp"
    old_temp.write_bytes(b"")
    new_temp.write_bytes(b"")
    os.utime(old_temp, (0, 0))
    save(real, first, takes=BLOBS)
    assert not old_temp.exists()  # left by a crash more than a day ago
    assert new_temp.exists()


def test_what_cannot_be_saved_is_said_before_anything_is_written(tmp_path: Path) -> None:
    document = random_document(Random(4))
    path = tmp_path / "a.genmo"
    with pytest.raises(StorageError, match=r"the motion of take “Take [xy]” is lost"):
        save(path, document, takes={})
    with pytest.raises(StorageError, match="is lost"):
        save(path, document, takes=dict.fromkeys(BLOBS, b"wrong"))
    nan = Document(id="p", name="p", generation=type(document.generation)(guidance=float("nan")))
    with pytest.raises(StorageError, match=r"finite|cannot hold"):
        save(path, nan, takes={})
    broken = edits.add_item("t1", TextClip("q", Span(0, 1), "\ud800"))(document)
    with pytest.raises(StorageError, match="cannot hold"):
        save(path, broken, takes=BLOBS)
    assert not path.exists()
    with pytest.raises(StorageError, match="could not be saved"):
        save(tmp_path / "no folder" / "a.genmo", document, takes=BLOBS)


def test_files_that_are_not_there_or_no_projects(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="There is no file"):
        load(tmp_path / "none.genmo")
    with pytest.raises(StorageError, match="is a folder"):
        load(tmp_path)
    with pytest.raises(StorageError, match="There is no file"):
        load(str(tmp_path / "a\0b"))
    for content in (b"", b"\xff\xfe", b"hello", b"[1]", b"3", b'{"id": 3}', b"PK", b"PK\x05\x06" + b"\0" * 18):
        (tmp_path / "x.genmo").write_bytes(content)
        with pytest.raises(StorageError, match=r"“x.genmo” cannot be opened, because .*\."):
            load(tmp_path / "x.genmo")


def test_a_long_project_of_equal_lines_can_be_read_back(tmp_path: Path) -> None:
    """It deflates so well that the reader would take it for a zip bomb if it were deflated."""
    document = edits.add_items("t1", [TextClip(f"{n:06}", Span(0, 1), " " * 2000) for n in range(3_000)])(
        random_document(Random(4))
    )
    save(tmp_path / "a.genmo", document, takes=BLOBS)
    assert load(tmp_path / "a.genmo").document == document


NUMBERS = (
    0.0,
    -0.0,
    1.0,
    MAX_RADIANS,
    -MAX_RADIANS * 1.01,
    MAX_METRES,
    MAX_METRES * 1.01,
    math.nan,
    math.inf,
    -math.inf,
)


@pytest.mark.parametrize("seed", range(300))
def test_the_quick_look_at_a_key_agrees_with_the_rules(seed: int) -> None:
    """A key is looked at in one go where it is sound; that look may never let through what a rule objects to."""
    rng = Random(seed)

    def three() -> tuple[float, float, float]:
        x, y, z = (rng.choice(NUMBERS) if rng.random() < 0.1 else rng.uniform(-3, 3) for _ in range(3))
        return x, y, z

    def named(most: int) -> dict[str, tuple[float, float, float]]:
        first = "j" * rng.choice((1, MAX_ID, MAX_ID + 1)) if rng.random() < 0.1 else "j"
        return {f"j{n}" if n else first: three() for n in range(most)}

    key = PoseKey(
        rng.choice(("k", "k" * MAX_ID, "k" * (MAX_ID + 1), "")) if rng.random() < 0.2 else "k",
        rng.choice((0, -1, MAX_FRAMES - 1, MAX_FRAMES)) if rng.random() < 0.2 else rng.randrange(1000),
        rotations=named(rng.choice((0, 2, 65)) if rng.random() < 0.2 else 1),
        positions=named(rng.choice((0, 2, 65)) if rng.random() < 0.2 else 1),
        root_position=three() if rng.random() < 0.5 else None,
        hold=rng.choice((0, -1, MAX_FRAMES)) if rng.random() < 0.2 else 0,
        weight=rng.choice((-0.1, 10.0, 10.1, math.nan)) if rng.random() < 0.2 else 1.0,
    )
    kind = rng.choice((TrackKind.FULL_KEYS, TrackKind.PARTIAL_KEYS, TrackKind.PATH))
    with pytest.MonkeyPatch.context() as patch:
        quick = validation.item_fault(key, kind, {})
        patch.setattr(validation, "_is_sound", lambda _: False)
        assert quick == validation.item_fault(key, kind, {})


def test_items_out_of_order_are_put_in_order() -> None:
    keys = [PoseKey(name, frame) for name, frame in (("b", 3), ("a", 3), ("c", 1))]
    assert [key.id for key in in_order(keys)] == ["c", "a", "b"]
    assert [key.id for key in in_order(in_order(keys))] == ["c", "a", "b"]
