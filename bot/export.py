"""/export: everything that is kept about a person, as two files.

Knows: what a person wants to read of it, and the names under which `storage.export` hands it over
(format 2). The JSON file is that, whole, with "keep_days": after so many days messages are deleted,
null for never. The Markdown file is its words. Does not know: tables. `warmline export` makes the
same files.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.messages import File
from bot.command import Answer, Context
from bot.texts.sentences import say, section_of
from storage.records import SENTIMENT

Kept = Mapping[str, Any]

_MARKS = re.compile(r"([\\`*_{}\[\]<>()#!|~&])")


async def export(context: Context) -> Sequence[Answer]:
    """/export: one JSON file for programs, and one in Markdown to read."""
    if context.store is None:
        return [context.notice("not_remembered")]
    person = context.message.person
    kept = await context.store.export(person.platform, person.user_id)
    # Years of messages take a while: others are not to wait for that.
    return await asyncio.to_thread(files, kept, context.language, context.facts.keep_days)


def files(kept: Kept, language: str, keep_days: int | None) -> list[File]:
    """Both files of what `Store.export` gave. `keep_days`: see `bot.command.Facts`."""
    name = f"warmline-export-{_day(kept)}"
    whole = {**kept, "keep_days": keep_days}
    as_json = (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode()
    as_markdown = _in_markdown(kept, language, keep_days).encode()
    return [
        File(f"{name}.json", as_json, "application/json", _say(language, "json")),
        File(f"{name}.md", as_markdown, "text/markdown", _say(language, "markdown")),
    ]


def _in_markdown(kept: Kept, language: str, keep_days: int | None) -> str:
    """Who the person is here, what they chose, who looked, every message with answer and mood."""
    lines = [f"# {_say(language, 'title', day=_day(kept))}", "", _say(language, "about")]
    if keep_days:
        lines.append(_say(language, "days", days=keep_days))
    lines += ["", *_person(kept, language), *_looks(kept, language), *_crises(kept, language)]
    for conversation in kept["conversations"]:
        lines += _conversation(conversation, language)
    return "\n".join(lines).rstrip() + "\n"


def _person(kept: Kept, language: str) -> Iterator[str]:
    person = kept["person"] or {}
    facts = {
        "name": person.get("name", ""),
        "id": f"{kept['platform']} {kept['user_id']}",
        "language": person.get("language", ""),
        "moods": person.get("mood_memory", ""),
        "history": person.get("history", ""),
        "zone": person.get("zone", ""),
        "checkin": _checkin(kept["checkin"]),
        "grants": ", ".join(_to(grant) for grant in kept["grants"]),
        "granted": str(len(kept["granted"]) or ""),
        "alert": _minute((kept["alert"] or {}).get("allowed_at", "")),
    }
    for key, value in facts.items():
        yield f"- {_say(language, key, value=_inline(value) or _say(language, 'unset'))}"
    yield ""


def _checkin(checkin: Kept | None) -> str:
    """The time of day, and in which zone."""
    if checkin is None:
        return ""
    hour, minute = divmod(checkin["minute"], 60)
    return f"{hour:02}:{minute:02} {checkin['zone']}"


def _to(grant: Kept) -> str:
    """To whom: "owner", or a platform and an id."""
    return " ".join(filter(None, (grant["to_platform"], grant["to_user_id"])))


def _looks(kept: Kept, language: str) -> Iterator[str]:
    """When somebody looked at the person's mood, and when the person at others'."""
    for key in ("looks", "looked"):
        if kept[key]:
            yield from (f"## {_say(language, key)}", "")
        for look in kept[key]:
            facts = filter(None, (look["who"], look["what"], look["about"]))
            yield f"- {_minute(look['at'])}: {_inline(', '.join(facts))}"
        if kept[key]:
            yield ""


def _crises(kept: Kept, language: str) -> Iterator[str]:
    """When a message was taken for a crisis."""
    if kept["crises"]:
        yield from (f"## {_say(language, 'crises')}", "")
        yield from (f"- {_minute(one['at'])}: {_inline(one['kind'])}" for one in kept["crises"])
        yield ""


def _conversation(conversation: Kept, language: str) -> Iterator[str]:
    where = " ".join(filter(None, (conversation["chat_id"], conversation["thread_id"])))
    kind = "private" if conversation["private"] else "group"
    turns = conversation["turns"]
    yield from (f"## {_say(language, kind, where=_inline(where), n=len(turns))}", "")
    for turn in turns:
        yield from (f"### {_minute(turn['sent_at'])}", "")
        you = _say(language, "you", mood=_mood(turn, language))
        if turn["ended"]:
            yield from (you, "", _say(language, "ended"), "")
            continue
        yield from _words(you, turn["text"])
        if turn["reply"]:
            yield from _words(_say(language, "answer"), turn["reply"])


def _mood(turn: Kept, language: str) -> str:
    """How the message was read, in brackets; "" where that is not kept."""
    labels = [label for label in turn["labels"] if label["task"] == SENTIMENT]
    if not labels:
        return ""
    name, share = labels[0]["label"], labels[0]["confidence"]
    word = _word(name, language)
    return _say(language, "mood", word=word, share=f"{share:.0%}", meant=_meant(turn, language))


def _meant(turn: Kept, language: str) -> str:
    """How the person says it was meant; "" where they said nothing."""
    said = [said["label"] for said in turn["corrections"] if said["task"] == SENTIMENT]
    return _say(language, "corrected", word=_word(said[0], language)) if said else ""


def _word(label: str, language: str) -> str:
    return section_of(language, "console").get(label, _inline(label))


def _words(whose: str, words: str) -> Iterator[str]:
    """Somebody's words, untouched: indented, so that nothing in them is taken for Markdown."""
    yield from (whose, "", *(f"    {line}".rstrip() for line in words.splitlines()), "")


def _say(language: str, key: str, **fields: object) -> str:
    return say(language, f"commands.export_{key}", **fields)


def _inline(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _minute(at: str) -> str:
    return at[:16].replace("T", " ")


def _day(kept: Kept) -> str:
    return str(kept["exported_at"])[:10]
