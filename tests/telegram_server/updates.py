"""How updates reach the bot: the queue, the long poll, the webhook's settings.

Follows Telegram's own server: an offset forgets what is before it; of two polls that wait, the
first ends with 409; a webhook shuts polling out. It doesn't slow down repeated conflicts or polls,
so that tests are fast.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server.chats import File
from tests.telegram_server.faults import Error, Params, Refusal, bad
from tests.telegram_server.people import Json

FIRST_UPDATE = 500_000_001
LONGEST_POLL_S = 50
UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""What comes only where `allowed_updates` names it."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


def conflict(why: str) -> Refusal:
    return Refusal(Error(409, f"Conflict: {why}"))


@dataclass(slots=True)
class Waiting:
    """An update that isn't confirmed. `given`: some poll was answered with it."""

    update: Json
    given: bool = False


@dataclass(slots=True)
class Webhook:
    url: str = ""
    secret: str = ""
    certificate: File | None = None
    max_connections: int = 40


@dataclass(slots=True)
class _Poll:
    """One long poll that waits; `end` is set when it is to look again."""

    end: asyncio.Event = field(default_factory=asyncio.Event)
    refusal: Refusal | None = None


class Updates:
    """The queue of one bot. `confirmed`: the highest offset seen, less one (0: none).

    An update fed with an `update_id` below the offset is handed over once all the same, so that a
    test can send one twice or out of order.
    """

    def __init__(self) -> None:
        self.queue: list[Waiting] = []
        self.withheld: list[Json] = []
        self.allowed: list[str] = []
        self.webhook = Webhook()
        self.confirmed = 0
        self.next_id = FIRST_UPDATE
        self._poll: _Poll | None = None
        self._closed = False

    @property
    def polling(self) -> bool:
        return self._poll is not None

    def numbered(self, update: Mapping[str, Any]) -> Json:
        """A copy with an `update_id`."""
        number = update.get("update_id", self.next_id)
        if isinstance(number, int):
            self.next_id = max(self.next_id, number + 1)
        return {"update_id": number, **copy.deepcopy(dict(update))}

    def wanted(self, update: Json) -> bool:
        kinds = update.keys() - {"update_id"}
        return not kinds or any(
            kind in self.allowed if self.allowed else kind not in UNASKED for kind in kinds
        )

    def add(self, update: Json) -> None:
        """Queues a numbered update; one of a kind that the bot didn't ask for is withheld."""
        if not self.wanted(update):
            self.withheld.append(update)
            return
        self.queue.append(Waiting(update))
        self._wake()

    def close(self) -> None:
        """Ends the poll that waits, and all to come, with nothing."""
        self._closed = True
        self._wake()

    def _wake(self, refusal: Refusal | None = None) -> None:
        if self._poll:
            self._poll.refusal = refusal
            self._poll.end.set()

    async def get_updates(self, params: Params) -> list[Json]:
        if self.webhook.url:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        self._allow(params)
        offset = params.get("offset", 0)
        if offset < 0:
            self.queue = self.queue[offset:]
        elif offset:
            self.confirm(offset - 1)
            self.queue = [
                one for one in self.queue if not one.given or one.update["update_id"] >= offset
            ]
        limit = min(max(params.get("limit", 100), 1), 100)
        timeout = min(params.get("timeout", 0), LONGEST_POLL_S)
        if timeout and not self.queue:
            await self._wait(timeout)
        batch = self.queue[:limit]
        for one in batch:
            one.given = True
        return [one.update for one in batch]

    async def _wait(self, seconds: float) -> None:
        self._wake(
            conflict(
                "terminated by other getUpdates request; "
                "make sure that only one bot instance is running"
            )
        )
        self._poll = poll = _Poll()
        if self._closed:
            poll.end.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await poll.end.wait()
        if self._poll is poll:
            self._poll = None
        if poll.refusal:
            raise poll.refusal

    def confirm(self, update_id: int) -> None:
        self.confirmed = max(self.confirmed, update_id)

    def _allow(self, params: Params) -> None:
        """An empty list means the usual kinds; none given leaves the last list."""
        if "allowed_updates" in params:
            self.allowed = list(params["allowed_updates"] or [])

    def set_webhook(self, params: Params) -> bool:
        url, secret = str(params.get("url", "")), str(params.get("secret_token", ""))
        if url and not url.startswith(("https://", "http://")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if not _SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters")
        if url:
            self._wake(conflict("terminated by setWebhook request"))
        certificate = params.get("certificate")
        self.webhook = Webhook(
            url,
            secret,
            certificate if isinstance(certificate, File) else None,
            params.get("max_connections", 40),
        )
        self._allow(params)
        if params.get("drop_pending_updates"):
            self.queue.clear()
        return True

    def delete_webhook(self, params: Params) -> bool:
        return self.set_webhook({k: v for k, v in params.items() if k == "drop_pending_updates"})

    def webhook_info(self, params: Params) -> Json:
        found: Json = {
            "url": self.webhook.url,
            "has_custom_certificate": self.webhook.certificate is not None,
            "pending_update_count": len(self.queue),
        }
        if self.webhook.url:
            found["max_connections"] = self.webhook.max_connections
        return found | ({"allowed_updates": self.allowed} if self.allowed else {})
