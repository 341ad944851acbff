"""One turn from the moment it is written down to its last word: the stops, in their order.

Knows: the order of the stops, and what may end a turn before its end. Does not know: commands,
who may talk, what happens when a stop fails (`bot.chat`), platforms, SQL, the model.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.messages import Notice, Reply, Text, Waiting
from bot import endings, honesty, safety
from bot.arrivals import Arrivals
from bot.context import Context, ContextBuilder
from bot.crisis.second_look import SecondLook
from bot.halt import Halted
from bot.locks import ConversationLocks
from bot.queue import FairQueue, QueueFull, Ticket
from bot.record import OVER
from bot.replying import Replying
from bot.talk import Talk
from bot.texts.sentences import say
from engine.base import Engine, SamplingParams
from engine.tasks import LabelTask, Scores, classify
from storage.records import State

STALE_AFTER = timedelta(hours=1)
"""A message that waited longer (the machine was off) gets an honest line, not an answer."""

MOST_ATTEMPTS = 3
"""A message whose answer ended the process so often is not tried again."""


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """What an owner may set about a turn. Language "auto" follows the person.

    `places` turns are at the model at once and `queue` wait for it; `patience` is how many seconds
    a quick second message of a live chat is waited for. A limit of 0 is none. `second_look` is the
    task that asks the model for danger where the rules saw none; without it that is not asked.
    `guided`: a reply is guided by the task's manner for its label.
    """

    language: str = "auto"
    region: str = ""
    history_turns: int = 12
    sampling: SamplingParams = field(default_factory=SamplingParams)
    places: int = 4
    queue: int = 32
    patience: float = 0.7
    per_minute: int = 0
    per_day: int = 0
    second_look: LabelTask | None = None
    guided: bool = False


class Answering:
    """Answers turns; one conversation in order, many side by side, as the queue lets them."""

    def __init__(
        self,
        engine: Engine,
        task: LabelTask,
        settings: ChatSettings,
        contexts: ContextBuilder,
        arrivals: Arrivals,
        locks: ConversationLocks,
    ) -> None:
        self._engine = engine
        self._task = task
        self._settings = settings
        self._contexts = contexts
        self._arrivals = arrivals
        self._locks = locks
        self._replying = Replying(engine, settings.sampling, guided=settings.guided)
        second = settings.second_look
        self._second_look = SecondLook(engine, second, settings.region) if second else None
        self.queue = FairQueue(settings.places, settings.queue)

    async def __call__(self, talk: Talk) -> AsyncGenerator[Reply, None]:
        """The events of one turn that is written down and under way."""
        try:
            async with aclosing(self._in_order(talk)) as events:
                async for event in events:
                    yield event
                    if isinstance(event, Text) and (told := await self._alerted(talk)):
                        yield told
        except Halted:
            await self._end(talk)

    async def _in_order(self, talk: Talk) -> AsyncGenerator[Reply, None]:
        """What is fixed first; then, in the conversation's order, what the model has to read."""
        if talk.danger:  # nobody in danger waits, not even for the memory
            talk.open = False
            yield self._say_fixed(talk)
        if talk.again:
            early = await self._early(talk)
            if early is not None:
                yield early
            if talk.written_down:
                return
        await talk.halt.wait(self._arrivals.gathered(talk))
        if talk.grown and talk.open:
            await self._reread(talk)
        if _is_old(talk.sent_at) and not talk.fixed:
            yield await endings.declined(talk, "stale")
            return
        if self._has_fixed(talk) and not talk.stopped and await self._arrivals.shut(talk):
            yield self._say_fixed(talk)
        async with AsyncExitStack() as held:
            lock = self._locks.held(talk.conversation)
            await talk.halt.wait(held.enter_async_context(lock))
            async with aclosing(self._in_turn(talk)) as events:
                async for event in events:
                    yield event

    async def _in_turn(self, talk: Talk) -> AsyncGenerator[Reply, None]:
        """The conversation is this turn's; now the model has to be."""
        person = talk.message.person
        try:
            ticket = self.queue.enter((person.platform, person.user_id))
        except QueueFull:
            if talk.fixed:
                await self._end(talk)
            else:
                yield await endings.declined(talk, "busy")
            return
        async with ticket, aclosing(talk.halt.until(self._in_place(talk, ticket))) as events:
            async for event in events:
                yield event
        if not talk.written_down:
            await self._end(talk)

    async def _in_place(self, talk: Talk, ticket: Ticket) -> AsyncGenerator[Reply, None]:
        async with aclosing(ticket.positions()) as positions:
            async for position in positions:
                yield self._waiting(talk, position)
        # Only now: whoever waits behind an answer that ends the process has not been tried.
        talk.grown = False
        turn = await talk.record.begin(talk.turn)
        if turn.state in OVER:
            talk.written_down = True
            if turn.state is State.ANSWERED and talk.open:
                yield Text(turn.reply)
            return
        if talk.open:
            talk.reread(turn.text)
        async with aclosing(self._whole(talk)) as events:
            async for event in events:
                yield event

    async def _whole(self, talk: Talk) -> AsyncGenerator[Reply, None]:
        """The answer to all that the person said: begun again if that grows before it shows."""
        while True:
            if talk.grown and talk.open:
                await self._reread(talk)
            async with aclosing(self._attempt(talk)) as events:
                async for event in events:
                    shows = isinstance(event, Text) and talk.open
                    if shows and not await self._arrivals.shut(talk):
                        break
                    yield event
                else:
                    return

    async def _attempt(self, talk: Talk) -> AsyncGenerator[Reply, None]:
        if self._has_fixed(talk):
            yield self._say_fixed(talk)
        if not await self._contexts.fits(talk.text):
            if not talk.fixed:
                yield await endings.declined(talk, "too_long")
            return
        context = await self._contexts.build(talk)
        talk.scores = await self._classify(talk, context)
        if self._second_look and not talk.fixed:
            talk.danger = await self._second_look(talk, talk.scores)
            if talk.danger:
                yield self._say_fixed(talk)
        yield talk.labelled(talk.scores)
        if talk.fixed:
            return
        talk.note = await self._contexts.note(talk, context)
        async with aclosing(self._replying(talk, talk.scores, context)) as sentences:
            async for sentence in sentences:
                yield Text(sentence)

    async def _end(self, talk: Talk) -> None:
        """Write down what became of it."""
        if talk.stopped and not talk.reply:
            await endings.stopped(talk)
            return
        kept = await talk.finish()
        if not kept:  # the person was forgotten while the answer was written
            await self._engine.forget(self._contexts.key(talk))
        elif not talk.moodless:
            self._contexts.keep_label(talk)
        outcome = "fixed" if talk.fixed else "stopped" if talk.stopped else "answered"
        talk.log(outcome if kept else "forgotten")

    async def _early(self, talk: Talk) -> Notice | None:
        """What ends a turn that came before: it was tried too often, or is too old."""
        if talk.fixed:
            await self._end(talk)  # its words are there; reading it may be what ended the process
        elif talk.turn.attempts >= MOST_ATTEMPTS:
            return await endings.declined(talk, "gave_up")
        elif _is_old(talk.turn.received_at):
            return await endings.declined(talk, "stale")
        return None

    async def _reread(self, talk: Talk) -> None:
        talk.grown = False
        talk.reread(await talk.record.words(talk.turn))

    def _has_fixed(self, talk: Talk) -> bool:
        """Whether words are still to come that are never left to a small model."""
        return not talk.fixed and (talk.danger is not None or honesty.asks_if_human(talk.text))

    def _say_fixed(self, talk: Talk) -> Text:
        """A crisis goes before the question whether it is an AI."""
        talk.fixed = True
        if talk.danger:
            region = self._settings.region
            words = safety.crisis_answer(talk.language, region, talk.danger.kind)
        else:
            words = say(talk.language, "honesty.human")
        return Text(talk.say(words), whole=True)

    async def _alerted(self, talk: Talk) -> Text | None:
        """The line that the responder is told, once that is written: the answer stands before."""
        if not await talk.alert():
            return None
        return Text(talk.say(f"\n\n{say(talk.language, 'alert.told')}"), whole=True)

    def _waiting(self, talk: Talk, position: int) -> Waiting:
        seconds = self.queue.seconds(position)
        if seconds is None:
            return Waiting(say(talk.language, "turn.waiting_unknown", n=position))
        return Waiting(
            say(talk.language, "turn.waiting", n=position, seconds=max(1, round(seconds)))
        )

    async def _classify(self, talk: Talk, context: Context) -> Scores:
        prompts = context.prompts
        scores = await classify(self._engine, self._task, prompts.words, prompts.sentiment)
        talk.watch.mark("label_ms")
        return scores


def _is_old(said: datetime) -> bool:
    return datetime.now(UTC) - said > STALE_AFTER
