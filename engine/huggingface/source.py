"""Where a model for torch lies: a folder, a GGUF file, or a name on the model hub.

Knows: what such a folder must hold, the hub's library and its errors. Does not know: torch, how a
model is loaded. Weights that are pickled are never fetched: opening them could run code.
"""

from __future__ import annotations

import difflib
import errno
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path

from engine import catalogue
from engine.base import ModelUnusable
from engine.gguf import check_gguf

_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_WANTED = ["*.json", "*.jinja", "*.safetensors", "*.model", "*.txt"]
_UNWANTED = ["*/*", "consolidated*"]
"""The same weights once more, in other layouts."""
_TOKENIZER_FILES = {"tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt"}
_PICKLES = {".bin", ".pt", ".pth", ".ckpt"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Files on this machine. `name` is what the owner called them, for sentences."""

    name: str
    folder: Path
    gguf: str | None = None


def find(source: str | Path) -> Place:
    """The files of a model, fetched from the hub where they are not here yet: blocks.

    Raises:
        ModelUnusable: one sentence says what is wrong, and what to do.
    """
    local = Path(source).expanduser()
    name = str(source)
    if local.suffix.lower() == ".gguf":
        check_gguf(local)
        return Place(name, local.parent, local.name)
    if local.is_dir():
        return _checked(Place(name, local))
    if local.is_file():
        raise ModelUnusable(f"{name} is a file: give its folder, or the path of a .gguf file")
    if isinstance(source, Path) or not _HUB_NAME.fullmatch(source) or source.startswith("."):
        raise ModelUnusable(f"there is no folder {name}; check the path, or give a hub name")
    return _checked(Place(name, _fetched(source)))


def nearest(name: str) -> str:
    """The hub name out of the catalogue that looks most like this one."""
    known = {
        source.repository.removesuffix("-GGUF")
        for entry in catalogue.load().entries
        for source in entry.sources
        if isinstance(source, catalogue.HubSource)
    }
    folded = {candidate.lower(): candidate for candidate in sorted(known)}
    return folded[difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.0)[0]]


def _checked(place: Place) -> Place:
    """The place, if it holds all that a model needs."""
    name = place.name
    try:
        files = {path.name for path in place.folder.iterdir()}
    except OSError as error:
        raise ModelUnusable(f"{name} cannot be read: {error.strerror or 'unreadable'}") from error
    suffixes = {Path(file).suffix.lower() for file in files}
    if "config.json" not in files and ".gguf" in suffixes:
        raise ModelUnusable(f"{name} holds a GGUF: give the path of the .gguf file itself")
    if "config.json" not in files:
        raise ModelUnusable(f"{name} has no config.json: it is not a model for transformers")
    if ".safetensors" not in suffixes:
        pickled = " (pickled weights can run code and are never opened)"
        raise ModelUnusable(
            f"{name} has no .safetensors weights{pickled if suffixes & _PICKLES else ''}: "
            "choose a model that has them"
        )
    if not files & _TOKENIZER_FILES:
        raise ModelUnusable(f"{name} has no tokenizer: put the model's tokenizer.json beside it")
    return place


def _fetched(name: str) -> Path:
    """The folder of a hub model in the hub library's own cache."""
    _keep_hub_quiet()
    from huggingface_hub import errors, snapshot_download, try_to_load_from_cache

    log.info("fetching %s from the model hub, where it is not here yet", name)
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or None
    try:
        return Path(
            snapshot_download(
                name, allow_patterns=_WANTED, ignore_patterns=_UNWANTED, endpoint=endpoint
            )
        )
    except (errors.LocalEntryNotFoundError, errors.OfflineModeIsEnabled) as error:
        here = try_to_load_from_cache(name, "config.json")
        if isinstance(here, str):  # fetched another time, perhaps by another program
            return Path(here).parent
        raise _refusal(name, error.__cause__ or error) from error
    except Exception as error:  # the hub library lets its HTTP client's own errors out
        raise _refusal(name, error) from error


def _refusal(name: str, error: BaseException) -> ModelUnusable:
    """The hub library's error in our words, most specific first."""
    from huggingface_hub import errors

    status = getattr(getattr(error, "response", None), "status_code", 0)
    if isinstance(error, errors.GatedRepoError) or status == 403:
        return ModelUnusable(
            f"the model hub gives {name} only to those who accepted its terms: accept them on its "
            "page there and set HF_TOKEN"
        )
    if isinstance(error, errors.HFValidationError) or status in (401, 404):
        return ModelUnusable(
            f"the model hub knows no model named {name!r}, or hides it: the nearest one that "
            f"Warmline knows is {nearest(name)!r}; for a private one, set HF_TOKEN"
        )
    if status:
        return ModelUnusable(
            f"the model hub answered with an error ({status}) for {name}: try again later"
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ModelUnusable(
            f"the disk is too full for {name}: make room, or set HF_HOME to a larger disk"
        )
    return ModelUnusable(
        f"the model hub could not be reached for {name}: check the network, or give the path of a "
        "folder or a .gguf file"
    )


def _keep_hub_quiet() -> None:
    """No telemetry and no progress bars. The library reads its environment when it is imported."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from huggingface_hub import constants
    from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

    constants.HF_HUB_DISABLE_TELEMETRY = True
    disable_progress_bars()
