"""The second look at danger: the model's own label, asked where the rules saw none.

Knows: when it is asked, of what, how long it is waited for, and when it stays silent. Does not
know: the rules, the question's words and thresholds (the task), the answer's words. The rule is
stated in docs/safety.md: what the rules see is answered before anybody comes here, and whatever
fails here is as if it had not been asked.
"""

from __future__ import annotations

import asyncio
import logging
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.crisis.care import CLOSE_FOR
from bot.crisis.finding import Finding
from bot.crisis.reading import read
from bot.crisis.rulebook import UNSURE
from bot.language import detect
from bot.prompt import felt
from bot.safety import crisis_answer
from bot.texts.sentences import LANGUAGES
from engine.base import Engine, EngineError
from engine.tasks import LabelTask, Scores, TaskWords, alone, classify
from storage.errors import StorageError

if TYPE_CHECKING:
    from bot.talk import Talk

DANGER = "crisis"
"""The label of the task that says so."""

SECONDS = 2.0
"""The answer is waited for no longer; the person waits too."""

_SAID = ("self", UNSURE)
"""Whoever was answered so lately has just read the same: once more would shut them in."""

log = logging.getLogger("warmline.turn")


@dataclass(frozen=True, slots=True)
class Signs:
    """What makes it worth asking: how negative a message is at least, or words in it."""

    version: str
    negative: float
    words: re.Pattern[str]


@cache
def signs() -> Signs:
    """The shipped ones."""
    text = Path(__file__).with_name("second_look.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    english, chinese = ("|".join(map(re.escape, table[language])) for language in LANGUAGES)
    # ASCII: between a Chinese and an English word there is a boundary.
    words = re.compile(rf"\b(?:{english})\b|{chinese}", re.ASCII)
    return Signs(table["version"], table["negative"], words)


def worth(text: str, negative: float) -> bool:
    """Whether the model is asked. `negative`: the probability that the message is negative."""
    return negative >= signs().negative or bool(signs().words.search(read(text)))


def measured(task: LabelTask, model: str) -> list[str]:
    """The languages in which there is a threshold for this model; in no other it is asked."""
    return [language for language, words in task.languages.items() if model in words.thresholds]


def said_lately(last: tuple[datetime, str] | None, now: datetime) -> bool:
    """Whether the person's last danger was answered much the same within the last hours."""
    return last is not None and last[1] in _SAID and now - last[0] < CLOSE_FOR


class SecondLook:
    """Asks one model, by one task. `region` is that of the helplines."""

    def __init__(self, engine: Engine, task: LabelTask, region: str) -> None:
        self._engine = engine
        self._task = task
        self._region = region

    async def __call__(self, talk: Talk, felt: Scores) -> Finding | None:
        """What it sees in a turn that no rule fired in; `felt` is how its words sound.

        In private alone: in a group the answer would tell everybody of a guess.
        """
        language = detect(talk.text, talk.language)
        words = self._task.languages.get(language)
        threshold = words.thresholds.get(self._engine.model) if words else None
        if words is None or threshold is None or not talk.message.private:
            return None
        if not worth(talk.text, felt.probabilities.get("negative", 0.0)):
            return None
        try:
            async with asyncio.timeout(SECONDS):
                if await self._said_lately(talk):
                    return None
                danger = await self._danger(talk.text, words)
        except (EngineError, StorageError, TimeoutError) as error:
            log.warning("turn %s: no second look: %s", talk.turn.id, type(error).__name__)
            return None
        if danger < threshold:
            return None
        return Finding(UNSURE, language, f"{self._task.name} {self._task.version}")

    async def _danger(self, text: str, words: TaskWords) -> float:
        scores = await classify(self._engine, self._task, words, alone(words, felt(text)))
        return scores.probabilities.get(DANGER, 0.0)

    async def _said_lately(self, talk: Talk) -> bool:
        if talk.message.remember:
            return said_lately(await talk.record.last_crisis(talk.message), datetime.now(UTC))
        return any(reply in self._answers() for _, reply in talk.message.history)

    def _answers(self) -> Sequence[str]:
        """Nothing is noted of whoever keeps their history themselves: it is looked for in there."""
        kinds = [(language, kind) for language in LANGUAGES for kind in _SAID]
        return [crisis_answer(language, self._region, kind) for language, kind in kinds]
