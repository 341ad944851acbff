"""Replies over sockets: what is sent, what comes back, and how a stream may end."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from dataclasses import replace

import pytest

from engine.base import EngineFailed, Message, Prompt, PromptTooLong, SamplingParams
from engine.remote.server import Timeouts
from tests.integration.engine import toy_model as toy
from tests.integration.engine.openai_flavours import (
    CHAT_ONLY,
    CONTEXT,
    LLAMA,
    OLLAMA,
    SGLANG,
    VLLM,
    Fault,
)
from tests.integration.engine.openai_server import serving
from tests.integration.engine.remote_talk import LABELS, SHARED, opened, reply, said, until

OPENING = ("[", "Negative", "]")
PATHS = {
    "vLLM": (VLLM, "/v1/completions"),
    "vLLM by chat": (replace(VLLM, renders=False), "/v1/chat/completions"),
    "SGLang": (SGLANG, "/v1/completions"),
    "llama.cpp": (LLAMA, "/completion"),
    "Ollama": (OLLAMA, "/v1/chat/completions"),
    "chat alone": (CHAT_ONLY, "/v1/chat/completions"),
}


@pytest.fixture(params=PATHS)
def habit(request):
    return PATHS[request.param]


async def test_a_reply_comes_piece_by_piece(habit):
    flavour, path = habit
    async with serving(flavour) as server, opened(server) as engine:
        params = SamplingParams(max_tokens=9, temperature=0.3, top_p=0.8, seed=7, stop=("[Pos",))
        assert await reply(engine, said("hi", OPENING), params) == ["Hello", " there", "."]
        (request,) = server.asked(path)
        assert request["max_tokens"] == 9
        assert (request["temperature"], request["top_p"], request["seed"]) == (0.3, 0.8, 7)
        assert request["stop"] == ["[Pos"]
        assert request["stream"] is True


async def test_nothing_is_sent_for_what_is_not_set(habit):
    flavour, path = habit
    async with serving(flavour) as server, opened(server) as engine:
        await reply(engine, said("hi", OPENING))
        (request,) = server.asked(path)
        assert "seed" not in request
        assert not request.get("stop")


async def test_the_server_goes_on_with_the_opening(habit):
    flavour, _ = habit
    async with serving(flavour) as server, opened(server) as engine:
        await reply(engine, said("hi", OPENING))
        (prompt,) = server.prompts
        if flavour is CHAT_ONLY:
            assert "characters, then go on with the reply: [Negative]" in toy.detokenize(prompt)
        else:
            assert toy.detokenize(prompt).endswith("<|im_start|>assistant\n[Negative]")


@pytest.mark.parametrize("flavour", [CHAT_ONLY, replace(OLLAMA, echoes=True)])
async def test_an_opening_that_comes_back_is_no_part_of_the_reply(flavour):
    async with serving(flavour) as server, opened(server) as engine:
        server.reply = ["[Nega", "tive] I'm", " sorry."]
        assert "".join(await reply(engine, said("hi", OPENING))) == " I'm sorry."
        server.reply = ["I'm sorry."]
        assert await reply(engine, said("hi", OPENING)) == ["I'm sorry."]


async def test_a_reply_may_begin_like_its_opening_where_that_does_not_come_back():
    async with serving(VLLM) as server, opened(server) as engine:
        server.reply = ["[Negative]", " is what I said"]
        assert await reply(engine, said("hi", OPENING)) == server.reply


async def test_without_an_opening_the_answer_begins_anew(habit):
    flavour, _ = habit
    async with serving(flavour) as server, opened(server) as engine:
        await reply(engine, Prompt((*SHARED, Message("user", "hi"), Message("assistant", ""))))
        (prompt,) = server.prompts
        assert toy.detokenize(prompt).endswith("user\nhi<|im_end|>\n<|im_start|>assistant\n")


@pytest.mark.parametrize("name", ["vLLM", "SGLang", "llama.cpp"])
async def test_a_reply_ends_with_the_context(name):
    flavour, path = PATHS[name]
    async with serving(flavour) as server, opened(server) as engine:
        await reply(engine, said("x" * 300), SamplingParams(max_tokens=CONTEXT))
        (request,) = server.asked(path)
        assert request["max_tokens"] == CONTEXT - len(server.prompts[0])


async def test_a_prompt_that_does_not_fit_is_refused(habit):
    flavour, _ = habit
    async with serving(flavour) as server, opened(server) as engine:
        with pytest.raises(PromptTooLong):
            await reply(engine, said("x" * CONTEXT))
        assert await reply(engine, said("x")) == ["Hello", " there", "."]


@pytest.mark.parametrize("done", [True, False])
async def test_the_last_chunk_ends_a_reply_with_or_without_done(habit, done):
    flavour, _ = habit
    async with serving(flavour) as server, opened(server) as engine:
        server.done = done
        assert await reply(engine, said("hi")) == ["Hello", " there", "."]


async def test_a_stream_that_stops_without_a_last_chunk_was_cut(habit):
    flavour, _ = habit
    async with serving(flavour) as server, opened(server) as engine:
        server.finish = None
        with pytest.raises(EngineFailed, match="broke off in the middle of a reply"):
            await reply(engine, said("hi"))


def line(text: str, finish: str | None = None, **more) -> bytes:
    choice = {"text": text, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice], **more}).encode() + b"\n\n"


@pytest.mark.parametrize("choices", [[7], {"a": 1}, "x", [{"delta": 7}]])
async def test_chunks_of_another_form_are_told(choices):
    async with serving(VLLM) as server, opened(server) as engine:
        server.lines = [b"data: " + json.dumps({"choices": choices}).encode() + b"\n\n"]
        with pytest.raises(EngineFailed, match="not as a model server does"):
            await reply(engine, said("hi"))


async def test_comments_roles_usage_and_empty_chunks_are_passed_over():
    async with serving(VLLM) as server, opened(server) as engine:
        server.lines = [
            b": OPENROUTER PROCESSING\n\n",
            b'data: {"choices":[{"delta":{"role":"assistant","content":null}}]}\n\n',
            b'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n',
            b"event: message\nid: 4\nretry: 10\n\n",
            line("Hi"),
            b"\n\n: ping\n\n",
            b'data: {"choices":[],"usage":{"total_tokens":3}}\r\n\r\n',
            line("", "stop"),
            b'data: {"choices":[],"usage":{"total_tokens":3}}\n\n',
            b"data: [DONE]\n\n",
        ]
        assert await reply(engine, said("hi")) == ["Hi"]


async def test_characters_that_are_cut_between_packets_come_out_whole():
    async with serving(VLLM) as server, opened(server) as engine:
        raw = 'data: {"choices":[{"text":"né🎉好"}]}\n\n'.encode()
        server.lines = [*(raw[n : n + 1] for n in range(len(raw))), line("", "stop")]
        assert await reply(engine, said("hi")) == ["né🎉好"]
        server.lines = [line("a\ud83c"), line("\udf89b"), line("caf\ufffd", "length")]
        assert await reply(engine, said("hi")) == ["a", "🎉b", "caf"]


async def test_a_server_that_does_not_stream_is_understood_too():
    async with serving(OLLAMA) as server, opened(server) as engine:
        whole = {"choices": [{"message": {"content": "Hi!"}, "finish_reason": "stop"}]}
        server.faults.append(Fault(status=200, body=whole))
        assert await reply(engine, said("hi")) == ["Hi!"]


async def test_replies_side_by_side_do_not_mix_and_wait_their_turn():
    async with serving(VLLM) as server, opened(server, slots=2) as engine:
        gates = [asyncio.Event() for _ in range(5)]
        server.faults.extend(Fault(stall_later=gate) for gate in gates)
        talks = [
            asyncio.create_task(reply(engine, said(f"x{n}", conversation=str(n)))) for n in range(5)
        ]
        await until(lambda: len(server.asked("/v1/completions")) == 2)
        gates[0].set()
        await until(lambda: len(server.asked("/v1/completions")) == 3)
        for gate in gates:
            gate.set()
        assert await asyncio.gather(*talks) == [["Hello", " there", "."]] * 5
        asked = [toy.detokenize(prompt).partition("user\nx")[2][0] for prompt in server.prompts]
        assert sorted(asked) == ["0", "1", "2", "3", "4"]


async def test_connections_are_used_again():
    async with serving(VLLM) as server, opened(server) as engine:
        before = server.connections
        for number in range(5):
            await reply(engine, said(f"x{number}"))
            await engine.score(said(f"y{number}"), LABELS)
        assert server.connections - before <= len(LABELS)


@pytest.mark.parametrize("begun", [True, False])
async def test_closing_a_reply_closes_the_request_at_once(habit, begun):
    flavour, _ = habit
    gate = asyncio.Event()
    async with serving(flavour) as server, opened(server) as engine:
        server.faults.append(Fault(stall_later=gate) if begun else Fault(stall=gate))
        async with aclosing(engine.stream(said("hi"), SamplingParams())) as pieces:
            if begun:
                assert await anext(pieces) == "Hello"
            else:
                waiting = asyncio.ensure_future(anext(pieces))
                await server.started.wait()
                waiting.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await waiting
        async with asyncio.timeout(5):
            await server.left.wait()
        place = engine._pool.places[0]
        assert (place.outstanding, place.failures) == (0, 0)
        assert await reply(engine, said("hi")) == ["Hello", " there", "."]


async def test_cancelling_a_label_closes_the_request():
    gate = asyncio.Event()
    async with serving(LLAMA) as server, opened(server) as engine:
        server.faults.append(Fault(stall=gate))
        label = asyncio.create_task(engine.score(said("hi"), LABELS))
        await until(lambda: bool(server.asked("/completion")))
        label.cancel()
        with pytest.raises(asyncio.CancelledError):
            await label
        gate.set()
        assert await engine.score(said("hi"), LABELS)


async def test_a_slow_first_token_is_told_and_not_asked_for_again():
    async with serving(VLLM) as server, opened(server) as engine:
        engine._replicas[0].server.timeouts = Timeouts(first_token=0.2)
        server.faults.append(Fault(stall=asyncio.Event()))
        with pytest.raises(EngineFailed, match=r"gave no first token within 0\.2 s"):
            await reply(engine, said("hi"))
        await server.left.wait()
        assert len(server.asked("/v1/completions")) == 1


async def test_a_pause_between_tokens_may_be_only_so_long():
    async with serving(VLLM) as server, opened(server) as engine:
        engine._replicas[0].server.timeouts = Timeouts(between_tokens=0.2)
        server.faults.append(Fault(stall_later=asyncio.Event()))
        pieces = engine.stream(said("hi"), SamplingParams())
        assert await anext(pieces) == "Hello"
        with pytest.raises(EngineFailed, match=r"said nothing more for 0\.2 s"):
            await anext(pieces)
        await server.left.wait()


async def test_a_reply_may_take_only_so_long():
    async with serving(VLLM) as server, opened(server) as engine:
        engine._replicas[0].server.timeouts = Timeouts(total=0.3)
        server.faults.append(Fault(stall_later=asyncio.Event()))
        with pytest.raises(EngineFailed, match="took longer for one reply than it may"):
            await reply(engine, said("hi"))
