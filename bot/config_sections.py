"""What the settings file may say: every section and key with its default, range and sentence.

Knows: the form of each value. `config.example.toml` repeats the sentences word for word, and a
test holds it to that. The platforms' sections are in `config_platforms`. Does not know: what a
setting does, files, secrets, or label tasks (`engine.tasks` checks those).
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator

from bot.config_admin import PERSON, AdminSettings
from bot.config_platforms import DiscordSettings, HttpSettings, TelegramSettings
from bot.config_section import Section

_PASSWORD_IN_URL = re.compile(r"://[^@/]*:[^@]*@|[?&]password=")
# Telegram and Discord tell people and chats apart by numbers; other platforms as they like.
_PLATFORM_ID = re.compile(r"(telegram|discord):-?[0-9]+|(?!telegram:|discord:)[a-z]+:\S+")


class EngineSettings(Section):
    """[engine]"""

    kind: Literal["llamacpp", "huggingface", "remote"] = Field(
        "llamacpp",
        description='What runs the model: "llamacpp", "huggingface" or "remote".',
    )
    model: str = Field(
        "default",
        min_length=1,
        description="A name of `warmline model list`, a .gguf file, a hub name or a server's.",
    )
    threads: int = Field(
        0, ge=0, le=256, description="Processor threads for the model; 0 takes the machine's cores."
    )
    parallel: int = Field(
        4, ge=1, le=32, description="Conversations that are answered side by side, 1 to 32."
    )
    context: int = Field(
        3072,
        ge=512,
        le=32768,
        description="Tokens that one conversation may fill, reply included, 512 to 32768.",
    )
    parked_mib: int = Field(
        256,
        ge=0,
        le=1_048_576,
        description="Memory (MiB) for the state of conversations that wait; 0 keeps none.",
    )
    device: str = Field(
        "auto", min_length=1, description='huggingface: "auto", "cpu", "cuda" or "cuda:1".'
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto", description='huggingface: "auto", "float32", "bfloat16" or "float16".'
    )
    base_url: str | list[str] = Field(
        "", description='remote: where the server is, such as "http://host:8000/v1", or a list.'
    )

    @property
    def base_urls(self) -> list[str]:
        """The servers of the remote engine."""
        found = [self.base_url] if isinstance(self.base_url, str) else self.base_url
        return [url for url in found if url]


class ReplySettings(Section):
    """[reply]"""

    max_tokens: int = Field(160, ge=1, le=4096, description="The longest reply, in tokens.")
    temperature: float = Field(
        0.7, ge=0, le=2, description="How freely words are drawn, 0 (always the likeliest) to 2."
    )
    top_p: float = Field(
        0.9,
        gt=0,
        le=1,
        description="Draw from the likeliest words that make up this share, above 0 up to 1.",
    )
    history_turns: int = Field(
        12, ge=0, le=200, description="Earlier turns that a reply may look back on, 0 to 200."
    )
    guided: bool = Field(
        True,
        description="Guide replies with lines that people wrote; a large model needs no such help.",
    )
    coalesce_ms: int = Field(
        700,
        ge=0,
        le=10_000,
        description="How long a quick second message is waited for, in milliseconds.",
    )


class AccessSettings(Section):
    """[access]. Each list holds "platform:id"."""

    mode: Literal["open", "list", "pairing"] = Field(
        "open",
        description='Who may talk: everybody ("open"), who is named below ("list"), or "pairing".',
    )
    users: list[str] = Field(
        [], description='People who may talk in private, such as ["telegram:123"].'
    )
    chats: list[str] = Field(
        [], description='Groups in which anybody may talk, such as ["telegram:-100123"].'
    )
    owners: list[str] = Field(
        [], description="People who may always talk in private, and let others in with /pair CODE."
    )

    @field_validator("users", "chats", "owners", mode="before")
    @classmethod
    def _platform_ids(cls, given: object) -> object:
        if isinstance(given, list) and all(
            isinstance(entry, str) and _PLATFORM_ID.fullmatch(entry) for entry in given
        ):
            return given
        raise ValueError(
            'must be a list of "platform:id", such as ["telegram:123"]; '
            "the ids of Telegram and Discord are numbers, not names"
        )


class LimitSettings(Section):
    """[limits]"""

    per_minute: int = Field(
        12, ge=0, le=1000, description="Messages that one person may send in a minute; 0: no limit."
    )
    per_day: int = Field(
        400,
        ge=0,
        le=100_000,
        description="Messages that one person may send in a day; 0: no limit.",
    )
    queue: int = Field(
        32, ge=1, le=1000, description="Messages that may wait for the model at once, 1 to 1000."
    )


class StorageSettings(Section):
    """[storage]"""

    url: str = Field(
        "",
        description="Database URL without a password; empty: an SQLite file in the data folder.",
    )

    @field_validator("url")
    @classmethod
    def _no_password(cls, url: str) -> str:
        if _PASSWORD_IN_URL.search(url):
            raise ValueError("must not hold a password: set WARMLINE_DATABASE_URL instead")
        return url


class CompanionSettings(Section):
    """[companion]"""

    language: Literal["auto", "en", "zh"] = Field(
        "auto", description='The language of replies: "auto" (the person\'s own), "en" or "zh".'
    )


class LogSettings(Section):
    """[log]"""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description='The least that is logged: "debug", "info", "warning" or "error".'
    )


class PrivacySettings(Section):
    """[privacy]"""

    region: str = Field(
        "",
        description='Country whose helpline a crisis names, such as "CN" or "US"; empty: unknown.',
    )
    mood_memory: Literal["ask", "on", "off"] = Field(
        "ask",
        description='Whether moods are kept: "ask", "on" or "off"; each person may change it.',
    )
    history: Literal["ask", "on", "off"] = Field(
        "ask",
        description='Whether messages outlast their conversation: "ask", "on" or "off"; likewise.',
    )
    keep_days: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Days after which messages are deleted; 0 keeps them until erased.",
    )
    min_people: int = Field(
        5,
        ge=5,
        le=1000,
        description="The fewest people whose moods are shown together to others, 5 or more.",
    )


class SafetySettings(Section):
    """[safety]"""

    second_look: bool = Field(
        True,
        description="Whether the model too is asked for danger that the rules did not see.",
    )
    responder: str = Field(
        "",
        description='Who agreed to be told of a danger, if people allow it: "platform:id", or "".',
    )

    @field_validator("responder")
    @classmethod
    def _a_person(cls, given: str) -> str:
        if not given or PERSON.fullmatch(given):
            return given
        raise ValueError(
            'must be "platform:id" of one person on Telegram or Discord, such as "telegram:123"; '
            "the id is a number, not a name"
        )


class FileSettings(Section):
    """Everything that the file may say. `tasks` holds an owner's label tasks, unchecked here."""

    engine: EngineSettings = EngineSettings()
    reply: ReplySettings = ReplySettings()
    telegram: TelegramSettings = TelegramSettings()
    discord: DiscordSettings = DiscordSettings()
    http: HttpSettings = HttpSettings()
    access: AccessSettings = AccessSettings()
    limits: LimitSettings = LimitSettings()
    storage: StorageSettings = StorageSettings()
    companion: CompanionSettings = CompanionSettings()
    log: LogSettings = LogSettings()
    privacy: PrivacySettings = PrivacySettings()
    safety: SafetySettings = SafetySettings()
    admin: AdminSettings = AdminSettings()
    tasks: dict[str, dict[str, Any]] = Field(default_factory=dict)
