"""Which of the two languages a message is written in: Chinese or English.

Knows: scripts, and how names of one language look inside sentences of the other. Does not know:
any third language; that is the fallback's business. Pure, and linear in the text's length.
"""

from __future__ import annotations

import re

# Not language: addresses (ASCII only, for Chinese goes on without a space), mentions, custom
# emoji of Discord, and faces made of letters.
_NOISE = re.compile(
    r"(?:https?://|www\.)[!-~]+"
    r"|@(?:[A-Za-z0-9_.]+|\w{1,16}(?=\s))"
    r"|<a?:\w{1,40}:\d{1,25}>"
    r"|(?<![A-Za-z])(?:XD+|T[_.]?T|Q[_A]?Q|orz)(?![A-Za-z])"
    r"|[:;=][-']?[DPOdpo](?![A-Za-z])"
)
_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_LATIN_WORD = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+(?:['\u2019][a-z]+)?")

_I = frozenset({"I", *(f"I{mark}{end}" for mark in "'\u2019" for end in ("m", "d", "ve", "ll"))})

# A Chinese word is one and a half characters on average; a word that looks like a name (iPhone,
# Visual Studio) says little about the sentence it stands in.
_WORDS_PER_HAN = 0.65
_WORDS_PER_NAME = 0.25


def of_locale(locale: str) -> str:
    """The language of ours that a client set to `locale` ("zh-TW") reads."""
    return "zh" if locale.lower().startswith("zh") else "en"


def detect(text: str, fallback: str = "en") -> str:
    """ "zh" or "en", whichever has more words in `text`; `fallback` where there is neither.

    Japanese also gives `fallback`: kana in earnest (more than one for four Han characters, so
    that a lone の or a face in a Chinese message does no harm).
    """
    text = _NOISE.sub(" ", text)
    han = len(_HAN.findall(text))
    kana = len(_KANA.findall(text))
    english = _english_words(text)
    asian = (han + kana) * _WORDS_PER_HAN
    if english > asian:
        return "en"
    if asian > english and kana * 4 <= han:
        return "zh"
    return fallback


def _english_words(text: str) -> float:
    """Latin words, with those that look like names counted for less."""
    words = 0.0
    opening = _LATIN_WORD.match(text.lstrip())
    for index, match in enumerate(_LATIN_WORD.finditer(text)):
        word = match[0]
        # A text may open with a capital, and "I" is always one.
        opens = index == 0 and opening is not None and word[1:].islower()
        words += 1.0 if opens or word.islower() or word in _I else _WORDS_PER_NAME
    return words
