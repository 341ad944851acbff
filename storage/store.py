"""The memory's door: every question the rest of Warmline may ask, one method each.

Knows: where the questions are. Does not know: SQL, models, platforms, what a person may see. Text
is stored as `columns.storable` leaves it. Any method may raise what stands under
DatabaseUnavailable in `errors`, and StoreClosed.
"""

from __future__ import annotations

from storage.admin_questions import AdminQuestions
from storage.ending_questions import EndingQuestions
from storage.erasure_questions import ErasureQuestions
from storage.mood_questions import MoodQuestions
from storage.people_questions import PeopleQuestions
from storage.reaching_questions import ReachingQuestions
from storage.server_questions import ServerQuestions
from storage.turn_questions import TurnQuestions


class Store(
    TurnQuestions,
    PeopleQuestions,
    MoodQuestions,
    ServerQuestions,
    ReachingQuestions,
    AdminQuestions,
    EndingQuestions,
    ErasureQuestions,
):
    """People, conversations, turns, labels, servers. `async with await Store.open(…) as store`."""
