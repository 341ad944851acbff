"""The settings: what is read and from where, and what `warmline config check` says of it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError
from typer import Typer
from typer.testing import CliRunner

from bot.cli import config as config_command
from bot.config import Settings, cache_dir, data_dir, find_file, load
from bot.config_errors import ConfigError
from bot.config_secrets import Secrets, variable_of
from bot.config_sections import FileSettings
from engine import task_table

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"
WORD = "hunter2-hunter2"  # stands for whatever must never be shown


@pytest.fixture(autouse=True)
def clean_place(monkeypatch, tmp_path):
    """An empty working folder, an empty home, and no WARMLINE_ variable."""
    for name in ("CONFIG", "DATA_DIR", "CACHE_DIR"):
        monkeypatch.delenv(f"WARMLINE_{name}", raising=False)
    for name in Secrets.model_fields:
        monkeypatch.delenv(variable_of(name), raising=False)
        monkeypatch.delenv(f"{variable_of(name)}_FILE", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home/config"))


def written(text: str | bytes, name: str = "config.toml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


# --- what is read


def test_without_a_file_everything_is_at_its_default():
    settings = load(None, {})
    assert settings == Settings()
    assert (settings.engine.model, settings.engine.context) == ("default", 3072)
    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 5000)


def test_a_file_changes_what_it_names_and_nothing_else():
    settings = load(written("[reply]\ntemperature = 1\n[http]\nport = 80\n"), {})
    assert (settings.reply.temperature, settings.reply.top_p, settings.http.port) == (1.0, 0.9, 80)


def test_a_byte_order_mark_and_windows_line_ends_are_fine():
    assert load(written(b"\xef\xbb\xbf[http]\r\nport = 80\r\n"), {}).http.port == 80


def test_who_may_talk_and_where_telegram_calls_are_read():
    path = written(
        '[access]\nmode = "list"\nusers = ["telegram:1", "http:ann"]\nchats = ["telegram:-1001"]\n'
        '[telegram]\nwebhook_url = "https://bot.example.org:8443/w"\n'
        'webhook_cert = "cert.pem"\nwebhook_key = "key.pem"\n'
    )
    settings = load(path, {})
    assert settings.access.users == ["telegram:1", "http:ann"]
    assert settings.access.chats == ["telegram:-1001"]
    assert settings.telegram.webhook_url == "https://bot.example.org:8443/w"


def test_moods_are_never_shown_of_fewer_than_five_people_together():
    assert load(written("[privacy]\nmin_people = 12\n"), {}).privacy.min_people == 12
    with pytest.raises(ConfigError, match="min_people"):
        load(written("[privacy]\nmin_people = 4\n"), {})


def test_a_local_bot_api_server_may_call_without_tls():
    local = 'base_url = "http://127.0.0.1:8081/bot"\nwebhook_url = "http://127.0.0.1:8443/"\n'
    settings = load(written(f"[telegram]\n{local}"), {})
    assert settings.telegram.webhook_url == "http://127.0.0.1:8443/"


def test_label_tasks_are_kept_as_they_are():
    settings = load(written('[tasks.intent.en]\nsystem = "s"\ntoken = "t"\n'), {})
    assert settings.tasks == {"intent": {"en": {"system": "s", "token": "t"}}}


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        load(None, {}).engine.context = 4096  # type: ignore[misc]


def test_the_database_is_the_secret_then_the_url_then_none_for_the_data_folder():
    path = written('[storage]\nurl = "sqlite+aiosqlite:///a.db"\n')
    environ = {"WARMLINE_DATABASE_URL": "postgresql://me:pw@host/db"}
    assert load(path, environ).database_url == "postgresql://me:pw@host/db"
    assert load(path, {}).database_url == "sqlite+aiosqlite:///a.db"
    assert load(None, {}).database_url == ""


# --- the example


def settings_of(model: type[BaseModel]):
    for section, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            for key, inner in field.annotation.model_fields.items():
                yield section, key, inner


def test_the_example_loads_and_says_the_defaults():
    assert load(EXAMPLE, {}) == Settings()


@pytest.mark.parametrize(
    ("section", "key", "description"),
    [(section, key, field.description) for section, key, field in settings_of(FileSettings)],
)
def test_every_setting_is_in_the_example_with_its_sentence(section, key, description):
    table = EXAMPLE.read_text("utf-8").split(f"\n[{section}]\n")[1].split("\n[")[0]
    assert description
    assert f"# {description}\n{key} = " in f"{table}\n"


def test_every_secret_is_named_in_the_example():
    text = EXAMPLE.read_text("utf-8")
    assert [name for name in Secrets.model_fields if variable_of(name) not in text] == []


def test_the_example_task_is_a_task_once_its_marks_are_taken_away():
    text = EXAMPLE.read_text("utf-8")
    sample = text[text.index("# [tasks.") :].replace("# ", "")
    task = task_table.parse("intent", tomllib.loads(sample)["tasks"]["intent"])
    assert len(task.languages["en"].examples) == 3


# --- files that cannot be read


def test_a_folder_a_missing_file_and_another_encoding_are_told_apart(monkeypatch):
    Path("folder").mkdir()
    with pytest.raises(ConfigError, match=r"^folder: a folder, not a file"):
        load(Path("folder"), {})
    with pytest.raises(ConfigError, match=r"^none\.toml: cannot be read \(No such file"):
        load(Path("none.toml"), {})
    with pytest.raises(ConfigError, match=r"^config\.toml: not a text file in UTF-8"):
        load(written("[http]".encode("utf-16")), {})
    monkeypatch.setattr(
        Path, "read_bytes", lambda _: (_ for _ in ()).throw(PermissionError(13, "no"))
    )
    with pytest.raises(ConfigError, match=r"^x\.toml: cannot be read \(no\)"):
        load(Path("x.toml"), {})


def test_the_file_is_the_option_then_the_variable_then_here_then_the_users(tmp_path):
    users = written("", str(tmp_path / "home/config/warmline/config.toml"))
    assert find_file(None, {}) == users
    here = written("")
    assert find_file(None, {}) == here
    named, option = written("", "named.toml"), written("", "option.toml")
    assert find_file(None, {"WARMLINE_CONFIG": "named.toml"}) == named
    assert find_file(option, {"WARMLINE_CONFIG": "named.toml"}) == option


def test_no_file_is_fine_but_one_that_was_named_must_be_there():
    assert find_file(None, {"WARMLINE_CONFIG": ""}) is None
    with pytest.raises(ConfigError, match="--config"):
        find_file(Path("none.toml"), {})
    with pytest.raises(ConfigError, match="WARMLINE_CONFIG"):
        find_file(None, {"WARMLINE_CONFIG": "none.toml"})


def test_the_folders_are_the_users_unless_named(tmp_path):
    home = Path.home()
    assert home == tmp_path / "home"
    assert cache_dir({"WARMLINE_CACHE_DIR": "~/models"}) == home / "models"
    assert data_dir({"WARMLINE_DATA_DIR": "/somewhere"}) == Path("/somewhere")
    assert cache_dir({}).name == data_dir({}).name == "warmline"
    assert cache_dir({}) != data_dir({})


# --- warmline config check


def run(*arguments: str):
    app = Typer()
    app.add_typer(config_command.app, name="config")
    return CliRunner().invoke(app, ["config", *arguments])


def test_check_says_the_file_the_secrets_by_name_and_that_all_is_good(monkeypatch):
    monkeypatch.setenv("WARMLINE_HTTP_TOKEN", WORD)
    result = run("check", "--config", str(EXAMPLE))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"file: {EXAMPLE}",
        "secrets set: WARMLINE_HTTP_TOKEN",
        "all good",
    ]


def test_check_without_a_file_is_good():
    result = run("check")
    assert result.exit_code == 0
    assert "file: none" in result.stdout
    assert "secrets set: none" in result.stdout


def test_check_prints_the_mistakes_to_stderr_and_fails():
    written("[http]\nport = 'x'\n[engin]\n")
    result = run("check")
    assert result.exit_code == 1
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [
        "config.toml:2",
        "config.toml:3",
    ]
    assert "all good" not in result.stdout


def test_check_looks_at_label_tasks_too():
    written("[tasks.mine.en]\nsystem = 's'\n")
    result = run("check")
    assert result.exit_code == 1
    assert "mine.en" in result.stderr
