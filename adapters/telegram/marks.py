"""The marks within one line of Markdown -> the words without them, and what they say.

Knows: which marks a chat reply means as marks. Does not know: blocks, messages, Telegram's types.

Only what is marked without doubt is: **bold**, *italic*, ~~struck~~, `code`. 2*3*4, snake_case,
<b>, $5, an escape or a kaomoji stays as written, and so does a line that the Markdown library
would read in any other way. A link is shown as "label (address)": nobody can be led to a place
that they do not see.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
      (?<![A-Za-z0-9`\\]) (?P<ticks>`{1,2}) (?![`\s),;:!?，。！？；：）]|\*\))
      (?P<code>.+?) (?<![`\s])(?P=ticks)(?!`)
    | !?\[ (?P<label>[^\[\]]*) \]
      \( (?P<target>https?://[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*) (?:[ ]"[^"]*")? \)
    | (?P<address> https?://[!-~]*[A-Za-z0-9/\#=&%-] )
    | (?<![\w*\\]) (?P<both>\*{3}) (?P<in_both> [^\s*](?:[^*]*[^\s*\\])? ) \*{3} (?![*A-Za-z0-9])
    | (?<![A-Za-z0-9*\\]) (?P<strong>\*\*)
      (?P<in_strong> [^\s*)\]},;:!?，。！？；：）】」』]
                     (?:(?:[^*]|\*(?!\*))*[^\s*\\(\[{（【「『])? )
      \*\* (?!\*)
    | (?<![\w*\\]) (?P<soft>\*)
      (?P<in_soft> [\w"“‘'「『（(《…—`\u2600-\u27BF\U0001F000-\U0001FAFF]
                   (?:(?:[^*]|\*\*)*[^\s*\\(\[{（【「『])? )
      \* (?![*A-Za-z0-9])
    | (?<!\S) (?P<struck>~~) (?P<in_struck> [^\s~](?:[^~]*[^\s~])? ) ~~
      (?![^\s.,;:!?，。！？；：…)）])
    | [\\*_$<&~|\[`]
    """,
    re.VERBOSE,
)
_PAIRS = ("both", "strong", "soft", "struck")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

# CommonMark sees no end of bold in "**注意：**请看". A private character inside the marks,
# neither space nor punctuation, makes it see one; it is taken out again.
_HINT = "\ue000"
# The library has to meet words first, or it would see lists, quotations and definitions.
_LEAD = ". "
_KINDS = frozenset({"bold", "italic", "strikethrough", "code"})


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one kind, in Telegram's words; offset and length in UTF-16 units."""

    kind: str
    offset: int
    length: int
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """Words without their marks, and what the marks said."""

    text: str
    spans: tuple[Span, ...] = ()


def unmarked(words: str) -> Piece:
    """One line without its marks; as it is where in doubt. Never raises, never longer."""
    if not set("*`~[").intersection(words) or _HINT in words:
        return Piece(words)
    source, meant = _guarded(words)
    piece = _converted(_LEAD + source)
    return piece if piece and piece.text == meant else Piece(words)


def _guarded(words: str) -> tuple[str, str]:
    """The line for the parser, all but its marks escaped; and what it should make of it."""
    sources, meant = [], []
    at = 0
    for found in _TOKEN.finditer(words):
        token = _token(found)
        sources += [words[at : found.start()], token[0]]
        meant += [words[at : found.start()], token[1]]
        at = found.end()
    return "".join([*sources, words[at:]]), "".join([*meant, words[at:]])


def _token(found: re.Match[str]) -> tuple[str, str]:
    if found["code"]:
        return found[0], found["code"]
    if found["target"]:
        return _link(found["label"], found["target"])
    for pair in _PAIRS:
        if mark := found[pair]:
            source, meant = _guarded(found[f"in_{pair}"])
            return f"{mark}{_HINT}{source}{_HINT}{mark}", meant
    return _escaped(found[0]), found[0]


def _link(label: str, target: str) -> tuple[str, str]:
    source, meant = _guarded(label.strip())
    address = target.rstrip("/")
    if meant.rstrip("/") in {"", address, address.partition("://")[2]}:
        return _escaped(target), target
    return f"{source} {_escaped(f'({target})')}", f"{meant} ({target})"


def _escaped(literal: str) -> str:
    return _PUNCTUATION.sub(r"\\\1", literal)


def _converted(source: str) -> Piece | None:
    """What the library makes of a line that begins with the lead; nothing where it fails."""
    from telegramify_markdown import convert

    try:
        text, entities = convert(source, latex_escape=False)
    except BaseException as error:
        # A panic of the parser, which is written in Rust, is no Exception.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            return None
        raise
    spans = tuple(Span(found.type, found.offset, found.length) for found in entities)
    if any(span.kind not in _KINDS or span.offset < len(_LEAD) for span in spans):
        return None
    return _without_hints(text, spans)


def _without_hints(text: str, spans: tuple[Span, ...]) -> Piece:
    """Without the hints and the lead."""
    units = memoryview(text.encode("utf-16-le")).cast("H")
    hints = [at for at, unit in enumerate(units) if unit == ord(_HINT)]

    def moved(offset: int) -> int:
        return offset - bisect_left(hints, offset) - len(_LEAD)

    bare = text.replace(_HINT, "").removeprefix(_LEAD)
    return Piece(
        bare,
        tuple(
            Span(
                span.kind, moved(span.offset), moved(span.offset + span.length) - moved(span.offset)
            )
            for span in spans
        ),
    )
