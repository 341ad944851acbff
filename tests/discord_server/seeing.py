"""Discord as a test sees it: what the bot did, what now stands in the channels.

Also what goes wrong: faults of REST, and of the gateway. Knows no socket: `server` adds it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from tests.discord_server.calls import Call
from tests.discord_server.connections import Connection, Op
from tests.discord_server.faults import Fault, Faults
from tests.discord_server.gateway import Gateway
from tests.discord_server.limits import Limits
from tests.discord_server.messages import Message
from tests.discord_server.people import BOT, Json
from tests.discord_server.places import Channel
from tests.discord_server.sessions import Session
from tests.discord_server.slash import Slash
from tests.watched import Watched


class Seeing(Watched, Slash):
    """`calls`: all REST calls and gateway connections. `errors`: mistakes of this server itself."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self.token = token
        self.calls: list[Call] = []
        self.errors: list[BaseException] = []
        self.gateway = Gateway(self.world, token, self._tell)
        self._faults = Faults()
        self._limits = Limits()
        self._changed = asyncio.Event()

    # Time and the portal

    def advance(self, seconds: float) -> None:
        """Moves Discord's clock: that of ids, interactions and nonces; not of rate limits."""
        self.world.clock.forward(seconds)

    @property
    def privileged(self) -> set[str]:
        """The intents that the portal allows: "members", "presences", "message_content"."""
        return self.world.privileged

    # What goes wrong with REST

    def fail(
        self,
        method: str,
        fragment: str,
        *spoilt: Fault,
        when: Callable[[Call], bool] | None = None,
        always: bool = False,
    ) -> None:
        """Faults for the next calls of a method ("*": any) with this in their path or route.

        `always`: the last never ends. With "WS" and "/gateway" no connection comes about.
        """
        self._faults.add(method, fragment, spoilt, when, always=always)

    def mend(self) -> None:
        """No more faults."""
        self._faults.clear()

    def limit(self, method: str, fragment: str, calls: int, seconds: float) -> None:
        """So many calls in so many seconds, in each channel; see `violations`."""
        self._limits.narrow(method, fragment, calls, seconds)

    @property
    def violations(self) -> list[Call]:
        """Calls that came although a 429, or an empty bucket, had told the bot to wait."""
        return self._limits.violations

    # What goes wrong with the gateway. `shard`: which; left out, all

    def reconnect(self, shard: int | None = None) -> None:
        """Op 7: come back and resume."""
        for one in self.gateway.lines(shard):
            one.send(Op.RECONNECT)

    def invalidate(self, *, resumable: bool, shard: int | None = None) -> None:
        """Op 9. Where it isn't resumable the session is gone, and what it missed with it."""
        for one in self.gateway.live(shard):
            line = one.connection
            if not resumable:
                self.gateway.sessions.end(one)
            if line:
                line.send(Op.INVALID_SESSION, data=resumable)

    def forget_sessions(self) -> None:
        """A RESUME will be told op 9: identify anew. The connections stay as they are."""
        self.gateway.sessions.open.clear()

    def close(self, code: int, shard: int | None = None) -> None:
        """Closes with this code, as 4000 (anything), 4009 (timed out) or 1000."""
        for one in self.gateway.lines(shard):
            one.close(code)

    def abort(self, shard: int | None = None) -> None:
        """Cuts the TCP connection. What happens now is missed until the bot resumes."""
        for one in self.gateway.lines(shard):
            one.abort()

    def silence(self, shard: int | None = None) -> None:
        """Nothing comes any more on these connections, not even what answers a heartbeat."""
        for one in self.gateway.lines(shard):
            one.silent = True

    def frame(self, frame: str | bytes, shard: int | None = None) -> None:
        """A frame as it is: a text that may be no JSON, or bytes that may be no zlib."""
        for one in self.gateway.lines(shard):
            one.put(frame)

    def repeat(self, name: str = "MESSAGE_CREATE") -> None:
        """The last such dispatch once more, with a new number."""
        for session in self.gateway.live():
            past = [one for one in session.log if one.name == name]
            if past:
                session.dispatch(name, past[-1].data)

    def dispatch(self, name: str, data: Json, shard: int | None = None) -> None:
        """Any dispatch, as it is."""
        for one in self.gateway.live(shard):
            one.dispatch(name, data)

    # What there is to see

    @property
    def sessions(self) -> list[Session]:
        """The sessions that are connected now."""
        return self.gateway.live()

    @property
    def connections(self) -> list[Connection]:
        """All connections that ever were, in order."""
        return self.gateway.connections

    def messages(self, channel: Channel) -> list[Message]:
        """The bot's messages that everybody there sees now, in order."""
        return [one for one in channel.shown if one.author.id == BOT.id]

    def texts(self, channel: Channel) -> list[str]:
        """Their texts; what is still "thinking" has none and isn't among them."""
        return [one.content for one in self.messages(channel) if not one.is_loading]

    def typing(self, channel: Channel) -> list[float]:
        """When the bot said there that it types: times of the event loop."""
        return [when for where, when in self.world.typing if where == channel.id]

    def calls_of(self, method: str, fragment: str) -> list[Call]:
        return [call for call in self.calls if call.fits(method, fragment)]

    def count(self, method: str, fragment: str) -> int:
        return len(self.calls_of(method, fragment))

    @property
    def commands(self) -> Mapping[int, Mapping[str, Json]]:
        """The registered commands by server (0: everywhere) and name."""
        return self._commands.kept

    @property
    def syncs(self) -> int:
        """How often a whole list of commands was put."""
        return self._commands.syncs

    def dump(self) -> str:
        """Everything that helps to see why a test failed."""
        lines = [
            f"{one.kind.name} {one.name or one.id}: "
            + str([f"{said.author.username}: {said.content}" for said in one.shown][-20:])
            for one in self.world.channels.values()
            if one.messages
        ]
        for one in self.world.interactions.values():
            lines.append(f"interaction {one.name or one.kind}: {one.answer.name} {one.texts}")
        for number, line in enumerate(self.connections):
            state = "open" if line.open else f"closed with {line.closed_with}"
            heard = line.session.names[-5:] if line.session else []
            lines.append(f"connection {number} {line.path}: {state}, last events {heard}")
        for call in self.calls[-20:]:
            shown = {name: str(value)[:80] for name, value in call.body.items()}
            status = call.status or "no answer"
            lines.append(f"{call.time:.3f} {call.method} {call.path} {shown} -> {status}")
        lines += [f"fault to come: {one}" for one in self._faults.left()]
        return "\n".join([*lines, *(f"error here: {one!r}" for one in self.errors)])
