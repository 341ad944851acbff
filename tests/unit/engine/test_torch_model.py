"""A model is loaded as asked, or refused in one sentence."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from engine.base import EngineError, ModelUnusable
from engine.huggingface.batch import read
from engine.huggingface.engine import HuggingFace
from engine.huggingface.model import choose_device, choose_dtype, load
from engine.huggingface.network import Network
from tests.unit.engine import torch_gguf
from tests.unit.engine.torch_tiny import (
    CONTROL,
    folder,
    logits,
    network,
    plain,
    save,
    tokenizer,
)

__all__ = ["folder", "plain"]


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """The model's folder, to be spoiled."""
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def refused(folder: Path) -> str:
    with pytest.raises(EngineError) as found:
        load(folder, "cpu", "auto")
    sentence = str(found.value)
    assert "\n" not in sentence
    assert str(folder) in sentence
    return sentence


def change(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(("wanted", "dtype"), [("auto", "float32"), ("bfloat16", "bfloat16")])
def test_the_number_format_is_automatic_and_can_be_chosen(folder, wanted, dtype) -> None:
    loaded = load(folder, "auto" if not torch.cuda.is_available() else "cpu", wanted)
    assert loaded.network.shape.dtype == getattr(torch, dtype)
    assert loaded.network.device.type == "cpu"
    assert loaded.context == 1024


def test_a_gpu_is_taken_when_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    gpu = choose_device("auto")
    assert gpu.type == "cuda"
    assert choose_dtype("auto", gpu) == torch.bfloat16
    assert choose_dtype("auto", choose_device("cpu")) == torch.float32
    with pytest.raises(ModelUnusable, match="sees no GPU for device 'cuda:1'"):
        choose_device("cuda:1")


def test_what_there_is_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelUnusable, match="sees no GPU for device 'cuda': use cpu"):
        choose_device("cuda")
    with pytest.raises(ModelUnusable, match="there is no device 'gpu'"):
        choose_device("gpu")
    with pytest.raises(ModelUnusable, match="there is no dtype 'int8'"):
        choose_dtype("int8", torch.device("cpu"))


def test_the_ends_of_a_reply_come_from_tokenizer_and_configuration(copy: Path) -> None:
    change(copy / "generation_config.json", eos_token_id=[7, 9])
    text = load(copy, "cpu", "auto").text
    known = {text.encode(token, control=True)[0] for token in CONTROL}
    assert text.ends == known | {7, 9}


def test_weights_that_are_cut_short_are_refused(copy: Path) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-5000])
    assert refused(copy).endswith("is damaged or cut short: fetch it again")


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json"])
def test_a_file_that_is_no_json_is_refused(copy: Path, file: str) -> None:
    (copy / file).write_text("<!doctype html>")
    assert "damaged" in refused(copy)


def test_weights_that_are_missing_are_never_invented(copy: Path) -> None:
    change(copy / "config.json", num_hidden_layers=3, layer_types=["full_attention"] * 3)
    assert "lacks 12 of its weights" in refused(copy)


def test_weights_of_another_size_are_refused(copy: Path) -> None:
    change(copy / "config.json", intermediate_size=128)
    assert "cannot load" in refused(copy) or "lacks" in refused(copy)


def test_code_of_a_repository_is_never_run(copy: Path) -> None:
    marker = copy.parent / "ran"
    (copy / "code.py").write_text(f"open({str(marker)!r}, 'w')\nclass C: ...\nclass M: ...\n")
    auto = {"AutoConfig": "code.C", "AutoModelForCausalLM": "code.M"}
    change(copy / "config.json", model_type="of-its-own", auto_map=auto)
    assert "code out of its repository" in refused(copy)
    assert not marker.exists()


def test_an_unknown_kind_of_model_is_refused(copy: Path) -> None:
    change(copy / "config.json", model_type="not-yet-invented")
    assert "does not know: update it" in refused(copy)


def test_a_model_that_does_not_write_is_refused(copy: Path) -> None:
    change(copy / "config.json", model_type="clip")
    assert "chat model" in refused(copy) or "cannot load" in refused(copy)


def test_a_folder_without_a_chat_template_is_refused_unless_it_knows_chatml(tmp_path) -> None:
    save(tmp_path, template=None)
    assert load(tmp_path, "cpu", "auto").text.template
    for file in ("tokenizer.json", "tokenizer_config.json"):
        path = tmp_path / file
        path.write_text(path.read_text().replace("<|im_start|>", "<|begins|>"))
    assert "carries no chat template" in refused(tmp_path)


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_too_little_memory_is_told(folder: Path, monkeypatch, error: Exception) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", fails)
    assert "not enough memory to load" in refused(folder)


def test_a_package_that_a_quantised_model_needs_is_told(folder: Path, monkeypatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ImportError("Loading this needs `gptqmodel`: `pip install gptqmodel`")

    monkeypatch.setattr(transformers.AutoModelForCausalLM, "from_pretrained", fails)
    assert refused(folder).endswith("package that is not installed: pip install gptqmodel")


def test_a_model_without_fast_attention_is_loaded_with_plain_one(folder, monkeypatch) -> None:
    monkeypatch.setattr(transformers.Qwen2ForCausalLM, "_supports_sdpa", False)
    module = load(folder, "cpu", "auto").network._module
    assert module.config._attn_implementation == "eager"


def test_a_configuration_cannot_name_attention_out_of_a_repository(copy: Path) -> None:
    change(copy / "config.json", attn_implementation="somebody/attention")
    module = load(copy, "cpu", "auto").network._module
    assert module.config._attn_implementation == "sdpa"


def test_a_gguf_gives_the_same_numbers_and_knows_its_control_tokens(tmp_path, plain, capfd) -> None:
    made = tokenizer()
    loaded = load(torch_gguf.write(tmp_path / "tiny.gguf", plain, made), "cpu", "auto")
    assert capfd.readouterr() == ("", "")
    typed = "<|im_start|>user\nI lost my keys<|im_end|>"
    text = loaded.text
    tokens = text.encode(typed, control=True)
    assert tokens == made.encode(typed)
    assert text.ends == {text.encode(token, control=True)[0] for token in CONTROL}
    assert not text.ends & set(text.encode(typed, control=False))
    with torch.inference_mode():
        found, _ = read(loaded.network, [()], [tokens])
    torch.testing.assert_close(found[0], logits(plain, tokens)[-1], atol=1e-4, rtol=0)
    assert (loaded.context, loaded.network.shape.dtype) == (1024, torch.float32)


def test_a_gguf_that_is_damaged_is_refused_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF" + b"\x03\0\0\0" + b"\xff" * 64)
    assert "damaged" in refused(path)


@pytest.mark.parametrize("missing", ["torch", "transformers"])
async def test_without_torch_the_extra_is_named(folder, monkeypatch, missing) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModelUnusable, match=r"pip install 'warmline\[torch\]'"):
        await HuggingFace.open(folder, name="tiny")


def test_a_model_without_keys_and_values_is_refused() -> None:
    class Recurrent:
        device = "cpu"

        def forward(self, input_ids: object, past_key_values: Any) -> None: ...

        def __call__(self, past_key_values: Any, **_: object) -> Any:
            past_key_values.layers.append(object())
            return type("Output", (), {"logits": torch.zeros(1, 1, 9)})

    with pytest.raises(ModelUnusable, match="odd is no model with attention alone"):
        Network(Recurrent(), "odd")


def test_numbers_that_are_none_are_refused() -> None:
    module = network()
    with torch.no_grad():
        module.lm_head.weight.fill_(float("inf"))
    with pytest.raises(ModelUnusable, match="choose dtype float32"):
        Network(module, "hot")


def test_transformers_is_quiet(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load(folder, "cpu", "auto")
    assert capfd.readouterr() == ("", "")
