"""A page as HTML, in the language and the theme that its reader wants.

Knows: templates, sentences by key, what the browser asks for and what was chosen. Does not know:
what is on a page, sessions. Everything that is put into a template is escaped there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from adapters.admin.cookies import Choice, Cookies

THEMES = ("auto", "light", "dark")
LANGUAGE_TAGS = {"en": "en", "zh": "zh-Hans"}

Texts = Mapping[str, Mapping[str, str]]
"""Sentences by language and key."""


class Renderer:
    """Makes pages. `language` is for those who ask for none that there is."""

    def __init__(self, texts: Texts, language: str, version: str, cookies: Cookies) -> None:
        self._texts = texts
        self._language = language
        self._cookies = cookies
        self._templates = Environment(
            loader=PackageLoader("adapters.admin"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["version"] = version

    def page(
        self, request: Request, template: str, status: int = 200, /, **values: object
    ) -> Response:
        """The page of a template. `values` are the template's own."""
        language, theme = self.language(request), self.theme(request)
        html = self._templates.get_template(f"{template}.html").render(
            language=language,
            tags=LANGUAGE_TAGS,
            theme=theme,
            themes=THEMES,
            say=self._speaker(language),
            what=lambda what: self._look(language, what),
            names={name: texts["language"] for name, texts in self._texts.items()},
            with_choice=lambda choice, value: _with(request, choice, value),
            **values,
        )
        return HTMLResponse(html, status)

    def language(self, request: Request) -> str:
        """The chosen language, else the browser's, else the one of the settings."""
        chosen = self._cookies.choice(request, "language")
        if chosen in self._texts:
            return chosen
        return preferred(request.headers.get("accept-language", ""), self._texts, self._language)

    def theme(self, request: Request) -> str:
        """The chosen theme; "auto" leaves it to the browser."""
        chosen = self._cookies.choice(request, "theme")
        return chosen if chosen in THEMES else "auto"

    def chosen(self, request: Request) -> Response | None:
        """Where the address chooses a language or a theme: keep it, and lead back without it."""
        asked: list[tuple[Choice, str]] = []
        language, theme = (request.query_params.get(key) for key in ("language", "theme"))
        if language in self._texts:
            asked.append(("language", str(language)))
        if theme in THEMES:
            asked.append(("theme", str(theme)))
        if not asked:
            return None
        response = RedirectResponse(_address(request), 303)
        for choice, value in asked:
            self._cookies.choose(response, choice, value)
        return response

    def _look(self, language: str, what: str) -> str:
        """A look's "trend 30" in words; what is not known is shown as it stands."""
        say = self._speaker(language)
        word, _, days = what.partition(" ")
        if f"look_{word}" not in self._texts[language]:
            return what
        look = say(f"look_{word}")
        return say("look_days", look=look, n=days) if days else look

    def _speaker(self, language: str) -> Callable[..., str]:
        sentences = self._texts[language]

        def say(key: str, **fields: object) -> str:
            return sentences[key].format(**fields)

        return say


def preferred(header: str, languages: Mapping[str, object], otherwise: str) -> str:
    """The language of an Accept-Language header that there is and that is wanted most."""
    wanted: list[tuple[float, str]] = []
    for entry in header.split(","):
        tag, _, weight = entry.strip().partition(";")
        name = tag.strip().lower().partition("-")[0]
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if name in languages and quality > 0:
            wanted.append((quality, name))
    # The first of equals: `max` keeps it.
    return max(wanted, key=lambda one: one[0], default=(0.0, otherwise))[1]


def _with(request: Request, choice: str, value: str) -> str:
    """This page's address, choosing something."""
    address = _address(request)
    return f"{address}{'&' if '?' in address else '?'}{choice}={value}"


def _address(request: Request) -> str:
    """This page's address without a choice: a path of ours, never another host."""
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in ("language", "theme")]
    path = quote(request.scope["path"])
    return f"{path}?{urlencode(kept)}" if kept else path
