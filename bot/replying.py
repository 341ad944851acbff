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
from bot.reply.guided import (
    CALM,
    CLEAR_FROM,
    HEARD_FROM,
    SAD,
    SURE_FROM,
    asks_future,
    chances,
    closing,
    likeliest,
    puts_off,
    telling,
    tone,
)
from bot.reply.rules import breaches
from bot.reply.text import Breach, Candidate
from bot.reply.wording import Draw, worded
from bot.talk import Talk
from bot.texts.sentences import say
from engine.base import Engine, SamplingParams
from engine.tasks import FREE, Manner, Scores, feeling_scores

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
        candidate, manners = _candidate(talk, context), context.prompts.words.manners
        label, manner = scores.label, FREE
        if self._guided:
            label = tone(scores.probabilities, scores.label, talk.text)
            manner = manners.get(label, FREE)
        if self._guided and puts_off(talk.text, [e.label for e in context.history]):
            manner = manners.get(SAD, FREE)
            yield talk.say_ours(say(talk.language, "turn.not_fine"))
        elif manner.feelings:
            sure = scores.probabilities.get(label, 0.0)
            if felt := await self._felt(talk, context, label, manner, candidate, sure):
                yield talk.say_ours(felt)
            else:
                label, manner = CALM, manners.get(CALM, FREE)
        if not talk.reply:
            async with aclosing(self._written(talk, context, label, manner, candidate)) as shown:
                async for sentence in shown:
                    yield sentence
        if not talk.reply:
            nothing = "turn.unknown" if asks_future(talk.text) else "turn.silent"
            yield talk.say_ours(say(talk.language, nothing))
        elif last := closing(
            manner.closers, replace(candidate, text=talk.reply), self._seed(talk, "last")
        ):
            yield talk.say_ours(last)

    async def _written(
        self, talk: Talk, context: Context, label: str, manner: Manner, candidate: Candidate
    ) -> AsyncGenerator[str, None]:
        """What the model writes, sentence by sentence."""
        draw = self._drawing(talk, context, label, manner)
        read = partial(_broken, candidate)
        async with aclosing(worded(draw, read, manner.sentences)) as sentences:
            async for sentence in sentences:
                shown = talk.say(sentence)
                if shown:
                    yield shown

    async def _felt(
        self,
        talk: Talk,
        context: Context,
        label: str,
        manner: Manner,
        candidate: Candidate,
        sure: float,
    ) -> str:
        """A sentence of ours: what the model takes the person to feel, where that is clear; else
        that they are heard; "" where neither is sure."""
        built, seed = context.prompts, self._seed(talk, "first")
        asked = [built.reply(label, talk.note, context.care, words) for words in manner.asked]
        scores = await feeling_scores(self._engine, built.words, manner, asked)
        more = built.words.calibration(self._engine.model).feelings.get(label, {})
        found = chances(scores, more)
        if manner.heard and max(found.values()) < CLEAR_FROM:
            return telling([""], manner.heard, candidate, seed) if sure >= HEARD_FROM else ""
        told = manner.told if sure >= SURE_FROM else manner.guessed or manner.told
        return telling(likeliest(found, candidate.replies), told, candidate, seed)

    def _drawing(self, talk: Talk, context: Context, label: str, manner: Manner) -> Draw:
        """Begins the reply for the n-th time, with another seed."""
        prompts, given = context.prompts, self._sampling
        labels = (f"[{word}" for word in prompts.words.labels.values())
        request = prompts.reply(label, talk.note, context.care)
        sampling = replace(
            given,
            stop=(*given.stop, *labels),
            temperature=min(given.temperature, manner.temperature),
        )

        def draw(number: int) -> AsyncGenerator[str, None]:
            seed = None if given.seed is None else given.seed + number * SEEDS_APART
            return self._engine.stream(request, replace(sampling, seed=seed))

        return draw

    def _seed(self, talk: Talk, words: str) -> str | None:
        """What the choice of our own words hangs on; None: chance."""
        seed = self._sampling.seed
        return None if seed is None else f"{seed} {words} {talk.text}"


def _candidate(talk: Talk, context: Context) -> Candidate:
    """What a reply is held against: in a group, the words of all who spoke."""
    said = tuple(exchange.person for exchange in context.history)
    replies = tuple(exchange.reply for exchange in context.history)
    return Candidate("", talk.text, talk.language, said, replies)


def _broken(candidate: Candidate, text: str) -> Sequence[Breach]:
    return breaches(replace(candidate, text=text.strip()))
