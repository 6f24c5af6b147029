"""The record of a take: what it was made from, what has changed since, and making it again exactly."""

import base64
import hashlib
import random
import zlib

import numpy as np
import pytest
from document_cases import random_document, randoms
from hypothesis import given, settings
from msgspec.structs import replace
from PySide6.QtCore import QSettings

from genmo_studio import app as program
from genmo_studio import paths
from genmo_studio.conditions.changes import changes, conditions_told
from genmo_studio.conditions.compile import compile_request
from genmo_studio.conditions.record import is_whole, read_record, record_of
from genmo_studio.conditions.request import GenerationRequest, MediaCondition, PoseCondition, TextCondition
from genmo_studio.document import edits, storage
from genmo_studio.document.model import Take
from genmo_studio.document.time import Span
from genmo_studio.document.validation import MAX_REQUEST
from genmo_studio.engine import protocol
from genmo_studio.motion.body import load_body
from genmo_studio.motion.skeleton import JOINTS
from genmo_studio.ui.control.takes import TakesControl
from genmo_studio.ui.regenerate import NotRepeatableError, compare_again, media_by_hash, request_again
from genmo_studio.ui.staleness import Staleness
from genmo_studio.values import replace as but
from tests.tiny_model import write_tiny_model
from tests.window_document import FRAMES, walking, window_document

SONG = hashlib.sha256(b"song").hexdigest()


def locate(media: str) -> tuple[str, str]:
    return f"/home/somebody/{media}.wav", SONG


@given(randoms())
@settings(max_examples=30)
def test_tl22_a_record_holds_the_whole_request_without_folders(rng: random.Random) -> None:
    request = compile_request(random_document(rng), locate=locate).request
    text = record_of(request)
    assert len(text) <= MAX_REQUEST
    read = read_record(text)
    assert read is not None
    assert is_whole(read, request_hash=request.hash)
    assert "somebody" not in zlib.decompress(base64.b64decode(text)).decode()
    folders = {medium.path: f"/home/somebody/{medium.path}" for medium in (*read.videos, *read.music)}
    found = {
        "videos": tuple(replace(medium, path=folders[medium.path]) for medium in read.videos),
        "music": tuple(replace(medium, path=folders[medium.path]) for medium in read.music),
    }
    assert replace(read, **found) == request


def test_a_record_of_very_many_keys_keeps_their_frames_and_says_so() -> None:
    rng = np.random.default_rng(0)
    poses = tuple(
        PoseCondition(frame, {name: tuple(map(float, rng.normal(size=3))) for name in JOINTS[:22]})
        for frame in range(1500)
    )
    request = GenerationRequest(frames=1500, poses=poses)
    text = record_of(request)
    read = read_record(text)
    assert 0 < len(text) <= MAX_REQUEST
    assert read is not None
    assert [pose.frame for pose in read.poses] == list(range(1500))
    assert not is_whole(read, request_hash=request.hash)


@pytest.mark.parametrize(
    "text",
    ["", "!", "aGVsbG8=", base64.b64encode(zlib.compress(b"[" * 10_000_000)).decode(),
     base64.b64encode(zlib.compress(bytes(80_000_000), 9)).decode(), "A" * (MAX_REQUEST + 4)],
    ids=["none", "no base 64", "not packed", "nested", "bomb", "long"],
)  # fmt: skip
def test_a_hostile_record_is_no_record(text: str) -> None:
    assert read_record(text) is None


def test_tl22_what_has_changed_is_said_in_sentences() -> None:
    song = MediaCondition("beat.wav", SONG, Span(0, 60), Span(0, 60))
    then = GenerationRequest(
        frames=90,
        start=10,
        texts=(TextCondition("a person walks", Span(0, 50)), TextCondition("a person waves", Span(40, 90))),
        music=(song,),
        poses=tuple(PoseCondition(frame, {"pelvis": (0.0, 0.0, 0.0)}) for frame in (0, 20, 40)),
    )
    assert changes(then, then) == ()
    assert changes(then, replace(then, seed=4, steps=9, model="other")) == (), (
        "that makes another take, not a stale one"
    )
    now = replace(
        then,
        texts=(TextCondition("a person runs", Span(0, 50)), TextCondition("a person waves", Span(60, 90))),
        music=(),
        poses=(then.poses[0], PoseCondition(20, {"pelvis": (0.0, 1.0, 0.0)}), PoseCondition(70, {})),
    )
    assert changes(then, now) == (
        "Text “a person waves” was at frames 50 to 99, it is at frames 70 to 99 now.",
        "Text “a person walks” is “a person runs” now.",
        "Music beat.wav (frames 10 to 69) is gone.",
        "Pose key at frame 30 was changed.",
        "Pose key at frame 50 is gone.",
        "Pose key at frame 80 is new.",
    )
    moved = replace(then, music=(replace(song, path="/elsewhere/beat.wav"),))
    assert changes(then, moved) == ()
    assert conditions_told(then) == (
        ("Text", "“a person walks” (frames 10 to 59)"),
        ("Text", "“a person waves” (frames 50 to 99)"),
        ("Music", "beat.wav (frames 10 to 69)"),
        ("Pose keys", "frames 10, 30 and 50"),
    )


def take_of(request: GenerationRequest, data: bytes, **fields: object) -> Take:
    made = Take(
        id="t", name="Take 1", span=Span(0, request.frames), blob=hashlib.sha256(data).hexdigest(),
        request_hash=request.hash, conditions_hash=request.conditions_hash, seed=request.seed, model="tiny",
        request=record_of(request), model_hash="aaa",
    )  # fmt: skip
    return replace(made, **fields)


def test_making_again_finds_media_by_content_or_says_what_is_missing() -> None:
    document = random_document(random.Random(3))
    song = MediaCondition("/then/beat.wav", SONG, Span(0, 60), Span(0, 60))
    take = take_of(GenerationRequest(frames=60, music=(song,)), b"")
    again = request_again(take, media_by_hash(document, locate))
    assert again.music[0].path.startswith("/home/somebody/")
    assert again.hash == take.request_hash
    with pytest.raises(NotRepeatableError, match=r"made from “beat\.wav”"):
        request_again(take, {}.get)
    with pytest.raises(NotRepeatableError, match="did not keep"):
        request_again(replace(take, request=""), {}.get)
    with pytest.raises(NotRepeatableError, match="more keys"):
        request_again(replace(take, request_hash="0" * 64), {SONG: "/x"}.get)


def test_what_differs_from_the_first_time_is_named() -> None:
    body, motion = load_body("genmo-free"), walking(30)
    shifted = but(motion, translation=motion.translation + np.float32(0.002))
    take = take_of(GenerationRequest(frames=30), motion.to_bytes(), device="cpu")
    report = {"model_hash": "aaa", "device": "cpu"}

    def outcome(**changed: str):
        return compare_again(take, motion, protocol.Done(1, shifted.to_bytes(), {**report, **changed}), body)

    same = compare_again(take, motion, protocol.Done(1, motion.to_bytes(), report), body)
    assert same.identical
    assert same.take is None
    assert "other weights" in outcome(model_hash="bbb").sentence
    assert "made on cpu and now on cuda" in outcome(device="cuda").sentence
    other = outcome()
    assert not other.identical
    assert "another machine" in other.sentence
    assert "3.5 mm apart" in other.sentence
    assert other.take is not None
    assert other.take.blob == hashlib.sha256(shifted.to_bytes()).hexdigest()


def test_tl22_takes_beside_the_result_grow_stale_too() -> None:
    document, _ = window_document()
    request = compile_request(document, locate=locate).request
    made = take_of(request, b"", id="other")
    document = replace(document, takes=(*document.takes, made, replace(made, id="old", conditions_hash="")))
    staleness = Staleness()
    assert staleness.stale(document, locate=locate) == frozenset()
    after = edits.set_text("text1", "a person jumps")(document)
    assert staleness.stale(after, locate=locate) == {"other", "old"}


@pytest.mark.leaves_threads
def test_tl22_several_seeds_become_takes_and_one_is_made_again_identically(qtbot, tmp_path) -> None:
    """TL22, UN5, UN6, wish 12, with the real worker: provenance, alternatives, and the same bits again."""
    document, blobs = window_document()
    model = str(write_tiny_model(tmp_path / "tiny"))
    document = edits.change_generation(model=model, steps=2, foot_lock=0.0)(document)
    path = tmp_path / "takes.genmo"
    storage.save(path, document, takes=blobs)
    ini = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = program.open_window(program.make_application(), path, settings=ini, warm_up=False)
    with qtbot.waitExposed(window):
        window.show()
    try:
        window.jobs.generate(mode=document.takes[0].mode, span=None, seeds=(11, 12, 13))
        qtbot.waitUntil(lambda: not window.jobs.running, timeout=120000)
        made = window.editor.document.takes[1:]
        assert [take.seed for take in made] == [11, 12, 13]
        assert window.takes.model.shown == {made[0].id}, "the first is shown, the others are alternatives"
        window.actions_by_id["takes.switch"].trigger()
        pair = window.commands.of(TakesControl).pair
        assert pair is not None
        assert (pair.a, pair.b) == ("", made[2].id)
        window.actions_by_id["takes.leave"].trigger()

        take = made[1]
        assert "key_errors_after.rotation_deg" in take.metrics
        assert take.model_hash
        loaded = storage.load(window.project.save(tmp_path / "saved.genmo"))
        assert loaded.document.takes[2] == take

        window.commands.edit("Change Text", edits.set_text("text2", "a person sits down"))
        window.takes.choose(take.id)
        window.actions_by_id["takes.inspect"].trigger()
        told = window.inspector.take_report.text()
        assert "“a person waves” is “a person sits down” now." in told
        assert "a person walks forward" in told
        assert f"frames 0, {FRAMES // 2} and {FRAMES - 1}" in told

        before = window.editor.document
        window.actions_by_id["takes.regenerate"].trigger()
        again = window.commands.of(TakesControl).again
        assert again.running
        qtbot.waitUntil(lambda: not again.running, timeout=120000)
        assert again.last is not None
        assert again.last.identical, again.last.sentence
        assert "identical" in window.messages.messages[-1].what
        assert window.editor.document is before, "made from what was kept, not from the timeline of now"
    finally:
        window.editor.mark_saved()
        window.close()
        window.deleteLater()


def test_the_samples_take_keeps_the_hash_that_it_was_made_with() -> None:
    """What was added to requests since must not make takes stale that were made before."""
    document = storage.load(paths.assets() / "sample" / "sample.genmo").document
    media = {ref.id: ref for ref in document.media}
    (take,) = document.takes
    made = read_record(take.request)
    assert made is not None
    assert (made.hash, made.conditions_hash) == (take.request_hash, take.conditions_hash)
    now = compile_request(document, locate=lambda name: ("", media[name].sha256 or ""), span=take.span).request
    assert now.conditions_hash == take.conditions_hash
