"""A request's JSON as a message, and every way in which it can be wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http_json import ApiError
from adapters.http_schema import first_language, parse_chat, sentiment
from adapters.messages import Person, Scope

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LABELS = {"positive": "正面", "negative": "负面"}


def test_without_a_user_nothing_is_remembered_and_the_history_is_the_clients():
    body = {"input": "hello", "history": [["hi", "hey"], ["so", "yes?"]]}
    message = parse_chat(body, "zh", NOW).message
    assert not message.remember
    assert message.history == (("hi", "hey"), ("so", "yes?"))
    assert (message.text, message.locale, message.sent_at) == ("hello", "zh", NOW)


def test_without_a_user_every_request_is_a_stranger():
    one, two = (parse_chat({"input": "hello"}, "", NOW).message for _ in range(2))
    assert one.person != two.person
    assert one.scope != two.scope


def test_a_user_is_remembered_under_the_name_given():
    body = {"input": "hello", "user": "mei", "message_id": "m1"}
    message = parse_chat(body, "", NOW).message
    assert message.remember
    assert message.person == Person("http", "mei")
    assert message.scope == Scope("http", "mei")
    assert message.message_id == "m1"
    assert message.history == ()


def test_without_a_message_id_each_message_gets_its_own():
    one, two = (parse_chat({"input": "a", "user": "mei"}, "", NOW).message for _ in range(2))
    assert one.message_id != two.message_id


def test_null_is_the_same_as_leaving_a_key_out_and_unknown_keys_are_ignored():
    body = {"input": "", "history": None, "user": None, "message_id": None, "stream": None, "x": 1}
    asked = parse_chat(body, "", NOW)
    assert not asked.stream
    assert not asked.message.remember


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({}, "input must be given, and be a string"),
        ({"input": None}, "input must be given, and be a string"),
        ({"input": ["hi"]}, "input must be given, and be a string"),
        (
            {"input": "a", "user": "mei", "history": []},
            "history cannot be given with user: with a user the server remembers",
        ),
        ({"input": "a", "user": ""}, "user must be a string of 1 to 200 characters"),
        ({"input": "a", "user": "x" * 201}, "user must be a string of 1 to 200 characters"),
        ({"input": "a", "user": 7}, "user must be a string of 1 to 200 characters"),
        ({"input": "a", "user": "a\0"}, "user must hold printable characters only"),
        ({"input": "a", "user": "\ud800"}, "user must hold printable characters only"),
        ({"input": "a", "message_id": 7}, "message_id must be a string of 1 to 200 characters"),
        ({"input": "a", "stream": "yes"}, "stream must be true or false"),
        ({"input": "a", "stream": 1}, "stream must be true or false"),
        ({"input": "a", "history": "hi"}, "history must be a list of [user, assistant] pairs"),
        ({"input": "a", "history": {}}, "history must be a list of [user, assistant] pairs"),
        (
            {"input": "a", "history": [["a", "b"], ["a"]]},
            "history[1] must be a pair of strings: [user, assistant]",
        ),
        (
            {"input": "a", "history": ["ab"]},
            "history[0] must be a pair of strings: [user, assistant]",
        ),
        (
            {"input": "a", "history": [["a", None]]},
            "history[0] must be a pair of strings: [user, assistant]",
        ),
        (
            {"input": "a", "history": [["a", "b"]] * 1001},
            "history must hold at most 1,000 pairs; send the last ones",
        ),
    ],
)
def test_each_mistake_gets_a_sentence_that_names_it(body, sentence):
    with pytest.raises(ApiError) as caught:
        parse_chat(body, "", NOW)
    assert (caught.value.status, caught.value.message) == (400, sentence)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["input", "history", "user", "message_id", "stream", "other"])


@given(st.dictionaries(KEYS, JSON))
def test_any_object_is_a_message_or_a_clear_error(body):
    try:
        answer: object = parse_chat(body, "", NOW).message.text
    except ApiError as error:
        answer = error.status
    assert answer in (body.get("input"), 400)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9", "zh-CN"),
        ("en;q=0.5", "en"),
        ("*", ""),
        ("", ""),
        ("x" * 99, ""),
        ("<b>", ""),
    ],
)
def test_the_first_language_of_the_header(header, language):
    assert first_language(header) == language


@pytest.mark.parametrize(
    ("valence", "word"), [(0.5, "正面"), (0.0, "正面"), (-0.01, "负面"), (None, None)]
)
def test_the_sentiment_is_the_sign_of_the_valence(valence, word):
    assert sentiment(valence, LABELS) == word
