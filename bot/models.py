"""Which model the settings name, and where it is.

Knows: the catalogue's names, what an engine looks up by itself. Does not know: how a file is
fetched (`bot.cli.model`), what an engine does with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.config import Settings, cache_dir


@dataclass(frozen=True, slots=True)
class Model:
    """A model by the name that is stored beside its labels, and where it is.

    `source` is a verified file, a folder, or a name that the engine itself looks up.
    """

    name: str
    source: Path | str


def find_model(settings: Settings) -> Model:
    """The model that the settings name; a catalogue file is fetched, with a progress bar.

    Raises:
        EngineError: it cannot be had; one sentence says why.
    """
    name, wanted = model_name(settings), settings.engine.model
    if _is_looked_up(settings):
        return Model(name, wanted)
    from bot.cli.model import ensure

    return Model(name, ensure(wanted, cache_dir()))


def model_name(settings: Settings) -> str:
    """The name that `find_model` gives the model. Nothing is fetched or looked up elsewhere."""
    from engine import catalogue

    wanted = settings.engine.model
    path = Path(wanted).expanduser()
    if _is_looked_up(settings):
        return path.name if settings.engine.kind == "huggingface" and path.exists() else wanted
    for entry in catalogue.load().entries:
        names = (entry.name, *entry.aliases)
        if wanted.strip().lower() in names or path.resolve() == entry.path(cache_dir()).resolve():
            return entry.name
    return path.stem


def _is_looked_up(settings: Settings) -> bool:
    """Whether the engine itself finds the model: a server, or transformers with what is a folder or
    a hub name (owner/name), rather than ours or a .gguf file."""
    wanted, kind = settings.engine.model, settings.engine.kind
    named = Path(wanted).is_dir() or ("/" in wanted and not wanted.endswith(".gguf"))
    return kind == "remote" or (kind == "huggingface" and named)
