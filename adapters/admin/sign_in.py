"""The way in: a one-time link, a button, a session.

Knows: the two steps and what may go wrong in each. Does not know: which keys there are, pages.
Opening the link spends nothing, since mail filters and previews open links too; the button does.
"""

from __future__ import annotations

import math

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.admin.attempts import Attempts
from adapters.admin.cookies import Cookies, form_is_own, form_token, is_token
from adapters.admin.dashboard import Dashboard
from adapters.admin.forms import read_form
from adapters.admin.pages import HOME, Pages
from adapters.admin.rendering import Renderer


class SignIn:
    """The sign-in page and what its button sends."""

    def __init__(
        self,
        dashboard: Dashboard,
        renderer: Renderer,
        cookies: Cookies,
        pages: Pages,
        attempts: Attempts,
    ) -> None:
        self._dashboard = dashboard
        self._renderer = renderer
        self._cookies = cookies
        self._pages = pages
        self._attempts = attempts

    async def show(self, request: Request) -> Response:
        """How to get a link, or the button for the link that was opened."""
        key = request.query_params.get("key", "")
        if not key:
            session = self._cookies.session(request)
            if session and await self._dashboard.admits(session):
                return RedirectResponse(HOME, 303)
            return self._renderer.page(request, "sign_in", no_good=False)
        if not is_token(key):
            return self._no_good(request)
        start = self._cookies.start(request)
        kept = start or self._cookies.new_start()
        response = self._renderer.page(request, "enter", key=key, form_token=form_token(kept))
        self._cookies.keep_start(response, kept)
        return response

    async def enter(self, request: Request) -> Response:
        """Spend the key. The session is new, whatever the browser brought along."""
        client = request.client.host if request.client else ""
        self._pages.refuse_other_sites(request)
        fields = await read_form(request)
        if not form_is_own(self._cookies.start(request), fields.get("token", "")):
            raise HTTPException(403)
        # Nothing is awaited between this and the next line, so no other try comes between them.
        wait = self._attempts.wait(client)
        if wait:
            raise HTTPException(429, headers={"Retry-After": str(math.ceil(wait))})
        self._attempts.begun(client)
        key = fields.get("key", "")
        session = await self._dashboard.sign_in(key) if is_token(key) else None
        if session is None:
            return self._no_good(request)
        self._attempts.good(client)
        before = self._cookies.session(request)
        if before:
            await self._dashboard.sign_out(before)
        response = RedirectResponse(HOME, 303)
        self._cookies.begin_session(response, session)
        return response

    def _no_good(self, request: Request) -> Response:
        return self._renderer.page(request, "sign_in", 403, no_good=True)
