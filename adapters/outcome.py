"""What became of a message that a platform was asked to show: four errors, one for each answer.

    SendError
    ├── NotSent      nothing was done; the same may be tried again
    ├── PerhapsSent  nobody knows; never tried again on its own
    ├── Unreachable  this chat will never take anything again, until somebody there acts
    └── Rejected     this content will never be taken; another may be

Knows: the difference alone. Does not know: platforms; each adapter translates its library's errors.
The words of these errors are safe to log: none of a person, no address, no token.
"""

from __future__ import annotations


class SendError(Exception):
    """The platform did not confirm. Raised from the library's own error, which stays its cause."""


class NotSent(SendError):
    """Nothing was done; it may be tried again `after` seconds (0: soon, by the caller's pace)."""

    def __init__(self, after: float = 0.0) -> None:
        """`after` in seconds, never negative: what the platform asked for, or a guess."""
        super().__init__(f"not sent; may be tried again after {after:g} s")
        self.after = after


class PerhapsSent(SendError):
    """The platform may have acted before the answer was lost: sending again could say it twice."""

    def __init__(self) -> None:
        """Nothing more is known."""
        super().__init__("perhaps sent: the answer of the platform was lost")


class Unreachable(SendError):
    """Nothing sent there will arrive: blocked, removed, gone, closed, or no right to write."""

    def __init__(self, reason: str) -> None:
        """`reason`: a short code without spaces, for the log and the memory."""
        super().__init__(f"unreachable: {reason}")
        self.reason = reason


class Rejected(SendError):
    """The platform read it and will never take it as it is."""

    def __init__(self, reason: str = "other") -> None:
        """`reason`: a short code without spaces, for the log."""
        super().__init__(f"rejected: {reason}")
        self.reason = reason
