"""Shared prefixes are kept between runs of the program; nothing of a person's is."""

from __future__ import annotations

import os
from pathlib import Path

from engine.slots import Slot
from engine.worker import Worker
from tests.unit.engine.fakes import FakeStates
from tests.unit.engine.prefix_bench import SHARED, Bench


def run_of(worker: Worker, root: Path, run: str, fingerprint: str = "one") -> Bench:
    """Another run of the program: its own states, the same folder."""
    states = FakeStates(root / run)
    return Bench(states, worker, fingerprint=fingerprint, folder=root / "kept" / "prefixes")


async def test_a_shared_prefix_is_at_hand_in_the_next_run(tmp_path, worker):
    await run_of(worker, tmp_path, "first").learn()
    second = run_of(worker, tmp_path, "second")
    assert await second.cache.knows(SHARED)
    await second.cache.prepare(Slot(0), "ann", SHARED, len(SHARED))
    assert second.states.holds[0] == "persona"
    assert not await second.cache.knows(SHARED[:50])
    assert not list((tmp_path / "kept").rglob("*.part"))


async def test_a_state_of_another_model_or_library_is_not_taken(tmp_path, worker):
    await run_of(worker, tmp_path, "first").learn()
    second = run_of(worker, tmp_path, "second", fingerprint="two")
    assert not await second.cache.knows(SHARED)


async def test_only_shared_states_are_kept_between_runs(tmp_path, worker):
    bench = run_of(worker, tmp_path, "first")
    await bench.learn()
    await bench.read(slot := Slot(0), "ann")
    await bench.read(slot, "bob")
    files = [file.read_text().strip() for file in (tmp_path / "kept" / "prefixes").iterdir()]
    assert files == ["persona"]


async def test_the_eight_newest_are_kept_between_runs(tmp_path, worker):
    bench = run_of(worker, tmp_path, "first")
    folder = tmp_path / "kept" / "prefixes"
    for age in range(10):
        await bench.learn((*SHARED, age))
        for file in folder.iterdir():  # every file grows a minute older
            when = file.stat().st_mtime - 60
            os.utime(file, (when, when))
    assert len(list(folder.iterdir())) == 8
    second = run_of(worker, tmp_path, "second")
    found = [age for age in range(10) if await second.cache.knows((*SHARED, age))]
    assert found == list(range(2, 10))


async def test_a_folder_that_cannot_be_written_costs_one_line_in_the_log(tmp_path, worker, caplog):
    (tmp_path / "kept").write_text("a file where the folder should be")
    other = run_of(worker, tmp_path, "first")
    await other.learn()
    assert await other.cache.knows(SHARED)
    assert "not kept for the next start" in caplog.text


async def test_a_kept_state_that_cannot_be_read_is_read_anew(tmp_path, worker):
    await run_of(worker, tmp_path, "first").learn()
    second = run_of(worker, tmp_path, "second")
    assert await second.cache.knows(SHARED)
    second.states.broken = {"restore"}
    await second.cache.prepare(Slot(0), "ann", (*SHARED, 1), len(SHARED))
    assert not await second.cache.knows(SHARED)
