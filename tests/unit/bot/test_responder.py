"""The responder as the settings name them, and why they cannot be told yet."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from bot.config import Settings, load
from bot.config_errors import ConfigError
from bot.models import Model
from bot.responder import hindrance, responder_of
from bot.wiring import facts
from storage.store import Store
from tests.fake_store import MemoryStore

MODEL = Model("tiny", "tiny")


def settings(tmp_path: Path, responder: str, *enabled: str) -> Settings:
    path = tmp_path / "config.toml"
    tables = "".join(f"[{name}]\nenabled = true\n" for name in enabled)
    path.write_text(f'{tables}[safety]\nresponder = "{responder}"\n')
    return load(path, {})


@pytest.mark.parametrize("given", ["telegram:123", "discord:1100000000000000999", ""])
def test_one_person_or_nobody_is_named(given, tmp_path):
    assert settings(tmp_path, given).safety.responder == given


@pytest.mark.parametrize(
    "given",
    ["telegram:-100123", "telegram:@ann", "ann", "http:ann", "telegram:1,2", "telegram:"],
)
def test_anything_else_is_one_clear_line_without_what_was_given(given, tmp_path):
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, given)
    (line,) = caught.value.lines
    assert '[safety] responder must be "platform:id" of one person on Telegram or Discord' in line
    assert given.strip() == "" or f'"{given}"' not in line


def test_only_a_process_that_writes_first_on_their_platform_has_one(tmp_path):
    named = settings(tmp_path, "telegram:123", "telegram")
    assert responder_of(named) == ("telegram", "123")
    assert facts(named, MODEL, alerts=True).responder == ("telegram", "123")
    assert facts(named, MODEL).responder is None
    assert responder_of(settings(tmp_path, "discord:123", "telegram")) is None
    assert responder_of(settings(tmp_path, "", "telegram")) is None


async def test_what_keeps_them_from_being_told_is_one_line_without_their_id(tmp_path):
    memory = MemoryStore()
    store = cast("Store", memory)
    named = settings(tmp_path, "telegram:123", "telegram")
    assert "is not known yet" in await hindrance(named, store)
    memory.known.add(("telegram", "123"))
    assert await hindrance(named, store) == ""
    assert await hindrance(settings(tmp_path, ""), store) == ""
    disabled = await hindrance(settings(tmp_path, "discord:123"), store)
    assert "set [discord] enabled" in disabled
    assert "123" not in disabled
