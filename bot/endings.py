"""How a turn ends that does not come to its end: declined, failed, cut off.

Knows: what is written down and what is said in each case. What was shown to the person is always
kept. Does not know: how a turn goes; that is `bot.chat`.
"""

from __future__ import annotations

import logging

from adapters.messages import IncomingMessage, Notice, Text
from bot import safety
from bot.crisis.finding import find
from bot.gate import is_command
from bot.talk import Talk
from bot.texts.sentences import say
from storage.errors import StorageError

log = logging.getLogger("warmline.turn")


async def declined(talk: Talk, reason: str) -> Notice:
    """No answer will come; `reason` names the sentence that says why."""
    await talk.record.decline(talk.turn, reason)
    talk.written_down = True
    talk.log(reason)
    return Notice(say(talk.language, f"turn.{reason}"), reason)


async def stopped(talk: Talk) -> None:
    """The person wants no answer, and none has begun to show."""
    await talk.record.decline(talk.turn, "stopped")
    talk.written_down = True
    talk.log("stopped")


async def command_done(talk: Talk) -> None:
    """A command was answered; it is in no history. What it did stands, also where this fails."""
    talk.written_down = True
    try:
        await talk.record.decline(talk.turn, "command")
    except StorageError as error:
        log.warning("turn %s: a command is not noted as answered: %s", talk.turn.id, error)


async def failed(talk: Talk, error: Exception) -> Notice | None:
    """Something of ours broke. A fixed answer was whole already, and needs no apology."""
    log.error("turn %s failed: %s", talk.turn.id, error)
    kept = await _write_down(talk, type(error).__name__)
    talk.log("failed")
    if talk.fixed:
        return None
    kept = kept and talk.message.remember
    return Notice(say(talk.language, "turn.failed" if kept else "turn.failed_unkept"), "failed")


def not_received(
    message: IncomingMessage, language: str, region: str, error: Exception
) -> Notice | Text:
    """The message could not even be written down. Whoever is in danger is answered all the same."""
    log.error("a message is not written down: %s", error)
    danger = find(message.text)
    if danger:
        return Text(safety.crisis_answer(language, region, danger.kind), whole=True)
    return Notice(say(language, "turn.failed_unkept"), "failed")


def closed(talk: Talk) -> Notice:
    """The model is gone. What is remembered is answered at the next start."""
    key = "turn.closed" if talk.message.remember else "turn.failed_unkept"
    return Notice(say(talk.language, key), "loading")


async def cut_off(talk: Talk, *, closing: bool) -> None:
    """The person stopped the answer; or, with `closing`, the process stops, and goes on later."""
    if talk.written_down:
        return
    try:
        if talk.reply:
            await talk.finish()
        elif not closing:
            command = is_command(talk.message.text)
            await talk.record.decline(talk.turn, "command" if command else "stopped")
    except StorageError as error:
        log.error("turn %s: its end is not written down: %s", talk.turn.id, error)
    talk.log("cut off")


async def _write_down(talk: Talk, failure: str) -> bool:
    try:
        if talk.reply:
            await talk.finish()
        else:
            await talk.record.fail(talk.turn, failure)
    except StorageError as error:
        log.error("turn %s: nor could that be written down: %s", talk.turn.id, error)
        return False
    return True
