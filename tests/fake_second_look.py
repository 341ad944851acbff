"""A second look at danger on the fakes: the shipped question, measured for the fake model."""

from __future__ import annotations

from dataclasses import replace

from engine.base import Prompt
from engine.task_table import load
from engine.tasks import LabelTask
from tests.fakes import FakeEngine

SHIPPED = load()["crisis"]


def measured_task(threshold: float = 0.8, *languages: str) -> LabelTask:
    """The shipped task as if the fake model had been measured in these languages, or in all."""
    words = {
        language: replace(
            words,
            thresholds={FakeEngine.model: threshold}
            if language in (languages or SHIPPED.languages)
            else {},
        )
        for language, words in SHIPPED.languages.items()
    }
    return replace(SHIPPED, languages=words)


def asks_of_danger(prompt: Prompt) -> bool:
    """Whether a prompt is the second look's."""
    return prompt.messages[0].content in {w.system for w in SHIPPED.languages.values()}


def seeing(danger: float, negative: float = 3.0) -> FakeEngine:
    """An engine with these log-odds for danger and for a negative mood, in both languages."""
    engine = FakeEngine()
    engine.leaning = lambda prompt: (
        {"Yes": danger, "是": danger}
        if asks_of_danger(prompt)
        else {"Negative": negative, "负面": negative}
    )
    return engine


def looks(engine: FakeEngine) -> list[Prompt]:
    """What the second look asked."""
    return [prompt for prompt in engine.scored if asks_of_danger(prompt)]
