"""The form of a reply: its language and script, its length, no list, no leaked markup.

Knows: letters, lines, sentence ends. Does not know: what the words mean. Pure.
"""

from __future__ import annotations

import re

from bot.language import detect
from bot.reply.script import script_of, script_wanted
from bot.reply.text import Breach, Candidate, sentences, unquoted, words
from bot.rules import plain

MOST_SENTENCES = 3
MOST_QUESTIONS = 1

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_FOREIGN = re.compile(
    "[\u0370-\u03ff\u0400-\u04ff\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3041-\u30fa\uac00-\ud7af]+"
)
_ENGLISH_RUN = re.compile(r"[A-Za-z][A-Za-z']+(?:[ ,]+[A-Za-z][A-Za-z']*)+")
_OWN_NAMES = frozenset({"warmline", "ai"})

_LIST = re.compile(
    r"^\s*(?:[-*•·▪‣–]\s+\S|\(?\d{1,2}[.)、]\s*\S|[（(][一二三四五六七八九十\d][)）]|[a-d][.)]\s+\S"
    r"|[一二三四五六七八九十]、|#{1,6}\s+\S|\*\*[^*\n]+\*\*\s*[:：]?\s*$|[^\n]{1,40}[:：]\s*$\n)",
    re.MULTILINE,
)
_LIST_IN_LINE = re.compile(
    r"(?:^|[\s:：])1[.)、]\s*\S[^\n]*?[\s;；。,，.]2[.)、]\s*\S"
    r"|\bfirst(?:ly)?,[^\n]{3,200}?\bsecond(?:ly)?,"
    r"|第一[,，、][^\n]{2,200}?第二[,，、]|首先[^\n]{2,200}?其次",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"<\|?/?(?:im_|system|user|assistant|endoftext|think)[^>\n]{0,20}\|?>?|```|\*\*|__\w|\[/?INST\]"
    r"|\[(?:positive|neutral|negative|正面|平静|负面)[^\]\n]{0,20}\]?"
    r"|^(?:assistant|user|system|warmline|human|ai|助手|用户|对方)\s*[:：]|!?\[[^\]\n]+\]\(|\ufffd",
    re.IGNORECASE | re.MULTILINE,
)
_QUESTION = re.compile(r"[?？]|[吗嗎](?=[。.!！~…\s]|$)")


def empty(candidate: Candidate) -> Breach | None:
    """A reply without a word."""
    return None if words(candidate.text) else Breach("empty", candidate.text)


def wrong_language(candidate: Candidate) -> Breach | None:
    """Another language than the one asked for, or a stretch of one that nobody has used."""
    text, known = candidate.text, candidate.known
    if words(text) and detect(text, candidate.language) != candidate.language:
        return Breach("wrong_language", text)
    strange = [run for run in _FOREIGN.findall(text) if plain(run) not in known]
    if candidate.language == "en":
        strange += [run for run in _HAN.findall(text) if run not in known]
    else:
        strange += [run for run in _ENGLISH_RUN.findall(text) if _is_strange(run, known)]
    return Breach("wrong_language", strange[0]) if strange else None


def _is_strange(run: str, known: str) -> bool:
    new = [w for w in words(run) if w not in known and w not in _OWN_NAMES]
    return len(new) > 1


def wrong_script(candidate: Candidate) -> Breach | None:
    """Simplified characters to who writes traditional ones, or the other way round.

    A message that is in neither leaves the choice to the messages before; else simplified is right.
    """
    if candidate.language != "zh":
        return None
    wanted = script_wanted((candidate.message, *reversed(candidate.said)))
    written = script_of(candidate.text)
    return Breach("wrong_script", candidate.text) if written not in ("", wanted) else None


def has_list(candidate: Candidate) -> Breach | None:
    """A list, a heading, or "first, … second, …"."""
    found = _LIST.search(candidate.text) or _LIST_IN_LINE.search(candidate.text)
    return Breach("has_list", found[0].strip()) if found else None


def leaks_markup(candidate: Candidate) -> Breach | None:
    """Marks of the prompt or of formatting: a label's bracket, a control token, a role, bold."""
    found = _MARKUP.search(candidate.text)
    return Breach("leaks_markup", found[0]) if found else None


def too_long(candidate: Candidate) -> Breach | None:
    """More than three sentences."""
    found = sentences(candidate.text)
    return Breach("too_long", found[MOST_SENTENCES]) if len(found) > MOST_SENTENCES else None


def too_many_questions(candidate: Candidate) -> Breach | None:
    """More than one question. What is quoted asks nothing."""
    asked = [s for s in sentences(unquoted(candidate.text)) if _QUESTION.search(s)]
    return Breach("too_many_questions", asked[-1]) if len(asked) > MOST_QUESTIONS else None
