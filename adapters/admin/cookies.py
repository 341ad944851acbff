"""The dashboard's cookies, and the word in every form that only its own page can know.

Knows: names, flags, how a form's token follows from a cookie. Does not know: which sessions there
are, pages. A cookie's value is never logged and never shown.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
"""32 random bytes as `secrets.token_urlsafe` writes them."""

_SESSION_SECONDS = 8 * 3600
_START_SECONDS = 3600
_CHOICE_SECONDS = 365 * 86400

Choice = Literal["language", "theme"]


class Cookies:
    """Reads and sets them. Under https they have the prefix __Host-, which a neighbour on another
    subdomain or a page over http cannot set.
    """

    def __init__(self, *, https: bool) -> None:
        self._https = https
        prefix = "__Host-" if https else ""
        self._session = f"{prefix}warmline-admin"
        self._start = f"{prefix}warmline-admin-start"
        self._choices = {c: f"{prefix}warmline-{c}" for c in ("language", "theme")}
        # __Host- wants the path "/"; without it the narrower path keeps it from /chat.
        self._path = "/" if https else "/admin"

    def session(self, request: Request) -> str:
        """The session that the browser names, "" where it names none in the right form."""
        return _well_formed(request.cookies.get(self._session, ""))

    def begin_session(self, response: Response, session: str) -> None:
        """Also ends what the sign-in page had begun."""
        self._set(response, self._session, session, _SESSION_SECONDS)
        self._set(response, self._start, "", 0)

    def end_session(self, response: Response) -> None:
        """The browser forgets it."""
        self._set(response, self._session, "", 0)

    def start(self, request: Request) -> str:
        """What ties the sign-in form to this browser, "" where it has none yet."""
        return _well_formed(request.cookies.get(self._start, ""))

    @staticmethod
    def new_start() -> str:
        """A value for a browser that has none."""
        return secrets.token_urlsafe(32)

    def keep_start(self, response: Response, start: str) -> None:
        """For an hour from now."""
        self._set(response, self._start, start, _START_SECONDS)

    def choice(self, request: Request, choice: Choice) -> str:
        """The language or theme that was chosen, unchecked; "" for none."""
        return request.cookies.get(self._choices[choice], "")

    def choose(self, response: Response, choice: Choice, value: str) -> None:
        """Keep it for a year."""
        self._set(response, self._choices[choice], value, _CHOICE_SECONDS)

    def _set(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=self._path,
            secure=self._https,
            httponly=True,
            samesite="strict",
        )


def form_token(cookie: str) -> str:
    """What a form must carry beside this cookie. It tells nothing of the cookie."""
    return hmac.new(cookie.encode(), b"warmline dashboard form", hashlib.sha256).hexdigest()


def form_is_own(cookie: str, given: str) -> bool:
    """Whether a form with this token was made for the browser with this cookie."""
    return bool(cookie) and hmac.compare_digest(form_token(cookie).encode(), given.encode())


def is_token(value: str) -> bool:
    """Whether it has the form of a key or a session at all."""
    return bool(_TOKEN.fullmatch(value))


def _well_formed(value: str) -> str:
    return value if is_token(value) else ""
