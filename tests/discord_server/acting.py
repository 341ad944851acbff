"""What people do: write, edit, delete, react, type, open forum posts, forward, attach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.discord_server.building import Building
from tests.discord_server.calls import File
from tests.discord_server.clock import iso
from tests.discord_server.messages import Flag, Message
from tests.discord_server.people import BOT, Json, Person
from tests.discord_server.places import Channel, Kind

_WORDS = (
    "content embeds attachments timestamp edited_timestamp flags type mentions mention_roles "
    "components sticker_items"
)
_IN_SNAPSHOT = tuple(_WORDS.split())
_STICKER: Json = {"id": "749054660769218631", "format_type": 1}


class Acting(Building):
    """What people do, other bots and webhooks too: they only need to be the `who`."""

    def say(
        self,
        who: Person,
        where: Channel,
        content: str = "",
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        files: Mapping[str, bytes] | None = None,
        ago: float = 0.0,
        **more: Any,
    ) -> Message:
        """A message. Mentions are in the words: `BOT.mention`, `role.mention`, "@everyone".

        `ping`: whether a reply pings. `ago`: seconds before now, for what was said while the bot
        was away. `more`: fields of `Message`, such as `kind=7` for "joined the server", `embeds`,
        or `flags=Flag.VOICE` with a file for a voice message.
        """
        self._enter(who, where)
        allowed = None if ping else {"parse": ["users", "roles", "everyone"], "replied_user": False}
        attached = enumerate((files or {}).items(), self.world.clock.snowflake())
        found = {number: File(name, content) for number, (name, content) in attached}
        kept: Json = {"files": found, "allowed_mentions": allowed, "replied": reply_to}
        return self.world.post(where, who, content, ago=ago, **kept | more)

    def forward(self, who: Person, where: Channel, message: Message) -> Message:
        """Passes a message on. Its words are in a snapshot; the forwarding one has none."""
        whole = message.json(self.world.cdn)
        snapshot = {"message": {name: whole[name] for name in _IN_SNAPSHOT}}
        reference: Json = {"type": 1, "channel_id": str(message.channel.id)}
        reference["message_id"] = str(message.id)
        more: Json = {"snapshots": [snapshot], "reference": reference, "flags": Flag.SNAPSHOT}
        return self.say(who, where, **more)

    def stick(self, who: Person, where: Channel, name: str = "Wave") -> Message:
        """A message that is a sticker and no words."""
        return self.say(who, where, stickers=[{**_STICKER, "name": name}])

    def ask(self, who: Person, where: Channel, question: str, *answers: str) -> Message:
        """A poll."""
        given = [{"answer_id": n, "poll_media": {"text": one}} for n, one in enumerate(answers, 1)]
        ends = iso(self.world.clock.now() + 24 * 3600)
        poll: Json = {"question": {"text": question}, "answers": given, "expiry": ends}
        return self.say(who, where, poll={**poll, "allow_multiselect": False, "layout_type": 1})

    def add_post(self, forum: Channel, who: Person, title: str, content: str) -> Message:
        """A post in a forum: a thread, whose id its first message shares. Gives that message."""
        assert forum.kind is Kind.FORUM
        thread = self.add_thread(forum, title, who)
        self._enter(who, thread)
        return self.world.post(thread, who, content, number=thread.id)

    def edit(self, message: Message, content: str) -> None:
        message.content = content
        message.versions.append(content)
        message.edited = self.world.clock.now()
        self.world.mention(message)
        self.world.tell_message("MESSAGE_UPDATE", message)

    def unfurl(self, message: Message, *embeds: Json) -> None:
        """Discord adds the preview of a link: an update without an edit."""
        message.embeds = list(embeds)
        self.world.tell_message("MESSAGE_UPDATE", message)

    def remove(self, message: Message) -> None:
        """Somebody deletes a message: their own, or the bot's."""
        self.world.remove(message)

    def purge(self, messages: Iterable[Message]) -> None:
        """A moderator deletes many at once, in one channel."""
        gone = list(messages)
        for one in gone:
            one.deleted = True
        channel = gone[0].channel
        data: Json = {"ids": [str(one.id) for one in gone], "channel_id": str(channel.id)}
        data |= {"guild_id": str(channel.guild.id)} if channel.guild else {}
        self.world.tell("MESSAGE_DELETE_BULK", data, channel.guild, channel)

    def react(self, who: Person, message: Message, emoji: str) -> None:
        self._enter(who, message.channel)
        message.reactions.setdefault(emoji, []).append(who.id)
        channel = message.channel
        data: Json = {"user_id": str(who.id), "message_id": str(message.id), "type": 0}
        data |= {"channel_id": str(channel.id), "emoji": {"id": None, "name": emoji}}
        data |= {"burst": False, "message_author_id": str(message.author.id)}
        if channel.guild:
            member = channel.guild.members[who.id].json()
            data |= {"guild_id": str(channel.guild.id), "member": member}
        self.world.tell("MESSAGE_REACTION_ADD", data, channel.guild, channel)

    def start_typing(self, who: Person, where: Channel) -> None:
        """ "Ann is typing"."""
        self._enter(who, where)
        data: Json = {"channel_id": str(where.id), "user_id": str(who.id)}
        data["timestamp"] = int(self.world.clock.now())
        if where.guild:
            member = where.guild.members[who.id].json()
            data |= {"guild_id": str(where.guild.id), "member": member}
        self.world.tell("TYPING_START", data, where.guild, where)

    def _enter(self, who: Person, where: Channel) -> None:
        """Whoever acts in a server is in it; a webhook never is."""
        self.world.people[who.id] = who
        if where.guild and not who.is_webhook and who.id != BOT.id:
            self.world.join(where.guild, who)
