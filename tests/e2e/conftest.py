"""The real model, loaded once for all tests that need it. Missing, it fails them: none is skipped.

Two slots of 1,024 tokens on two threads, so that a test must share as a crowd would.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.config import cache_dir
from engine import catalogue
from engine.llama_server import LlamaOptions
from engine.llamacpp import LlamaCpp

OPTIONS = LlamaOptions(threads=2, slots=2, context=1024)


@pytest.fixture(scope="session")
def tiny_model() -> Path:
    entry = catalogue.load().find("tiny")
    path = entry.installed(cache_dir())
    if path is None:
        pytest.fail(
            f"there is no {entry.path(cache_dir())}: "
            "run `make test`, or `warmline model pull tiny`",
            pytrace=False,
        )
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def engine(
    tiny_model: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[LlamaCpp]:
    engine = await LlamaCpp.open(
        tiny_model,
        name="tiny",
        options=OPTIONS,
        prefix_folder=tmp_path_factory.mktemp("prefixes"),
        parked_mib=64,
    )
    try:
        yield engine
    finally:
        await engine.close()
