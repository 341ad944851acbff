"""How long do /mood, /trend and what owners ask take, at a million turns of five thousand people?

    python -m benchmarks.trends [--turns N] [--people N] [--only sqlite|postgres] [--json FILE]

An invented year (`benchmarks.world`) is put into a new SQLite file and into a new PostgreSQL server
of its own, both deleted afterwards; then the commands themselves are timed, from what was typed to
the answer, each `--repeat` times, what owners ask and what is cold SELDOM times. The time of
drawing is shown beside and not counted. Cold: with new connections, and the files out of the
operating system's memory (PostgreSQL: the server started anew). Ends with 1 where an answer reads a
whole table of turns or labels. `--plans` shows how the databases go about it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.asked import Ask, questions
from benchmarks.filling import fill_postgresql, fill_sqlite
from benchmarks.machine import machine
from benchmarks.plans import Plan, listening, plan_of
from benchmarks.world import World, now
from bot import charts
from storage.store import Store
from tests.integration.storage.cluster import Cluster, running_cluster

SELDOM = 5
"""So often is asked what is cold, and what nobody waits for."""

MOST_MS = 100
"""What /mood and /trend may take at a million turns."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Milliseconds without drawing: medians, and the most of the warm ones; and of drawing."""

    database: str
    question: str
    quick: bool
    cold_ms: float
    warm_ms: float
    most_ms: float
    drawing_ms: float


@contextmanager
def drawing() -> Iterator[list[float]]:
    """The seconds that each drawing takes meanwhile."""
    taken: list[float] = []

    def timed(draw: Callable[..., bytes]) -> Callable[..., bytes]:
        def drawn(*given: Any) -> bytes:
            began = time.perf_counter()
            try:
                return draw(*given)
            finally:
                taken.append(time.perf_counter() - began)

        return drawn

    kept = charts.mood_png, charts.trend_png
    charts.mood_png, charts.trend_png = (timed(draw) for draw in kept)
    try:
        yield taken
    finally:
        charts.mood_png, charts.trend_png = kept


async def _once(ask: Ask, store: Store) -> tuple[float, float]:
    """Milliseconds without drawing, and of drawing."""
    with drawing() as drawn:
        began = time.perf_counter()
        await ask(store)
        taken = time.perf_counter() - began
    return (taken - sum(drawn)) * 1000, sum(drawn) * 1000


async def measure(
    database: str, url: str, cool: Callable[[], None], world: World, repeat: int
) -> tuple[list[Timed], list[tuple[str, Plan]]]:
    """Every question's times, and how the database goes about each."""
    timed, plans = [], []
    async with await Store.open(url) as store:
        for question in questions(world):
            often = repeat if question.quick else min(repeat, SELDOM)
            cold = []
            for _ in range(min(repeat, SELDOM)):
                await store._database._engine.dispose()
                await asyncio.to_thread(cool)
                cold.append((await _once(question.ask, store))[0])
            with listening(store) as heard:
                await question.ask(store)
            seen = {statement.text: statement for statement in heard}
            plans += [(question.name, await plan_of(store, one)) for one in seen.values()]
            warm = [await _once(question.ask, store) for _ in range(often)]
            without, drawn = zip(*warm, strict=True)
            most, middle = max(without), median(without)
            timed.append(
                Timed(
                    *(database, question.name, question.quick),
                    *(median(cold), middle, most, median(drawn)),
                )
            )
    return timed, plans


def out_of_memory(folder: Path) -> None:
    """Let the operating system forget what it read of the files in a folder."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def on_sqlite(world: World, repeat: int) -> tuple[list[Timed], list[tuple[str, Plan]]]:
    """The figures of a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "warmline.sqlite3"
        url = f"sqlite:///{path}"
        _make(url, partial(fill_sqlite, path, world))
        cool = partial(out_of_memory, Path(folder))
        return asyncio.run(measure("SQLite", url, cool, world, repeat))


def on_postgresql(world: World, repeat: int) -> tuple[list[Timed], list[tuple[str, Plan]]]:
    """The figures of a server."""
    with ExitStack() as stack:
        cluster = stack.enter_context(running_cluster())
        url = cluster.new_database()
        _make(url, partial(fill_postgresql, url, world))
        cool = partial(_restart, cluster)
        return asyncio.run(measure("PostgreSQL", url, cool, world, repeat))


def _make(url: str, fill: Callable[[], None]) -> None:
    async def tables() -> None:
        await (await Store.open(url)).close()

    asyncio.run(tables())
    fill()


def _restart(cluster: Cluster) -> None:
    cluster.stop()
    out_of_memory(cluster.folder / "data" / "base")
    cluster.start()


def summary(timed: Sequence[Timed]) -> Iterator[str]:
    """The figures as lines of a Markdown table."""
    yield "| database | asked | cold, ms | warm, ms (most) | drawing, ms |"
    yield "|---|---|---|---|---|"
    for one in timed:
        slow = " **slow**" if one.quick and one.warm_ms >= MOST_MS else ""
        drawn = f"{one.drawing_ms:.0f}" if one.drawing_ms else ""
        yield (
            f"| {one.database} | {one.question} | {one.cold_ms:.0f} "
            f"| {one.warm_ms:.0f} ({one.most_ms:.0f}){slow} | {drawn} |"
        )


def main() -> None:
    """Measure and print. Ends with 1 where a whole table is read."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--turns", type=int, default=1_000_000)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--plans", action="store_true", help="show each plan")
    parser.add_argument("--json", type=Path, dest="target")
    given = parser.parse_args()
    if given.turns < 10_000 or given.people < 200 or given.repeat < 1:
        parser.error("--turns goes from 10000, --people from 200, --repeat from 1")
    world = World(given.turns, given.people, now())
    timed: list[Timed] = []
    plans: list[tuple[str, str, Plan]] = []
    for name, run in (("sqlite", on_sqlite), ("postgres", on_postgresql)):
        if given.only in (None, name):
            figures, found = run(world, given.repeat)
            timed += figures
            plans += [(name, question, plan) for question, plan in found]
    about = (
        f"{given.turns} turns of {given.people} people, {machine()}, {datetime.now(UTC):%Y-%m-%d}"
    )
    if given.target:
        given.target.write_text(
            json.dumps({"about": about, "timed": [asdict(one) for one in timed]}, indent=1)
        )
    print(f"{about}; medians of {given.repeat}\n")
    print("\n".join(summary(timed)))
    scans = [each for each in plans if each[2].scans]
    for name, question, plan in plans if given.plans else scans:
        shown = "\n  ".join([plan.statement, *(f"-> {step}" for step in plan.steps)])
        print(f"\n{name}, {question}:\n  {shown}")
    if scans:
        told = sorted({f"{name}: {question}" for name, question, _ in scans})
        sys.exit("A WHOLE TABLE IS READ for " + "; ".join(told))


if __name__ == "__main__":
    main()
