"""`warmline forget`: what /forget does, for the owner: asks, erases that part, prints a receipt."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app, main
from storage import sqlite
from storage.store import Store
from tests.integration.cli.memory import SECRET, bytes_of, folder, on, people

__all__ = ["folder", "people"]

RUNNING = """
import asyncio, sys
from pathlib import Path
from storage.store import Store
from tests.fakes import felt

async def run():
    async with await Store.open(folder=Path(sys.argv[1])) as store:
        print("ready", flush=True)
        done = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
        written = 0
        while not done.done():
            await felt(store, 0.5, user="bo")
            written += 1
            await asyncio.sleep(0.05)  # SQLite lets nobody in between writes without a pause.
        bo = [person for person in await store.people() if person.user_id == "bo"]
        assert bo[0].messages == written
        print(await store.last_erasure())

asyncio.run(run())
"""


def forget(*arguments: str, answer: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["forget", *arguments], input=answer)
    return result.exit_code, result.stdout, result.stderr


def counts(folder: Path) -> tuple[int, int, str | None]:
    """What is left of Ann: messages, moods, and her choice."""

    async def count(store: Store) -> tuple[int, int, str | None]:
        kept = await store.export("telegram", "71")
        turns = [turn for place in kept["conversations"] for turn in place["turns"]]
        labels = [label for turn in turns for label in turn["labels"]]
        return len(turns), len(labels), (kept["person"] or {}).get("mood_memory")

    return on(folder, count)


@pytest.mark.parametrize(
    ("part", "told", "left"),
    [
        ("mood", "0 messages, 3 labels, 0 corrections, 0 conversations", (3, 0, "on")),
        ("history", "3 messages, 3 labels, 0 corrections, 1 conversations", (0, 0, "on")),
        ("everything", "3 messages, 3 labels, 0 corrections, 1 conversations", (0, 0, None)),
    ],
)
def test_the_part_is_erased_and_a_receipt_printed(people: Path, part: str, told: str, left: object):
    code, out, err = forget("--user", "telegram:71", part, "--yes")
    assert (code, err) == (0, "")
    when = r"receipt [0-9a-f]{8}, \d{4}-\d\d-\d\d \d\d:\d\d UTC"
    assert re.fullmatch(rf"erased \({part}\): {told}; {when}\n", out)
    assert counts(people) == left
    assert on(people, lambda store: store.export("console", "mei"))["conversations"]


@pytest.mark.parametrize("part", ["history", "everything"])
def test_no_byte_of_the_words_stays(people: Path, part: str):
    assert SECRET in bytes_of(people)
    forget("--user", "telegram:71", part, "--yes")
    assert SECRET not in bytes_of(people)


def test_it_asks_first_and_says_of_whom_and_what(people: Path):
    code, out, err = forget("--user", "telegram:71", "mood", answer="y\n")
    assert code == 0
    assert err.startswith("Erase of telegram:71 (Ann): how messages were read, corrections and")
    assert "This cannot be undone." in err
    assert "erased (mood): 0 messages, 3 labels" in out


def test_without_a_yes_nothing_is_erased(people: Path):
    for answer, said in (("n\n", "nothing is erased\n"), ("", "add --yes to erase without a")):
        code, out, err = forget("--user", "telegram:71", "everything", answer=answer)
        assert (code, "erased (" in out) == (1, False)
        assert said in err
    assert counts(people) == (3, 3, "on")


def test_what_people_call_themselves_leads_to_nobody(people: Path):
    code, out, err = forget("--user", "Ann", "everything", "--yes")
    assert (code, out) == (1, "")
    assert err == "nothing is kept of Ann; did you mean telegram:71 (Ann)?\n"
    assert counts(people) == (3, 3, "on")


def test_a_part_that_there_is_not_is_refused(people: Path):
    code, _, err = forget("--user", "mei", "moods", "--yes")
    assert code == 2
    assert "mood|history|everything" in err


def test_a_running_warmline_on_the_file_goes_on_and_learns_of_it(people: Path):
    with subprocess.Popen(
        [sys.executable, "-c", RUNNING, str(people)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        code, out, err = forget("--user", "telegram:71", "everything", "--yes")
        assert (code, err) == (0, "")
        last, _ = running.communicate(timeout=60)
    assert running.returncode == 0
    assert f"receipt {last.strip()}," in out
    assert SECRET not in bytes_of(people)


def test_a_file_that_another_program_holds_is_one_sentence(
    people: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA busy_timeout = 50"))
    words = ("forget", "--user", "mei", "everything", "--yes")
    monkeypatch.setattr(sys, "argv", ["warmline", *words])
    writer = sqlite3.connect(people / "warmline.sqlite3", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with pytest.raises(SystemExit) as ended:
        main()
    writer.close()
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Another program holds the database ")
    assert said.err.endswith(": close it and try again.\n")


def test_old_bytes_that_stay_for_now_are_told_of_beside_the_receipt(
    people: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sqlite, "PRAGMAS", (*sqlite.PRAGMAS, "PRAGMA busy_timeout = 50"))
    reader = sqlite3.connect(people / "warmline.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM turns").fetchone()
    code, out, err = forget("--user", "telegram:71", "everything", "--yes")
    reader.close()
    assert code == 1
    assert out.startswith("erased (everything): 3 messages")
    assert "old bytes of them stay in the file until Warmline starts again" in err
    assert counts(people) == (0, 0, None)
    assert SECRET not in bytes_of(people), "the next start has ended it"
