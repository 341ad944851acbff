"""Telegram's updates become Warmline's values: who is spoken to, what is read, what is nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from telegram import Message, Update, User
from telegram.constants import MessageType

from adapters.messages import IncomingMessage, Person, Scope
from adapters.telegram.updates import Membership, Moved, Pressed, Said, read

ME = User(id=99, first_name="Warmline", is_bot=True, username="Warmline_Bot")
BOT = {"id": 99, "is_bot": True, "first_name": "Warmline", "username": "Warmline_Bot"}
OTHER_BOT = {"id": 98, "is_bot": True, "first_name": "Other", "username": "other_bot"}
ANNA = {"id": 7, "is_bot": False, "first_name": "Anna", "last_name": "Ito", "language_code": "zh"}
BEN = {"id": 8, "is_bot": False, "first_name": "Ben"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Anna"}
GROUP = {"id": -100, "type": "supergroup", "title": "Friends"}
CHANNEL = {"id": -200, "type": "channel", "title": "News"}
SENT = 1_790_000_000
NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
COMMANDS = frozenset({"help", "mood"})
FILE = {"file_id": "f", "file_unique_id": "u"}
CONTENTS: dict[str, dict[str, Any]] = {
    "photo": {"photo": [{**FILE, "width": 1, "height": 1}]},
    "sticker": {
        "sticker": {
            **FILE,
            "type": "regular",
            "width": 1,
            "height": 1,
            "is_animated": False,
            "is_video": False,
        }
    },
    "voice": {"voice": {**FILE, "duration": 1}},
    "video": {"video": {**FILE, "width": 1, "height": 1, "duration": 1}},
    "video_note": {"video_note": {**FILE, "length": 1, "duration": 1}},
    "audio": {"audio": {**FILE, "duration": 1}},
    "document": {"document": FILE},
    "animation": {
        "animation": {**FILE, "width": 1, "height": 1, "duration": 1},
        "document": FILE,
    },
    "location": {"location": {"longitude": 1.0, "latitude": 1.0}},
    "venue": {
        "location": {"longitude": 1.0, "latitude": 1.0},
        "venue": {
            "location": {"longitude": 1.0, "latitude": 1.0},
            "title": "Café",
            "address": "Here",
        },
    },
    "contact": {"contact": {"phone_number": "1", "first_name": "C"}},
    "poll": {
        "poll": {
            "id": "1",
            "question": "?",
            "options": [],
            "total_voter_count": 0,
            "is_closed": False,
            "is_anonymous": True,
            "type": "regular",
            "allows_multiple_answers": False,
            "allows_revoting": False,
            "members_only": False,
        }
    },
    "dice": {"dice": {"emoji": "🎲", "value": 3}},
    "story": {"story": {"id": 1, "chat": CHANNEL}},
    "other": {"hologram": {"of": "a kind that came later"}},
}


def entity(kind: str, text: str, part: str, **more: Any) -> dict[str, Any]:
    """As Telegram counts: in UTF-16 code units."""
    before = text[: text.index(part)]
    return {"type": kind, "offset": utf16(before), "length": utf16(part), **more}


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def marked(text: str) -> list[dict[str, Any]]:
    """The entities that Telegram finds by itself: mentions by name and commands."""
    return [
        {
            "type": "mention" if found[0][0] == "@" else "bot_command",
            "offset": utf16(text[: found.start()]),
            "length": utf16(found[0]),
        }
        for found in re.finditer(r"(?<![\w/])(?:@\w{3,}|/\w+(?:@\w+)?)", text)
    ]


def raw(text: str = "", chat: dict[str, Any] = PRIVATE, **more: Any) -> dict[str, Any]:
    message: dict[str, Any] = {"message_id": 5, "date": SENT, "chat": chat, "from": ANNA}
    if text:
        message |= {"text": text, "entities": marked(text)}
    return {**message, **more}


def taken(update: dict[str, Any]) -> object:
    return read(Update.de_json({"update_id": 1, **update}), ME, COMMANDS, now=NOW)


def heard(text: str = "", chat: dict[str, Any] = PRIVATE, **more: Any) -> Said | None:
    value = taken({"message": raw(text, chat, **more)})
    assert value is None or isinstance(value, Said)
    return value


def said(text: str = "", chat: dict[str, Any] = PRIVATE, **more: Any) -> Said:
    value = heard(text, chat, **more)
    assert value is not None
    return value


def test_a_private_message_is_read_whole():
    assert said("I can't sleep\n again ") == Said(
        message=IncomingMessage(
            scope=Scope("telegram", "7"),
            person=Person("telegram", "7", "Anna Ito"),
            message_id="5",
            text="I can't sleep\n again ",
            sent_at=datetime.fromtimestamp(SENT, UTC),
            private=True,
            locale="zh",
            joins=True,
        ),
        reply_to=5,
        chat_id=7,
        thread_id=None,
        private=True,
        command="",
        album="",
    )
    assert said("hi").message.person.name == "Anna Ito"


@pytest.mark.parametrize("kind", CONTENTS)
def test_what_is_not_text_has_its_kind_and_its_caption(kind: str):
    silent = said(**CONTENTS[kind]).message
    assert (silent.kind, silent.text, silent.joins) == (kind, "", False)
    caption = said(**CONTENTS[kind], caption="my dog").message
    assert (caption.kind, caption.text, caption.joins) == (kind, "my dog", False)


@pytest.mark.parametrize("kind", CONTENTS)
def test_what_is_not_text_is_left_alone_in_a_group_unless_the_bot_is_meant(kind: str):
    assert heard("", GROUP, **CONTENTS[kind]) is None
    assert said("", GROUP, **CONTENTS[kind], reply_to_message=raw("hi", GROUP, **{"from": BOT}))
    named = CONTENTS[kind] | {
        "caption": "look @warmline_bot",
        "caption_entities": marked("look @warmline_bot"),
    }
    assert said("", GROUP, **named).message.text == "look"


def test_a_forwarded_text_is_read_as_the_text():
    origin = {"type": "hidden_user", "date": SENT, "sender_user_name": "Somebody"}
    message = said("you are useless", forward_origin=origin).message
    assert (message.text, message.quoted, message.kind) == ("you are useless", "", "text")


def test_each_picture_of_an_album_tells_its_album():
    assert said(**CONTENTS["photo"], media_group_id="33").album == "33"


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("@warmline_bot how are you?", "how are you?"),
        ("@WARMLINE_BOT how are you?", "how are you?"),
        ("@warmline_bot, how are you?", "how are you?"),
        ("how are @warmline_bot you?", "how are you?"),
        ("how are you @warmline_bot", "how are you"),
        ("how are you @warmline_bot?", "how are you?"),
        ("how are you,  @warmline_bot  then?", "how are you, then?"),
        ("ask \n @warmline_bot now", "ask \nnow"),
        ("(@warmline_bot)", "()"),
        ("👩‍👩‍👧 @warmline_bot 🇨🇳 hm", "👩‍👩‍👧 🇨🇳 hm"),
        ("@warmline_bot\n  first\n\nsecond  line", "first\n\nsecond  line"),
        ("first\n@warmline_bot second", "first\nsecond"),
        ("first @warmline_bot\nsecond", "first\nsecond"),
        ("@warmline_bot ask @anna @warmline_bot", "ask @anna"),
        ("@warmline_bot", ""),
        ("/mood@warmline_bot 7", "/mood 7"),
        ("/mood@Warmline_Bot", "/mood"),
        ("@warmline_bot /mood 7", "/mood 7"),
        ("hey @warmline_bot /mood 7", "hey /mood 7"),
        ("hey /mood@warmline_bot 7", "hey /mood 7"),
        ("/weather@warmline_bot", "/weather"),
    ],
)
def test_a_mention_speaks_to_the_bot_and_is_taken_out(written: str, left: str):
    value = said(written, GROUP)
    message = value.message
    assert message.text == left
    assert message.kind == "text"
    assert bool(value.command) is left.startswith("/")
    assert message.joins is (left != "" and not value.command)
    assert not message.private


def test_a_mention_by_tapping_is_one_too():
    text = "🙂 Warm line, are you there?"
    mine = [entity("text_mention", text, "Warm line", user=BOT)]
    assert said(text, GROUP, entities=mine).message.text == "🙂, are you there?"
    others = [entity("text_mention", text, "Warm line", user=BEN)]
    assert heard(text, GROUP, entities=others) is None


@pytest.mark.parametrize(
    "text",
    [
        "good morning all",
        "@anna look at this",
        "@other_bot tell me",
        "/help@other_bot",
        "/mood@other_bot ask @warmline_bot",
        "/weather",
        "try /help later",
        "mail me: me@warmline_bot.example",
        "the warmline_bot is nice",
    ],
)
def test_a_group_is_left_alone_when_the_bot_is_not_meant(text: str):
    assert heard(text, GROUP) is None
    assert heard(text, {**GROUP, "type": "group"}) is None


@pytest.mark.parametrize("text", ["/help", "/HELP", "/mood 7", "/mood\n7"])
def test_a_known_command_needs_no_name_in_a_group(text: str):
    value = said(text, GROUP)
    assert value.command
    assert value.message.text == text
    assert not value.message.joins


@pytest.mark.parametrize("text", ["/weather", "/help@other_bot", "/start abc"])
def test_in_private_every_command_is_for_the_bot(text: str):
    value = said(text)
    assert value.command
    assert value.message.text == text


UNNAMED = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
MANAGING = frozenset({"help"})


def unnamed(text: str, **changes: Any) -> dict[str, Any]:
    """As an administrator of the group writes who stays unnamed."""
    return raw(text, **({"chat": GROUP, "sender_chat": GROUP, "from": UNNAMED} | changes))


def read_as(message: dict[str, Any], kind: str = "message") -> object:
    update = Update.de_json({"update_id": 1, kind: message})
    return read(update, ME, COMMANDS, now=NOW, managing=MANAGING)


@pytest.mark.parametrize("text", ["/help", "/help@warmline_bot 30", "/HELP"])
def test_an_unnamed_administrator_is_heard_for_the_group_where_a_command_is_for_those(text: str):
    value = read_as(unnamed(text))
    assert isinstance(value, Said)
    assert value.message.manages
    assert value.message.person == Person("telegram", "-100", "Friends")
    assert value.command == "help"


def test_nobody_else_who_stays_unnamed_is_and_for_no_other_command():
    other = {"id": -300, "type": "supergroup", "title": "Elsewhere"}
    assert read_as(unnamed("/mood")) is None
    assert read_as(unnamed("@warmline_bot hello")) is None
    assert read_as(unnamed("/help", sender_chat=CHANNEL)) is None
    assert read_as(unnamed("/help", sender_chat=other)) is None
    assert read_as(unnamed("/help", via_bot=UNNAMED)) is None
    assert read_as(unnamed("/help"), "edited_message") is None
    assert read_as(unnamed("/help", chat=CHANNEL, sender_chat=CHANNEL)) is None


def test_a_named_persons_standing_is_not_known_from_the_message():
    value = read_as(raw("/help", GROUP))
    assert isinstance(value, Said)
    assert not value.message.manages


@pytest.mark.parametrize("text", ["/", "// no", "/мood", "half/half", "/a/b"])
def test_a_slash_alone_makes_no_command(text: str):
    assert not said(text, entities=[]).command


def test_other_formatting_changes_no_word():
    text = "a bold @warmline_bot word"
    entities = [*marked(text), entity("bold", text, "bold @warmline_bot")]
    assert said(text, GROUP, entities=entities).message.text == "a bold word"


def test_a_reply_to_the_bot_is_for_it_unless_it_calls_somebody_else():
    mine = raw("How are you?", GROUP, **{"from": BOT})
    assert said("fine", GROUP, reply_to_message=mine).message.text == "fine"
    assert said("I asked @anna", GROUP, reply_to_message=mine)
    assert heard("@anna look", GROUP, reply_to_message=mine) is None
    assert heard("/help@other_bot", GROUP, reply_to_message=mine) is None
    assert said("@anna @warmline_bot look", GROUP, reply_to_message=mine)
    assert heard("fine", GROUP, reply_to_message=raw("hi", GROUP, **{"from": BEN})) is None


def test_a_reply_to_the_bot_from_elsewhere_is_for_it():
    origin = {"type": "user", "date": SENT, "sender_user": BOT}
    elsewhere = {
        "external_reply": {"origin": origin},
        "quote": {"text": "As I said", "position": 0},
    }
    assert said("why?", GROUP, **elsewhere).message.quoted == "As I said"
    origin["sender_user"] = BEN
    assert heard("why?", GROUP, **elsewhere) is None


@pytest.fixture(autouse=True)
def _durations_as_the_library_will_have_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # or it warns of each


TOPIC: dict[str, Any] = {"message_thread_id": 40, "is_topic_message": True}


def test_a_topic_is_a_conversation_of_its_own():
    value = said("@warmline_bot hi", GROUP, **TOPIC)
    assert value.message.scope == Scope("telegram", "-100", "40")
    assert value.thread_id == 40


def test_a_chain_of_replies_is_no_topic():
    value = said("@warmline_bot hi", GROUP, message_thread_id=40)
    assert value.message.scope == Scope("telegram", "-100")
    assert value.thread_id is None


def test_the_beginning_of_a_topic_is_not_replied_to():
    begun = {"forum_topic_created": {"name": "Plans", "icon_color": 1}}
    beginning = raw("", GROUP, **TOPIC, **{"from": BOT}, **begun)
    assert heard("good morning", GROUP, **TOPIC, reply_to_message=beginning) is None
    value = said("@warmline_bot hi", GROUP, **TOPIC, reply_to_message=beginning)
    assert value.message.quoted == ""


def quote(manual: bool) -> dict[str, Any]:
    return {"quote": {"text": "part", "position": 0} | ({"is_manual": True} if manual else {})}


@pytest.mark.parametrize(
    ("more", "quoted"),
    [
        ({"reply_to_message": raw("the whole")}, "the whole"),
        ({"reply_to_message": raw(**CONTENTS["photo"], caption="the dog")}, "the dog"),
        ({"reply_to_message": raw(**CONTENTS["voice"])}, ""),
        ({"reply_to_message": raw("the whole"), **quote(True)}, "part"),
        ({"reply_to_message": raw("the whole"), **quote(False)}, "part"),
        ({"reply_to_message": raw("my words", **{"from": BOT})}, ""),
        ({"reply_to_message": raw("my words", **{"from": BOT}), **quote(False)}, ""),
        ({"reply_to_message": raw("my words", **{"from": BOT}), **quote(True)}, "part"),
        ({}, ""),
    ],
)
def test_fault_2_what_is_replied_to_is_seen(more: dict[str, Any], quoted: str):
    assert said("what is that?", **more).message.quoted == quoted


def test_an_edit_is_told_as_one():
    value = taken({"edited_message": raw("I am fine", edit_date=SENT + 9)})
    assert isinstance(value, Said)
    assert (value.message.text, value.message.edited, value.message.message_id) == (
        "I am fine",
        True,
        "5",
    )
    assert not said("I am fine").message.edited


def test_an_edited_caption_is_told_and_an_edit_without_words_is_not():
    value = taken({"edited_message": raw(**CONTENTS["photo"], caption="my dog", edit_date=SENT)})
    assert isinstance(value, Said)
    assert value.message.edited
    for kind in ("photo", "location"):
        assert taken({"edited_message": raw(**CONTENTS[kind], edit_date=SENT)}) is None


ANONYMOUS = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
SERVICE_USER = {"id": 777000, "is_bot": False, "first_name": "Telegram"}


@pytest.mark.parametrize(
    "message",
    [
        raw("@warmline_bot hi", GROUP, **{"from": OTHER_BOT}),
        raw("@warmline_bot hi", GROUP, **{"from": BOT}),
        raw("hi", **{"from": OTHER_BOT}),
        raw("hi", GROUP, **{"from": OTHER_BOT}, reply_to_message=raw("a", **{"from": BOT})),
        raw("@warmline_bot hi", GROUP, **{"from": ANONYMOUS}, sender_chat=GROUP),
        raw(
            "@warmline_bot hi",
            GROUP,
            **{"from": SERVICE_USER},
            sender_chat=CHANNEL,
            is_automatic_forward=True,
        ),
        raw("@warmline_bot hi", CHANNEL),
        raw("hi", via_bot=BOT),
        raw("@warmline_bot hi", {**GROUP, "is_direct_messages": True}),
        {key: value for key, value in raw("hi").items() if key != "from"},
        raw("", GROUP, new_chat_members=[BOT]),
        raw("", GROUP, left_chat_member=BOT),
        raw("", GROUP, pinned_message=raw("a", GROUP), reply_to_message=raw("a", **{"from": BOT})),
        raw("", message_auto_delete_timer_changed={"message_auto_delete_time": 9}),
        raw("", **TOPIC, forum_topic_closed={}),
        raw("", boost_added={"boost_count": 1}),
    ],
)
def test_fault_14_what_no_person_says_is_nothing(message: dict[str, Any]):
    assert taken({"message": message}) is None
    assert taken({"edited_message": message}) is None


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"channel_post": raw("hi", CHANNEL)},
        {"edited_channel_post": raw("hi", CHANNEL)},
        {"business_message": raw("hi")},
        {"something_new": {"a": 1}},
    ],
)
def test_other_updates_are_nothing(update: dict[str, Any]):
    assert taken(update) is None


# What belongs to a message of another kind, rather than being one.
ASIDE = {"effect_id", "reply_to_story", "sender_boost_count", "sender_business_bot"}
ASIDE |= {"business_connection_id", "text"}
MOVES = {"migrate_to_chat_id"}


@pytest.mark.parametrize("kind", sorted({str(kind) for kind in MessageType} - ASIDE - MOVES))
def test_every_kind_that_the_library_knows_is_content_or_nothing(kind: str):
    """A library that learns a new kind fails here: is it said by a person, or told by Telegram?"""
    anna = User(id=7, first_name="Anna", is_bot=False)
    bare = Message.de_json(raw())
    content: dict[str, Any] = {kind: [True]}
    message = Message(5, bare.date, bare.chat, from_user=anna, **content)
    value = read(Update(1, message=message), ME, COMMANDS, now=NOW)
    assert value is None or (isinstance(value, Said) and value.message.kind == kind)


def test_half_a_surrogate_pair_is_replaced_and_moves_no_mention():
    text = "\ud83d @warmline_bot hi"
    assert said(text, GROUP).message.text == "\ufffd hi"
    assert said("a\udc00b").message.text == "a\ufffdb"


@pytest.mark.parametrize(("offset", "length"), [(90, 5), (0, 900), (3, 0), (-1, 4), (1, 3)])
def test_an_entity_that_lies_outside_the_text_is_no_mention(offset: int, length: int):
    wrong = [{"type": "mention", "offset": offset, "length": length}]
    assert heard("🙂🙂 hello", GROUP, entities=wrong) is None
    assert said("🙂🙂 hello", entities=wrong).message.text == "🙂🙂 hello"


def press(message: dict[str, Any] | None, **more: Any) -> object:
    query = {"id": "77", "from": ANNA, "chat_instance": "1", "data": "/language zh"}
    return taken({"callback_query": {**query, "message": message, **more}})


def test_a_press_says_its_command_for_the_person_who_pressed():
    card = raw("Choose", GROUP, **TOPIC, **{"from": BOT})
    assert press(card) == Pressed(
        query_id="77",
        message=IncomingMessage(
            scope=Scope("telegram", "-100", "40"),
            person=Person("telegram", "7"),
            message_id="press:77",
            text="/language zh",
            sent_at=NOW,
            private=False,
            locale="zh",
        ),
        chat_id=-100,
        thread_id=40,
        card=5,
    )


def test_a_press_under_a_message_that_is_shown_no_more_still_knows_its_chat():
    value = press({"message_id": 5, "date": 0, "chat": PRIVATE})
    assert isinstance(value, Pressed)
    assert (value.chat_id, value.thread_id, value.card) == (7, None, 5)
    assert value.message.private


@pytest.mark.parametrize(
    ("message", "more"),
    [
        (raw("Choose", GROUP, **{"from": OTHER_BOT}), {}),
        (raw("Choose", **{"from": BOT}), {"data": None, "game_short_name": "chess"}),
        (raw("Choose", **{"from": BOT}), {"from": OTHER_BOT}),
        (None, {"inline_message_id": "i"}),
    ],
)
def test_other_presses_are_nothing(message: dict[str, Any] | None, more: dict[str, Any]):
    assert press(message, **more) is None


def test_fault_13_a_group_that_moves_is_told_the_same_from_both_sides():
    moved = Moved(Scope("telegram", "-9"), Scope("telegram", "-100"))
    old = {"id": -9, "type": "group", "title": "Friends"}
    assert taken({"message": raw("", old, migrate_to_chat_id=-100)}) == moved
    unnamed = {"from": ANONYMOUS, "sender_chat": GROUP}
    assert taken({"message": raw("", GROUP, migrate_from_chat_id=-9, **unnamed)}) == moved


RIGHTS = (
    *("can_send_messages", "can_change_info", "can_invite_users", "can_pin_messages"),
    *("can_send_polls", "can_send_other_messages", "can_add_web_page_previews"),
    *("can_manage_topics", "can_send_audios", "can_send_documents", "can_send_photos"),
    *("can_send_videos", "can_send_video_notes", "can_send_voice_notes", "can_edit_tag"),
    "can_react_to_messages",
)
ADMIN_RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages"),
    *("can_manage_video_chats", "can_restrict_members", "can_promote_members"),
    *("can_change_info", "can_invite_users", "can_post_stories", "can_edit_stories"),
    "can_delete_stories",
)


def member(status: str, writes: bool = True, inside: bool = True) -> dict[str, Any]:
    if status == "restricted":
        rights = dict.fromkeys(RIGHTS, writes) | {"is_member": inside, "until_date": 0}
    elif status == "administrator":
        rights = dict.fromkeys(ADMIN_RIGHTS, True)
    else:
        rights = {"until_date": 0} if status == "kicked" else {}
    return {"status": status, "user": BOT, **rights}


MUTED = member("restricted", writes=False)


@pytest.mark.parametrize(
    ("chat", "old", "new", "now"),
    [
        (PRIVATE, member("member"), member("kicked"), "blocked"),
        (PRIVATE, member("kicked"), member("member"), "unblocked"),
        (GROUP, member("left"), member("member"), "joined"),
        (GROUP, member("kicked"), member("administrator"), "joined"),
        (GROUP, member("left"), member("restricted"), "joined"),
        (GROUP, member("left"), MUTED, "restricted"),
        (GROUP, member("member"), MUTED, "restricted"),
        (GROUP, MUTED, member("member"), "unblocked"),
        (GROUP, MUTED, member("kicked"), "left"),
        (GROUP, member("member"), member("left"), "left"),
        (GROUP, member("administrator"), member("kicked"), "left"),
        (GROUP, member("member"), member("restricted", inside=False), "left"),
        (GROUP, member("member"), member("administrator"), None),
        (GROUP, member("left"), member("kicked"), None),
        (CHANNEL, member("left"), member("administrator"), None),
    ],
)
def test_what_becomes_of_the_bot_in_a_chat(
    chat: dict[str, Any], old: dict[str, Any], new: dict[str, Any], now: Any
):
    change = {"old_chat_member": old, "new_chat_member": new}
    value = taken({"my_chat_member": {"chat": chat, "from": ANNA, "date": SENT, **change}})
    private = chat is PRIVATE
    expected = Membership(chat["id"], private, now, "" if private else chat["title"])
    assert value == (None if now is None else expected)
