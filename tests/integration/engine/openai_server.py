"""An OpenAI-compatible server over a real socket, for `engine.remote`, round a toy model.

A `Flavour` says whose habits it has: vLLM, SGLang, llama.cpp, Ollama, or chat alone. A `Fault` in
`faults` spoils the next request for words (completions, chat, generate).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.integration.engine import toy_model as toy
from tests.integration.engine.openai_answers import chunk, error, line, too_long, whole
from tests.integration.engine.openai_flavours import CONTEXT, MODEL, TEMPLATE, VLLM, Fault, Flavour


class OpenAIServer:
    """The server's inside: what it was asked, and what it is to do next."""

    def __init__(self, flavour: Flavour, key: str | None) -> None:
        self.flavour = flavour
        self.key = key
        self.url = ""
        self.faults: deque[Fault] = deque()
        self.always: Fault | None = None
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.prompts: list[list[int]] = []
        self.keys: list[str] = []
        self.reply: Sequence[str] = ("Hello", " there", ".")
        self.lines: Sequence[bytes] | None = None
        self.finish: str | None = "stop"
        self.done = True
        self.erased: list[int] = []
        self.started = asyncio.Event()
        self.left = asyncio.Event()
        self.transports: dict[tuple[str, int], asyncio.Transport] = {}
        self.connections = 0

    def asked(self, path: str) -> list[dict[str, Any]]:
        """The bodies that came to a path."""
        return [body for at, body in self.requests if at == path]

    def app(self) -> Starlette:
        routes = {
            "/v1/models": self._models,
            "/v1/completions": self._words,
            "/v1/chat/completions": self._words,
            "/completion": self._words,
            "/generate": self._words,
            "/props": self._props,
            "/tokenize": self._tokenize,
            "/detokenize": self._detokenize,
            "/apply-template": self._apply_template,
            "/slots/{slot:int}": self._slot,
            "/api/ps": self._running,
        }
        return Starlette(
            routes=[Route(path, call, methods=["GET", "POST"]) for path, call in routes.items()]
        )

    async def _models(self, request: Request) -> Response:
        if self.always and self.always.html:
            return HTMLResponse("<h1>It works!</h1>")
        if not self._may(request) and not self.flavour.props:  # llama.cpp shows it to anybody
            return error(401)
        card = {"id": MODEL, "object": "model", "owned_by": self.flavour.owner}
        if self.flavour.max_model_len:
            card["max_model_len"] = self.flavour.max_model_len  # type: ignore[assignment]
        others = [{"id": f"other-{n}", "object": "model"} for n in range(self.flavour.running * 7)]
        return JSONResponse({"object": "list", "data": [card, *others]})

    async def _running(self, request: Request) -> Response:
        if not self.flavour.running:
            return error(404)
        return JSONResponse({"models": [{"name": MODEL, "context_length": 384}]})

    async def _props(self, request: Request) -> Response:
        if not self.flavour.props:
            return error(404)
        if not self._may(request):
            return error(401)
        return JSONResponse(
            {
                "default_generation_settings": {"n_ctx": CONTEXT},
                "total_slots": 2,
                "chat_template": TEMPLATE if self.flavour.shows_template else "",
                "bos_token": "",
                "eos_token": "<|im_end|>",
            }
        )

    async def _tokenize(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append(("/tokenize", body))
        if not self.flavour.tokens:
            return error(404)
        if self.flavour.tokens == "llama":
            ids = toy.tokenize(body["content"], special=body.get("parse_special", True))
            return JSONResponse({"tokens": ids})
        if "messages" not in body:
            ids = toy.tokenize(body["prompt"], special=True)
        elif self.flavour.renders and self._accepts(body["messages"]):
            ids = toy.tokenize(self._render(body), special=True)
        else:
            return error(400)
        return JSONResponse({"tokens": ids, "count": len(ids), "max_model_len": CONTEXT})

    async def _detokenize(self, request: Request) -> Response:
        body = await request.json()
        name = {"llama": "content", "huggingface": "prompt"}.get(self.flavour.tokens)
        if not name:
            return error(404)
        special = (toy.START, toy.END) if self.flavour.drops_special else ()
        ids = [token for token in body["tokens"] if token not in special]
        return JSONResponse({name: toy.detokenize(ids)})

    async def _apply_template(self, request: Request) -> Response:
        if not self.flavour.props:
            return error(404)
        return JSONResponse({"prompt": self._render(await request.json())})

    async def _slot(self, request: Request) -> Response:
        if not self.flavour.slots:
            return error(501)
        if request.query_params["action"] != "erase":
            return error(400)
        self.erased.append(request.path_params["slot"])
        return JSONResponse({"id_slot": request.path_params["slot"], "n_erased": 1})

    async def _words(self, request: Request) -> Response:
        path = request.url.path
        body = await request.json()
        self.requests.append((path, body))
        self.keys.append(request.headers.get("Authorization", ""))
        fault = self.faults.popleft() if self.faults else self.always or Fault()
        if fault.drop == "headers":
            self._drop(request)
            await asyncio.sleep(60)
        if fault.drop == "body":
            return StreamingResponse(self._half(request), media_type="application/json")
        if fault.html:
            return HTMLResponse("<h1>It works!</h1>")
        if fault.status:
            return JSONResponse(fault.body, fault.status, dict(fault.headers))
        refusal = self._refusal(request, path, body)
        if refusal is not None:
            return refusal
        ids = self._prompt(path, body)
        self.prompts.append(ids)
        if len(ids) >= CONTEXT:
            return too_long(self.flavour, len(ids))
        if body.get("stream"):
            return StreamingResponse(
                self._stream(request, path, fault), media_type="text/event-stream"
            )
        if fault.stall:
            await fault.stall.wait()
        return JSONResponse(whole(self.flavour, path, body, ids))

    def _may(self, request: Request) -> bool:
        return self.key is None or request.headers.get("Authorization") == f"Bearer {self.key}"

    def _refusal(self, request: Request, path: str, body: Mapping[str, Any]) -> Response | None:
        own = self.flavour
        there = {
            "/v1/completions": own.completions,
            "/v1/chat/completions": own.chat,
            "/completion": own.props,
            "/generate": own.generate,
        }
        if not self._may(request):
            return error(401)
        if not there[path]:
            return error(404)
        if own.refuses & set(body) or not self._accepts(body.get("messages", [])):
            return error(400, "unknown_field")
        if body.get("continue_final_message") and body.get("add_generation_prompt", True):
            return error(400)
        if max(body.get("top_logprobs", 0), int(body.get("logprobs") or 0)) > own.most:
            return error(400)
        return None

    def _accepts(self, messages: Sequence[Mapping[str, str]]) -> bool:
        return self.flavour.system or all(message["role"] != "system" for message in messages)

    def _render(self, body: Mapping[str, Any]) -> str:
        messages = list(body["messages"])
        opened = ""
        wanted = self.flavour.opens == "prefill" or (
            self.flavour.opens == "continue" and body.get("continue_final_message")
        )
        if wanted and messages and messages[-1]["role"] == "assistant":
            opened = messages.pop()["content"]
        chat = "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)
        return f"{chat}<|im_start|>assistant\n{opened}"

    def _prompt(self, path: str, body: Mapping[str, Any]) -> list[int]:
        if path == "/v1/chat/completions":
            return toy.tokenize(self._render(body), special=True)
        return list(body["input_ids"] if path == "/generate" else body["prompt"])

    async def _stream(
        self, request: Request, path: str, fault: Fault
    ) -> AsyncGenerator[bytes, None]:
        ended = False
        try:
            if fault.drop == "stream":
                self._drop(request)
                await asyncio.sleep(60)
            if fault.error is not None:
                yield line(fault.error)
                return
            if self.lines is not None:
                for raw in self.lines:
                    yield raw
                ended = True
                return
            yield b": keep-alive\n\n"
            if fault.stall:
                self.started.set()
                await fault.stall.wait()
            for number, piece in enumerate(self.reply):
                if number == 1:
                    if fault.drop == "token":
                        self._drop(request)
                        await asyncio.sleep(60)
                    if fault.drop == "within":
                        yield line(chunk(path, "é"))[:-6].partition("é".encode())[0] + b"\xc3"
                        self._drop(request)
                        await asyncio.sleep(60)
                    if fault.error_later is not None:
                        yield line(fault.error_later)
                        return
                    if fault.stall_later:
                        self.started.set()
                        await fault.stall_later.wait()
                yield line(chunk(path, piece))
            if self.finish is not None:
                yield line(chunk(path, "", self.finish))
            if self.done:
                yield b"data: [DONE]\n\n"
            ended = True
        finally:
            if not ended:
                self.left.set()

    async def _half(self, request: Request) -> AsyncGenerator[bytes, None]:
        yield b'{"choices": [{'
        self._drop(request)
        await asyncio.sleep(60)

    def _drop(self, request: Request) -> None:
        assert request.client is not None
        self.transports[request.client.host, request.client.port].close()


@asynccontextmanager
async def serving(
    flavour: Flavour = VLLM, *, key: str | None = None, port: int = 0
) -> AsyncIterator[OpenAIServer]:
    """The server on a port of its own. `url` is its base URL."""
    inside = OpenAIServer(flavour, key)

    class Protocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            inside.connections += 1
            inside.transports[transport.get_extra_info("peername")[:2]] = transport

    config = uvicorn.Config(
        inside.app(),
        host="127.0.0.1",
        port=port,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()  # without its main loop, which looks for an end ten times a second
    (listening,) = server.servers
    inside.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1"
    try:
        yield inside
    finally:
        listening.close()
        for transport in inside.transports.values():
            transport.abort()
        for task in list(server.server_state.tasks):
            task.cancel()
        await asyncio.gather(*server.server_state.tasks, return_exceptions=True)
