"""/privacy alert: a person lets the responder be told, by their own word, in private, or not."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.messages import Person, Scope
from bot.texts.sentences import LANGUAGES, say
from storage.errors import DatabaseBusy
from tests.unit.bot.asking import ANN, PersonalStore, ask, pressed, shown, told

both = pytest.mark.parametrize("language", LANGUAGES)

BO = ("telegram", "5")
NAMED: dict[str, Any] = {"fact_responder": BO}


@pytest.fixture
def store() -> PersonalStore:
    """A memory that knows the responder, and asked nobody yet."""
    store = PersonalStore()
    store.known.add(BO)
    return store


@pytest.mark.parametrize(
    "typed", ["alert", "alert on", "提醒", "提醒 开", "ALERT ON", "alert what"]
)
@both
async def test_a_card_asks_in_plain_words_and_only_a_yes_allows_it(language, typed, store):
    card = await shown(f"/privacy {typed}", store, language=language, **NAMED)
    yes, no = pressed(card)
    assert (yes, no) == ("/privacy alert on yes", "/privacy alert off")
    assert card.text == say(language, "alert.ask")
    assert yes in card.text
    assert no in card.text
    assert store.alerts == {}
    assert (await told(no, store, language=language, **NAMED)).text == say(language, "alert.off")
    assert store.alerts == {}
    assert (await told(yes, store, language=language, **NAMED)).text == say(language, "alert.done")
    assert store.alerts == {ANN: BO}


@pytest.mark.parametrize("typed", ["提醒 开 是", "提醒 打开 是", "alert on yes", "alert 开启 YES"])
async def test_the_yes_can_be_typed(typed, store):
    assert (await told(f"/privacy {typed}", store, **NAMED)).text == say("en", "alert.done")
    assert store.alerts == {ANN: BO}


@pytest.mark.parametrize("typed", ["alert off", "提醒 关", "提醒 关闭", "alert no", "提醒 否"])
@pytest.mark.parametrize("responder", [BO, ("telegram", "6"), None])
@both
async def test_it_is_taken_back_at_any_time_whoever_is_named_now(language, typed, responder, store):
    store.alerts[ANN] = BO
    notice = await told(f"/privacy {typed}", store, language=language, fact_responder=responder)
    assert notice.text == say(language, "alert.off")
    assert store.alerts == {}


@both
async def test_once_allowed_it_says_so_with_the_way_out(language, store):
    store.alerts[ANN] = BO
    card = await shown("/privacy alert on", store, language=language, **NAMED)
    assert card.text == say(language, "alert.on")
    assert pressed(card) == ["/privacy alert off"]


@pytest.mark.parametrize("typed", ["alert", "alert on", "alert on yes"])
@both
async def test_where_nobody_is_named_or_they_never_wrote_it_says_so(language, typed, store):
    store.known.clear()
    for responder in (None, BO):
        text = (
            await told(f"/privacy {typed}", store, language=language, fact_responder=responder)
        ).text
        assert text == say(language, "alert.none")
    assert store.alerts == {}


@both
async def test_a_yes_to_another_one_does_not_carry_over(language, store):
    store.alerts[ANN] = ("telegram", "6")
    card = await shown("/privacy alert", store, language=language, **NAMED)
    assert card.text == f"{say(language, 'alert.another')}\n\n{say(language, 'alert.ask')}"
    assert say(language, "alert.hint") in (
        await told("/privacy", store, language=language, **NAMED)
    ).text.split("\n")


@pytest.mark.parametrize("typed", ["alert", "alert on yes"])
async def test_the_responder_is_not_told_of_themself(typed, store):
    themself = {"scope": Scope(*BO), "person": Person(*BO)}
    notice = await told(f"/privacy {typed}", store, **NAMED, **themself)
    assert notice.text == say("en", "alert.yourself")
    assert store.alerts == {}


@pytest.mark.parametrize("typed", ["alert", "alert on yes", "alert off"])
@both
async def test_in_front_of_others_nothing_is_told_and_nothing_changes(language, typed, store):
    notice = await told(f"/privacy {typed}", store, language=language, private=False, **NAMED)
    assert notice.text == say(language, "commands.private_only", command="privacy alert")
    assert store.alerts == {}


async def test_where_nothing_is_kept_nothing_is_allowed():
    notice = await told("/privacy alert on yes", None, **NAMED)
    assert notice.text == say("en", "commands.not_remembered")


async def test_where_the_memory_fails_nothing_is_said_to_be_allowed(store):
    store.broken["allow_alert"] = DatabaseBusy("Close the other program.")
    notice = await told("/privacy alert on yes", store, **NAMED)
    assert notice.text == say("en", "commands.failed")


@both
async def test_privacy_says_how_it_stands_to_the_person_alone(language, store):
    async def lines(**changes: Any) -> list[str]:
        return (await told("/privacy", store, language=language, **changes)).text.split("\n")

    said = {say(language, f"alert.{key}") for key in ("hint", "on")}
    assert not said & {*await lines()}, "nobody is named"
    assert said & {*await lines(**NAMED)} == {say(language, "alert.hint")}
    store.alerts[ANN] = BO
    assert said & {*await lines(**NAMED)} == {say(language, "alert.on")}
    assert not said & {*await lines(private=False, **NAMED)}


@both
async def test_nobody_learns_who_the_responder_is(language, store):
    for typed in ("", " alert", " alert on yes", " alert", " alert off"):
        answers = await ask(f"/privacy{typed}", store, language=language, **NAMED)
        assert "telegram:5" not in repr(answers)


def test_the_buttons_fit():
    assert len(b"/privacy alert on yes") <= 60
