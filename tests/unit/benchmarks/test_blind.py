"""A blind reading: nothing in the judging sheet tells whose reply it is."""

from __future__ import annotations

import json
import sys

import pytest

from benchmarks.replies import blind
from benchmarks.replies.sheet import BadSheet, Line, add


def line(name: str, case: str, **fields: object) -> Line:
    given = {
        "seed": 1,
        "model": f"model-{name}",
        "language": case[:2],
        "kind": "joy",
        "text": f"text of {case}",
        "feels": "positive",
        "label": "positive",
        "reply": f"reply {hash((name, case)) % 997}",
        "fixed": False,
        "judged": True,
        "ms": 1.0,
    }
    return Line(id=case, **(given | fields))  # type: ignore[arg-type]


CASES = [f"{language}-joy-{number}" for language in ("en", "zh") for number in range(6)]


def sheets() -> dict[str, list[Line]]:
    return {
        name: [
            *(line(name, case) for case in CASES),
            line(name, "en-other", judged=False),
            line(name, CASES[0], seed=2),
        ]
        for name in ("old", "new")
    }


def test_every_judged_reply_of_both_sheets_is_there_once_and_shuffled():
    rows, key = blind.make(sheets(), 1)
    assert len(rows) == len(key) == 24
    assert {(entry["sheet"], entry["case"]) for entry in key.values()} == {
        (name, case) for name in ("old", "new") for case in CASES
    }
    order = [key[str(row["n"])]["sheet"] for row in rows]
    assert order != sorted(order)
    assert blind.make(sheets(), 1) == (rows, key)


def test_a_row_shows_the_talk_and_nothing_of_where_it_comes_from():
    [talk] = [line("old", CASES[0], said=["hi"], replies=["Hello."])]
    rows, _ = blind.make({"old": [talk], "new": [line("new", CASES[0])]}, 1)
    assert {tuple(row) for row in rows} == {("n", "before", "text", "reply", "met")}
    assert ["hi", "Hello."] in [pair for row in rows for pair in row["before"]]
    assert "old" not in json.dumps(rows)
    assert "model-" not in json.dumps(rows)


def test_a_reply_that_one_sheet_lacks_is_named():
    both = sheets()
    both["new"] = both["new"][1:]
    with pytest.raises(BadSheet, match="new has no reply with seed 1 to en-joy-0"):
        blind.make(both, 1)
    with pytest.raises(BadSheet, match="no judged replies with seed 9"):
        blind.make(sheets(), 9)


def test_the_score_is_the_share_of_each_sheet_that_met_the_mood():
    rows, key = blind.make(sheets(), 1)
    for row in rows:
        whose = key[str(row["n"])]
        row["met"] = whose["sheet"] == "new" or whose["language"] == "zh"
    found = list(blind.table(blind.judged(rows, key)))
    assert found[2].startswith("| new | 100.0 | 100.0 | 100.0 |")
    assert found[3].startswith("| old | 0.0 | 100.0 | 50.0 |")
    assert found[4] == f"\nmet by new and not by old: 6 ({', '.join(CASES[:6])})"
    assert found[5] == "\nmet by old and not by new: 0 ()"


def test_an_unjudged_line_and_another_sheets_key_are_refused():
    rows, key = blind.make(sheets(), 1)
    with pytest.raises(BadSheet, match='"met" must be true or false; it is not in line 1, 2'):
        blind.judged(rows, key)
    judged = [{**row, "met": True} for row in rows]
    with pytest.raises(BadSheet, match="the key is of another judging sheet"):
        blind.judged(judged[1:], key)


def test_from_two_sheets_to_a_score_on_the_command_line(tmp_path, monkeypatch, capsys):
    def ran(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["blind", *arguments])
        blind.main()
        return str(capsys.readouterr().out)

    for name, lines in sheets().items():
        add(tmp_path / f"{name}.jsonl", lines)
    old, new, judging, key = (
        str(tmp_path / name) for name in ("old.jsonl", "new.jsonl", "judging.jsonl", "key.json")
    )
    assert "24 replies are in" in ran("make", old, new, judging, key)
    with pytest.raises(SystemExit, match="there already"):
        ran("make", old, new, judging, key)
    with pytest.raises(SystemExit, match='"met" must be true or false'):
        ran("score", judging, key)
    text = (tmp_path / "judging.jsonl").read_text().replace('"met": null', '"met": true')
    (tmp_path / "judging.jsonl").write_text(text)
    assert "| old | 100.0 | 100.0 | 100.0 |" in ran("score", judging, key)
