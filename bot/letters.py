"""Letters: single sentences that a person is told without having asked, made of what was noted.

Knows: the sentence of each kind; that where nobody can be written to first, letters are told before
the next answer in private. Does not know: who writes letters, how one is sent
(`bot.reaching_out`).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING

from adapters.messages import Notice, Reply
from bot.checkin import REACHED
from bot.texts.sentences import LANGUAGES, say
from storage.errors import StorageError

if TYPE_CHECKING:
    from bot.talk import Talk
    from storage.reaching_records import Letter
    from storage.store import Store

LOOKED = "looked"
"""The kind that says that somebody looked at the person's mood, as they allowed."""

ALERT = "alert"
"""The kind that tells a responder that somebody may be in danger."""

_MARKS = frozenset("\\`*_{}[]<>()#|~&@:/")
"""A platform may make a link, a mention or a shape of these."""

_NAME_CHARACTERS = 40

_OWNERS = ("", "owner", "dashboard")
"""Who looked, where that was one of those who run this Warmline."""

log = logging.getLogger("warmline.letters")


def in_words(letter: Letter, language: str) -> str:
    """What the person reads; "" for a kind that is not known, which nobody can be told.

    In every language, where that of the person is not known ("").
    """
    words = _SENTENCES.get(letter.kind)
    if words is None:
        log.warning("a letter of the kind %r cannot be told: it has no sentence", letter.kind)
        return ""
    spoken = (language,) if language else LANGUAGES
    return "\n".join(words(letter, one) for one in spoken)


def _looked(letter: Letter, language: str) -> str:
    who = letter.facts.get("who", "")
    key = "letters.looked_owner" if who in _OWNERS else "letters.looked"
    return say(language, key, at=letter.created_at, who=who)


def _alert(letter: Letter, language: str) -> str:
    """What a responder reads: who, when, of which kind."""
    facts, name = letter.facts, _plain(letter.facts["name"])
    who = f"{name} ({facts['who']})" if name else facts["who"]
    at = datetime.fromisoformat(facts["at"])
    return say(language, f"alert.{facts['danger']}", who=who, at=at)


def _plain(name: str) -> str:
    """A name that somebody else reads unasked: it is no more than letters."""
    kept = (c if c.isprintable() else " " for c in name if c not in _MARKS)
    return " ".join("".join(kept).split())[:_NAME_CHARACTERS].strip()


_SENTENCES = {LOOKED: _looked, ALERT: _alert}


async def first(
    store: Store | None, talk: Talk, answer: AsyncGenerator[Reply, None]
) -> AsyncGenerator[Reply, None]:
    """The letters that wait for whoever speaks, and then the events of the answer."""
    for words in await _waiting(store, talk):
        yield Notice(words, "letter")
    async with aclosing(answer) as events:
        async for event in events:
            yield event


async def _waiting(store: Store | None, talk: Talk) -> list[str]:
    message = talk.message
    if store is None or not (message.private and message.remember):
        return []
    if message.person.platform in REACHED or talk.danger:
        return []  # they are written to; and nobody in danger waits for news
    person = message.person
    try:
        letters = await store.take_letters(person.platform, person.user_id)
    except StorageError as error:
        log.warning("letters wait for another answer: %s", error)
        return []
    return [words for one in letters if (words := in_words(one, talk.language))]
