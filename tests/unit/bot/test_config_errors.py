"""What is said about each mistake of a settings file: where, what to do, and never a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import load
from bot.config_errors import ConfigError

WORD = "hunter2-hunter2"  # stands for whatever must never be shown


@pytest.fixture(autouse=True)
def empty_place(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


def written(text: str) -> Path:
    path = Path("config.toml")
    path.write_text(text, "utf-8")
    return path


def lines_about(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(written(text), {})
    assert str(caught.value) == "\n".join(caught.value.lines)
    return list(caught.value.lines)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "[engine]\ncontxt = 1",
            "config.toml:2: unknown key 'contxt' in [engine]; did you mean 'context'?",
        ),
        (
            "[reply]\nMax-Tokens = 1",
            "config.toml:2: unknown key 'Max-Tokens' in [reply]; did you mean 'max_tokens'?",
        ),
        (
            "[engine]\nport = 1",
            "config.toml:2: unknown key 'port' in [engine]; did you mean 'port' in [http]?",
        ),
        (
            "[http]\nzzzz = 1",
            "config.toml:2: unknown key 'zzzz' in [http]; its keys are enabled, host, port, "
            "public_url",
        ),
        (
            "\n\n[engin]\nmodel = 'x'",
            "config.toml:3: unknown section [engin]; did you mean [engine]?",
        ),
        (
            "prt = 1",
            "config.toml:1: unknown key 'prt' outside of a section; did you mean 'port' in [http]?",
        ),
        (
            "[engine]\ncontext = '9'",
            "config.toml:2: [engine] context must be a whole number from 512 to 32768",
        ),
        (
            "[engine]\nparallel = 33",
            "config.toml:2: [engine] parallel must be a whole number from 1 to 32",
        ),
        (
            "[engine]\nthreads = true",
            "config.toml:2: [engine] threads must be a whole number from 0 to 256",
        ),
        (
            "[reply]\ntop_p = 0",
            "config.toml:2: [reply] top_p must be a number above 0 up to 1",
        ),
        (
            "[reply]\ntemperature = nan",
            "config.toml:2: [reply] temperature must be a number from 0 to 2",
        ),
        ("[engine]\nmodel = 7", "config.toml:2: [engine] model must be text in quotes, not empty"),
        (
            "[engine]\nkind = 'x'",
            'config.toml:2: [engine] kind must be one of "llamacpp", "huggingface", "remote"',
        ),
        (
            "[companion]\nlanguage = 'fr'",
            'config.toml:2: [companion] language must be one of "auto", "en", "zh"',
        ),
        (
            "engine = 3",
            "config.toml:1: [engine] must be a table, with its keys on the lines below it",
        ),
        (
            "[tasks]\nx = 3",
            "config.toml:2: [tasks] x must be a table, with its keys on the lines below it",
        ),
        (
            "[engine]\ncontext = 512\n[reply]\nmax_tokens = 512",
            "config.toml:4: [reply] max_tokens must be less than [engine] context",
        ),
        (
            "[storage]\nurl = 'postgresql://me:pw@host/db'",
            "config.toml:2: [storage] url must not hold a password: "
            "set WARMLINE_DATABASE_URL instead",
        ),
        (
            "[telegram]\nbase_url = 'localhost:8081/bot'",
            "config.toml:2: [telegram] base_url must be a plain http or https address, "
            'such as "http://host:8081/bot"',
        ),
        (
            "[telegram]\nwebhook_url = 'http://bot.example.org/'",
            "config.toml:2: [telegram] webhook_url must be a plain https address that Telegram "
            'can reach, such as "https://bot.example.org/telegram"',
        ),
        (
            "\n[telegram]\nwebhook_key = 'key.pem'",
            "config.toml:2: [telegram] needs webhook_cert and webhook_key together, "
            "or neither where a proxy does TLS",
        ),
    ],
)
def test_a_mistake_is_one_line_that_says_where_and_what(text, line):
    assert lines_about(text) == [line]


@pytest.mark.parametrize("key", ["users", "chats", "owners"])
@pytest.mark.parametrize(
    "value",
    ["'telegram:1'", "[1]", "['1']", "['telegram:@ann']", "['telegram: 1']", "['discord:ann']"],
)
def test_who_may_talk_is_a_list_of_platform_and_id(key, value):
    assert lines_about(f"[access]\n{key} = {value}") == [
        f'config.toml:2: [access] {key} must be a list of "platform:id", such as ["telegram:123"]; '
        "the ids of Telegram and Discord are numbers, not names"
    ]


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("[http]\n\nport = \n", "config.toml:3: not valid TOML, column 8: invalid value"),
        (
            "[http]\nport = 1\nport = 2\n",
            "config.toml:3: not valid TOML, column 9: cannot overwrite",
        ),
        ('[http]\nhost = """x\n\n', "config.toml:2: not valid TOML: "),
        ("a = " + "9" * 5000, "config.toml:1: not valid TOML: a number has too many digits"),
        ("a = " + "[" * 5000, "config.toml:1: not valid TOML: nested too deeply"),
    ],
)
def test_text_that_is_not_toml_is_told_by_line(text, start):
    (line,) = lines_about(text)
    assert line.startswith(start)


def test_every_mistake_of_a_file_is_told_in_its_order():
    lines = lines_about("[http]\nport = 'x'\nhots = 1\n[engin]\n[reply]\ntop_p = 2\n")
    assert [line.split(":")[1] for line in lines] == ["2", "3", "4", "6"]


def test_a_line_is_found_behind_strings_arrays_and_dotted_keys():
    text = (
        '[tasks.a.en]\nsystem = """\n[http]\nport = "no"\n"""\nexamples = [\n  "[http]",\n]\n'
        '[ "http" ] # here\n"port" = "yes"\n[log]\nlevel = "info"\n'
    )
    assert lines_about(text)[0].startswith("config.toml:10: ")
    assert lines_about("log = { level = 1 }\nhttp.port = 'x'")[1].startswith("config.toml:2: ")


@pytest.mark.parametrize(
    "text",
    [
        f"[engine]\ncontxt = '{WORD}'",
        f"[http]\nport = '{WORD}'",
        f"[companion]\nlanguage = '{WORD}'",
        f"[telegram]\ntoken = '{WORD}'",
        f"[telegram]\ntoken = {WORD}",
        f"[telegram]\ntoken = '{WORD}",
        f"[storage]\nurl = 'postgresql://me:{WORD}@host/db'",
        f"[telegram]\nbase_url = 'https://me:{WORD}@host/bot'",
        f"[telegram]\nwebhook_url = 'https://host/?token={WORD}'",
        f"[telegram]\nwebhook_secret = '{WORD}'",
        f"[access]\nusers = ['{WORD}']",
    ],
)
def test_a_value_is_never_shown_not_even_by_a_chained_error(text):
    with pytest.raises(ConfigError) as caught:
        load(written(text), {})
    assert WORD not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_key_cannot_break_its_line():
    (line,) = lines_about('[http]\n"a\\nb\\u001b" = 1')
    assert line.isprintable()
    (line,) = lines_about('["a\\nb"]')
    assert line.isprintable()
