"""What people wrote in the last minutes, so that a danger cut in two messages is seen whole.

Knows: whose words belong together, and for how long. Does not know: what they mean. In memory
alone: nothing is written down, and a restart forgets it.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from adapters.messages import IncomingMessage, Person, Scope
from bot.crisis.finding import EARLIER_MESSAGES

WITHIN = timedelta(minutes=5)
"""Words that are further apart do not make one sentence."""

_MOST_CHARACTERS = 200
_MOST_PEOPLE = 10_000


class JustBefore:
    """The ends of each person's last messages in each scope."""

    def __init__(self) -> None:
        self._said: OrderedDict[tuple[Scope, Person], deque[tuple[datetime, str]]] = OrderedDict()

    def take(self, message: IncomingMessage) -> tuple[str, ...]:
        """What the same person wrote there just before, oldest first; then keep this one too."""
        key = (message.scope, message.person)
        said = self._said.setdefault(key, deque(maxlen=EARLIER_MESSAGES))
        earlier = tuple(text for at, text in said if abs(message.sent_at - at) <= WITHIN)
        said.append((message.sent_at, message.text[-_MOST_CHARACTERS:]))
        self._said.move_to_end(key)
        if len(self._said) > _MOST_PEOPLE:
            self._said.popitem(last=False)
        return earlier

    def clear(self) -> None:
        """Forget everybody's: somebody had something erased."""
        self._said.clear()
