"""What came by lately. Knows: keys. Does not know: what they name."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

_REMEMBERED = 2000


class Seen:
    """The last few keys that came by: Telegram may tell a thing twice."""

    def __init__(self) -> None:
        self._keys: OrderedDict[Hashable, None] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        """Whether the key has come by lately."""
        return key in self._keys

    def add(self, key: Hashable) -> None:
        """It has come by."""
        self._keys[key] = None
        if len(self._keys) > _REMEMBERED:
            self._keys.popitem(last=False)
