"""A label out of many words: what the model would say in the label's place, each word weighed.

Knows: words, weights, biases, temperature. Does not know: prompts, tasks, how weights are fitted
(`engine.verbalizing`), where they are kept. Pure.

Three label words tell less than the model knows: before "[" it also weighs 孤独, 讽刺 or "Funny".
Several words to a label are the "verbalizer" of prompt tuning (Schick and Schütze 2021, arXiv
2001.07676), weights on them "knowledgeable" prompt tuning (Hu et al. 2022, arXiv 2108.02035).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.scoring import calibrate


@dataclass(frozen=True, slots=True)
class Verbalizer:
    """Labels become softmax((score + bias) / temperature), a label's score being the sum of the
    words' log-probabilities, each less their mean and times its weight.

    `weights` are by word, one for each label in the order of `biases`.
    """

    weights: Mapping[str, Sequence[float]]
    biases: Mapping[str, float]
    temperature: float = 1.0

    def scores(self, said: Mapping[str, float]) -> dict[str, float]:
        """Each label's score with its bias. `said` holds the log-probability of every word, up to
        one common constant."""
        mean = sum(said[word] for word in self.weights) / len(self.weights)
        found = dict(self.biases)
        for word, weights in self.weights.items():
            for label, weight in zip(self.biases, weights, strict=True):
                found[label] += weight * (said[word] - mean)
        return found

    def probabilities(self, said: Mapping[str, float]) -> dict[str, float]:
        """The probability of each label. `said`: see `scores`."""
        return calibrate(self.scores(said), {}, self.temperature)
