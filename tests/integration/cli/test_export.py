"""`warmline export`: what /export gives, written into a folder for the owner's eyes alone."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from tests.integration.cli.memory import folder, on, people

__all__ = ["folder", "people"]


def export(*arguments: str) -> tuple[int, list[str], str]:
    result = CliRunner().invoke(app, ["export", *arguments])
    return result.exit_code, result.stdout.splitlines(), result.stderr


def test_two_files_are_written_and_named(people: Path, tmp_path: Path):
    out = tmp_path / "for" / "ann"
    code, lines, err = export("--user", "telegram:71", "--out", str(out))
    assert (code, err) == (0, "")
    as_json, as_markdown = map(Path, lines)
    assert {as_json, as_markdown} == set(out.iterdir())
    kept = json.loads(as_json.read_text(encoding="utf-8"))
    assert (kept["person"]["name"], kept["keep_days"]) == ("Ann", None)
    assert len(kept["conversations"][0]["turns"]) == 3
    words = as_markdown.read_text(encoding="utf-8")
    assert words.count("    a reply") == 3
    assert "Mei" not in words


def test_they_are_for_the_owners_eyes_alone_whatever_the_umask(people: Path, tmp_path: Path):
    before = os.umask(0)
    try:
        _, lines, _ = export("--user", "telegram:71", "--out", str(tmp_path / "out"))
    finally:
        os.umask(before)
    assert {stat.S_IMODE(Path(line).stat().st_mode) for line in lines} == {0o600}
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


def test_nothing_is_ever_written_over(people: Path, tmp_path: Path):
    _, first, _ = export("--user", "telegram:71", "--out", str(tmp_path))
    Path(first[0]).write_text("mine", encoding="utf-8")
    code, second, _ = export("--user", "telegram:71", "--out", str(tmp_path))
    assert code == 0
    assert not {*first} & {*second}
    assert Path(first[0]).read_text(encoding="utf-8") == "mine"


def test_a_name_alone_is_the_consoles(people: Path, tmp_path: Path):
    _, lines, _ = export("--user", "mei", "--out", str(tmp_path))
    assert json.loads(Path(lines[0]).read_text(encoding="utf-8"))["user_id"] == "mei"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("telegram:17", "nothing is kept of telegram:17; did you mean telegram:71 (Ann)?\n"),
        ("Ann", "nothing is kept of Ann; did you mean telegram:71 (Ann)?\n"),
        ("mei2", "nothing is kept of mei2; did you mean console:mei (Mei)?\n"),
        ("http:mei", "nothing is kept of http:mei; did you mean console:mei (Mei)?\n"),
        ("zzzz", "nothing is kept of zzzz\n"),
        ("z\x1b[31mz", "nothing is kept of z [31mz\n"),
        ("", "nothing is kept of \n"),
    ],
)
def test_somebody_unknown_is_one_sentence_with_who_is_near(
    people: Path, tmp_path: Path, given: str, said: str
):
    code, lines, err = export("--user", given, "--out", str(tmp_path / "out"))
    assert (code, lines, err) == (1, [], said)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("out", ["taken", "taken/below"])
def test_a_folder_that_cannot_be_is_one_sentence(people: Path, tmp_path: Path, out: str):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    code, lines, err = export("--user", "mei", "--out", out)
    assert (code, lines) == (1, [])
    assert err.startswith(f"cannot write into {out} (")
    assert err.endswith("): name another --out\n")


@pytest.mark.parametrize(
    ("chosen", "setting", "begins"),
    [("", "auto", "# What"), ("zh", "auto", "# Warmline 保存"), ("zh", "en", "# What")],
)
def test_the_words_to_read_are_in_the_persons_language(
    people: Path, tmp_path: Path, chosen: str, setting: str, begins: str
):
    on(people, lambda store: store.set_language("telegram", "71", chosen))
    config = tmp_path / "c.toml"
    config.write_text(
        f'[companion]\nlanguage = "{setting}"\n[privacy]\nkeep_days = 9\n', encoding="utf-8"
    )
    found = export("--user", "telegram:71", "--out", str(tmp_path), "--config", str(config))
    as_json, as_markdown = (Path(line).read_text(encoding="utf-8") for line in found[1])
    assert as_markdown.startswith(begins)
    assert json.loads(as_json)["keep_days"] == 9
