"""A model file from a model hub: asked for once, then read on from where it stopped.

Knows: a hub's answer to "resolve this file" (size, SHA-256, revision) and ranges of HTTP.
Does not know: other sources, where the file goes at last. Sends no token: the files are public.

The hub library tells the address; the bytes are read here, because its own download begins again
from nothing whenever the process was stopped.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from engine.catalogue import Entry, HubSource
from engine.download_base import (
    REACH_SECONDS,
    Fetched,
    OnProgress,
    Progress,
    SourceFailed,
    check_room,
    disk_errors,
    partial_file,
)

if TYPE_CHECKING:
    import httpx

CHUNK_BYTES = 64 * 1024
READ_SECONDS = 30.0
PAUSE_SECONDS = 1.0
TRIES = 5
"""How often in a row a broken connection is taken up again without one new byte."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Offer:
    """What the hub says it has: an address that stays the same file, its size and SHA-256."""

    url: str
    size_bytes: int
    sha256: str


def fetch(source: HubSource, entry: Entry, folder: Path, progress: OnProgress) -> Fetched:
    """Bring the whole file into its partial file, resuming what is there.

    Raises:
        SourceFailed: out of reach, refused, another file than the entry's, or broken off.
        DiskFull.
    """
    url = _address(source, source.revision)
    offer = _checked(_within(REACH_SECONDS, lambda: _ask(source, url)), entry)
    part = partial_file(folder, entry.file, offer.sha256)
    missing = offer.size_bytes - _size(part)
    check_room(folder, missing)
    with disk_errors(folder, missing):
        _download(
            offer, part, lambda done: progress(Progress(done, offer.size_bytes, source.label))
        )
    return Fetched(part, offer.sha256)


def _within(seconds: float, call: Callable[[], T]) -> T:
    """Give up waiting for a call after some seconds: a look-up of a name has no time limit."""
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - it is raised again in the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, name="hub-reach", daemon=True)
    thread.start()
    thread.join(seconds)
    if results:
        return results[0]
    raise errors[0] if errors else SourceFailed(f"out of reach (silent for {seconds:.0f} s)")


def _ask(source: HubSource, url: str) -> Offer:
    """Ask for the file's head, following the hub's own redirects but not those to its store."""
    import httpx

    try:
        with httpx.Client(timeout=httpx.Timeout(REACH_SECONDS, connect=5.0)) as client:
            answer = client.head(url, headers={"Accept-Encoding": "identity"})
            for _ in range(3):
                onward = urljoin(url, answer.headers.get("Location", ""))
                told = "X-Linked-Etag" in answer.headers  # then it leads to the store
                if told or not answer.has_redirect_location or not _same_host(url, onward):
                    break
                url = onward
                answer = client.head(url, headers={"Accept-Encoding": "identity"})
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise SourceFailed(f"out of reach ({type(error).__name__})") from error
    if answer.is_error:
        raise SourceFailed(_refusal(answer.status_code))
    return _offer(source, url, answer)


def _address(source: HubSource, revision: str) -> str:
    """The file's address on the hub that HF_ENDPOINT names, else on the library's own."""
    from huggingface_hub import constants, hf_hub_url

    if constants.is_offline_mode():
        raise SourceFailed("switched off by HF_HUB_OFFLINE")
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or None
    return hf_hub_url(source.repository, source.file, revision=revision, endpoint=endpoint)


def _same_host(one: str, other: str) -> bool:
    return urlsplit(one).netloc == urlsplit(other).netloc


def _refusal(status: int) -> str:
    if status == 404:
        return "it has no such file (404)"
    if status in (401, 403):
        return f"it refuses to give the file ({status})"
    return f"it answered with an error ({status})"


def _offer(source: HubSource, url: str, answer: httpx.Response) -> Offer:
    """Read the head. The linked headers speak of the file, the plain ones perhaps of a redirect."""
    headers = answer.headers
    etag = headers.get("X-Linked-Etag") or headers.get("ETag", "")
    digest = etag.removeprefix("W/").strip('"').lower()
    plain_size = "" if answer.is_redirect else headers.get("Content-Length", "")
    size = headers.get("X-Linked-Size", "") or plain_size
    commit = headers.get("X-Repo-Commit", "")
    return Offer(
        url=_address(source, commit) if re.fullmatch(r"[0-9a-f]{40}", commit) else url,
        size_bytes=int(size) if size.isdecimal() else 0,
        sha256=digest if re.fullmatch(r"[0-9a-f]{64}", digest) else "",
    )


def _checked(offer: Offer, entry: Entry) -> Offer:
    """Hold the offer against the entry: another file is not worth a download."""
    size = entry.size_bytes or offer.size_bytes
    sha256 = entry.sha256 or offer.sha256
    if not size or not sha256:
        raise SourceFailed("it states no size or SHA-256, so the file could not be checked")
    if offer.size_bytes not in (0, size):
        raise SourceFailed(
            f"it holds another file: expected {size:,} bytes, got {offer.size_bytes:,}"
        )
    if offer.sha256 not in ("", sha256):
        raise SourceFailed(
            f"it holds another file: SHA-256 expected {sha256[:12]}, got {offer.sha256[:12]}"
        )
    return Offer(offer.url, size, sha256)


def _download(offer: Offer, part: Path, progress: Callable[[int], None]) -> None:
    """Read on until the file is whole; a connection that brought something may break again."""
    import httpx

    furthest, tries = _size(part), 0
    progress(furthest)
    while (done := _size(part)) != offer.size_bytes:
        if done > furthest:
            furthest, tries = done, 0
        elif tries == TRIES:
            raise SourceFailed(f"broke off after {furthest:,} of {offer.size_bytes:,} bytes")
        elif tries:
            time.sleep(PAUSE_SECONDS * 2 ** (tries - 1))
        tries += 1
        try:
            _read_on(offer, part, progress)
        except httpx.RequestError:
            continue


def _read_on(offer: Offer, part: Path, progress: Callable[[int], None]) -> None:
    """One request for what is missing, appended to the partial file."""
    import httpx

    done = _size(part)
    headers = {"Accept-Encoding": "identity"}
    if 0 < done < offer.size_bytes:
        headers["Range"] = f"bytes={done}-"
    timeout = httpx.Timeout(READ_SECONDS, connect=5.0)
    request = httpx.stream(
        "GET", offer.url, headers=headers, timeout=timeout, follow_redirects=True
    )
    with request as answer:
        if answer.status_code >= 500 or answer.status_code == 429:
            return  # busy: counts as a try that brought nothing
        if answer.is_error:
            raise SourceFailed(_refusal(answer.status_code))
        goes_on = answer.headers.get("Content-Range", "").startswith(f"bytes {done}-")
        with part.open("ab" if answer.status_code == 206 and goes_on else "wb") as file:
            for chunk in answer.iter_bytes(CHUNK_BYTES):
                file.write(chunk)
                if file.tell() > offer.size_bytes:
                    raise SourceFailed("it sends more bytes than the file has")
                progress(file.tell())


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0
