"""Moods at random for the tests against pandas, and how closely the two must agree.

The edges of a window of a week, and of its pieces of half a day, come often, to the microsecond.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from bot.trends import PIECES

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
ZONES = ("Europe/Berlin", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe")
T_ERROR = 1e-5
"""So much `bot.trends.t_975` may be off."""

Points = list[tuple[datetime, float]]

valences = st.one_of(
    st.sampled_from([-1.0, 0.0, 1.0]), st.integers(-1000, 1000).map(lambda n: n / 1000)
)
edges = st.builds(
    lambda piece, off: WEEK * piece / PIECES + timedelta(microseconds=off),
    st.integers(0, PIECES),
    st.integers(-1, 1),
)
ages = st.one_of(edges, st.timedeltas(-timedelta(hours=1), timedelta(days=40)))
histories = st.lists(st.tuples(ages.map(lambda age: NOW - age), valences), max_size=60)
for_all = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
