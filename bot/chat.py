"""What becomes of a message: let in, written down, then a command, a stop, or a turn.

Knows: who sees a message first, and which kind of message it is. Does not know: how a turn is
answered (`bot.answering`), what happens when that fails (`bot.net`), platforms, SQL, the model.
If the process dies, the turn's state tells where: `received` and `answering` are begun again when
the message is handed in once more; `answered` is never answered twice.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from typing import TYPE_CHECKING

from adapters.messages import Accepted, Card, Finished, IncomingMessage, Notice, Reply, Text
from bot import commands, consent, endings, letters
from bot.access import Access
from bot.answering import Answering, ChatSettings
from bot.arrivals import Arrivals
from bot.command import Facts
from bot.config_sections import AccessSettings
from bot.context import ContextBuilder
from bot.crisis.just_before import JustBefore
from bot.gate import Gate, is_command, says
from bot.held import Held
from bot.limits import Exceeded
from bot.locks import ConversationLocks
from bot.net import Net
from bot.read_ahead import ReadAhead
from bot.record import OVER, CallerRecord, Record, StoredRecord
from bot.retry import Retry
from bot.stopping import is_stop_word
from bot.stored import place
from bot.talk import Talk, Watch
from bot.texts.sentences import say
from engine.base import Engine
from engine.tasks import LabelTask
from storage.errors import StorageError
from storage.records import Preferences, Received, State

if TYPE_CHECKING:
    from storage.store import Store

_WORDLESS = {"text": "empty", "hidden": "hidden"}
"""What is said to a message without words, by its kind; to any other kind the line about text."""

log = logging.getLogger("warmline.turn")


class Chat:
    """Answers messages: an `adapters.messages.Handler`."""

    def __init__(
        self,
        engine: Engine,
        store: Store | None,
        task: LabelTask,
        settings: ChatSettings,
        *,
        facts: Facts | None = None,
        access: Access | None = None,
    ) -> None:
        """Without a store only messages that are not to be remembered can be answered.

        Without `access` everybody may talk. `facts` are for /privacy and for consent.
        """
        self._engine = engine
        self._store = store
        self._facts = facts or Facts(engine.model)
        self.access = access or Access(AccessSettings(), store)
        self._region = settings.region
        self._gate = Gate(settings, self._facts.mood_memory, store, self.access)
        contexts = ContextBuilder(
            engine,
            task,
            history_turns=settings.history_turns,
            reply_tokens=settings.sampling.max_tokens,
        )
        locks = ConversationLocks()
        self._net = Net()
        self._arrivals = Arrivals(settings.patience)
        self._answering = Answering(engine, task, settings, contexts, self._arrivals, locks)
        self._retry = Retry(store, self._gate, self._arrivals, self._answering, self._net)
        self._read_ahead = ReadAhead(engine, contexts, locks)
        self._just_before = JustBefore()
        self.held = Held(engine, contexts, self._arrivals, locks, self._just_before)
        self._in_hand: set[int] = set()

    @property
    def failing(self) -> bool:
        """Whether the last few turns all failed, through no fault of the messages."""
        return self._net.failing

    @property
    def model(self) -> str:
        """The name of the model that answers."""
        return self._engine.model

    @property
    def at_work(self) -> tuple[int, int]:
        """How many turns are at the model now, and how many wait for it."""
        return self._answering.queue.held_and_waiting

    def close(self) -> None:
        """From now on a turn that is cut off is left for the next start, not taken as stopped."""
        self._net.close()
        self._read_ahead.close()
        self.held.close()

    async def __call__(self, message: IncomingMessage) -> AsyncGenerator[Reply, None]:
        """The events of one reply; see `adapters.messages`."""
        watch = Watch()
        async with aclosing(self._events(message, watch)) as events:
            async for event in events:
                yield event
        yield Finished(watch.timings())

    async def _events(self, message: IncomingMessage, watch: Watch) -> AsyncGenerator[Reply, None]:
        language = self._gate.language(message, Preferences())
        try:
            chosen = await self._gate.choices(message)
            language = self._gate.language(message, chosen)
            refusal = await self._gate.refusal(message, language)
            if refusal or message.edited:
                if refusal is None:
                    await self._edit(message)
                yield Accepted()
                if refusal and refusal.text:
                    yield Notice(refusal.text, "refused")
                return
            record = self._record(message, chosen)
            received = await record.receive(message, language)
        except StorageError as error:
            self._net.failed()
            yield Accepted()
            yield endings.not_received(message, language, self._region, error)
            return
        talk = Talk(
            message, received.turn, record, language, watch,
            again=not received.new, earlier=self._earlier(message, received),
        )  # fmt: skip
        if talk.turn.state in OVER or self._is_in_hand(talk):
            yield Accepted(new=False)
            known = self._known(talk)
            if known is not None:
                yield known
            return
        with self._held(talk):
            yield Accepted(received.new)
            answer = self._net.under(talk, self._answer(talk, chosen))
            async with aclosing(letters.first(self._store, talk, answer)) as events:
                async for event in events:
                    yield event

    def _answer(self, talk: Talk, chosen: Preferences) -> AsyncGenerator[Reply, None]:
        """What kind of message it is decides who answers it."""
        text = talk.message.text
        says_words = bool(text.strip())
        if says_words and self._is_stop(talk.message):
            return self._stop(talk)
        retry = is_command(text) and says(text, commands.RETRY)
        if is_command(text) and not retry:
            return self._command(talk)
        limited = None if talk.again or talk.danger else self._gate.too_many(talk.message)
        if limited:
            return self._limited(talk, limited)
        if not says_words:
            return self._declined(talk)
        return self._retry(talk, chosen) if retry else self._turn(talk, chosen)

    async def _declined(self, talk: Talk) -> AsyncGenerator[Reply, None]:
        yield await endings.declined(talk, _WORDLESS.get(talk.message.kind, "not_text"))

    async def _limited(self, talk: Talk, limited: Exceeded) -> AsyncGenerator[Reply, None]:
        """Told once, and then met with silence."""
        # A command is none of the messages that another answer may be asked for.
        await talk.record.decline(
            talk.turn, "command" if is_command(talk.message.text) else "limited"
        )
        talk.log("limited")
        if limited.first:
            minutes = max(1, round(limited.seconds / 60))
            yield Notice(say(talk.language, "turn.limited", minutes=minutes), "limited")

    async def _command(self, talk: Talk) -> AsyncGenerator[Reply, None]:
        store = self._store if talk.message.remember else None
        context = commands.Context(
            store, self._engine, talk.message, talk.language, self._facts, self.access,
            self._gate.servers, self.held,
        )  # fmt: skip
        for answer in await commands.run(context):
            yield answer
        await endings.command_done(talk)

    async def _stop(self, talk: Talk) -> AsyncGenerator[Reply, None]:
        """End what is being answered here; what was shown of it is kept."""
        found = self._arrivals.stop(talk.message, own=not is_command(talk.message.text))
        await endings.command_done(talk)
        key = "stopped" if found else "nothing_to_stop"
        yield Notice(say(talk.language, f"commands.{key}"), "stopped" if found else "command")

    async def _turn(self, talk: Talk, chosen: Preferences) -> AsyncGenerator[Reply, None]:
        """Joined to a turn that is under way, or answered on its own."""
        if talk.danger:
            self._arrivals.stop(talk.message, own=True)  # what was being said matters no more
        elif await self._joined(talk):
            return
        async with self._arrivals.under_way(talk), aclosing(self._answering(talk)) as events:
            async for event in events:
                yield event
        self._read_ahead.after(talk)
        card = await self._card(talk, chosen)
        if card is not None:
            yield card

    async def _joined(self, talk: Talk) -> bool:
        try:
            return await self._arrivals.join(talk)
        except StorageError as error:
            log.warning("turn %s is answered on its own: %s", talk.turn.id, error)
            return False

    async def _card(self, talk: Talk, chosen: Preferences) -> Card | None:
        """What is kept, and the question about it: once, in private, after a first answer."""
        message = talk.message
        if self._store is None or talk.outcome != "answered":
            return None  # this is not the moment
        if not self._gate.untold(message, chosen):
            return None
        try:
            chosen = await self._gate.choices(message)
            if not self._gate.untold(message, chosen):
                return None
            await self._store.set_carded(message.person.platform, message.person.user_id)
        except StorageError as error:
            log.warning("the card is shown another time: %s", error)
            return None
        return consent.card(talk.language, chosen, self._facts)

    async def _edit(self, message: IncomingMessage) -> None:
        store = self._store
        if store is not None and message.remember and message.text.strip():
            await self._arrivals.edit(message, lambda: store.edit(place(message), message.text))

    def _earlier(self, message: IncomingMessage, received: Received) -> tuple[str, ...]:
        """What the person wrote just before: a danger may have begun there."""
        words = message.text.strip() and not is_command(message.text)
        return self._just_before.take(message) if words and received.new else ()

    def _record(self, message: IncomingMessage, chosen: Preferences) -> Record:
        if not message.remember:
            return CallerRecord()
        if self._store is None:
            raise RuntimeError("a message is to be remembered, and there is no store")
        return StoredRecord(
            self._store, lambda: self._gate.remembers(message, chosen), self._facts.responder
        )

    def _is_stop(self, message: IncomingMessage) -> bool:
        text = message.text
        if is_command(text):
            return says(text, commands.STOP)
        return is_stop_word(text) and self._arrivals.answers(message)

    def _is_in_hand(self, talk: Talk) -> bool:
        return talk.message.remember and talk.turn.id in self._in_hand

    @contextmanager
    def _held(self, talk: Talk) -> Iterator[None]:
        """Being answered: nobody else takes it on meanwhile."""
        self._in_hand.add(talk.turn.id)
        try:
            yield
        finally:
            self._in_hand.discard(talk.turn.id)

    def _known(self, talk: Talk) -> Reply | None:
        """What a message gets that came before: its answer again, or that it is on its way."""
        match talk.turn.state:
            case State.ANSWERED:
                return Text(talk.turn.reply)
            case State.DECLINED:
                return Notice(say(talk.language, "turn.declined"), "stale")
            case State.JOINED:
                return None  # another message's answer speaks for it
            case _:
                return Notice(say(talk.language, "turn.duplicate"), "duplicate")
