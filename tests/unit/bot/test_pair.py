"""`warmline pair`: a code lets somebody in, and what is said when it does not."""

from __future__ import annotations

from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from bot import wiring
from bot.__main__ import app


class Pairings:
    def __init__(self) -> None:
        self.codes = {"ABCD2345": SimpleNamespace(platform="telegram", user_id="1", name="Ann\x1b")}
        self.paired = {("telegram", "7")}

    async def approve(self, code):
        return self.codes.pop(code, None)

    async def unpair(self, platform, user_id):
        known = (platform, user_id) in self.paired
        self.paired.discard((platform, user_id))
        return known


@pytest.fixture
def store(monkeypatch, tmp_path):
    store = Pairings()

    @asynccontextmanager
    async def opened(settings):
        yield store

    monkeypatch.setattr(wiring, "open_store", opened)
    monkeypatch.setenv("WARMLINE_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return store


def pair(*arguments: str):
    result = CliRunner().invoke(app, ["pair", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_code_lets_its_person_in_once(store):
    assert pair("abcd-2345") == (0, "Ann  may talk to Warmline now\n", "")
    code, out, err = pair("abcd-2345")
    assert (code, out) == (1, "")
    assert err.startswith("no such code, or its hour is over: ask the person to write")


def test_a_person_can_be_let_out_again(store):
    assert pair("--remove", "telegram:7") == (0, "telegram:7 is not paired any more\n", "")
    assert pair("--remove", "telegram:7") == (1, "", "telegram:7 is not paired\n")


@pytest.mark.parametrize("arguments", [(), ("ABCD2345", "--remove", "telegram:7")])
def test_a_code_or_a_person_must_be_given_not_both(store, arguments):
    code, out, err = pair(*arguments)
    assert (code, out) == (2, "")
    assert "PLATFORM:ID" in err
    assert store.codes
    assert store.paired
