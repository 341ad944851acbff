"""The same messages over every engine that is here, one after the other, side by side.

    python -m benchmarks.engines [--model default] [--messages 6] [--published] [--json FILE]
                                 [--serve | --base-url URL [--served NAME]] [--skip ENGINE]

Two conversations, one in each language, go through each engine: label, then reply, with the shipped
prompts and settings (`--published`: that method's own; see `benchmarks.published`), no reply longer
than the published 128 tokens. Then one person, and eight at once, are written to. `--serve` starts
a llama.cpp server on this machine for the remote engine. A key for `--base-url` is read from
WARMLINE_REMOTE_KEY. Each engine has a process of its own, so that its memory is its own.

Each starts as if for the first time: no prefix that an earlier start read is found. Nothing else
should run on the machine. Knows: engines and prompts. Does not know: the store, the adapters.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AsyncExitStack, ExitStack, aclosing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from itertools import chain
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import SecretStr

from benchmarks import published
from benchmarks.machine import machine, memory_mb, spread
from benchmarks.messages import CHINESE, ENGLISH
from benchmarks.published import REPLY_TOKENS, Turn
from bot.config import Settings
from bot.config import load as load_settings
from bot.models import find_model
from bot.prompt import Exchange, build
from bot.wiring import SENTIMENT, chat_settings, llama_options, open_engine, tasks
from engine.base import Engine, EngineError, EngineFailed, Prompt, SamplingParams
from engine.tasks import LabelTask, classify

KINDS = ("llamacpp", "huggingface", "remote", "published")
SEED = 7

Result = dict[str, Any]
"""What was measured of one engine, or its `error`: plain values, fit for JSON."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured. `tokens` bounds a reply where several people are written to at once."""

    model: str
    messages: int
    people: int
    tokens: int
    base_url: str = ""
    served: str = ""
    key: SecretStr | None = None


def settings_with(key: SecretStr | None = None, **engine: Any) -> Settings:
    """The settings, with other values under [engine], and perhaps a key for the servers."""
    settings = load_settings(None)
    update: dict[str, Any] = {"engine": settings.engine.model_copy(update=engine)}
    if key:
        update["secrets"] = settings.secrets.model_copy(update={"remote_key": key})
    return settings.model_copy(update=update)


def present(*, remote: bool, baseline: bool, skipped: Sequence[str]) -> list[str]:
    """The engines to measure, in the order of the table."""
    torch = all(find_spec(name) is not None for name in ("torch", "transformers"))
    here = {"llamacpp": True, "huggingface": torch, "remote": remote, "published": baseline}
    return [kind for kind in KINDS if here[kind] and kind not in skipped]


def openings(people: int) -> list[tuple[str, str]]:
    """One language and message for each person; the languages take turns."""
    pairs = ((("en", en), ("zh", zh)) for en, zh in zip(ENGLISH, CHINESE, strict=True))
    return list(chain.from_iterable(pairs))[:people]


def measured(kind: str, plan: Plan) -> Result:
    """One engine's figures. Runs in a process of its own."""
    try:
        result = _published(plan) if kind == "published" else asyncio.run(_engine(kind, plan))
    except (EngineError, ImportError, OSError) as error:
        return {"error": str(error)}
    torch = sys.modules.get("torch")
    if torch and torch.cuda.is_available():
        result["memory"]["gpu"] = torch.cuda.max_memory_allocated() / 2**20
    return {**result, "machine": machine()}


async def _engine(kind: str, plan: Plan) -> Result:
    settings = settings_with(
        plan.key,
        kind=kind,
        model=plan.served if kind == "remote" else plan.model,
        parallel=plan.people,
        base_url=plan.base_url,
    )
    found = find_model(settings)
    task = tasks(settings)[SENTIMENT]
    sampling = replace(chat_settings(settings).sampling, max_tokens=REPLY_TOKENS, seed=SEED)
    async with AsyncExitStack() as stack:
        # What another number of people left there does not fit, and ours would not fit theirs.
        os.environ["WARMLINE_CACHE_DIR"] = stack.enter_context(tempfile.TemporaryDirectory())
        began = time.perf_counter()
        engine = await stack.enter_async_context(open_engine(settings, found))
        load_s = time.perf_counter() - began
        turns = await _conversations(engine, task, sampling, plan.messages)
        short = replace(sampling, max_tokens=plan.tokens)
        first = [_opening(task, *said, f"one-{n}") for n, said in enumerate(openings(2))]
        every = [_opening(task, *said, f"many-{n}") for n, said in enumerate(openings(plan.people))]
        return {
            "load_s": load_s,
            "turns": [asdict(turn) for turn in turns],
            "alone": await _rate(engine, first, short, at_once=1),
            "together": await _rate(engine, every, short, at_once=plan.people),
            "memory": memory_mb(),
        }


async def _conversations(
    engine: Engine, task: LabelTask, sampling: SamplingParams, messages: int
) -> list[Turn]:
    turns = []
    for language, said in (("en", ENGLISH), ("zh", CHINESE)):
        history: list[Exchange] = []
        for text in said[:messages]:
            turn, reply = await _turn(engine, task, sampling, language, history, text)
            history.append(Exchange(len(history), text, reply, turn.label, "", language))
            turns.append(turn)
    return turns


async def _turn(
    engine: Engine,
    task: LabelTask,
    sampling: SamplingParams,
    language: str,
    history: Sequence[Exchange],
    text: str,
) -> tuple[Turn, str]:
    prompt = build(task, language, history, text, f"talk-{language}")
    began = time.perf_counter()
    label = (await classify(engine, task, prompt.words, prompt.sentiment)).label
    labelled, first, reply = time.perf_counter(), 0.0, ""
    async with aclosing(engine.stream(prompt.reply(label, ""), sampling)) as pieces:
        async for piece in pieces:
            first = first or time.perf_counter()
            reply += piece
    ended = time.perf_counter()
    label_ms, first_ms, turn_ms = ((t - began) * 1000 for t in (labelled, first or ended, ended))
    tokens = (await engine.count_tokens([reply]))[0]
    return Turn(language, label, label_ms, first_ms, turn_ms, tokens), reply


def _opening(task: LabelTask, language: str, text: str, conversation: str) -> Prompt:
    return build(task, language, (), text, conversation).reply("neutral", "")


async def _rate(
    engine: Engine, prompts: Sequence[Prompt], sampling: SamplingParams, *, at_once: int
) -> float:
    """Tokens of all replies by the wall's clock, in tokens a second; prompts are read in it."""
    turnstile = asyncio.Semaphore(at_once)

    async def written(prompt: Prompt) -> str:
        async with turnstile, aclosing(engine.stream(prompt, sampling)) as pieces:
            return "".join([piece async for piece in pieces])

    began = time.perf_counter()
    replies = await asyncio.gather(*(written(prompt) for prompt in prompts))
    taken = time.perf_counter() - began
    return sum(await engine.count_tokens(replies)) / taken


def _published(plan: Plan) -> Result:
    found = find_model(settings_with(kind="huggingface", model=plan.model))
    method, load_s = published.opened(found.source)

    def rate(people: int, at_once: int) -> float:
        """As many threads as people, like the threads of a Flask service."""
        texts = [text for _, text in openings(people)]
        began = time.perf_counter()
        with ThreadPoolExecutor(at_once) as threads:
            said = list(threads.map(lambda t: method.reply([], t, most_tokens=plan.tokens), texts))
        return sum(tokens for _, tokens in said) / (time.perf_counter() - began)

    return {
        "load_s": load_s,
        "turns": [asdict(turn) for turn in published.conversations(method, plan.messages)],
        "alone": rate(2, 1),
        "together": rate(plan.people, plan.people),
        "memory": memory_mb(),
    }


@contextmanager
def serving(path: Path, plan: Plan) -> Iterator[tuple[str, SecretStr, int]]:
    """A llama.cpp server on this machine in a child process: its URL, key and process number.

    Raises:
        EngineFailed: it did not start.
    """
    processes = multiprocessing.get_context("spawn")
    ours, its = processes.Pipe()
    key = SecretStr(secrets.token_urlsafe(32))
    process = processes.Process(target=_serve, args=(its, path, key, plan.people), daemon=True)
    process.start()
    its.close()
    try:
        try:
            address = ours.recv()
        except EOFError as error:
            raise EngineFailed("the llama.cpp server did not start: see above") from error
        yield f"{address}/v1", key, process.pid or 0
    finally:
        ours.close()
        process.join(30)
        process.kill()


def _serve(parent: Connection, path: Path, key: SecretStr, slots: int) -> None:
    """Serve until the parent closes its end, with the very options of the engine in a process."""
    from engine.llama_server import _load as load_server
    from engine.llama_server import reclaim_signals

    options = llama_options(settings_with(parallel=slots))
    with tempfile.TemporaryDirectory() as states:
        server = load_server(path, options, "127.0.0.1", key.get_secret_value(), Path(states))
        reclaim_signals()
        parent.send(server.listening_address)
        parent.poll(None)
        del server


def run(kinds: Sequence[str], plan: Plan, *, serve: bool) -> dict[str, Result]:
    """Every engine's figures, measured one after the other.

    Raises:
        EngineError: the model cannot be had.
    """
    reader = "llamacpp" if serve or "llamacpp" in kinds else "huggingface"
    found = find_model(settings_with(kind=reader, model=plan.model))
    plan = replace(plan, model=str(found.source), served=plan.served or found.name)
    results: dict[str, Result] = {}
    for kind in kinds:
        try:
            results[kind] = _in_its_process(kind, plan, Path(found.source), serve=serve)
        except EngineError as error:
            results[kind] = {"error": str(error)}
        except BrokenProcessPool:
            results[kind] = {"error": "its process died, perhaps for lack of memory"}
    return results


def _in_its_process(kind: str, plan: Plan, path: Path, *, serve: bool) -> Result:
    """One engine's figures; its memory is with that of the server that is started for it."""
    server = 0
    with ExitStack() as stack:
        if kind == "remote" and serve:
            url, key, server = stack.enter_context(serving(path, plan))
            plan = replace(plan, base_url=url, key=key)
        spawn = multiprocessing.get_context("spawn")
        pool = stack.enter_context(ProcessPoolExecutor(1, mp_context=spawn))
        result = pool.submit(measured, kind, plan).result()
        if server and "error" not in result:
            for name, served in memory_mb(server).items():
                result["memory"][name] += served
        return result


def summary(result: Mapping[str, Any]) -> Iterator[str]:
    """The result as lines of Markdown tables."""
    engines: Mapping[str, Result] = result["engines"]
    yield f"{result['model']}, {result['machine']}, {result['date']}; median (least-most)"
    yield ""
    yield (
        "| engine | label, ms | first token, ms | turn, ms | tokens of a reply "
        f"| tokens/s, 1 person | tokens/s, {result['people']} people "
        "| memory, MB: most / now | start, s |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for kind, found in engines.items():
        if "error" in found:
            yield f"| {kind} | {found['error']} |" + " |" * 7
            continue
        cells = [
            spread([turn[name] for turn in found["turns"]])
            for name in ("label_ms", "first_token_ms", "turn_ms", "reply_tokens")
        ]
        memory = found["memory"]
        gpu = f" + {memory['gpu']:.0f} GPU" if "gpu" in memory else ""
        yield (
            f"| {kind} | {' | '.join(cells)} | {found['alone']:.1f} | {found['together']:.1f} "
            f"| {memory['peak']:.0f} / {memory['now']:.0f}{gpu} | {found['load_s']:.1f} |"
        )
    base = engines.get("published", {"error": ""})
    if "error" not in base:
        yield ""
        yield "| times better than published | label | first token | turn | 1 | many | memory |"
        yield "|---|---|---|---|---|---|---|"
        for kind, found in engines.items():
            if found is not base and "error" not in found:
                cells = [f"{ratio:.1f}" for ratio in ratios(found, base).values()]
                yield f"| {kind} | {' | '.join(cells)} |"


def ratios(found: Result, base: Result) -> dict[str, float]:
    """How many times better an engine is than another; below 1 it is worse."""
    times = {
        name: median(t[name] for t in base["turns"]) / median(t[name] for t in found["turns"])
        for name in ("label_ms", "first_token_ms", "turn_ms")
    }
    rates = {name: found[name] / base[name] for name in ("alone", "together")}
    return {**times, **rates, "memory": base["memory"]["peak"] / found["memory"]["peak"]}


def main() -> None:
    """Measure and print. Ends with 1 if an engine that is here could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="default")
    parser.add_argument("--messages", type=int, default=6, help="of each language, 1 to 12")
    parser.add_argument("--people", type=int, default=8, help="written to at once, 1 to 32")
    parser.add_argument("--tokens", type=int, default=64, help="the longest reply to one of them")
    parser.add_argument("--published", action="store_true", help="with the published method")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--serve", action="store_true", help="start a server for remote")
    where.add_argument("--base-url", default="", help="a server for remote")
    parser.add_argument("--served", default="", help="what that server calls the model")
    parser.add_argument("--skip", choices=KINDS, action="append", default=[])
    parser.add_argument("--json", type=Path, dest="target")
    given = parser.parse_args()
    # More messages fill the context, and what a turn then forgets is the bot's choice, not timed.
    if not 1 <= given.messages <= 12 or not 1 <= given.people <= 32 or given.tokens < 1:
        parser.error("--messages goes from 1 to 12, --people from 1 to 32, --tokens from 1")
    remote = bool(given.serve or given.base_url)
    kinds = present(remote=remote, baseline=given.published, skipped=given.skip)
    plan = Plan(
        given.model, given.messages, given.people, given.tokens, given.base_url, given.served
    )
    try:
        engines = run(kinds, plan, serve=given.serve)
    except EngineError as error:
        sys.exit(str(error))
    result = {
        "model": given.model,
        # The longest, for one that has loaded torch names the GPU too.
        "machine": max([machine(), *(r.get("machine", "") for r in engines.values())], key=len),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "people": given.people,
        "engines": engines,
    }
    if given.target:
        given.target.write_text(json.dumps(result, indent=1, ensure_ascii=False))
    sys.stdout.write("\n".join(summary(result)) + "\n")
    sys.exit(any("error" in found for found in engines.values()))


if __name__ == "__main__":
    main()
