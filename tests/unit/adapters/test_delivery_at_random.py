"""Whatever goes wrong on the way, in whatever order: every word is there, and none twice."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

from adapters.delivery import Delivery
from adapters.messages import Text, Waiting
from adapters.outcome import NotSent, PerhapsSent, SendError
from adapters.pages import PLACEHOLDER
from adapters.split import split
from tests.unit.adapters.fake import DONE, SAD
from tests.unit.adapters.fake_chat import LIMIT, QUESTION, FakeChat, FakeLedger, Lost, pace
from tests.unit.adapters.test_delivery import TEXTS, Script, Step
from tests.unit.adapters.virtual_time import in_virtual_time

WORDS = " ".join(f"word{number}" for number in range(60))
HARMLESS = (None, None, NotSent(), NotSent(7.0))
DOUBTFUL = (*HARMLESS, PerhapsSent(), Lost())
METHODS = ("create", "edit", "draft", "remove", "typing")


def scenario(seed: int, doubtful: bool) -> tuple[FakeChat, Script, str]:
    dice: Any = random.Random(seed)
    chat = FakeChat(dice.choice(["edit", "draft", "off"]), seconds=dice.choice([0, 0.1, 3]))
    for method in METHODS:
        # An edit may be repeated: what is in doubt there costs nothing.
        kinds = DOUBTFUL if doubtful or method != "create" else HARMLESS
        faults: list[SendError | None] = dice.choices(kinds, k=8)
        chat.fail(method, *faults)
    text = WORDS[: dice.randrange(1, len(WORDS))]
    steps: list[Step] = [Waiting("You are third."), dice.random()] if dice.random() < 0.3 else []
    steps.append(SAD)
    at = 0
    while at < len(text):
        size = dice.randrange(1, 40)
        steps += [dice.choice([0, 0.1, 1.5]), Text(text[at : at + size])]
        at += size
    return chat, Script(*steps, DONE), text


async def shown(chat: FakeChat, script: Script) -> FakeLedger:
    ledger = FakeLedger()
    delivery = Delivery(ledger)
    await delivery.deliver(script.events(), QUESTION, chat, pace(1.0), TEXTS)
    return ledger


@pytest.mark.parametrize("seed", range(60))
@in_virtual_time
async def test_while_nothing_is_in_doubt_the_chat_holds_the_answer_and_nothing_else(seed):
    chat, script, text = scenario(seed, doubtful=False)
    ledger = await shown(chat, script)
    assert chat.texts == [part.shown for part in split(text, LIMIT)]
    assert ledger.notes[-1] == "delivered"


@pytest.mark.parametrize("seed", range(60))
@in_virtual_time
async def test_where_something_is_in_doubt_no_words_are_there_twice(seed):
    chat, script, text = scenario(seed, doubtful=True)
    ledger = await shown(chat, script)
    parts = [part.shown for part in split(text, LIMIT)]
    own = [one for one in chat.texts if one not in (PLACEHOLDER, "You are third.")]
    said = [one for one in own if one in parts]
    assert said == parts[: len(said)]
    assert own[len(said) :] in ([], [TEXTS.perhaps_sent])
    told = TEXTS.perhaps_sent in [words for _, words in chat.asked("create")]
    assert told or said == parts
    assert ledger.notes[-1] == "delivered"


@pytest.mark.parametrize("seed", range(60))
@in_virtual_time
async def test_calls_are_never_closer_than_the_chat_allows(seed):
    chat, script, _ = scenario(seed, doubtful=True)
    await shown(chat, script)
    times = chat.times("create", "edit", "draft", "remove")
    assert all(later - earlier > 0.999 for earlier, later in pairwise(times))
