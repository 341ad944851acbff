"""An owner's calibrations lie in the data folder, over what is shipped."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from bot import models, wiring
from bot.calibrations import outdated, own_file, write
from bot.config import load
from engine import calibration
from engine.calibration import Calibration, CalibrationError, Key
from tests.fakes import FakeEngine

VERSION = wiring.tasks(load(None, {}))["sentiment"].version
MINE = Key("sentiment", "en", "mine")
OTHER = Key("sentiment", "zh", "other")


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WARMLINE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / "calibration.toml"


def test_what_is_written_is_used_for_that_model_and_language(file):
    assert own_file() == file
    write(file, {MINE: Calibration({"negative": 2.0}, 1.5, prompt=VERSION)})
    task = wiring.tasks(load(None, {}))["sentiment"]
    assert task.words("en").calibration("mine").temperature == 1.5
    assert task.words("zh").calibration("mine") == Calibration()
    assert outdated(load(None, {}), "mine") == ""


def test_writing_keeps_the_other_entries_and_counts_the_versions(file):
    write(file, {OTHER: Calibration(prompt=VERSION)})
    kept = calibration.read(file)[OTHER]
    assert kept.version == 1
    assert kept.fitted
    write(file, {MINE: Calibration(prompt=VERSION)})
    written = write(file, {MINE: Calibration(temperature=2.0, prompt=VERSION)})
    assert written[MINE].version == 2
    assert calibration.read(file) == {OTHER: kept, **written}
    assert [path.name for path in file.parent.iterdir()] == ["calibration.toml"]


def test_a_version_is_none_that_a_shipped_calibration_has(file):
    [key, *_] = shipped = calibration.read(calibration.SHIPPED)
    [found] = write(file, {key: Calibration(prompt=VERSION)}).values()
    assert found.version == shipped[key].version + 1


def test_feelings_that_were_not_asked_for_stay_for_the_same_prompt(file):
    [key, *_] = shipped = calibration.read(calibration.SHIPPED)
    [found] = write(file, {key: Calibration(prompt=VERSION)}).values()
    assert found.feelings == shipped[key].feelings
    mine = {"negative": {"sad": 1.0}}
    write(file, {key: Calibration(prompt=VERSION, feelings=mine)})
    [found] = write(file, {key: Calibration(prompt=VERSION)}).values()
    assert found.feelings == mine
    [found] = write(file, {key: Calibration(prompt="another")}).values()
    assert found.feelings == {}


def test_a_file_that_cannot_be_used_is_not_written_over(file):
    file.parent.mkdir()
    file.write_text("mine = [")
    with pytest.raises(CalibrationError, match="is no TOML"):
        write(file, {MINE: Calibration(prompt=VERSION)})
    assert file.read_text() == "mine = ["


def test_a_folder_that_takes_no_file_is_one_sentence(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(CalibrationError, match="cannot be"):
        write(tmp_path / "a" / "calibration.toml", {MINE: Calibration(prompt=VERSION)})


async def test_a_calibration_for_an_earlier_prompt_is_told_once_at_the_start(
    file, monkeypatch, caplog
):
    async def opened(settings, model):
        return FakeEngine()

    monkeypatch.setitem(wiring._ENGINES, "llamacpp", opened)
    write(file, {MINE: Calibration(prompt="0")})
    caplog.set_level(logging.WARNING)
    for name in ("mine", "another"):
        async with wiring.open_chat(load(None, {}), models.Model(name, ""), None):
            pass
    [told] = caplog.messages
    assert told == (
        "the calibration of mine for sentiment (en) is not used: it belongs to another version of "
        "the prompt. Run `warmline calibrate` again"
    )
