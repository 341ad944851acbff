"""/export: everything that is kept about a person, as two files.

Knows: what a person wants to read of it, and the names under which `storage.export` hands it over
(format 1). The JSON file is that, whole; the Markdown file is its words. Does not know: tables.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.messages import File
from bot.command import Answer, Context
from bot.texts.sentences import section_of
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
    return await asyncio.to_thread(_files, context, kept)


def in_markdown(context: Context, kept: Kept) -> str:
    """Who the person is here, what they chose, and every message with its answer and mood."""
    lines = [f"# {context.say('export_title', day=_day(kept))}", ""]
    lines += [context.say("export_about"), "", *_person(context, kept)]
    for conversation in kept["conversations"]:
        lines += _conversation(context, conversation)
    return "\n".join(lines).rstrip() + "\n"


def _files(context: Context, kept: Kept) -> list[File]:
    name = f"warmline-export-{_day(kept)}"
    as_json = (json.dumps(kept, ensure_ascii=False, indent=2) + "\n").encode()
    as_markdown = in_markdown(context, kept).encode()
    return [
        File(f"{name}.json", as_json, "application/json", context.say("export_json")),
        File(f"{name}.md", as_markdown, "text/markdown", context.say("export_markdown")),
    ]


def _person(context: Context, kept: Kept) -> Iterator[str]:
    person = kept["person"] or {}
    facts = {
        "export_name": person.get("name", ""),
        "export_id": f"{kept['platform']} {kept['user_id']}",
        "export_language": person.get("language", ""),
        "export_moods": person.get("mood_memory", ""),
    }
    for key, value in facts.items():
        yield f"- {context.say(key, value=_inline(value) or context.say('export_unset'))}"
    yield ""


def _conversation(context: Context, conversation: Kept) -> Iterator[str]:
    where = " ".join(filter(None, (conversation["chat_id"], conversation["thread_id"])))
    kind = "export_private" if conversation["private"] else "export_group"
    turns = conversation["turns"]
    yield from (f"## {context.say(kind, where=_inline(where), n=len(turns))}", "")
    for turn in turns:
        yield from (f"### {turn['sent_at'][:16].replace('T', ' ')}", "")
        yield from _words(context.say("export_you", mood=_mood(context, turn)), turn["text"])
        if turn["reply"]:
            yield from _words(context.say("export_answer"), turn["reply"])


def _mood(context: Context, turn: Kept) -> str:
    """How the message was read, in brackets; "" where that is not kept."""
    labels = [label for label in turn["labels"] if label["task"] == SENTIMENT]
    if not labels:
        return ""
    name, share = labels[0]["label"], labels[0]["confidence"]
    word = section_of(context.language, "console").get(name, _inline(name))
    return context.say("export_mood", word=word, share=f"{share:.0%}")


def _words(whose: str, words: str) -> Iterator[str]:
    """Somebody's words, untouched: indented, so that nothing in them is taken for Markdown."""
    yield from (whose, "", *(f"    {line}".rstrip() for line in words.splitlines()), "")


def _inline(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def _day(kept: Kept) -> str:
    return str(kept["exported_at"])[:10]
