"""From the tokens of a reply to its text: whole characters, and an end at a stop string.

Knows: decoding bit by bit. Does not know: sampling, the model, who reads. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_CUT = "\ufffd"
"""What a decoder writes for a character whose bytes are not all there."""


class Writing:
    """A reply as it grows. `ended` once a stop string was met: it and what follows is no part."""

    def __init__(self, decode: Callable[[Sequence[int]], str], stop: Sequence[str]) -> None:
        self._decode = decode
        self._stop = tuple(text for text in stop if text)
        self._tokens: list[int] = []
        self._start = 0  # what is decoded again, since a token's text depends on the one before
        self._told = 0
        self._held = ""
        self.ended = False

    def add(self, token: int) -> str:
        """One more token; the text that can now be told, often none."""
        self._tokens.append(token)
        known = self._decode(self._tokens[self._start : self._told])
        text = self._decode(self._tokens[self._start :])
        if text.endswith(_CUT):
            return ""
        self._start, self._told = self._told, len(self._tokens)
        return self._without_stop(text[len(known) :])

    def rest(self) -> str:
        """The end of the reply: what was held back as the possible beginning of a stop string.

        The bytes of a character that was never finished are dropped.
        """
        if self.ended:
            return ""
        known = self._decode(self._tokens[self._start : self._told])
        text = self._decode(self._tokens[self._start :])
        told = self._without_stop(text[len(known) :].rstrip(_CUT))
        held, self._held = self._held, ""
        return told if self.ended else told + held

    def _without_stop(self, text: str) -> str:
        text = self._held + text
        found = [at for at in map(text.find, self._stop) if at >= 0]
        if found:
            self.ended = True
            self._held = ""
            return text[: min(found)]
        end = len(text) - self._begun(text)
        self._held = text[end:]
        return text[:end]

    def _begun(self, text: str) -> int:
        """Length of the longest end of the text that may be the beginning of a stop string."""
        longest = max((len(stop) - 1 for stop in self._stop), default=0)
        for length in range(min(longest, len(text)), 0, -1):
            if any(stop.startswith(text[-length:]) for stop in self._stop):
                return length
        return 0
