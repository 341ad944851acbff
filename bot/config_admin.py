"""What the settings file may say for those who run Warmline: who gets a digest of it, and when.

Knows: the form of each value. Does not know: what a digest says (`bot.digest`), who is an owner.
"""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, field_validator

from bot.config_section import Section
from bot.servers import zone_name

FILE = "file:"
"""Before a folder that takes the digest."""

PERSON = re.compile(r"(telegram|discord):[0-9]{1,20}")
"""One person who can be written to first."""


class AdminSettings(Section):
    """[admin]"""

    digest: str = Field(
        "",
        description='Who gets a weekly digest: an owner, or a folder as "file:/path"; empty: none.',
    )
    zone: str = Field(
        "UTC", description='The time zone of its Monday, 8:00, such as "Europe/Berlin".'
    )

    @property
    def digest_folder(self) -> Path | None:
        """The folder that takes the digest; None where a person does, or nobody."""
        return Path(self.digest.removeprefix(FILE)) if self.digest.startswith(FILE) else None

    @field_validator("digest")
    @classmethod
    def _a_person_or_a_folder(cls, given: str) -> str:
        if not given or PERSON.fullmatch(given):
            return given
        if given.startswith(FILE) and Path(given.removeprefix(FILE)).is_absolute():
            return given
        raise ValueError(
            'must be "platform:id" of an owner on Telegram or Discord, such as "telegram:123", '
            'or a folder, such as "file:/srv/warmline"'
        )

    @field_validator("zone")
    @classmethod
    def _known(cls, given: str) -> str:
        try:
            return zone_name(given)
        except ValueError:
            raise ValueError('must be a time zone, such as "Europe/Berlin" or "UTC+2"') from None
