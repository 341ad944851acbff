"""The methods of the Bot API that act on chats: each checks its call as Telegram does, then acts.

`getUpdates` and the webhook are in `updates`. A method that isn't here is answered with 404.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.telegram_server import texts
from tests.telegram_server.chats import Chat, Chats, File, Message
from tests.telegram_server.commands import CommandLists
from tests.telegram_server.faults import Params, Refusal, bad
from tests.telegram_server.people import Json, Person, member

SENDING = frozenset({"sendMessage", "sendDocument", "sendPhoto"})
EDITING = frozenset({"editMessageText", "editMessageReplyMarkup"})

_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)


class Methods:
    """What each method does. `drafts`: chat, draft and text of every draft, in order."""

    def __init__(self, chats: Chats) -> None:
        self.chats = chats
        self.drafts: list[tuple[int, int, str]] = []
        self.actions: list[tuple[int, int | None, str]] = []
        self.commands = CommandLists()
        self.table: dict[str, Callable[[Params], Any]] = {
            "getMe": self.get_me,
            "sendMessage": self.send_message,
            "sendDocument": lambda params: self.send_file(params, "document"),
            "sendPhoto": lambda params: self.send_file(params, "photo"),
            "sendMessageDraft": self.send_draft,
            "sendChatAction": self.send_action,
            "editMessageText": self.edit_text,
            "editMessageReplyMarkup": self.edit_markup,
            "deleteMessage": self.delete,
            "answerCallbackQuery": self.answer_press,
            "setMyCommands": self.commands.set,
            "getMyCommands": self.commands.get,
            "deleteMyCommands": self.commands.delete,
            "setMyDescription": lambda params: True,
            "setMyShortDescription": lambda params: True,
            "getChat": self.get_chat,
            "getChatMember": self.get_member,
            "getChatAdministrators": self.get_administrators,
            "leaveChat": self.leave,
        }

    def get_me(self, params: Params) -> Json:
        return self.chats.bot.json() | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    def send_message(self, params: Params) -> Json:
        text, entities = _words(params)
        chat = self._open_chat(params)
        return self._send(chat, params, text=text, entities=entities)

    def send_file(self, params: Params, kind: str) -> Json:
        text, entities = _words(params, "caption")
        chat = self._open_chat(params)
        file = params.get(kind)
        if not isinstance(file, File):
            raise bad(f"there is no {kind} in the request")
        if not file.content:
            raise bad("file must be non-empty")
        return self._send(chat, params, text=text, entities=entities, **{kind: file})

    def _send(self, chat: Chat, params: Params, **content: Any) -> Json:
        thread = _thread(chat, params)
        asked = params.get("reply_parameters") or {}
        replied = chat.find(asked.get("message_id"))
        if asked and replied is None and not asked.get("allow_sending_without_reply"):
            raise bad("message to be replied not found")
        if replied:
            replied = {k: v for k, v in replied.items() if k != "reply_to_message"}
        new = self.chats.add(
            chat,
            thread_id=thread,
            reply_parameters=asked or None,
            reply_to=replied,
            reply_markup=_markup(params),
            **content,
        )
        return new.json()

    def send_draft(self, params: Params) -> bool:
        text, _ = texts.kept(
            str(params.get("text", "")),
            params.get("entities"),
            limit=texts.MESSAGE_UNITS,
            empty=True,
        )
        chat = self._open_chat(params)
        if chat.kind != "private":
            raise bad("message drafts can be sent only to private chats")
        if not params.get("draft_id"):
            raise bad("invalid draft identifier specified")
        _thread(chat, params)
        self.drafts.append((chat.json["id"], params["draft_id"], text))
        return True

    def send_action(self, params: Params) -> bool:
        chat = self._open_chat(params)
        self.actions.append((chat.json["id"], _thread(chat, params), str(params.get("action"))))
        return True

    def edit_text(self, params: Params) -> Json:
        text, entities = _words(params)
        found = self._own(params, "message to edit not found", "message can't be edited")
        if found.is_file:
            raise bad("there is no text in the message to edit")
        return _changed(found, text, entities, _markup(params))

    def edit_markup(self, params: Params) -> Json:
        found = self._own(params, "message to edit not found", "message can't be edited")
        return _changed(found, found.text, found.entities, _markup(params))

    def delete(self, params: Params) -> bool:
        self._own(params, "message to delete not found", "message can't be deleted").deleted = True
        return True

    def _own(self, params: Params, missing: str, foreign: str) -> Message:
        chat = self._open_chat(params)
        own = chat.messages.get(params.get("message_id", 0))
        if own and not own.deleted:
            return own
        raise bad(foreign if params.get("message_id") in chat.others else missing)

    def answer_press(self, params: Params) -> bool:
        if params.get("callback_query_id") not in self.chats.presses:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        return True

    def get_chat(self, params: Params) -> Json:
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
        accepted = dict.fromkeys((*gifts, "gifts_from_channels"), False)
        full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": accepted}
        return self._chat(params).json | full

    def get_member(self, params: Params) -> Json:
        known = self._chat(params).members.get(params["user_id"])
        if known:
            return known
        bot = self.chats.bot
        person = bot if params["user_id"] == bot.id else Person(params["user_id"], "Somebody")
        return member(person, "member")

    def get_administrators(self, params: Params) -> list[Json]:
        chat = self._chat(params)
        if chat.kind == "private":
            raise bad("there are no administrators in the private chat")
        above = ("creator", "administrator")
        return [one for one in chat.members.values() if one["status"] in above]

    def leave(self, params: Params) -> bool:
        self.chats.leave(self._open_chat(params))
        return True

    def _chat(self, params: Params) -> Chat:
        if not params.get("chat_id"):
            raise bad("chat_id is empty")
        if not isinstance(params["chat_id"], int):
            raise bad("chat not found")
        return self.chats.of(params["chat_id"])

    def _open_chat(self, params: Params) -> Chat:
        chat = self._chat(params)
        if chat.refusal:
            raise Refusal(chat.refusal)
        return chat


def _words(params: Params, name: str = "text") -> tuple[str, tuple[texts.Entity, ...]]:
    caption = name == "caption"
    if str(params.get("parse_mode", "")).lower() not in ("", "none"):
        raise bad("unsupported parse_mode")  # nothing of ours sends one
    return texts.kept(
        str(params.get(name, "")),
        params.get("caption_entities" if caption else "entities"),
        limit=texts.CAPTION_UNITS if caption else texts.MESSAGE_UNITS,
        empty=caption,
    )


def _thread(chat: Chat, params: Params) -> int | None:
    """The topic asked for. A chat without topics takes no notice of it, as Telegram doesn't."""
    thread: int | None = params.get("message_thread_id")
    if not thread or not (chat.kind == "private" or chat.json.get("is_forum")):
        return None
    if thread not in chat.topics:
        raise bad("message thread not found")
    if thread in chat.closed:
        raise bad("TOPIC_CLOSED")
    return thread


def _markup(params: Params) -> Json | None:
    markup: Json | None = params.get("reply_markup") or None
    for row in (markup or {}).get("inline_keyboard", []):
        for button in row:
            if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
                raise bad("BUTTON_DATA_INVALID")
    return markup


def _changed(
    message: Message, text: str, entities: tuple[texts.Entity, ...], markup: Json | None
) -> Json:
    """An edit without a markup takes the buttons away."""
    if (text, entities, markup) == (message.text, message.entities, message.reply_markup):
        raise bad(_SAME)
    message.text, message.entities, message.reply_markup = text, entities, markup
    message.edits += 1
    return message.json()
