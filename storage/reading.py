"""One message of a person with how it was read, and what the person says of that: a frozen value.

Knows: both sides of it, the model's and the person's. Does not know: tables, SQL. Standard library
only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """For its person's eyes alone. `at` is when the message was sent, in UTC.

    `label`, `valence` in [-1, 1] and `confidence` are the model's. `corrected` is the label that
    the person gave, "" for none; `corrected_valence` is then how that counts.
    """

    turn_id: int
    at: datetime
    text: str
    private: bool
    chat_id: str
    thread_id: str
    label: str
    valence: float
    confidence: float
    corrected: str = ""
    corrected_valence: float = 0.0

    @property
    def counts(self) -> float:
        """The valence with which it is in its person's own trend."""
        return self.corrected_valence if self.corrected else self.valence
