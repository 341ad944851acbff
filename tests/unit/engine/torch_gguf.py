"""The tiny model as a GGUF file, as llama.cpp's converter would write it."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
from transformers import PreTrainedTokenizerFast, Qwen2ForCausalLM

from tests.unit.engine.torch_tiny import CONTROL

_NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write(path: Path, module: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerFast) -> Path:
    """Unquantised, so that it gives the same numbers as the module."""
    config = module.config
    file = gguf.GGUFWriter(path, "qwen2")
    file.add_block_count(config.num_hidden_layers)
    file.add_context_length(config.max_position_embeddings)
    file.add_embedding_length(config.hidden_size)
    file.add_feed_forward_length(config.intermediate_size)
    file.add_head_count(config.num_attention_heads)
    file.add_head_count_kv(config.num_key_value_heads)
    file.add_layer_norm_rms_eps(config.rms_norm_eps)
    file.add_rope_freq_base(10_000.0)
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    words = sorted(tokenizer.get_vocab().items(), key=lambda word: word[1])
    kinds = {True: gguf.TokenType.CONTROL, False: gguf.TokenType.NORMAL}
    file.add_tokenizer_model("gpt2")
    file.add_tokenizer_pre("qwen2")
    file.add_token_list([word for word, _ in words])
    file.add_token_types([kinds[word in CONTROL] for word, _ in words])
    file.add_token_merges([" ".join(pair) for pair in model["merges"]])
    file.add_eos_token_id(tokenizer.convert_tokens_to_ids("<|im_end|>"))
    file.add_bos_token_id(tokenizer.convert_tokens_to_ids("<|endoftext|>"))
    file.add_chat_template(str(tokenizer.chat_template))
    for name, tensor in module.state_dict().items():
        file.add_tensor(_gguf_name(name), tensor.float().numpy())
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()
    return path


def _gguf_name(name: str) -> str:
    stem, kind = name.rsplit(".", 1)
    if stem.startswith("model.layers."):
        number, part = stem.removeprefix("model.layers.").split(".", 1)
        return f"blk.{number}.{_NAMES[part]}.{kind}"
    return f"{_NAMES[stem]}.{kind}"
