"""`warmline doctor` against the tests' own Telegram and Discord: what is right, what is wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.discord.invite import PERMISSIONS
from bot.cli import doctor
from bot.config import load
from tests.discord_server.server import DiscordApi
from tests.telegram_server.server import BotApi

CONFIG = """
[http]
enabled = false
[telegram]
enabled = true
base_url = "{telegram}"
[discord]
enabled = true
api_base_url = "{discord}"
"""


async def said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], **secrets: str
) -> tuple[list[bool], str]:
    """What doctor finds with these secrets, and what it prints."""
    async with BotApi() as bot_api, DiscordApi() as api:
        path = tmp_path / "config.toml"
        path.write_text(CONFIG.format(telegram=bot_api.base_url, discord=api.base_url))
        given = {"TELEGRAM_TOKEN": bot_api.token, "DISCORD_TOKEN": api.token} | secrets
        settings = load(path, {f"WARMLINE_{name}": value for name, value in given.items()})
        outcomes = await doctor._all(settings)
        return outcomes, capsys.readouterr().out


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARMLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WARMLINE_CACHE_DIR", str(tmp_path / "cache"))


async def test_platforms_and_memory_are_looked_at_and_a_missing_model_is_said(tmp_path, capsys):
    outcomes, printed = await said(tmp_path, capsys)
    assert outcomes == [False, True, True, True]
    assert "wrong  the model default is not here yet: `warmline model pull default`" in printed
    assert "ok     memory: opens, 0 people in it" in printed
    assert "ok     Telegram: @warmline_bot" in printed
    assert "permissions=274878008320" in printed


def test_the_permissions_in_the_docs_are_those_of_the_invite():
    page = Path(__file__).parents[3] / "docs" / "discord.md"
    assert f"`{PERMISSIONS.value}`" in page.read_text(encoding="utf-8")


async def test_a_refused_token_is_one_line_and_the_others_are_still_looked_at(tmp_path, capsys):
    outcomes, printed = await said(tmp_path, capsys, TELEGRAM_TOKEN="123:wrong")
    assert outcomes == [False, True, False, True]
    assert "wrong  the server of [telegram] base_url refuses the token" in printed
    assert "123:wrong" not in printed


async def test_a_platform_that_does_not_answer_is_not_waited_for(tmp_path, capsys, monkeypatch):
    async def never() -> str:
        await asyncio.sleep(60)
        return ""

    monkeypatch.setattr(doctor, "PLATFORM_SECONDS", 0.05)
    assert not await doctor._said(never)
    assert "cannot be reached" in capsys.readouterr().out
