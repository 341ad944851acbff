"""The tables of the settings file that are about where Warmline talks: Telegram, Discord, HTTP.

Knows: the form of each value. Does not know: what a setting does, the tokens, the other tables
(`config_sections`).
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from bot.config_section import Section

# No "@": an address with a name and a password in it does not belong in the file.
_WEB_ADDRESS = re.compile(r"https?://[^\s/@?#]+(/[^\s@?#]*)?")
_ORIGIN = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/?")


class TelegramSettings(Section):
    """[telegram]"""

    enabled: bool = Field(
        False,
        description="Whether `warmline run` talks on Telegram; needs WARMLINE_TELEGRAM_TOKEN.",
    )
    base_url: str = Field(
        "",
        description='A local Bot API server, such as "http://host:8081/bot"; empty: Telegram.',
    )
    stream: Literal["auto", "draft", "edit", "off"] = Field(
        "auto",
        description='How a reply shows as it is written: "auto", "draft", "edit" or "off".',
    )
    webhook_url: str = Field(
        "", description="The https address that Telegram calls; empty: Warmline asks by itself."
    )
    webhook_host: str = Field(
        "127.0.0.1", min_length=1, description="The address to listen on for those calls."
    )
    webhook_port: int = Field(
        8443, ge=1, le=65535, description="The port to listen on for those calls."
    )
    webhook_cert: str = Field(
        "", description="A certificate file, to do TLS without a proxy; empty: a proxy does it."
    )
    webhook_key: str = Field("", description="The key file of that certificate.")

    @field_validator("base_url")
    @classmethod
    def _is_web_address(cls, url: str) -> str:
        if url and not _WEB_ADDRESS.fullmatch(url):
            raise ValueError(
                'must be a plain http or https address, such as "http://host:8081/bot"'
            )
        return url

    @field_validator("webhook_url")
    @classmethod
    def _can_be_called(cls, url: str, info: ValidationInfo) -> str:
        # Only a local Bot API server, which base_url names, calls without TLS.
        safe = url.startswith("https://") or info.data.get("base_url")
        if url and not (safe and _WEB_ADDRESS.fullmatch(url)):
            raise ValueError(
                "must be a plain https address that Telegram can reach, "
                'such as "https://bot.example.org/telegram"'
            )
        return url

    @model_validator(mode="after")
    def _whole_certificate(self) -> TelegramSettings:
        if bool(self.webhook_cert) != bool(self.webhook_key):
            raise ValueError(
                "needs webhook_cert and webhook_key together, or neither where a proxy does TLS"
            )
        return self


class DiscordSettings(Section):
    """[discord]"""

    enabled: bool = Field(
        False, description="Whether `warmline run` talks on Discord; needs WARMLINE_DISCORD_TOKEN."
    )
    api_base_url: str = Field(
        "", description='Another address of the API, such as "http://host/api/v10"; empty: Discord.'
    )
    stream: Literal["auto", "edit", "off"] = Field(
        "auto",
        description='How a reply shows as it is written: "auto" (by edits), "edit" or "off".',
    )
    message_content: bool = Field(
        False, description="Whether to ask for the privileged Message Content intent."
    )
    channels: list[str] = Field(
        [], description="Ids of channels in which everything is answered; needs message_content."
    )
    shards: Literal["auto"] | list[int] = Field(
        "auto",
        description='The shards of this process: "auto" (all of them), or a list such as [0].',
    )
    shard_count: int = Field(
        0, ge=0, le=10_000, description="How many shards all processes have together; 0 with auto."
    )
    catch_up_minutes: int = Field(
        720,
        ge=0,
        le=10_080,
        description="How far back missed messages are looked for after a gap; 0: not at all.",
    )

    @field_validator("api_base_url")
    @classmethod
    def _is_web_address(cls, url: str) -> str:
        if url and not _WEB_ADDRESS.fullmatch(url):
            raise ValueError('must be a plain http or https address, such as "http://host/api/v10"')
        return url

    @model_validator(mode="after")
    def _shards_are_counted(self) -> DiscordSettings:
        if self.shards == "auto":
            return self
        if not self.shards or not all(0 <= shard < self.shard_count for shard in self.shards):
            raise ValueError("needs shard_count, and shards from 0 to one less than that")
        return self


class HttpSettings(Section):
    """[http]"""

    enabled: bool = Field(True, description="Whether `warmline run` answers programs over HTTP.")
    host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="The address to listen on; one beyond this machine needs WARMLINE_HTTP_TOKEN.",
    )
    port: int = Field(
        5000, ge=0, le=65535, description="The port to listen on; 0 takes any free one."
    )
    public_url: str = Field(
        "",
        description='Where browsers find it behind a proxy, such as "https://warm.example.org".',
    )

    @field_validator("public_url")
    @classmethod
    def _is_an_address_alone(cls, url: str) -> str:
        if url and not _ORIGIN.fullmatch(url):
            raise ValueError(
                "must be an http or https address without a path, "
                'such as "https://warm.example.org"'
            )
        return url.rstrip("/")
