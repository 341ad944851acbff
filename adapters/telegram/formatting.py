"""Markdown as a model writes it -> a text and Telegram's entities.

Knows: Markdown's blocks, and how Telegram shows them. Does not know: sending, splitting. Pure.

Every line stays a line, as it was written: list markers, numbers, indentation, blank lines, rules.
Fences, tables, headings and quotations become entities, and what `marks` finds within a line.
Text without such marks comes out unchanged. Nobody is mentioned, and no link is hidden.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from adapters.split import opened_fence, utf16_units
from adapters.telegram.marks import Piece, Span, unmarked

if TYPE_CHECKING:
    from telegram import MessageEntity

TEXT_LIMIT = 4096
"""UTF-16 units of one message's text. Source: Bot API, sendMessage."""

WIDEST_TABLE = 56
"""Columns. A wider table would break its lines on a phone: its rows are shown as written."""

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?=.*\w)(.*)")
_QUOTATION = re.compile(r" {0,3}>[ \t]+(?=[^\d\s<>=])")
_QUOTED = re.compile(r" {0,3}>(?:[ \t]|\r?$)")
_TABLE_RULE = re.compile(r"\|?(?::?-+:?\|)+(?::?-+:?)?")
_CELL_END = re.compile(r"(?<!\\)\|")
_LIST_MARKER = re.compile(r"[ \t]*(?:(?:[-+*•]|\d{1,9}[.)])[ \t]+)?")


def formatted(markdown: str) -> tuple[str, list[MessageEntity]]:
    """The text to send, and its entities with offsets in UTF-16 units.

    Not longer than the Markdown, but for tables, and those only while the whole fits into a
    message. Never raises.
    """
    from telegram import MessageEntity

    whole = _joined(_pieces(markdown.split("\n"), aligned=True))
    if utf16_units(whole.text) > max(TEXT_LIMIT, utf16_units(markdown)):
        whole = _joined(_pieces(markdown.split("\n"), aligned=False))
    if not whole.text.strip():
        return markdown, []
    return whole.text, [
        MessageEntity(span.kind, span.offset, span.length, language=span.language)
        for span in sorted(whole.spans, key=lambda span: (span.offset, -span.length))
    ]


def _pieces(lines: list[str], aligned: bool) -> Iterator[Piece]:
    """The lines from top to bottom, those of one block together."""
    at = 0
    while at < len(lines):
        if end := _fence_end(lines, at):
            yield _code_block(lines[at:end])
        elif end := _table_end(lines, at):
            yield _table(lines[at:end], aligned)
        elif end := _quotation_end(lines, at):
            yield _quotation(lines[at:end])
        else:
            end = at + 1
            yield _heading(lines[at]) or _line(lines[at])
        at = end


def _joined(pieces: Iterable[Piece]) -> Piece:
    """One below the other."""
    texts: list[str] = []
    spans: list[Span] = []
    offset = 0
    for piece in pieces:
        texts.append(piece.text)
        spans += _moved(piece.spans, offset)
        offset += utf16_units(piece.text) + 1
    return Piece("\n".join(texts), tuple(spans))


def _moved(spans: Iterable[Span], by: int) -> tuple[Span, ...]:
    return tuple(replace(span, offset=span.offset + by) for span in spans)


def _wholly(kind: str, piece: Piece, language: str | None = None) -> Piece:
    whole = Span(kind, 0, utf16_units(piece.text.rstrip()), language)
    return Piece(piece.text, (whole, *(span for span in piece.spans if span.kind != kind)))


def _line(line: str) -> Piece:
    """A line of words; what stands before and behind them stays."""
    marker = _LIST_MARKER.match(line)
    begin = marker.end() if marker else 0
    words = line[begin:].rstrip()
    piece = unmarked(words)
    behind = line[begin + len(words) :]
    return Piece(line[:begin] + piece.text + behind, _moved(piece.spans, begin))


def _heading(line: str) -> Piece | None:
    found = _HEADING.fullmatch(line)
    if found is None:
        return None
    words = found[1].strip()
    bare = words.rstrip("#")
    # "# Title #" is closed by its last sign, "# C#" is not.
    return _wholly("bold", unmarked(bare.rstrip() if bare[-1:] in {" ", "\t"} else words))


def _quotation_end(lines: list[str], at: int) -> int:
    """The line after a quotation that begins here, or 0."""
    if not _QUOTATION.match(lines[at]):
        return 0
    others = (index for index in range(at, len(lines)) if not _QUOTED.match(lines[index]))
    return next(others, len(lines))


def _quotation(lines: list[str]) -> Piece:
    return _wholly("blockquote", _joined(_line(_QUOTED.sub("", line)) for line in lines))


def _fence_end(lines: list[str], at: int) -> int:
    """The line after a code block that begins here, or 0. One without an end takes all."""
    fence = opened_fence(lines[at])
    if fence is None:
        return 0
    ends = (index for index in range(at + 1, len(lines)) if fence.ended_by(lines[index]))
    return next(ends, len(lines) - 1) + 1


def _code_block(lines: list[str]) -> Piece:
    """The code without its fence and the fence's indentation; a block without code as written."""
    opening, *code = lines
    fence = opened_fence(opening)
    if fence and code and fence.ended_by(code[-1]):
        code.pop()
    if fence is None or not "".join(code).strip():
        return Piece("\n".join(lines))
    margin = len(opening) - len(opening.lstrip())
    inner = Piece("\n".join(_outdented(line, margin) for line in code))
    language = fence.opening.strip("` \t").split()
    return _wholly("pre", inner, language[0] if language else None)


def _outdented(line: str, margin: int) -> str:
    return line[min(margin, len(line) - len(line.lstrip())) :]


def _table_end(lines: list[str], at: int) -> int:
    """The line after a table that begins here, or 0."""
    rule = "".join(lines[at + 1].split()) if at + 1 < len(lines) else ""
    if "|" not in lines[at] or not _TABLE_RULE.fullmatch(rule):
        return 0
    others = (index for index in range(at + 2, len(lines)) if "|" not in lines[index])
    return next(others, len(lines))


def _table(lines: list[str], aligned: bool) -> Piece:
    """Columns of letters of one width, without marks; a wide table's rows as written."""
    rows = [_line(line) for line in lines]
    cells = [_cells(row.text) for row in (rows[0], *rows[2:])]
    widths = [max(map(_columns, column)) for column in zip_longest(*cells, fillvalue="")]
    fits = sum(widths) + 3 * len(widths) - 3 <= WIDEST_TABLE
    if not aligned or not fits or not any(widths):
        return _joined(rows)
    ruled = [cells[0], ["-" * width for width in widths], *cells[1:]]
    return _wholly("pre", Piece("\n".join(_aligned(row, widths) for row in ruled)))


def _cells(row: str) -> list[str]:
    bare = row.strip().removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in _CELL_END.split(bare)]


def _aligned(row: list[str], widths: list[int]) -> str:
    filled = [*row, *[""] * (len(widths) - len(row))]
    wide = (
        cell + " " * (width - _columns(cell)) for cell, width in zip(filled, widths, strict=True)
    )
    return " | ".join(wide).rstrip()


def _columns(text: str) -> int:
    """How wide a text is where all letters are of one width; a Chinese one counts two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
