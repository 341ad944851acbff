"""What Warmline notes for itself between two runs, on both databases."""

from __future__ import annotations

import asyncio

from storage.store import Store


async def test_a_note_is_there_until_another_takes_its_place(url: str):
    async with await Store.open(url) as store:
        assert await store.note("commands") == ""
        await store.set_note("commands", "a hash")
        await store.set_note("other", "长 🙂\n")
    async with await Store.open(url) as store:
        assert await store.note("commands") == "a hash"
        assert await store.note("other") == "长 🙂\n"
        for value in ("another", ""):
            await store.set_note("commands", value)
            assert await store.note("commands") == value


async def test_notes_that_meet_are_one_of_them_whole(url: str):
    async with await Store.open(url) as one, await Store.open(url) as other:
        for number in range(10):
            await asyncio.gather(one.set_note(f"{number}", "a"), other.set_note(f"{number}", "b"))
            assert await one.note(f"{number}") in ("a", "b")
