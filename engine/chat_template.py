"""The model's own chat template: chat messages in, pieces of text out.

Knows: Jinja templates as model files carry them, and how to keep a person's words apart from
control text. Does not know: token ids, any model library.

The template is rendered once with a placeholder for each content, then cut at the placeholders.
So a content is turned into tokens as plain text, whatever it holds: `<|im_end|>` typed by a person
can never end a turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from engine.base import Message, ModelUnusable

_PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")


class TemplateUnusable(ModelUnusable):
    """The model carries no chat template, or one that cannot be rendered."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a prompt. `control` text may hold control tokens; `message` is its index.

    Template text in front of a message's content belongs to that message.
    """

    text: str
    control: bool
    message: int


class ChatTemplate:
    """A compiled chat template. Rendering is pure: the same messages give the same pieces."""

    def __init__(self, source: str, bos_token: str = "", eos_token: str = "") -> None:
        if not source.strip():
            raise TemplateUnusable("the model carries no chat template: choose a chat model")
        self._tokens = {"bos_token": bos_token, "eos_token": eos_token}
        self._template = _compile(source)
        self._folds_system = self._refuses_system()

    def pieces(self, messages: Sequence[Message]) -> list[Piece]:
        """The prompt, cut into pieces. The last message must be the assistant's: it stays open."""
        *closed, _ = folded(messages) if self._folds_system else messages
        rendered = self._render([message.role for message in closed])
        return cut(rendered, messages, folds_system=self._folds_system)

    def _render(self, roles: Sequence[str]) -> str:
        chat = placeholders(roles)
        try:
            return str(
                self._template.render(
                    messages=chat, add_generation_prompt=True, enable_thinking=False, **self._tokens
                )
            )
        except Exception as error:  # any failure of a foreign template means the same
            raise TemplateUnusable(f"the model's chat template failed: {error}") from error

    def _refuses_system(self) -> bool:
        try:
            rendered = self._render(["system", "user"])
        except TemplateUnusable:
            return True
        return "\ue0000\ue001" not in rendered


def placeholders(roles: Sequence[str]) -> list[dict[str, str]]:
    """A chat of these roles whose contents only mark their places."""
    return [{"role": role, "content": f"\ue000{i}\ue001"} for i, role in enumerate(roles)]


def holds_all(rendered: str, count: int) -> bool:
    """Whether a rendering has each placeholder once, in order."""
    return _PLACEHOLDER.findall(rendered) == [str(number) for number in range(count)]


def cut(rendered: str, messages: Sequence[Message], *, folds_system: bool) -> list[Piece]:
    """A rendering of all messages but the last, cut at its placeholders, and the open last one."""
    *closed, opened = folded(messages) if folds_system else messages
    gone = len(messages) - len(closed) - 1  # a folded message still counts
    pieces = (*_split(rendered, closed), *_content_pieces(opened, len(closed)))
    return [replace(p, message=p.message + gone) for p in pieces if p.text]


def folded(messages: Sequence[Message]) -> Sequence[Message]:
    """The messages for a template without a system role: its words open the first user turn."""
    if len(messages) < 2 or messages[0].role != "system" or messages[1].role != "user":
        return messages
    system, first, *rest = messages
    return [replace(first, content=f"{system.content}\n\n{first.content}"), *rest]


def _split(rendered: str, closed: Sequence[Message]) -> Iterator[Piece]:
    message = 0
    for place, part in enumerate(_PLACEHOLDER.split(rendered)):
        if place % 2 == 0:
            yield Piece(part, control=True, message=message)
        else:
            yield from _content_pieces(closed[int(part)], int(part))
            message = int(part) + 1


def _content_pieces(message: Message, index: int) -> Iterator[Piece]:
    for text in (*message.opening, message.content):
        if text:
            yield Piece(text, control=False, message=index)


def _compile(source: str) -> Any:
    from jinja2 import TemplateError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _raise
    try:
        return environment.from_string(source)
    except TemplateError as error:
        raise TemplateUnusable(f"the model's chat template cannot be read: {error}") from error


def _raise(message: str) -> NoReturn:
    from jinja2 import TemplateError

    raise TemplateError(message)
