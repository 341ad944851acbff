"""`warmline serve` and `warmline run`: answer programs over HTTP, and people on every platform.

Knows: options. Does not know: how an adapter or the model works.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from adapters.base import AdapterError
from bot.cli.options import ConfigOption, ModelOption, settings_of
from engine.base import EngineError
from engine.tasks import TaskError
from storage.errors import StorageError

if TYPE_CHECKING:
    from bot.companion import Companion
    from bot.config import Settings
    from bot.models import Model

log = logging.getLogger("warmline")


def serve(
    config: ConfigOption = None,
    model: ModelOption = None,
    host: Annotated[
        str | None, typer.Option("--host", help="The address to listen on, instead of [http] host.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="The port, instead of [http] port."),
    ] = None,
) -> None:
    """Answer programs over HTTP."""
    settings = settings_of(config, model)
    given = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    http = settings.http.model_copy(update={"enabled": True, **given})
    _start(settings.model_copy(update={"http": http}))


def run(config: ConfigOption = None, model: ModelOption = None) -> None:
    """Start everything that the settings enable."""
    _start(settings_of(config, model))


def _start(settings: Settings) -> None:
    from bot.models import find_model
    from bot.platforms import adapters_of

    adapters_of(settings)  # what is set wrongly is said before a gigabyte is fetched
    asyncio.run(_serve(settings, find_model(settings)))


async def _serve(settings: Settings, model: Model) -> None:
    """Adapters and model start side by side: health can be asked while the model loads.

    Ends at SIGTERM or Ctrl-C, in order. Where the model cannot be loaded the error ends all.
    """
    from bot.companion import Companion
    from bot.platforms import adapters_of

    companion = Companion()
    async with AsyncExitStack() as opened:
        try:
            async with asyncio.TaskGroup() as group:
                for adapter in adapters_of(settings, companion):
                    group.create_task(adapter.run(companion.handle))
                await _load(settings, model, companion, opened)
                await _asked_to_stop()
                companion.closing()
                raise _Stopped
        except* _Stopped:
            log.info("stopped")
        except* (AdapterError, EngineError, StorageError, TaskError) as errors:
            raise errors.exceptions[0] from None


async def _load(
    settings: Settings, model: Model, companion: Companion, opened: AsyncExitStack
) -> None:
    from bot.digest import Digest
    from bot.reaching_out import ReachingOut, running
    from bot.responder import hindrance
    from bot.wiring import open_chat, open_store

    store = await opened.enter_async_context(open_store(settings))
    if told := await hindrance(settings, store):
        log.warning("%s", told)
    chat = await opened.enter_async_context(open_chat(settings, model, store, alerts=True))
    companion.ready(chat, store)
    digest = Digest.of(settings, store, companion.reaches)
    reaching_out = ReachingOut(
        store,
        companion.reaches,
        chat.access.lets_in,
        language=settings.companion.language,
        digest=digest.due if digest else None,
    )
    await opened.enter_async_context(running(reaching_out))
    log.info("ready: %s", model.name)


async def _asked_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


class _Stopped(Exception):
    """Ends the task group once the process is asked to stop."""
