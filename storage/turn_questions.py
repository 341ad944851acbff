"""What may be asked about turns: the life of one, what was said, what has reached its platform.

Knows: which question is a read and which a write. Does not know: SQL (that is in `turns`,
`recall`, `deliveries`, `chats`), models, platforms.
"""

from __future__ import annotations

from datetime import datetime

from storage import chats, deliveries, recall, turn_rows, turns
from storage.door import Door
from storage.records import Heard, Inbound, Label, Place, Received, Turn, Unfinished


class TurnQuestions(Door):
    """The part of a Store that is about turns."""

    async def receive(self, inbound: Inbound) -> Received:
        """Write a message down before anything else. A redelivery gives the turn that is there.

        Once this returns, killing the process does not lose the message. A changed name of the
        person is noted, and the server of a conversation once it is known. The turn's text is the
        message's own, also where others are joined to it.
        """
        now = self._now()
        return await self._database.write(lambda c: turns.receive(c, inbound, now))

    async def begin(self, turn_id: int) -> Turn:
        """Mark a turn as being answered and count the attempt; its text is composed (`words`).

        A turn that is answered, declined or joined already comes back as it is: look at its state.

        Raises:
            TurnGone: its person was forgotten.
        """
        return await self._database.write(lambda c: turns.begin(c, turn_id))

    async def join(self, turn_id: int, into: int) -> bool:
        """Let the turn `into`, the lead, answer for this one, and for what is joined to it.

        False, and nothing changed, when the lead is not open (received or answering), when either
        is gone, when this one is final, or when they are not one person's in one conversation: it
        is then to be answered on its own. True again when it was joined to that lead before.
        """
        return await self._database.write(lambda c: turns.join(c, turn_id, into))

    async def edit(self, place: Place, text: str) -> Turn | None:
        """Replace a message's own words, if its answer is not final.

        Gives the turn that answers it, as it stands, with its composed words: the turn itself or
        its lead. None when nothing changed: the message is unknown, its answer is final, or its
        words are these already.
        """
        return await self._database.write(lambda c: turns.edit(c, place, text))

    async def words(self, turn_id: int) -> str:
        """All that a turn's answer speaks to: its own words and those of what is joined to it.

        One message a line, in the order they arrived. Of a joined turn, its own words.

        Raises:
            TurnGone: its person was forgotten.
        """
        return await self._database.read(lambda c: turn_rows.composed(c, turn_id).text)

    async def complete(self, turn_id: int, reply: str, label: Label | None, note: str = "") -> bool:
        """Write the composed words, the reply, the label and the trend note down, all or nothing.

        False, and nothing written, when the turn was final already or has been forgotten.
        """
        now = self._now()
        return await self._database.write(
            lambda c: turns.complete(c, turn_id, reply, label, note, now)
        )

    async def fail(self, turn_id: int, failure: str) -> bool:
        """Give a turn up under a short code. It can be begun again. False as in `complete`.

        Raises:
            ValueError: the code has spaces or is longer than 64 characters.
        """
        return await self._database.write(lambda c: turns.fail(c, turn_id, failure))

    async def decline(self, turn_id: int, failure: str, reply: str = "") -> bool:
        """End a turn without the model, for good; `reply` is the fixed line that was sent.

        Such a turn is in no history. False as in `complete`; ValueError as in `fail`.
        """
        now = self._now()
        return await self._database.write(lambda c: turns.decline(c, turn_id, failure, reply, now))

    async def replace_reply(self, turn_id: int, reply: str) -> bool:
        """Put another answer in the place of an answered turn's. False when it is not answered."""
        return await self._database.write(lambda c: turns.replace_reply(c, turn_id, reply))

    async def history(self, conversation_id: int, before: int, limit: int) -> list[Turn]:
        """The last `limit` answered turns of this conversation before turn `before`, oldest first.

        Nothing of any other conversation, whoever wrote it.
        """
        return await self._database.read(
            lambda c: recall.history(c, conversation_id, before, limit)
        )

    async def last_answered(
        self, platform: str, chat_id: str, thread_id: str, user_id: str
    ) -> Turn | None:
        """The last turn of a conversation, if it is that person's and answered; otherwise None.

        Commands, joined turns and turns that are still open are passed over: /retry is one.
        """
        return await self._database.read(
            lambda c: recall.last_answered(c, platform, chat_id, thread_id, user_id)
        )

    async def unfinished(self, platform: str | None = None) -> list[Unfinished]:
        """What still needs an answer after a restart, oldest first; on one platform or on all."""
        return await self._database.read(lambda c: recall.unfinished(c, platform))

    async def undelivered(self, platform: str, since: datetime) -> list[Unfinished]:
        """What was received since then and has not wholly reached its person, oldest first.

        Turns that are received or answering; answered or declined ones whose delivery has begun
        and not ended; answered ones with a reply whose delivery never began. Never one that is
        delivered or undeliverable, and never a joined one: its lead speaks for it.

        Raises:
            ValueError: `since` has no time zone.
        """
        return await self._database.read(lambda c: recall.undelivered(c, platform, since))

    async def last_heard(self, platform: str, since: datetime) -> list[Heard]:
        """Where each conversation that had a turn since then was heard last, the latest first.

        The message may be older than that: only ids that are plain numbers count, since a platform
        can be asked for what came after one of these. Conversations without one are left out.

        Raises:
            ValueError: `since` has no time zone.
        """
        return await self._database.read(lambda c: recall.last_heard(c, platform, since))

    async def delivery_creating(self, place: Place) -> None:
        """A message with words of the answer to `place` is about to be created.

        After a delivery that has ended, a new one begins. Nothing is done for an unknown place.
        """
        now = self._now()
        await self._database.write(lambda c: deliveries.creating(c, place, now))

    async def delivery_not_created(self, place: Place) -> None:
        """It certainly was not: the platform could not be reached. It may be tried again."""
        now = self._now()
        await self._database.write(lambda c: deliveries.not_created(c, place, now))

    async def delivery_created(self, place: Place, sent_id: str) -> None:
        """It exists under the platform's id. Nothing is done for an unknown place."""
        now = self._now()
        await self._database.write(lambda c: deliveries.created(c, place, sent_id, now))

    async def delivery_ended(self, place: Place, reason: str = "") -> None:
        """The whole answer is there; or, with a reason, it never will be.

        The reason is a short code or the platform's own words, never a person's. Nothing is done
        for an unknown place.
        """
        now = self._now()
        await self._database.write(lambda c: deliveries.ended(c, place, reason, now))

    async def move_chat(self, platform: str, old_chat: str, new_chat: str) -> int:
        """A chat goes on under another id, with all its threads; how many conversations moved.

        Where the new chat has a conversation already, the two become one. The old messages are
        called "OLD_CHAT:ID" from now on, and are found by their old names too: one that arrives
        again, or late, is known under the new chat. Moving twice is harmless.
        """
        return await self._database.write(lambda c: chats.move(c, platform, old_chat, new_chat))
