"""Builds the adapters that the settings enable: the one place where they are made.

Knows: which setting and which sentence goes into which adapter. Does not know: platforms' ways.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.base import Adapter, AdapterError
from bot.companion import Companion
from bot.config import Settings
from bot.texts.sentences import LANGUAGES, say, section_of

if TYPE_CHECKING:
    from adapters.admin.app import AdminApp
    from adapters.delivery import DeliveryTexts
    from adapters.discord.adapter import Discord
    from adapters.discord.settings import DiscordSettings, DiscordTexts
    from adapters.http import Http
    from adapters.telegram.adapter import Telegram
    from adapters.telegram.settings import TelegramSettings, TelegramTexts, Webhook

log = logging.getLogger("warmline")


def adapters_of(settings: Settings, companion: Companion | None = None) -> list[Adapter]:
    """The adapters that the settings enable, built and not yet started.

    Raises:
        AdapterError: one of them is set wrongly, or none is enabled.
    """
    companion = companion or Companion()
    adapters: list[Adapter] = []
    if settings.http.enabled:
        adapters.append(_http(settings, companion))
    if settings.telegram.enabled:
        companion.reaches["telegram"] = telegram = _telegram(settings, companion)
        adapters.append(telegram)
    if settings.discord.enabled:
        companion.reaches["discord"] = discord = _discord(settings, companion)
        adapters.append(discord)
    if not adapters:
        raise AdapterError(
            "nothing is enabled: set `enabled = true` under [http], [telegram] or [discord]"
        )
    return adapters


def _http(settings: Settings, companion: Companion) -> Http:
    from adapters.http import Http
    from bot.version import VERSION

    token = settings.secrets.http_token
    return Http(
        settings.http.host,
        settings.http.port,
        token.get_secret_value() if token else None,
        companion.health,
        VERSION,
        {"positive": say("zh", "console.positive"), "negative": say("zh", "console.negative")},
        listening=lambda url: log.info("listening on %s", url),
        admin=_admin(settings, companion),
    )


def _admin(settings: Settings, companion: Companion) -> AdminApp:
    from adapters.admin.app import admin_app
    from bot.dashboard import DashboardSettings, StoredDashboard
    from bot.version import VERSION

    told = DashboardSettings(
        places=settings.engine.parallel,
        longest=settings.limits.queue,
        min_people=settings.privacy.min_people,
        keep_days=settings.privacy.keep_days or None,
    )
    language = settings.companion.language
    return admin_app(
        StoredDashboard(companion, told),
        {name: section_of(name, "admin") for name in LANGUAGES},
        VERSION,
        language="en" if language == "auto" else language,
        public_url=settings.http.public_url,
        names=[settings.http.host],
    )


def _telegram(settings: Settings, companion: Companion) -> Telegram:
    from adapters.telegram.adapter import Telegram

    return Telegram(
        telegram_settings(settings),
        lambda: companion.ledger("telegram"),
        started=lambda name: log.info("Bot started as %s", name),
        ending=companion.closing,
    )


def telegram_settings(settings: Settings) -> TelegramSettings:
    """What the settings say about Telegram, with the sentences it needs."""
    from adapters.telegram.settings import TelegramSettings
    from bot.commands import COMMANDS, MANAGERS_MENU, RETRY, STOP

    token = settings.secrets.telegram_token
    language = settings.companion.language
    return TelegramSettings(
        token=token.get_secret_value() if token else "",
        texts={name: _telegram_texts(name) for name in LANGUAGES},
        language="en" if language == "auto" else language,
        commands=frozenset({*COMMANDS, STOP, RETRY} - {"pair"}),
        managing=frozenset(MANAGERS_MENU),
        groups=_groups(settings),
        base_url=settings.telegram.base_url,
        stream=settings.telegram.stream,
        webhook=_webhook(settings),
    )


def _groups(settings: Settings) -> frozenset[int] | None:
    """The groups on Telegram that are let in; None: all of them."""
    if settings.access.mode == "open":
        return None
    named = (chat.partition(":") for chat in settings.access.chats)
    return frozenset(int(number) for platform, _, number in named if platform == "telegram")


def _telegram_texts(language: str) -> TelegramTexts:
    from adapters.telegram.settings import TelegramTexts
    from bot.commands import menu

    group_menu = menu(language, group=True)
    return TelegramTexts(
        delivery=_delivery_texts(language),
        group_hello=say(language, "telegram.group_hello"),
        menu=menu(language),
        group_menu=group_menu,
        admins_menu=(*group_menu, ("trend", say(language, "telegram.menu_trend"))),
    )


def _webhook(settings: Settings) -> Webhook | None:
    from adapters.telegram.settings import Webhook

    wanted = settings.telegram
    if not wanted.webhook_url:
        return None
    secret = settings.secrets.telegram_webhook_secret
    return Webhook(
        url=wanted.webhook_url,
        secret=secret.get_secret_value() if secret else "",
        host=wanted.webhook_host,
        port=wanted.webhook_port,
        certificate=Path(wanted.webhook_cert) if wanted.webhook_cert else None,
        key=Path(wanted.webhook_key) if wanted.webhook_key else None,
    )


def _discord(settings: Settings, companion: Companion) -> Discord:
    from adapters.discord.adapter import Discord

    return Discord(
        discord_settings(settings),
        lambda: companion.ledger("discord"),
        lambda name: log.info("Bot started as %s on Discord", name),
        ending=companion.closing,
    )


def discord_settings(settings: Settings) -> DiscordSettings:
    """What the settings say about Discord, with the sentences and commands it needs."""
    from adapters.discord.settings import DiscordSettings
    from bot.slash import slash_commands

    wanted = settings.discord
    token = settings.secrets.discord_token
    language = settings.companion.language
    return DiscordSettings(
        token=token.get_secret_value() if token else "",
        texts={name: _discord_texts(name) for name in LANGUAGES},
        language="en" if language == "auto" else language,
        commands=slash_commands(),
        message_content=wanted.message_content,
        api_base_url=wanted.api_base_url,
        stream=wanted.stream,
        channels=frozenset(wanted.channels),
        shards="auto" if wanted.shards == "auto" else tuple(wanted.shards),
        shard_count=wanted.shard_count or None,
        catch_up_minutes=wanted.catch_up_minutes,
    )


def _discord_texts(language: str) -> DiscordTexts:
    from adapters.discord.settings import DiscordTexts
    from bot.slash import described, names, options_described

    return DiscordTexts(
        delivery=_delivery_texts(language),
        commands=described(language),
        options=options_described(language),
        names=names(language),
    )


def _delivery_texts(language: str) -> DeliveryTexts:
    from adapters.delivery import DeliveryTexts

    return DeliveryTexts(
        perhaps_sent=say(language, "turn.perhaps_sent"),
        rejected=say(language, "turn.failed_unkept"),
        failed=say(language, "turn.failed_unkept"),
    )
