"""The words of the model in one turn: what is asked of it, and what of them may be shown.

Knows: the reply prompt, how it is drawn, what a reply is held against. Does not know: what a rule
says (`bot.reply.rules`), when a sentence is finished (`bot.reply.wording`), what comes before and
after.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from bot.context import Context
from bot.reply.opener import in_order
from bot.reply.rules import breaches
from bot.reply.text import Breach, Candidate
from bot.reply.wording import worded
from bot.talk import Talk
from bot.texts.sentences import say
from engine.base import Engine, SamplingParams
from engine.tasks import Scores, TaskWords

SEEDS_APART = 1_000_003
"""Between the draws of one reply, so that none is another reply's."""


class Replying:
    """Writes replies by the sentence."""

    def __init__(self, engine: Engine, sampling: SamplingParams, *, openers: bool = False) -> None:
        self._engine = engine
        self._sampling = sampling
        self._openers = openers

    async def __call__(
        self, talk: Talk, scores: Scores, context: Context
    ) -> AsyncGenerator[str, None]:
        """The sentences that may be shown; where there are none, a fixed one."""
        prompts, candidate = context.prompts, _candidate(talk, context)
        stop = (*self._sampling.stop, *(f"[{word}" for word in prompts.words.labels.values()))
        openers = self._begun(prompts.words, scores.label, candidate.replies)

        def draw(number: int) -> AsyncGenerator[str, None]:
            seed = self._sampling.seed
            seed = None if seed is None else seed + number * SEEDS_APART
            begun = openers[number % len(openers)]
            request = prompts.reply(scores.label, talk.note, context.care, begun)
            sampling = replace(self._sampling, stop=stop, seed=seed)
            return _from(begun, self._engine.stream(request, sampling))

        read = partial(_broken, candidate)
        async with aclosing(worded(draw, read)) as sentences:
            async for sentence in sentences:
                shown = talk.say(sentence)
                if shown:
                    yield shown
        if not talk.reply:
            yield talk.say(say(talk.language, "turn.silent"))

    def _begun(self, words: TaskWords, label: str, replies: Sequence[str]) -> Sequence[str]:
        """First words for each draw; "" leaves them to the model."""
        openers = words.openers.get(label, ()) if self._openers else ()
        return in_order(openers, replies, self._sampling.seed) or ("",)


async def _from(begun: str, pieces: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """The first words with what the model goes on with; nothing, where it goes on with nothing."""
    async with aclosing(pieces):
        async for piece in pieces:
            yield begun + piece
            begun = ""


def _candidate(talk: Talk, context: Context) -> Candidate:
    """What a reply is held against: in a group, the words of all who spoke."""
    said = tuple(exchange.person for exchange in context.history)
    replies = tuple(exchange.reply for exchange in context.history)
    return Candidate("", talk.text, talk.language, said, replies)


def _broken(candidate: Candidate, text: str) -> Sequence[Breach]:
    return breaches(replace(candidate, text=text.strip()))
