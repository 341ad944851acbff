"""Many writers, a lock in the way, a cancel in the middle: nothing is lost or torn."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage import sqlite
from storage.errors import DatabaseBusy, ErasureUnfinished
from storage.store import Store
from tests.integration.storage.values import felt, said

WRITES = 40


async def _write_many(store: Store, who: str) -> None:
    async def one(number: int) -> None:
        turn = (await store.receive(said(who, f"{who} {number}", user_id=who))).turn
        await store.begin(turn.id)
        await store.complete(turn.id, "hi", felt())

    await asyncio.gather(*(one(number) for number in range(WRITES)))


async def test_two_stores_on_one_database_write_side_by_side(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        await asyncio.gather(_write_many(one, "ann"), _write_many(other, "bob"))
        assert {person.messages for person in await one.people()} == {WRITES}


async def test_stores_with_no_lock_in_common_meet_in_the_database_unharmed(url: str):
    async def run(who: str) -> None:
        async with await Store.open(url) as store:
            await _write_many(store, who)

    # A loop per thread, as a second process would have: only BEGIN IMMEDIATE holds them apart.
    names = ("ann", "bob", "eve")
    await asyncio.gather(*(asyncio.to_thread(asyncio.run, run(name)) for name in names))
    async with await Store.open(url) as store:
        assert [person.messages for person in await store.people()] == [WRITES] * 3
        assert await store.unfinished() == []


async def test_erasures_with_no_lock_in_common_meet_in_the_database_unharmed(url: str):
    async def run(who: str) -> None:
        async with await Store.open(url) as store:
            for number in range(10):
                await store.receive(said(who, f"{who} {number}", user_id=who, chat_id="group"))
                try:
                    receipt = await store.forget("console", who)
                except ErasureUnfinished as busy:  # deleted; the other was writing meanwhile
                    receipt = busy.receipt
                assert receipt.turns == 1

    await asyncio.gather(*(asyncio.to_thread(asyncio.run, run(who)) for who in ("ann", "bob")))
    async with await Store.open(url) as store:
        assert await store.people() == []


async def test_whatever_meets_in_a_chat_waits_its_turn_and_nothing_is_torn(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        for number in range(40):
            chat, moved = f"chat {number}", f"chat {number} moved"
            messages = [said(f"text {n}", str(n), chat_id=chat) for n in range(3)]
            lead, second, third = [(await one.receive(said)).turn for said in messages]
            await asyncio.gather(
                other.join(second.id, lead.id),
                other.complete(lead.id, "hi", felt()),
                one.edit(messages[1].place, "edited"),
                one.join(third.id, second.id),
                one.receive(said("late", "9", chat_id=moved)),
                other.delivery_creating(messages[0].place),
                other.delivery_created(messages[0].place, "s"),
                one.move_chat("console", chat, moved),
                other.receive(said("of Bob", "8", chat_id=moved, user_id="bob")),
                *([one.forget("console", "ann")] if number % 2 else []),
            )
            left = await one.unfinished()
            assert {unfinished.inbound.chat_id for unfinished in left} == {moved}
            await asyncio.gather(one.forget("console", "ann"), other.forget("console", "bob"))
            assert await one.people() == []


@contextmanager
def _held(file: Path) -> Iterator[sqlite3.Connection]:
    """Another program in the middle of writing."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        other.close()


async def _turn_the_loop() -> None:
    """Would not come to an end within a test's patience if something blocked the loop."""
    async with asyncio.timeout(3):
        for _ in range(100):
            await asyncio.sleep(0.001)


async def test_the_loop_turns_while_a_write_waits_for_another_program(file: Path):
    async with await Store.open(folder=file.parent) as store:
        with _held(file):
            waiting = asyncio.create_task(store.receive(said()))
            await _turn_the_loop()
            assert not waiting.done()
            assert await store.people() == [], "reading goes on meanwhile"
        assert (await waiting).new


async def test_a_write_that_begins_by_reading_sees_what_another_program_just_wrote(file: Path):
    async with await Store.open(folder=file.parent) as store:
        await store.receive(said())
        with _held(file) as other:
            other.execute("UPDATE people SET user_id = 'bob'")
            forgetting = asyncio.create_task(store.forget("console", "bob"))
            await _turn_the_loop()
            other.execute("COMMIT")
            assert (await forgetting).turns == 1


async def test_the_loop_turns_while_a_start_waits_for_another_program(file: Path):
    await (await Store.open(folder=file.parent)).close()
    with _held(file):
        opening = asyncio.create_task(Store.open(folder=file.parent))
        await _turn_the_loop()
        assert not opening.done()
    await (await opening).close()


async def test_a_program_that_never_lets_go_is_reported(
    file: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA busy_timeout = 50"))
    async with await Store.open(folder=file.parent) as store:
        with _held(file), pytest.raises(DatabaseBusy, match="Another program holds"):
            await store.receive(said())
        assert (await store.receive(said())).new


async def test_a_cancelled_write_is_whole_and_the_cancel_arrives(file: Path):
    async with await Store.open(folder=file.parent) as store:
        with _held(file):
            writing = asyncio.create_task(store.receive(said()))
            await _turn_the_loop()
            for _ in range(2):
                writing.cancel()
                await _turn_the_loop()
                assert not writing.done()
        with pytest.raises(asyncio.CancelledError):
            await writing
        assert not (await store.receive(said())).new


async def test_closing_lets_running_work_end(file: Path):
    store = await Store.open(folder=file.parent)
    with _held(file):
        writing = asyncio.create_task(store.receive(said()))
        await _turn_the_loop()
        closing = asyncio.create_task(store.close())
        await _turn_the_loop()
        assert not closing.done()
    await closing
    assert (await writing).new


RECEIVER = """
import asyncio, sys
from storage.errors import ErasureUnfinished
from storage.store import Store
from tests.integration.storage.values import said

async def main():
    store = await Store.open(sys.argv[1])
    turn = (await store.receive(said("remember me"))).turn
    await store.begin(turn.id)
    print("written", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_message_outlives_the_kill_of_its_process(url: str):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RECEIVER, url, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    assert await process.stdout.readline() == b"written\n"
    process.kill()
    await process.wait()
    async with await Store.open(url) as store:
        (left,) = await store.unfinished()
        assert left.inbound == said("remember me")
        assert left.turn.attempts == 1
        assert not (await store.receive(said("remember me"))).new
        await store.complete((await store.begin(left.turn.id)).id, "I do", None)
        assert await store.unfinished() == []
