"""A model hub of the tests' own: one file, answers as a hub gives them, planned faults."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789" * 4


class Hub:
    """What the server gives, how it misbehaves, and what it was asked."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.claimed_sha256 = hashlib.sha256(body).hexdigest()
        self.claimed_size = len(body)
        self.head_status = 302
        self.get_status = 200
        self.ignores_ranges = False
        self.moved = False  # the repository was renamed: its old address leads to the new one
        self.break_after: list[int] = []  # bytes that each coming connection gives before it ends
        self.stall_after: int | None = None  # bytes after which a connection waits for `go_on`
        self.go_on = threading.Event()
        self.asked: list[tuple[str, str]] = []  # (method, path) in order
        self.ranges: list[str] = []  # the Range of each read from the store, "" for none
        self.url = ""


@contextmanager
def serve(hub: Hub) -> Iterator[Hub]:
    """Run the hub on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_HEAD(self) -> None:
            hub.asked.append(("HEAD", self.path))
            if hub.moved and self.path.startswith("/team/"):
                return self.redirect(self.path.replace("/team/", "/renamed/"))
            if hub.head_status >= 400:
                return self.short(hub.head_status)
            self.send_response(302)
            self.send_header("Location", f"{hub.url}/store/file")
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("X-Linked-Size", str(hub.claimed_size))
            self.send_header("X-Linked-Etag", f'"{hub.claimed_sha256}"')
            self.send_header("Content-Length", "1200")
            self.end_headers()
            return None

        def do_GET(self) -> None:
            hub.asked.append(("GET", self.path))
            if not self.path.startswith("/store/"):
                return self.redirect(f"{hub.url}/store/file")
            hub.ranges.append(self.headers.get("Range", ""))
            if hub.get_status >= 400:
                return self.short(hub.get_status)
            start = 0
            if hub.ranges[-1] and not hub.ignores_ranges:
                start = int(hub.ranges[-1].removeprefix("bytes=").removesuffix("-"))
            rest = hub.body[start:]
            self.send_response(206 if start else 200)
            if start:
                last = len(hub.body) - 1
                self.send_header("Content-Range", f"bytes {start}-{last}/{len(hub.body)}")
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            self.give(rest)
            return None

        def give(self, rest: bytes) -> None:
            if hub.break_after:
                self.wfile.write(rest[: hub.break_after.pop(0)])
                self.close_connection = True
            elif hub.stall_after is not None and not hub.go_on.is_set():
                self.wfile.write(rest[: hub.stall_after])
                hub.go_on.wait(60)
                self.close_connection = True
            else:
                self.wfile.write(rest)

        def redirect(self, where: str) -> None:
            self.send_response(307)
            self.send_header("Location", where)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def short(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            pass  # the other side may go away at any time: that is what is tested

    with Server(("127.0.0.1", 0), Handler) as server:
        hub.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield hub
        finally:
            hub.go_on.set()
            server.shutdown()
            thread.join()
