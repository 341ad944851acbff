"""The chat template of a server that keeps it to itself: rendered there, cut here.

Knows: placeholders. Does not know: HTTP, token ids. The server renders a chat whose contents are
placeholders; the result is cut at them, so that a content stays apart from control text, as in
`engine.chat_template`. A rendering depends on the roles alone and is remembered by them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence

from engine.base import Message, Role
from engine.chat_template import Piece, TemplateUnusable, cut, folded, holds_all, placeholders

_KEPT_RENDERINGS = 256

Render = Callable[[Sequence[Mapping[str, str]]], Awaitable[str]]


class ServedTemplate:
    """A chat template at the other end of a wire."""

    def __init__(self, render: Render, *, folds_system: bool = False) -> None:
        """`folds_system`: the template has no system role, so its words open the first user turn.

        Raises nothing: nothing is asked yet.
        """
        self._render = render
        self._folds_system = folds_system
        self._known: OrderedDict[tuple[Role, ...], str] = OrderedDict()

    async def pieces(self, messages: Sequence[Message]) -> list[Piece]:
        """The prompt, cut into pieces. The last message must be the assistant's: it stays open.

        Raises:
            TemplateUnusable: the template repeats, drops or changes a content.
        """
        *closed, _ = folded(messages) if self._folds_system else messages
        rendered = await self._rendered(tuple(message.role for message in closed))
        return cut(rendered, messages, folds_system=self._folds_system)

    async def _rendered(self, roles: tuple[Role, ...]) -> str:
        if roles not in self._known:
            rendered = await self._render(placeholders(roles))
            if not holds_all(rendered, len(roles)):
                raise TemplateUnusable("the server's chat template does not keep the messages")
            self._known[roles] = rendered
            if len(self._known) > _KEPT_RENDERINGS:
                self._known.popitem(last=False)
        self._known.move_to_end(roles)
        return self._known[roles]
