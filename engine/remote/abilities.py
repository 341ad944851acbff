"""What a server can do for us, as the probe found it: values only.

Knows: the ways to score labels and to carry the opening of an answer, best first. Does not know:
how a way is asked for (`engine.remote.scoring`, `engine.remote.chat`), how it was found out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any


class Labels(Enum):
    """How labels are scored. The sources are in `engine.remote.logprobs`."""

    LLAMA = "by the probabilities of their tokens, all biased alike"
    GENERATE = "by the log-probabilities of their token ids"
    TOKENS = "by the log-probabilities of their tokens after a prompt of token ids"
    CHAT = "by the log-probabilities of their tokens in a chat completion"
    CHAT_TEXT = "by the most probable next tokens of a chat completion, as text"
    CHOICE = "by a constrained choice, without probabilities"


class Opening(Enum):
    """How the opening of an answer goes to the server."""

    TOKENS = "as tokens, with the chat template applied here"
    CONTINUE = "by continue_final_message"
    PREFILL = "as an assistant message that is gone on with"
    ASKED = "in words, as an instruction"


class Bias(Enum):
    """What a `logit_bias` does to the log-probabilities that are reported."""

    RAW = "nothing: they are the model's own"
    COUNTED = "it is counted in"
    NONE = "it is not obeyed"


class Tokenizer(Enum):
    """Whose form a server's endpoint for tokens has."""

    LLAMA = "llama.cpp"
    HUGGINGFACE = "vLLM and SGLang"


class Choice(Enum):
    """The field that holds an answer to a closed set."""

    STRUCTURED = "structured_outputs"
    GUIDED = "guided_choice"
    SCHEMA = "response_format"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What one server can do. `context` is in tokens, 0 where the server does not say.

    `top` is how many most probable tokens it tells; `names_ids`: it names them by id. `extras` are
    fields that every request carries. `template`, `bos` and `eos` are the model's own where the
    server shows them. `folds_system`: its template has no system role. `echoes`: it gives the
    opening back. `erases`: its slots may be erased.
    """

    kind: str
    labels: Labels
    opening: Opening
    context: int = 0
    tokenizer: Tokenizer | None = None
    bias: Bias = Bias.NONE
    top: int = 20
    names_ids: bool = False
    choice: Choice | None = None
    extras: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    template: str = ""
    bos: str = ""
    eos: str = ""
    folds_system: bool = False
    echoes: bool = False
    erases: bool = False

    @property
    def exact(self) -> bool:
        """Whether every label gets its own probability, however small that is.

        False: the probability of a label that is not among the most probable tokens is only
        supposed (`Labels.CHAT_TEXT`), or there are none at all (`Labels.CHOICE`).
        """
        if self.labels in (Labels.LLAMA, Labels.GENERATE):
            return True
        return self.labels in (Labels.TOKENS, Labels.CHAT) and self.bias is not Bias.NONE
