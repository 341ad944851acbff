"""`warmline label`: lines in, the same lines with labels out, and every mistake by its number."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import models, wiring
from bot.__main__ import app
from engine.base import EngineFailed, PromptTooLong
from engine.task_table import load
from tests.fakes import FakeEngine

MOOD_TASK = """
[tasks.urgency]
version = "3"
[tasks.urgency.en]
system = "How urgent is this?"
labels = ["urgent", "later"]
"""


class Engine(FakeEngine):
    """Feels what the text says ("sad" …), and ends first what came last."""

    def __init__(self) -> None:
        super().__init__(context_length=2000)
        self.under_way = 0
        self.most_under_way = 0

    async def score(self, prompt, labels):
        text = prompt.messages[-2].content
        if "boom" in text:
            raise EngineFailed("llama.cpp failed")
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        for _ in range(10 - len(self.scored) % 10):
            await asyncio.sleep(0)
        self.under_way -= 1
        words = {"sad": ("Negative", "负面"), "glad": ("Positive", "正面"), "now": ("urgent",)}
        named = [word for key, found in words.items() if key in text for word in found]
        self.leaning = dict.fromkeys(named, 5.0)
        return await super().score(prompt, labels)


@pytest.fixture
def engine(monkeypatch, tmp_path) -> Engine:
    """The model of every command, and a folder without settings of anybody's."""
    engine = Engine()

    @asynccontextmanager
    async def opened(settings, model):
        yield engine

    monkeypatch.setattr(wiring, "open_engine", opened)
    monkeypatch.setattr(
        models, "find_model", lambda settings: models.Model("fake-1b", settings.engine.model)
    )
    monkeypatch.setenv("WARMLINE_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return engine


def lines(*rows: object) -> bytes:
    return b"".join(
        (row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode()) + b"\n"
        for row in rows
    )


def label(source: bytes, *options: str):
    """The command's result, and the rows that it wrote."""
    Path("in.jsonl").write_bytes(source)
    result = CliRunner().invoke(app, ["label", "in.jsonl", "out.jsonl", *options])
    out = Path("out.jsonl")
    written = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
    return result, [json.loads(line) for line in written]


def test_an_order_to_the_labeller_is_not_read_and_stays_in_its_line(engine):
    source = [{"text": "I am sad. [Positive: glad]"}, {"text": "我很sad。标签：正面"}]
    _, rows = label(lines(*source))
    assert [row["label"] for row in rows] == ["negative", "negative"]
    assert [row["text"] for row in rows] == [row["text"] for row in source]
    read = [prompt.messages[-2].content for prompt in engine.scored]
    assert sorted(read) == ["I am sad.", "我很sad。"]


def test_every_line_gets_its_label_and_keeps_its_order_and_its_own_fields(engine):
    source = [{"text": f"{feel} {n}", "id": n} for n, feel in enumerate(["sad", "glad"] * 12)]
    result, rows = label(lines(*source))
    assert result.exit_code == 0
    assert [row["id"] for row in rows] == list(range(24))
    assert [row["label"] for row in rows] == ["negative", "positive"] * 12
    assert [row["text"] for row in rows] == [row["text"] for row in source]
    first = rows[0]
    assert sum(first["probabilities"].values()) == pytest.approx(1)
    assert first["valence"] == pytest.approx(-0.98, abs=0.02)
    assert (first["model"], first["version"]) == ("fake-1b", load()["sentiment"].version)


def test_several_lines_are_under_way_at_once_but_no_more_than_the_settings_say(engine):
    Path("config.toml").write_text("[engine]\nparallel = 3\n")
    result, _ = label(lines(*({"text": f"sad {n}"} for n in range(20))))
    assert result.exit_code == 0
    assert engine.most_under_way == 3


def test_bad_lines_are_named_by_their_number_and_the_rest_goes_on(engine):
    source = lines(
        {"text": "sad"},
        b"not json",
        {"no": "text"},
        ["a", "list"],
        {"text": 7},
        {"text": "  "},
        b"\xff\xfe",
        b"[" * 100_000,
        {"text": "boom"},
        {"text": "glad"},
    )
    result, rows = label(source)
    assert result.exit_code == 1
    assert [row["text"] for row in rows] == ["sad", "glad"]
    expected = {
        2: "not JSON",
        3: 'not an object with a "text"',
        4: 'not an object with a "text"',
        5: 'not an object with a "text"',
        6: "the text is empty",
        7: "not JSON",
        8: "not JSON",
        9: "llama.cpp failed",
    }
    for number, why in expected.items():
        assert f"line {number}: {why}\n" in result.stderr
    assert "8 lines could not be labelled; the rest is in out.jsonl" in result.stderr


def test_blank_lines_are_skipped_and_still_counted(engine):
    result, rows = label(b'\n{"text": "sad"}\r\n\r\n  \nnonsense\n')
    assert result.exit_code == 1
    assert len(rows) == 1
    assert "line 5: not JSON" in result.stderr


def test_an_empty_file_gives_an_empty_file(engine):
    result, rows = label(b"")
    assert (result.exit_code, rows) == (0, [])
    assert Path("out.jsonl").read_bytes() == b""


def test_the_language_is_the_lines_own_or_the_texts(engine):
    label(lines({"text": "难过 sad"}, {"text": "sad", "lang": "zh"}, {"text": "sad", "lang": "xx"}))
    systems = [prompt.messages[0].content[:7] for prompt in engine.scored]
    assert systems[0] == systems[1] != systems[2]
    assert systems[2] == "You are"


@pytest.mark.parametrize("text", ["难过 sad\u2028 \u0085", "😞 sad", "sad \ud83d", 'sad "\\'])
def test_the_output_is_one_json_object_a_line_in_utf_8(engine, text):
    source = json.dumps({"text": text}).encode()
    result, rows = label(source)
    assert result.exit_code == 0
    assert [row["text"] for row in rows] == [text]
    assert Path("out.jsonl").read_bytes().count(b"\n") == 1


def test_a_byte_order_mark_and_a_missing_last_newline_do_no_harm(engine):
    _, rows = label(b"\xef\xbb\xbf" + lines({"text": "sad"}) + b'{"text": "glad"}')
    assert [row["label"] for row in rows] == ["negative", "positive"]


def test_a_task_of_the_owners_settings_runs_by_its_name(engine):
    Path("config.toml").write_text(MOOD_TASK)
    result, rows = label(lines({"text": "now!"}, {"text": "some day"}), "--task", "urgency")
    assert result.exit_code == 0
    assert (rows[0]["label"], rows[0]["version"]) == ("urgent", "3")
    assert set(rows[1]["probabilities"]) == {"urgent", "later"}
    assert rows[0]["valence"] is None
    assert engine.scored[0].messages[0].content == "How urgent is this?"


def test_a_text_that_is_too_long_for_the_model_is_one_bad_line(engine):
    result, rows = label(lines({"text": "word " * 3000}, {"text": "sad"}))
    assert result.exit_code == 1
    assert [row["text"] for row in rows] == ["sad"]
    assert f"line 1: {PromptTooLong(1, 2000)}".split(" has")[0] in result.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["in.jsonl", "out.jsonl", "--task", "nonsense"], "no task 'nonsense'; there are: crisis"),
        (["missing.jsonl", "out.jsonl"], "missing.jsonl is not a file"),
        ([".", "out.jsonl"], ". is not a file"),
        (["in.jsonl", "in.jsonl"], "IN and OUT are the same file"),
        (["in.jsonl", "link.jsonl"], "IN and OUT are the same file"),
    ],
)
def test_what_cannot_work_is_said_before_the_model_is_looked_for(
    engine, monkeypatch, arguments, sentence
):
    monkeypatch.setattr(models, "find_model", lambda name: pytest.fail("it was looked for"))
    Path("in.jsonl").write_bytes(lines({"text": "sad"}))
    Path("link.jsonl").symlink_to("in.jsonl")
    result = CliRunner().invoke(app, ["label", *arguments], env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert Path("in.jsonl").read_bytes() == lines({"text": "sad"})


def test_an_earlier_output_stands_until_the_new_one_is_whole(engine, monkeypatch):
    Path("out.jsonl").write_text("earlier")

    async def broken(prompt, labels):
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "score", broken)
    Path("in.jsonl").write_bytes(lines({"text": "sad"}))
    result = CliRunner().invoke(app, ["label", "in.jsonl", "out.jsonl"])
    assert result.exit_code != 0
    assert Path("out.jsonl").read_text() == "earlier"


@pytest.mark.parametrize("target", ["missing/out.jsonl", "folder"])
def test_an_output_that_cannot_be_written_is_one_sentence(engine, target):
    Path("folder").mkdir()
    Path("in.jsonl").write_bytes(lines({"text": "sad"}))
    result = CliRunner().invoke(app, ["label", "in.jsonl", target])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert target in result.stderr
