"""Builds the parts of Warmline and puts them together: the one place where engines and stores are
made. Adapters are made in `bot.platforms`.

Knows: every room. Does not know: what any of them does inside. What is opened here is closed here,
in reverse order, also when the start fails half-way.
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.messages import IncomingMessage
from bot.config import Settings, cache_dir, data_dir

if TYPE_CHECKING:
    from bot.answering import ChatSettings
    from bot.chat import Chat
    from bot.command import Facts
    from bot.models import Model
    from engine.base import Engine, Prompt
    from engine.llama_server import LlamaOptions
    from engine.tasks import LabelTask
    from storage.store import Store

SENTIMENT = "sentiment"
CRISIS = "crisis"

log = logging.getLogger("warmline")


def tasks(settings: Settings) -> dict[str, LabelTask]:
    """The shipped label tasks and the owner's own, calibrated.

    Raises:
        TaskError: an owner's table is wrong.
        EngineError: the owner's file of calibrations cannot be used.
    """
    from bot.calibrations import own_file
    from engine import calibration
    from engine.task_table import load

    return load(settings.tasks, calibration.read(own_file()))


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[Store]:
    """The memory.

    Raises:
        StorageError: one sentence that says what to do.
    """
    from storage.store import Store

    async with await Store.open(settings.database_url, folder=data_dir()) as store:
        yield store


@asynccontextmanager
async def open_engine(settings: Settings, model: Model) -> AsyncIterator[Engine]:
    """The model, loaded. It has read the shared prefixes, so that no person waits for that.

    Raises:
        EngineError: it cannot be loaded.
    """
    engine = await _ENGINES[settings.engine.kind](settings, model)
    try:
        await engine.warm_up(_shared_prompts(settings, engine.model))
        yield engine
    finally:
        await engine.close()


async def _open_llamacpp(settings: Settings, model: Model) -> Engine:
    from engine.llamacpp import LlamaCpp

    return await LlamaCpp.open(
        Path(model.source),
        name=model.name,
        options=llama_options(settings),
        prefix_folder=cache_dir() / "prefixes",
        parked_mib=settings.engine.parked_mib,
    )


async def _open_huggingface(settings: Settings, model: Model) -> Engine:
    from engine.huggingface.engine import HuggingFace

    wanted = settings.engine
    return await HuggingFace.open(
        model.source,
        name=model.name,
        device=wanted.device,
        dtype=wanted.dtype,
        slots=wanted.parallel,
        context=wanted.context,
        cache_mib=wanted.parked_mib,
    )


async def _open_remote(settings: Settings, model: Model) -> Engine:
    from engine.remote.engine import Remote

    key = settings.secrets.remote_key
    return await Remote.open(
        settings.engine.base_urls,
        model=model.name,
        key=key.get_secret_value() if key else None,
        slots=settings.engine.parallel,
        context=settings.engine.context if "context" in settings.engine.model_fields_set else 0,
    )


_ENGINES: Mapping[str, Callable[[Settings, Model], Awaitable[Engine]]] = {
    "llamacpp": _open_llamacpp,
    "huggingface": _open_huggingface,
    "remote": _open_remote,
}


@asynccontextmanager
async def open_chat(
    settings: Settings, model: Model, store: Store | None, *, alerts: bool = False
) -> AsyncIterator[Chat]:
    """Engine and chat on an open store, in which what is too old goes; without one nothing can be
    remembered. `alerts`: this process writes to people first, so that a responder can be told."""
    from bot.access import Access
    from bot.calibrations import outdated
    from bot.chat import Chat
    from bot.retention import Retention, running

    if told := outdated(settings, model.name):
        log.warning("%s", told)
    task = tasks(settings)[SENTIMENT]
    async with open_engine(settings, model) as engine, AsyncExitStack() as beside:
        chat = Chat(
            engine,
            store,
            task,
            chat_settings(settings),
            facts=facts(settings, model, alerts=alerts),
            access=Access(settings.access, store),
        )
        if store:
            privacy = settings.privacy
            keeping = Retention(
                store,
                chat.held,
                privacy.keep_days,
                history=privacy.history,
                mood_memory=privacy.mood_memory,
            )
            await beside.enter_async_context(running(keeping))
        try:
            yield chat
        finally:
            chat.close()


async def waiting_messages(store: Store, platform: str, user_id: str) -> list[IncomingMessage]:
    """A person's messages that the last run left unanswered, oldest first."""
    from bot.stored import outgoing

    return [
        outgoing(found.inbound)
        for found in await store.unfinished(platform)
        if found.inbound.user_id == user_id
    ]


def llama_options(settings: Settings) -> LlamaOptions:
    """How much of the machine the model may take."""
    from engine.llama_server import LlamaOptions

    wanted = settings.engine
    return LlamaOptions(wanted.threads or _cores(), wanted.parallel, wanted.context)


def chat_settings(settings: Settings) -> ChatSettings:
    """What the settings say about a turn."""
    from bot.answering import ChatSettings
    from engine.base import SamplingParams

    reply = settings.reply
    region = settings.privacy.region
    return ChatSettings(
        language=settings.companion.language,
        region="" if region == "auto" else region,
        history_turns=reply.history_turns,
        sampling=SamplingParams(reply.max_tokens, reply.temperature, reply.top_p),
        places=settings.engine.parallel,
        queue=settings.limits.queue,
        patience=reply.coalesce_ms / 1000,
        per_minute=settings.limits.per_minute,
        per_day=settings.limits.per_day,
        guided=reply.guided,
        second_look=tasks(settings)[CRISIS] if settings.safety.second_look else None,
    )


def facts(settings: Settings, model: Model, *, alerts: bool = False) -> Facts:
    """What is true of this installation, for those who ask."""
    from bot.command import Facts
    from bot.responder import responder_of

    return Facts(
        model=model.name,
        database="file"
        if settings.database_url.startswith("sqlite") or not settings.database_url
        else "server",
        remote=settings.engine.kind == "remote",
        mood_memory=settings.privacy.mood_memory,
        history=settings.privacy.history,
        keep_days=settings.privacy.keep_days or None,
        language=settings.companion.language,
        pairing=settings.access.mode == "pairing",
        min_people=settings.privacy.min_people,
        responder=responder_of(settings) if alerts else None,
    )


def _shared_prompts(settings: Settings, model: str) -> list[Prompt]:
    from engine.tasks import alone

    known = tasks(settings)
    asked = list(known[SENTIMENT].languages.values())
    if settings.safety.second_look:
        asked += [words for words in known[CRISIS].languages.values() if model in words.thresholds]
    return [alone(words, "") for words in asked]


def _cores() -> int:
    """The processors this process may use, which in a container may be fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
