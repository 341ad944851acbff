"""The dashboard as one ASGI application: addresses and what leads to each.

Knows: which page is where, what stands before all of them. Does not know: what is on a page.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from adapters.admin.attempts import Attempts
from adapters.admin.cookies import Cookies
from adapters.admin.dashboard import Dashboard
from adapters.admin.guards import HostGuard, Sealed
from adapters.admin.pages import HOME, SIGN_IN, Pages
from adapters.admin.rendering import Renderer, Texts
from adapters.admin.sign_in import SignIn

AdminApp = ASGIApp


def admin_app(
    dashboard: Dashboard,
    texts: Texts,
    version: str,
    *,
    language: str = "en",
    public_url: str = "",
    names: Collection[str] = (),
    attempts: Attempts | None = None,
) -> AdminApp:
    """Everything under /admin.

    `texts` holds the sentences of [admin] by language. `public_url` is the address that browsers
    see, "" for that of the server itself: under https cookies are bound to it. `names` are the
    server's other names.
    """
    address = urlsplit(public_url)
    cookies = Cookies(https=address.scheme == "https")
    renderer = Renderer(texts, language, version, cookies)
    pages = Pages(dashboard, renderer, cookies)
    sign_in = SignIn(dashboard, renderer, cookies, pages, attempts or Attempts())
    style = Path(__file__).with_name("style.css").read_text(encoding="utf-8")

    async def stylesheet(request: Request) -> Response:
        return Response(style, media_type="text/css")

    async def nowhere(request: Request) -> Response:
        raise HTTPException(404)

    app = Starlette(
        routes=[
            Route(HOME, pages.closed(pages.overview)),
            Route("/admin/", pages.closed(pages.overview)),
            Route("/admin/groups", pages.closed(pages.groups)),
            Route("/admin/trend", pages.closed(pages.trend)),
            Route("/admin/log", pages.closed(pages.log)),
            Route(SIGN_IN, pages.open(sign_in.show), methods=["GET"]),
            Route(SIGN_IN, pages.open(sign_in.enter), methods=["POST"]),
            Route("/admin/sign-out", pages.closed(pages.sign_out), methods=["POST"]),
            Route("/admin/style.css", pages.open(stylesheet)),
            Route("/admin/{rest:path}", pages.open(nowhere)),
        ],
        exception_handlers={HTTPException: pages.failure},
    )
    app.router.redirect_slashes = False
    own = {address.hostname} if address.hostname else set()
    return Sealed(HostGuard(app, {*names, *own}))
