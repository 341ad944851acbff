"""`warmline doctor` against the tests' own Telegram and Discord: what is right, what is wrong."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from adapters.discord.invite import PERMISSIONS
from bot.cli import doctor
from bot.config import load
from bot.wiring import open_store
from engine import task_table
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
    assert outcomes == [False, True, True, True, True, True]
    assert "wrong  the model default is not here yet: `warmline model pull default`" in printed
    assert "ok     memory: opens, 0 people in it" in printed
    assert "ok     Telegram: @warmline_bot" in printed
    assert "permissions=274878008320" in printed


def test_the_permissions_in_the_docs_are_those_of_the_invite():
    page = Path(__file__).parents[3] / "docs" / "discord.md"
    assert f"`{PERMISSIONS.value}`" in page.read_text(encoding="utf-8")


async def test_a_refused_token_is_one_line_and_the_others_are_still_looked_at(tmp_path, capsys):
    outcomes, printed = await said(tmp_path, capsys, TELEGRAM_TOKEN="123:wrong")
    assert outcomes == [False, True, True, True, False, True]
    assert "wrong  the server of [telegram] base_url refuses the token" in printed
    assert "123:wrong" not in printed


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            '[engine]\nmodel = "mine.gguf"\n',
            "off, mine was not measured for it; the rules see alone",
        ),
        ("[safety]\nsecond_look = false\n", "off, as [safety] second_look says"),
        (
            '[tasks.crisis.en]\nsystem = "s"\nlabels = ["crisis", "no_crisis"]\n'
            'thresholds = { "qwen2.5-coder-1.5b" = 0.5 }\n',
            "on (en)",
        ),
    ],
)
async def test_whether_the_model_is_asked_for_danger_is_said_and_is_no_mistake(
    table, line, tmp_path, capsys
):
    path = tmp_path / "config.toml"
    path.write_text(table)
    settings = load(path, {})
    assert await doctor._said(partial(doctor._second_look, settings))
    assert capsys.readouterr().out == f"ok     second look for danger: {line}\n"


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ("", "ok     labels: raw, mine is not calibrated; `warmline calibrate` does that"),
        ("version = 1\nprompt = '{version}'", "ok     labels: calibrated (en)"),
        ("version = 1\nprompt = '0'", "wrong  the calibration of mine for sentiment (en) is not"),
        ("temperature = 0", "wrong  "),
    ],
)
async def test_whether_the_labels_are_calibrated_for_this_prompt_is_said(
    entry, line, tmp_path, capsys
):
    path, own = tmp_path / "config.toml", tmp_path / "data" / "calibration.toml"
    path.write_text('[engine]\nmodel = "mine.gguf"\n')
    own.parent.mkdir()
    if entry:
        version = task_table.load()["sentiment"].version
        own.write_text(f"[sentiment.en.mine]\n{entry.format(version=version)}\n")
    right = await doctor._said(partial(doctor._calibration, load(path, {})))
    assert right == line.startswith("ok")
    assert capsys.readouterr().out.startswith(line)


async def test_a_responder_who_cannot_be_told_yet_is_one_line_without_their_id(tmp_path, capsys):
    path = tmp_path / "config.toml"
    path.write_text('[telegram]\nenabled = true\n[safety]\nresponder = "telegram:987654"\n')
    settings = load(path, {})
    assert not await doctor._said(partial(doctor._responder, settings))
    async with open_store(settings) as store:
        await store.set_carded("telegram", "987654")
    assert await doctor._said(partial(doctor._responder, settings))
    wrong, right = capsys.readouterr().out.splitlines()
    assert wrong.startswith("wrong  the [safety] responder is not known yet")
    assert right == "ok     responder: can be told"
    assert "987654" not in wrong


async def test_a_platform_that_does_not_answer_is_not_waited_for(tmp_path, capsys, monkeypatch):
    async def never() -> str:
        await asyncio.sleep(60)
        return ""

    monkeypatch.setattr(doctor, "PLATFORM_SECONDS", 0.05)
    assert not await doctor._said(never)
    assert "cannot be reached" in capsys.readouterr().out
