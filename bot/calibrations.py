"""An owner's own calibrations: where they lie, how they are written, which are out of date.

Knows: the file in the data folder, which is laid over what is shipped. Does not know: how a
calibration is fitted, its TOML (`engine.calibration`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.config import Settings, data_dir
from engine import calibration, task_table
from engine.calibration import Calibration, CalibrationError, Key


def own_file() -> Path:
    """Where an owner's calibrations are."""
    return data_dir() / "calibration.toml"


def outdated(settings: Settings, model: str) -> str:
    """What the owner is told of a model's calibrations that are not used; "" where all are.

    Raises:
        TaskError, EngineError: what the settings or the file say cannot be used.
    """
    own = calibration.read(own_file())
    tasks = task_table.load(settings.tasks, own)
    found = task_table.outdated(tasks, model, settings.tasks, own)
    if not found:
        return ""
    named = ", ".join(f"{key.task} ({key.language})" for key in found)
    return (
        f"the calibration of {model} for {named} is not used: it belongs to another version of the "
        "prompt. Run `warmline calibrate` again"
    )


def write(file: Path, new: Mapping[Key, Calibration]) -> dict[Key, Calibration]:
    """Put entries into a file, dated and with the next version each; its others stay.

    Feelings that were not asked for stay what they were for the same prompt. The file is whole at
    any moment.

    Raises:
        CalibrationError: it cannot be read or written.
    """
    shipped, kept = calibration.read(calibration.SHIPPED), calibration.read(file)
    today = datetime.now(UTC).date()
    entries = {
        key: replace(
            found,
            version=1 + _version(key, shipped, kept),
            fitted=today,
            feelings=found.feelings or _feelings(key, found.prompt, kept, shipped),
        )
        for key, found in new.items()
    }
    text = calibration.as_toml(kept | entries)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=file.parent, suffix=".part", delete=False
        ) as part:
            part.write(text)
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(file)
    except OSError as error:
        raise CalibrationError(f"{file} cannot be written ({error.strerror})") from error
    return entries


def _version(key: Key, *files: Mapping[Key, Calibration]) -> int:
    """The latest of an entry, so that no two fits have the same; 0 where there is none."""
    return max((found[key].version for found in files if key in found), default=0)


def _feelings(
    key: Key, prompt: str, *files: Mapping[Key, Calibration]
) -> Mapping[str, Mapping[str, float]]:
    """Those of the first entry that has some for this prompt."""
    known = (file[key] for file in files if key in file and file[key].prompt == prompt)
    return next((found.feelings for found in known if found.feelings), {})
