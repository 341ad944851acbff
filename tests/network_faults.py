"""What goes wrong between any bot and any platform's server, as values.

Knows: proxies, lost connections, slowness. Does not know: any platform; its own errors are beside
its server.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """A proxy's page of HTML with this status; nothing was done."""

    code: int
    html: str = "<html><body><h1>Bad Gateway</h1></body></html>"


@dataclass(frozen=True, slots=True)
class DropBefore:
    """The connection is closed; nothing was done."""


@dataclass(frozen=True, slots=True)
class DropAfter:
    """It was done; the connection is closed without a word."""


@dataclass(frozen=True, slots=True)
class Slow:
    """It is done at once (`acts_late`: after the wait), and answered after `seconds`."""

    seconds: float
    acts_late: bool = False
