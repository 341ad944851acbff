"""One message, seven stops: written down, checked for danger, read, answered, written down.

Knows: the order of the stops, and what happens when one fails. Does not know: platforms, SQL, the
model. If the process dies, the turn's state tells where: `received` and `answering` are begun
again when the message is handed in once more; `answered` is never answered twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.messages import Finished, IncomingMessage, Labelled, Notice, Reply, Text
from bot import commands, endings, honesty, safety
from bot.context import Context, ContextBuilder
from bot.language import detect
from bot.locks import ConversationLocks
from bot.read_ahead import ReadAhead
from bot.record import CallerRecord, Record, StoredRecord
from bot.talk import Talk, Watch
from bot.texts.sentences import say
from engine.base import Engine, EngineError, EngineNotReady, SamplingParams
from engine.tasks import LabelTask, Scores, classify
from storage.errors import StorageError, TurnGone
from storage.records import State, Turn

if TYPE_CHECKING:
    from storage.store import Store

STALE_AFTER = timedelta(hours=1)
"""A message that waited longer (the machine was off) gets an honest line, not an answer."""

MOST_ATTEMPTS = 3
"""A message whose answer ended the process so often is not tried again."""

BROKEN_AFTER_FAILURES = 3
"""So many failed turns in a row, and health turns red."""


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What an owner may set about a turn. Language "auto" follows the person."""

    language: str = "auto"
    region: str = ""
    history_turns: int = 12
    sampling: SamplingParams = field(default_factory=SamplingParams)


class Chat:
    """Answers messages: an `adapters.messages.Handler`."""

    def __init__(
        self, engine: Engine, store: Store | None, task: LabelTask, settings: ChatSettings
    ) -> None:
        self._engine = engine
        self._store = store
        self._task = task
        self._settings = settings
        self._contexts = ContextBuilder(
            engine,
            task,
            history_turns=settings.history_turns,
            reply_tokens=settings.sampling.max_tokens,
        )
        self._locks = ConversationLocks()
        self._under_way: set[int] = set()
        self._read_ahead = ReadAhead(engine, self._contexts, self._locks)
        self._failures = 0
        self._closing = False

    @property
    def failing(self) -> bool:
        """Whether the last few turns all failed, through no fault of the messages."""
        return self._failures >= BROKEN_AFTER_FAILURES

    def close(self) -> None:
        """From now on a turn that is cut off is left for the next start, not taken as stopped."""
        self._closing = True
        self._read_ahead.close()

    async def __call__(self, message: IncomingMessage) -> AsyncGenerator[Reply, None]:
        """The events of one reply; see `adapters.messages`.

        Without a store only messages that are not to be remembered can be answered.
        """
        watch = Watch()
        language = await self._language(message)
        if not message.text.strip():
            yield Notice(say(language, "turn.empty"), "empty")
        elif _is_command(message.text):
            store = self._store if message.remember else None
            yield await commands.run(commands.Context(store, self._engine, message, language))
        else:
            async with aclosing(self._turn(message, language, watch)) as events:
                async for event in events:
                    yield event
        yield Finished(watch.timings())

    async def _turn(
        self, message: IncomingMessage, language: str, watch: Watch
    ) -> AsyncGenerator[Reply, None]:
        """Receive; then answer, unless it is answered already."""
        record = self._record(message)
        try:
            received = await record.receive(message, language)
        except StorageError as error:
            self._failures += 1
            yield endings.not_received(language, error)
            return
        known = None if received.new else self._known(received.turn, language)
        if known is not None:
            yield known
            return
        talk = Talk(message, received.turn, record, language, watch, again=not received.new)
        self._under_way.add(talk.turn.id)
        try:
            async with aclosing(self._guarded(talk)) as events:
                async for event in events:
                    yield event
        finally:
            self._under_way.discard(talk.turn.id)
        self._read_ahead.after(talk)

    def _record(self, message: IncomingMessage) -> Record:
        if not message.remember:
            return CallerRecord()
        if self._store is None:
            raise RuntimeError("a message is to be remembered, and there is no store")
        return StoredRecord(self._store)

    def _known(self, turn: Turn, language: str) -> Reply | None:
        """What a message that came before gets: its answer again, or that it is on its way."""
        if turn.state is State.ANSWERED:
            return Text(turn.reply)
        if turn.state is State.DECLINED:
            return Notice(say(language, "turn.declined"), "stale")
        if turn.id in self._under_way:
            return Notice(say(language, "turn.duplicate"), "duplicate")
        return None

    async def _guarded(self, talk: Talk) -> AsyncGenerator[Reply, None]:
        """The stops, in the conversation's order, with a net: whatever fails, the turn says so."""
        try:
            async with (
                self._locks.held(talk.conversation),
                aclosing(self._stops(talk)) as events,
            ):
                async for event in events:
                    yield event
            self._failures = 0
        except (GeneratorExit, asyncio.CancelledError):
            await asyncio.shield(endings.cut_off(talk, closing=self._closing))
            raise
        except TurnGone:
            talk.log("forgotten")
        except EngineNotReady:
            yield endings.closed(talk)
        except (EngineError, StorageError) as error:
            self._failures += 1
            notice = await endings.failed(talk, error)
            if notice is not None:
                yield notice

    async def _stops(self, talk: Talk) -> AsyncGenerator[Reply, None]:
        turn = await talk.record.begin(talk.turn)
        early = await self._early(talk, turn)
        if early is not None:
            yield early
            return
        fixed = self._fixed(talk)
        if fixed:
            talk.fixed = True
            yield Text(talk.say(fixed))
        if await self._contexts.fits(talk.message.text):
            context = await self._contexts.build(talk)
            talk.scores = await self._classify(talk, context)
            yield _labelled(talk.scores, talk)
            if not fixed:
                talk.note = await self._contexts.note(talk, context)
                async with aclosing(self._reply(talk, talk.scores, context)) as pieces:
                    async for piece in pieces:
                        yield Text(piece)
        elif not fixed:
            yield await endings.declined(talk, "too_long")
            return
        if not await talk.finish():  # the person was forgotten while the answer was written
            await self._engine.forget(self._contexts.key(talk))
        talk.log("fixed" if fixed else "answered")

    async def _early(self, talk: Talk, turn: Turn) -> Reply | None:
        """What ends a turn before it begins: it is over, too old, or was tried too often."""
        if turn.state is State.ANSWERED:
            return Text(turn.reply)
        if turn.attempts > MOST_ATTEMPTS:
            return await endings.declined(talk, "gave_up")
        if talk.again and datetime.now(UTC) - turn.received_at > STALE_AFTER:
            return await endings.declined(talk, "stale")
        return None

    def _fixed(self, talk: Talk) -> str:
        """What is never left to a small model: a crisis, and that it is an AI."""
        if safety.is_crisis(talk.message.text):
            return safety.crisis_answer(talk.language, self._settings.region)
        if honesty.asks_if_human(talk.message.text):
            return say(talk.language, "honesty.human")
        return ""

    async def _classify(self, talk: Talk, context: Context) -> Scores:
        prompts = context.prompts
        scores = await classify(self._engine, self._task, prompts.words, prompts.sentiment)
        talk.watch.mark("label_ms")
        return scores

    async def _reply(
        self, talk: Talk, scores: Scores, context: Context
    ) -> AsyncGenerator[str, None]:
        """The model's words; where it finds none, a fixed sentence."""
        request = context.prompts.reply(scores.label, talk.note)
        label_words = context.prompts.words.labels.values()
        sampling = self._settings.sampling
        stop = (*sampling.stop, *(f"[{word}" for word in label_words))
        async with aclosing(self._engine.stream(request, replace(sampling, stop=stop))) as pieces:
            async for piece in pieces:
                shown = talk.say(piece)
                if shown:
                    yield shown
        if not talk.reply:
            yield talk.say(say(talk.language, "turn.silent"))

    async def _language(self, message: IncomingMessage) -> str:
        if self._settings.language != "auto":
            return self._settings.language
        found = detect(message.text, fallback="")
        if not found and message.remember and self._store:
            person = message.person
            found = await self._store.language(person.platform, person.user_id)
        return found or ("zh" if message.locale.lower().startswith("zh") else "en")


def _is_command(text: str) -> bool:
    """A slash makes a command; but nobody in danger is told that a command is unknown."""
    return text.lstrip().startswith("/") and not safety.is_crisis(text)


def _labelled(scores: Scores, talk: Talk) -> Labelled:
    return Labelled(
        label=scores.label,
        probabilities=scores.probabilities,
        valence=scores.valence,
        language=talk.language,
        model=scores.model,
        fixed=talk.fixed,
    )
