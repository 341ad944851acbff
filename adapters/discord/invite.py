"""The link that invites the bot into a server, with the rights it needs and no others.

Knows: which rights that are. Does not know: any server.
"""

from __future__ import annotations

import discord

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,
    read_message_history=True,
)


def invite(application_id: int) -> str:
    """The address to open in a browser."""
    return discord.utils.oauth_url(
        application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
    )
