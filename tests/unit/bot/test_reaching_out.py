"""Who is written to first, when, how often, and what becomes of what did not arrive."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from adapters.messages import File, Person, Scope
from adapters.outcome import NotSent, PerhapsSent, Rejected, SendError, Unreachable
from bot.reaching_out import ENDING_SECONDS, LOOK, ReachingOut, running
from bot.texts.sentences import LANGUAGES, say
from storage.errors import DatabaseBusy
from storage.reaching_records import CheckIn
from storage.store import Store
from tests.fake_store import MemoryStore

DAY = timedelta(days=1)
EIGHT = datetime(2026, 3, 2, 20, tzinfo=UTC)
ANN, BEN = ("telegram", "101"), ("telegram", "102")
FACTS = {"who": "owner", "what": "trend"}


class Platform:
    """An adapter that can write first; `fails` are errors to come, `sent` what arrived."""

    def __init__(self) -> None:
        self.can_reach = True
        self.sent: list[tuple[str, str]] = []
        self.fails: list[SendError] = []
        self.tries = 0
        self.slow: asyncio.Event | None = None

    async def reach(self, scope: Scope, text: str, file: File | None = None) -> None:
        self.tries += 1
        if self.slow:
            await self.slow.wait()
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append((scope.chat_id, text))

    @property
    def texts(self) -> list[str]:
        return [text for _, text in self.sent]


class World:
    """A memory, a platform, a clock, and somebody who looks."""

    def __init__(self, **settings: Any) -> None:
        self.store = MemoryStore()
        self.now = EIGHT
        self.store.now = lambda: self.now
        self.platform = Platform()
        self.let_in = True
        self.looking = self.looked(**settings)

    def looked(self, **settings: Any) -> ReachingOut:
        """One more process on the same memory."""

        async def lets_in(person: Person) -> bool:
            return self.let_in

        return ReachingOut(
            cast("Store", self.store),
            {"telegram": self.platform},
            lets_in,
            clock=lambda: self.now,
            **settings,
        )

    async def wanted(
        self, who: tuple[str, str] = ANN, at: datetime = EIGHT, language: str = "en"
    ) -> None:
        minute = at.hour * 60 + at.minute
        await self.store.set_checkin(*who, who[1], "", minute, "UTC", at, language)

    async def days(self, number: int) -> None:
        """A look at each of the next days, at the same time."""
        for _ in range(number):
            await self.looking.step()
            self.now += DAY

    @property
    def kept(self) -> CheckIn | None:
        return self.store.checkins.get(ANN)


@pytest.fixture
def world() -> World:
    return World()


def is_asked(text: str, language: str = "en") -> bool:
    return text in [say(language, f"checkin.ask_{n}") for n in (1, 2, 3, 4)]


async def test_a_check_in_comes_at_its_time_and_once(world):
    await world.wanted()
    world.now = EIGHT - timedelta(seconds=1)
    await world.looking.step()
    assert world.platform.sent == []
    world.now = EIGHT
    for _ in range(5):
        await world.looking.step()
        world.now += LOOK
    ((to, text),) = world.platform.sent
    assert to == "101"
    assert is_asked(text)
    assert world.kept.next_at == EIGHT + DAY


async def test_it_is_asked_in_other_words_from_day_to_day(world):
    await world.wanted()
    for _ in range(4):
        await world.days(1)
        await world.store.heard(*ANN)
    assert len(set(world.platform.texts)) == 4


async def test_two_processes_send_it_once(world):
    await world.wanted()
    other = world.looked()
    await asyncio.gather(world.looking.step(), other.step())
    assert len(world.platform.sent) == 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_ends_after_two_that_nobody_answered_and_the_second_says_so(world, language):
    await world.wanted(language=language)
    await world.days(1)
    assert is_asked(world.platform.texts[0], language)
    await world.days(1)
    assert world.platform.texts[1].endswith(say(language, "checkin.last"))
    await world.days(3)
    assert len(world.platform.sent) == 2
    assert world.kept is None


async def test_a_message_of_the_person_begins_the_count_anew(world):
    await world.wanted()
    for _ in range(3):
        await world.days(2)
        await world.store.heard(*ANN)
    assert len(world.platform.sent) == 6
    assert [say("en", "checkin.last") in text for text in world.platform.texts] == [False, True] * 3


@pytest.mark.parametrize(("late", "comes"), [(7200, True), (7201, False)])
async def test_two_hours_late_is_the_latest(world, late, comes):
    at = EIGHT.replace(hour=12)
    await world.wanted(at=at)
    world.now = at + timedelta(seconds=late)
    await world.looking.step()
    assert len(world.platform.sent) == comes
    assert world.kept.next_at == at + DAY


async def test_a_day_that_is_left_out_is_not_counted(world):
    await world.wanted()
    await world.days(1)
    world.now += timedelta(hours=12)
    await world.looking.step()  # the machine was off all evening
    assert world.kept.unanswered == 1
    world.now = EIGHT + 2 * DAY
    await world.looking.step()
    assert say("en", "checkin.last") in world.platform.texts[1]


async def test_after_ten_in_the_evening_nothing_comes_though_it_is_in_time(world):
    await world.wanted(at=EIGHT.replace(hour=21, minute=30))
    world.now = EIGHT.replace(hour=22)
    await world.looking.step()
    assert world.platform.sent == []
    assert world.kept.next_at == EIGHT.replace(hour=21, minute=30) + DAY


async def test_what_surely_was_not_sent_is_tried_at_the_next_look_while_it_is_in_time(world):
    await world.wanted()
    world.platform.fails = [NotSent(), NotSent(5)]
    for _ in range(3):
        await world.looking.step()
        world.now += LOOK
    assert len(world.platform.sent) == 1
    assert (world.kept.unanswered, world.kept.next_at) == (1, EIGHT + DAY)


async def test_what_never_was_sent_is_left_out_when_it_is_too_late(world):
    await world.wanted()
    world.platform.fails = [NotSent()] * 10_000
    while world.now < EIGHT + timedelta(hours=3):
        await world.looking.step()
        world.now += timedelta(minutes=10)
    assert world.platform.tries == 12
    assert (world.kept.unanswered, world.kept.next_at) == (0, EIGHT + DAY)


@pytest.mark.parametrize("error", [PerhapsSent(), Rejected()])
async def test_what_perhaps_was_sent_is_not_sent_again(world, error):
    await world.wanted()
    world.platform.fails = [error]
    for _ in range(3):
        await world.looking.step()
        world.now += LOOK
    assert (world.platform.tries, world.kept.next_at) == (1, EIGHT + DAY)


async def test_whoever_cannot_be_reached_is_not_asked_again(world):
    await world.wanted()
    world.platform.fails = [Unreachable("blocked")]
    await world.days(2)
    assert (world.platform.tries, world.kept) == (1, None)


async def test_a_refusal_without_a_reason_costs_nobody_their_check_in(world):
    await world.wanted()
    world.platform.fails = [Unreachable("forbidden")]
    await world.days(2)
    assert (world.platform.tries, len(world.platform.sent)) == (2, 1)


async def test_where_it_cannot_be_known_who_may_talk_it_waits(world, caplog):
    async def broken(person: Person) -> bool:
        raise DatabaseBusy("Another program holds it.")

    await world.wanted()
    looking = ReachingOut(
        cast("Store", world.store), {"telegram": world.platform}, broken, clock=lambda: world.now
    )
    await looking.step()
    assert (world.platform.tries, world.kept.next_at) == (0, EIGHT)
    assert "somebody is not written to for now: Another program holds it." in caplog.text


async def test_whoever_may_no_longer_talk_is_not_written_to(world):
    await world.wanted()
    world.let_in = False
    await world.days(1)
    assert (world.platform.tries, world.kept) == (0, None)


async def test_it_waits_for_a_platform_that_has_not_begun(world):
    await world.wanted()
    await world.store.write_letter(*ANN, "looked", FACTS)
    world.platform.can_reach = False
    await world.looking.step()
    assert (world.platform.tries, len(world.store.letters)) == (0, 1)
    assert world.kept.next_at == EIGHT
    world.platform.can_reach = True
    await world.looking.step()
    assert world.platform.tries == 2


async def test_the_chosen_language_comes_before_the_one_it_was_asked_for_in(world):
    await world.wanted()
    world.store.languages[ANN] = "zh"
    await world.days(1)
    assert is_asked(world.platform.texts[0], "zh")


async def test_the_owners_language_comes_before_both():
    world = World(language="en")
    await world.wanted(language="zh")
    world.store.languages[ANN] = "zh"
    await world.days(1)
    assert is_asked(world.platform.texts[0], "en")


async def test_a_letter_is_told_once(world):
    await world.store.write_letter(*ANN, "looked", FACTS)
    world.store.languages[ANN] = "en"
    await world.days(3)
    assert world.platform.sent == [
        (
            "101",
            "On 2 March, whoever runs me looked at your mood average, as you allowed."
            " /privacy unshare all ends that.",
        )
    ]


async def test_a_letter_to_somebody_whose_language_is_unknown_is_in_both(world):
    await world.store.write_letter(*ANN, "looked", {"who": "telegram:7"})
    await world.days(1)
    english, chinese = world.platform.texts[0].split("\n")
    assert english.startswith("On 2 March, telegram:7 looked")
    assert chinese.startswith("3月2日，telegram:7")


async def test_a_letter_that_surely_was_not_sent_goes_back(world):
    await world.store.write_letter(*ANN, "looked", FACTS)
    world.platform.fails = [NotSent()]
    await world.days(1)
    assert [one.facts for one in world.store.letters] == [FACTS]
    await world.days(2)
    assert len(world.platform.sent) == 1


@pytest.mark.parametrize("error", [PerhapsSent(), Rejected(), Unreachable("blocked")])
async def test_a_letter_that_perhaps_arrived_or_never_will_is_gone(world, error):
    await world.store.write_letter(*ANN, "looked", FACTS)
    world.platform.fails = [error]
    await world.days(2)
    assert (world.platform.tries, world.store.letters) == (1, [])


async def test_a_letter_of_an_unknown_kind_is_logged_and_not_told(world, caplog):
    await world.store.write_letter(*ANN, "riddle", FACTS)
    await world.days(1)
    assert world.platform.tries == 0
    assert "'riddle' cannot be told" in caplog.text


async def test_the_failure_of_one_does_not_keep_others_from_theirs(world, caplog):
    await world.wanted()
    await world.wanted(BEN)
    await world.store.write_letter(*BEN, "looked", FACTS)
    reach = world.platform.reach

    async def broken(scope: Scope, text: str, file: File | None = None) -> None:
        if scope.chat_id == "101":
            raise TypeError
        await reach(scope, text, file)

    world.platform.reach = broken
    await world.looking.step()
    assert [to for to, _ in world.platform.sent] == ["102", "102"]
    assert "somebody is not written to: TypeError" in caplog.text


async def test_a_slow_line_to_one_delays_few(world):
    world.platform.slow = asyncio.Event()
    for number in range(20):
        await world.wanted(("telegram", str(number)))
    task = asyncio.create_task(world.looking.step())
    while world.platform.tries < 8:  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(0)
    world.platform.slow.set()
    await task
    assert len(world.platform.sent) == 20


async def test_a_digest_has_its_chance_at_every_look():
    looked: list[int] = []

    async def digest() -> None:
        looked.append(1)

    world = World(digest=digest)
    await world.days(3)
    assert len(looked) == 3


@pytest.mark.parametrize("question", ["due_checkins", "take_letters"])
async def test_a_memory_that_fails_is_asked_again(world, question, caplog, monkeypatch):
    monkeypatch.setattr("bot.reaching_out.LOOK", timedelta(0))
    await world.wanted()
    world.store.broken[question] = DatabaseBusy("Another program holds it.")
    async with running(world.looking):
        while "nobody is written to for now" not in caplog.text:  # noqa: ASYNC110
            await asyncio.sleep(0)
        world.store.broken.clear()
        while not world.platform.sent:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1


async def test_a_digest_that_fails_ends_nothing(caplog, monkeypatch):
    monkeypatch.setattr("bot.reaching_out.LOOK", timedelta(0))

    async def digest() -> None:
        raise ValueError("a mistake of ours")

    world = World(digest=digest)
    async with running(world.looking):
        while caplog.text.count("a look at what is due failed: ValueError") < 2:  # noqa: ASYNC110
            await asyncio.sleep(0)


async def test_a_stop_lets_what_is_under_way_end_and_begins_nothing_more(world):
    assert ENDING_SECONDS > 5, "an adapter's answers get five seconds"
    world.platform.slow = asyncio.Event()
    for number in range(20):
        await world.wanted(("telegram", str(number)))
    await world.store.write_letter(*ANN, "looked", FACTS)
    async with running(world.looking):
        while world.platform.tries < 8:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0)
        world.looking.close()
        world.platform.slow.set()
    assert len(world.platform.sent) == 8
    assert len(world.store.letters) == 1
    assert sum(one.next_at == EIGHT for one in world.store.checkins.values()) == 12
