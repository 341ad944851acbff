"""A model's text as Discord may show it: what Discord formats by itself stays as it is.

Knows: which marks would deceive a reader or call people. Does not know: sending, splitting. Pure.
"""

from __future__ import annotations

import re

TEXT_LIMIT = 2000
"""Characters of one message's text. Source: Discord's documentation, Create Message."""

_TOKEN = re.compile(
    r"""
    # Code is shown as written, and an escaped character is no mark.
      (?P<literal> ```[\s\S]+?``` | (?<!`)(?P<ticks>`+)(?!`)[\s\S]*?[^`](?P=ticks)(?!`)
                 | \\\[[^\[\]]*+\]\( | \\[\s\S] )
    | !?\[ (?P<label> (?:[^\[\]]|\[[^\[\]]*\])*+ ) \]
      \( \s*+ <? (?P<target> [a-zA-Z][a-zA-Z0-9+.\-]*+:
                   (?: (?>[^\s()<>]*+(?:\([^\s()]*+\)[^\s()<>]*+)*+) | [^\s)]*+ ) ) >?
         (?:\s++["'][^)]*+)? \s*+ \)
    # Brackets that do not match, and that Discord may match all the same.
    | (?P<open> \]\((?=\s*+<?[a-zA-Z][a-zA-Z0-9+.\-]*+:) )
    | (?<![\w.])@(?=(?:everyone|here)\b)
    """,
    re.VERBOSE,
)
_HARMLESS_AT = "\N{FULLWIDTH COMMERCIAL AT}"


def harmless(text: str) -> str:
    """The text with the target of every link in sight, and without a call to everyone.

    Never longer than the text: what was split to fit still fits.
    """
    while (shown := _TOKEN.sub(_shown, text)) != text:
        text = shown  # a link within a link's label comes to light
    return text


def _shown(found: re.Match[str]) -> str:
    if found["literal"]:
        return found[0]
    if found["open"]:
        return "] "
    if found["target"] is None:
        return _HARMLESS_AT
    label, target = found["label"].strip(), found["target"].rstrip(">")
    bare = target.rstrip("/")
    if label.rstrip("/") in ("", bare, bare.partition("://")[2]):
        return target
    return f"{label} ({target})"
