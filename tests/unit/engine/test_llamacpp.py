"""What the engine does around the model: slots, threads and events, without one."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import Any, cast

from engine.base import Message, Prompt, SamplingParams
from engine.llama_server import LlamaOptions, LlamaServer
from engine.llamacpp import LlamaCpp
from engine.prefix_cache import PrefixCache
from engine.worker import Worker
from tests.unit.engine.fakes import FakeServer

TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }};{% endfor %}"
PROMPT = Prompt((Message("user", "hi"), Message("assistant", "")), conversation="ann")


def engine_on(worker: Worker, folder: Path) -> LlamaCpp:
    server = FakeServer(folder / "states", TEMPLATE, "Hel", "lo")
    cache = PrefixCache(server, worker, fingerprint="", folder=None, parked_bytes=0)
    options = LlamaOptions(threads=1, slots=2, context=1000)
    return LlamaCpp("fake", cast(LlamaServer, server), worker, options, cache)


async def test_a_reply_is_the_pieces_of_the_model(worker, tmp_path):
    engine = engine_on(worker, tmp_path)
    assert [piece async for piece in engine.stream(PROMPT, SamplingParams())] == ["Hel", "lo"]


async def test_a_conversation_has_its_slot_back_once_its_reply_has_ended(
    worker, tmp_path, monkeypatch
):
    """Else the next request reads all of it again in another slot: one in two did, measured."""
    engine = engine_on(worker, tmp_path)
    loop = asyncio.get_running_loop()
    call, main = loop.call_soon_threadsafe, threading.main_thread()

    def slowly(*args: Any, **kwargs: Any) -> asyncio.Handle:
        handle = call(*args, **kwargs)
        if threading.current_thread() is not main:
            time.sleep(0.05)  # the loop gets ahead of the thread, as it may at any time
        return handle

    monkeypatch.setattr(loop, "call_soon_threadsafe", slowly)
    assert [piece async for piece in engine.stream(PROMPT, SamplingParams())]
    slot = await engine._slots.acquire("ann")
    assert slot.conversation == "ann"
