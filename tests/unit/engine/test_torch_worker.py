"""The model's thread: nobody waits for ever, whatever fails, and its end frees everything."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import weakref

import pytest
import torch

from engine.base import EngineFailed, EngineNotReady, SamplingParams
from engine.huggingface.engine import HuggingFace
from tests.unit.engine.torch_tiny import (
    LABELS,
    LONG,
    PATIENCE_SECONDS,
    engine,
    folder,
    opened,
    reads,
    reply,
    said,
    script,
    steps,
    until,
)

__all__ = ["engine", "folder", "reads", "script"]

NO_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    MemoryError(),
]
SHORT = SamplingParams(max_tokens=3, temperature=0.0)


class Faults:
    """Lets the network fail: the next forward passes raise what is planned for them."""

    def __init__(self, engine: HuggingFace, monkeypatch: pytest.MonkeyPatch) -> None:
        self.planned: list[Exception | None] = []
        self.when = lambda: True
        self.passes = 0
        network = steps(engine).network
        real = network.forward

        def forward(*arguments: object, **more: object) -> torch.Tensor:
            self.passes += 1
            error = self.planned.pop(0) if self.planned and self.when() else None
            if error:
                raise error
            return real(*arguments, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(type(network), "forward", lambda _, *a, **k: forward(*a, **k))


@pytest.fixture
def faults(engine: HuggingFace, monkeypatch: pytest.MonkeyPatch) -> Faults:
    return Faults(engine, monkeypatch)


async def test_a_failure_is_told_to_every_waiter_and_the_thread_goes_on(
    engine, faults, script, caplog
) -> None:
    script.say([7] * 400)
    stream = engine.stream(said("hi", conversation="ann"), LONG)
    await anext(stream)
    line = steps(engine).line
    faults.when = lambda: bool(line.reading and line.writing)
    faults.planned = [ValueError("a secret of the library")]
    waiting = asyncio.create_task(engine.score(said("word " * 90, conversation="bob"), LABELS))
    with pytest.raises(EngineFailed, match="torch failed: ValueError"):
        await waiting
    with pytest.raises(EngineFailed, match="torch failed: ValueError"):
        async for _ in stream:
            pass
    assert "a step of the model failed" in caplog.text
    await until(lambda: not line and steps(engine).cache.size_bytes == 0)
    assert await engine.score(said("again", conversation="bob"), LABELS)
    script.say("fine")
    assert "".join(await reply(engine, said("hi"))) == "fine"


async def test_a_failure_before_the_first_step_is_told_too(engine, monkeypatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("tokens")

    with monkeypatch.context() as patch:
        patch.setattr(steps(engine).cache, "find", fails)
        with pytest.raises(EngineFailed, match="torch failed: KeyError"):
            await engine.score(said("hi"), LABELS)
    assert await engine.score(said("hi"), LABELS)


@pytest.mark.parametrize("error", NO_MEMORY, ids=["torch", "torch on a CPU", "python"])
async def test_where_memory_runs_out_one_request_fails_in_one_sentence(
    engine, faults, error, caplog
) -> None:
    caplog.set_level(logging.CRITICAL)
    faults.planned = [error]
    with pytest.raises(EngineFailed, match="there is not enough memory for this prompt"):
        await engine.score(said("hi"), LABELS)
    assert await engine.score(said("hi"), LABELS)


async def test_where_memory_runs_out_what_is_kept_goes_first(engine, faults) -> None:
    await engine.warm_up([said("hi")])
    assert steps(engine).cache.size_bytes
    faults.planned = [NO_MEMORY[0]]
    assert await engine.score(said("hi"), LABELS)
    assert not steps(engine).cache.size_bytes


async def test_replies_that_run_go_on_when_the_newest_finds_no_memory(
    engine, faults, script
) -> None:
    script.say("one two three " * 40, 1)
    script.say([7] * 400, 2)
    first = engine.stream(said("a"), SamplingParams(max_tokens=400, seed=1))
    begun = await anext(first)
    second = engine.stream(said("b"), SamplingParams(max_tokens=400, seed=2))
    await anext(second)
    faults.planned = [NO_MEMORY[0]]
    with pytest.raises(EngineFailed, match="not enough memory"):
        async for _ in second:
            pass
    rest = [piece async for piece in first]
    assert begun + "".join(rest) == "one two three " * 40


async def test_memory_that_runs_out_while_labels_are_weighed_fails_that_request(
    engine, faults
) -> None:
    await engine.score(said("hi"), LABELS)
    faults.planned = [*[None] * (faults.passes - 1), NO_MEMORY[0]]
    with pytest.raises(EngineFailed, match="not enough memory"):
        await engine.score(said("hi"), LABELS)
    await until(lambda: not steps(engine).line)


async def test_closing_ends_the_thread_and_frees_the_model(folder) -> None:
    before = threading.active_count()
    engine = await HuggingFace.open(folder, name="tiny", device="cpu")
    await engine.score(said("hi", conversation="ann"), LABELS)
    await reply(engine, said("hi", conversation="ann"), SHORT)
    model = weakref.ref(steps(engine).network._module)
    kept = weakref.ref(steps(engine).cache)
    await engine.close()
    assert engine._worker.steps is None
    gc.collect()
    assert model() is None
    assert kept() is None
    assert not engine._worker._thread.is_alive()
    await until(lambda: threading.active_count() <= before + 1)  # the loop's own may have come
    await engine.close()


async def test_closing_is_told_to_everybody_who_waits(folder, monkeypatch) -> None:
    async with opened(folder, slots=1) as engine:
        prompts = [said("word " * 90, conversation=str(n)) for n in range(3)]
        asked: list[asyncio.Task[object]] = [
            asyncio.create_task(reply(engine, prompt, LONG)) for prompt in prompts
        ]
        asked.append(asyncio.create_task(engine.score(prompts[0], LABELS)))
        asked.append(asyncio.create_task(engine.warm_up(prompts)))
        await until(lambda: bool(steps(engine).line.waiting))
    async with asyncio.timeout(PATIENCE_SECONDS):
        ended = await asyncio.gather(*asked, return_exceptions=True)
    assert any(isinstance(end, EngineNotReady) for end in ended)
    assert all(isinstance(end, EngineNotReady | list | dict | None) for end in ended)


async def test_an_engine_that_was_closed_says_so(folder) -> None:
    async with opened(folder) as engine:
        await engine.score(said("known"), LABELS)
    for text in ("known", "new"):
        with pytest.raises(EngineNotReady, match="closed"):
            await engine.score(said(text), LABELS)
        with pytest.raises(EngineNotReady, match="closed"):
            await reply(engine, said(text))
        with pytest.raises(EngineNotReady, match="closed"):
            await engine.count_tokens([text])
    with pytest.raises(EngineNotReady, match="closed"):
        await engine.warm_up([said("known")])
    with pytest.raises(EngineNotReady, match="closed"):
        await engine.forget("ann")


async def test_a_thread_that_dies_of_itself_leaves_nobody_waiting(engine, monkeypatch) -> None:
    def fails() -> None:
        raise RuntimeError("broken for good")

    monkeypatch.setattr(steps(engine), "run", fails)
    monkeypatch.setattr(steps(engine), "reset", fails)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with pytest.raises(EngineFailed):
        await engine.score(said("hi"), LABELS)
    await until(lambda: not engine._worker._thread.is_alive())
    with pytest.raises(EngineNotReady):
        await engine.score(said("hi"), LABELS)


async def test_cancelling_stops_the_reading_of_a_long_prompt(folder, reads) -> None:
    async with opened(folder, context=1024) as engine:
        task = asyncio.create_task(reply(engine, said("word " * 150), LONG))
        await until(lambda: bool(reads.passes))
        steps(engine).line._read_width = 1  # so that it goes on for long
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: not steps(engine).line)
        assert reads.new < 600


async def test_a_model_that_cannot_be_loaded_leaves_no_thread(folder, tmp_path) -> None:
    await asyncio.to_thread(int)
    before = threading.active_count()
    with pytest.raises(Exception, match="check the path"):
        await HuggingFace.open(tmp_path / "none", name="none")
    await until(lambda: threading.active_count() <= before)
