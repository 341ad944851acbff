"""Who speaks and who listens: a reply must not tell the person's life as the companion's own.

Knows: the first person in both languages, what an AI cannot have. Does not know: feelings, facts.
Pure.
"""

from __future__ import annotations

import re

from bot.honesty import asks_if_human
from bot.reply.text import Breach, Candidate, unquoted, words
from bot.reply.words import nouns, spotted, word_set
from bot.rules import plain

_ENGLISH_I = {"i", "i'm", "im", "i've", "ive", "i'd", "i'll"}
_ENGLISH_RUN = 3
"""Words from "I" on that are no chance: "I failed my"."""

_CHINESE_RUN = 4
"""Characters from 我 on that are no chance: 我又没考."""

_CHINESE_FILLERS = re.compile(
    "真的|实在|實在|今天|现在|現在|已经|已經|一直|[的了真好很太又也都就还還是]"
)
_YES = re.compile(
    r"^(yes|yeah|yep|yup|sure|of course|certainly|i am\b)|^(是的|是呀|是啊|对|當然|当然|嗯|没错)"
)
_NO = re.compile(r"^(no|nope|not at all|of course not)\b|^(不是|当然不|當然不|不,|没有|沒有)")
_AI = re.compile(
    r"\b(bot|robot|program|machine|model|not (a )?(human|person|real))\b|(?<![a-z])ai(?![a-z])"
    "|人工智能|人工智慧|机器|機器|程序|模型|不是(真)?人"
)
_HUMAN_ASKED = re.compile(r"\b(human|person|real|alive|someone|somebody|man|woman)\b|人(?!工)|活")
_MACHINE_ASKED = re.compile(
    r"\b(bot|robot|machine|program|chatgpt|computer)\b|(?<![a-z])ai(?![a-z])|机器|機器|人工智能|程序"
)


def swaps_sides(candidate: Candidate) -> Breach | None:
    """The companion speaks as if it were the person, or to the person as if they were it."""
    text = plain(unquoted(candidate.text))
    found = (
        spotted("swaps_sides", text)
        or _shared_possession(text, candidate)
        or _shared_english(text, candidate)
        or _shared_chinese(text, candidate)
    )
    return Breach("swaps_sides", found) if found else None


def _shared_possession(text: str, candidate: Candidate) -> str:
    """ "My dog" where the person spoke of "my dog"."""
    told = plain("\n".join((*candidate.said, candidate.message)))
    for found in re.finditer(r"\bmy (?:\w+ )?(\w+)", text):
        noun = found[1]
        if noun not in word_set("own_things") and re.search(rf"\bmy (?:\w+ )?{noun}\b", told):
            return found[0]
    for known in nouns("relations").values():
        for noun in known:
            own = re.search(f"我的?{noun}", text)
            if own and not noun.isascii() and re.search(f"我的?{noun}", told):
                return own[0]
    return ""


def _shared_english(text: str, candidate: Candidate) -> str:
    """A first-person clause of the message that the reply says again: "I failed the test"."""
    told = {run for said in _clauses(candidate.message) for run in [said[:_ENGLISH_RUN]]}
    for clause in _clauses(text):
        run = clause[:_ENGLISH_RUN]
        if len(run) == _ENGLISH_RUN and run in told and run[1] not in word_set("own_verbs"):
            return " ".join(run)
    return ""


def _clauses(text: str) -> list[tuple[str, ...]]:
    """From each "I" on: "i", and the words after it without those that only colour it."""
    found = words(text)
    clauses = []
    for place, word in enumerate(found):
        if word in _ENGLISH_I:
            rest = [w for w in found[place + 1 : place + 7] if w not in word_set("colouring")]
            clauses.append(("i", *rest))
    return clauses


def _shared_chinese(text: str, candidate: Candidate) -> str:
    told = {clause[:_CHINESE_RUN] for clause in _chinese_clauses(plain(candidate.message))}
    for clause in _chinese_clauses(text):
        run = clause[:_CHINESE_RUN]
        if len(run) == _CHINESE_RUN and run in told and not spotted("own_stance", run):
            return run
    return ""


def _chinese_clauses(text: str) -> list[str]:
    clauses = []
    for found in re.finditer("我(?!们|們)([^,.!?;:。\n]{1,12})", text):
        clauses.append("我" + _CHINESE_FILLERS.sub("", found[1]))
    return clauses


def claims_human(candidate: Candidate) -> Breach | None:
    """It says that it is a person, or tells of a body, a family, a past that only a person has."""
    text = plain(unquoted(candidate.text))
    found = spotted("claims_human", text) or _own_relation(text, candidate)
    if not found and asks_if_human(candidate.message):
        found = _answers_as_human(text, plain(candidate.message))
    return Breach("claims_human", found) if found else None


def _own_relation(text: str, candidate: Candidate) -> str:
    """ "My mother", unless the person has one in this talk: then sides are swapped."""
    told = plain("\n".join((*candidate.said, candidate.message)))
    for known in nouns("relations").values():
        for noun in known:
            pattern = rf"\bmy (?:own |late |dear )?{noun}\b" if noun.isascii() else f"我的?{noun}"
            if (hit := re.search(pattern, text)) and not re.search(pattern, told):
                return hit[0]
    return ""


def _answers_as_human(text: str, message: str) -> str:
    """A yes to "are you human?", or a no to "are you a bot?", that does not say what it is."""
    if _AI.search(text):
        return ""
    yes, no = _YES.search(text), _NO.search(text)
    if yes and _HUMAN_ASKED.search(message) and not _MACHINE_ASKED.search(message):
        return yes[0]
    return no[0] if no and _MACHINE_ASKED.search(message) else ""


def promises_deeds(candidate: Candidate) -> Breach | None:
    """To call, to visit, to come along: somebody who waits for it would be let down."""
    found = spotted("promises_deeds", plain(unquoted(candidate.text)))
    return Breach("promises_deeds", found) if found else None


def boilerplate(candidate: Candidate) -> Breach | None:
    """ "As an AI language model", to somebody who has not asked what it is."""
    if asks_if_human(candidate.message) or _AI.search(plain(candidate.message)):
        return None
    found = spotted("boilerplate", candidate.text)
    return Breach("boilerplate", found) if found else None
