"""Prompts become chat messages, and the opening goes by what the server knows."""

from __future__ import annotations

import pytest

from engine.base import Message, Prompt
from engine.remote.abilities import Abilities, Bias, Choice, Labels, Opening
from engine.remote.chat import chat
from engine.remote.choice import choice_request, chosen

PROMPT = Prompt(
    (
        Message("system", "Be kind."),
        Message("user", "hi"),
        Message("assistant", " Hello!", ("[", "Neutral", "]")),
        Message("user", "my dog \ud800"),
        Message("assistant", "", ("[", "Negative", "]")),
    )
)
CLOSED = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "hi"},
    {"role": "assistant", "content": "[Neutral] Hello!"},
    {"role": "user", "content": "my dog ?"},
]
BEGUN = {"role": "assistant", "content": "[Negative]"}
LABELS = ("good", "bad")


def able(opening: Opening, **more) -> Abilities:
    return Abilities("a server", Labels.CHAT, opening, **more)


def test_an_opening_is_gone_on_with():
    found = chat(PROMPT, able(Opening.CONTINUE))
    assert found.fields == {
        "messages": [*CLOSED, BEGUN],
        "continue_final_message": True,
        "add_generation_prompt": False,
    }
    assert found.returned == ""


def test_an_opening_is_an_assistant_message():
    found = chat(PROMPT, able(Opening.PREFILL, echoes=True), said=" I")
    assert found.fields == {"messages": [*CLOSED, {**BEGUN, "content": "[Negative] I"}]}
    assert found.returned == "[Negative] I"


def test_an_opening_is_asked_for_in_words():
    found = chat(PROMPT, able(Opening.ASKED, extras={"x": 1}))
    *closed, asked = found.fields["messages"]
    assert closed == CLOSED
    assert asked["role"] == "system"
    assert "[Negative]" in asked["content"]
    assert (found.returned, found.fields["x"]) == ("[Negative]", 1)


@pytest.mark.parametrize("opening", [Opening.CONTINUE, Opening.PREFILL, Opening.ASKED])
def test_without_an_opening_the_answer_begins_anew(opening):
    prompt = Prompt((*PROMPT.messages[:-1], Message("assistant", "")))
    assert chat(prompt, able(opening)).fields == {"messages": CLOSED}


def test_system_words_open_the_first_turn_where_there_is_no_such_role():
    messages = chat(PROMPT, able(Opening.PREFILL, folds_system=True)).fields["messages"]
    assert messages[0] == {"role": "user", "content": "Be kind.\n\nhi"}
    assert len(messages) == len(CLOSED)


@pytest.mark.parametrize("choice", [Choice.STRUCTURED, Choice.GUIDED])
def test_a_choice_follows_the_opening(choice):
    request = choice_request("m", PROMPT, LABELS, able(Opening.CONTINUE, choice=choice))
    assert request["messages"] == [*CLOSED, BEGUN]
    assert request.get("guided_choice") or request["structured_outputs"]["choice"] == list(LABELS)
    assert chosen(" bad\n", LABELS, choice) == "bad"
    assert chosen("worse", LABELS, choice) is None


def test_an_object_stands_alone_and_is_asked_for():
    request = choice_request(
        "m", PROMPT, LABELS, able(Opening.PREFILL, choice=Choice.SCHEMA, folds_system=True)
    )
    *_, asked = request["messages"]
    assert BEGUN not in request["messages"]
    assert asked["content"].endswith("The labels are: good, bad.")
    schema = request["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["label"]["enum"] == list(LABELS)
    assert chosen('{"label": "good"}', LABELS, Choice.SCHEMA) == "good"
    for said in ("good", '{"label": "worse"}', "{}", "[]", '{"label": 1}'):
        assert chosen(said, LABELS, Choice.SCHEMA) is None


@pytest.mark.parametrize(
    ("labels", "bias", "exact"),
    [
        (Labels.LLAMA, Bias.NONE, True),
        (Labels.GENERATE, Bias.NONE, True),
        (Labels.TOKENS, Bias.RAW, True),
        (Labels.TOKENS, Bias.NONE, False),
        (Labels.CHAT, Bias.COUNTED, True),
        (Labels.CHAT_TEXT, Bias.RAW, False),
        (Labels.CHOICE, Bias.RAW, False),
    ],
)
def test_exact_means_that_every_label_has_a_probability_of_its_own(labels, bias, exact):
    assert Abilities("a server", labels, Opening.TOKENS, bias=bias).exact is exact
