"""The words of the model in one turn: what is asked of it, and what of them may be shown.

Knows: the reply prompt, how it is drawn, what a reply is held against. Does not know: what a rule
says (`bot.reply.rules`), when a sentence is finished (`bot.reply.wording`), how a reply is guided
(`bot.reply.guided`), what comes before and after.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from bot.context import Context
from bot.reply.guided import closing, in_order, tone
from bot.reply.rules import breaches
from bot.reply.text import Breach, Candidate
from bot.reply.wording import Draw, worded
from bot.talk import Talk
from bot.texts.sentences import say
from engine.base import Engine, SamplingParams
from engine.tasks import FREE, Manner, Scores

_ENDS = "。！？….!?"
_FULL_STOP = {"zh": "。"}

SEEDS_APART = 1_000_003
"""Between the draws of one reply, so that none is another reply's."""


class Replying:
    """Writes replies by the sentence; `guided`: in the manner that the task has for the tone."""

    def __init__(self, engine: Engine, sampling: SamplingParams, *, guided: bool = False) -> None:
        self._engine = engine
        self._sampling = sampling
        self._guided = guided

    async def __call__(
        self, talk: Talk, scores: Scores, context: Context
    ) -> AsyncGenerator[str, None]:
        """The sentences that may be shown; where there are none, a fixed one."""
        candidate = _candidate(talk, context)
        label, manner = scores.label, FREE
        if self._guided:
            label = tone(scores.probabilities, scores.label, talk.text)
            manner = context.prompts.words.manners.get(label, FREE)
        draw = self._drawing(talk, context, label, manner, candidate)
        async with aclosing(
            worded(draw, partial(_broken, candidate), manner.sentences)
        ) as sentences:
            async for sentence in sentences:
                shown = talk.say(sentence)
                if shown:
                    yield shown
        if not talk.reply:
            yield talk.say(say(talk.language, "turn.silent"))
        elif last := closing(
            manner.closers, replace(candidate, text=talk.reply), self._seed(talk, "last")
        ):
            yield talk.say(last)

    def _drawing(
        self, talk: Talk, context: Context, label: str, manner: Manner, candidate: Candidate
    ) -> Draw:
        """Begins the reply for the n-th time: from other first words, with another seed."""
        prompts, given = context.prompts, self._sampling
        labels = (f"[{word}" for word in prompts.words.labels.values())
        stop = (*given.stop, *manner.stops, *labels)
        end = _FULL_STOP.get(talk.language, ".") if manner.stops else ""
        temperature = min(given.temperature, manner.temperature)
        openers = in_order(manner.openers, candidate.replies, self._seed(talk, "first")) or [""]

        def draw(number: int) -> AsyncGenerator[str, None]:
            seed = None if given.seed is None else given.seed + number * SEEDS_APART
            begun = openers[number % len(openers)]
            request = prompts.reply(label, talk.note, context.care, begun)
            sampling = replace(given, stop=stop, seed=seed, temperature=temperature)
            return _from(begun, self._engine.stream(request, sampling), end)

        return draw

    def _seed(self, talk: Talk, words: str) -> str | None:
        """What the choice of our own words hangs on; None: chance."""
        seed = self._sampling.seed
        return None if seed is None else f"{seed} {words} {talk.text}"


async def _from(
    begun: str, pieces: AsyncGenerator[str, None], end: str
) -> AsyncGenerator[str, None]:
    """The first words with what the model goes on with; nothing, where it goes on with nothing.

    Where the model was stopped in a sentence, `end` ends it.
    """
    last = ""
    async with aclosing(pieces):
        async for piece in pieces:
            yield begun + piece
            begun, last = "", piece.rstrip() or last
    if last and end and last[-1] not in _ENDS:
        yield end


def _candidate(talk: Talk, context: Context) -> Candidate:
    """What a reply is held against: in a group, the words of all who spoke."""
    said = tuple(exchange.person for exchange in context.history)
    replies = tuple(exchange.reply for exchange in context.history)
    return Candidate("", talk.text, talk.language, said, replies)


def _broken(candidate: Candidate, text: str) -> Sequence[Breach]:
    return breaches(replace(candidate, text=text.strip()))
