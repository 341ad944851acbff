"""The words of one turn's answer: those that people wrote, those of the model, in their order.

Knows: the reply prompt, how it is drawn, what a reply is held against. Does not know: what it will
be made of (`bot.reply.plan`), what a rule says (`bot.reply.rules`), when a sentence is finished
(`bot.reply.wording`), which of our lines is next (`bot.reply.guided`).

Rules and lines are in simplified characters; who writes traditional ones is answered in those.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial

from bot.context import Context
from bot.reply.guided import chances, clear, closing, gap, likeliest, saying, telling, wording_of
from bot.reply.plan import CALM, HEARD_FROM, Plan, asks_future, plan, sadder
from bot.reply.rules import breaches
from bot.reply.script import script_wanted, simplified, written_in
from bot.reply.text import Breach, Candidate
from bot.reply.wording import Draw, worded
from bot.talk import Talk
from bot.texts.sentences import lines, say
from engine.base import Engine, SamplingParams
from engine.tasks import FREE, Manner, Scores, feeling_scores

SEEDS_APART = 1_000_003
"""Between the draws of one reply, so that none is another reply's."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer under way: what it is to be, and what it is held against."""

    talk: Talk
    context: Context
    plan: Plan
    manner: Manner
    sure: float
    candidate: Candidate
    script: str

    def without_feeling(self) -> _Answer:
        """The same, but calm where a feeling was to be named and could not be."""
        if not self.manner.feelings:
            return self
        manner = self.context.prompts.words.manners.get(CALM, FREE)
        return replace(self, plan=replace(self.plan, label=CALM), manner=manner)

    def ours(self, text: str) -> str:
        """`Talk.say_ours`, in the person's script."""
        return self.talk.say_ours(written_in(self.script, text))

    def written(self, text: str) -> str:
        """`Talk.say` of what the model wrote, in the person's script."""
        shown = written_in(self.script, text) if self.talk.language == "zh" else text
        return self.talk.say(text) if shown == text else self.talk.say_ours(shown)


class Replying:
    """Writes replies by the sentence; `guided`: by a plan, in the manners that the task has."""

    def __init__(self, engine: Engine, sampling: SamplingParams, *, guided: bool = False) -> None:
        self._engine = engine
        self._sampling = sampling
        self._guided = guided

    async def __call__(
        self, talk: Talk, scores: Scores, context: Context
    ) -> AsyncGenerator[str, None]:
        """The sentences that may be shown; where there are none, a fixed one."""
        answer = self._answer(talk, scores, context)
        made = answer.plan
        if made.whole:
            yield answer.ours(self._one_of(answer, made.whole))
            return
        if opening := await self._opening(answer):
            yield answer.ours(opening)
        elif made.counsel:
            yield answer.ours(self._one_of(answer, made.counsel))
            return
        else:
            answer = answer.without_feeling()
            async with aclosing(self._written(answer)) as sentences:
                async for sentence in sentences:
                    yield sentence
        if not talk.reply:
            yield answer.ours(say(talk.language, _nothing(answer)))
        elif last := self._last(answer):
            yield answer.ours(last)

    def _answer(self, talk: Talk, scores: Scores, context: Context) -> _Answer:
        candidate = _candidate(talk, context)
        probabilities = sadder(scores.probabilities, scores.kinds)
        if not self._guided:
            made, manner = Plan(scores.label), FREE
        else:
            before = [exchange.label for exchange in context.history]
            careful = bool(context.care)
            made = plan(
                candidate.message,
                probabilities,
                scores.label,
                before,
                scores.kinds,
                careful=careful,
            )
            manner = context.prompts.words.manners.get(made.label, FREE)
        sure = probabilities.get(made.label, 0.0)
        script = script_wanted((talk.text, *(e.person for e in reversed(context.history))))
        return _Answer(talk, context, made, manner, sure, candidate, script)

    async def _opening(self, answer: _Answer) -> str:
        """A first sentence of ours; "" where the model begins."""
        if answer.plan.first:
            return self._one_of(answer, answer.plan.first)
        return await self._felt(answer) if answer.manner.feelings else ""

    async def _felt(self, answer: _Answer) -> str:
        """A sentence of ours: what the model takes the person to feel, where that is clear; else
        that they are heard; "" where neither is sure."""
        talk, context, manner = answer.talk, answer.context, answer.manner
        built, label = context.prompts, answer.plan.label
        asked = [built.reply(label, talk.note, context.care, words) for words in manner.asked]
        scores = await feeling_scores(self._engine, built.words, manner, asked)
        more = built.words.calibration(self._engine.model).feelings.get(label, {})
        found = chances(scores, more)
        seed = self._seed(talk, "first")
        if clear(found, doubtful=bool(answer.plan.heard)) or not manner.heard:
            near = likeliest(found, answer.candidate.replies)
            return telling(near, wording_of(manner, answer.sure), answer.candidate, seed)
        if answer.sure < HEARD_FROM:
            return ""
        heard = lines(talk.language, answer.plan.heard) if answer.plan.heard else manner.heard
        return saying(heard, answer.candidate, seed)

    async def _written(self, answer: _Answer) -> AsyncGenerator[str, None]:
        """What the model writes, sentence by sentence."""
        read = partial(_broken, answer.candidate)
        draw = self._drawing(answer)
        async with aclosing(worded(draw, read, answer.manner.sentences)) as sentences:
            async for sentence in sentences:
                if shown := answer.written(sentence):
                    yield shown

    def _last(self, answer: _Answer) -> str:
        """The line that ends it, with the gap before it; "" for none."""
        talk, made = answer.talk, answer.plan
        if made.counsel:
            return gap(talk.language) + self._one_of(answer, made.counsel)
        shown = simplified(talk.reply)
        if made.heard and shown in lines(talk.language, made.heard):
            return ""
        closers = lines(talk.language, made.last) if made.last else answer.manner.closers
        return closing(closers, replace(answer.candidate, text=shown), self._seed(talk, "last"))

    def _drawing(self, answer: _Answer) -> Draw:
        """Begins the reply for the n-th time, with another seed."""
        prompts, given, care = answer.context.prompts, self._sampling, answer.context.care
        labels = (f"[{word}" for word in prompts.words.labels.values())
        line = care or (prompts.words.question if answer.plan.question else "")
        request = prompts.reply(answer.plan.label, answer.talk.note, line)
        sampling = replace(
            given,
            stop=(*given.stop, *labels),
            temperature=min(given.temperature, answer.manner.temperature),
        )

        def draw(number: int) -> AsyncGenerator[str, None]:
            seed = None if given.seed is None else given.seed + number * SEEDS_APART
            return self._engine.stream(request, replace(sampling, seed=seed))

        return draw

    def _one_of(self, answer: _Answer, key: str) -> str:
        """One of the lines of a key."""
        texts = lines(answer.talk.language, key)
        return saying(texts, answer.candidate, self._seed(answer.talk, "whole"))

    def _seed(self, talk: Talk, words: str) -> str | None:
        """What the choice of our own words hangs on; None: chance."""
        seed = self._sampling.seed
        return None if seed is None else f"{seed} {words} {talk.text}"


def _candidate(talk: Talk, context: Context) -> Candidate:
    """What a reply is held against: in a group, the words of all who spoke."""
    said = tuple(simplified(exchange.person) for exchange in context.history)
    replies = tuple(simplified(exchange.reply) for exchange in context.history)
    return Candidate("", simplified(talk.text), talk.language, said, replies)


def _nothing(answer: _Answer) -> str:
    """The sentence for where the model found none that may be shown."""
    if asks_future(answer.candidate.message):
        return "turn.unknown"
    return "turn.dont_know" if answer.plan.question else "turn.silent"


def _broken(candidate: Candidate, text: str) -> Sequence[Breach]:
    return breaches(replace(candidate, text=simplified(text.strip())))
