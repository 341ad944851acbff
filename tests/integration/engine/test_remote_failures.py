"""What fails is tried again while nobody has seen anything of it, and told honestly after that."""

from __future__ import annotations

import logging
import time
from contextlib import AsyncExitStack

import pytest

from engine.base import EngineFailed, PromptTooLong, SamplingParams
from engine.remote.engine import Remote
from engine.remote.errors import KeyRefused
from tests.integration.engine.openai_flavours import (
    CHAT_ONLY,
    LLAMA,
    OLLAMA,
    SGLANG,
    VLLM,
    Fault,
)
from tests.integration.engine.openai_server import serving
from tests.integration.engine.remote_talk import LABELS, expected, opened, reply, said

SECRET = "my dog died"
WHOLE = ["Hello", " there", "."]
BUSY = Fault(status=429, headers={"Retry-After": "0"}, body={"error": {"message": SECRET}})
DOWN = Fault(status=500, body={"error": {"message": SECRET, "type": SECRET}})


def words(server) -> int:
    """How many requests for words there were."""
    return sum(path != "/tokenize" for path, _ in server.requests)


@pytest.mark.parametrize(
    "fault",
    [
        BUSY,
        Fault(status=429),
        DOWN,
        Fault(status=502, body="<html>bad gateway</html>"),
        Fault(status=503, body={"error": {"type": "unavailable_error"}}),
        Fault(drop="headers"),
        Fault(drop="stream"),
        Fault(error={"error": {"code": 500, "message": SECRET}}),
        Fault(error={"error": {"code": 503, "message": SECRET}}),
    ],
    ids=lambda fault: f"{fault.status or fault.drop or 'error in stream'}",
)
@pytest.mark.parametrize("flavour", [VLLM, LLAMA, OLLAMA])
async def test_a_reply_is_asked_for_again_while_nothing_of_it_was_seen(flavour, fault):
    async with serving(flavour) as server, opened(server) as engine:
        server.faults.extend([fault, fault])
        assert await reply(engine, said(SECRET)) == WHOLE
        assert words(server) == 3


@pytest.mark.parametrize(
    "fault",
    [BUSY, DOWN, Fault(drop="headers"), Fault(drop="body")],
    ids=["429", "500", "drop before headers", "drop in the body"],
)
async def test_a_label_is_asked_for_again(fault):
    async with serving(LLAMA) as server, opened(server) as engine:
        server.faults.extend([fault, fault])
        assert await engine.score(said(SECRET), LABELS) == pytest.approx(expected(), abs=1e-4)


@pytest.mark.parametrize("ask", ["reply", "score"])
async def test_three_failures_are_told_without_a_word_of_anybodys(ask, caplog):
    caplog.set_level(logging.DEBUG)
    async with serving(LLAMA) as server, opened(server) as engine:
        server.always = DOWN
        work = reply(engine, said(SECRET)) if ask == "reply" else engine.score(said(SECRET), LABELS)
        with pytest.raises(EngineFailed) as failed:
            await work
        assert str(failed.value) == f"no server answers: {server.url} failed (500)"
        assert words(server) == 3
        server.always = None
        assert await reply(engine, said(SECRET)) == WHOLE
    assert SECRET not in caplog.text


async def test_retry_after_is_obeyed_up_to_the_longest_pause():
    async with serving(VLLM) as server, opened(server) as engine:
        server.faults.append(Fault(status=429, headers={"Retry-After": "3600"}))
        began = time.monotonic()
        assert await reply(engine, said("hi")) == WHOLE
        assert 0.05 <= time.monotonic() - began < 5


async def ends(engine: Remote, sentence: str) -> list[str]:
    """What was said before a reply ended with a sentence."""
    seen: list[str] = []

    async def listen() -> None:
        async for piece in engine.stream(said(SECRET), SamplingParams()):
            seen.append(piece)

    with pytest.raises(EngineFailed, match=sentence):
        await listen()
    return seen


@pytest.mark.parametrize("drop", ["token", "within"])
@pytest.mark.parametrize("flavour", [VLLM, LLAMA, OLLAMA])
async def test_a_reply_that_breaks_off_is_never_begun_again(flavour, drop):
    async with serving(flavour) as server, opened(server) as engine:
        server.faults.append(Fault(drop=drop))
        assert await ends(engine, "broke off in the middle of a reply") == ["Hello"]
        assert words(server) == 1
        assert await reply(engine, said("hi")) == WHOLE


async def test_an_error_in_the_middle_of_a_reply_is_told():
    async with serving(VLLM) as server, opened(server) as engine:
        server.faults.append(Fault(error_later={"error": {"code": 500, "message": SECRET}}))
        assert await ends(engine, "failed in the middle of a reply") == ["Hello"]
        assert words(server) == 1


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([b"data: {no json}\n\n"], "not as a model server does"),
        ([b'data: "text"\n\n'], "not as a model server does"),
        ([b'data: {"choices":[{"text":"\xff"}]}\n\n'], "not as a model server does"),
        ([b'data: {"choices":[{"text":"","finish_reason":"abort"}]}\n\n'], "broke off before"),
        ([b"data: [DONE]\n\n"], "broke off before"),
        ([b'data: {"choices":[{"te'], "broke off before"),
        ([b"x" * 3_000_000], "does not end"),
        ([], "broke off before"),
    ],
    ids=[
        "no json",
        "no object",
        "no utf-8",
        "abort",
        "only done",
        "half",
        "endless line",
        "nothing",
    ],
)
async def test_a_stream_of_something_else_is_told(lines, sentence):
    async with serving(VLLM) as server, opened(server) as engine:
        server.lines = lines
        assert await ends(engine, sentence) == []


async def test_html_in_place_of_a_reply_is_told():
    async with serving(VLLM) as server, opened(server) as engine:
        server.always = Fault(html=True)
        assert await ends(engine, "is this the address of an OpenAI-compatible API") == []
        with pytest.raises(EngineFailed, match="OpenAI-compatible API"):
            await engine.score(said("hi"), LABELS)


async def test_a_request_that_is_refused_is_not_asked_again():
    async with serving(VLLM) as server, opened(server) as engine:
        server.always = Fault(status=400, body={"error": {"message": SECRET, "type": "bad"}})
        assert await ends(engine, r"refused the request \(400, bad\)") == []
        assert words(server) == 1


async def test_a_prompt_that_the_server_finds_too_long_is_told_so():
    body = {"error": {"message": "maximum context length is 10 tokens, you have 20"}}
    async with serving(OLLAMA) as server, opened(server) as engine:
        server.always = Fault(status=400, body=body)
        with pytest.raises(PromptTooLong) as refused:
            await reply(engine, said("hi"))
        assert (refused.value.tokens, refused.value.limit) == (20, 10)


async def test_a_key_that_is_refused_later_is_told_once_and_not_tried_again(caplog):
    async with serving(LLAMA, key="k3y") as server, opened(server, key="k3y") as engine:
        server.key = "another"
        for _ in range(2):
            server.requests.clear()
            with pytest.raises(KeyRefused, match="check the key"):
                await reply(engine, said("hi"))
            assert words(server) == 1
    assert caplog.text.count("refused the key") == 1
    assert "k3y" not in caplog.text


async def test_a_choice_that_is_none_of_the_labels_is_an_error():
    async with serving(CHAT_ONLY) as server, opened(server) as engine:
        whole = {"choices": [{"message": {"content": f'{{"label": "{SECRET}"}}'}}]}
        server.always = Fault(status=200, body=whole)
        with pytest.raises(EngineFailed, match="did not choose one of the labels") as failed:
            await engine.score(said("hi"), LABELS)
        assert SECRET not in str(failed.value)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"choices": []},
        [],
        7,
        {"choices": [{"logprobs": None}]},
        {"choices": [{"logprobs": {"content": [{"token": 5, "logprob": "x"}]}}]},
        {"choices": [{"logprobs": {"top_logprobs": [{"token_id:5": None}], "tokens": [1]}}]},
        {"completion_probabilities": [{"top_probs": [{"id": "x"}]}]},
        {"meta_info": {"output_token_ids_logprobs": [[[None, 5]]]}},
    ],
)
@pytest.mark.parametrize("flavour", [LLAMA, VLLM, SGLANG, OLLAMA, CHAT_ONLY])
async def test_figures_are_not_made_up_out_of_an_answer_of_another_form(flavour, body):
    async with serving(flavour) as server, opened(server) as engine:
        server.always = Fault(status=200, body=body)
        with pytest.raises(EngineFailed, match=r"told no|unknown form"):
            await engine.score(said("hi"), LABELS)


async def test_a_server_that_is_gone_is_told_by_its_address():
    async with AsyncExitStack() as stack:
        async with serving(VLLM) as server:
            engine = await stack.enter_async_context(opened(server))
        with pytest.raises(EngineFailed, match=f"answers: {server.url} cannot be reached"):
            await engine.score(said("hi"), LABELS)
