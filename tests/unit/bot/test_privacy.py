"""/privacy tells what is true here, and in a group nothing about one person."""

from __future__ import annotations

import pytest

from adapters.messages import Scope
from bot.texts.sentences import LANGUAGES, say
from tests.unit.bot.asking import PersonalStore, told

both = pytest.mark.parametrize("language", LANGUAGES)


def sentences(language: str, *names: str, **fields: object) -> set[str]:
    return {say(language, f"commands.privacy_{name}", **fields) for name in names}


@both
async def test_a_file_on_this_machine_and_a_model_on_it(language):
    text = (await told("/privacy", PersonalStore(), language=language)).text
    expected = sentences(
        language, "kept", "mood_off", "file", "forever", "who", "local", "erase", model="tiny"
    )
    assert set(text.split("\n")) == expected


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
            PersonalStore("on"),
            language=language,
            scope=Scope("telegram", "1"),
            **{f"fact_{name}": value for name, value in facts.items()},
        )
    ).text
    names = (
        "kept",
        "server",
        "days",
        "who",
        "remote",
        "platform",
        "pairing",
        "erase",
        "mood_by_yes",
    )
    in_words = sentences(language, *names, model="big-7b", days=90, platform="Telegram")
    assert in_words - set(text.split("\n")) == sentences(language, "mood_by_yes")
    assert not sentences(language, "file", "forever") & set(text.split("\n"))


@both
async def test_where_there_are_servers_it_tells_what_those_who_manage_them_can_ask(language):
    for platform, told_of in (("discord", True), ("telegram", False), ("console", False)):
        text = (
            await told(
                "/privacy",
                PersonalStore(),
                language=language,
                scope=Scope(platform, "1"),
                fact_min_people=7,
            )
        ).text
        assert (sentences(language, "servers", n=7) <= set(text.split("\n"))) == told_of


@pytest.mark.parametrize(
    ("chosen", "setting", "state"),
    [("on", "off", "mood_on"), ("", "on", "mood_on"), ("off", "on", "mood_off")],
)
@both
async def test_in_private_it_tells_whether_this_persons_moods_are_kept(
    language, chosen, setting, state
):
    store = PersonalStore(chosen)
    text = (await told("/privacy", store, language=language, fact_mood_memory=setting)).text
    assert sentences(language, state) <= set(text.split("\n"))


@pytest.mark.parametrize(
    ("setting", "rule"),
    [("ask", "mood_by_yes"), ("off", "mood_by_yes"), ("on", "mood_unless_no")],
)
@both
async def test_in_a_group_it_tells_the_rule_and_nobodys_choice(language, setting, rule):
    texts = set()
    for chosen in ("", "on", "off"):
        store = PersonalStore(chosen)
        notice = await told(
            "/privacy", store, language=language, private=False, fact_mood_memory=setting
        )
        assert sentences(language, rule) <= set(notice.text.split("\n"))
        assert store.log == []
        texts.add(notice.text)
    assert len(texts) == 1


@both
async def test_where_nothing_is_kept_it_says_so(language):
    text = (await told("/privacy", None, language=language)).text
    assert text.startswith(say(language, "commands.not_remembered"))
    assert set(text.split("\n")[1:]) == sentences(language, "local", model="tiny")
