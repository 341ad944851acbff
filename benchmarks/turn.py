"""How fast is a turn? Label, first words, whole turn, start-up and memory, on the real model.

    python -m benchmarks.turn [--model default] [--json FILE]

One conversation of twenty messages in each language goes through `bot.chat` on a real SQLite file.
After each turn the bare engine reads as many other tokens on the same cached prefix: that is what
the label is compared with. Nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.messages import Finished, IncomingMessage, Labelled, Person, Scope, Text
from benchmarks.machine import machine, memory_mb
from benchmarks.messages import CHINESE, ENGLISH
from bot.chat import Chat
from bot.config import load
from bot.models import find_model
from bot.wiring import SENTIMENT, chat_settings, open_engine, tasks
from engine import llama_requests
from engine.llama_server import LlamaServer
from engine.llamacpp import LlamaCpp
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Turn:
    """One measured turn, in milliseconds and tokens.

    `bare_label_ms` is the bare engine reading the message's new tokens, `bare_reply_ms` that and
    the label's own tokens: what is the least that label and first words can take. None after a turn
    whose slot was used for reading ahead.
    """

    language: str
    number: int
    label: str
    new_tokens: int
    label_ms: float
    bare_label_ms: float | None
    first_token_ms: float
    bare_reply_ms: float | None
    total_ms: float
    reply_tokens: int


class Watched:
    """Notes what each request read, in llama.cpp's own count, on its way to the server."""

    def __init__(self, server: LlamaServer) -> None:
        self._server = server
        self.prompts: list[list[int]] = []
        self.read: list[int] = []
        self.last: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._server, name)

    def complete(self, request: dict[str, Any]) -> dict[str, Any]:
        """See `LlamaServer.complete`."""
        answer = self._server.complete(request)
        self.prompts.append(list(request["prompt"]))
        self.read.append(int(answer["timings"]["prompt_n"]))
        return answer

    def bare(self, prompt: Sequence[int], new: int, slot: int) -> float:
        """Milliseconds to read `new` tokens on a cached prefix of the same length as now."""
        kept = list(prompt[: len(prompt) - new])
        self.last = [*kept, *((token + 1) % 50_000 for token in prompt[len(prompt) - new :])]
        began = time.perf_counter()
        self._server.complete(llama_requests.branch(slot, self.last, [58, 60]))
        return (time.perf_counter() - began) * 1000


async def measure(model: str) -> dict[str, Any]:
    """All turns of both conversations, and the start."""
    settings = load(None)
    settings = settings.model_copy(
        update={"engine": settings.engine.model_copy(update={"model": model})}
    )
    found = find_model(settings)
    bare_load = await _bare_load(Path(found.source), settings)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            await Store.open(folder=Path(folder)) as store,
            open_engine(settings, found) as engine,
        ):
            ready = time.perf_counter() - began
            assert isinstance(engine, LlamaCpp)
            watched = Watched(engine._server)
            engine._server = watched  # type: ignore[assignment]
            task = tasks(settings)[SENTIMENT]
            unhurried = replace(chat_settings(settings), per_minute=0)  # 0: as many as one likes
            chat = Chat(engine, store, task, unhurried)
            turns = [
                await _turn(chat, engine, watched, language, number, text)
                for language, messages in (("en", ENGLISH), ("zh", CHINESE))
                for number, text in enumerate(messages, start=1)
            ]
            return {
                "model": found.name,
                "machine": machine(),
                "date": f"{datetime.now(UTC):%Y-%m-%d}",
                "bare_load_s": bare_load,
                "start_s": ready,
                "memory_mb": memory_mb()["peak"],
                "turns": [asdict(turn) for turn in turns],
            }


async def _turn(
    chat: Chat, engine: LlamaCpp, watched: Watched, language: str, number: int, text: str
) -> Turn:
    message = IncomingMessage(
        Scope("bench", language), Person("bench", language), str(number), text, datetime.now(UTC)
    )
    label, reply, timings = "", "", {}
    before = len(watched.read)
    async with aclosing(chat(message)) as events:
        async for event in events:
            match event:
                case Labelled():
                    label = event.label
                case Text():
                    reply += event.delta
                case Finished():
                    timings = dict(event.timings)
    await asyncio.gather(*chat._read_ahead._tasks)
    new = watched.read[before]
    prompt = watched.prompts[before]
    slot = next((s for s in engine._slots._slots if s.tokens[: len(prompt)] == tuple(prompt)), None)
    bare = two = None
    if slot is not None:  # else the next turn's history has been read into it already
        bare, two = await asyncio.to_thread(_bare_reads, watched, prompt, new, slot.number)
    return Turn(
        language=language,
        number=number,
        label=label,
        new_tokens=new,
        label_ms=timings["label_ms"],
        bare_label_ms=bare,
        first_token_ms=timings["first_token_ms"],
        bare_reply_ms=bare + two if bare is not None and two is not None else None,
        total_ms=timings["total_ms"],
        reply_tokens=(await engine.count_tokens([reply]))[0],
    )


def _bare_reads(
    watched: Watched, prompt: Sequence[int], new: int, slot: int
) -> tuple[float, float]:
    """The message's new tokens read barely, and two more; the slot is as it was afterwards."""
    watched.save(slot, "bench.state")
    label = watched.bare(prompt, new, slot)
    more = watched.bare([*watched.last, 1, 2], 2, slot)
    watched.restore(slot, "bench.state")
    return label, more


async def _bare_load(path: Path, settings: Any) -> float:
    """Seconds to load the model and read one short prompt, without anything of ours."""
    from bot.wiring import llama_options

    def load_and_read() -> float:
        began = time.perf_counter()
        server = LlamaServer(path, llama_options(settings))
        server.complete(llama_requests.read(0, server.tokenize("Hello", control=False)))
        taken = time.perf_counter() - began
        server.close()
        return taken

    await asyncio.to_thread(load_and_read)  # once for the page cache
    return await asyncio.to_thread(load_and_read)


def summary(result: dict[str, Any]) -> Iterator[str]:
    """The result as lines of a Markdown table."""
    turns = result["turns"]
    yield f"{result['model']}, {result['machine']}, {result['date']}"
    yield ""
    yield "| | median | least | most |"
    yield "|---|---|---|---|"
    for name, values in (
        ("label, ms", [t["label_ms"] for t in turns]),
        ("first words, ms", [t["first_token_ms"] for t in turns]),
        ("whole turn, ms", [t["total_ms"] for t in turns]),
        ("new tokens of a message", [t["new_tokens"] for t in turns]),
        ("tokens of a reply", [t["reply_tokens"] for t in turns]),
        ("label / bare reading", _ratios(turns, "label_ms", "bare_label_ms")),
        ("first words / bare reading", _ratios(turns, "first_token_ms", "bare_reply_ms")),
    ):
        digits = 2 if "/" in name else 0
        middle, least, most = (f(values) for f in (statistics.median, min, max))
        yield f"| {name} | {middle:.{digits}f} | {least:.{digits}f} | {most:.{digits}f} |"
    late = _around(turns, 20) / _around(turns, 3)
    yield f"| first words, turns 18-20 / turns 2-4 | {late:.2f} | | |"
    yield f"| start to ready, s | {result['start_s']:.1f} | | |"
    yield f"| bare load and one read, s | {result['bare_load_s']:.1f} | | |"
    yield f"| resident memory, MB | {result['memory_mb']:.0f} | | |"


def _ratios(turns: list[dict[str, Any]], measured: str, bare: str) -> list[float]:
    return [t[measured] / t[bare] for t in turns if t[bare]]


def _around(turns: list[dict[str, Any]], number: int) -> float:
    near = range(number - 2, number + 1) if number == 20 else range(number - 1, number + 2)
    return statistics.median(float(t["first_token_ms"]) for t in turns if t["number"] in near)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default")
    parser.add_argument("--json", type=Path, dest="target")
    given = parser.parse_args()
    result = asyncio.run(measure(given.model))
    if given.target:
        given.target.write_text(json.dumps(result, indent=1, ensure_ascii=False))
    sys.stdout.write("\n".join(summary(result)) + "\n")


if __name__ == "__main__":
    main()
