"""The contract of an engine: values in and out, one Protocol, one error tree.

Knows: chat messages, sampling, labels. Does not know: persons, platforms, storage, any model
library. An implementation must not log a prompt, keep words longer than its cache says, or
answer a label that was not asked for.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Role = Literal["system", "user", "assistant"]


class EngineError(Exception):
    """Anything an engine cannot do. Its message may be shown to the owner, not to a person."""


class EngineNotReady(EngineError):
    """The model is still loading, or was closed."""


class PromptTooLong(EngineError):
    """The prompt has more tokens than the context holds. The caller should have fitted it."""

    def __init__(self, tokens: int, limit: int) -> None:
        super().__init__(f"the prompt has {tokens} tokens, the context holds {limit}")
        self.tokens = tokens
        self.limit = limit


class ModelUnusable(EngineError):
    """The model file is missing, cut short, or not one this engine can run."""


class EngineFailed(EngineError):
    """The model library failed in the middle of a request."""


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message. Control tokens inside `content` reach the model as plain text.

    `opening` is a sequence of pieces in front of the content that are turned into tokens one by
    one, so that a prompt which ends after any of them is a token-wise prefix of one that goes on.
    """

    role: Role
    content: str
    opening: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """A chat whose last message is the assistant's, begun but not ended.

    The first `shared` messages are the same for everybody (persona and examples): an engine may
    keep their state for all. `conversation` is an opaque key: prompts that carry the same key
    mostly continue one another, and `Engine.forget` drops all that is cached under it.
    """

    messages: tuple[Message, ...]
    shared: int = 0
    conversation: str = ""


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How a reply is drawn. `stop` strings end it and are not part of it."""

    max_tokens: int = 160
    temperature: float = 0.7
    top_p: float = 0.9
    seed: int | None = None
    stop: tuple[str, ...] = ()


class Engine(Protocol):
    """One model, loaded once, that plays every role by prompt alone."""

    @property
    def model(self) -> str:
        """The model's name, as stored beside each label."""

    @property
    def context_length(self) -> int:
        """Tokens that a prompt and its reply may take together."""

    @property
    def wide(self) -> bool:
        """Whether hundreds of labels, each of one token, cost no more than three."""

    async def score(self, prompt: Prompt, labels: Sequence[str]) -> Mapping[str, float]:
        """Log-probability of each label as the next words, normalised over `labels`.

        Whole token sequences are scored; nothing is sampled, so an invalid label cannot exist.

        Raises:
            PromptTooLong, EngineNotReady, EngineFailed.
        """

    def stream(self, prompt: Prompt, params: SamplingParams) -> AsyncGenerator[str, None]:
        """The reply as it is decoded, in whole characters. Closing the iterator stops the model.

        Raises:
            PromptTooLong, EngineNotReady, EngineFailed.
        """

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text takes as message content."""

    async def warm_up(self, prompts: Sequence[Prompt]) -> None:
        """Read the shared part of each prompt once, so that no person waits for it."""

    async def forget(self, conversation: str) -> None:
        """Drop whatever is cached under a conversation's key."""

    async def close(self) -> None:
        """Stop, and free memory and threads. Closing twice is harmless."""
