"""The probe over sockets: what a server is found to do, and what is refused in a sentence."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest

from engine.base import EngineNotReady, ModelUnusable
from engine.remote.abilities import Abilities, Bias, Choice, Labels, Opening
from engine.remote.engine import Remote
from engine.remote.server import Timeouts
from tests.integration.engine.conftest import closed_port
from tests.integration.engine.openai_flavours import (
    CHAT_ONLY,
    CONTEXT,
    LLAMA,
    MODEL,
    NOTHING,
    OLLAMA,
    SGLANG,
    VLLM,
    Fault,
)
from tests.integration.engine.openai_server import serving
from tests.integration.engine.remote_talk import HASTE, LABELS, LIMITS, opened, reply, said

GATEWAY = replace(VLLM, tokens="", completions=False)
FORGETS = replace(VLLM, drops_special=True)
"""Its detokenizer leaves control tokens out: a prompt made with it would have no turns."""
OLD_SGLANG = replace(SGLANG, renders=False, generate=False)


def abilities(engine: Remote) -> Abilities:
    found = engine._replicas[0].abilities
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("flavour", "labels", "opening", "bias", "exact", "context"),
    [
        (VLLM, Labels.TOKENS, Opening.TOKENS, Bias.RAW, True, CONTEXT),
        (replace(VLLM, bias="counted"), Labels.TOKENS, Opening.TOKENS, Bias.COUNTED, True, CONTEXT),
        (replace(VLLM, bias=""), Labels.TOKENS, Opening.TOKENS, Bias.NONE, False, CONTEXT),
        (SGLANG, Labels.GENERATE, Opening.TOKENS, Bias.NONE, True, CONTEXT),
        (
            replace(SGLANG, generate=False),
            Labels.TOKENS,
            Opening.TOKENS,
            Bias.COUNTED,
            True,
            CONTEXT,
        ),
        (OLD_SGLANG, Labels.CHAT, Opening.CONTINUE, Bias.COUNTED, True, CONTEXT),
        (LLAMA, Labels.LLAMA, Opening.TOKENS, Bias.NONE, True, CONTEXT),
        (replace(LLAMA, props=False), Labels.CHAT_TEXT, Opening.PREFILL, Bias.NONE, False, 2048),
        (OLLAMA, Labels.CHAT_TEXT, Opening.PREFILL, Bias.NONE, False, 384),
        (FORGETS, Labels.CHAT, Opening.CONTINUE, Bias.RAW, True, CONTEXT),
        (GATEWAY, Labels.CHAT_TEXT, Opening.CONTINUE, Bias.NONE, False, CONTEXT),
        (CHAT_ONLY, Labels.CHOICE, Opening.ASKED, Bias.NONE, False, 2048),
    ],
)
async def test_each_server_is_used_in_the_best_way_it_knows(
    flavour, labels, opening, bias, exact, context
):
    async with serving(flavour) as server, opened(server) as engine:
        found = abilities(engine)
        assert (found.labels, found.opening, found.bias) == (labels, opening, bias)
        assert (engine.exact, engine.context_length, engine.model) == (exact, context, MODEL)
        told = engine.describe()
        assert told.startswith(f"{server.url}: ")
        assert labels.value in told
        assert opening.value in told
        assert f"{context} tokens" in told


@pytest.mark.parametrize("field", ["structured_outputs", "guided_choice", "response_format"])
async def test_a_constraint_counts_when_it_is_obeyed(field):
    flavour = replace(VLLM, tokens="", logprobs=False, choices=frozenset({field}))
    async with serving(flavour) as server, opened(server) as engine:
        assert abilities(engine).choice is Choice(field)


async def test_a_server_that_tells_fewer_tokens_is_asked_for_fewer():
    async with serving(replace(VLLM, most=5)) as server, opened(server) as engine:
        assert abilities(engine).top == 5
    async with serving(replace(OLLAMA, most=5)) as server, opened(server) as engine:
        assert abilities(engine).top == 5


@pytest.mark.parametrize("flavour", [VLLM, OLLAMA, CHAT_ONLY])
async def test_a_template_without_a_system_role_is_found_out(flavour):
    async with serving(replace(flavour, system=False)) as server:
        if flavour is CHAT_ONLY:  # what stands for the opening is a system message itself
            with pytest.raises(ModelUnusable):
                await Remote.open([server.url], model=MODEL, patience=HASTE)
            return
        async with opened(server) as engine:
            assert abilities(engine).folds_system
            assert await reply(engine, said("hi")) == ["Hello", " there", "."]


async def test_a_server_that_refuses_fields_it_does_not_know_is_asked_without_them():
    strict = frozenset({"chat_template_kwargs", "continue_final_message"})
    flavour = replace(OLLAMA, owner="somebody", refuses=strict)
    async with serving(flavour) as server, opened(server) as engine:
        assert abilities(engine).opening is Opening.PREFILL
        assert abilities(engine).extras == {}


async def test_the_context_is_the_smaller_of_what_is_told_and_what_is_wanted():
    async with serving(VLLM) as server:
        async with opened(server, context=100) as engine:
            assert engine.context_length == 100
        async with opened(server, context=10_000) as engine:
            assert engine.context_length == CONTEXT
    async with serving(CHAT_ONLY) as server, opened(server, context=3000) as engine:
        assert engine.context_length == 3000


async def refused(*urls: str, **options) -> str:
    """The sentence that opening ends with."""
    options = {"model": MODEL, "patience": HASTE, "timeouts": LIMITS, **options}
    with pytest.raises(ModelUnusable) as caught:
        await Remote.open(urls, **options)
    return str(caught.value)


async def test_without_a_way_to_score_labels_the_start_is_refused():
    async with serving(NOTHING) as server:
        told = await refused(server.url)
    assert told.startswith(f"{server.url} cannot score labels: it tells no log-probabilities")
    assert "constrained choice" in told
    assert "use vLLM" in told


@pytest.mark.parametrize("flavour", [VLLM, LLAMA, CHAT_ONLY])
async def test_a_refused_key_is_told_and_not_tried_again(flavour, caplog):
    async with serving(flavour, key="right") as server:
        told = await refused(server.url, key="wr0ng")
        assert told == f"{server.url} refused the key (401): check the key in the environment"
        assert len(server.keys) <= 1
        async with opened(server, key="right") as engine:
            assert await reply(engine, said("hi")) == ["Hello", " there", "."]
    assert "wr0ng" not in caplog.text


async def test_what_is_no_api_is_asked_about():
    async with serving(VLLM) as server:
        server.always = Fault(html=True)
        told = await refused(server.url)
        assert "is this the address of an OpenAI-compatible API? It usually ends in /v1" in told
        server.always = None
        told = await refused(server.url.removesuffix("/v1") + "/elsewhere")
        assert "It usually ends in /v1" in told


async def test_an_unknown_model_is_told_with_those_there_are_nearest_first():
    async with serving(OLLAMA) as server:
        told = await refused(server.url, model="other3")
        assert told.startswith(f"{server.url} has no model 'other3'; it has other-3, other-")
        assert told.endswith(" and 3 more")
        told = await refused(server.url, model="toi")
        assert "it has toy, " in told


async def test_llama_cpp_serves_its_one_model_under_any_name():
    async with serving(LLAMA) as server:
        engine = await Remote.open([server.url], model="any", patience=HASTE)
        assert engine.model == "any"
        await engine.close()


async def test_a_server_that_is_not_there_is_told_by_its_address(caplog):
    caplog.set_level(logging.DEBUG)
    port = closed_port()
    told = await refused(f"http://ann:s3cret@127.0.0.1:{port}/v1", key="k3y")
    where = f"http://127.0.0.1:{port}/v1"
    assert told == f"no server answers: {where} cannot be reached: is the server running?"
    assert "s3cret" not in caplog.text
    assert "k3y" not in caplog.text


async def test_a_server_that_says_nothing_is_given_up(silent_port):
    told = await refused(f"http://127.0.0.1:{silent_port}/v1", timeouts=Timeouts(first_token=0.05))
    assert told.endswith("gave no answer within 0.05 s")


async def test_without_an_address_the_setting_is_named():
    assert "base_url" in await refused()


async def test_a_password_in_the_address_goes_to_the_server_alone(caplog):
    caplog.set_level(logging.DEBUG)
    async with serving(VLLM) as server:
        server.url = server.url.replace("//", "//ann:s3cret@")
        async with opened(server) as engine:
            await engine.score(said("my dog died"), LABELS)
            assert "s3cret" not in engine.describe()
    assert server.keys[-1].startswith("Basic ")
    assert "s3cret" not in caplog.text
    assert "dog" not in caplog.text


async def test_a_closed_engine_says_so_and_may_be_closed_again():
    async with serving(VLLM) as server, opened(server) as engine:
        await engine.close()
        await engine.close()
        for use in (
            engine.score(said("hi"), LABELS),
            reply(engine, said("hi")),
            engine.count_tokens(["hi"]),
            engine.warm_up([said("hi")]),
        ):
            with pytest.raises(EngineNotReady, match="closed"):
                await use
        await engine.forget("ann")


async def test_closing_ends_what_is_under_way():
    async with serving(VLLM) as server, opened(server) as engine:
        server.faults.append(Fault(stall_later=asyncio.Event()))
        talk = asyncio.create_task(reply(engine, said("hi")))
        await server.started.wait()
        await engine.close()
        with pytest.raises(Exception, match=r"closed|broke"):
            await talk
        await server.left.wait()
