"""Nothing said twice: not the person's own words back to them, not the companion's last replies.

Knows: runs of words, openings, closings and their families. Does not know: what they mean. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.reply.moves import asks, asks_the_world
from bot.reply.script import simplified
from bot.reply.text import REMEMBERED_REPLIES, Breach, Candidate, sentences, words
from bot.reply.words import families, spotted, word_set
from bot.rules import plain

OPENING_WORDS = {"en": 3, "zh": 4}
"""So many words (Chinese: characters) of a beginning are compared."""

LONGEST_RUN = {"en": 7, "zh": 12}
"""A run of so many of the person's own words is an echo, whatever stands around it."""

_ECHO_LEAST = {"en": 3, "zh": 4}
_ECHO_SHARE = 0.7
_SAME_CLOSING = 0.8

_TURNED = {
    "i": "you", "i'm": "you're", "im": "you're", "i've": "you've", "i'd": "you'd", "i'll": "you'll",
    "me": "you", "my": "your", "mine": "yours", "myself": "yourself", "am": "are", "我": "你",
    "妳": "你", "您": "你",
}  # fmt: skip
_MARKS = str.maketrans("", "", "'’")


def parrots(candidate: Candidate) -> Breach | None:
    """The person's own words back, turned to "you" or not: a long run, or a whole sentence."""
    language = candidate.language
    told = _turned(candidate.message)
    unasked = _unasked(candidate)
    run = _longest_run(_turned(" ".join(unasked)), told)
    if len(run) >= LONGEST_RUN[language]:
        return Breach("parrots", _joined(run, language))
    for sentence in unasked:
        if spotted("pleasantries", sentence):
            continue
        said = _turned(sentence)
        run = _longest_run(said, told)
        if len(run) >= _ECHO_LEAST[language] and len(run) >= _ECHO_SHARE * len(said):
            return Breach("parrots", sentence)
    return None


def echoes(candidate: Candidate) -> Breach | None:
    """A whole sentence that is nothing but the person's own words."""
    told = _turned(candidate.message)
    for sentence in _unasked(candidate):
        said = _turned(sentence)
        enough = len(said) >= _ECHO_LEAST[candidate.language]
        if (
            enough
            and not spotted("pleasantries", sentence)
            and len(_longest_run(said, told)) == len(said)
        ):
            return Breach("echoes", sentence)
    return None


def _unasked(candidate: Candidate) -> list[str]:
    """The sentences, without those that answer a question about the world: "rice can be frozen" is
    an answer in the words of the question."""
    found = sentences(candidate.text)
    if asks_the_world(simplified(candidate.message)):
        return [sentence for sentence in found if asks(sentence)]
    return found


def _turned(text: str) -> list[str]:
    """The words, each "I" a "you", without apostrophes and without what only colours a clause."""
    found = (_TURNED.get(word, word).translate(_MARKS) for word in words(text))
    return [word for word in found if word not in word_set("fillers")]


def _longest_run(left: Sequence[str], right: Sequence[str]) -> Sequence[str]:
    """The longest stretch of words that both have."""
    best, end = 0, 0
    lengths = [0] * (len(right) + 1)
    for place, word in enumerate(left, start=1):
        diagonal = 0
        for other, theirs in enumerate(right, start=1):
            diagonal, lengths[other] = lengths[other], diagonal + 1 if word == theirs else 0
            if lengths[other] > best:
                best, end = lengths[other], place
    return left[end - best : end]


def _joined(run: Sequence[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(run)


def repeats_opening(candidate: Candidate) -> Breach | None:
    """It begins as one of the last five replies began."""
    length = OPENING_WORDS[candidate.language]
    opening = words(candidate.text)[:length]
    for reply in candidate.replies[-REMEMBERED_REPLIES:]:
        if opening and words(reply)[:length] == opening:
            return Breach("repeats_opening", _joined(opening, candidate.language))
    return None


def repeats_closing(candidate: Candidate) -> Breach | None:
    """It ends as one of the last five replies ended: in the same words, or with the same phrase
    ("let me know if …", "how are you feeling?")."""
    closing = _closing(candidate.text)
    if not closing:
        return None
    own = _families(closing)
    for reply in candidate.replies[-REMEMBERED_REPLIES:]:
        other = _closing(reply)
        if own & _families(other) or _alike(words(closing), words(other)):
            return Breach("repeats_closing", closing)
    return None


def _closing(text: str) -> str:
    return (sentences(text) or [""])[-1]


def _families(closing: str) -> set[str]:
    said = plain(closing)
    return {name for name, pattern in families("closings").items() if pattern.search(said)}


def _alike(left: Sequence[str], right: Sequence[str]) -> bool:
    """Nearly the same words."""
    if not left or not right:
        return False
    shared = len(set(left) & set(right))
    return shared >= _SAME_CLOSING * max(len(set(left)), len(set(right)))
