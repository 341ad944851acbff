"""A reply is shown sentence by sentence, and none that breaks a rule is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from bot.reply.text import Breach
from bot.reply.wording import MOST_DRAWS, Read, worded


class Drawn:
    """Drafts, one for each draw, a character at a time; counts draws and what was closed."""

    def __init__(self, *drafts: str) -> None:
        self.drafts = drafts
        self.draws = 0
        self.written = ""
        self.closed = 0

    async def __call__(self, number: int) -> AsyncGenerator[str, None]:
        self.draws += 1
        self.written = ""
        try:
            for character in self.drafts[number]:
                self.written += character
                yield character
        finally:
            self.closed += 1


def never(*words: str, rule: str = "") -> Read:
    def read(text: str) -> Sequence[Breach]:
        return [Breach(rule or word, word) for word in words if word in text]

    return read


async def shown(draw: Drawn, read: Read) -> list[str]:
    return [sentence async for sentence in worded(draw, read)]


async def test_sentences_come_one_by_one_and_joined_they_are_the_reply() -> None:
    draw = Drawn("That hurts. Dr. Lee said 3.5 days… but who knows? I'm here.")
    found = await shown(draw, never())
    assert found == ["That hurts.", " Dr. Lee said 3.5 days… but who knows?", " I'm here."]
    assert draw.draws == 1


async def test_chinese_sentences_end_without_a_space() -> None:
    found = await shown(Drawn("真让人心疼。我在这里陪你。"), never())
    assert found == ["真让人心疼。", "我在这里陪你。"]


async def test_a_blank_line_is_no_sentence_wherever_it_stands() -> None:
    draw = Drawn("\n\n That hurts.\n\nI'm here. Tell me.")
    found = await shown(draw, lambda text: [] if text.strip() else [Breach("empty", text)])
    assert found == ["\n\n That hurts.", "\n\nI'm here.", " Tell me."]
    assert draw.draws == 1


async def test_a_later_sentence_that_breaks_a_rule_ends_the_reply_before_it() -> None:
    draw = Drawn("That hurts. Let me know. More to come.")
    assert await shown(draw, never("Let me know")) == ["That hurts."]
    assert "More" not in draw.written
    assert (draw.draws, draw.closed) == (1, 1)


async def test_a_first_sentence_that_breaks_a_rule_is_drawn_anew() -> None:
    draw = Drawn("You should smile. Yes.", "That hurts. I'm here.")
    assert await shown(draw, never("should")) == ["That hurts.", " I'm here."]
    assert draw.closed == 2


async def test_where_every_beginning_breaks_a_rule_the_last_one_is_shown_and_goes_on() -> None:
    draw = Drawn("You must. Yes.", "You should. Yes.", "You should. Yes. You must. No.")
    assert await shown(draw, never("should", "must")) == ["You should.", " Yes."]
    assert draw.draws == MOST_DRAWS


async def test_a_smile_before_the_first_word_is_part_of_its_sentence() -> None:
    assert await shown(Drawn("🙂\nHi. I'm here."), never()) == ["🙂\nHi.", " I'm here."]


async def test_what_may_never_be_said_is_not_said_for_want_of_better() -> None:
    draw = Drawn(*["I am human."] * MOST_DRAWS)
    assert await shown(draw, never("human", rule="claims_human")) == []


async def test_a_model_without_words_is_asked_again_and_then_nothing_is_shown() -> None:
    assert await shown(Drawn("", " ", "\n"), never()) == []


async def test_closing_stops_the_model() -> None:
    draw = Drawn("One. Two. Three.")
    async with aclosing(worded(draw, never())) as sentences:
        assert await anext(sentences) == "One."
    assert draw.closed == 1
