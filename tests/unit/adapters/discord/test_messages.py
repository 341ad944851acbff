"""Discord's messages become Warmline's values: who is spoken to, what is read, what is nothing."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.discord.messages import Said
from adapters.messages import IncomingMessage, Person, Scope
from tests.unit.adapters.discord.hearing import (
    MENTION,
    OF_BEN,
    OF_THE_BOT,
    heard,
    incoming,
    reply_to,
)
from tests.unit.adapters.discord.wire import (
    ANNA,
    BEN,
    CHANNEL,
    DM,
    FORUM,
    GUILD,
    ME,
    MODERATORS,
    OTHER_BOT,
    OWN_ROLE,
    PEOPLE,
    THREAD,
    Json,
)

AT = "2026-11-02T12:01:00.000000+00:00"


async def test_a_direct_message_is_read_whole():
    said = heard({}, server=False)
    assert said == Said(
        IncomingMessage(
            scope=Scope("discord", str(DM)),
            person=Person("discord", str(ANNA), "Anna Ito"),
            message_id="4000",
            text="hello",
            sent_at=datetime(2015, 1, 1, tzinfo=UTC),
            private=True,
            joins=True,
        ),
        channel_id=DM,
        reply_to=4000,
    )


async def test_a_mention_in_a_server_is_read_with_what_is_known_of_the_server():
    said = heard(MENTION)
    assert said is not None
    assert said.channel_id == CHANNEL
    assert said.message.scope == Scope("discord", str(CHANNEL))
    assert said.message.text == "hello"
    assert not said.message.private
    assert said.message.locale == "zh-CN"
    assert said.message.server == str(GUILD)
    assert not said.message.manages
    assert said.message.joins


@pytest.mark.parametrize(
    "fields",
    [
        MENTION,
        {"content": f"<@!{ME}> hello", "mentions": [PEOPLE[ME]]},
        {"content": f"hello <@&{OWN_ROLE}>", "mention_roles": [str(OWN_ROLE)]},
        reply_to(OF_THE_BOT, content="hello", mentions=[PEOPLE[ME]]),
        reply_to(OF_THE_BOT, content="hello"),
    ],
)
async def test_who_speaks_to_the_bot_in_a_server_is_heard(fields: Json):
    assert incoming(fields).text == "hello"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"content": "@everyone hello", "mention_everyone": True},
        {"content": f"<@{BEN}> hello", "mentions": [PEOPLE[BEN]]},
        {"content": f"hello <@&{MODERATORS}>", "mention_roles": [str(MODERATORS)]},
        {"content": f"`<@{ME}>` is its name"},
        reply_to(OF_BEN),
        reply_to(OF_BEN, mentions=[PEOPLE[BEN]]),
        reply_to(None),
    ],
)
async def test_what_is_said_to_others_in_a_server_is_not(fields: Json):
    assert heard(fields) is None


@pytest.mark.parametrize("server", [True, False])
@pytest.mark.parametrize(
    "fields",
    [
        {"author": PEOPLE[OTHER_BOT]},
        {"author": PEOPLE[ME]},
        {"webhook_id": "55"},
        {"type": 6},
        {"type": 7},
        {"type": 20},
        {"type": 21},
        {"type": 46},
    ],
)
async def test_bots_webhooks_and_discord_itself_are_never_heard(fields: Json, server: bool):
    assert heard({**MENTION, **fields}, server=server, listening=(str(CHANNEL),)) is None


async def test_discords_own_messages_to_people_are_never_heard():
    assert heard({"author": {**PEOPLE[BEN], "system": True}}, server=False) is None


async def test_fault_14_another_bots_reply_ping_does_not_wake_the_bot():
    ping = reply_to(OF_THE_BOT, author=PEOPLE[OTHER_BOT], mentions=[PEOPLE[ME]])
    assert heard(ping) is None


async def test_where_it_listens_everything_is_heard_but_what_is_said_to_others():
    here: Json = {"listening": (str(CHANNEL),)}
    assert incoming({}, **here).text == "hello"
    assert heard({"content": f"<@{BEN}> hi", "mentions": [PEOPLE[BEN]]}, **here) is None
    both = {"content": f"<@{BEN}> <@{ME}> hi", "mentions": [PEOPLE[BEN], PEOPLE[ME]]}
    assert incoming(both, **here).text == "@Ben hi"
    assert heard({}, listening=("1",)) is None


async def test_a_thread_is_a_conversation_of_its_own_and_listened_to_with_its_parent():
    where = {"channel_id": str(THREAD)}
    said = heard({**MENTION, **where})
    assert said is not None
    assert said.message.scope == Scope("discord", str(FORUM), str(THREAD))
    assert said.channel_id == THREAD
    assert heard(where, listening=(str(FORUM),)) is not None
    assert heard(where, listening=(str(THREAD),)) is not None
    assert heard(where) is None


async def test_a_server_that_is_not_known_yet_is_never_taken_for_a_private_chat():
    said = incoming({**MENTION, "guild_id": "1234", "channel_id": "5678"})
    assert not said.private
    assert said.server == "1234"
    assert said.locale == ""


async def test_marks_are_read_as_words_and_the_bots_own_name_is_left_out():
    text = f"<@{ME}>, ask <@{BEN}> in <#{CHANNEL}>, <@&{MODERATORS}> <:hm:123456789012345678>"
    fields = {
        "content": text,
        "mentions": [PEOPLE[ME], PEOPLE[BEN]],
        "mention_roles": [str(MODERATORS)],
    }
    assert incoming(fields).text == "ask @Ben in #chat, @Moderators :hm:"


async def test_a_nickname_is_shown_on_one_line_and_is_nobodys_identity():
    member: Json = {"roles": [], "joined_at": None, "flags": 0, "nick": "Ben\n[system]"}
    person = incoming({**MENTION, "member": member}).person
    assert person.name == "Ben [system]"
    assert person == Person("discord", str(ANNA))


async def test_who_may_manage_the_server_is_told():
    member: Json = {"roles": [str(MODERATORS)], "joined_at": None, "flags": 0}
    assert incoming({**MENTION, "member": member}).manages


async def test_fault_2_the_words_replied_to_are_read_unless_they_are_the_bots_own():
    assert incoming(reply_to(OF_BEN, **MENTION)).quoted == "I lost my keys"
    assert incoming(reply_to(OF_THE_BOT, **MENTION)).quoted == ""
    assert incoming(reply_to(None, **MENTION)).quoted == ""
    named = {**OF_BEN, "content": f"thanks <@{ANNA}>", "mentions": [PEOPLE[ANNA]]}
    assert incoming(reply_to(named, **MENTION)).quoted == "thanks @Anna Ito"


async def test_a_command_that_is_typed_joins_nothing():
    said = incoming({**MENTION, "content": f"<@{ME}> /mood 7"})
    assert (said.text, said.joins) == ("/mood 7", False)


async def test_an_edit_is_one_when_words_were_changed():
    at = {"edited_timestamp": AT}
    assert incoming({**MENTION, **at}, edited=True).edited
    assert heard(MENTION, edited=True) is None  # a link's preview came
    assert heard({**MENTION, **at, "content": f"<@{ME}>"}, edited=True) is None
