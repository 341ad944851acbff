"""The HTTP interface described for programs: an OpenAPI 3.1 document, written by hand.

Knows: what `http_app` routes and `http_schema` accepts and answers; a test holds them together.
Does not know: how any of it works.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.http_schema import MAX_HISTORY_PAIRS, MAX_NAME_CHARACTERS

Json = dict[str, Any]


def openapi_document(
    version: str, binary_labels: Mapping[str, str], *, token_required: bool
) -> Json:
    """The document for this server. It asks for the bearer token only where the server does."""
    document: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "Warmline",
            "version": version,
            "summary": "A companion that feels, answers and remembers.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/": {"get": _get("about", "Where to find what", "#/components/schemas/About")},
            "/healthz": {"get": _health()},
            "/openapi.json": {"get": _get("openapi", "This document", None)},
            "/chat": {"post": _chat()},
        },
        "components": {"schemas": _schemas([binary_labels["positive"], binary_labels["negative"]])},
    }
    if token_required:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"token": []}]
        document["paths"]["/healthz"]["get"]["security"] = []
        for path in ("/", "/openapi.json", "/chat"):
            for operation in document["paths"][path].values():
                operation["responses"]["401"] = _error("The token is missing or wrong.")
    return document


def _get(operation_id: str, summary: str, schema: str | None) -> Json:
    body: Json = {"$ref": schema} if schema else {"type": "object"}
    return {
        "operationId": operation_id,
        "summary": summary,
        "responses": {"200": _json("OK", body), "400": _error("The Host is not trusted.")},
    }


def _health() -> Json:
    body = {"$ref": "#/components/schemas/Health"}
    return {
        "operationId": "healthz",
        "summary": "Whether the model is ready. Never needs the token.",
        "responses": {
            "200": _json("Ready", body),
            "400": _error("The Host is not trusted."),
            "503": _json("Loading or broken", body),
        },
    }


def _chat() -> Json:
    return {
        "operationId": "chat",
        "summary": "Say something, and get the companion's answer",
        "description": (
            "Without `user` nothing is remembered: send the `history` yourself. With `user` the "
            "server remembers, and commands work as in any chat: `/mood` as the input tells that "
            "user's trend, `/memory on` lets their moods be stored, `/export` gives all that is "
            "stored of them, `/forget` asks and `/forget everything` erases it. Unknown keys are "
            "ignored; null is the same as leaving a key out."
        ),
        "parameters": [
            {
                "name": "Accept-Language",
                "in": "header",
                "required": False,
                "description": "Its first language is used where the text itself does not tell.",
                "schema": {"type": "string"},
            }
        ],
        "requestBody": {
            "required": True,
            "description": "At most 1 MB of UTF-8.",
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/ChatRequest"},
                    "examples": {
                        "stateless": {
                            "value": {"input": "I slept badly", "history": [["hi", "hello"]]}
                        },
                        "remembered": {"value": {"input": "I slept badly", "user": "mei"}},
                    },
                }
            },
        },
        "responses": {
            "200": {
                "description": "The answer, whole, or with `stream` as server-sent events.",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/ChatAnswer"}},
                    "text/event-stream": {"schema": {"type": "string", "description": _EVENTS}},
                },
            },
            "400": _error("The request cannot be understood, or its input is blank."),
            "403": _error("This person may not talk here."),
            "408": _error("The body came too slowly."),
            "409": _error("This `message_id` of this user is being answered already."),
            "410": _error("This `message_id` came long ago and stayed unanswered: send it anew."),
            "413": _error("The body or the input is too long."),
            "415": _error("The body is not declared as application/json."),
            "429": _error("This user has written too much.", retry=True),
            "500": _error("The answer failed."),
            "503": _error("Busy, still loading or stopping.", retry=True),
        },
    }


_EVENTS = (
    "Each event has a name and JSON data. `waiting` ({text}: others come first; a later one "
    "replaces it), `label` (sentiment, label, probabilities, valence, "
    "language, model; before the reply, or after one that is fixed and written by people, or not "
    "at all where nothing was scored), `text` ({delta}: the next piece of the reply), `notice` "
    "({code, text}: an answer to a command), `card` (a Card: a question, also after a reply), "
    "`file` (a File), `done` ({reply, timings}: the whole reply; the last "
    "event of a good answer), `error` ({code, message}: the last event of a failed one)."
)


def _json(description: str, schema: Json) -> Json:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _error(description: str, *, retry: bool = False) -> Json:
    response = _json(description, {"$ref": "#/components/schemas/Error"})
    if retry:
        response["headers"] = {
            "Retry-After": {
                "description": "Seconds to wait before trying again.",
                "schema": {"type": "integer"},
            }
        }
    return response


def _object(required: list[str], properties: Json, **more: Any) -> Json:
    return {"type": "object", "required": required, "properties": properties, **more}


def _schemas(sentiments: list[str]) -> Json:
    text: Json = {"type": "string"}
    number: Json = {"type": "number"}
    name: Json = {"type": ["string", "null"], "minLength": 1, "maxLength": MAX_NAME_CHARACTERS}
    pair: Json = {"type": "array", "items": text, "minItems": 2, "maxItems": 2}
    notice = _object(["code", "text"], {"code": text, "text": text})
    button = _object(["label", "command"], {"label": text, "command": text})
    return {
        "About": _object(
            ["name", "version", "openapi", "chat"],
            {"name": text, "version": text, "openapi": text, "chat": text},
        ),
        "Health": _object(
            ["status", "detail"],
            {"status": {"enum": ["loading", "ready", "broken"]}, "detail": text},
        ),
        "ChatRequest": _object(
            ["input"],
            {
                "input": {**text, "description": "What the person says."},
                "history": {
                    "type": ["array", "null"],
                    "items": pair,
                    "maxItems": MAX_HISTORY_PAIRS,
                    "description": "Earlier [user, assistant] pairs, oldest first. Not with user.",
                },
                "user": {**name, "description": "Who speaks; the server remembers them."},
                "message_id": {
                    **name,
                    "description": "Unique for each message of a user: makes a retry harmless.",
                },
                "stream": {"type": ["boolean", "null"], "default": False},
            },
        ),
        "ChatAnswer": _object(
            ["sentiment", "reply"],
            {
                "sentiment": {
                    "enum": [*sentiments, None],
                    "description": "By the sign of valence; null where nothing was scored: for "
                    "a notice, or for a message_id that was answered before.",
                },
                "reply": {
                    **text,
                    "description": "The companion's words; without any, what `notice` or `card` "
                    "says. Empty where it was stopped before its first word.",
                },
                "label": {"type": ["string", "null"]},
                "probabilities": {
                    "type": "object",
                    "additionalProperties": {**number, "minimum": 0, "maximum": 1},
                },
                "valence": {"type": ["number", "null"], "minimum": -1, "maximum": 1},
                "language": {"type": ["string", "null"]},
                "model": {"type": ["string", "null"]},
                "timings": {
                    "type": "object",
                    "additionalProperties": number,
                    "description": "Milliseconds: label_ms, first_token_ms, total_ms.",
                },
                "notice": {
                    **notice,
                    "description": "Only where Warmline itself says something.",
                },
                "card": {"$ref": "#/components/schemas/Card"},
                "files": {"type": "array", "items": {"$ref": "#/components/schemas/File"}},
            },
        ),
        "Card": _object(
            ["text", "buttons"],
            {"text": text, "buttons": {"type": "array", "items": button}},
            description="A question. Pressing a button sends its command as the next input.",
        ),
        "File": _object(
            ["name", "media_type", "encoding", "content"],
            {
                "name": text,
                "media_type": text,
                "encoding": {"enum": ["utf-8", "base64"]},
                "content": text,
            },
            description="A file for the person alone; its content as its encoding says.",
        ),
        "Error": _object(
            ["error"], {"error": _object(["code", "message"], {"code": text, "message": text})}
        ),
    }
