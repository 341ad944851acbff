"""A model hub of the tests' own that holds whole folders, and refuses as a real one does."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789" * 4


class Hub:
    """`folders` by name of the model; `refusals` by name: a status and the hub's error code."""

    def __init__(self) -> None:
        self.folders: dict[str, Path] = {}
        self.refusals: dict[str, tuple[int, str]] = {}
        self.gated_files: set[str] = set()
        self.given: list[str] = []  # files that were read
        self.url = ""


@contextmanager
def serve() -> Iterator[Hub]:
    """Run a hub on a free port of this machine."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer(with_body=False)

        def do_GET(self) -> None:
            self.answer(with_body=True)

        def answer(self, *, with_body: bool) -> None:
            parts = unquote(urlsplit(self.path).path).strip("/").split("/")
            if parts[:2] == ["api", "models"] and len(parts) >= 4:
                return self.tell("/".join(parts[2:4]), parts[4:])
            if len(parts) >= 5 and parts[2] == "resolve":
                return self.give("/".join(parts[:2]), "/".join(parts[4:]), with_body)
            return self.refuse(404, "")

        def tell(self, name: str, rest: list[str]) -> None:
            if name in hub.refusals:
                return self.refuse(*hub.refusals[name])
            if name not in hub.folders:
                return self.refuse(401, "")  # what a hub says of models that do not exist
            files = sorted(path for path in hub.folders[name].iterdir() if path.is_file())
            if rest[:1] == ["tree"]:
                return self.json(
                    [
                        {"type": "file", "path": f.name, "size": f.stat().st_size, "oid": etag(f)}
                        for f in files
                    ]
                )
            siblings = [{"rfilename": f.name} for f in files]
            return self.json({"id": name, "sha": COMMIT, "siblings": siblings})

        def give(self, name: str, file: str, with_body: bool) -> None:
            if name in hub.gated_files:
                return self.refuse(403, "GatedRepo")
            path = hub.folders[name] / file
            if not path.is_file():
                return self.refuse(404, "EntryNotFound")
            if with_body:
                hub.given.append(file)
            body = path.read_bytes()
            self.send_response(200)
            self.send_header("ETag", f'"{etag(path)}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self.wfile.write(body)
            return None

        def json(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def refuse(self, status: int, code: str) -> None:
            self.send_response(status)
            if code:
                self.send_header("X-Error-Code", code)
            self.send_header("Content-Length", "0")
            self.end_headers()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # the other side may go away at any time

    with Server(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()


def etag(path: Path) -> str:
    return hashlib.sha1(path.read_bytes()).hexdigest()
