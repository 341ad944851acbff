"""A person's own message shown back to them: which may be shown where, and how it is cut.

Knows: scopes, labels' words. Does not know: SQL, why it is shown.
"""

from __future__ import annotations

import regex

from adapters.messages import IncomingMessage
from bot.command import Context
from bot.own_days import OwnDays
from bot.texts.sentences import say, section_of
from storage.reading import Reading

_SHOWN = regex.compile(r"\X{0,60}")
_LONGEST = 200
# They would turn the rest of the line around, or be taken for the beginning of code.
_NO_MARKS = {ord("`"): "'"} | dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def shown_here(message: IncomingMessage, reading: Reading) -> bool:
    """Private words in private alone; words of a group in that group alone."""
    if message.private and reading.private:
        return True
    here = (message.scope.chat_id, message.scope.thread_id)
    return message.private == reading.private and here == (reading.chat_id, reading.thread_id)


def excerpt(text: str) -> str:
    """The beginning of it on one line: 60 characters as a person counts them."""
    line = " ".join(text.translate(_NO_MARKS).split())
    found = _SHOWN.match(line)
    shown = (found.group() if found else "")[:_LONGEST]
    return line if shown == line else f"{shown.rstrip()}…"


def word(context: Context, label: str) -> str:
    """A label in the person's language."""
    return section_of(context.language, "console").get(label, label)


def facts(context: Context, reading: Reading, own: OwnDays) -> dict[str, str]:
    """What the sentences about one reading are filled with."""
    return {
        "id": str(reading.turn_id),
        "day": f"{own.day(reading.at):%Y-%m-%d}",
        "words": _quoted(context, reading.text),
        "word": word(context, reading.label),
        "share": f"{reading.confidence:.0%}",
        "meant": word(context, reading.corrected),
    }


def _quoted(context: Context, text: str) -> str:
    """The words in quotation marks; of a message that stays for its mood alone, that they went."""
    return f"“{excerpt(text)}”" if text else say(context.language, "memory.words_gone")
