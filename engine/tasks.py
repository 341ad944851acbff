"""Label tasks as data: what is asked, in which words, with which labels.

Knows: the shape of a task and its TOML. Does not know: persons, history, a model library. A new
task is a new table in the owner's configuration; no code changes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engine.base import Engine, Message, Prompt
from engine.scoring import calibrate

_LANGUAGE_KEYS = {"system", "labels", "opening", "closing", "notes", "examples", "biases"}
_EXAMPLE_KEYS = {"user", "label", "note", "reply"}


class TaskError(ValueError):
    """A task's table is wrong. The message names the task and the key."""


@dataclass(frozen=True, slots=True)
class Example:
    """One shown turn: what a person wrote, its label, and the reply that follows it."""

    user: str
    label: str
    note: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class TaskWords:
    """A task in one language. `labels` maps the canonical label to the word the model says.

    `opening` and `closing` stand around the label; `notes` are words that may follow it there, by
    key: the companion's prompt tells a trend with them.
    `biases` maps a model's name to one additive bias (nats) per canonical label; a model that is
    not in it has not been measured and gets none.
    """

    system: str
    labels: Mapping[str, str]
    opening: str = ""
    closing: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    biases: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def prefix(self) -> tuple[Message, ...]:
        """System line and examples: the same messages for everybody."""
        messages = [Message("system", self.system)]
        for example in self.examples:
            messages.append(Message("user", example.user))
            messages.append(self.answered(example.label, example.note, example.reply))
        return tuple(messages)

    def asked(self) -> Message:
        """The answer, open at the place where the label comes next."""
        return Message("assistant", "", (self.opening,) if self.opening else ())

    def answered(self, label: str, note: str = "", reply: str = "") -> Message:
        """The answer with its label said, and what follows it."""
        pieces = (self.opening, self.labels[label], note, self.closing)
        return Message("assistant", reply, tuple(piece for piece in pieces if piece))


@dataclass(frozen=True, slots=True)
class LabelTask:
    """A question with a closed set of answers. `valence` gives a label's place in [-1, 1]."""

    name: str
    version: str
    languages: Mapping[str, TaskWords]
    valence: Mapping[str, float] = field(default_factory=dict)

    def words(self, language: str) -> TaskWords:
        """The task in a language, or in its first one."""
        return self.languages.get(language) or next(iter(self.languages.values()))


@dataclass(frozen=True, slots=True)
class Scores:
    """Calibrated probabilities of canonical labels, with what produced them."""

    task: str
    probabilities: Mapping[str, float]
    valence: float
    model: str
    version: str

    @property
    def label(self) -> str:
        """The most probable label."""
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        """The probability of the most probable label."""
        return self.probabilities[self.label]


async def classify(engine: Engine, task: LabelTask, words: TaskWords, prompt: Prompt) -> Scores:
    """Label what the prompt asks about. `prompt` ends with `words.asked()`.

    Raises:
        EngineError: see `Engine.score`.
    """
    said = {word: label for label, word in words.labels.items()}
    scores = await engine.score(prompt, list(said))
    biases = words.biases.get(engine.model, {})
    probabilities = calibrate({said[word]: score for word, score in scores.items()}, biases)
    valence = sum(task.valence.get(label, 0.0) * p for label, p in probabilities.items())
    return Scores(task.name, MappingProxyType(probabilities), valence, engine.model, task.version)


def alone(words: TaskWords, text: str) -> Prompt:
    """The prompt that labels one text by itself, without history."""
    prefix = words.prefix()
    return Prompt((*prefix, Message("user", text), words.asked()), shared=len(prefix))


def load(extra: Mapping[str, Any] | None = None) -> dict[str, LabelTask]:
    """The shipped tasks, and an owner's own by name (one of the same name replaces the shipped).

    Raises:
        TaskError: a table is wrong.
    """
    shipped = Path(__file__).with_name("tasks.toml").read_text(encoding="utf-8")
    tables = {**tomllib.loads(shipped), **(extra or {})}
    return {name: parse(name, table) for name, table in tables.items()}


def parse(name: str, table: Mapping[str, Any]) -> LabelTask:
    """One task from its table.

    Raises:
        TaskError: a key is missing, unknown or of the wrong kind.
    """
    table = dict(table)
    version = str(table.pop("version", "1"))
    valence = _numbers(name, "valence", table.pop("valence", {}))
    languages = {language: _words(f"{name}.{language}", t) for language, t in table.items()}
    if not languages:
        raise TaskError(f"task {name}: give it at least one language, as in [tasks.{name}.en]")
    return LabelTask(name, version, languages, valence)


def _words(place: str, table: Any) -> TaskWords:
    if not isinstance(table, Mapping):
        raise TaskError(f"task {place}: a table is needed here, as in [tasks.{place}]")
    _only(place, table, _LANGUAGE_KEYS)
    labels = table.get("labels")
    if isinstance(labels, Sequence) and not isinstance(labels, str):
        labels = {str(word): str(word) for word in labels}
    if not isinstance(labels, Mapping) or len(labels) < 2:
        raise TaskError(f"task {place}: 'labels' must hold at least two labels")
    if not isinstance(table.get("system"), str):
        raise TaskError(f"task {place}: 'system' must be the text of the prompt")
    return TaskWords(
        system=table["system"].strip(),
        labels=dict(labels),
        opening=str(table.get("opening", "")),
        closing=str(table.get("closing", "")),
        notes=dict(table.get("notes", {})),
        examples=tuple(_example(place, e, labels) for e in table.get("examples", ())),
        biases={
            model: _numbers(place, "biases", biases)
            for model, biases in table.get("biases", {}).items()
        },
    )


def _example(place: str, table: Mapping[str, str], labels: Mapping[str, str]) -> Example:
    _only(f"{place}.examples", table, _EXAMPLE_KEYS)
    if table.get("label") not in labels:
        raise TaskError(f"task {place}: an example needs a 'label' out of {', '.join(labels)}")
    if not table.get("user"):
        raise TaskError(f"task {place}: an example needs the text of its 'user'")
    return Example(**table)


def _numbers(place: str, key: str, table: Any) -> dict[str, float]:
    if not isinstance(table, Mapping) or not all(type(v) in (int, float) for v in table.values()):
        raise TaskError(f"task {place}: {key!r} must give each label a number")
    return {str(label): float(value) for label, value in table.items()}


def _only(place: str, table: Mapping[str, Any], known: set[str]) -> None:
    for key in table:
        if key not in known:
            allowed = ", ".join(sorted(known))
            raise TaskError(f"task {place}: unknown key {key!r}; it takes {allowed}")
