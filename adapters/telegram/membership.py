"""What became of the bot itself in a chat: taken in, thrown out, blocked, silenced.

Knows: Telegram's member states. Does not know: what follows from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from telegram import ChatMember, ChatMemberRestricted, ChatMemberUpdated
from telegram.constants import ChatType

Change = Literal["joined", "left", "blocked", "unblocked", "restricted"]


@dataclass(frozen=True, slots=True)
class Membership:
    """A change of the bot's own standing.

    "blocked" and "unblocked" in a private chat: by its person. In a group: "joined", "left" (or
    removed), "restricted" (may no longer write), "unblocked" (may write again).
    """

    chat_id: int
    private: bool
    now: Change
    title: str


def read_membership(update: ChatMemberUpdated) -> Membership | None:
    """None where nothing changed that matters (a promotion), and in channels."""
    chat = update.chat
    if chat.type == ChatType.CHANNEL:
        return None
    private = chat.type == ChatType.PRIVATE
    before, after = _standing(update.old_chat_member), _standing(update.new_chat_member)
    if before == after:
        return None
    now: Change = after
    if private:
        now = "unblocked" if after == "joined" else "blocked"
    elif (before, after) == ("restricted", "joined"):
        now = "unblocked"
    return Membership(chat.id, private, now, chat.title or "")


def _standing(member: ChatMember) -> Literal["joined", "left", "restricted"]:
    if member.status in (ChatMember.LEFT, ChatMember.BANNED):
        return "left"
    if isinstance(member, ChatMemberRestricted):
        if not member.is_member:
            return "left"
        return "joined" if member.can_send_messages else "restricted"
    return "joined"
