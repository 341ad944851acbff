"""/trend person: an average for whom the person lets see it, noted each time, and no more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.messages import Person, Scope
from bot.sharing import OWNER
from bot.texts.sentences import LANGUAGES, say
from storage.errors import DatabaseBusy
from storage.records import Mood, Named
from tests.unit.bot.asking import Gate, PersonalStore, told

both = pytest.mark.parametrize("language", LANGUAGES)
BO, MEI = ("telegram", "5"), ("discord", "9")
ASKING: dict[str, Any] = {"scope": Scope("telegram", "5"), "person": Person(*BO, "Bo")}
AS_OWNER: dict[str, Any] = {"access": Gate()}
"""Ann at the console, whom `Gate` takes for an owner."""


class FeltStore(PersonalStore):
    """Mei's moods are `felt`; with `corrected` she would have set all of them right."""

    def __init__(self, *felt: float, to: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self.felt = felt
        self.grants[MEI] = [Named(*one, "") for one in to]

    async def moods(
        self,
        platform: str,
        user_id: str,
        since: datetime,
        conversation_id: int | None = None,
        *,
        corrected: bool = False,
    ) -> list[Mood]:
        self._asked("moods", user_id)
        assert (platform, user_id, conversation_id) == (*MEI, None)
        assert not corrected
        assert since <= datetime.now(UTC) - timedelta(days=29.9)
        return [Mood(since + timedelta(days=2 + n), v, 0.9, "") for n, v in enumerate(self.felt)]


FALLING = (0.6, 0.6, 0.5, 0.6, 0.5, 0.6)


@both
async def test_with_the_grant_the_average_is_told_and_the_look_noted_first(language):
    store = FeltStore(*FALLING, to=[BO])
    notice = await told("/trend person discord:9", store, language=language, **ASKING)
    assert notice.code == "command"
    for fact in ("discord:9", "30", "+0.57", say(language, "commands.feeling_positive")):
        assert fact in notice.text
    assert store.looks == [("telegram:5", "person 30", "discord:9", "discord", "9")]
    assert store.log[0] == "note_look discord:9"


@pytest.mark.parametrize(
    ("to", "changes"),
    [
        ([], ASKING),
        ([("telegram", "6")], ASKING),
        ([("discord", "5")], ASKING),
        ([OWNER], ASKING),
        ([BO], AS_OWNER),
    ],
)
@both
async def test_without_it_nothing_is_told_whoever_that_is(language, to, changes):
    store = FeltStore(*FALLING, to=to)
    me = "telegram:5" if changes is ASKING else "owner"
    texts = set()
    for person in ("discord:9", "discord:404"):
        notice = await told(f"/trend person {person}", store, language=language, **changes)
        closed = say(language, "share.person_closed", person=person, me=me)
        assert notice.text == closed
        texts.add(notice.text.replace(person, "X"))
    assert len(texts) == 1
    assert store.looks == []
    assert store.log == []


async def test_an_owner_sees_what_is_shared_with_the_owners():
    store = FeltStore(*FALLING, to=[OWNER])
    assert "+0.57" in (await told("/trend person discord:9", store, **AS_OWNER)).text
    assert store.looks[0][0] == "console:ann"


@both
async def test_too_few_messages_and_no_memory_read_the_same(language):
    texts = set()
    for felt, choice in (((0.5,) * 4, ""), (FALLING, "off"), ((), "on")):
        store = FeltStore(*felt, to=[BO])
        store.choices[MEI] = choice
        texts.add((await told("/trend person discord:9", store, language=language, **ASKING)).text)
        assert len(store.looks) == 1
    assert texts == {say(language, "share.person_few", person="discord:9", days=30, needed=5)}


@both
async def test_alone_it_lists_who_shares_with_the_asker(language):
    store = FeltStore(to=[BO, OWNER])
    store.grants["telegram", "7"] = [Named(*OWNER, "")]

    async def listed(**changes: Any) -> str:
        return (await told("/trend person", store, language=language, **changes)).text

    assert await listed(**ASKING) == say(language, "share.person_list", people="discord:9")
    both_ = say(language, "share.person_list", people="discord:9, telegram:7")
    assert await listed(**AS_OWNER) == both_
    store.grants.clear()
    assert await listed(**ASKING) == say(language, "share.person_nobody", me="telegram:5")
    assert await listed(**AS_OWNER) == say(language, "share.person_nobody", me="owner")


@pytest.mark.parametrize("typed", ["mei", "discord:9 7", "owner", "@mei", "console:mei"])
@both
async def test_what_names_no_person_is_told_how_to(language, typed):
    store = FeltStore(*FALLING, to=[BO])
    notice = await told(f"/trend person {typed}", store, language=language, **ASKING)
    assert notice.text == say(language, "share.person_how")


@both
async def test_in_front_of_others_it_is_not_told(language):
    store = FeltStore(*FALLING, to=[BO])
    changes = ASKING | {"private": False, "manages": True}
    notice = await told("/trend person discord:9", store, language=language, **changes)
    assert notice.text == say(language, "commands.private_only", command="trend person")
    assert store.log == []


@both
async def test_a_program_that_may_give_any_name_sees_nothing(language):
    changes = {"scope": Scope("http", "mei"), "person": Person("http", "mei")}
    for typed in ("", " discord:9"):
        store = FeltStore(*FALLING, to=[("http", "mei"), OWNER])
        notice = await told(f"/trend person{typed}", store, language=language, **changes)
        assert notice.text == say(language, "share.person_not_here")
        assert store.log == []


@both
async def test_a_look_that_cannot_be_noted_is_none(language):
    store = FeltStore(*FALLING, to=[BO])
    store.broken["note_look"] = DatabaseBusy("Close the other program.")
    notice = await told("/trend person discord:9", store, language=language, **ASKING)
    assert notice.text == say(language, "commands.failed")
    assert "moods 9" not in store.log
