"""Calibration as data: what turns a model's scores into probabilities one may believe.

Knows: biases, temperature, what they were fitted for and on, the TOML they are kept in. Does not
know: how they are fitted (`engine.fitting`), which task has them (`engine.task_table`), where an
owner's file lies.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from engine.base import EngineError
from engine.scoring import calibrate
from engine.verbalizer import Verbalizer

SHIPPED = Path(__file__).with_name("calibration.toml")

_HEAD = """\
# What was fitted on labelled rows, by task, language and model. Written by a command, which keeps
# the entries of other models; a comment of yours is not kept.
#
# prompt: the task's version that this was fitted for; for any other the entry is not used.
# biases: nats added to each label's log-probability; then all are divided by the temperature.
# feelings: by the label of a reply, nats added to each feeling that it may name.
# verbalizer: the same out of more words than the labels', where the engine tells them: by word its
# weight for each label, in the order of the biases (engine/verbalizer.py). kinds: of the same
# words, what kind of message it is.
# rows: how many rows of each file.
"""


class CalibrationError(EngineError):
    """A file of calibrations cannot be used. The message names the file and the entry."""


class Key(NamedTuple):
    """What a calibration belongs to."""

    task: str
    language: str
    model: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores become softmax((score + bias) / temperature). `biases` are in nats, by label, and so
    is what is added to a feeling that a reply may name (`feelings`, by the reply's label).
    The `verbalizer` is used in their stead where an engine tells more words than the labels';
    `kinds` tells from the same words what kind of message it is.

    `version` counts the fits, from 1; 0 is one that was not fitted. `prompt` is the version of the
    task whose prompt gave the scores, `rows` how many rows of each file they were of.
    """

    biases: Mapping[str, float] = field(default_factory=dict)
    temperature: float = 1.0
    version: int = 0
    prompt: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    fitted: date | None = None
    feelings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    verbalizer: Verbalizer | None = None
    kinds: Verbalizer | None = None

    @property
    def near(self) -> tuple[str, ...]:
        """The words that are weighed."""
        found = [table.weights for table in (self.verbalizer, self.kinds) if table]
        return tuple(dict.fromkeys(chain.from_iterable(found)))

    def probabilities(
        self, scores: Mapping[str, float], words: Mapping[str, float] = MappingProxyType({})
    ) -> dict[str, float]:
        """Probabilities of log-probabilities, which are known up to one common constant: those of
        the labels, or of the verbalizer's words where they were asked for."""
        if self.verbalizer and words:
            return self.verbalizer.probabilities(words)
        return calibrate(scores, self.biases, self.temperature)


UNCALIBRATED = Calibration()


def read(path: Path) -> dict[Key, Calibration]:
    """The calibrations of a file; none where there is no file.

    Raises:
        CalibrationError.
    """
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CalibrationError(f"{path} cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise CalibrationError(f"{path} is no TOML: mend it or delete it") from error
    return {
        Key(task, language, model): _calibration(f"{path}: [{task}.{language}.{model!r}]", entry)
        for task, languages in _tables(f"{path}", found)
        for language, models in _tables(f"{path}: [{task}]", languages)
        for model, entry in _tables(f"{path}: [{task}.{language}]", models)
    }


def as_toml(calibrations: Mapping[Key, Calibration]) -> str:
    """The text of a file that `read` reads."""
    entries = (_entry(key, calibrations[key]) for key in sorted(calibrations))
    return "\n".join([_HEAD, *entries])


def _entry(key: Key, found: Calibration) -> str:
    lines = [
        f"[{'.'.join(map(_name, key))}]",
        f"version = {found.version}",
        f"prompt = {_quoted(found.prompt)}",
        f"biases = {_inline(found.biases)}",
        f"temperature = {found.temperature}",
        *_feelings(found.feelings),
        f"rows = {_inline(found.rows)}",
        *([f"fitted = {found.fitted}"] if found.fitted else []),
        *(_verbalizer(key, "verbalizer", found.verbalizer) if found.verbalizer else []),
        *(_verbalizer(key, "kinds", found.kinds) if found.kinds else []),
    ]
    return "\n".join(lines) + "\n"


def _verbalizer(key: Key, name: str, found: Verbalizer) -> list[str]:
    place = ".".join(map(_name, (*key, name)))
    weights = (f"{_name(word)} = {list(row)}" for word, row in found.weights.items())
    return [
        "",
        f"[{place}]",
        f"biases = {_inline(found.biases)}",
        f"temperature = {found.temperature}",
        "",
        f"[{place}.weights]",
        *weights,
    ]


def _feelings(found: Mapping[str, Mapping[str, float]]) -> list[str]:
    inside = ", ".join(f"{_name(label)} = {_inline(nats)}" for label, nats in found.items())
    return [f"feelings = {{ {inside} }}"] if inside else []


def _inline(values: Mapping[str, float]) -> str:
    inside = ", ".join(f"{_name(key)} = {value}" for key, value in values.items())
    return f"{{ {inside} }}" if inside else "{}"


def _name(text: str) -> str:
    """A key: bare where it may be."""
    bare = text and all(c.isascii() and (c.isalnum() or c in "-_") for c in text)
    return text if bare else _quoted(text)


def _quoted(text: str) -> str:
    """A string as TOML writes it: as JSON does, but for one character."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


def _calibration(place: str, entry: Mapping[str, Any]) -> Calibration:
    known = {key: entry[key] for key in entry if key in Calibration.__slots__}
    for name in known.keys() & {"verbalizer", "kinds"}:
        known[name] = _read_verbalizer(f"{place}: {name}", known[name])
    found = Calibration(**known)
    tables = [found.biases, found.rows, *_values(place, found.feelings)]
    numbers = [found.temperature, *(number for table in tables for number in _values(place, table))]
    if not all(map(is_number, numbers)):
        raise CalibrationError(f"{place}: biases, temperature, rows and feelings are numbers")
    if found.temperature <= 0:
        raise CalibrationError(f"{place}: the temperature must be above 0")
    if type(found.version) is not int or not isinstance(found.prompt, str):
        raise CalibrationError(f"{place}: it needs a version, a number, and a prompt, a text")
    return found


def _read_verbalizer(place: str, entry: Any) -> Verbalizer:
    if not isinstance(entry, dict) or entry.keys() != set(Verbalizer.__slots__):
        raise CalibrationError(f"{place}: it needs weights, biases and a temperature")
    found = Verbalizer(**entry)
    biases, rows = list(_values(place, found.biases)), list(_values(place, found.weights))
    if not all(isinstance(row, list) and len(row) == len(biases) for row in rows) or not rows:
        raise CalibrationError(f"{place}: each word needs a weight for each of the biases")
    numbers = [found.temperature, *biases, *(number for row in rows for number in row)]
    if not all(map(is_number, numbers)) or found.temperature <= 0:
        raise CalibrationError(f"{place}: weights and biases are numbers, the temperature above 0")
    return found


def is_number(value: Any) -> bool:
    """Whether it is a number that one can reckon with: true and NaN are none."""
    return type(value) in (int, float) and math.isfinite(value)


def _values(place: str, found: Any) -> Iterable[Any]:
    if not isinstance(found, dict):
        raise CalibrationError(f"{place}: biases, rows and feelings are tables")
    return found.values()


def _tables(place: str, found: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    for name, table in found.items():
        if not isinstance(table, dict):
            raise CalibrationError(f"{place}: {name!r} must be a table")
        yield name, table
