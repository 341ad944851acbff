"""Labels over sockets: exact against a model whose every probability is known."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace

import pytest

from engine.base import PromptTooLong
from engine.remote.tokens import estimate
from tests.integration.engine import toy_model as toy
from tests.integration.engine.openai_flavours import (
    CHAT_ONLY,
    CONTEXT,
    LLAMA,
    OLLAMA,
    SGLANG,
    VLLM,
)
from tests.integration.engine.openai_server import serving
from tests.integration.engine.remote_talk import ATTACK, LABELS, SHARED, expected, opened, said

EXACT = {
    "vLLM": VLLM,
    "vLLM that tells given tokens": replace(VLLM, told_ids=True),
    "vLLM that counts the bias in": replace(VLLM, bias="counted"),
    "vLLM that tells five tokens": replace(VLLM, most=5),
    "SGLang": SGLANG,
    "SGLang by completions": replace(SGLANG, generate=False),
    "SGLang by chat": replace(SGLANG, generate=False, renders=False),
    "vLLM by chat": replace(VLLM, completions=False),
    "llama.cpp": LLAMA,
    "llama.cpp that keeps its template": replace(LLAMA, shows_template=False),
}
BY_TOKENS = [name for name in EXACT if not name.endswith("by chat")]


@pytest.fixture(params=EXACT)
def flavour(request):
    return EXACT[request.param]


async def test_labels_of_one_and_two_tokens_are_exact(flavour):
    async with serving(flavour) as server, opened(server) as engine:
        scores = await engine.score(said("my dog died"), LABELS)
        assert scores == pytest.approx(expected(), abs=1e-4)
        assert tuple(scores) == LABELS
        assert math.fsum(map(math.exp, scores.values())) == pytest.approx(1)
        assert await engine.score(said("my dog died"), LABELS) == scores


async def test_labels_that_begin_alike_are_exact_too(flavour):
    labels = ("正面", "负面", "负is", "Poster")
    async with serving(flavour) as server, opened(server) as engine:
        scores = await engine.score(said("我不知道"), labels)
        assert scores == pytest.approx(expected(labels), abs=1e-4)


async def test_two_people_at_once_do_not_mix(flavour):
    async with serving(flavour) as server, opened(server, slots=2) as engine:
        prompts = [said(str(n), ("[", "Pos"[: n % 2 * 3]), conversation=str(n)) for n in range(6)]
        found = await asyncio.gather(*(engine.score(p, ["itive", "is"]) for p in prompts))
        for number, scores in enumerate(found):
            after = "Pos" if number % 2 else "["
            assert scores == pytest.approx(expected(["itive", "is"], after), abs=1e-4)


@pytest.mark.parametrize("name", BY_TOKENS)
async def test_control_tokens_that_a_person_types_stay_text(name):
    async with serving(EXACT[name]) as server, opened(server) as engine:
        await engine.score(said(ATTACK), LABELS)
        await engine.score(said("hello"), LABELS)
        attacked, harmless = server.prompts[0], server.prompts[-1]
        control = (toy.START, toy.END)
        assert [t for t in attacked if t in control] == [t for t in harmless if t in control]
        assert toy.detokenize(attacked).count(ATTACK) == 1


@pytest.mark.parametrize("name", BY_TOKENS)
async def test_the_prompt_is_the_templates_and_a_longer_one_begins_with_it(name):
    async with serving(EXACT[name]) as server, opened(server) as engine:
        await engine.score(said("hello"), LABELS)
        label = server.prompts[0]
        assert toy.detokenize(label) == (
            "<|im_start|>system\nbe kind<|im_end|>\n<|im_start|>user\none two<|im_end|>\n"
            "<|im_start|>assistant\n[Neutral] is it<|im_end|>\n<|im_start|>user\nhello<|im_end|>\n"
            "<|im_start|>assistant\n["
        )
        await engine.score(said("hello", ("[", "Negative", "]")), LABELS)
        assert server.prompts[-1][: len(label)] == label


async def test_texts_are_tokenised_once():
    async with serving(VLLM) as server, opened(server) as engine:
        await engine.score(said("hello"), LABELS)
        server.requests.clear()
        await engine.score(said("hello", conversation="bob"), LABELS)
        assert server.asked("/tokenize") == []


async def test_a_server_that_tells_given_tokens_is_asked_once_a_place():
    async with serving(replace(VLLM, told_ids=True)) as server, opened(server) as engine:
        await engine.score(said("hello"), LABELS)
        assert len(server.asked("/v1/completions")) == 3  # [, [Pos and [Neg


def characters() -> list[str]:
    """Labels of one character, the likeliest after a bracket first."""
    after = toy.after(toy.tokenize("[", special=False)[0])
    order = [toy.detokenize([token]) for token in toy.likely(after, toy.SIZE)]
    return [name for name in order if name in toy.CHARACTERS]


async def test_the_most_probable_labels_are_exact_without_token_ids():
    likeliest = characters()[:3]
    async with serving(OLLAMA) as server, opened(server) as engine:
        assert await engine.score(said("hi"), likeliest) == pytest.approx(expected(likeliest))
        (request,) = server.asked("/v1/chat/completions")
        assert request["messages"][-1] == {"role": "assistant", "content": "["}
        assert not {"logit_bias", "logprob_token_ids"} & set(request)


async def test_a_label_that_is_not_told_comes_after_those_that_are():
    told, *_, untold = characters()
    async with serving(OLLAMA) as server, opened(server) as engine:
        scores = await engine.score(said("hi"), [untold, told])
        assert scores[told] > scores[untold]
        assert math.fsum(map(math.exp, scores.values())) == pytest.approx(1)


async def test_a_choice_has_no_probabilities_and_says_so():
    async with serving(CHAT_ONLY) as server, opened(server) as engine:
        scores = await engine.score(said("hi"), LABELS)
        assert max(scores, key=scores.__getitem__) == "Negative"  # this server takes the last
        assert math.exp(scores["Negative"]) == pytest.approx(0.96)
        assert not engine.exact


async def test_a_label_that_begins_another_is_refused():
    for flavour in (VLLM, OLLAMA):
        async with serving(flavour) as server, opened(server) as engine:
            with pytest.raises(ValueError, match="'is' begins the label 'is is'"):
                await engine.score(said("hm"), ["one", "is", "is is"])


async def test_a_prompt_that_does_not_fit_is_refused_with_both_numbers(flavour):
    async with serving(flavour) as server, opened(server) as engine:
        with pytest.raises(PromptTooLong) as refused:
            await engine.score(said("x" * CONTEXT), LABELS)
        assert refused.value.limit == CONTEXT
        assert refused.value.tokens > CONTEXT
        assert await engine.score(said("x"), LABELS)


async def test_tokens_are_counted_by_the_server_where_it_can():
    texts = ["Positive", "", ATTACK, "负面 ", "Positive"]
    for flavour in (VLLM, LLAMA):
        async with serving(flavour) as server, opened(server) as engine:
            counts = await engine.count_tokens(texts)
            plain = [len(toy.tokenize(text, special=False)) for text in texts]
            assert counts == plain
            assert await engine.count_tokens([]) == []
    async with serving(OLLAMA) as server, opened(server) as engine:
        assert await engine.count_tokens(texts) == [estimate(text) for text in texts]


@pytest.mark.parametrize("name", BY_TOKENS)
async def test_warming_up_reads_the_shared_part_alone(name):
    async with serving(EXACT[name]) as server, opened(server) as engine:
        await engine.warm_up([said("x"), said("y")])
        read = [toy.detokenize(prompt) for prompt in server.prompts]
        assert len(read) == 2
        assert all(SHARED[-1].content in text and "x" not in text for text in read)
        await engine.score(said("x"), LABELS)
        assert toy.detokenize(server.prompts[-1]).startswith(read[0])


async def test_warming_up_a_chat_server_asks_for_one_token():
    async with serving(OLLAMA) as server, opened(server) as engine:
        await engine.warm_up([said("x")])
        (request,) = server.asked("/v1/chat/completions")
        assert request["max_tokens"] == 1


async def test_forgetting_erases_the_slot_that_llama_cpp_told():
    async with serving(replace(LLAMA, slots=True)) as server, opened(server) as engine:
        await engine.score(said("hi"), LABELS)
        await engine.forget("bob")
        assert server.erased == []
        await engine.forget("ann")
        await engine.forget("ann")
        assert server.erased == [1]
        server.requests.clear()
        await engine.score(said("hi"), LABELS)
        assert server.asked("/tokenize")  # nothing is left here either


async def test_forgetting_where_slots_can_not_be_erased_is_no_error():
    for flavour in (LLAMA, VLLM):
        async with serving(flavour) as server, opened(server) as engine:
            await engine.score(said("hi"), LABELS)
            await engine.forget("ann")
