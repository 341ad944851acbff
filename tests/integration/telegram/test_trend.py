"""/trend in a Telegram group: for its administrators, in front of everybody there, noted each time;
and of one person only by their own grant.
"""

from __future__ import annotations

import asyncio

import pytest

from adapters.messages import Person, Scope
from adapters.telegram import managers
from bot.texts.sentences import say
from tests.fakes import felt
from tests.integration.telegram.running import Running, warmline
from tests.telegram_server import faults, messages
from tests.telegram_server.messages import press, text
from tests.telegram_server.people import ANN, ANONYMOUS, BASIC, BEN, CHANNEL, FORUM, GROUP, Place

pytestmark = pytest.mark.usefixtures("quick")

REFUSED = say("en", "commands.admins_only")
FEW = say("en", "commands.trend_group_few", n=5, days=30)
BEGIN = say("en", "commands.trend_group")


@pytest.fixture
async def bot(api, tmp_path):
    async with warmline(api, tmp_path) as running:
        yield running


async def lively(bot: Running, place: Place, people: int = 5, thread: str = "") -> None:
    """Everybody wrote there the day before yesterday."""
    for number in range(people):
        await felt(
            bot.store,
            0.5,
            days_ago=2,
            scope=Scope("telegram", str(place.id), thread),
            person=Person("telegram", str(9000 + number)),
            private=False,
        )


async def asked(bot: Running, words: str, who=ANN, where: Place = GROUP, **more) -> str:
    """Say it in the group, and give the bot's next message there."""
    known = len(bot.api.texts(where.id))
    bot.api.feed(text(words, who, where, **more))
    await bot.api.until(lambda: len(bot.api.texts(where.id)) > known)
    return bot.api.texts(where.id)[known]


async def looks(bot: Running) -> list[tuple[str, str, str]]:
    return [(one.who, one.what, one.about) for one in await bot.store.looks()]


@pytest.mark.parametrize("status", ["creator", "administrator"])
async def test_an_administrator_is_told_in_the_group_with_a_picture(api, bot, status):
    await lively(bot, GROUP)
    api.put_member(GROUP.id, ANN, status)
    assert (await asked(bot, "/trend 7")).startswith(BEGIN)
    await api.until(lambda: any(one.is_file for one in api.messages(GROUP.id)))
    words, picture = api.messages(GROUP.id)
    assert "+0.50" in words.text
    assert picture.document.content.startswith(b"\x89PNG")
    assert api.texts(ANN.id) == []
    assert await looks(bot) == [(f"telegram:{ANN.id}", "trend 7", f"telegram:{GROUP.id}")]


@pytest.mark.parametrize("words", ["/trend", "/trend@warmline_bot 7", "@warmline_bot /trend"])
async def test_an_ordinary_member_is_told_for_whom_it_is(api, bot, words):
    await lively(bot, GROUP)
    api.put_member(GROUP.id, BEN, "member")
    assert await asked(bot, words, BEN) == REFUSED
    assert await looks(bot) == []


async def test_whoever_loses_the_right_loses_it_within_five_minutes(api, bot, monkeypatch):
    await lively(bot, GROUP)
    api.put_member(GROUP.id, ANN, "administrator")
    assert (await asked(bot, "/trend")).startswith(BEGIN)
    api.put_member(GROUP.id, ANN, "member")
    await api.until(lambda: len(api.messages(GROUP.id)) == 2)
    assert (await asked(bot, "/trend")).startswith(BEGIN)
    assert api.count("getChatMember") == 1
    await api.until(lambda: len(api.messages(GROUP.id)) == 4)
    monkeypatch.setattr(managers, "KEPT_SECONDS", 0.0)
    assert await asked(bot, "/trend") == REFUSED


async def test_an_administrator_who_stays_unnamed_is_one_without_being_asked_for(api, bot):
    await lively(bot, GROUP)
    answer = await asked(bot, "/trend", ANONYMOUS, sender_chat=GROUP.json())
    assert answer.startswith(BEGIN)
    assert api.count("getChatMember") == 0
    assert await looks(bot) == [(f"telegram:{GROUP.id}", "trend 30", f"telegram:{GROUP.id}")]


async def test_a_channel_that_writes_in_the_group_is_none(api, bot):
    await lively(bot, GROUP)
    for sender in (CHANNEL, FORUM):
        api.feed(text("/trend", ANONYMOUS, GROUP, sender_chat=sender.json()))
    assert await asked(bot, "/trend", BEN) == REFUSED
    assert len(api.texts(GROUP.id)) == 1


@pytest.mark.parametrize(
    "fault",
    [faults.Error(400, "Bad Request: CHAT_ADMIN_REQUIRED"), faults.TooMany(0.05), faults.Html()],
    ids=lambda fault: type(fault).__name__,
)
async def test_where_telegram_does_not_say_who_manages_the_answer_is_no(api, bot, fault):
    await lively(bot, GROUP)
    api.put_member(GROUP.id, ANN, "administrator")
    api.fail("getChatMember", fault)
    assert await asked(bot, "/trend") == REFUSED
    assert (await asked(bot, "/trend")).startswith(BEGIN)


async def test_nobodys_standing_is_asked_for_where_it_does_not_matter(api, bot):
    for words in ("/help", "/privacy", "@warmline_bot hello", "/mood"):
        await asked(bot, words)
    assert api.count("getChatMember") == 0


async def test_who_manages_one_group_learns_nothing_of_another(api, bot):
    await lively(bot, FORUM)
    api.put_member(GROUP.id, ANN, "administrator")
    assert await asked(bot, "/trend") == FEW
    assert await asked(bot, "/trend", ANN, FORUM.topic(7)) == REFUSED


async def test_a_group_is_told_of_with_all_its_topics_and_of_too_few_people_nothing(api, bot):
    await lively(bot, FORUM, people=4, thread="8")
    await felt(
        bot.store,
        0.5,
        days_ago=2,
        scope=Scope("telegram", str(FORUM.id), "9"),
        person=Person("telegram", "9000"),
        private=False,
    )
    api.put_member(FORUM.id, ANN, "administrator")
    assert await asked(bot, "/trend", ANN, FORUM.topic(7)) == FEW
    await lively(bot, FORUM, people=5, thread="9")
    assert (await asked(bot, "/trend", ANN, FORUM.topic(7))).startswith(BEGIN)
    assert {one.thread_id for one in api.messages(FORUM.id)} == {7}


async def test_fault_13_a_group_that_became_a_supergroup_keeps_its_trend(api, bot):
    await lively(bot, BASIC)
    for told in messages.migration(BASIC, GROUP):
        api.feed(told)
    api.put_member(GROUP.id, ANN, "administrator")
    assert (await asked(bot, "/trend")).startswith(BEGIN)


async def test_in_private_it_says_where_it_belongs(api, bot):
    api.feed(text("/trend", ANN))
    await api.until(lambda: api.texts(ANN.id) == [say("en", "commands.trend_elsewhere")])


async def test_the_menu_of_administrators_has_it_in_both_languages(api, bot):
    for language in ("", "zh"):
        listed = api.commands["all_chat_administrators", language]
        others = api.commands["all_group_chats", language]
        assert listed == {**others, "trend": say(language or "en", "telegram.menu_trend")}
        assert "trend" not in others
        assert not any("settings" in menu for menu in api.commands.values())


# --- one person


async def told(bot: Running, words: str, who=ANN) -> str:
    """Said in private: the bot's next message."""
    known = len(bot.api.messages(who.id))
    bot.api.feed(text(words, who))
    await bot.api.until(lambda: len(bot.api.messages(who.id)) > known)
    return bot.api.messages(who.id)[known].text


async def test_one_person_is_shown_to_whom_they_let_by_a_button_and_no_longer_than_that(api, bot):
    for days_ago in (1, 2, 3, 20, 21):
        await felt(
            bot.store,
            0.5,
            days_ago=days_ago,
            scope=Scope("telegram", str(ANN.id)),
            person=Person("telegram", str(ANN.id), "Ann"),
        )
    ann, ben = f"telegram:{ANN.id}", f"telegram:{BEN.id}"
    closed = say("en", "share.person_closed", person=ann, me=ben)
    assert await told(bot, f"/trend person {ann}", BEN) == closed
    assert say("en", "share.ask", who=ben, command=ben) in await told(bot, f"/privacy share {ben}")
    card = api.messages(ANN.id)[-1]
    assert [data for _, data in card.buttons] == [f"/privacy share {ben} yes", "/privacy share no"]
    assert await told(bot, f"/trend person {ann}", BEN) == closed
    api.feed(press(f"/privacy share {ben} yes", card.json(), ANN))
    await api.until(lambda: api.texts(ANN.id)[-1] == say("en", "share.done", who=ben, command=ben))
    assert "+0.50" in await told(bot, f"/trend person {ann}", BEN)
    assert await looks(bot) == [(ben, "person 30", ann)]
    (letter,) = await bot.store.take_letters("telegram")
    assert (letter.user_id, letter.facts["who"]) == (str(ANN.id), ben)
    assert await told(bot, f"/privacy unshare {ben}") == say("en", "share.ended", who=ben)
    assert await told(bot, f"/trend person {ann}", BEN) == closed


async def test_in_a_group_no_person_is_told_of_and_nothing_shared(api, bot):
    api.put_member(GROUP.id, ANN, "administrator")
    for words, command in (
        (f"/trend person telegram:{BEN.id}", "trend person"),
        (f"/privacy share telegram:{BEN.id} yes", "privacy share"),
    ):
        assert await asked(bot, words) == say("en", "commands.private_only", command=command)
    assert await bot.store.grants_of("telegram", str(ANN.id)) == []
    await asyncio.sleep(0)
    assert await looks(bot) == []
