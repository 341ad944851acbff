"""`warmline` itself: its version, its help, and an owner's mistake in one line."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.base import AdapterError
from bot import __main__, models
from bot.__main__ import app, main
from bot.version import VERSION
from engine.base import EngineNotReady, ModelUnusable
from engine.tasks import TaskError
from storage.errors import DatabaseBusy
from storage.schema import VERSION_TABLE

COMMANDS = ("chat", "serve", "run", "label", "eval", "trends", "audit", "pair", "model", "config")


@pytest.fixture(autouse=True)
def nobodys_folder(tmp_path, monkeypatch):
    """No settings and no memory of anybody's."""
    for name in os.environ:
        if name.startswith("WARMLINE_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("WARMLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WARMLINE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(monkeypatch, capsys):
    """Runs `main` with arguments: exit status, stdout, stderr."""

    def run(*arguments: str) -> tuple[object, str, str]:
        monkeypatch.setattr(sys, "argv", ["warmline", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return left.value.code, captured.out, captured.err

    return run


def test_version_is_one_line(run):
    assert run("--version") == (0, f"warmline {VERSION}\n", "")
    assert VERSION[0].isdigit()


def test_without_a_command_the_help_is_shown():
    result = CliRunner().invoke(app, [], env={"COLUMNS": "100"})
    for command in COMMANDS:
        assert f" {command} " in result.output


def test_every_command_has_help():
    for command in COMMANDS:
        result = CliRunner().invoke(app, [command, "--help"])
        assert result.exit_code == 0
        assert "Usage" in result.output


def test_an_unknown_command_is_refused(run):
    code, out, err = run("nonsense")
    assert (code, out) == (2, "")
    assert "nonsense" in err


@pytest.mark.parametrize(
    "error",
    [
        AdapterError("port 5000 is in use: choose another"),
        EngineNotReady("the model has been closed"),
        ModelUnusable("x.gguf is cut short: fetch it again"),
        DatabaseBusy("Another program holds it: close it."),
        TaskError("task x: 'labels' must hold at least two labels"),
    ],
)
def test_an_owners_error_is_one_line_on_stderr(run, monkeypatch, error):
    def fail(name):
        raise error

    monkeypatch.setattr(models, "find_model", fail)
    assert run("chat", "--once", "hello") == (1, "", f"{error}\n")


def test_a_mistake_in_the_settings_is_one_line_with_its_place(run):
    Path("config.toml").write_text("[engine]\nmodle = 'x'\n")
    code, out, err = run("trends")
    assert (code, out) == (1, "")
    assert err.startswith("config.toml:2: ")
    assert err.count("\n") == 1
    assert "model" in err


def test_every_mistake_in_the_settings_has_a_line_of_its_own(run):
    Path("config.toml").write_text("[engine]\nmodle = 'x'\nparallel = 0\n")
    code, _, err = run("label", "a", "b")
    assert code == 1
    assert [line.split(": ")[0] for line in err.splitlines()] == ["config.toml:2", "config.toml:3"]


def test_a_settings_file_that_is_not_there_is_one_line(run):
    code, _, err = run("trends", "--config", "missing.toml")
    assert (code, err) == (1, "missing.toml: no such file, though --config names it\n")


def test_a_database_that_is_something_else_is_one_line(run, nobodys_folder):
    file = nobodys_folder / "data" / "warmline.sqlite3"
    file.parent.mkdir()
    file.write_text("These are my notes, not a database." * 100)
    code, out, err = run("trends")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert str(file) in err
    assert file.read_text().startswith("These are my notes")


def test_a_database_of_a_newer_warmline_is_one_line(run, nobodys_folder):
    assert run("trends", "--format", "json") == (0, "[]\n", "")
    file = nobodys_folder / "data" / "warmline.sqlite3"
    with sqlite3.connect(file) as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    connection.close()
    code, _, err = run("trends")
    assert code == 1
    assert err.count("\n") == 1
    assert "newer" in err


def test_ctrl_c_leaves_without_a_word(run, monkeypatch):
    def stop() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(__main__, "app", stop)
    assert run("chat") == (130, "", "")


def test_a_bug_is_not_hidden_behind_one_line(monkeypatch):
    def bug(name):
        raise ZeroDivisionError

    monkeypatch.setattr(models, "find_model", bug)
    monkeypatch.setattr(sys, "argv", ["warmline", "chat", "--once", "hello"])
    with pytest.raises(ZeroDivisionError):
        main()


def test_help_loads_neither_the_model_library_nor_the_database_nor_a_platform():
    heavy = ("xllamacpp", "torch", "sqlalchemy", "starlette", "telegram", "discord", "matplotlib")
    code = f"import sys, bot.__main__; print([m for m in {heavy!r} if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__main__.__file__).parent.parent,
    )
    assert found.stdout == "[]\n"
