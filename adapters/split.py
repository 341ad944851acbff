"""A long text cut into parts that a platform accepts.

Knows: a limit, how a platform measures, where a reader would turn the page, Markdown's fences.
Does not know: platforms, formatting, sending. Pure: the same text is always cut alike.

A cut is preferred, in this order: at the end of a paragraph, of a line, of a sentence, each
outside a code block; then at a blank line or a line's end within a block; then in a gap between
words; else between two graphemes (what a reader takes for one character). The first five leave a
part of a third of the limit or more where any of them can.

The text may still be growing at its end. A cut looks at nothing but the first window of what is
left: as much as fits, and one character more. So for every beginning `p` of a text `t`, all parts
of `split(p)` but its last are the first parts of `split(t)`. The last may change with each word.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import takewhile

import regex

SMALLEST_LIMIT = 64
"""Below this a fence and its words have no room."""

LONGEST_MARKER = 8
"""Backticks. A longer run is no fence but words."""

_LONGEST_END = "\n" + "`" * LONGEST_MARKER
_SPACE = " \t\r\n"  # what may stand behind a fence without being part of it
_BLANKS = regex.compile(r"[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]*+")
_MARKER = regex.compile(r"^[ \t]{0,12}`{3}", regex.MULTILINE)
_MARKER_LINE = regex.compile(r"^[ \t]{0,12}`{3}[^\n]*", regex.MULTILINE)
_OPENING = regex.compile(r"[ \t]{0,12}(`{3,8})[^`\n]*")
_CLOSING = regex.compile(r"[ \t]{0,12}(`+)[ \t\r]*")
_BLANK_LINE = regex.compile(r"^[ \t\r]*\n", regex.MULTILINE)
_LINE = regex.compile(r"\n")
_SENTENCE = regex.compile(
    r"""(?: [。！？]++ ["'”’」』）)\]*_~]*+
        | (?<![\d.!?…]) [.!?…]++ ["'”’」』）)\]*_~]*+
          (?=[\s\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]) )
        [ \t\u3000]*+ (?=[^。！？.!?…])""",
    regex.VERBOSE,
)
_GAP = regex.compile(r"(?:[ \t\u3000]++|[，、；：])(?=\S)")
# A flag apart: \X counts a row of flags from its beginning, for each flag again.
_GRAPHEME = regex.compile(r"\p{RI}{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*+|\X")
_BEST_FIRST = (  # inside a code block or not, and what ends there
    (False, _BLANK_LINE),
    (False, _LINE),
    (False, _SENTENCE),
    (True, _BLANK_LINE),
    (True, _LINE),
)


@dataclass(frozen=True, slots=True)
class Part:
    """One message's share.

    `text` is its own piece: the pieces of all parts, joined, are the whole text. `shown` is the
    piece as sent: without blank lines in front and white space behind, and where a cut fell into
    a code block with the block opened again in front and closed behind. Never blank.
    """

    text: str
    shown: str


@dataclass(frozen=True, slots=True)
class Fence:
    """An open code block: its first line as written, and the backticks that end it."""

    opening: str
    closing: str

    def ended_by(self, line: str) -> bool:
        """Whether this line, without its line break, closes the block."""
        found = _CLOSING.fullmatch(line)
        return found is not None and len(found[1]) >= len(self.closing)


def opened_fence(line: str) -> Fence | None:
    """The code block that this line, without its line break, opens outside any other."""
    found = _OPENING.fullmatch(line)
    return Fence(line.rstrip(), found[1]) if found else None


def utf16_units(text: str) -> int:
    """How Telegram measures: UTF-16 code units. An emoji is two or more."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int, measure: Callable[[str], int] = len) -> list[Part]:
    """Cut a text into parts whose `shown` measures at most `limit`.

    `measure` adds up over characters and counts each at least one. A text that is blank (white
    space, invisible characters) gives no part. No grapheme is cut, unless it alone is too long.
    An info string that would take half of the limit is not repeated.

    Raises:
        ValueError: the limit is below 64.
    """
    if limit < SMALLEST_LIMIT:
        raise ValueError(f"A limit of {limit} is too small: give at least {SMALLEST_LIMIT}.")
    ruler = _Ruler(limit, measure)
    parts: list[Part] = []
    start, fence = 0, None
    while start < len(text):
        begin, first, fence = _beginning(text, start, fence, ruler)
        if first == len(text):
            # Nothing to show is left: it belongs to the part before, if there is one.
            parts[-1:] = [replace(part, text=part.text + text[start:]) for part in parts[-1:]]
            break
        end = begin + ruler.fitting(text, begin, fence)
        if end < len(text):
            window = text[begin : end + 1]
            end = begin + _cut(window, first - begin, _Blocks(window, fence, ruler), ruler)
        shown, fence = _shown(text[begin:end], fence, ruler)
        parts.append(Part(text[start:end], shown))
        start = end
    return parts


class _Ruler:
    """The limit and how it is measured."""

    def __init__(self, limit: int, measure: Callable[[str], int]) -> None:
        self.limit = limit
        self._measure = measure
        self._end_cost = measure(_LONGEST_END)

    def fit(self, text: str, room: int) -> int:
        """How many characters of the text fit into the room."""
        most = min(len(text), room)
        if self._measure(text[:most]) <= room:
            return most
        return bisect_right(range(most), room, key=lambda size: self._measure(text[:size])) - 1

    def fitting(self, text: str, begin: int, fence: Fence | None) -> int:
        """How many characters from `begin` fit into a part, whatever comes after them.

        Room to close a block is kept from the first line on that may open one, and for good:
        what does not fit must never fit again because the text grew.
        """
        ahead = text[begin : begin + self.limit + 1]
        closed = self.limit - self._end_cost
        if fence:
            return self.fit(ahead, closed - self._measure(f"{fence.opening}\n"))
        most = self.fit(ahead, self.limit)
        marker = _MARKER.search(ahead, 0, most)
        return max(marker.end() - 1, self.fit(ahead, closed)) if marker else most

    def repeatable(self, fence: Fence | None) -> Fence | None:
        """The fence, without its info string where this would take half of each part."""
        if fence is None or self.short(fence.opening):
            return fence
        return Fence(fence.closing, fence.closing)

    def short(self, line: str) -> bool:
        """Whether a fence's line leaves half of a part to the words."""
        return self._measure(f"{line}\n") + self._end_cost <= self.limit // 2


class _Blocks:
    """Where a window's code blocks are. The window's first character begins a line."""

    def __init__(self, window: str, fence: Fence | None, ruler: _Ruler) -> None:
        self._window = window
        self._ruler = ruler
        self._spans: list[tuple[int, int, int]] = []
        start, body = -1, 0
        for found in _MARKER_LINE.finditer(window):
            after = found.end() + 1
            if fence is None:
                fence = ruler.repeatable(opened_fence(found[0]))
                start, body = found.start(), after
            elif fence.ended_by(found[0]):
                self._spans.append((start, body, after))
                fence = None
        if fence:
            self._spans.append((start, body, len(window) + 1))
        self.unclosed = fence

    def around(self, cut: int) -> tuple[int, int, int] | None:
        """The block that a cut would fall into: its start, its body's start, its end."""
        index = bisect_right(self._spans, (cut,)) - 1
        return self._spans[index] if index >= 0 and cut < self._spans[index][2] else None

    def allow(self, cut: int) -> bool:
        """Whether a cut leaves every fence a fence, all else words, and no block empty."""
        line = self._window.rfind("\n", 0, cut) + 1
        block = self.around(cut)
        if block and block[1] <= cut and _BLANKS.fullmatch(self._window, block[1], cut):
            return False
        if cut == line:
            return not (block and _MARKER.match(self._window, cut))
        if self._window[cut] == "`":
            return False
        # A fence's line is only cut where it is too long for any part.
        marker = _MARKER.match(self._window, line)
        return not (marker and self._ruler.short(self._window[line:cut]))


def _beginning(
    text: str, start: int, fence: Fence | None, ruler: _Ruler
) -> tuple[int, int, Fence | None]:
    """Where what is shown begins, its first visible character, and the block that goes on.

    A block that would only be opened to be closed is not opened. At the text's end a backtick
    counts as a closing fence under way: it must not be a part of its own and then none.
    """
    begin, first = _visible(text, start, ruler)
    if fence and first < len(text):
        line = text[begin : begin + ruler.limit].partition("\n")[0]
        end = begin + len(line)
        under_way = end == len(text) and _CLOSING.fullmatch(line)
        if under_way or (fence.ended_by(line) and text[end : end + 1] == "\n"):
            begin, first = _visible(text, end, ruler)
            return begin, first, None
    return begin, first, fence


def _visible(text: str, start: int, ruler: _Ruler) -> tuple[int, int]:
    blanks = _BLANKS.match(text, start)
    first = blanks.end() if blanks else start
    begin = max(start, text.rfind("\n", start, first) + 1)
    # An indentation that eats up the part is none.
    return (begin if first - begin <= ruler.limit // 4 else first), first


def _cut(window: str, first: int, blocks: _Blocks, ruler: _Ruler) -> int:
    """Where to cut a window: after `first`, before its last character."""
    ends = {kind: _ends(kind, window, first + 1) for kind in (_BLANK_LINE, _LINE, _SENTENCE)}
    for least in (ruler.fit(window, ruler.limit // 3), first + 1):
        for fenced, kind in _BEST_FIRST:
            for cut in takewhile(least.__le__, ends[kind]):
                if bool(blocks.around(cut)) == fenced and _clean(window, cut, blocks):
                    return cut
    for cut in _ends(_GAP, window, first + 1):
        if _clean(window, cut, blocks):
            return cut
    graphemes = _ends(_GRAPHEME, window, first + 1)
    allowed = (cut for cut in graphemes if blocks.allow(cut))
    return next(allowed, graphemes[0] if graphemes else len(window) - 1)


def _ends(kind: regex.Pattern[str], window: str, least: int) -> list[int]:
    """Where matches end within the window, from the last one back to `least`."""
    ends = [found.end() for found in kind.finditer(window)]
    return [end for end in reversed(ends) if least <= end < len(window)]


def _clean(window: str, cut: int, blocks: _Blocks) -> bool:
    grapheme = _GRAPHEME.match(window, cut - 1)
    return grapheme is not None and grapheme.end() == cut and blocks.allow(cut)


def _shown(piece: str, fence: Fence | None, ruler: _Ruler) -> tuple[str, Fence | None]:
    """The piece as sent, and the block that is open at its end."""
    unclosed = _Blocks(piece, fence, ruler).unclosed
    front = f"{fence.opening}\n" if fence else ""
    behind = f"\n{unclosed.closing}" if unclosed else ""
    return f"{front}{piece.rstrip(_SPACE)}{behind}", unclosed
