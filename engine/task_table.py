"""Label tasks out of TOML, checked: an owner's slip is one sentence that names task and key.

Knows: the form of a task's table, the tasks that are shipped, which calibration belongs to which.
Does not know: how a task is asked, how a calibration is kept.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

from engine import calibration
from engine.calibration import Calibration, Key, is_number
from engine.tasks import Example, LabelTask, Manner, TaskError, TaskWords

_LANGUAGE_KEYS = {
    "system", "labels", "opening", "closing", "gap", "notes", "examples", "biases", "thresholds",
    "manners", "question", "near",
}  # fmt: skip
_MANNER_KEYS = set(Manner.__slots__)
_EXAMPLE_KEYS = set(Example.__slots__)


Calibrations = Mapping[Key, Calibration]


def load(
    extra: Mapping[str, Any] | None = None, own: Calibrations | None = None
) -> dict[str, LabelTask]:
    """The shipped tasks, and an owner's own by name (one of the same name replaces the shipped).

    What was shipped with a task calibrates it; over that lies `own`, which an owner measured.

    Raises:
        TaskError: a table is wrong.
    """
    shipped = Path(__file__).with_name("tasks.toml").read_text(encoding="utf-8")
    tables = {**tomllib.loads(shipped), **(extra or {})}
    layers = list(_layers(extra, own))
    return {name: _calibrated(parse(name, table), layers) for name, table in tables.items()}


def outdated(
    tasks: Mapping[str, LabelTask],
    model: str,
    extra: Mapping[str, Any] | None = None,
    own: Calibrations | None = None,
) -> list[Key]:
    """Calibrations of a model that are not used: the prompt has changed since. Arguments of `load`,
    and the tasks that it gave."""
    latest = {key: found for layer in _layers(extra, own) for key, found in layer.items()}
    return [
        key
        for key, found in sorted(latest.items(), key=lambda entry: entry[0])
        if key.model == model and key.task in tasks and not _fits(tasks[key.task], key, found)
    ]


def _layers(extra: Mapping[str, Any] | None, own: Calibrations | None) -> Iterator[Calibrations]:
    """What is shipped, unless the owner put another task in its place; then the owner's."""
    shipped = calibration.read(calibration.SHIPPED)
    yield {key: found for key, found in shipped.items() if key.task not in (extra or {})}
    yield own or {}


def _calibrated(task: LabelTask, layers: Sequence[Calibrations]) -> LabelTask:
    languages = dict(task.languages)
    for layer in layers:
        for key, found in layer.items():
            if key.task == task.name and _fits(task, key, found):
                words = languages[key.language]
                calibrations = {**words.calibrations, key.model: found}
                languages[key.language] = replace(words, calibrations=calibrations)
    return replace(task, languages=languages)


def _fits(task: LabelTask, key: Key, found: Calibration) -> bool:
    """Whether it was fitted for these very words."""
    words = task.languages.get(key.language)
    return (
        words is not None
        and found.prompt == task.version
        and found.biases.keys() <= words.labels.keys()
        and set(found.near) <= {*words.labels.values(), *words.near}
        and (found.verbalizer is None or found.verbalizer.biases.keys() == words.labels.keys())
        and (found.kinds is None or found.kinds.biases.keys() == set(task.kinds))
    )


def parse(name: str, table: Any) -> LabelTask:
    """One task from its table.

    Raises:
        TaskError: a key is missing, unknown or of the wrong kind.
    """
    table = dict(_table(name, table))
    version = str(table.pop("version", "1"))
    valence = table.pop("valence", {})
    kinds = _texts(name, table, "kinds")
    table.pop("kinds", None)
    turns = table.pop("turns", {})
    languages = {language: _words(f"{name}.{language}", t) for language, t in table.items()}
    if not languages:
        raise TaskError(f"task {name}: give it at least one language, as in [tasks.{name}.en]")
    labels = next(iter(languages.values())).labels
    return LabelTask(
        name,
        version,
        languages,
        _numbers(name, "valence", valence, labels),
        kinds,
        _turns(name, turns, kinds, labels),
    )


def _turns(
    name: str, found: Any, kinds: Sequence[str], labels: Mapping[str, str]
) -> dict[str, dict[str, str]]:
    turned = {
        kind: _each(name, "turns", table, _is_text) for kind, table in _table(name, found).items()
    }
    named = {label for table in turned.values() for label in chain(table, table.values())}
    if not turned.keys() <= set(kinds[:-1]) or not named <= labels.keys():
        raise TaskError(
            f"task {name}: 'turns' must give kinds, but not the last, a table from labels to labels"
        )
    return turned


def _words(place: str, table: Any) -> TaskWords:
    table = _table(place, table)
    _only(place, table, _LANGUAGE_KEYS)
    labels = _labels(place, table.get("labels"))
    if not isinstance(table.get("system"), str):
        raise TaskError(f"task {place}: 'system' must be the text of the prompt")
    return TaskWords(
        system=table["system"].strip(),
        labels=labels,
        opening=_text(place, table, "opening"),
        closing=_text(place, table, "closing"),
        gap=_text(place, table, "gap"),
        notes=_each(place, "notes", table.get("notes", {}), _is_text),
        examples=tuple(_example(place, e, labels) for e in _list(place, table, "examples")),
        near=_near(place, table, labels),
        calibrations={
            model: Calibration(_numbers(place, "biases", biases, labels))
            for model, biases in _each(place, "biases", table.get("biases", {}), _any).items()
        },
        thresholds=_each(place, "thresholds", table.get("thresholds", {}), _is_share),
        manners=_manners(place, table.get("manners", {}), labels),
        question=_text(place, table, "question"),
    )


def _near(place: str, table: Mapping[str, Any], labels: Mapping[str, str]) -> tuple[str, ...]:
    found = _texts(place, table, "near")
    if len({*found, *labels.values()}) < len(found) + len(labels):
        raise TaskError(f"task {place}: 'near' must name each word once, and none of the labels'")
    return found


def _manners(place: str, found: Any, labels: Mapping[str, str]) -> dict[str, Manner]:
    for label in _table(f"{place}.manners", found):
        if label not in labels:
            raise TaskError(f"task {place}: 'manners' names {label!r}, which is no label")
    return {label: _manner(f"{place}.manners.{label}", table) for label, table in found.items()}


def _manner(place: str, found: Any) -> Manner:
    table = _table(place, found)
    _only(place, table, _MANNER_KEYS)
    sentences, temperature = table.get("sentences", 0), table.get("temperature", 2.0)
    if type(sentences) is not int or sentences < 0:
        raise TaskError(f"task {place}: 'sentences' must be a whole number, 0 for any")
    if not is_number(temperature) or not 0 <= temperature <= 2:
        raise TaskError(f"task {place}: 'temperature' must be from 0 to 2")
    feelings, asked, told, guessed, heard, closers = (
        _texts(place, table, key)
        for key in ("feelings", "asked", "told", "guessed", "heard", "closers")
    )
    if feelings and not (asked and told and len(set(feelings)) == len(feelings) > 1):
        raise TaskError(
            f"task {place}: 'feelings' must be two or more, with texts in 'asked' and 'told'"
        )
    if not all(text.count("{}") == 1 for text in (*told, *guessed)):
        raise TaskError(
            f"task {place}: each text of 'told' and 'guessed' needs one {{}} for the feeling"
        )
    return Manner(feelings, asked, told, guessed, heard, sentences, float(temperature), closers)


def _texts(place: str, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = _list(place, table, key)
    if not all(isinstance(text, str) and text for text in found):
        raise TaskError(f"task {place}: {key!r} must be a list of texts")
    return tuple(found)


def _labels(place: str, found: Any) -> dict[str, str]:
    if isinstance(found, Sequence) and not isinstance(found, str):
        if len(set(map(str, found))) < len(found):
            raise TaskError(f"task {place}: 'labels' must not name a label twice")
        found = {word: word for word in found}
    if not isinstance(found, Mapping) or len(found) < 2:
        raise TaskError(f"task {place}: 'labels' must hold at least two labels")
    words = list(found.values())
    if not all(isinstance(word, str) and word for word in words) or len(set(words)) < len(words):
        raise TaskError(f"task {place}: 'labels' must give each label a word of its own")
    return dict(found)


def _example(place: str, found: Any, labels: Mapping[str, str]) -> Example:
    table = _table(f"{place}.examples", found)
    _only(f"{place}.examples", table, _EXAMPLE_KEYS)
    for key in table:
        _text(f"{place}.examples", table, key)
    if table.get("label") not in labels:
        raise TaskError(f"task {place}: an example needs a 'label' out of {', '.join(labels)}")
    if not table.get("user"):
        raise TaskError(f"task {place}: an example needs the text of its 'user'")
    return Example(**table)


def _table(place: str, found: Any) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise TaskError(f"task {place}: a table is needed here, as in [tasks.{place}]")
    return found


def _list(place: str, table: Mapping[str, Any], key: str) -> list[Any]:
    found = table.get(key, [])
    if not isinstance(found, list):
        raise TaskError(f"task {place}: {key!r} must be a list")
    return found


def _text(place: str, table: Mapping[str, Any], key: str) -> str:
    found = table.get(key, "")
    if not isinstance(found, str):
        raise TaskError(f"task {place}: {key!r} must be text")
    return found


def _each(place: str, key: str, found: Any, fits: Callable[[Any], bool]) -> dict[str, Any]:
    if not isinstance(found, Mapping) or not all(fits(value) for value in found.values()):
        raise TaskError(f"task {place}: {key!r} must be a table of the right kind")
    return dict(found)


def _any(_: Any) -> bool:
    return True


def _numbers(place: str, key: str, found: Any, labels: Mapping[str, str]) -> dict[str, float]:
    """A number for each of some labels; an unknown label is a slip of the pen."""
    if not isinstance(found, Mapping) or not all(map(is_number, found.values())):
        raise TaskError(f"task {place}: {key!r} must give each label a number")
    for label in found:
        if label not in labels:
            raise TaskError(f"task {place}: {key!r} names {label!r}, which is no label")
    return {label: float(value) for label, value in found.items()}


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_share(value: Any) -> bool:
    return is_number(value) and 0 < value <= 1


def _only(place: str, table: Mapping[str, Any], known: set[str]) -> None:
    for key in table:
        if key not in known:
            allowed = ", ".join(sorted(known))
            raise TaskError(f"task {place}: unknown key {key!r}; it takes {allowed}")
