"""How answers of the Bot API are taken in: quietly, and update by update.

Knows: the library's HTTP request class and what of an answer may break or betray something.
Does not know: what updates mean, how often is asked.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

_LOGGER = logging.getLogger(__name__)
_INVALID = "Invalid server response"


class QuietRequest(HTTPXRequest):
    """The library's request, but what a server answers reaches no log and no error message.

    The library logs an answer that is not JSON, which may hold people's words, and puts the page
    of a failing proxy into its error, which may quote the address and with it the token.
    """

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """As the library's; an error page becomes an answer without a description."""
        code, payload = await super().do_request(*args, **kwargs)
        if not 200 <= code <= 299:
            try:
                self.parse_json_payload(payload)
            except TelegramError:
                payload = b'{"ok": false}'  # the error then says "Bad Gateway (502)" and no more
        return code, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer as an object; TelegramError where it is none, or a success without a result.

        The library would raise a KeyError for the latter, which its callers do not expect.
        """
        try:
            answer = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            raise TelegramError(_INVALID) from None
        if not isinstance(answer, dict) or (
            answer.get("ok") is not False and "result" not in answer
        ):
            raise TelegramError(_INVALID)
        return answer


class UpdatesRequest(QuietRequest):
    """For getUpdates alone (`get_updates_request`).

    One update that the library cannot take makes it throw the whole batch away and ask for the
    same one for ever. Here such an update becomes an empty one with its number, and is passed.
    """

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The answer, with updates that the library can take, in the order of their numbers."""
        answer = QuietRequest.parse_json_payload(payload)
        if "result" in answer:
            answer["result"] = _readable(answer["result"])
        return answer


def readable(update: object) -> dict[str, Any] | None:
    """The update as the library can take it; only its number if it can't; None without a number.

    Logs the number of one that can't be read, never its content. For a webhook's body too.
    """
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(update, dict) or type(number) is not int or number < 0:
        _LOGGER.warning("Telegram sent an update without a number; it is passed over.")
        return None
    try:
        Update.de_json(update)
    except Exception as error:  # noqa: BLE001  whatever it is, the next update must come
        _LOGGER.warning("Update %d cannot be read (%s); passed over.", number, type(error).__name__)
        return {"update_id": number}
    return update


def _readable(result: object) -> list[dict[str, Any]]:
    if not isinstance(result, list):
        raise TelegramError(_INVALID)
    taken = [update for entry in result if (update := readable(entry)) is not None]
    if result and not taken:
        # Nothing here can be confirmed and all of it would come again at once: let polling pause.
        raise TelegramError(_INVALID)
    return sorted(taken, key=lambda update: int(update["update_id"]))
