"""How a turn ends that does not come to its end: declined, failed, cut off.

Knows: what is written down and what is said in each case. What was shown to the person is always
kept. Does not know: how a turn goes; that is `bot.chat`.
"""

from __future__ import annotations

import logging

from adapters.messages import Notice
from bot.talk import Talk
from bot.texts.sentences import say
from storage.errors import StorageError

log = logging.getLogger("warmline.turn")


async def declined(talk: Talk, reason: str) -> Notice:
    """No answer will come; `reason` names the sentence that says why."""
    await talk.record.decline(talk.turn, reason)
    talk.log(reason)
    return Notice(say(talk.language, f"turn.{reason}"), reason)


async def failed(talk: Talk, error: Exception) -> Notice | None:
    """Something of ours broke. A fixed answer was whole already, and needs no apology."""
    log.error("turn %s failed: %s", talk.turn.id, error)
    kept = await _write_down(talk, type(error).__name__)
    talk.log("failed")
    if talk.fixed:
        return None
    kept = kept and talk.message.remember
    return Notice(say(talk.language, "turn.failed" if kept else "turn.failed_unkept"), "failed")


def not_received(language: str, error: Exception) -> Notice:
    """The message could not even be written down."""
    log.error("a message is not written down: %s", error)
    return Notice(say(language, "turn.failed_unkept"), "failed")


def closed(talk: Talk) -> Notice:
    """The model is gone. What is remembered is answered at the next start."""
    key = "turn.closed" if talk.message.remember else "turn.failed_unkept"
    return Notice(say(talk.language, key), "loading")


async def cut_off(talk: Talk, *, closing: bool) -> None:
    """The person stopped the answer; or, with `closing`, the process stops, and goes on later."""
    if talk.written_down:
        return
    if talk.reply:
        await talk.finish()
    elif not closing:
        await talk.record.decline(talk.turn, "stopped")
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
