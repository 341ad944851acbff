"""`warmline chat`: a conversation in the terminal, or one message and its answer.

Knows: options and what is printed. Does not know: how an answer comes about.
"""

from __future__ import annotations

import asyncio
import getpass
import json
import os
from contextlib import AbstractContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import ConfigOption, ModelOption, UserOption, settings_of, start_log
from bot.commands import MENU

if TYPE_CHECKING:
    from adapters.answer import Answer
    from adapters.console import ConsoleTexts
    from adapters.messages import File
    from bot.config import Settings
    from bot.models import Model


def chat(
    config: ConfigOption = None,
    model: ModelOption = None,
    user: UserOption = None,
    once: Annotated[
        str | None, typer.Option("--once", metavar="TEXT", help="Answer one message and leave.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --once: print one JSON object.")
    ] = False,
    no_store: Annotated[bool, typer.Option("--no-store", help="Leave no trace.")] = False,
) -> None:
    """Talk to Warmline in the terminal."""
    from bot.models import find_model

    settings = settings_of(config, model)
    if once is None:
        # The conversation is on the screen: the log says only what is wrong.
        start_log("warning")
    found = find_model(settings)
    name = user or _login_name()
    if once is None:
        asyncio.run(_talk(settings, found, name, remember=not no_store))
        return
    answer = asyncio.run(_once(settings, found, name, once, remember=not no_store))
    if as_json:
        typer.echo(json.dumps(_facts(answer), ensure_ascii=False))
    elif not _print_plain(answer, _terminal_language(settings)):
        raise typer.Exit(1)
    if answer.notice and answer.notice.code in ("failed", "loading"):
        raise typer.Exit(1)


async def _talk(settings: Settings, model: Model, name: str, *, remember: bool) -> None:
    from adapters.console import Console
    from bot.wiring import open_chat, open_store, waiting_messages

    texts = _texts(_terminal_language(settings), remember=remember)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings)) if remember else None
        with _status(f"{model.name} …"):
            chat = await stack.enter_async_context(open_chat(settings, model, store))
        waiting = await waiting_messages(store, "console", name) if store else []
        console = Console(name, remember, texts, [f"/{c}" for c in MENU], waiting=waiting)
        await console.run(chat)


async def _once(
    settings: Settings, model: Model, name: str, text: str, *, remember: bool
) -> Answer:
    from adapters.console import once
    from bot.wiring import open_chat, open_store

    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings)) if remember else None
        chat = await stack.enter_async_context(open_chat(settings, model, store))
        return await once(chat, text, name, remember)


def _status(text: str) -> AbstractContextManager[object]:
    from rich.console import Console as Screen

    return Screen(stderr=True).status(text)


def _facts(answer: Answer) -> dict[str, object]:
    from adapters.answer import card_json, file_json

    facts: dict[str, object] = {
        "label": answer.label,
        "probabilities": dict(answer.probabilities),
        "valence": answer.valence,
        "language": answer.language,
        "reply": answer.reply,
        "model": answer.model,
        "timings": dict(answer.timings),
    }
    if answer.notice:
        facts["notice"] = {"code": answer.notice.code, "text": answer.notice.text}
    if answer.card:
        facts["card"] = card_json(answer.card)
    if answer.files:
        facts["files"] = [file_json(file) for file in answer.files]
    return facts


def _print_plain(answer: Answer, language: str) -> bool:
    """The words, the card's commands, and the files in the current folder: whether all is there."""
    from adapters.answer import LETTER, card_in_words

    words = [answer.reply]
    if answer.notice and (not answer.reply or answer.notice.code == LETTER):
        words = [answer.notice.text, answer.reply]
    if answer.card:
        words.append(card_in_words(answer.card))
    if said := "\n\n".join(filter(None, words)):
        typer.echo(said)
    missing = [file for file in answer.files if not _saved(file, language)]
    return not missing


def _saved(file: File, language: str) -> bool:
    from adapters.console_files import Unsaved, save
    from bot.texts.sentences import say

    try:
        typer.echo(say(language, "console.saved", path=save(file)))
    except Unsaved as error:
        sentence = say(language, "console.unsaved", path=error.path, reason=error.reason)
        typer.echo(sentence, err=True)
        return False
    return True


def _texts(language: str, *, remember: bool) -> ConsoleTexts:
    from adapters.console import ConsoleTexts
    from bot.texts.sentences import section_of

    words = section_of(language, "console")
    return ConsoleTexts(
        prompt=words["prompt"],
        greeting=words["welcome" if remember else "welcome_no_store"],
        waiting=words["waiting"],
        stopped=words["stopped"],
        failed=section_of(language, "turn")["failed"],
        saved=words["saved"],
        unsaved=words["unsaved"],
        farewell=words["goodbye"],
        labels={label: words[label] for label in ("positive", "neutral", "negative")},
    )


def _terminal_language(settings: Settings) -> str:
    from adapters.console import locale_of
    from bot.language import of_locale

    if settings.companion.language != "auto":
        return settings.companion.language
    return of_locale(locale_of(os.environ))


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "me"
