"""Who goes next: first come, first served, and alike with alike."""

from __future__ import annotations

import asyncio

import pytest

from engine.base import SamplingParams
from engine.huggingface.jobs import Answers, Job, Learn, Reply
from engine.huggingface.line import Line
from engine.huggingface.sampling import Sampler
from engine.huggingface.writing import Writing


@pytest.fixture
async def answers() -> Answers:
    return Answers()


def prompt(answers: Answers, length: int) -> Job:
    return Learn(tokens=tuple(range(length)), answers=answers)


def to_write(answers: Answers) -> Reply:
    import torch

    params = SamplingParams()
    sampler = Sampler(params, torch.device("cpu"))
    writing = Writing(lambda tokens: "", ())
    return Reply(tokens=(1,), answers=answers, room=9, sampler=sampler, writing=writing)


def group(line: Line) -> list[int]:
    return [len(tokens) for _, tokens in line.group()]


@pytest.fixture
def line() -> Line:
    return Line(slots=4, read_width=128, read_tokens=256)


async def test_prompts_of_about_one_length_are_read_together(line, answers) -> None:
    line.reading = [prompt(answers, n) for n in (60, 20, 40, 100)]
    assert group(line) == [60, 40, 60]


async def test_a_long_prompt_is_read_by_and_by(line, answers) -> None:
    line.reading = [prompt(answers, n) for n in (1000, 60, 70)]
    assert group(line) == [128, 70]


async def test_short_prompts_are_read_together_whatever_their_lengths(line, answers) -> None:
    line.reading = [prompt(answers, n) for n in (2, 32, 9, 128)]
    assert group(line) == [2, 2, 2]
    line.reading = [prompt(answers, n) for n in (32, 2, 9, 40)]
    assert group(line) == [32, 2, 9, 32]


async def test_no_more_are_read_together_than_there_are_slots(line, answers) -> None:
    line.reading = [prompt(answers, 5) for _ in range(9)]
    assert len(group(line)) == 4


async def test_replies_wait_for_a_place_in_the_order_in_which_they_came(line, answers) -> None:
    replies = [to_write(answers) for _ in range(6)]
    line.waiting = list(replies)
    line.writing = [to_write(answers)]
    line.reading = [prompt(answers, 5), to_write(answers)]
    assert line.admitted() == replies[:2]
    assert line.waiting == replies[2:]


async def test_a_job_that_is_dropped_is_nowhere(line, answers) -> None:
    first, second = to_write(answers), to_write(answers)
    line.waiting, line.reading, line.writing = [first], [second], []
    line.begin_writing([second])
    assert line.writing == [second]
    line.drop([first, second])
    assert not line
    assert line.all() == []


async def test_an_answer_for_a_loop_that_has_ended_is_let_go() -> None:
    def ended() -> Answers:
        async def make() -> Answers:
            return Answers()

        return asyncio.run(make())

    (await asyncio.to_thread(ended)).put("nobody hears it")
