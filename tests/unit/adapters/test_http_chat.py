"""POST /chat without a socket: what comes back for what the handler says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.messages import Accepted, Text, Waiting
from tests.unit.adapters.fake import (
    ANSWER,
    CARD,
    DONE,
    FILE,
    FIXED,
    GLAD,
    SAD,
    ScriptedHandler,
    notice,
)
from tests.unit.adapters.http_client import client_of


async def chat(handler: ScriptedHandler, **body: object):
    async with client_of(handler) as client:
        return await client.post("/chat", json={"input": "hello"} | body)


def events_of(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


CARD_JSON = {
    "text": "May I?",
    "buttons": [
        {"label": "Yes", "command": "/memory on"},
        {"label": "No", "command": "/memory off"},
        {"label": "Later", "command": "/help"},
    ],
}
FILE_JSON = {
    "name": "all.json",
    "media_type": "application/json",
    "encoding": "utf-8",
    "content": '{"词": 1}',
}


async def test_an_answer_has_the_published_keys_and_what_warmline_knows():
    response = await chat(ScriptedHandler(*ANSWER))
    assert response.status_code == 200
    assert response.json() == {
        "sentiment": "负面",
        "reply": "I'm so sorry.",
        "label": "negative",
        "probabilities": {"positive": 0.08, "negative": 0.92},
        "valence": -0.84,
        "language": "en",
        "model": "fake-1b",
        "timings": {"label_ms": 10.0, "first_token_ms": 20.0, "total_ms": 30.0},
    }
    assert "负面".encode() in response.content
    assert response.headers["cache-control"] == "no-store"


async def test_a_glad_message_is_positive():
    response = await chat(ScriptedHandler(GLAD, Text("Nice!"), DONE))
    assert response.json()["sentiment"] == "正面"


async def test_an_answer_given_before_claims_no_sentiment():
    body = (await chat(ScriptedHandler(Text("As I said."), DONE), user="mei")).json()
    assert (body["sentiment"], body["label"], body["valence"]) == (None, None, None)
    assert body["reply"] == "As I said."


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("empty", 400),
        ("not_text", 400),
        ("refused", 403),
        ("duplicate", 409),
        ("stale", 410),
        ("too_long", 413),
        ("limited", 429),
        ("failed", 500),
        ("busy", 503),
        ("loading", 503),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_notice_of_a_failure_becomes_its_status(code, status, stream):
    response = await chat(ScriptedHandler(*notice(code)), stream=stream)
    assert response.status_code == status
    assert response.json() == {"error": {"code": code, "message": "A sentence."}}
    assert response.headers.get("retry-after") == {429: "60", 503: "5"}.get(status)


@pytest.mark.parametrize("code", ["command", "forgotten", "stopped", "one_of_a_later_version"])
async def test_a_notice_that_answers_is_the_reply(code):
    response = await chat(ScriptedHandler(*notice(code)), user="mei")
    assert response.status_code == 200
    body = response.json()
    assert body["notice"] == {"code": code, "text": "A sentence."}
    assert (body["sentiment"], body["reply"]) == (None, "A sentence.")


async def test_a_card_after_a_reply_stands_beside_it():
    body = (await chat(ScriptedHandler(*ANSWER[:-1], CARD, DONE), user="mei")).json()
    assert (body["reply"], body["card"]) == ("I'm so sorry.", CARD_JSON)


async def test_a_card_alone_is_also_the_reply():
    body = (await chat(ScriptedHandler(CARD, DONE), user="mei")).json()
    assert (body["sentiment"], body["reply"], body["card"]) == (None, "May I?", CARD_JSON)


async def test_files_come_with_their_text():
    body = (await chat(ScriptedHandler(FILE, DONE), user="mei")).json()
    assert (body["reply"], body["files"]) == ("All of it.", [FILE_JSON])


async def test_who_is_waited_for_is_not_told_in_a_whole_answer():
    patient = ScriptedHandler(Accepted(), Waiting("Two before you."), *ANSWER)
    assert (await chat(patient)).json() == (await chat(ScriptedHandler(*ANSWER))).json()


@pytest.mark.parametrize("script", [(RuntimeError("my words"),), (SAD, Text("half"))])
async def test_a_handler_that_breaks_is_a_500_and_the_log_holds_no_words(script, caplog):
    response = await chat(ScriptedHandler(*script))
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "failed"
    assert "a chat request failed" in caplog.text
    assert "my words" not in caplog.text + response.text


async def test_an_answer_that_is_no_json_is_a_500(caplog):
    bad = type(SAD)("negative", {"negative": float("nan")}, -1.0, "en", "fake")
    assert (await chat(ScriptedHandler(bad, Text("x"), DONE))).status_code == 500


@pytest.mark.parametrize("stream", [False, True])
async def test_lone_surrogates_reach_the_handler_and_the_answer_is_valid_utf_8(stream):
    handler = ScriptedHandler(Text("a\ud800b😀"), FIXED, DONE)
    async with client_of(handler) as client:
        response = await client.post(
            "/chat",
            content=json.dumps({"input": "\ud800", "stream": stream}),
            headers={"content-type": "application/json"},
        )
    assert handler.messages[0].text == "\ud800"
    assert "a\ufffdb😀" in response.content.decode("utf-8")


async def test_a_stream_shows_the_label_the_pieces_and_the_end():
    response = await chat(ScriptedHandler(*ANSWER), stream=True)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-accel-buffering"] == "no"
    (first, label), *pieces, (last, done) = events_of(response.text)
    assert (first, label["sentiment"], label["label"]) == ("label", "负面", "negative")
    assert pieces == [("text", {"delta": "I'm "}), ("text", {"delta": "so sorry."})]
    assert (last, done) == ("done", {"reply": "I'm so sorry.", "timings": dict(DONE.timings)})


async def test_a_fixed_reply_streams_its_text_before_its_label():
    response = await chat(ScriptedHandler(Text("An AI."), FIXED, DONE), stream=True)
    events = events_of(response.text)
    assert [name for name, _ in events] == ["text", "label", "done"]
    assert events[1][1]["sentiment"] == "负面"


async def test_a_stream_of_a_notice_that_answers():
    response = await chat(ScriptedHandler(*notice("command")), stream=True)
    assert events_of(response.text) == [
        ("notice", {"code": "command", "text": "A sentence."}),
        ("done", {"reply": "A sentence.", "timings": dict(DONE.timings)}),
    ]


async def test_a_stream_tells_who_is_waited_for_and_shows_the_card_after_the_reply():
    handler = ScriptedHandler(Accepted(), Waiting("Two before you."), *ANSWER[:-1], CARD, DONE)
    events = events_of((await chat(handler, stream=True)).text)
    assert [name for name, _ in events] == ["waiting", "label", "text", "text", "card", "done"]
    assert events[0][1] == {"text": "Two before you."}
    assert events[-2][1] == CARD_JSON
    assert events[-1][1]["reply"] == "I'm so sorry."


async def test_a_stream_of_a_card_and_a_file_ends_with_their_words():
    events = events_of((await chat(ScriptedHandler(CARD, FILE, DONE), stream=True)).text)
    assert events[:2] == [("card", CARD_JSON), ("file", FILE_JSON)]
    assert events[2] == ("done", {"reply": "May I?\n\nAll of it.", "timings": dict(DONE.timings)})


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        ((RuntimeError("my words"),), "failed"),
        ((), "failed"),
        (notice("failed", "It broke."), "failed"),
        (notice("busy"), "busy"),
    ],
)
async def test_a_stream_that_breaks_ends_with_an_error_event(broken, error):
    response = await chat(ScriptedHandler(SAD, Text("I'm "), *broken), stream=True)
    assert response.status_code == 200
    events = events_of(response.text)
    assert [name for name, _ in events] == ["label", "text", "error"]
    assert events[-1][1]["code"] == error
    assert "my words" not in response.text


async def test_a_stream_that_breaks_before_its_first_event_is_a_plain_error():
    response = await chat(ScriptedHandler(RuntimeError("my words")), stream=True)
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "failed"
