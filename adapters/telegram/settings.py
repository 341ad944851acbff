"""What the Telegram adapter is told: where to ask, how to show, what to say. Values alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from adapters.delivery import DeliveryTexts

Menu = tuple[tuple[str, str], ...]
"""Commands with their descriptions, in the order they are listed."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram calls, instead of being asked. Without a certificate a proxy does TLS."""

    url: str
    secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 8443
    certificate: Path | None = None
    key: Path | None = None


@dataclass(frozen=True, slots=True)
class TelegramTexts:
    """What the adapter says by itself, in one language."""

    delivery: DeliveryTexts
    group_hello: str
    menu: Menu = ()
    group_menu: Menu = ()
    admins_menu: Menu = ()


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """`texts` by language; `language` is the one for those of whom nothing is known.

    `commands` are the names that a group may use without naming the bot; `managing` those of them
    for which it matters whether the writer is an administrator. `groups` are those that are let in,
    and greeted; None lets in every one. An empty `base_url` is Telegram's own server.
    """

    token: str = field(repr=False)
    texts: Mapping[str, TelegramTexts]
    language: str = "en"
    commands: Collection[str] = ()
    managing: Collection[str] = ()
    groups: Collection[int] | None = None
    base_url: str = ""
    stream: Literal["auto", "draft", "edit", "off"] = "auto"
    webhook: Webhook | None = None
    private_seconds: float = 1.0
    group_seconds: float = 3.0

    def texts_for(self, locale: str) -> TelegramTexts:
        """The texts nearest to a client's language."""
        return self.texts.get(locale.lower().partition("-")[0], self.texts[self.language])
