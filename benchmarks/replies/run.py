"""Has a model answer the fixed messages, and counts the rules over its replies.

    python -m benchmarks.replies.run SHEET.jsonl [--model default] [--engine llamacpp]
                                     [--seeds 1 2 3] [--kinds grief joy …] [--heldout heldout_2]

Each message goes through `bot.chat` on a real store in a folder that is deleted afterwards, as a
person's would; earlier turns of a case are in the store with their labels. The sheet grows as it is
written: run again, it goes on where it ended. See `benchmarks.replies.score` for the table.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.messages import Finished, IncomingMessage, Labelled, Notice, Person, Scope, Text
from benchmarks.engines import settings_with
from benchmarks.machine import machine
from benchmarks.replies.cases import CONVERSATION, HELD_OUT, Before, Case, cases, heldout
from benchmarks.replies.score import report
from benchmarks.replies.sheet import BadSheet, Line, add, read, so_far
from bot.answering import ChatSettings
from bot.chat import Chat
from bot.command import Facts
from bot.models import find_model
from bot.stored import inbound
from bot.wiring import SENTIMENT, chat_settings, open_engine, tasks
from engine.base import Engine, EngineError
from engine.tasks import LabelTask
from storage.records import Label
from storage.store import Store

PLATFORM = "bench"


class Speaker:
    """Speaks for the people of the cases, with one seed."""

    def __init__(
        self, engine: Engine, store: Store, task: LabelTask, settings: ChatSettings, seed: int
    ) -> None:
        """`settings` are the product's own, but for the seed, and with no limit and no waiting."""
        sampling = replace(settings.sampling, seed=seed)
        facts = Facts(engine.model, mood_memory="on", history="on")
        mine = replace(settings, sampling=sampling, patience=0.0, per_minute=0, per_day=0)
        self._chat = Chat(engine, store, task, mine, facts=facts)
        self._store = store
        self._task = task
        self._model = engine.model
        self._seed = seed

    async def answers(self, together: Sequence[Case]) -> list[Line]:
        """The replies to the cases of one conversation, in order."""
        first = together[0]
        place = f"{self._seed}-{first.id}"
        before = [(turn.said, turn.reply) for turn in first.before]
        for number, turn in enumerate(first.before):
            await self._remember(place, first.language, number, len(first.before), turn)
        lines = []
        for case in together:
            line = await self._answer(place, case, before)
            lines.append(line)
            before.append((case.text, line.reply))
        return lines

    def close(self) -> None:
        """No more answers."""
        self._chat.close()

    async def _answer(self, place: str, case: Case, before: Sequence[tuple[str, str]]) -> Line:
        reply, label, fixed, ms, notice = "", "", False, 0.0, "nothing"
        message = _message(place, case.language, case.id, case.text, datetime.now(UTC))
        async with aclosing(self._chat(message)) as events:
            async for event in events:
                match event:
                    case Text():
                        reply += event.delta
                    case Labelled():
                        label, fixed = event.label, event.fixed
                    case Notice():
                        notice = event.code
                    case Finished():
                        ms = event.timings.get("total_ms", 0.0)
        if not reply:
            raise EngineError(f"{case.id} got no reply, but {notice!r}")
        said, replies = [said for said, _ in before], [reply for _, reply in before]
        return Line(
            case.id,
            self._seed,
            self._model,
            case.language,
            case.kind,
            case.text,
            case.feels,
            label,
            reply,
            fixed,
            case.judged,
            round(ms, 1),
            said,
            replies,
        )

    async def _remember(
        self, place: str, language: str, number: int, of: int, turn: Before
    ) -> None:
        """An earlier turn as if it had been answered: a minute apart, with its label."""
        at = datetime.now(UTC) - timedelta(minutes=of - number)
        received = await self._store.receive(
            inbound(_message(place, language, f"before-{number}", turn.said, at), language)
        )
        sure = {label: float(label == turn.label) for label in self._task.words(language).labels}
        label = Label(
            self._task.name,
            turn.label,
            sure,
            self._task.valence.get(turn.label, 0.0),
            1.0,
            self._model,
            self._task.version,
        )
        await self._store.complete(received.turn.id, turn.reply, label)


def _message(place: str, language: str, number: str, text: str, at: datetime) -> IncomingMessage:
    scope, person = Scope(PLATFORM, place), Person(PLATFORM, place)
    return IncomingMessage(scope, person, number, text, at, locale=language)


def conversations(chosen: Sequence[Case]) -> Iterator[list[Case]]:
    """The cases by the conversation they belong to."""
    together: dict[str, list[Case]] = defaultdict(list)
    for case in chosen:
        together[case.language if case.kind == CONVERSATION else case.id].append(case)
    yield from together.values()


async def answer_all(
    engine: Engine,
    task: LabelTask,
    settings: ChatSettings,
    chosen: Sequence[Case],
    seeds: Sequence[int],
    sheet: Path,
) -> None:
    """Add every reply to the sheet that is not in it yet.

    Raises:
        BadSheet: the sheet is of another model.
        EngineError.
    """
    there = so_far(sheet)
    if {line.model for line in there} - {engine.model}:
        raise BadSheet(f"{sheet} holds another model's replies: name another file")
    done = {(line.id, line.seed) for line in there}
    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(folder=Path(folder)) as store:
            for seed in seeds:
                speaker = Speaker(engine, store, task, settings, seed)
                for together in conversations(chosen):
                    if not all((case.id, seed) in done for case in together):
                        add(sheet, await speaker.answers(together))
                speaker.close()


async def measure(given: argparse.Namespace) -> None:
    """Open the model and answer.

    Raises:
        BadSheet, EngineError.
    """
    settings = settings_with(kind=given.engine, model=given.model)
    found = find_model(settings)
    all_cases = heldout(given.heldout) if given.heldout else cases()
    chosen = [case for case in all_cases if not given.kinds or case.kind in given.kinds]
    async with open_engine(settings, found) as engine:
        task = tasks(settings)[SENTIMENT]
        await answer_all(engine, task, chat_settings(settings), chosen, given.seeds, given.sheet)


def main() -> None:
    """Answer, count and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("--model", default="default")
    parser.add_argument("--engine", default="llamacpp")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--kinds", nargs="+", default=[], help="all unless told")
    parser.add_argument("--heldout", choices=HELD_OUT, help="other messages")
    given = parser.parse_args()
    try:
        asyncio.run(measure(given))
        lines = read(given.sheet)
    except (BadSheet, EngineError) as error:
        sys.exit(str(error))
    sys.stdout.write(f"{machine()}, {datetime.now(UTC):%Y-%m-%d}\n\n")
    for line in report({given.sheet.stem: lines}, 3):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
