"""Fair use: what fits into a minute and a day, when a person is told, how much is kept."""

from __future__ import annotations

import pytest

from adapters.messages import Person
from bot import limits
from bot.limits import DAY, HOUR, MINUTE, Exceeded, FairUse, Window

ANN, BO = Person("telegram", "1", "Ann"), Person("telegram", "2", "Bo")


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


def test_what_fits_is_let_through_and_the_next_is_told_how_long_to_wait(clock):
    use = FairUse(3, 0, clock)
    for _ in range(3):
        assert use.check(ANN) is None
        clock.pass_(10)
    assert use.check(ANN) == Exceeded(30, first=True)
    assert use.check(BO) is None


def test_the_window_slides(clock):
    use = FairUse(2, 0, clock)
    use.check(ANN)
    clock.pass_(40)
    use.check(ANN)
    clock.pass_(20)
    assert use.check(ANN) is None
    assert use.check(ANN) == Exceeded(40, first=True)


def test_a_person_is_told_once_and_then_met_with_silence(clock):
    use = FairUse(1, 0, clock)
    use.check(ANN)
    told = []
    for _ in range(59):
        clock.pass_(1)
        exceeded = use.check(ANN)
        assert exceeded
        told.append(exceeded.first)
    assert told == [True] + [False] * 58


def test_what_was_too_much_is_not_counted_and_a_new_window_tells_again(clock):
    use = FairUse(1, 0, clock)
    use.check(ANN)
    use.check(ANN)
    clock.pass_(MINUTE)
    assert use.check(ANN) is None
    assert use.check(ANN) == Exceeded(60, first=True)


def test_a_day_has_a_limit_of_its_own_and_its_own_telling(clock):
    use = FairUse(2, 3, clock)
    assert [use.check(ANN) for _ in range(2)] == [None, None]
    assert use.check(ANN) == Exceeded(60, first=True)
    clock.pass_(HOUR)
    assert use.check(ANN) is None
    assert use.check(ANN) == Exceeded(int(DAY - HOUR), first=True)
    clock.pass_(DAY - HOUR - 1)
    assert use.check(ANN) == Exceeded(1, first=False)
    clock.pass_(1)
    assert use.check(ANN) is None


@pytest.mark.parametrize("seconds", [59.999, 59.2, 59])
def test_the_wait_is_told_in_whole_seconds_and_never_as_none(clock, seconds):
    use = FairUse(1, 0, clock)
    use.check(ANN)
    clock.pass_(seconds)
    exceeded = use.check(ANN)
    assert exceeded
    assert exceeded.seconds == 1


def test_zero_sets_no_limit(clock):
    use = FairUse(0, 0, clock)
    assert {use.check(ANN) for _ in range(1000)} == {None}


def test_a_name_does_not_make_another_person(clock):
    use = FairUse(1, 0, clock)
    use.check(ANN)
    assert use.check(Person("telegram", "1", "Somebody else"))
    assert use.check(Person("discord", "1", "Ann")) is None


def test_only_so_many_people_are_kept_and_the_least_recent_go(clock, monkeypatch):
    monkeypatch.setattr(limits, "MOST_PEOPLE", 2)
    window = Window(1, MINUTE, clock)
    cy = Person("telegram", "3")
    for person in (ANN, BO):
        assert window.take(person)
    assert not window.take(ANN)
    assert window.take(cy)
    assert not window.take(ANN)
    assert window.take(BO)
    assert len(window._people) == 2
