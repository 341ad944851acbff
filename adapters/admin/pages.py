"""The pages: who may open each, and what happens when one cannot be made.

Knows: addresses, forms, statuses. Does not know: where numbers come from (`dashboard`), HTML
(`rendering`), which headers every answer has (`guards`).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from adapters.admin.chart import chart_of
from adapters.admin.cookies import Cookies, form_is_own, form_token
from adapters.admin.dashboard import DAYS, USUAL_DAYS, Dashboard, NotReady, Place, Trend
from adapters.admin.forms import read_form
from adapters.admin.rendering import Renderer
from adapters.answer import failure_report

HOME, SIGN_IN = "/admin", "/admin/sign-in"

MOST_PAGES = 500
"""Nobody turns further than this."""

log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]
SignedIn = Callable[[Request, str], Awaitable[Response]]


class Pages:
    """The pages for those who are signed in, and what all pages share."""

    def __init__(self, dashboard: Dashboard, renderer: Renderer, cookies: Cookies) -> None:
        self._dashboard = dashboard
        self._renderer = renderer
        self._cookies = cookies

    def open(self, endpoint: Endpoint) -> Endpoint:
        """An endpoint for everybody, under which there is a net."""

        async def netted(request: Request) -> Response:
            try:
                chosen = self._renderer.chosen(request) if request.method != "POST" else None
                return chosen or await endpoint(request)
            except HTTPException as error:
                return await self.failure(request, error)
            except NotReady:
                return self._said(request, 503, "not_ready", {"Retry-After": "10"})
            except ClientDisconnect:
                return Response(status_code=400)
            except Exception as error:  # noqa: BLE001 - the net under one page
                log.error("a page of the dashboard failed: %s", failure_report(error))
                return self._said(request, 500, "broken")

        return netted

    def closed(self, endpoint: SignedIn) -> Endpoint:
        """An endpoint for those who are signed in; it is given their session."""

        async def guarded(request: Request) -> Response:
            session = self._cookies.session(request)
            if session and await self._dashboard.admits(session):
                return await endpoint(request, session)
            response = RedirectResponse(SIGN_IN, 303)
            if session:
                self._cookies.end_session(response)
            return response

        return self.open(guarded)

    async def failure(self, request: Request, error: Exception) -> Response:
        """The page of an HTTPException."""
        if not isinstance(error, HTTPException):
            raise error
        reason = {404: "not_found", 403: "form_over", 413: "too_large", 429: "too_often"}
        named = reason.get(error.status_code, "bad_request")
        return self._said(request, error.status_code, named, error.headers)

    async def overview(self, request: Request, session: str) -> Response:
        """How everything is."""
        told = await self._dashboard.overview()
        return self._shown(request, session, "overview", told=told)

    async def groups(self, request: Request, session: str) -> Response:
        """Every group with a word about it."""
        page = _page(request)
        told = await self._dashboard.groups(page)
        return self._shown(request, session, "groups", told=told, page=page)

    async def trend(self, request: Request, session: str) -> Response:
        """One group over 7, 30 or 90 days."""
        asked = request.query_params
        place = Place(asked.get("platform", ""), asked.get("server", ""), asked.get("chat", ""))
        told = await self._dashboard.trend(place, _days(request))
        if told is None:
            raise HTTPException(404)
        trend = told.trend
        drawn = None
        if isinstance(trend, Trend):
            drawn = chart_of(trend.stretches, trend.first, trend.last)
        return self._shown(request, session, "trend", told=told, chart=drawn, windows=DAYS)

    async def log(self, request: Request, session: str) -> Response:
        """Who looked at what."""
        page = _page(request)
        told = await self._dashboard.log(page)
        return self._shown(request, session, "log", told=told, page=page)

    async def sign_out(self, request: Request, session: str) -> Response:
        """Ends the session here and in the memory."""
        self.refuse_other_sites(request)
        fields = await read_form(request)
        if not form_is_own(session, fields.get("token", "")):
            raise HTTPException(403)
        await self._dashboard.sign_out(session)
        response = RedirectResponse(SIGN_IN, 303)
        self._cookies.end_session(response)
        return response

    @staticmethod
    def refuse_other_sites(request: Request) -> None:
        """A second lock beside the form's token, where the browser says who sends the form.

        Raises:
            HTTPException: 403: another site does.
        """
        # The header Origin is "null" on our own forms: that is what no-referrer means.
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            raise HTTPException(403)

    def _shown(self, request: Request, session: str, template: str, **values: object) -> Response:
        token = form_token(session)
        return self._renderer.page(request, template, form_token=token, here=template, **values)

    def _said(self, request: Request, status: int, reason: str, headers: object = None) -> Response:
        response = self._renderer.page(request, "failure", status, reason=reason, status=status)
        if isinstance(headers, dict):
            response.headers.update(headers)
        return response


def _page(request: Request) -> int:
    given = request.query_params.get("page", "1")
    if not (given.isascii() and given.isdecimal() and 1 <= int(given[:9]) <= MOST_PAGES):
        raise HTTPException(404)
    return int(given)


def _days(request: Request) -> int:
    given = request.query_params.get("days", str(USUAL_DAYS))
    known = {str(days): days for days in DAYS}
    if given not in known:
        raise HTTPException(404)
    return known[given]
