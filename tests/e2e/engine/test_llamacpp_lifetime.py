"""Opening and closing the real model: what cannot be loaded says so, what was open is freed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from engine import llama_server
from engine.base import EngineNotReady, ModelUnusable
from engine.llama_server import LlamaOptions
from engine.llamacpp import LlamaCpp
from tests.e2e.engine.talk import LABELS, reply, said, until

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

LOGGING = 1
"""llama.cpp's own logging thread: one a process, begun by the first engine, never ended by it."""

ONE_SLOT = LlamaOptions(threads=2, slots=1, context=512)
KNOWN = said("hi", conversation="ann")
LONG = said("and then " * 30, conversation="bob")


def native_threads() -> int:
    """All threads of this process, the library's too; 0 where that cannot be told."""
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def closed(tiny_model: Path) -> AsyncIterator[LlamaCpp]:
    """An engine that was used and closed, with the facts of its life checked on the way."""
    await asyncio.to_thread(int)  # the loop's own thread is not the engine's
    before = native_threads()
    engine = await LlamaCpp.open(tiny_model, name="tiny", options=ONE_SLOT, parked_mib=64)
    folder = engine._server.states.parent
    assert folder.stat().st_mode & 0o777 == 0o700
    await engine.score(KNOWN, LABELS)
    await engine.score(LONG, LABELS)
    workers = list(engine._worker._executor._threads)
    await engine.close()
    assert not folder.exists()
    await until(lambda: not any(thread.is_alive() for thread in workers))
    await until(lambda: native_threads() <= before + LOGGING)
    yield engine


async def test_closing_frees_threads_and_states_and_may_be_done_twice(closed):
    await closed.close()


async def test_an_engine_that_was_closed_says_so(closed):
    with pytest.raises(EngineNotReady, match="closed"):
        await closed.score(said("new words"), LABELS)
    with pytest.raises(EngineNotReady, match="closed"):
        await closed.score(LONG, LABELS)
    with pytest.raises(EngineNotReady, match="closed"):
        await reply(closed, said("new words"))
    with pytest.raises(EngineNotReady, match="closed"):
        await closed.count_tokens(["new words"])
    with pytest.raises(EngineNotReady, match="closed"):
        await closed.warm_up([said("new words")])


async def test_a_closed_engine_says_so_for_a_reply_to_words_it_knows(closed):
    with pytest.raises(EngineNotReady, match="closed"):
        await reply(closed, LONG)


async def test_a_closed_engine_says_so_where_a_state_would_have_to_be_parked(closed):
    with pytest.raises(EngineNotReady, match="closed"):
        await closed.score(KNOWN, LABELS)


@pytest.mark.parametrize("length", [0, 3, 300_000, 20_000_000])
async def test_a_model_file_cut_short_is_refused_by_its_path(
    tiny_model, tmp_path, monkeypatch, length
):
    monkeypatch.setattr(llama_server, "_memory_folder", lambda: str(tmp_path / "memory"))
    (tmp_path / "memory").mkdir()
    path = tmp_path / "short.gguf"
    with tiny_model.open("rb") as whole:
        path.write_bytes(whole.read(length))
    with pytest.raises(ModelUnusable) as refused:
        await LlamaCpp.open(path, name="short", options=ONE_SLOT)
    assert str(path) in str(refused.value)
    assert list((tmp_path / "memory").iterdir()) == []


@pytest.mark.parametrize("body", [b"PK\x03\x04 a zip", b"<!doctype html>", b"gguf in small"])
async def test_what_is_no_model_file_is_refused_by_its_path(tmp_path, body):
    path = tmp_path / "model.gguf"
    path.write_bytes(body)
    with pytest.raises(ModelUnusable, match="is not a GGUF model file") as refused:
        await LlamaCpp.open(path, name="other", options=ONE_SLOT)
    assert str(path) in str(refused.value)


async def test_a_file_that_is_not_there_or_is_a_folder_is_refused_by_its_path(tmp_path):
    for path in (tmp_path / "missing.gguf", tmp_path):
        with pytest.raises(ModelUnusable, match="cannot be read") as refused:
            await LlamaCpp.open(path, name="none", options=ONE_SLOT)
        assert str(path) in str(refused.value)
