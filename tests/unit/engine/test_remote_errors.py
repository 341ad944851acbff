"""A server's refusals are told in our words, without a word of anybody's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.base import PromptTooLong
from engine.remote.errors import KeyRefused, Refused, Unanswered, failure, failure_in_stream

URL = "http://host/v1"
SECRET = "my dog died"


def body(**error: Any) -> bytes:
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_what_may_be_better_later_is_unanswered(status):
    error = failure(URL, status, b"", after=3.0)
    assert isinstance(error, Unanswered)
    assert (error.again, error.after, error.status) == (True, 3.0, status)
    assert str(status) in str(error)


@pytest.mark.parametrize("status", [301, 400, 404, 405, 409, 413, 422, 501])
def test_what_will_not_be_better_is_refused(status):
    error = failure(URL, status, b"<html>")
    assert isinstance(error, Refused)
    assert error.status == status


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_says_what_to_do(status):
    error = failure(URL, status, body(message=SECRET))
    assert isinstance(error, KeyRefused)
    assert str(error) == f"{URL} refused the key ({status}): check the key in the environment"
    assert not error.again


@pytest.mark.parametrize("status", [400, 401, 404, 422, 429, 500, 503])
@pytest.mark.parametrize(
    "error",
    [
        {"message": SECRET},
        {"message": SECRET, "type": f"invalid: {SECRET}"},
        {"message": SECRET, "code": SECRET},
        {"type": [SECRET]},
    ],
)
def test_no_words_of_a_server_come_through(status, error):
    assert SECRET not in str(failure(URL, status, body(**error)))
    assert SECRET not in str(failure_in_stream(URL, {"error": error}))


def test_a_short_name_does_come_through():
    said = str(failure(URL, 400, body(type="invalid_request_error")))
    assert said == f"{URL} refused the request (400, invalid_request_error)"


def test_a_loading_server_says_so():
    error = failure(URL, 503, body(type="unavailable_error", message="Loading model"))
    assert str(error) == f"{URL} is still loading its model"


@pytest.mark.parametrize(
    "answer",
    [
        body(type="exceed_context_size_error", n_prompt_tokens=900, n_ctx=512),
        body(message="This model's maximum context length is 512 tokens, you requested 900."),
        b'{"object":"error","message":"maximum context length is 512 tokens, got 900","code":400}',
        body(code="context_length_exceeded", message="512 at most, 900 are too many"),
    ],
)
def test_a_prompt_that_is_too_long_is_told_with_both_numbers(answer):
    error = failure(URL, 400, answer)
    assert isinstance(error, PromptTooLong)
    assert (error.tokens, error.limit) == (900, 512)


@pytest.mark.parametrize("answer", [b"", b"[]", b'"no"', b'{"error":"no"}', b"\xff"])
def test_a_body_of_any_form_is_taken(answer):
    assert str(failure(URL, 400, answer)) == f"{URL} refused the request (400)"


def test_an_error_in_a_stream_is_told_apart():
    assert failure_in_stream(URL, {"choices": []}) is None
    assert isinstance(failure_in_stream(URL, {"error": {"code": 500}}), Unanswered)
    assert isinstance(failure_in_stream(URL, {"error": "out of memory"}), Unanswered)
    assert isinstance(failure_in_stream(URL, {"error": {"code": 400}}), Refused)
    assert isinstance(failure_in_stream(URL, {"object": "error", "code": 400}), Refused)
    too_long = {"code": 400, "type": "exceed_context_size_error", "n_prompt_tokens": 9, "n_ctx": 5}
    assert isinstance(failure_in_stream(URL, {"error": too_long}), PromptTooLong)
