"""Labelled rows put to the model as a person's messages are: raw scores, before any calibration.

Knows: how a row and the turns before it become a prompt, that several are under way at once. Does
not know: what the scores come to (`bot.evaluation`), files.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot import prompt
from bot.labelled import Row
from bot.prompt import Exchange, TurnPrompt
from engine.base import Engine, EngineError
from engine.tasks import FREE, LabelTask, classify, feeling_scores, raw_scores, told_at_once


@dataclass(frozen=True, slots=True)
class Scored:
    """A row and the log-probability of each label, not calibrated. `feelings`: those of the
    feelings that a reply to the row's label may name, each the mean over their wordings. `words`:
    those of the labels' words and of the ones near them."""

    row: Row
    scores: Mapping[str, float]
    feelings: Mapping[str, float] = field(default_factory=dict)
    words: Mapping[str, float] = field(default_factory=dict)


async def scored(
    engine: Engine,
    task: LabelTask,
    rows: Sequence[Row],
    *,
    context: bool = True,
    feelings: bool = False,
    width: int = 1,
) -> AsyncGenerator[Scored, None]:
    """Each row with its scores, in order, `width` under way at once.

    With `context` a row's earlier turns stand before it, each labelled by the model itself, as in
    a conversation: with the calibration that is in force. With `feelings` these are asked as well.
    The words near the labels are asked for where the engine tells them in the same reading.

    Raises:
        EngineError.
    """
    languages = {row.language for row in rows}
    near = {name: await told_at_once(engine, task.words(name)) for name in sorted(languages)}
    running: list[asyncio.Task[Scored]] = []
    try:
        for place in range(len(rows)):
            for row in rows[place + len(running) : place + width]:
                before = row.context if context else ()
                asked = _asked(engine, task, row, before, near[row.language], feelings=feelings)
                running.append(asyncio.ensure_future(asked))
            yield await running.pop(0)
    finally:
        for one in running:
            one.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _asked(
    engine: Engine,
    task: LabelTask,
    row: Row,
    context: Sequence[str],
    near: Sequence[str],
    *,
    feelings: bool,
) -> Scored:
    history: list[Exchange] = []

    def built(text: str) -> TurnPrompt:
        return prompt.build(task, row.language, history, text, "")

    try:
        for said_before, answered in _exchanges(context):
            turn = built(said_before)
            before = await classify(engine, task, turn.words, turn.sentiment)
            history.append(Exchange(len(history), said_before, answered, before.label))
        turn = built(row.text)
        said = await raw_scores(engine, turn.words, turn.sentiment, near)
        felt = await _felt(engine, turn, row.label) if feelings else {}
        return Scored(row, said.labels, felt, said.words)
    except EngineError as error:
        raise EngineError(f"{row.file}, line {row.line}: {error}") from error


async def _felt(engine: Engine, turn: TurnPrompt, label: str) -> dict[str, float]:
    """The feelings of a reply to that label, asked as in a reply; none where it names none."""
    manner = turn.words.manners.get(label, FREE)
    prompts = [turn.reply(label, "", begun=asked) for asked in manner.asked]
    return await feeling_scores(engine, turn.words, manner, prompts)


def _exchanges(context: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Earlier turns in pairs; the last turn of all is the other's, a lone first one is left out."""
    for place in range(len(context) % 2, len(context), 2):
        yield context[place], context[place + 1]
