"""A real llama.cpp server on loopback, in this process, for the engine that talks to servers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

KEY = "a-key"


def serve(path: Path, states: Path) -> Any:
    """A llama.cpp server with two slots that may be erased."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = 2048
    params.n_parallel = 2
    params.kv_unified = False
    params.cache_ram_mib = 0
    params.n_batch = params.n_ubatch = 128
    params.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    params.n_gpu_layers = 0
    params.fit_params = False
    params.warmup = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 2
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [KEY]
    params.ui = False
    params.endpoint_slots = True
    params.slot_save_path = f"{states}{os.sep}"
    params.verbosity = -1
    return xllamacpp.Server(params)
