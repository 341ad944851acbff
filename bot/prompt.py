"""The two prompts of a turn, on one prefix: how is this person, and what does one say to that?

Knows: the order persona, examples, history, message, label; what fits the token budget. Does not
know: the store, the model, who asks. Pure: the same values give the same prompts.

The prompt only ever grows at its end, so that what the model has read stays read. When the budget
is full the older half of the history goes at once, not one turn at every turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.orders.guard import without_orders
from engine.base import Message, Prompt
from engine.tasks import LabelTask, TaskWords

OVERHEAD_TOKENS = 24
"""Control tokens, label and brackets of one exchange, rounded up."""

QUOTED_CHARACTERS = 400
"""So much of what a message replies to is shown to the model."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier turn as the model sees it again. `id` orders the turns of a conversation.

    In a group `speaker` is the name of person number `person_id`, whose words these are.
    """

    id: int
    person: str
    reply: str
    label: str = ""
    note: str = ""
    language: str = ""
    speaker: str = ""
    person_id: int = 0


@dataclass(frozen=True, slots=True)
class TurnPrompt:
    """The prompts of one turn. The first is a token-wise prefix of the second, but for `care` and
    for a message that speaks to the labeller: `read` is that message without it, the last of
    `before` is the whole."""

    words: TaskWords
    before: tuple[Message, ...]
    shared: int
    conversation: str
    read: Message

    @property
    def sentiment(self) -> Prompt:
        """Ends where the label comes next."""
        messages = (*self.before[:-1], self.read, self.words.asked())
        return Prompt(messages, self.shared, self.conversation)

    def reply(self, label: str, note: str, care: str = "", begun: str = "") -> Prompt:
        """Goes on from the calibrated label; the reply comes next, to the whole message, or what
        follows its first words (`begun`).

        A line of `care` stands before the message, where the label was read without it: then the
        message is read once more.
        """
        answer = self.words.answered(label, note, begun)
        if not care:
            messages = (*self.before, answer)
        else:
            messages = (*self.before[:-1], Message("system", care), self.before[-1], answer)
        return Prompt(messages, self.shared, self.conversation)


def build(
    task: LabelTask, language: str, history: Sequence[Exchange], text: str, conversation: str
) -> TurnPrompt:
    """The prompts for one message. `history` is already cut to the budget."""
    words = task.words(language)
    prefix = words.prefix()
    earlier = [m for exchange in history for m in _messages(task, words, exchange)]
    before = (*prefix, *earlier, Message("user", text))
    return TurnPrompt(words, before, len(prefix), conversation, Message("user", felt(text)))


def felt(text: str) -> str:
    """The words that a label is read from. A message that only orders one is read as it stands."""
    return without_orders(text) or text


def quoting(quoted: str, text: str) -> str:
    """A message with the words that it replies to above it, shortened, marked as a mail would."""
    if not quoted.strip():
        return text
    words = quoted.strip()
    if len(words) > QUOTED_CHARACTERS:
        words = f"{words[:QUOTED_CHARACTERS].rstrip()}…"
    return "\n".join([*(f"> {line}" for line in words.splitlines()), text])


def _messages(task: LabelTask, words: TaskWords, exchange: Exchange) -> tuple[Message, Message]:
    spoken = task.words(exchange.language) if exchange.language else words
    if exchange.label in spoken.labels:
        answer = spoken.answered(exchange.label, exchange.note, exchange.reply)
    else:  # standing there as neutral, such turns made the next label neutral
        answer = Message("assistant", exchange.reply)
    return Message("user", felt(exchange.person)), answer


def window(
    history: Sequence[Exchange],
    lengths: Mapping[int, int],
    *,
    budget: int,
    limit: int,
    first: int = 0,
) -> Sequence[Exchange]:
    """The exchanges that stay in the prompt.

    `lengths` gives the tokens of each exchange by id, `budget` those that the history may take,
    `limit` how many exchanges it may hold; `first` is the id where the last window began. What
    overflows halves: the oldest exchanges go until half of budget and limit is left.
    """
    kept = [e for e in history if e.id >= first]
    if _tokens(kept, lengths) <= budget and len(kept) <= limit:
        return kept
    while kept and (_tokens(kept, lengths) > budget // 2 or len(kept) > (limit + 1) // 2):
        kept = kept[1:]
    return kept


def _tokens(history: Sequence[Exchange], lengths: Mapping[int, int]) -> int:
    return sum(lengths[e.id] + OVERHEAD_TOKENS for e in history)


def note(task: LabelTask, language: str, direction: str, history: Sequence[Exchange]) -> str:
    """The trend in words, where it says something new; else "".

    A note stays in the turn it was written into. A new one is written only when its words differ
    from the last one's, so that the prefix stays as it was.
    """
    said = task.words(language).notes.get(direction, "")
    last = next((e.note for e in reversed(history) if e.note), "")
    if said == last or (not last and direction == "steady"):
        return ""
    return said
