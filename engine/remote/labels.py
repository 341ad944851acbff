"""Label probabilities out of what servers tell about a next token.

Knows: token sequences, log-probabilities, what a bias does to them. Does not know: HTTP, prompts.
A question to a server is a function that is handed in; the rest is arithmetic.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from typing import TypeVar

from engine.remote.abilities import Bias

Said = tuple[int, ...]
"""The tokens that have been said after the prompt."""

NextTokens = Callable[[Said, Sequence[int]], Awaitable[Mapping[int, float]]]
"""Log-probability of each wanted token as the next one; for `()` up to a common constant."""

Top = Callable[[Said, Sequence[int], Mapping[int, float]], Awaitable[Mapping[int, float]]]
"""What a server tells about the next token: of the most probable ones, of the wanted ones where
it can, and of the one it drew, under biases in nats."""

TopText = Callable[[bytes], Awaitable[Mapping[bytes, float]]]
"""The most probable next tokens as text, after bytes that have been said."""

NOWHERE = -200.0
"""Log of a probability that is nothing in float32."""

FORCE = 100.0
"""The greatest bias that the OpenAI API takes: it leaves a single token."""

_LIFTS = (12.0, 24.0, 36.0, 48.0, 72.0)
_TOLD_CHANCE = 0.02
"""What a constrained choice leaves to each label it did not choose."""
_NEAR = 3.0
"""Spellings of a label that are less likely by more nats than this are left out."""

T = TypeVar("T")


async def score_sequences(
    ask: NextTokens, sequences: Mapping[str, Sequence[int]]
) -> dict[str, float]:
    """Log-probability of each label's whole token sequence, up to one common constant.

    Labels that begin alike share a question. The question right after the prompt comes first: the
    others, asked at once, then find the prompt already read.
    """
    wanted: dict[Said, list[int]] = {}
    for sequence in sequences.values():
        for place, token in enumerate(sequence):
            tokens = wanted.setdefault(tuple(sequence[:place]), [])
            if token not in tokens:
                tokens.append(token)
    told: dict[Said, Mapping[int, float]] = {(): await ask((), wanted.pop(()))}
    later = await together([ask(said, tokens) for said, tokens in wanted.items()])
    told |= dict(zip(wanted, later, strict=True))
    return {
        label: math.fsum(
            told[tuple(sequence[:place])][token] for place, token in enumerate(sequence)
        )
        for label, sequence in sequences.items()
    }


def over_top(top: Top, bias: Bias) -> NextTokens:
    """Exact log-probabilities of any tokens from a server that tells only the most probable.

    A token that is not told is asked for again under a bias. Where the server reports the model's
    own figures, the bias forces the token and its figure is read. Where the bias is counted in,
    it is taken out again (`without_bias`). Where it is not obeyed, the token gets what one may
    suppose (`supposed`).
    """

    async def ask(said: Said, wanted: Sequence[int]) -> Mapping[int, float]:
        told = dict(await top(said, wanted, {}))
        missing = [token for token in wanted if token not in told]
        if not missing:
            return told
        if bias is Bias.RAW:
            forced = await together([top(said, [token], {token: FORCE}) for token in missing])
            found = {t: told.get(t, NOWHERE) for t, told in zip(missing, forced, strict=True)}
        elif bias is Bias.COUNTED:
            found = await _lifted(top, said, missing)
        else:
            found = dict.fromkeys(missing, supposed(told.values()))
        return told | found

    return ask


async def _lifted(top: Top, said: Said, missing: Sequence[int]) -> dict[int, float]:
    for lift in _LIFTS:
        told = await top(said, missing, dict.fromkeys(missing, lift))
        if all(token in told for token in missing):
            return without_bias({token: told[token] for token in missing}, lift)
    return {token: told[token] - lift if token in told else NOWHERE for token in missing}


def without_bias(told: Mapping[int, float], bias: float) -> dict[int, float]:
    """The log-probabilities of tokens that were told under one equal bias, without it.

    With p' = p·e^b / Z and Z = 1 + (e^b - 1)·P, where P and s are the sums of p and p' over all
    biased tokens: Z = 1 / (1 - s·(1 - e^-b)).
    """
    share = math.fsum(math.exp(value) for value in told.values())
    left = max(1.0 - share * -math.expm1(-bias), 1e-12)
    return {token: value - bias - math.log(left) for token, value in told.items()}


def supposed(told: Collection[float]) -> float:
    """A log-probability for a token that is not among the most probable, `told` being theirs.

    It is at most the least of them, and at most what they leave over. One nat less than that is
    taken, so that a label that was told wins over one that was not.
    """
    rest = 1.0 - math.fsum(math.exp(value) for value in told)
    left = math.log(rest) if rest > 0.0 else NOWHERE
    return max(min(min(told, default=0.0), left) - 1.0, NOWHERE)


async def score_texts(ask: TopText, labels: Sequence[str]) -> dict[str, float]:
    """Log-probability of each label from the most probable next tokens, known by text alone.

    A label is followed along the tokens that spell it. What is not among the most probable gets
    what one may suppose (`supposed`). A server can't be asked after half a character: what is left
    of a label there counts as certain.
    """
    asked: dict[bytes, Mapping[bytes, float]] = {}

    async def follow(said: bytes, rest: bytes) -> float:
        try:
            said.decode()
        except UnicodeDecodeError:
            return 0.0
        if said not in asked:
            asked[said] = await ask(said)
        told = asked[said]
        spellings = {t: p for t, p in told.items() if t and rest.startswith(t)}
        if not spellings:
            return supposed(told.values())
        likeliest = max(spellings.values())
        total = 0.0
        for token, value in spellings.items():
            if value >= likeliest - _NEAR:
                more = rest[len(token) :]
                after = await follow(said + token, more) if more else 0.0
                total += math.exp(value + after)
        return math.log(total) if total > 0.0 else NOWHERE

    return {label: await follow(b"", label.encode()) for label in labels}


def of_choice(chosen: str, labels: Sequence[str]) -> dict[str, float]:
    """Log-probabilities where a server only tells which label it would say.

    They are no measurement: the chosen label gets all but 0.02 for each of the others, so that it
    stays the likeliest, and nobody may take it for certain.
    """
    rest = (len(labels) - 1) * _TOLD_CHANCE
    each = _TOLD_CHANCE if rest < 0.5 else 0.5 / (len(labels) - 1)
    certain = 1.0 - each * (len(labels) - 1)
    return {label: math.log(certain if label == chosen else each) for label in labels}


async def together(questions: Sequence[Coroutine[object, object, T] | Awaitable[T]]) -> list[T]:
    """The answers to questions that are asked at once; one failure stops the others."""
    tasks = [asyncio.ensure_future(question) for question in questions]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
