"""Secrets: where they come from, that they stay hidden, and what is said when one is unusable."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Settings, load
from bot.config_errors import ConfigError

WORD = "hunter2-hunter2"  # stands for whatever must never be shown


@pytest.fixture(autouse=True)
def empty_place(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def written(content: str | bytes, name: str) -> Path:
    path = Path(name)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_secret_comes_from_its_variable_or_its_file_and_is_masked():
    source = written(f"{WORD}\n", "token")
    environ = {"WARMLINE_HTTP_TOKEN": WORD, "WARMLINE_TELEGRAM_TOKEN_FILE": str(source)}
    settings = load(None, environ)
    for secret in (settings.secrets.http_token, settings.secrets.telegram_token):
        assert secret is not None
        assert secret.get_secret_value() == WORD
    assert settings.secrets.discord_token is None
    assert WORD not in f"{settings!r}{settings}{settings.model_dump()}{settings.model_dump_json()}"


def test_a_webhook_secret_is_what_telegram_allows():
    secret = load(None, {"WARMLINE_TELEGRAM_WEBHOOK_SECRET": WORD}).secrets.telegram_webhook_secret
    assert secret is not None
    assert secret.get_secret_value() == WORD


def test_an_empty_variable_is_not_set():
    assert load(None, {"WARMLINE_HTTP_TOKEN": " ", "WARMLINE_REMOTE_KEY_FILE": ""}) == Settings()


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        (
            {"WARMLINE_HTTP_TOKEN": WORD, "WARMLINE_HTTP_TOKEN_FILE": WORD},
            "WARMLINE_HTTP_TOKEN and WARMLINE_HTTP_TOKEN_FILE are both set: keep one",
        ),
        (
            {"WARMLINE_HTTP_TOKEN_FILE": WORD},
            "WARMLINE_HTTP_TOKEN_FILE: the file it names cannot be read "
            "(No such file or directory)",
        ),
        (
            {"WARMLINE_HTTP_TOKEN_FILE": "."},
            "WARMLINE_HTTP_TOKEN_FILE: the file it names cannot be read (Is a directory)",
        ),
        (
            {"WARMLINE_HTTP_TOKEN_FILE": "empty"},
            "WARMLINE_HTTP_TOKEN_FILE: the file it names is empty",
        ),
        (
            {"WARMLINE_HTTP_TOKEN_FILE": "bytes"},
            "WARMLINE_HTTP_TOKEN_FILE: the file it names cannot be read (not plain text)",
        ),
        (
            {"WARMLINE_HTTP_TOKEN": f"{WORD}\n{WORD}"},
            "WARMLINE_HTTP_TOKEN: a secret is one line of plain characters",
        ),
        (
            {"WARMLINE_TELEGRAM_WEBHOOK_SECRET": f"{WORD}!"},
            "WARMLINE_TELEGRAM_WEBHOOK_SECRET: "
            "Telegram takes 1 to 256 letters, digits, _ and - here, and nothing else",
        ),
        (
            {"WARMLINE_TELEGRAM_WEBHOOK_SECRET": WORD * 20},
            "WARMLINE_TELEGRAM_WEBHOOK_SECRET: "
            "Telegram takes 1 to 256 letters, digits, _ and - here, and nothing else",
        ),
    ],
)
def test_a_secret_that_cannot_be_used_is_named_and_never_shown(environ, line):
    written(" \n", "empty")
    written(b"\xff" + WORD.encode(), "bytes")
    with pytest.raises(ConfigError) as caught:
        load(None, environ)
    assert caught.value.lines == (line,)
    assert caught.value.__context__ is None


def test_mistakes_of_the_file_and_of_the_secrets_are_told_together():
    with pytest.raises(ConfigError) as caught:
        load(written("[engin]", "config.toml"), {"WARMLINE_HTTP_TOKEN_FILE": "none"})
    assert len(caught.value.lines) == 2


@pytest.mark.parametrize(
    ("text", "variable"),
    [
        ("[telegram]\ntoken = 'x'", "WARMLINE_TELEGRAM_TOKEN"),
        ("[telegram]\nwebhook_secret = 'x'", "WARMLINE_TELEGRAM_WEBHOOK_SECRET"),
        ("[discord]\nbot-token = 'x'", "WARMLINE_DISCORD_TOKEN"),
        ("[http]\ntoken = 'x'", "WARMLINE_HTTP_TOKEN"),
        ("[remote]\napi_key = 'x'", "WARMLINE_REMOTE_KEY"),
        ("[secrets]\ndatabase_url = 'x'", "WARMLINE_DATABASE_URL"),
        ("\nWARMLINE_HTTP_TOKEN = 'x'", "WARMLINE_HTTP_TOKEN"),
    ],
)
def test_a_secret_in_the_file_is_sent_to_its_variable(text, variable):
    with pytest.raises(ConfigError) as caught:
        load(written(text, "config.toml"), {})
    (line,) = caught.value.lines
    assert line.startswith("config.toml:2: ")
    assert line.endswith(f"set {variable} or {variable}_FILE in the environment")
