"""What a turn's prompt holds: history within the token budget, and the trend in words.

Knows: how many tokens there are, where each conversation's window began, which trends say
something. Does not know: SQL, platforms, how a prompt is laid out (`bot.prompt`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot import prompt
from bot.crisis.care import instruction
from bot.prompt import Exchange, TurnPrompt
from bot.record import given
from bot.speakers import Speakers
from bot.talk import Talk
from bot.trends import Direction, summarise
from engine.base import Engine
from engine.tasks import LabelTask

TREND_WINDOWS_DAYS = (7, 30)
"""The first window with a clear word is the one that is told."""

_LONGEST_MESSAGE_SHARE = 0.3
_MOST_CHARACTERS_PER_TOKEN = 16
_REMEMBERED_WINDOWS = 10_000
_TYPICAL_MESSAGE = "word " * 40


@dataclass(frozen=True, slots=True)
class Context:
    """A turn's prompts, the history that is in them, and what the reply is to be careful of."""

    prompts: TurnPrompt
    history: Sequence[Exchange]
    care: str = ""


class ContextBuilder:
    """Fits turns into the model's context. One for all conversations."""

    def __init__(
        self, engine: Engine, task: LabelTask, *, history_turns: int, reply_tokens: int
    ) -> None:
        self._engine = engine
        self._task = task
        self._history_turns = history_turns
        self._reply_tokens = reply_tokens
        self._windows: OrderedDict[str, int] = OrderedDict()
        self._labels: OrderedDict[int, tuple[str, str]] = OrderedDict()

    async def fits(self, text: str) -> bool:
        """Whether one message leaves room for everything else."""
        room = int(self._engine.context_length * _LONGEST_MESSAGE_SHARE)
        if len(text) > room * _MOST_CHARACTERS_PER_TOKEN:
            return False  # too long whatever the count: 200,000 characters are not counted
        return (await self._engine.count_tokens([text]))[0] <= room

    async def build(self, talk: Talk) -> Context:
        """The prompts of a turn, with as much history as the budget holds."""
        speakers = Speakers()
        history = await self._history(talk, speakers, before=talk.turn.id)
        text = talk.text
        if not talk.message.private:
            text = speakers.says(talk.turn.person_id, talk.message.person.name, text)
        # The quoted words may be another person's: they are in this prompt and in no memory.
        for quoted in reversed(talk.quotes):
            text = prompt.quoting(quoted, text)
        kept = await self._window(talk, history, text)
        return Context(self._prompts(talk, kept, text), kept, await self._care(talk))

    async def ahead(self, talk: Talk) -> TurnPrompt | None:
        """What the next turn's prompt will begin with, where that is not read yet.

        Where the window will halve, the history moves; where words of the answer are ours, the
        model has not read them. Either would be read while the person waits for the next answer.
        Read now, it costs the same and nobody waits.
        """
        if not talk.conversation:
            return None
        began = self._windows.get(_key(talk))
        history = await self._history(talk, Speakers(), before=talk.turn.id + 1)
        kept = await self._window(talk, history, _TYPICAL_MESSAGE)
        if not kept:
            return None
        moves = began is not None and kept[0].id != began
        if not (moves or talk.unread):
            return None
        return self._prompts(talk, kept, "")

    def key(self, talk: Talk) -> str:
        """Under which key the engine keeps the conversation; "" where nothing is remembered."""
        return _key(talk) if talk.conversation else ""

    def keep_label(self, talk: Talk) -> None:
        """How a turn was read, for as long as the conversation runs: it is part of the prompt.

        A person may not want moods stored; then this is the only place, and it is not written.
        """
        if talk.scores and talk.conversation:
            self._labels[talk.turn.id] = (talk.conversation, talk.scores.label)
            if len(self._labels) > _REMEMBERED_WINDOWS:
                self._labels.popitem(last=False)

    def conversations(self) -> set[str]:
        """Those of which something is held here."""
        felt = {conversation for conversation, _ in self._labels.values()}
        return felt | {key.partition(":")[0] for key in self._windows}

    def forget(self, conversation: str) -> None:
        """Hold nothing of a conversation any more."""
        for turn_id in [i for i, (place, _) in self._labels.items() if place == conversation]:
            del self._labels[turn_id]
        for key in [k for k in self._windows if k.partition(":")[0] == conversation]:
            del self._windows[key]

    def _labelled(self, exchange: Exchange) -> Exchange:
        _, felt = self._labels.get(exchange.id, ("", ""))
        known = exchange.label or felt
        return exchange if known == exchange.label else replace(exchange, label=known)

    def _prompts(self, talk: Talk, kept: Sequence[Exchange], text: str) -> TurnPrompt:
        return prompt.build(self._task, talk.language, kept, text, self.key(talk))

    async def note(self, talk: Talk, context: Context) -> str:
        """The trend of the person's moods in this conversation, in words, if it is news."""
        now = datetime.now(UTC)
        since = now - timedelta(days=max(TREND_WINDOWS_DAYS))
        points = await talk.record.moods(talk.message, talk.turn, since)
        for days in TREND_WINDOWS_DAYS:
            trend = summarise(points, now, days)
            if trend and trend.direction is not Direction.UNCLEAR:
                return prompt.note(self._task, talk.language, trend.direction, context.history)
        return ""

    async def _care(self, talk: Talk) -> str:
        """In private alone: a danger that was spoken of is nobody else's to guess."""
        if not talk.message.private:
            return ""
        last = await talk.record.last_crisis(talk.message)
        return instruction(talk.language, last, datetime.now(UTC))

    async def _history(self, talk: Talk, speakers: Speakers, before: int) -> Sequence[Exchange]:
        # One more than the limit, so that a full window is seen, and halved rather than slid.
        limit = self._history_turns + 1
        if talk.message.remember:
            history = await talk.record.history(before, talk.turn, limit)
            labelled = [self._labelled(exchange) for exchange in history]
            return labelled if talk.message.private else [_named(e, speakers) for e in labelled]
        return given(talk.message)[-limit:]

    async def _window(
        self, talk: Talk, history: Sequence[Exchange], text: str
    ) -> Sequence[Exchange]:
        texts = [text for e in history for text in (e.person, e.note, e.reply)]
        counts = await self._engine.count_tokens([*texts, text])
        lengths = {e.id: sum(counts[3 * i : 3 * i + 3]) for i, e in enumerate(history)}
        taken = await self._prefix_tokens(talk.language) + counts[-1] + prompt.OVERHEAD_TOKENS
        key = _key(talk)
        kept = prompt.window(
            history,
            lengths,
            budget=max(0, self._engine.context_length - self._reply_tokens - taken),
            limit=self._history_turns,
            first=self._windows.get(key, 0),
        )
        if talk.conversation and kept:
            self._windows[key] = kept[0].id
            self._windows.move_to_end(key)
            if len(self._windows) > _REMEMBERED_WINDOWS:
                self._windows.popitem(last=False)
        return kept

    async def _prefix_tokens(self, language: str) -> int:
        prefix = self._task.words(language).prefix()
        texts = [text for message in prefix for text in (*message.opening, message.content)]
        counts = await self._engine.count_tokens(texts)
        return sum(counts) + prompt.OVERHEAD_TOKENS * len(prefix) // 2


def _named(exchange: Exchange, speakers: Speakers) -> Exchange:
    """In a group the model sees who said it."""
    words = speakers.says(exchange.person_id, exchange.speaker, exchange.person)
    return replace(exchange, person=words)


def _key(talk: Talk) -> str:
    """A conversation in one language: in another, its prompt begins with other words."""
    return f"{talk.conversation}:{talk.language}"
