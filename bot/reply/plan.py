"""What a reply will be made of, told from the message and its label before the model writes.

Knows: which moves are answered by people's words, which label sets the tone, when a question is
answered as one, when a feeling may be named. Does not know: the words (bot/texts, the task), the
model, the store. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bot.reply.moves import (
    GOODBYES,
    asks,
    asks_the_world,
    counsel,
    move,
    shouts,
    shouts_good_news,
    sign,
    speaks_of_a_life,
    wants_a_fact,
)
from bot.reply.words import spotted

SAD, CALM, GLAD = "negative", "neutral", "positive"
SAD_FROM = 0.35
"""So probable a sadness sets the tone, also where another label is more probable: kindness to
whoever is well costs less than cheer to whoever is not."""

ASKED_FROM = 0.1
"""So probable a sadness is enough where words for a hard time are asked for."""

EVEN_FROM = 0.15
"""So probable a sadness may be one that is told in an even voice."""

GRAVE_FROM = 0.8
"""So probable a sadness makes a question about the world one about the person after all."""

LADEN_FROM = 0.5
"""From so probable a sadness on, thanks that are long are more than thanks."""

KIND_FROM = 0.45
"""Only a kind with such a share of the sad ones is spoken to. Of the sad rows that were not seen it
was the right one in three of four."""

KINDS_FROM = 0.5
"""Only where the sad kinds together are so probable."""

GRUMBLE_FROM = 0.55
"""Only so probable a grumble is answered as one."""

HEARD_FROM = 0.4
"""Where no feeling is clear, only so probable a sadness is met without a name for it; below, the
model writes as to anything."""

GLAD_FROM = 0.75
"""Only so probable a gladness is celebrated."""

_SHORT = 60
"""Characters of "I'm fine", of thanks, of a question. A longer message has more to it."""

_JUST_BEFORE = 3
"""Turns: so long a sadness is not over, by "I'm fine" or by a question of what to do."""

_GENERAL = frozenset({"choose", "next"})
"""Counsel that any question may seem to ask for."""

_SPOKEN_TO = frozenset(
    {"grief", "loneliness", "anger", "worry", "shame", "tired", "heartbreak", "hurt"}
)
"""Kinds of sadness that have lines of their own to end with."""

_NOT_WELL = _SPOKEN_TO | {"irony"}
"""Kinds that tell of sadness."""

_GRUMBLE = "grumble"

_LEAST = 1e-9

_PARTING = frozenset({*GOODBYES, "silence"})


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of a reply. The keys are those of lines in bot/texts; "" for none.

    `whole` is all of it. Else it begins with `first`, or with a feeling if the manner of `label`
    has some; where none may be named the sadness is met in words of `heard` ("": the task's own).
    Then the model writes, unless something was said, as to a `question` if it is one. `last` ends
    it in place of the manner's own lines.
    """

    label: str
    whole: str = ""
    first: str = ""
    heard: str = ""
    question: bool = False
    last: str = ""

    @property
    def counsel(self) -> str:
        """The lines that were asked for: no rule of style leaves them out."""
        return self.last if self.last.startswith("counsel.") else ""


def plan(
    message: str,
    probabilities: Mapping[str, float],
    label: str,
    before: Sequence[str] = (),
    kinds: Mapping[str, float] = MappingProxyType({}),
    *,
    careful: bool = False,
) -> Plan:
    """The parts of the reply to a message, in simplified characters.

    `probabilities` are by label, as `sadder` gives them; `before` are the labels of the turns
    before, `kinds` the probabilities of what kind of message it is, `careful`: a danger was spoken
    of lately.
    """
    sad, glad = probabilities.get(SAD, 0.0), probabilities.get(GLAD, 0.0)
    if sign("urgent", message):
        return Plan(SAD, whole="moves.doctor")
    if puts_off(message, before):
        return Plan(SAD, first="moves.not_fine")
    if whole := _whole(message, sad, glad, before, careful=careful):
        return Plan(label, whole=whole)
    if sign("irony", message) and not shouts_good_news(message):
        return Plan(SAD, whole="moves.irony")
    hard = (sad >= ASKED_FROM and sad > glad) or (glad < GLAD_FROM and _just_sad(before))
    asked = counsel(message) if hard else ""
    if asks_the_world(message) and sad < GRAVE_FROM and (not asked or asked in _GENERAL):
        doubt = "moves.doubt" if wants_a_fact(message) and not asks_future(message) else ""
        return Plan(CALM, question=True, last=doubt)
    if shouts_good_news(message):
        return Plan(GLAD)
    if asked:
        return Plan(SAD, last=f"counsel.{asked}")
    if sign("loss", message) and sad >= EVEN_FROM and glad < GLAD_FROM:
        return Plan(SAD, first="moves.loss", last="kinds.grief")
    return _felt(message, probabilities, label, before, _kind(kinds))


def _goes_on(message: str, sad: float, glad: float, before: Sequence[str]) -> bool:
    """Whether it tells more, in an even voice, of others and what was sad a moment ago."""
    even = EVEN_FROM <= sad < SAD_FROM and glad < EVEN_FROM
    life = sign("personal", message) or sign("heavy", message)
    return SAD in before[-1:] and even and life and not sign("asks", message)


def _felt(
    message: str,
    probabilities: Mapping[str, float],
    label: str,
    before: Sequence[str],
    kind: str,
) -> Plan:
    """The tone. However sad it sounds, who shouts of nothing heavy may be glad, who grumbles does
    not grieve, and who speaks of nobody's life may speak of the weather."""
    found = tone(probabilities, label, message)
    if kind == _GRUMBLE and found != SAD and not asks(message):
        return Plan(CALM, whole="kinds.grumble")
    sad, glad = probabilities.get(SAD, 0.0), probabilities.get(GLAD, 0.0)
    if _goes_on(message, sad, glad, before):
        return Plan(CALM, whole="moves.light")
    if found != SAD:
        return Plan(found)
    if kind in _SPOKEN_TO and sad >= HEARD_FROM:
        return Plan(SAD, last=f"kinds.{kind}")
    if shouts(message) and not sign("heavy", message):
        return Plan(SAD, heard="moves.shouted")
    if speaks_of_a_life(message):
        return Plan(SAD)
    if sad < HEARD_FROM:
        return Plan(CALM)
    return Plan(SAD, heard="moves.light")


def _whole(message: str, sad: float, glad: float, before: Sequence[str], *, careful: bool) -> str:
    """Which lines answer the message by themselves."""
    name = move(message)
    if not name or (sad >= SAD_FROM and sign("grave", message)):
        return ""
    if name in _PARTING:
        if glad >= GLAD_FROM and shouts_good_news(message):
            return ""
        if sign("luck", message):
            return "moves.luck"
        heavy = careful or sad >= SAD_FROM or sign("heavy", message)
        return f"moves.{name}_sad" if heavy and name in GOODBYES else f"moves.{name}"
    if name == "thanks":
        ironic = spotted("sarcasm", message) or sign("irony", message)
        if ironic or (sad >= LADEN_FROM and len(message) > _SHORT):
            return ""
        return "moves.thanks_sad" if careful or sad > glad else "moves.thanks"
    if name in ("laugh", "cheer") and SAD in before[-1:]:
        return ""  # not everybody who laughs after a sad word is glad
    return f"moves.{name}"


def sadder(probabilities: Mapping[str, float], kinds: Mapping[str, float]) -> Mapping[str, float]:
    """The labels' probabilities with what the sad kinds say of sadness: the mean of the two tells
    it better than either."""
    if not kinds:
        return probabilities
    label = probabilities.get(SAD, 0.0)
    sad = (label + sum(kinds.get(kind, 0.0) for kind in _NOT_WELL)) / 2
    rest = (1.0 - sad) / max(1.0 - label, _LEAST)
    return {name: sad if name == SAD else p * rest for name, p in probabilities.items()}


def _kind(kinds: Mapping[str, float]) -> str:
    """The kind that is clear enough to be spoken to; "" for none."""
    if kinds.get(_GRUMBLE, 0.0) >= GRUMBLE_FROM:
        return _GRUMBLE
    sad = {kind: chance for kind, chance in kinds.items() if kind in _SPOKEN_TO}
    total = sum(sad.values())
    best = max(sad, key=sad.__getitem__, default="")
    return best if total >= KINDS_FROM and sad[best] >= KIND_FROM * total else ""


def puts_off(message: str, before: Sequence[str]) -> bool:
    """Whether it is "I'm fine", and no more, soon after something sad; `before` are the labels of
    the turns before."""
    short = len(message) <= _SHORT
    return short and _just_sad(before) and bool(spotted("fine_words", message))


def _just_sad(before: Sequence[str]) -> bool:
    return SAD in before[-_JUST_BEFORE:]


def tone(probabilities: Mapping[str, float], label: str, message: str) -> str:
    """The label that a reply is written to. Whoever asks something, or may not be glad, is not
    asked what they are glad of."""
    if label == GLAD and (
        spotted("sarcasm", message) or (asks(message) and len(message) <= _SHORT)
    ):
        return CALM
    sad, glad = probabilities.get(SAD, 0.0), probabilities.get(GLAD, 0.0)
    if sad >= SAD_FROM and sad > glad:
        return SAD
    return CALM if label == GLAD and glad < GLAD_FROM else label


def asks_future(message: str) -> bool:
    """Whether it asks for a forecast."""
    return bool(spotted("asks_future", message))
