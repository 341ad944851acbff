"""When the next call to a chat may go out, so that a platform's flood control is never met.

Knows: the time of the last call, a platform's "not before". Does not know: what is sent.

Every chat has a budget of its own under one for all. Being told to wait slows a chat down by
itself; calls that go well bring it back to its pace, little by little.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

_SLOWEST = 8.0
_EASE = 0.8
_REMEMBERED = 10_000


class Pace:
    """Calls at least `interval` seconds apart. `clock` gives seconds."""

    def __init__(self, interval: float, *, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self.line = asyncio.Lock()
        """Held by whoever's turn is next: turns come in the order in which they were asked for."""
        self._usual = interval
        self._interval = interval
        self._next = 0.0
        self._clock = clock
        self._sleep = sleep

    @property
    def interval(self) -> float:
        """Seconds between two calls, as things stand."""
        return self._interval

    async def free(self) -> None:
        """Wait until a call may go out."""
        while (wait := self._next - self._clock()) > 0:
            await self._sleep(wait)

    async def turn(self) -> None:
        """Wait until a call may go out, and count it."""
        async with self.line:
            await self.free()
            self.count()

    def count(self) -> None:
        """A call goes out now."""
        self._next = max(self._next, self._clock() + self._interval)

    def hold(self, seconds: float) -> None:
        """The platform asks for a rest: none before that, and slower afterwards."""
        self._next = max(self._next, self._clock() + seconds)
        self._interval = min(self._interval * 2, self._usual * _SLOWEST)

    def ease(self) -> None:
        """A call went well. It is counted from now: nobody knows when the platform counted it."""
        self._interval = max(self._usual, self._interval * _EASE)
        self.count()


class Paces:
    """The pace of every chat, and of all together."""

    def __init__(self, overall: float, *, clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        """`overall` is the least number of seconds between any two calls."""
        self._overall = Pace(overall, clock=clock, sleep=sleep)
        self._clock = clock
        self._sleep = sleep
        self._chats: OrderedDict[str, Pace] = OrderedDict()

    def of(self, chat: str, interval: float) -> ChatPace:
        """The pace of one chat, remembered from one answer to the next."""
        pace = self._chats.setdefault(chat, Pace(interval, clock=self._clock, sleep=self._sleep))
        self._chats.move_to_end(chat)
        if len(self._chats) > _REMEMBERED:
            self._chats.popitem(last=False)
        return ChatPace(pace, self._overall, self._sleep)


class ChatPace:
    """A chat's own pace under that of all chats."""

    def __init__(self, own: Pace, overall: Pace, sleep: Sleep = asyncio.sleep) -> None:
        self._own = own
        self._overall = overall
        self._sleep = sleep

    async def free(self) -> None:
        """Wait until a call may go out, without a place in the line."""
        await self._own.free()
        await self._overall.free()

    async def turn(self) -> None:
        """Wait until a call may go out, and count it."""
        async with self._own.line:
            await self._own.free()
            await self._overall.turn()
            self._own.count()

    async def rest(self, seconds: float) -> None:
        """Wait, for one call's sake alone: the chat's others go on."""
        await self._sleep(seconds)

    def hold(self, seconds: float) -> None:
        """The platform asks this chat for a rest."""
        self._own.hold(seconds)

    def ease(self) -> None:
        """A call went well."""
        self._own.ease()
