"""A source that cannot be used says in one sentence why, and what to do."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import huggingface_hub
import pytest

from engine.base import ModelUnusable
from engine.huggingface import source as places
from tests.unit.engine import torch_hub
from tests.unit.engine.torch_hub import Hub
from tests.unit.engine.torch_tiny import folder

__all__ = ["folder"]

NAME = "team/tiny-chat"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No proxy, no setting of this machine, nothing fetched before."""
    for name in os.environ:
        if name.upper().startswith("HF_") or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    cache = tmp_path / "cache"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(cache))
    return cache


@pytest.fixture
def hub(environment: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with torch_hub.serve() as running:
        running.folders[NAME] = folder
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def refused(source: str | Path) -> str:
    with pytest.raises(ModelUnusable) as found:
        places.find(source)
    sentence = str(found.value)
    assert "\n" not in sentence
    return sentence


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """The model's folder, to be spoiled."""
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_a_folder_that_has_all_is_taken_as_it_is(folder: Path) -> None:
    assert places.find(folder) == places.Place(str(folder), folder)
    assert places.find(str(folder)).folder == folder


def test_a_gguf_file_is_taken_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "model.GGUF"
    path.write_bytes(b"GGUF and more")
    assert places.find(path) == places.Place(str(path), tmp_path, "model.GGUF")


def test_what_is_no_gguf_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    assert refused(path) == f"the model file {path} cannot be read: No such file or directory"
    path.write_bytes(b"<!doctype html>")
    assert refused(path) == f"{path} is not a GGUF model file"


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    for source in (tmp_path / "none", str(tmp_path / "none"), "./none", "a/b/c", "~/none"):
        assert "check the path" in refused(source)


def test_a_file_is_not_its_folder(folder: Path) -> None:
    assert "give its folder" in refused(folder / "model.safetensors")


def test_a_folder_that_holds_a_gguf_asks_for_the_file_itself(tmp_path: Path) -> None:
    (tmp_path / "model-q4.gguf").write_bytes(b"GGUF")
    assert refused(tmp_path).endswith("give the path of the .gguf file itself")


def test_a_folder_without_a_configuration_is_refused(copy: Path) -> None:
    (copy / "config.json").unlink()
    assert "has no config.json" in refused(copy)


def test_a_folder_without_a_tokenizer_is_refused(copy: Path) -> None:
    (copy / "tokenizer.json").unlink()
    assert "has no tokenizer" in refused(copy)


def test_pickled_weights_are_refused(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    sentence = refused(copy)
    assert "pickled weights can run code" in sentence
    (copy / "pytorch_model.bin").unlink()
    assert refused(copy).endswith("has no .safetensors weights: choose a model that has them")


def test_a_hub_model_is_fetched_once_and_found_again_without_a_network(
    hub: Hub, environment: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (spoiled := environment / "with-pickles").mkdir(parents=True)
    for file in folder.iterdir():
        shutil.copy(file, spoiled)
    (spoiled / "pytorch_model.bin").write_bytes(b"pickle")
    hub.folders[NAME] = spoiled
    place = places.find(NAME)
    assert place.name == NAME
    assert (place.folder / "model.safetensors").is_file()
    assert "model.safetensors" in hub.given
    assert "pytorch_model.bin" not in hub.given
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed_port()}")
    assert places.find(NAME).folder == place.folder


def test_a_mistyped_name_is_told_the_nearest_one(hub: Hub) -> None:
    sentence = refused("Qwen/Qwen1.5-0.5B-Caht")
    assert "'Qwen/Qwen1.5-0.5B-Caht'" in sentence
    assert "'Qwen/Qwen1.5-0.5B-Chat'" in sentence
    hub.refusals["Qwen/Qwen3-0.6"] = (404, "RepoNotFound")
    assert "'Qwen/Qwen3-0.6B'" in refused("Qwen/Qwen3-0.6")


@pytest.mark.parametrize("refusal", [(403, "GatedRepo"), (401, "GatedRepo"), (403, "")])
def test_a_gated_model_says_how_to_get_it(hub: Hub, refusal: tuple[int, str]) -> None:
    hub.refusals[NAME] = refusal
    sentence = refused(NAME)
    assert "accept them" in sentence
    assert "HF_TOKEN" in sentence


def test_a_model_whose_files_alone_are_gated_says_so_too(hub: Hub) -> None:
    hub.gated_files.add(NAME)
    assert "accept them" in refused(NAME)


def test_a_hub_that_is_broken_is_not_the_names_fault(hub: Hub) -> None:
    hub.refusals[NAME] = (400, "")
    assert "answered with an error (400)" in refused(NAME)


def test_a_full_disk_is_told(environment, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fails)
    assert "disk is too full" in refused(NAME)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as once:
        port: int = once.getsockname()[1]
        return port


def test_without_a_network_a_path_is_asked_for(environment, monkeypatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{closed_port()}")
    sentence = refused(NAME)
    assert "could not be reached" in sentence
    assert ".gguf" in sentence


def test_the_hub_is_told_nothing_about_us(environment: Path, hub: Hub) -> None:
    places.find(NAME)
    assert huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY
