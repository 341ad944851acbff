"""Label probabilities come out right, whatever a server tells about a next token."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.remote.abilities import Bias
from engine.remote.labels import (
    FORCE,
    NOWHERE,
    Said,
    of_choice,
    over_top,
    score_sequences,
    score_texts,
    supposed,
    together,
    without_bias,
)

P = {0: 0.6, 1: 0.3, 2: 0.09, 3: 0.009, 4: 0.001 - 1e-9, 5: 1e-9}


class Server:
    """Tells the two most probable tokens and the one it drew, in one of the habits."""

    def __init__(self, bias: Bias) -> None:
        self.bias = bias
        self.asked: list[tuple[Said, tuple[int, ...], dict[int, float]]] = []

    async def top(
        self, said: Said, wanted: Sequence[int], bias: Mapping[int, float]
    ) -> Mapping[int, float]:
        self.asked.append((said, tuple(wanted), dict(bias)))
        raw = {t: math.log(p) for t, p in P.items()}
        obeyed = {} if self.bias is Bias.NONE else bias
        logits = {t: value + obeyed.get(t, 0.0) for t, value in raw.items()}
        total = math.log(math.fsum(map(math.exp, logits.values())))
        after = {t: value - total for t, value in logits.items()}
        told = raw if self.bias is Bias.RAW else after
        drawn = max(after, key=after.__getitem__)
        return {t: told[t] for t in {drawn, *sorted(told, key=lambda t: -told[t])[:2]}}


@pytest.mark.parametrize("bias", [Bias.RAW, Bias.COUNTED])
async def test_tokens_that_are_not_told_are_found_exactly(bias):
    ask = over_top(Server(bias).top, bias)
    found = await ask((), [0, 3, 5])
    assert [math.exp(found[t]) for t in (0, 3, 5)] == pytest.approx([P[0], P[3], P[5]], rel=1e-6)


async def test_tokens_that_are_told_need_no_second_question():
    server = Server(Bias.RAW)
    await over_top(server.top, Bias.RAW)((), [0, 1])
    assert len(server.asked) == 1


async def test_raw_figures_are_read_with_the_token_forced():
    server = Server(Bias.RAW)
    await over_top(server.top, Bias.RAW)((7,), [4])
    assert server.asked[1] == ((7,), (4,), {4: FORCE})


async def test_without_a_bias_a_token_stays_under_those_that_are_told():
    found = await over_top(Server(Bias.NONE).top, Bias.NONE)((), [0, 3])
    assert found[3] < math.log(1 - P[0] - P[1])


@given(
    st.lists(st.floats(1e-9, 0.9), min_size=2, max_size=6),
    st.floats(1, 20),
)
def test_a_bias_can_be_taken_out_again(weights, bias):
    total = math.fsum(weights) + 0.5  # all that is not biased
    logs = {n: math.log(weight / total) for n, weight in enumerate(weights)}
    z = 1 + math.expm1(bias) * math.fsum(map(math.exp, logs.values()))
    told = {n: value + bias - math.log(z) for n, value in logs.items()}
    assert without_bias(told, bias) == pytest.approx(logs, abs=1e-4)


async def test_labels_that_begin_alike_share_a_question_and_the_first_goes_first():
    asked: list[Said] = []

    async def ask(said: Said, wanted: Sequence[int]) -> Mapping[int, float]:
        asked.append(said)
        await asyncio.sleep(0)
        return {t: -float(t) for t in wanted}

    scores = await score_sequences(ask, {"a": (1, 2, 3), "b": (1, 4), "c": (5,)})
    assert scores == {"a": -6.0, "b": -5.0, "c": -5.0}
    assert (asked[0], sorted(asked)) == ((), [(), (1,), (1, 2)])


TEXTS: dict[bytes, dict[bytes, float]] = {
    b"": {b"Pos": 0.5, b"Po": 0.1, b"Neutral": 0.2, b"Ne": 0.1},
    b"Pos": {b"itive": 0.9},
    b"Po": {b"sitive": 0.8},
    b"Ne": {b"utral": 0.25, b"gative": 0.5},
}


async def test_labels_are_followed_along_all_their_spellings():
    async def ask(said: bytes) -> Mapping[bytes, float]:
        return {t: math.log(p) for t, p in TEXTS[said].items()}

    scores = await score_texts(ask, ["Positive", "Neutral", "Negative"])
    assert {k: math.exp(v) for k, v in scores.items()} == pytest.approx(
        {"Positive": 0.5 * 0.9 + 0.1 * 0.8, "Neutral": 0.2 + 0.1 * 0.25, "Negative": 0.05}
    )


async def test_no_server_is_asked_after_half_a_character():
    asked: list[bytes] = []

    async def ask(said: bytes) -> Mapping[bytes, float]:
        asked.append(said)
        return {"正".encode()[:2]: math.log(0.5), "负面".encode(): math.log(0.25)}

    scores = await score_texts(ask, ["正面", "负面"])
    assert asked == [b""]
    assert scores == {"正面": pytest.approx(math.log(0.5)), "负面": pytest.approx(math.log(0.25))}


def test_what_is_supposed_is_less_than_all_that_is_told_and_than_what_is_left():
    assert supposed([math.log(0.6), math.log(0.3)]) == pytest.approx(math.log(0.1) - 1)
    assert supposed([math.log(0.6), math.log(0.01)]) == pytest.approx(math.log(0.01) - 1)
    assert supposed([0.0]) == NOWHERE


@pytest.mark.parametrize("count", [2, 3, 40])
def test_a_choice_leaves_something_to_every_label(count):
    labels = [str(n) for n in range(count)]
    scores = of_choice("1", labels)
    assert math.fsum(map(math.exp, scores.values())) == pytest.approx(1)
    assert max(scores, key=scores.__getitem__) == "1"
    assert math.exp(scores["1"]) >= 0.5


async def test_one_failure_stops_the_other_questions():
    stopped = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async def failing() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await together([endless(), failing()])
    assert stopped.is_set()
