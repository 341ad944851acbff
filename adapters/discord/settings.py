"""What the Discord adapter is told: where to ask, how to show, what to say. Values alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from adapters.channel import Manner
from adapters.delivery import DeliveryTexts
from adapters.discord.commands import SlashCommand


@dataclass(frozen=True, slots=True)
class DiscordTexts:
    """What the adapter says by itself, in one language.

    `commands` describes each command by its name, `options` each option by "command.option".
    `names` says how they are called in this language, by the same keys and, for a choice, by
    "command.option.choice"; what is missing there keeps its name.
    """

    delivery: DeliveryTexts
    commands: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """`texts` by language; `language` is the one for those of whom nothing is known.

    `channels` are ids of those in which everything is answered, which takes `message_content`.
    An empty `api_base_url` is Discord's own server. `shards` are the ids that this process serves
    out of `shard_count`; "auto" serves as many as Discord advises. After a gap, messages of the
    last `catch_up_minutes` are looked for, and at most `catch_up_most` of them answered.
    """

    token: str = field(repr=False)
    texts: Mapping[str, DiscordTexts]
    language: str = "en"
    commands: tuple[SlashCommand, ...] = ()
    message_content: bool = False
    api_base_url: str = ""
    stream: Literal["auto", "edit", "off"] = "auto"
    channels: Collection[str] = ()
    shards: Literal["auto"] | tuple[int, ...] = "auto"
    shard_count: int | None = None
    catch_up_minutes: int = 60
    catch_up_most: int = 20

    @property
    def manner(self) -> Manner:
        """How answers stream."""
        return "off" if self.stream == "off" else "edit"

    def texts_for(self, locale: str) -> DiscordTexts:
        """The texts nearest to a client's or a server's language."""
        return self.texts.get(locale.lower().partition("-")[0], self.texts[self.language])
