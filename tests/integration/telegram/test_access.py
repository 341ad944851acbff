"""Who may talk on Telegram, and how much."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.texts.sentences import say
from tests.fakes import REPLIES, FakeEngine
from tests.integration.telegram.processes import rows
from tests.integration.telegram.running import warmline
from tests.telegram_server.messages import bot_status, press, text
from tests.telegram_server.people import ANN, BEN, FORUM, GROUP, LI

pytestmark = pytest.mark.usefixtures("quick")

REFUSED = say("en", "access.refused", person=f"telegram:{BEN.id}")
PAIRING = {"mode": "pairing", "owners": [f"telegram:{ANN.id}"]}
LIST = {"mode": "list", "users": [f"telegram:{ANN.id}"], "chats": [f"telegram:{GROUP.id}"]}


def code_in(words):
    found = re.search(r"\b[2-9A-HJ-NP-Z]{8}\b", words)
    assert found
    return found[0]


async def settled(api):
    await api.until(lambda: not api.pending() and api.polling)
    await asyncio.sleep(0.2)


async def test_open_to_everybody(api, tmp_path):
    async with warmline(api, tmp_path):
        api.feed(text("hello", BEN))
        api.feed(text("@warmline_bot hello", BEN, GROUP))
        await api.until(lambda: api.texts(BEN.id) == ["I hear you."] == api.texts(GROUP.id))


async def test_who_is_on_the_list_is_answered_and_nobody_else(api, tmp_path):
    async with warmline(api, tmp_path, access=LIST):
        api.feed(text("hello", ANN))
        api.feed(text("@warmline_bot hello", BEN, GROUP))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."] == api.texts(GROUP.id))
        for words in ("hello", "/start", "hello again"):
            api.feed(text(words, BEN))
        api.feed(text("@warmline_bot hello", ANN, FORUM.topic(7)))
        api.feed(text("/help", ANN, FORUM.topic(7)))
        await api.until(lambda: api.texts(BEN.id) == [REFUSED])
        await settled(api)
        assert api.texts(BEN.id) == [REFUSED]  # once a day
        assert api.texts(FORUM.id) == []  # a group hears nothing


async def test_a_refusal_stores_nothing(api, tmp_path):
    async with warmline(api, tmp_path, access=LIST) as bot:
        api.feed(text("my secret", BEN))
        api.feed(text("@warmline_bot my secret", ANN, FORUM.topic(7)))
        await api.until(lambda: api.texts(BEN.id) == [REFUSED])
        await settled(api)
        for table in ("people", "conversations", "turns"):
            assert rows(tmp_path, f"SELECT count(*) FROM {table}") == [(0,)]
        assert bot.engine.scored == []


async def test_an_owner_lets_somebody_in_by_a_code(api, tmp_path):
    async with warmline(api, tmp_path, access=PAIRING) as bot:
        api.feed(text("hello", BEN))
        (told,) = await api.until(lambda: api.texts(BEN.id))
        code = code_in(told)
        api.feed(text(f"/pair {code}", BEN))  # not for one who asks to be let in
        await settled(api)
        assert not await bot.store.is_paired("telegram", str(BEN.id))
        api.feed(text(f"/pair {code[:4].lower()}-{code[4:]}", ANN))
        await api.until(lambda: api.texts(ANN.id) == [say("en", "commands.paired", name="Ben")])
        api.feed(text("hello", BEN))
        await api.until(lambda: "I hear you." in api.texts(BEN.id))
    async with warmline(api, tmp_path, access=PAIRING):
        api.feed(text("hello again", BEN))
        await api.until(lambda: api.texts(BEN.id).count("I hear you.") == 2)


async def test_pairing_never_opens_a_group(api, tmp_path):
    async with warmline(api, tmp_path, access=PAIRING) as bot:
        await bot.store.pairing_code("telegram", str(BEN.id), "Ben", "ABCD2345", _tomorrow())
        await bot.store.approve("ABCD2345")
        api.feed(text("@warmline_bot hello", BEN, GROUP))
        api.feed(text("/help", ANN, GROUP))
        api.feed(text("hello", BEN))
        await api.until(lambda: api.texts(BEN.id) == ["I hear you."])
        await settled(api)
        assert api.texts(GROUP.id) == []


async def test_a_press_of_one_who_is_not_let_in_is_nothing(api, tmp_path):
    async with warmline(api, tmp_path, access=LIST):
        api.feed(text("/language", ANN))
        (card,) = await api.until(lambda: api.messages(ANN.id))
        api.feed(press("/language zh", {**card.json(), "chat": FORUM.json()}, BEN))
        await settled(api)
        assert rows(tmp_path, "SELECT user_id FROM people") == [(str(ANN.id),)]
        assert api.texts(FORUM.id) == []


async def test_a_group_that_is_not_let_in_is_not_greeted(api, tmp_path):
    async with warmline(api, tmp_path, access=LIST):
        api.feed(bot_status("member", FORUM, old="left"))
        api.feed(bot_status("member", GROUP, old="left"))
        await api.until(lambda: len(api.texts(GROUP.id)) == 1)
        await settled(api)
        assert api.texts(FORUM.id) == []


async def test_too_many_messages_are_told_once_and_others_are_not_held_up(api, tmp_path):
    replies = list(REPLIES["en"][:2])
    async with warmline(api, tmp_path, FakeEngine(), chat={"per_minute": 2}) as bot:
        for number in (1, 2):
            api.feed(text(f"hello {number}", ANN))
            await api.until(lambda number=number: api.texts(ANN.id) == replies[:number])
        for _ in range(3):
            api.feed(text("hello once more", ANN))
        api.feed(text("hello", LI))
        limited = say("en", "turn.limited", minutes=1)
        await api.until(lambda: len(api.texts(ANN.id)) == 3 and len(api.texts(LI.id)) == 1)
        await settled(api)
        assert api.texts(ANN.id) == [*replies, limited]
        assert len(bot.engine.streamed) == 3
        api.feed(text("I want to kill myself", ANN))  # nobody in danger is told to wait
        await api.until(lambda: "findahelpline.com" in api.texts(ANN.id)[-1])


def _tomorrow():
    from datetime import UTC, datetime, timedelta

    return datetime.now(UTC) + timedelta(days=1)
