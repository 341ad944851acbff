"""The responder: one human who is told, in private, that somebody may be in danger.

Knows: who that is by the settings, of which dangers they are told, why they cannot be told yet.
Does not know: who allowed it and how often it may be (`storage.alerts`), how a letter is sent
(`bot.reaching_out`), its words (`bot.letters`). Their id goes into no log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.messages import IncomingMessage

if TYPE_CHECKING:
    from bot.config import Settings
    from storage.store import Store

Responder = tuple[str, str]
"""A platform and a user id there."""

KINDS = ("self", "abuse")
"""The dangers to the person themself (`bot.crisis.rulebook.KINDS`): of no other is anybody told."""


def responder_of(settings: Settings) -> Responder | None:
    """Who the settings name; None for nobody, also where their platform is not enabled."""
    platform, _, user_id = settings.safety.responder.partition(":")
    enabled = {"telegram": settings.telegram.enabled, "discord": settings.discord.enabled}
    return (platform, user_id) if enabled.get(platform) else None


async def hindrance(settings: Settings, store: Store) -> str:
    """One sentence for the owner: why the responder cannot be told; "" where they can, or is none.

    Raises:
        StorageError: the memory cannot be asked.
    """
    if not settings.safety.responder:
        return ""
    known = responder_of(settings)
    if known is None:
        platform = settings.safety.responder.partition(":")[0]
        return f"[safety] responder is on a platform that is not enabled: set [{platform}] enabled"
    if not await store.is_known(*known):
        return (
            "the [safety] responder is not known yet, and is told nothing: let them write to the "
            "bot in private once"
        )
    return ""


async def tell(
    store: Store, responder: Responder | None, message: IncomingMessage, kind: str
) -> bool:
    """Write the responder that the person may be in danger, if all allow it: whether it is written.

    Only of what was said in private, and of dangers to the person themself; never any words.
    """
    person = message.person
    who = (person.platform, person.user_id)
    if responder is None or responder == who or not message.private or kind not in KINDS:
        return False
    return await store.write_alert(*who, *responder, kind, message.sent_at)
