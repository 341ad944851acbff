"""What a reply must not do: every rule by name, and which of them a reply breaks.

Knows: the list of rules. Does not know: how one is checked (`bot/reply_*.py`), what is done about
a breach. Pure and quick: a finished sentence can be checked before it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot import reply_care, reply_facts, reply_form, reply_repeats, reply_sides
from bot.reply_text import Breach, Candidate

Rule = Callable[[Candidate], Breach | None]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.__name__: rule
        for rule in (
            reply_form.empty,
            reply_form.wrong_language,
            reply_form.wrong_script,
            reply_form.has_list,
            reply_form.leaks_markup,
            reply_form.too_long,
            reply_form.too_many_questions,
            reply_sides.swaps_sides,
            reply_sides.claims_human,
            reply_sides.promises_deeds,
            reply_sides.boilerplate,
            reply_repeats.parrots,
            reply_repeats.repeats_opening,
            reply_repeats.repeats_closing,
            reply_facts.invents_facts,
            reply_care.gives_medical_orders,
            reply_care.gives_legal_orders,
            reply_care.frightens,
            reply_care.belittles,
            reply_care.lectures,
            reply_care.insults,
        )
    }
)
"""By the name of its function, which is also `Breach.rule`."""


def breaches(candidate: Candidate, rules: Mapping[str, Rule] = RULES) -> tuple[Breach, ...]:
    """Every rule that the reply breaks, in the order of the list. Of a very long text the beginning
    is read."""
    candidate = candidate.cut()
    found = (rule(candidate) for rule in rules.values())
    return tuple(breach for breach in found if breach is not None)
