"""/privacy share: one person lets another see an average, by their own word and in private."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.messages import Person, Scope
from bot.sharing import OWNER, grantee_of
from bot.texts.sentences import LANGUAGES, say
from storage.errors import DatabaseBusy
from storage.records import Named
from tests.unit.bot.asking import PersonalStore, pressed, shown, told

both = pytest.mark.parametrize("language", LANGUAGES)
ON_DISCORD: dict[str, Any] = {
    "scope": Scope("discord", "55"),
    "person": Person("discord", "1", "Ann"),
}
ANN = ("discord", "1")


def granted(store: PersonalStore, who: tuple[str, str] = ANN) -> list[tuple[str, str]]:
    return [(one.platform, one.user_id) for one in store.grants.get(who, [])]


@pytest.mark.parametrize(
    ("typed", "platform", "who"),
    [
        ("owner", "console", OWNER),
        ("OWNER", "telegram", OWNER),
        ("主人", "discord", OWNER),
        ("telegram:123", "discord", ("telegram", "123")),
        ("Telegram:123", "console", ("telegram", "123")),
        ("discord:5", "telegram", ("discord", "5")),
        ("<@5>", "discord", ("discord", "5")),
        ("<@!5>", "discord", ("discord", "5")),
        ("<@5>", "telegram", None),
        ("<@&5>", "discord", None),
        ("<#5>", "discord", None),
        ("@ben", "telegram", None),
        ("123", "telegram", None),
        ("http:mei", "http", None),
        ("console:mei", "console", None),
        ("telegram:-100", "telegram", None),
        ("telegram:" + "1" * 21, "telegram", None),
        ("all", "discord", None),
        ("", "discord", None),
    ],
)
def test_who_is_meant_is_an_id_that_is_one_persons_or_the_owner(typed, platform, who):
    assert grantee_of(typed, platform) == who


@pytest.mark.parametrize(
    ("typed", "command", "who"),
    [
        ("owner", "owner", OWNER),
        ("telegram:123", "telegram:123", ("telegram", "123")),
        ("<@5>", "discord:5", ("discord", "5")),
    ],
)
@both
async def test_a_card_asks_once_and_only_a_yes_shares(language, typed, command, who):
    store = PersonalStore()
    card = await shown(f"/privacy share {typed}", store, language=language, **ON_DISCORD)
    yes, no = pressed(card)
    assert (yes, no) == (f"/privacy share {command} yes", "/privacy share no")
    assert max(len(one.encode()) for one in (yes, no)) <= 60
    assert say(language, "share.what") in card.text
    assert yes in card.text
    assert granted(store) == []
    notice = await told(no, store, language=language, **ON_DISCORD)
    assert notice.text == say(language, "share.kept")
    assert granted(store) == []
    name = say(language, "share.owner") if who == OWNER else command
    notice = await told(yes, store, language=language, **ON_DISCORD)
    assert notice.text == say(language, "share.done", who=name, command=command)
    assert granted(store) == [who]


def test_the_longest_button_fits():
    assert len(f"/privacy share telegram:{'9' * 20} yes") <= 60


@pytest.mark.parametrize(
    "typed",
    ["share @ben", "share owner maybe", "share owner yes yes", "share discord:1", "share <@1>",
     "unshare @ben", "unshare owner all", "unshare all owner", "share 5 yes"],
)  # fmt: skip
@both
async def test_what_names_nobody_else_is_told_how_to(language, typed):
    store = PersonalStore()
    notice = await told(f"/privacy {typed}", store, language=language, **ON_DISCORD)
    assert notice.text == say(language, "share.how_discord")
    assert granted(store) == []


@both
async def test_alone_it_lists_and_explains(language):
    store = PersonalStore()
    text = (await told("/privacy share", store, language=language)).text
    assert text.split("\n") == [say(language, f"share.{key}") for key in ("none", "what", "how")]
    store.grants["console", "ann"] = [Named(*OWNER, ""), Named("telegram", "5", "Bo")]
    for verb in ("share", "unshare", "分享", "取消分享"):
        text = (await told(f"/privacy {verb}", store, language=language)).text
        for name in (say(language, "share.owner"), "telegram:5 (Bo)", say(language, "share.what")):
            assert name in text


@both
async def test_an_end_is_for_one_or_for_all_and_a_repeated_one_says_so(language):
    store = PersonalStore()
    store.grants[ANN] = [Named(*OWNER, ""), Named("discord", "5", "Bo"), Named("telegram", "7", "")]

    async def unshared(typed: str) -> str:
        return (await told(f"/privacy {typed}", store, language=language, **ON_DISCORD)).text

    assert await unshared("unshare <@5>") == say(language, "share.ended", who="discord:5")
    assert granted(store) == [OWNER, ("telegram", "7")]
    assert await unshared("unshare <@5>") == say(language, "share.not_shared", who="discord:5")
    assert await unshared("unshare all") == say(language, "share.ended_all")
    assert granted(store) == []
    assert await unshared("取消分享 全部") == say(language, "share.none")


@pytest.mark.parametrize("typed", ["share", "share owner", "share owner yes", "unshare all"])
@both
async def test_in_front_of_others_nothing_is_told_and_nothing_shared(language, typed):
    store = PersonalStore()
    changes = ON_DISCORD | {"private": False}
    notice = await told(f"/privacy {typed}", store, language=language, **changes)
    assert notice.text == say(language, "commands.private_only", command="privacy share")
    assert store.log == []


@both
async def test_where_nothing_is_kept_nothing_is_shared(language):
    notice = await told("/privacy share owner yes", None, language=language)
    assert notice.text == say(language, "commands.not_remembered")


@both
async def test_where_the_memory_fails_nothing_is_said_to_be_shared(language):
    store = PersonalStore()
    store.broken["grant"] = DatabaseBusy("Close the other program.")
    notice = await told("/privacy share owner yes", store, language=language)
    assert notice.text == say(language, "commands.failed")


@both
async def test_privacy_tells_whom_the_person_lets_see(language):
    store = PersonalStore()
    assert say(language, "share.hint") in (await told("/privacy", store, language=language)).text
    store.grants["console", "ann"] = [Named("telegram", "5", "Bo")]
    text = (await told("/privacy", store, language=language)).text
    assert say(language, "share.shared", who="telegram:5 (Bo)") in text
    in_a_group = (await told("/privacy", store, language=language, private=False)).text
    assert "telegram:5" not in in_a_group
