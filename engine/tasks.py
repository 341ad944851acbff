"""Label tasks as data: what is asked, in which words, with which labels.

Knows: the shape of a task, and how one is asked. Does not know: persons, history, a model library,
TOML (`engine.task_table`). A new task is a new table in the owner's settings; no code changes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.base import Engine, Message, Prompt
from engine.calibration import UNCALIBRATED, Calibration


class TaskError(ValueError):
    """A task's table is wrong. The message names the task and the key."""


@dataclass(frozen=True, slots=True)
class Example:
    """One shown turn: what a person wrote, its label, and the reply that follows it."""

    user: str
    label: str
    note: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a reply to one label is guided, for a small model.

    With `feelings` its first sentence names one of them: that which the model would most likely go
    on with after the words of `asked`, on average, less what it says of anything (its calibration);
    `told` are the sentences that may name it, in place of their "{}", `guessed` those that ask
    whether it is so, for a label that is not sure, and `heard` those that name none, where none
    stands out. Without feelings, the model writes `sentences` at most (0: as many as it likes), at
    no higher `temperature` than this. One of the `closers` ends the reply.
    """

    feelings: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    heard: tuple[str, ...] = ()
    sentences: int = 0
    temperature: float = 2.0
    closers: tuple[str, ...] = ()


FREE = Manner()
"""Nothing is guided."""


@dataclass(frozen=True, slots=True)
class TaskWords:
    """A task in one language. `labels` maps the canonical label to the word the model says.

    `opening` and `closing` stand around the label, `gap` before a reply that follows; `notes` are
    words that may follow the label, by key: the companion's prompt tells a trend with them.
    `calibrations` maps a model's name to what makes its scores probabilities; a model that is not
    in it has not been measured and has none. `near` are words beside the labels' that tell of them
    too, for calibrations that weigh such (`engine.verbalizer`). `thresholds` maps a model's name
    to the least probability of the first label that counts, for a task of which too little is
    nothing.
    `manners` say by label how a reply is guided; `question` is the line before a message that asks
    of the world and is to be answered.
    """

    system: str
    labels: Mapping[str, str]
    opening: str = ""
    closing: str = ""
    gap: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    near: tuple[str, ...] = ()
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    manners: Mapping[str, Manner] = field(default_factory=dict)
    question: str = ""

    def calibration(self, model: str) -> Calibration:
        """How this model's scores are read in these words."""
        return self.calibrations.get(model, UNCALIBRATED)

    def prefix(self) -> tuple[Message, ...]:
        """System line and examples: the same messages for everybody."""
        messages = [Message("system", self.system)]
        for example in self.examples:
            messages.append(Message("user", example.user))
            messages.append(self.answered(example.label, example.note, example.reply))
        return tuple(messages)

    def asked(self) -> Message:
        """The answer, open at the place where the label comes next."""
        return Message("assistant", "", (self.opening,) if self.opening else ())

    def answered(self, label: str, note: str = "", reply: str = "") -> Message:
        """The answer with its label said, and what follows it."""
        pieces = (self.opening, self.labels[label], note, self.closing)
        said = f"{self.gap}{reply}" if reply else ""
        return Message("assistant", said, tuple(piece for piece in pieces if piece))


@dataclass(frozen=True, slots=True)
class LabelTask:
    """A question with a closed set of answers. `valence` gives a label's place in [-1, 1].

    `kinds` are what a message may be besides, where a calibration tells it from the same reading;
    the last one stands for all others. `turns` says which label a kind makes of another: glad words
    that are ironic are not glad.
    """

    name: str
    version: str
    languages: Mapping[str, TaskWords]
    valence: Mapping[str, float] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    turns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def words(self, language: str) -> TaskWords:
        """The task in a language, or in its first one."""
        return self.languages.get(language) or next(iter(self.languages.values()))


@dataclass(frozen=True, slots=True)
class Scores:
    """Calibrated probabilities of canonical labels, with what produced them.

    `version` is the prompt's, and its calibration's where one was fitted: "2+c3". `kinds` are the
    probabilities of the message's kinds, none where nothing tells them.
    """

    task: str
    probabilities: Mapping[str, float]
    valence: float
    model: str
    version: str
    kinds: Mapping[str, float] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The most probable label."""
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        """The probability of the most probable label."""
        return self.probabilities[self.label]


async def classify(engine: Engine, task: LabelTask, words: TaskWords, prompt: Prompt) -> Scores:
    """Label what the prompt asks about. `prompt` ends with `words.asked()`.

    Raises:
        EngineError: see `Engine.score`.
    """
    calibration = words.calibration(engine.model)
    said = await raw_scores(engine, words, prompt, calibration.near if engine.wide else ())
    probabilities, kinds = told(task, calibration, said)
    valence = sum(task.valence.get(label, 0.0) * p for label, p in probabilities.items())
    version = task.version + (f"+c{calibration.version}" if calibration.version else "")
    return Scores(task.name, MappingProxyType(probabilities), valence, engine.model, version, kinds)


@dataclass(frozen=True, slots=True)
class Said:
    """Log-probabilities as the model gives them in the label's place, not calibrated: by canonical
    label, and by word where more words were asked for (the labels' own among them)."""

    labels: Mapping[str, float]
    words: Mapping[str, float] = field(default_factory=dict)


def told(
    task: LabelTask, calibration: Calibration, said: Said
) -> tuple[dict[str, float], dict[str, float]]:
    """Probabilities of the labels, and of the kinds where words tell them.

    What a kind turns is turned as far as the kind is probable (the law of total probability).
    """
    plain = calibration.probabilities(said.labels, said.words)
    kinds = calibration.kinds.probabilities(said.words) if calibration.kinds and said.words else {}
    found = dict(plain)
    for kind, labels in task.turns.items():
        for label, meant in labels.items():
            moved = kinds.get(kind, 0.0) * plain[label]
            found[label] -= moved
            found[meant] += moved
    return found, kinds


async def raw_scores(
    engine: Engine, words: TaskWords, prompt: Prompt, near: Collection[str] = ()
) -> Said:
    """What the model says of the labels, and of words `near` them.

    Raises:
        EngineError: see `Engine.score`.
    """
    scores = await engine.score(prompt, list(dict.fromkeys([*words.labels.values(), *near])))
    labels = {label: scores[word] for label, word in words.labels.items()}
    return Said(labels, scores if near else {})


async def told_at_once(engine: Engine, words: TaskWords) -> tuple[str, ...]:
    """The labels' words and those near them, where the engine tells all in one reading; else none.

    Words of several tokens are left out: each would be one more reading.

    Raises:
        EngineError: see `Engine.count_tokens`.
    """
    if not engine.wide or not words.near:
        return ()
    asked = [*words.labels.values(), *words.near]
    lengths = await engine.count_tokens(asked)
    return tuple(word for word, length in zip(asked, lengths, strict=True) if length == 1)


async def feeling_scores(
    engine: Engine, words: TaskWords, manner: Manner, prompts: Sequence[Prompt]
) -> dict[str, float]:
    """Log-probabilities of a manner's feelings, the mean over the prompts that they may go on from.

    Raises:
        EngineError: see `Engine.score`.
    """
    said = {f"{words.gap}{feeling}": feeling for feeling in manner.feelings}
    tables = [await engine.score(prompt, list(said)) for prompt in prompts]
    return {
        feeling: sum(table[text] for table in tables) / len(tables)
        for text, feeling in said.items()
    }


def alone(words: TaskWords, text: str) -> Prompt:
    """The prompt that labels one text by itself, without history."""
    prefix = words.prefix()
    return Prompt((*prefix, Message("user", text), words.asked()), shared=len(prefix))
