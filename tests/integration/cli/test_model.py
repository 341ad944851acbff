"""`warmline model`: answers on stdout, everything else on stderr, one sentence when it fails."""

from __future__ import annotations

import hashlib
import os

import pytest
from typer.testing import CliRunner

from bot.cli import model
from engine import catalogue
from engine.base import EngineError
from tests.integration.engine import hub_server
from tests.integration.engine.hub_server import Hub

BODY = b"GGUF" * 1000


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache folder, a hub that gives a small file, and that file as the catalogue's default."""
    for name in os.environ:
        if name.upper().startswith("HF_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    small = catalogue.Entry(
        name="small",
        aliases=("default",),
        title="Small",
        file="small.gguf",
        size_bytes=len(BODY),
        licence="MIT",
        sha256=hashlib.sha256(BODY).hexdigest(),
        note="For tests.",
        measured=False,
        sources=(catalogue.HubSource("team/small", "small.gguf"),),
    )
    monkeypatch.setattr(catalogue, "load", lambda: catalogue.Catalogue((small,)))
    monkeypatch.setenv("WARMLINE_CACHE_DIR", str(tmp_path))
    with hub_server.serve(Hub(BODY)) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield tmp_path


def invoke(*arguments: str):
    return CliRunner().invoke(model.app, arguments)


def test_path_of_a_model_that_is_not_here_is_an_error_that_says_what_to_do(cache):
    result = invoke("path")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "small is not here; `warmline model pull default` fetches it\n"


def test_pull_then_path_print_the_path_alone(cache):
    expected = f"{cache / 'models' / 'small.gguf'}\n"
    pulled = invoke("pull")
    assert (pulled.exit_code, pulled.stdout) == (0, expected)
    assert "fetching Small (MIT)" in pulled.stderr
    assert invoke("path", "SMALL").stdout == expected


def test_an_unknown_name_is_one_sentence(cache):
    for command in ("path", "pull"):
        result = invoke(command, "smal")
        assert (result.exit_code, result.stdout) == (1, "")
        assert "the nearest is 'small'" in result.stderr
        assert result.stderr.count("\n") == 1


def test_an_interrupted_pull_says_that_it_can_go_on(cache, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(model, "ensure", interrupt)
    result = invoke("pull")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "stopped; the same command goes on from here\n"


def test_list_shows_what_is_here_and_what_was_not_measured(cache):
    before = invoke("list").stdout.splitlines()
    row = next(line for line in before if "small" in line)
    assert row.split() == ["small", "default", "0", "MB", "MIT", "no", "no"]
    assert "small: Small. For tests." in before
    invoke("pull")
    after = invoke("list").stdout.splitlines()
    assert next(line for line in after if "small" in line).split()[-1] == "yes"


def test_ensure_gives_a_local_file_as_it_is(cache):
    local = cache / "mine.gguf"
    local.write_bytes(b"mine")
    assert model.ensure(str(local), cache) == local


def test_ensure_fetches_a_damaged_file_again(cache, capsys):
    path = model.ensure("small", cache)
    path.write_bytes(b"damaged")
    assert model.ensure("small", cache).read_bytes() == BODY
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "fetching it again" in captured.err


def test_ensure_says_why_it_could_not(cache, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(EngineError, match="could not fetch small: the model hub: out of reach"):
        model.ensure("small", cache)
