"""llama.cpp in this process, by way of xllamacpp: one blocking call a question.

Knows: xllamacpp's in-process server, its slots, and its private socket. Does not know: chat
templates, labels, which conversation sits in which slot, asyncio.

xllamacpp always opens an HTTP front beside its direct calls. Here it listens on a Unix socket in a
private folder, behind a random key; it serves tokenising and slot states, which have no direct
call. Figures and reasons: docs/adr/0002-llama-cpp-in-process.md.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from filelock import FileLock, Timeout

from engine.base import EngineFailed, EngineNotReady, ModelUnusable
from engine.gguf import check_gguf

_FOLDER = "warmline-"
_LOCK = "lock"
_READ_BATCH = 128
"""Tokens read between two looks at the queue: a long prompt may delay others, and cancelling it,
by this much. Bigger batches measured no faster on two cores."""


@dataclass(frozen=True, slots=True)
class LlamaOptions:
    """How much of the machine the model may take. `context` is in tokens per slot."""

    threads: int
    slots: int
    context: int


class LlamaServer:
    """A loaded model with numbered slots, each holding the state of one token sequence."""

    def __init__(self, path: Path, options: LlamaOptions) -> None:
        """Load the model: blocks for seconds.

        Raises:
            ModelUnusable: the file is missing, cut short or not a model.
        """
        check_gguf(path)
        memory = _memory_folder()
        self.in_memory = memory is not None
        self._folder, self._lock = _private_folder(memory)
        self.states = self._folder / "states"
        self.states.mkdir()
        key = secrets.token_urlsafe(32)
        address = str(self._folder / "llama.sock") if hasattr(socket, "AF_UNIX") else "127.0.0.1"
        try:
            self._server: Any = _load(path, options, address, key, self.states)
        except ModelUnusable:
            self._tidy()
            raise
        self._http = _client(address, self._server.listening_address, key)
        self._closing = threading.Lock()
        self.properties: dict[str, Any] = self._get("/props")

    @property
    def context_length(self) -> int:
        """Tokens that one slot holds."""
        return int(self.properties["default_generation_settings"]["n_ctx"])

    def tokenize(self, text: str, *, control: bool) -> list[int]:
        """Token ids. Control tokens in the text count as such only with `control`."""
        body = {"content": text, "add_special": False, "parse_special": control}
        return list(self._post("/tokenize", body)["tokens"])

    def complete(self, request: dict[str, Any]) -> dict[str, Any]:
        """One completion, whole. `request` has the fields of llama.cpp's completions endpoint."""
        return _checked(self._live().handle_completions(request))

    def stream(self, request: dict[str, Any], on_event: Callable[[dict[str, Any]], bool]) -> None:
        """One completion, event by event; it stops at once when `on_event` returns true."""
        failures: list[dict[str, Any]] = []

        def receive(event: dict[str, Any]) -> bool:
            if "choices" not in event:
                failures.append(event)
                return True
            return on_event(event)

        self._live().handle_completions({**request, "stream": True}, receive)
        if failures:
            _checked(failures[0])

    def save(self, slot: int, name: str) -> None:
        """Write a slot's state to the file `name` in `states`."""
        self._post(f"/slots/{slot}?action=save", {"filename": name})

    def restore(self, slot: int, name: str) -> None:
        """Put the state in the file `name` into a slot, in place of what it holds."""
        self._post(f"/slots/{slot}?action=restore", {"filename": name})

    def erase(self, slot: int) -> None:
        """Empty a slot."""
        self._post(f"/slots/{slot}?action=erase", {})

    def close(self) -> None:
        """Free the model and delete every state. Closing twice is harmless."""
        with self._closing:
            server, self._server = self._server, None
            if server is None:
                return
            self._http.close()
            del server  # xllamacpp stops its threads and frees the memory here
            self._tidy()

    def _tidy(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._lock.release()

    def _live(self) -> Any:
        if self._server is None:
            raise EngineNotReady("the model has been closed")
        return self._server

    def _get(self, path: str) -> dict[str, Any]:
        return _checked(self._request("GET", path, None))

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self._live()
        return _checked(self._request("POST", path, body))

    def _request(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        try:
            return self._http.request(method, path, content=content).json()
        except (httpx.HTTPError, ValueError) as error:
            raise EngineFailed(f"llama.cpp did not answer: {type(error).__name__}") from error


def reclaim_signals() -> None:
    """Give Ctrl-C and SIGTERM back to Python: xllamacpp takes both while it loads.

    Call it from the main thread after loading.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if handler is not None:
            signal.signal(number, handler)


def library_version() -> str:
    """The version of xllamacpp: states written by another are not read."""
    from importlib.metadata import version

    return version("xllamacpp")


def _load(path: Path, options: LlamaOptions, address: str, key: str, states: Path) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = options.context * options.slots
    params.n_parallel = options.slots
    params.kv_unified = False  # each slot its own room: one long chat cannot push out another
    params.cache_ram_mib = 0  # the states that wait are ours to park: see engine/prefix_cache.py
    params.cache_idle_slots = False
    params.n_batch = params.n_ubatch = _READ_BATCH
    # With the file mapped as well, its pages stay resident beside the repacked weights: +0.6 GB.
    params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    params.n_gpu_layers = 0
    params.fit_params = False
    params.warmup = False  # `warm_up` reads the real prompts instead
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    params.hostnames = [address]
    params.port = 0
    params.api_keys = [key]
    params.ui = False
    params.endpoint_slots = True
    params.slot_save_path = f"{states}{os.sep}"
    params.verbosity = -1
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise ModelUnusable(
            f"llama.cpp cannot load {path}: the file is damaged, of an unknown kind, "
            "or there is not enough memory; try `warmline model pull` or another --model"
        ) from error


def _client(address: str, listening: str, key: str) -> httpx.Client:
    unix = not address.startswith("127.")
    return httpx.Client(
        transport=httpx.HTTPTransport(uds=address) if unix else httpx.HTTPTransport(),
        base_url="http://localhost" if unix else listening,
        headers={"Authorization": f"Bearer {key}"},
        timeout=httpx.Timeout(120),
    )


def _checked(answer: Any) -> dict[str, Any]:
    """The answer, unless it says that something failed. No prompt is ever part of the error."""
    if not isinstance(answer, dict):
        raise EngineFailed("llama.cpp gave an answer of an unknown form")
    error = answer.get("error", answer if answer.get("code", 200) != 200 else None)
    if error:
        raise EngineFailed(f"llama.cpp refused the request: {error.get('type', 'unknown')}")
    return answer


def _private_folder(memory: str | None) -> tuple[Path, FileLock]:
    """A folder for this process alone, and the lock that says it is in use.

    What a killed process left behind is deleted first: its states hold what people said.
    """
    for folder in Path(memory or tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        if (folder / _LOCK).exists():  # else its owner is just making it
            with suppress(Timeout, OSError), FileLock(folder / _LOCK, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER, dir=memory))
    lock = FileLock(folder / _LOCK, thread_local=False)
    lock.acquire()
    return folder, lock


def _memory_folder() -> str | None:
    """A folder that lives in memory, where there is one: states hold what people said."""
    shm = Path("/dev/shm")  # noqa: S108 - a private folder is made inside it
    return str(shm) if shm.is_dir() and os.access(shm, os.W_OK) else None
