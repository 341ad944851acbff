"""Requests are spread, conversations stay, and a server that fails is left alone for a while."""

from __future__ import annotations

import asyncio
import logging
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from engine.base import EngineFailed, PromptTooLong
from engine.remote import pool as pool_module
from engine.remote.errors import KeyRefused, Refused, TooSlow, Unanswered
from engine.remote.pool import Lease, Patience, Pool

URLS = ("http://a", "http://b", "http://c")


@dataclass(frozen=True)
class Member:
    url: str


class Clock:
    """Seconds that only pass when somebody sleeps or says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def pool_of(clock: Clock, *urls: str, **patience: Any) -> Pool[Member]:
    members = [Member(url) for url in urls]
    return Pool(members, Patience(**patience), clock=clock, sleep=clock.sleep)


async def lease_of(pool: Pool[Member], conversation: str = "") -> Lease[Member]:
    return await anext(aiter(pool.attempts(conversation)))


async def fail(pool: Pool[Member], error: BaseException, conversation: str = "") -> list[str]:
    """Let a request fail at every server that it is tried at; their URLs, in order."""
    tried = []
    try:
        async for lease in pool.attempts(conversation):
            tried.append(lease.member.url)
            with lease:
                raise error
    except EngineFailed as gave_up:
        return [*tried, str(gave_up)]
    raise AssertionError("it did not fail")


def lose(lease: Lease[Member], error: BaseException) -> None:
    """Let a request fail after its first text."""
    with lease:
        lease.begin()
        raise error


async def test_requests_go_where_the_fewest_are_under_way(clock):
    pool = pool_of(clock, *URLS)
    with ExitStack() as held:
        leases = [await lease_of(pool) for _ in range(3)]
        assert {lease.member.url for lease in leases} == set(URLS)
        for lease in leases:
            held.enter_context(lease)
        with leases[0]:
            assert (await lease_of(pool)).member.url != leases[0].member.url
    assert [place.outstanding for place in pool.places] == [0, 0, 0]


async def test_a_conversation_stays_also_when_others_have_less_to_do(clock):
    pool = pool_of(clock, *URLS)
    home = await lease_of(pool, "ann")
    with home, home, home:
        assert (await lease_of(pool, "ann")).place is home.place
        assert (await lease_of(pool, "bob")).place is not home.place


async def test_after_a_restart_a_conversation_comes_back_to_the_same_server(clock):
    homes = [
        [(await lease_of(pool_of(clock, *urls), str(n))).member.url for n in range(20)]
        for urls in (URLS, URLS[::-1])
    ]
    assert homes[0] == homes[1]
    assert len(set(homes[0])) == 3


async def test_a_forgotten_conversation_has_no_home(clock):
    pool = pool_of(clock, *URLS)
    home = await lease_of(pool, "ann")
    assert pool.forget("ann") is home.member
    assert pool.forget("ann") is None


async def test_only_so_many_homes_are_remembered(clock, monkeypatch):
    monkeypatch.setattr(pool_module, "_CONVERSATIONS", 3)
    pool = pool_of(clock, *URLS)
    for name in "abacd":
        await lease_of(pool, name)
    assert list(pool._homes) == ["a", "c", "d"]


async def test_another_server_is_tried_at_once_and_the_conversation_moves(clock):
    pool = pool_of(clock, *URLS)
    home = await lease_of(pool, "ann")
    attempts = pool.attempts("ann")
    with await anext(attempts):
        raise Unanswered("lost")
    second = await anext(attempts)
    assert second.place is not home.place
    with second:
        pass
    assert clock.slept == []
    assert (await lease_of(pool, "ann")).place is second.place


async def test_one_server_is_tried_again_after_growing_pauses(clock):
    pool = pool_of(clock, "http://a", tries=4, pause=1.0, longest_pause=3.0)
    *tried, said = await fail(pool, Unanswered("http://a failed (500)"))
    assert tried == ["http://a"] * 4
    assert said == "no server answers: http://a failed (500)"
    assert all(
        longest / 2 <= pause <= longest
        for pause, longest in zip(clock.slept, (1.0, 2.0, 3.0), strict=True)
    )


async def test_every_server_is_tried_however_many_there_are(clock):
    urls = [f"http://{n}" for n in range(5)]
    *tried, said = await fail(pool_of(clock, *urls), Unanswered("lost"))
    assert sorted(tried) == urls
    assert said == "no server answers: lost"


async def test_retry_after_is_obeyed_up_to_a_cap(clock):
    pool = pool_of(clock, "http://a", tries=2, longest_pause=10.0)
    await fail(pool, Unanswered("busy", after=4.0))
    assert clock.slept == [4.0]
    clock.slept.clear()
    clock.now += 100
    await fail(pool, Unanswered("busy", after=3600.0))
    assert clock.slept == [10.0]


async def test_a_server_that_asked_for_time_gets_it_from_the_next_request_too(clock):
    pool = pool_of(clock, "http://a")
    with await lease_of(pool):
        raise Unanswered("busy", after=4.0)
    await lease_of(pool)
    assert clock.slept[-1] == 4.0


async def test_a_failing_server_rests_twice_as_long_each_time_and_then_comes_back(clock, caplog):
    caplog.set_level(logging.INFO)
    pool = pool_of(clock, "http://a", "http://b", rest=1.0, longest_rest=5.0)
    a = pool.places[0]
    rests = []
    for _ in range(4):
        pool.rest(a, Unanswered("lost"))
        pool.rest(a, Unanswered("lost"))  # at the same moment: still one failure
        rests.append(pool.rests_for(a))
        assert {(await lease_of(pool)).member.url for _ in range(3)} == {"http://b"}
        clock.now += rests[-1]
    assert rests == [1.0, 2.0, 4.0, 5.0]
    assert "http://a" in {(await lease_of(pool)).member.url for _ in range(2)}
    pool.well(a)
    pool.rest(a, Unanswered("lost"))
    assert pool.rests_for(a) == 1.0
    told = [record.message for record in caplog.records]
    assert told == [
        "a model server is left alone for a while: lost",
        "the model server http://a answers again",
        "a model server is left alone for a while: lost",
    ]


async def test_when_all_rest_the_one_that_has_nearly_done_so_is_tried(clock):
    pool = pool_of(clock, "http://a", "http://b")
    pool.rest(pool.places[0], Unanswered("lost"))
    clock.now += 0.5
    pool.rest(pool.places[1], Unanswered("lost"))
    assert (await lease_of(pool, "ann")).member.url == "http://a"


@pytest.mark.parametrize("error", [TooSlow("slow"), KeyRefused("http://a", 401)])
async def test_what_asking_again_can_not_mend_is_not_asked_again(clock, error):
    tried, said = await fail(pool_of(clock, "http://a"), error)
    assert (tried, said) == ("http://a", str(error))


async def test_after_the_first_text_a_failure_is_final_and_the_server_rests(clock):
    pool = pool_of(clock, "http://a", "http://b")
    lease = await lease_of(pool)
    with pytest.raises(Unanswered):
        lose(lease, Unanswered("lost"))
    assert pool.rests_for(lease.place) > 0
    other = await lease_of(pool)
    with pytest.raises(EngineFailed):
        lose(other, EngineFailed("broke off"))
    assert pool.rests_for(other.place) > 0


@pytest.mark.parametrize("error", [Refused("http://a", 400), PromptTooLong(2, 1), ValueError()])
async def test_a_server_that_says_no_is_well(clock, error):
    pool = pool_of(clock, "http://a")
    with pytest.raises(type(error)), await lease_of(pool):
        raise error
    assert pool.rests_for(pool.places[0]) == 0


async def test_a_request_that_is_given_up_says_nothing_about_the_server(clock):
    pool = pool_of(clock, "http://a")
    with pytest.raises(asyncio.CancelledError), await lease_of(pool):
        raise asyncio.CancelledError
    assert (pool.places[0].outstanding, pool.places[0].failures) == (0, 0)
