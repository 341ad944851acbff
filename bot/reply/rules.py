"""What a reply must not do: every rule by name, and which of them a reply breaks.

Knows: the list of rules. Does not know: how one is checked (the files beside this one), what is
done about a breach. Pure and quick: a finished sentence can be checked before it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.reply import care, facts, form, repeats, sides
from bot.reply.text import Breach, Candidate

Rule = Callable[[Candidate], Breach | None]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        rule.__name__: rule
        for rule in (
            form.empty,
            form.wrong_language,
            form.wrong_script,
            form.has_list,
            form.leaks_markup,
            form.too_long,
            form.too_many_questions,
            sides.swaps_sides,
            sides.claims_human,
            sides.promises_deeds,
            sides.boilerplate,
            repeats.parrots,
            repeats.echoes,
            repeats.repeats_opening,
            repeats.repeats_closing,
            facts.invents_facts,
            facts.foretells,
            care.gives_medical_orders,
            care.gives_legal_orders,
            care.frightens,
            care.belittles,
            care.shrinks,
            care.lectures,
            care.accuses,
            care.takes_leave,
            care.insults,
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
