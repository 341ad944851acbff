"""The docs are held to the code: what they name exists, and what exists is named.

Reads files and builds the command line; runs no command.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from adapters.http_schema import ERROR_STATUS
from bot.__main__ import app
from bot.texts.sentences import LANGUAGES, section_of
from engine import task_table

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "adapters", "engine", "storage")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
COMMAND = re.compile(r"(?:^|[\s`/(])warmline ([a-z-][^`#|&\n]*)", re.MULTILINE)
TREE_LINE = re.compile(r"( *)(\S+)  +\S")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [body for kind, body in FENCE.findall(page) if kind == language]


def code_of(page: str) -> str:
    """All that stands in code, one stretch a line."""
    spans = re.findall(r"`([^`\n]+)`", FENCE.sub("", page))
    return "\n".join([*blocks(page, "sh"), *spans])


def tree() -> list[str]:
    """The paths and patterns of the README's tree, in order."""
    (drawing,) = blocks(README, "text")
    folders: list[str] = []
    paths = []
    for line in drawing.splitlines():
        found = TREE_LINE.match(line)
        assert found, f"not a line of a tree: {line!r}"
        depth = len(found[1]) // 2
        path = "".join([*folders[:depth], found[2]])
        if path.endswith("/"):
            folders[depth:] = [found[2]]
        paths.append(path)
    return paths


def commands() -> Iterator[tuple[str, str]]:
    """Each `warmline …` that a page shows, with the page's name."""
    for page in PAGES:
        for line in COMMAND.findall(code_of(page.read_text(encoding="utf-8"))):
            yield page.name, line.strip()


@pytest.mark.parametrize(("page", "line"), sorted(set(commands())))
def test_every_command_line_in_the_docs_exists_with_its_options(page: str, line: str) -> None:
    command: Any = typer.main.get_command(app)
    words = line.split()
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    if hasattr(command, "commands"):
        assert words[:1] in ([], ["--version"], ["--help"]), f"{page}: no such command: {line}"
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_readme_shows_every_command() -> None:
    shown = {line.split()[0] for page, line in commands() if page == "README.md"}

    assert set(typer.main.get_command(app).commands) <= shown  # type: ignore[attr-defined]


def test_the_two_commands_come_first_and_every_make_target_exists() -> None:
    rules = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", rules, re.MULTILINE))
    first = blocks(README, "sh")[0]

    assert re.findall(r"^make ([a-z-]+)", first, re.MULTILINE) == ["chat", "test"]
    for page in PAGES:
        named = re.findall(r"(?:^|\s)make ([a-z-]+)", code_of(page.read_text(encoding="utf-8")))
        assert set(named) <= targets, page.name


@pytest.mark.parametrize("path", tree())
def test_every_path_of_the_readmes_tree_exists(path: str) -> None:
    found = list(ROOT.glob(path.rstrip("/")))

    assert found
    assert all(entry.is_dir() for entry in found) == path.endswith("/")


def test_every_file_of_a_room_has_its_line_in_the_readmes_tree() -> None:
    named = tree()
    told = {file for path in named for file in ROOT.glob(path)}
    # A folder without lines of its own speaks for all that is in it.
    told_whole = [
        path for path in named if path.endswith("/") and sum(p.startswith(path) for p in named) == 1
    ]
    for room in ROOMS:
        for file in (ROOT / room).rglob("*"):
            if file.suffix not in (".py", ".toml") or file.name == "__init__.py":
                continue
            name = file.relative_to(ROOT).as_posix()
            assert file in told or name.startswith(tuple(told_whole)), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    links = [one or other for one, other in LINK.findall(page.read_text(encoding="utf-8"))]
    relative = [link for link in links if not re.match(r"[a-z]+:|#", link)]
    missing = [link for link in relative if not (page.parent / link.partition("#")[0]).exists()]

    assert missing == []


def test_the_changelog_tells_of_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.search(rf"^## {re.escape(project['version'])}\b", changelog, re.MULTILINE)


def test_every_http_error_has_its_row_with_its_status() -> None:
    page = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| (\d{3}) \| `(\w+)` \|", page, re.MULTILINE))
    sources = "".join(
        file.read_text(encoding="utf-8") for file in (ROOT / "adapters").glob("http*.py")
    )
    # Either ApiError(400, "bad_json", …) or a table's 404: ("not_found", …).
    raised = set(re.findall(r"(?<!: )\b([45]\d\d)(?:,|: \()\s*\"([a-z_]+)\"", sources))
    noticed = {(str(status), code) for code, status in ERROR_STATUS.items()}

    assert rows == raised | noticed


def test_every_helpline_has_its_row() -> None:
    page = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([A-Z]{2})` \|", page, re.MULTILINE))

    for language in LANGUAGES:
        keys = section_of(language, "safety")
        assert {key[-2:].upper() for key in keys if key.startswith("helpline_")} == rows


def test_the_label_task_of_the_contributors_page_can_be_loaded() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (table,) = blocks(page, "toml")

    assert set(task_table.load(tomllib.loads(table)["tasks"])) == {"sentiment", "crisis", "intent"}
