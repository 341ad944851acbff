"""`warmline doctor`: what would keep Warmline from working, found before anybody writes to it.

Knows: what to look at and in which order. Does not know: how a platform or a database is asked.
Changes nothing, fetches nothing, and prints no secret.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from adapters.base import AdapterError, Checkable
from bot.cli.options import ConfigOption, settings_of
from engine.base import EngineError
from storage.errors import StorageError

if TYPE_CHECKING:
    from bot.config import Settings

PLATFORM_SECONDS = 20.0
"""A platform that has not answered by then is taken to be out of reach."""

Check = Callable[[], Awaitable[str]]


def doctor(config: ConfigOption = None) -> None:
    """Look for what is wrong: settings, model, memory, platforms; print the invite for Discord."""
    settings = settings_of(config)
    typer.echo("ok     the settings are right")
    outcomes = asyncio.run(_all(settings))
    if not all(outcomes):
        raise typer.Exit(1)


async def _all(settings: Settings) -> list[bool]:
    return [await _said(check) for check in _checks(settings)]


async def _said(check: Check) -> bool:
    """One line about one thing."""
    try:
        async with asyncio.timeout(PLATFORM_SECONDS):
            line = await check()
    except TimeoutError:
        typer.echo("wrong  a platform cannot be reached: is there a network?")
        return False
    except (AdapterError, EngineError, StorageError) as error:
        typer.echo(f"wrong  {error}")
        return False
    typer.echo(f"ok     {line}")
    return True


def _checks(settings: Settings) -> Iterator[Check]:
    from bot.platforms import adapters_of

    yield partial(_model, settings)
    yield partial(_memory, settings)
    yield partial(_calibration, settings)
    yield partial(_second_look, settings)
    if settings.safety.responder:
        yield partial(_responder, settings)
    try:
        yield from (a.check for a in adapters_of(settings) if isinstance(a, Checkable))
    except AdapterError as error:
        yield partial(_wrong, error)


async def _model(settings: Settings) -> str:
    """Whether the model is here; a server's or a hub's is asked at the start."""
    from bot.config import cache_dir
    from engine import catalogue

    wanted = settings.engine.model
    if settings.engine.kind != "llamacpp":
        return f"model {wanted}: looked up at the start ({settings.engine.kind})"
    found = catalogue.load().resolve(wanted, cache_dir())
    if not isinstance(found, Path):
        raise EngineError(f"the model {wanted} is not here yet: `warmline model pull {wanted}`")
    return f"model {wanted}: {found.name}"


async def _memory(settings: Settings) -> str:
    from bot.wiring import open_store

    async with open_store(settings) as store:
        return f"memory: opens, {len(await store.people())} people in it"


async def _calibration(settings: Settings) -> str:
    """Whether the labels of this model are calibrated, for the prompt that there is."""
    from bot.calibrations import outdated
    from bot.models import model_name
    from bot.wiring import SENTIMENT, tasks

    model = model_name(settings)
    if told := outdated(settings, model):
        raise EngineError(told)
    languages = tasks(settings)[SENTIMENT].languages
    measured = [name for name, words in languages.items() if model in words.calibrations]
    if not measured:
        return f"labels: raw, {model} is not calibrated; `warmline calibrate` does that"
    return f"labels: calibrated ({', '.join(measured)})"


async def _second_look(settings: Settings) -> str:
    """Whether the model too is asked for danger: not one that was never measured for it."""
    from bot.crisis.second_look import measured
    from bot.models import model_name
    from bot.wiring import CRISIS, tasks

    if not settings.safety.second_look:
        return "second look for danger: off, as [safety] second_look says"
    model = model_name(settings)
    languages = measured(tasks(settings)[CRISIS], model)
    if not languages:
        return f"second look for danger: off, {model} was not measured for it; the rules see alone"
    return f"second look for danger: on ({', '.join(languages)})"


async def _responder(settings: Settings) -> str:
    """Whether they can be told of a danger."""
    from bot.responder import hindrance
    from bot.wiring import open_store

    async with open_store(settings) as store:
        told = await hindrance(settings, store)
    if told:
        raise AdapterError(told)
    return "responder: can be told"


async def _wrong(error: AdapterError) -> str:
    raise error
