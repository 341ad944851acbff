"""Who may talk, in each mode; what the others hear, and how often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.messages import IncomingMessage, Person, Scope
from bot.access import ALPHABET, SILENCE, Access, Refusal, as_typed, new_code
from bot.config_sections import AccessSettings
from bot.texts.sentences import say

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
ANN, BO, OWNER = (Person("telegram", id_, id_.title()) for id_ in ("1", "2", "9"))
GROUP = Scope("telegram", "-100")


class Codes:
    """What `bot.access` asks of a Store: codes by person, and who is paired."""

    def __init__(self) -> None:
        self.codes: dict[str, tuple[str, str, str]] = {}
        self.paired: set[tuple[str, str]] = set()
        self.expires_at: datetime | None = None

    async def pairing_code(
        self, platform: str, user_id: str, name: str, code: str, expires_at: datetime
    ) -> str:
        self.expires_at = expires_at
        self.codes[code] = (platform, user_id, name)
        return code

    async def approve(self, code: str) -> Any:
        if code not in self.codes:
            return None
        platform, user_id, name = self.codes.pop(code)
        self.paired.add((platform, user_id))
        return SimpleNamespace(platform=platform, user_id=user_id, name=name)

    async def is_paired(self, platform: str, user_id: str) -> bool:
        return (platform, user_id) in self.paired


class Clock:
    def __init__(self) -> None:
        self.now = NOW.timestamp()

    def __call__(self) -> float:
        return self.now


def access(store: Codes | None = None, clock: Clock | None = None, **settings: Any) -> Access:
    return Access(AccessSettings(**settings), cast(Any, store), clock or Clock())


def message(person: Person = ANN, scope: Scope | None = None) -> IncomingMessage:
    scope = scope or Scope(person.platform, person.user_id)
    private = scope.chat_id == person.user_id
    return IncomingMessage(scope, person, "1", "hello", NOW, private=private)


async def test_open_lets_everybody_in_everywhere():
    door = access()
    assert await door.refusal(message(), "en") is None
    assert await door.refusal(message(scope=GROUP), "en") is None


@pytest.mark.parametrize("mode", ["list", "pairing"])
async def test_listed_people_and_owners_may_talk_in_private(mode):
    door = access(Codes(), mode=mode, users=["telegram:1"], owners=["telegram:9"])
    assert await door.refusal(message(ANN), "en") is None
    assert await door.refusal(message(OWNER), "en") is None
    assert await door.refusal(message(BO), "en")
    assert await door.refusal(message(Person("discord", "1", "Ann")), "en")


@pytest.mark.parametrize("mode", ["list", "pairing"])
async def test_in_a_group_the_group_counts_and_another_hears_nothing(mode):
    door = access(Codes(), mode=mode, owners=["telegram:9"], chats=["telegram:-100"])
    assert await door.refusal(message(BO, GROUP), "en") is None
    for person in (BO, OWNER):
        assert await door.refusal(message(person, Scope("telegram", "-200")), "en") == SILENCE
    assert await door.refusal(message(BO, Scope("telegram", "-100", "7")), "en") is None


@pytest.mark.parametrize("platform", ["console", "http"])
async def test_the_owners_own_machine_and_programs_are_always_let_in(platform):
    door = access(mode="list")
    assert await door.refusal(message(Person(platform, "ann")), "en") is None


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_who_is_not_listed_is_told_once_a_day_and_by_which_id_to_be_listed(language):
    clock = Clock()
    door = access(clock=clock, mode="list")
    told = Refusal(say(language, "access.refused", person="telegram:1"))
    assert "telegram:1" in told.text
    assert await door.refusal(message(), language) == told
    assert await door.refusal(message(), language) == SILENCE
    assert await door.refusal(message(BO), language) != SILENCE
    clock.now += timedelta(days=1).total_seconds()
    assert await door.refusal(message(), language) == told


async def test_a_stranger_gets_a_code_for_an_hour_and_talks_once_it_is_approved():
    store = Codes()
    door = access(store, mode="pairing")
    refused = await door.refusal(message(), "en")
    (code,) = store.codes
    assert refused == Refusal(say("en", "access.pair", code=code))
    assert code in refused.text
    assert store.expires_at == NOW + timedelta(hours=1)
    assert await door.approve(f" {code[:4].lower()}-{code[4:]} ") == "1"
    assert await door.refusal(message(), "en") is None
    assert await door.refusal(message(BO), "en")
    assert await door.refusal(message(scope=GROUP), "en") == SILENCE


async def test_a_code_is_told_three_times_an_hour_at_most():
    clock, store = Clock(), Codes()
    door = access(store, clock, mode="pairing")
    for _ in range(3):
        assert await door.refusal(message(), "en") != SILENCE
    assert await door.refusal(message(), "en") == SILENCE
    assert len(store.codes) == 3
    clock.now += 3600
    assert await door.refusal(message(), "en") != SILENCE


async def test_who_is_approved_while_asking_is_let_in(monkeypatch):
    store = Codes()
    door = access(store, mode="pairing")

    async def already(*_: object) -> str:
        return ""

    monkeypatch.setattr(store, "pairing_code", already)
    assert await door.refusal(message(), "en") is None


async def test_nobody_can_pair_where_nothing_is_remembered():
    door = access(None, mode="pairing")
    assert await door.refusal(message(), "en") == Refusal(
        say("en", "access.refused", person="telegram:1")
    )
    assert await door.refusal(message(), "en") == SILENCE
    assert await door.approve("ABCDEFGH") is None


async def test_an_unknown_code_lets_nobody_in_and_a_nameless_person_is_called_by_id():
    store = Codes()
    door = access(store, mode="pairing")
    await door.refusal(message(Person("telegram", "5")), "en")
    assert await door.approve("ZZZZZZZZ") is None
    assert not store.paired
    assert await door.approve(next(iter(store.codes))) == "telegram:5"


def test_owners_are_those_named_and_whoever_is_at_the_console():
    door = access(owners=["telegram:9"])
    assert door.is_owner(OWNER)
    assert door.is_owner(Person("console", "me"))
    assert not door.is_owner(ANN)
    assert not door.is_owner(Person("http", "9"))
    assert not door.is_owner(Person("discord", "9"))


async def test_a_listed_group_that_gets_another_id_stays_let_in_and_the_owner_is_told(caplog):
    door = access(mode="list", chats=["telegram:-100"])
    new = Scope("telegram", "-1007")
    door.moved(Scope("telegram", "-300"), new)
    assert await door.refusal(message(BO, new), "en") == SILENCE
    assert not caplog.records
    door.moved(GROUP, new)
    assert await door.refusal(message(BO, new), "en") is None
    assert "telegram:-1007" in caplog.text


def test_codes_have_no_look_alikes_and_do_not_repeat():
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) == set(ALPHABET)
    assert not set("0O1IL") & set(ALPHABET)


def test_a_code_may_be_typed_in_small_letters_with_spaces_or_hyphens():
    assert as_typed(" abcd-2345\n") == "ABCD2345"


@pytest.mark.parametrize(
    ("settings", "person", "let_in"),
    [
        ({}, BO, True),
        ({"mode": "list", "users": ["telegram:1"]}, ANN, True),
        ({"mode": "list", "owners": ["telegram:9"]}, OWNER, True),
        ({"mode": "list", "users": ["telegram:1"]}, BO, False),
        ({"mode": "pairing"}, ANN, True),
        ({"mode": "pairing"}, BO, False),
        ({"mode": "list"}, Person("console", "ann"), True),
    ],
)
async def test_whether_somebody_is_let_in_can_be_asked_without_telling_them(
    settings, person, let_in
):
    store = Codes()
    store.paired.add(("telegram", "1"))
    assert await access(store, **settings).lets_in(person) is let_in
    assert store.codes == {}
