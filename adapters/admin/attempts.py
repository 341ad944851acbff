"""How often somebody may try a key that is no good.

Knows: who failed and when, in memory. Does not know: keys, pages. A try counts as failed from its
beginning, so that many at once are no way around, until it is known to be good.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

MOST = 10
"""So many failures within SECONDS, and the next try has to wait."""

SECONDS = 600.0
_MOST_CLIENTS = 1024


class Attempts:
    """Failures by client address. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, client: str) -> float:
        """Seconds until this client may try again; 0 for now."""
        failures = self._failures.get(client)
        if failures is None or len(failures) < MOST:
            return 0.0
        return max(0.0, failures[0] + SECONDS - self._clock())

    def begun(self, client: str) -> None:
        """One more try of this client, which is a failure until it is `good`."""
        failures = self._failures.setdefault(client, deque(maxlen=MOST))
        failures.append(self._clock())
        self._failures.move_to_end(client)
        if len(self._failures) > _MOST_CLIENTS:
            self._failures.popitem(last=False)

    def good(self, client: str) -> None:
        """The try was good: it does not count."""
        failures = self._failures.get(client)
        if failures:
            failures.pop()
