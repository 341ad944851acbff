"""What is wrong with a settings file, in one line a mistake: `FILE:LINE: what to do`.

Knows: how to find a key's line, the key that was perhaps meant, the form a value must have (read
from the models). Does not know: which settings exist. Never says a value: it may be a secret.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

KeyPath = tuple[str, ...]


class ConfigError(Exception):
    """The settings cannot be used. `lines` are for the owner, one mistake each."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake at a key or a section of the file."""

    path: KeyPath
    sentence: str


def render(file: Path, text: str, problems: Iterable[Problem]) -> list[str]:
    """The problems as lines, in the order of the file. `text` must be valid TOML."""
    problems = list(problems)
    if not problems:
        return []
    lines = _key_lines(text)
    found = [(_line_of(problem.path, lines), problem.sentence) for problem in problems]
    return [f"{file}:{line}: {sentence}" for line, sentence in sorted(found)]


def syntax_problem(file: Path, text: str, error: Exception) -> str:
    """One line for text that is not TOML. Keeps the reason, drops whatever it quotes."""
    place = re.search(r"\(at line (\d+), column (\d+)\)$", str(error))
    line = int(place[1]) if place else text.rstrip().count("\n") + 1
    column = f", column {place[2]}" if place else ""
    if isinstance(error, RecursionError):
        reason = "nested too deeply"
    elif not isinstance(error, tomllib.TOMLDecodeError):
        reason = "a number has too many digits"
    else:
        reason = re.sub(r"\(.*|'.*|\".*", "", str(error)).strip().lower()
    if reason == "invalid value":
        reason = 'invalid value (text stands in quotes: key = "text")'
    return f"{file}:{line}: not valid TOML{column}: {reason}"


def mistakes(
    error: ValidationError, model: type[BaseModel], data: Mapping[str, Any]
) -> list[Problem]:
    """Every mistake that pydantic found in `data`, in our words."""
    problems = []
    for detail in error.errors(include_url=False, include_input=False):
        path = tuple(str(part) for part in detail["loc"])
        if detail["type"] == "extra_forbidden":
            sentence = _unknown(path, _sections(model), data)
        elif detail["type"] == "value_error":
            sentence = f"{shown(path)} {detail['ctx']['error']}"
        else:
            sentence = f"{shown(path)} must be {_expected(path, model)}"
        problems.append(Problem(path, sentence))
    return problems


def _unknown(path: KeyPath, sections: Mapping[str, Sequence[str]], data: Mapping[str, Any]) -> str:
    """A sentence about a key or a section that nobody knows, with the nearest that is known."""
    name = path[-1]
    if len(path) > 1:
        section, keys = path[0], sections[path[0]]
        start = f"unknown key '{_on_one_line(name)}' in [{section}]"
        if near := _nearest(name, keys):
            return f"{start}; did you mean {near!r}?"
        if home := next((other for other, known in sections.items() if name in known), ""):
            return f"{start}; did you mean {name!r} in [{home}]?"
        return f"{start}; its keys are {', '.join(keys)}"
    if isinstance(data[name], dict | list):
        near = _nearest(name, sections)
        hint = f"did you mean [{near}]?" if near else f"the sections are {', '.join(sections)}"
        return f"unknown section [{_on_one_line(name)}]; {hint}"
    homes = {key: section for section, keys in sections.items() for key in keys}
    near = _nearest(name, homes)
    hint = f"did you mean {near!r} in [{homes[near]}]?" if near else "write it under its [section]"
    return f"unknown key '{_on_one_line(name)}' outside of a section; {hint}"


def _nearest(name: str, known: Iterable[str]) -> str:
    plain = name[:60].lower().replace("-", "_")
    return next(iter(difflib.get_close_matches(plain, list(known), n=1)), "")


def _sections(model: type[BaseModel]) -> dict[str, list[str]]:
    return {
        name: list(section.model_fields) if (section := _model_of(field)) else []
        for name, field in model.model_fields.items()
    }


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def shown(path: KeyPath) -> str:
    """`[section] key`, or `[section]`."""
    section, *rest = (_on_one_line(part) for part in path)
    return f"[{section}] {'.'.join(rest)}".strip()


def _on_one_line(name: str) -> str:
    # A quoted key may hold anything: line ends, terminal codes, a book.
    return name[:60] if name.isprintable() else ascii(name[:60])[1:-1]


def _expected(path: KeyPath, model: type[BaseModel]) -> str:
    """The form of the value at `path`, with its range: the same words for every way to miss it."""
    field: FieldInfo | None = None
    for part in path:
        field = model.model_fields.get(part)
        if field is None:
            break
        model = _model_of(field) or model
    if field is None or _model_of(field) or get_origin(field.annotation) is dict:
        return "a table, with its keys on the lines below it"
    if get_origin(field.annotation) is Literal:
        names = [f'"{choice}"' for choice in get_args(field.annotation)]
        return names[0] if len(names) == 1 else f"one of {', '.join(names)}"
    if field.annotation is str:
        nonempty = any(isinstance(rule, annotated_types.MinLen) for rule in field.metadata)
        return "text in quotes" + (", not empty" if nonempty else "")
    kind = "a whole number" if field.annotation is int else "a number"
    return f"{kind}{_range(field)}"


def _range(field: FieldInfo) -> str:
    words = ""
    for rule in field.metadata:
        match rule:
            case annotated_types.Ge(ge=low):
                words += f" from {low}"
            case annotated_types.Gt(gt=low):
                words += f" above {low}"
            case annotated_types.Le(le=high):
                words += f" up to {high}" if " above" in words else f" to {high}"
    return words


def _line_of(path: KeyPath, lines: Mapping[KeyPath, int]) -> int:
    """The line of the key, or of the nearest table around it."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return 1


def _key_lines(text: str) -> dict[KeyPath, int]:
    """The first line of every key and section. `text` must be valid TOML.

    tomllib tells no lines. But each statement, a header or a `key = value`, is valid TOML by
    itself: lines are gathered until they parse, so strings and arrays of many lines are no trap.
    """
    found: dict[KeyPath, int] = {}
    section: KeyPath = ()
    statement, start = "", 1
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not statement:
            start = number
        statement += line + "\n"
        # Only these end a statement of several lines; to try at every line is slow.
        if number > start and not any(end in line for end in ('"""', "'''", "]", "}")):
            continue
        try:
            parsed = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        is_header = statement.lstrip().startswith("[")
        statement = ""
        paths = list(_paths(parsed))
        if is_header:
            section = paths[-1]
        else:
            paths = [section + path for path in paths]
        for path in paths:
            found.setdefault(path, start)
    return found


def _paths(table: Mapping[str, Any]) -> Iterable[KeyPath]:
    """Every key of a table and of the tables in it, outer ones first."""
    for key, value in table.items():
        yield (key,)
        inner = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(inner, dict):
            for path in _paths(inner):
                yield (key, *path)
