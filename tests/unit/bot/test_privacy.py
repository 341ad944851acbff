"""/privacy tells what is true here, and in a group nothing about one person."""

from __future__ import annotations

import pytest

from adapters.messages import Scope
from bot.texts.sentences import LANGUAGES, say
from storage.records import Named
from tests.unit.bot.asking import ANN, PersonalStore, told

both = pytest.mark.parametrize("language", LANGUAGES)


def sentences(language: str, *names: str, **fields: object) -> set[str]:
    return {say(language, f"commands.privacy_{name}", **fields) for name in names}


def choices(language: str, *names: str) -> set[str]:
    return {say(language, f"memory.privacy_{name}") for name in names}


def hint(language: str) -> set[str]:
    return {say(language, "share.hint")}


@both
async def test_a_file_on_this_machine_and_a_model_on_it(language):
    text = (await told("/privacy", PersonalStore(), language=language)).text
    expected = sentences(
        language, "kept", "file", "forever", "who", "local", "erase", model="tiny"
    ) | choices(language, "history_off", "moods_off", "crisis")
    assert set(text.split("\n")) == expected | hint(language)


@both
async def test_a_server_elsewhere_an_end_to_keeping_and_a_carrier(language):
    facts = {
        "database": "server",
        "remote": True,
        "keep_days": 90,
        "model": "big-7b",
        "pairing": True,
    }
    text = (
        await told(
            "/privacy",
            PersonalStore("on", "on"),
            language=language,
            scope=Scope("telegram", "1"),
            **{f"fact_{name}": value for name, value in facts.items()},
        )
    ).text
    names = ("kept", "server", "days", "who", "remote", "platform", "pairing", "erase")
    expected = sentences(language, *names, model="big-7b", days=90, platform="Telegram")
    expected |= choices(language, "history_on", "moods_on", "crisis")
    expected |= {say(language, "memory.privacy_groups", n=5)}
    assert set(text.split("\n")) == expected | hint(language)


@both
async def test_where_there_are_groups_it_tells_what_those_who_manage_them_can_ask(language):
    told_of = {
        "discord": "commands.privacy_servers",
        "telegram": "memory.privacy_groups",
        "console": "",
    }
    for platform, key in told_of.items():
        text = (
            await told(
                "/privacy",
                PersonalStore(),
                language=language,
                scope=Scope(platform, "1"),
                fact_min_people=7,
            )
        ).text
        for other in filter(None, told_of.values()):
            assert (say(language, other, n=7) in text.split("\n")) == (other == key)


@both
async def test_in_private_it_tells_with_whom_the_average_is_shared(language):
    store = PersonalStore()
    store.grants[ANN] = [Named("telegram", "7", "Bo")]
    text = (await told("/privacy", store, language=language)).text
    assert "telegram:7 (Bo)" in text
    group = (await told("/privacy", store, language=language, private=False)).text
    assert "telegram:7" not in group


@pytest.mark.parametrize(
    ("facts", "rules"),
    [
        ({}, ("history_by_yes", "moods_by_yes")),
        (
            {"fact_history": "off", "fact_mood_memory": "on"},
            ("history_by_yes", "moods_unless_no"),
        ),
        ({"fact_history": "on"}, ("history_unless_no", "moods_by_yes")),
    ],
)
@both
async def test_in_a_group_it_tells_the_rule_and_nobodys_choice(language, facts, rules):
    texts = set()
    for chosen in ("", "on", "off"):
        store = PersonalStore(chosen, chosen)
        notice = await told("/privacy", store, language=language, private=False, **facts)
        assert choices(language, *rules) <= set(notice.text.split("\n"))
        assert store.log == []
        texts.add(notice.text)
    assert len(texts) == 1


@both
async def test_where_nothing_is_kept_it_says_so(language):
    text = (await told("/privacy", None, language=language)).text
    assert text.startswith(say(language, "commands.not_remembered"))
    assert set(text.split("\n")[1:]) == sentences(language, "local", model="tiny")
