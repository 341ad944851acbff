"""Messages go by age as the settings say, and a part that is erased leaves no byte, in a chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.messages import File, Notice
from bot import retention, wiring
from bot.config import Settings
from bot.config_sections import PrivacySettings
from bot.models import Model
from bot.wiring import open_chat
from storage.store import Store
from tests.fakes import FakeEngine, answer, chat_on, felt, others_done, said
from tests.integration.cli.memory import bytes_of

KEPT_30_DAYS = Settings(privacy=PrivacySettings(keep_days=30, mood_memory="on", history="on"))
TINY = Model("tiny", "tiny")


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    engine = FakeEngine()

    @asynccontextmanager
    async def opened(settings: Settings, model: Model) -> AsyncIterator[FakeEngine]:
        yield engine

    monkeypatch.setattr(wiring, "open_engine", opened)
    return engine


async def seeded(folder: Path) -> None:
    """One message of 31 days ago, and one of now."""
    then = datetime.now(UTC) - timedelta(days=31)
    async with await Store.open(folder=folder, clock=lambda: then) as store:
        await felt(store, 0.5, message_id="old", days_ago=31, note="zebranote")
    async with await Store.open(folder=folder) as store:
        await felt(store, 0.5, message_id="young")


async def test_while_a_chat_is_open_what_is_too_old_goes(
    engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    await seeded(tmp_path)
    swept = asyncio.Event()
    sweep = retention.Retention._sweep

    async def and_tell(self: retention.Retention) -> None:
        await sweep(self)
        swept.set()

    monkeypatch.setattr(retention.Retention, "_sweep", and_tell)
    async with await Store.open(folder=tmp_path) as store:
        async with open_chat(KEPT_30_DAYS, TINY, store) as chat:
            await swept.wait()
            assert engine.forgotten == ["1:en", "1:zh"]
            (notice, *_) = await answer(chat, said("/privacy"))
            assert isinstance(notice, Notice)
            assert "30 days" in notice.text
            files = [e for e in await answer(chat, said("/export")) if isinstance(e, File)]
            assert all(b"30" in file.content for file in files)
            assert b'"message_id": "old"' not in files[0].content
            assert b'"message_id": "young"' in files[0].content
        assert "zebranote" not in bytes_of(tmp_path)
        assert len(asyncio.all_tasks()) == 1


async def test_without_a_store_there_is_nothing_to_look_after(engine: FakeEngine):
    async with open_chat(KEPT_30_DAYS, TINY, None):
        assert len(asyncio.all_tasks()) == 1


@pytest.mark.parametrize(("part", "gone"), [("mood", "zebranote"), ("history", "a secret")])
async def test_no_byte_of_an_erased_part_stays(tmp_path: Path, part: str, gone: str):
    async with await Store.open(folder=tmp_path) as store:
        await felt(store, 0.5, note="zebranote")
        chat = chat_on(FakeEngine(" I hear a secret."), store)
        await answer(chat, said("a secret message"))
        await others_done()
        assert gone in bytes_of(tmp_path)
        await answer(chat, said(f"/forget {part} yes"))
        assert gone not in bytes_of(tmp_path)


async def test_what_is_over_is_gone_before_the_first_message_is_answered(
    engine: FakeEngine, tmp_path: Path
):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    async with await Store.open(folder=tmp_path, clock=lambda: yesterday) as store:
        chat = chat_on(FakeEngine(" I hear a zebranote."), store, history="ask")
        await answer(chat, said("a zebranote of mine"))
        await others_done()
    assert "zebranote" in bytes_of(tmp_path)
    async with await Store.open(folder=tmp_path) as store:
        async with open_chat(Settings(), TINY, store) as chat:
            assert "zebranote" not in bytes_of(tmp_path)
            await answer(chat, said("the desk is new"))
        prompt = engine.streamed[0]
        assert not any("zebranote" in message.content for message in prompt.messages)
