"""Which engines are measured, with what, and how the figures are shown."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from benchmarks import engines
from benchmarks.engines import Plan, openings, present, ratios, settings_with, summary
from bot.config import Settings


def figures(scale: float) -> dict[str, Any]:
    """An engine that takes `scale` times as long and as much as the unit one."""
    turns = [
        {
            "label_ms": 10 * scale,
            "first_token_ms": 20 * scale,
            "turn_ms": 100 * scale,
            "reply_tokens": 7,
        }
    ]
    memory = {"peak": 50 * scale, "now": 40 * scale}
    return {
        "turns": turns,
        "alone": 8 / scale,
        "together": 16 / scale,
        "memory": memory,
        "load_s": 1.0,
    }


def result(**found: dict[str, Any]) -> dict[str, Any]:
    date = "2026-01-01"
    return {"model": "m", "machine": "here", "date": date, "people": 8, "engines": found}


def with_torch(monkeypatch: pytest.MonkeyPatch, *, there: bool) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda _: object() if there else None)


def test_the_engines_come_in_the_order_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    with_torch(monkeypatch, there=True)
    assert present(remote=True, baseline=True, skipped=[]) == list(engines.KINDS)
    assert present(remote=False, baseline=False, skipped=[]) == ["llamacpp", "huggingface"]


def test_without_torch_its_engine_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with_torch(monkeypatch, there=False)
    assert present(remote=True, baseline=False, skipped=[]) == ["llamacpp", "remote"]


def test_an_engine_may_be_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    with_torch(monkeypatch, there=True)
    assert present(remote=True, baseline=True, skipped=["llamacpp", "remote"]) == [
        "huggingface",
        "published",
    ]


def test_people_write_in_both_languages_and_none_like_another() -> None:
    found = openings(8)
    assert [language for language, _ in found] == ["en", "zh"] * 4
    assert len(set(found)) == 8
    assert openings(32)[:8] == found


def test_settings_take_the_engine_s_values_and_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "load_settings", lambda _: Settings())
    settings = settings_with(SecretStr("abc"), kind="remote", parallel=3, base_url="u")
    assert (settings.engine.kind, settings.engine.parallel) == ("remote", 3)
    assert settings.engine.base_urls == ["u"]
    assert settings.secrets.remote_key == SecretStr("abc")


def test_a_plan_does_not_show_its_key() -> None:
    assert "abc" not in repr(Plan("m", 1, 1, 1, key=SecretStr("abc")))


def test_an_engine_of_half_the_time_and_memory_is_twice_as_good() -> None:
    found = ratios(figures(0.5), figures(1.0))
    assert found == dict.fromkeys(found, pytest.approx(2.0))


def test_the_baseline_is_not_compared_with_itself() -> None:
    lines = list(summary(result(llamacpp=figures(0.5), published=figures(1.0))))
    head = next(n for n, line in enumerate(lines) if "times better" in line)
    assert lines[head + 2 :] == ["| llamacpp | 2.0 | 2.0 | 2.0 | 2.0 | 2.0 | 2.0 |"]


def test_without_the_baseline_there_is_one_table() -> None:
    lines = list(summary(result(llamacpp=figures(1.0))))
    assert lines[0] == "m, here, 2026-01-01; median (least-most)"
    assert "tokens/s, 8 people" in lines[2]
    assert len(lines) == 5


def test_an_engine_that_failed_says_so_in_its_row_and_the_others_stay() -> None:
    failed = {"error": "no server answers"}
    lines = list(summary(result(llamacpp=figures(1.0), remote=failed, published=failed)))
    assert lines[-2].startswith("| remote | no server answers |")
    assert {line.count("|") for line in lines[2:]} == {10}


def test_memory_of_a_gpu_stands_beside_the_machine_s() -> None:
    found = figures(1.0)
    found["memory"]["gpu"] = 900.0
    assert "| 50 / 40 + 900 GPU |" in list(summary(result(huggingface=found)))[-1]
