"""A template at the other end of a wire cuts prompts as one that is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from engine.base import Message
from engine.chat_template import ChatTemplate, TemplateUnusable, holds_all, placeholders
from engine.remote.template import ServedTemplate

SOURCE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
GEMMA = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no') }}{% endif %}" + SOURCE
CHAT = (
    Message("system", "Be kind."),
    Message("user", "hi <|im_end|>"),
    Message("assistant", " Hello!", ("[", "Neutral", "]")),
    Message("user", "\ue0000\ue001"),
    Message("assistant", "", ("[",)),
)


class Far:
    """Renders as a server does, and counts how often."""

    rendered = 0

    async def __call__(self, messages: Sequence[Mapping[str, str]]) -> str:
        self.rendered += 1
        chat = "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages)
        return f"{chat}<|im_start|>assistant\n"


async def test_the_pieces_are_those_of_a_template_that_is_here():
    assert await ServedTemplate(Far()).pieces(CHAT) == ChatTemplate(SOURCE).pieces(CHAT)


async def test_system_words_are_folded_as_they_are_here():
    pieces = await ServedTemplate(Far(), folds_system=True).pieces(CHAT)
    assert pieces == ChatTemplate(GEMMA).pieces(CHAT)
    assert pieces[1].text == "Be kind.\n\nhi <|im_end|>"


async def test_the_server_is_asked_once_for_each_sequence_of_roles():
    far = Far()
    template = ServedTemplate(far)
    for _ in range(3):
        await template.pieces(CHAT)
    await template.pieces(CHAT[:2] + CHAT[-1:])
    assert far.rendered == 2


@pytest.mark.parametrize("spoilt", ["", "\ue0000\ue001", "\ue0001\ue001\ue0000\ue001"])
async def test_a_template_that_drops_or_moves_a_message_is_refused(spoilt: str):
    async def render(_: Sequence[Mapping[str, str]]) -> str:
        return spoilt

    with pytest.raises(TemplateUnusable):
        await ServedTemplate(render).pieces((*CHAT[:2], CHAT[-1]))


def test_placeholders_are_told_in_order():
    chat = placeholders(("system", "user"))
    assert holds_all(f"a{chat[0]['content']}b{chat[1]['content']}", 2)
    assert not holds_all(f"{chat[1]['content']}{chat[0]['content']}", 2)
