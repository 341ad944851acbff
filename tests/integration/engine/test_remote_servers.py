"""Several servers: people stay at one, move when it dies, and it is used again when it is back."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from engine.base import EngineFailed, ModelUnusable
from engine.remote.engine import Remote
from tests.integration.engine.conftest import closed_port
from tests.integration.engine.openai_flavours import LLAMA, MODEL, NOTHING, VLLM, Fault
from tests.integration.engine.openai_server import serving
from tests.integration.engine.remote_talk import HASTE, LABELS, opened, reply, said, until

PEOPLE = [f"person {n}" for n in range(12)]
WHOLE = ["Hello", " there", "."]


def port_of(url: str) -> int:
    return int(url.removesuffix("/v1").rpartition(":")[2])


async def turn(engine: Remote, who: str) -> None:
    await engine.score(said("hi", conversation=who), LABELS)
    assert await reply(engine, said("hi", conversation=who)) == WHOLE


def homes(engine: Remote) -> dict[str, str]:
    return {who: place.member.url for who, place in engine._pool._homes.items()}


async def test_people_are_spread_and_stay_where_they_are():
    async with serving() as one, serving() as two, opened(one, two) as engine:
        for who in PEOPLE:
            await turn(engine, who)
        first = homes(engine)
        assert set(first.values()) == {one.url, two.url}
        for who in reversed(PEOPLE):
            await turn(engine, who)
        assert homes(engine) == first


async def test_new_people_go_where_less_is_to_be_done():
    gate = asyncio.Event()
    async with serving() as one, serving() as two, opened(one, two) as engine:
        for server in (one, two):
            server.always = Fault(stall=gate)
        talks = [asyncio.create_task(reply(engine, said("hi", conversation=who))) for who in PEOPLE]
        await until(lambda: len(one.prompts) + len(two.prompts) == len(PEOPLE))
        assert len(one.prompts) == len(two.prompts)
        gate.set()
        await asyncio.gather(*talks)


async def test_when_a_server_dies_its_people_move_and_when_it_is_back_it_is_used(caplog):
    caplog.set_level(logging.INFO)
    async with AsyncExitStack() as stack:
        two = await stack.enter_async_context(serving())
        async with serving() as one:
            engine = await stack.enter_async_context(opened(one, two))
            for who in PEOPLE:
                await turn(engine, who)
            moving = [who for who, where in homes(engine).items() if where == one.url]
        assert moving
        for who in PEOPLE:
            await turn(engine, who)
        assert set(homes(engine).values()) == {two.url}
        async with serving(port=port_of(one.url)) as back:
            place = engine._pool.places[0]
            await until(lambda: not engine._pool.rests_for(place))
            for number in range(6):
                await turn(engine, f"new {number}")
            assert one.url in homes(engine).values()
            assert back.asked("/v1/completions")
            assert {homes(engine)[who] for who in PEOPLE} == {two.url}  # their prefixes are there
    told = [r.message for r in caplog.records if r.name.startswith("engine")]
    assert told == [
        f"a model server is left alone for a while: {one.url} cannot be reached: "
        "is the server running?",
        f"the model server {one.url} answers again",
    ]


async def test_a_reply_moves_to_the_other_server_before_its_first_text_only():
    async with serving() as one, serving() as two, opened(one, two) as engine:
        for server in (one, two):
            server.faults.append(Fault(drop="token"))
        with pytest.raises(EngineFailed, match="in the middle"):
            await reply(engine, said("hi"))
        assert len(one.prompts) + len(two.prompts) == 1
        assert one.faults or two.faults
        for server in (one, two):
            server.faults.clear()
            server.always = Fault(status=503) if server.prompts else None
        assert await reply(engine, said("hi")) == WHOLE


async def test_when_all_are_down_each_is_named_once():
    async with serving() as one, serving() as two, opened(one, two) as engine:
        for server in (one, two):
            server.always = Fault(status=503)
        with pytest.raises(EngineFailed) as failed:
            await engine.score(said("hi"), LABELS)
        assert str(failed.value).startswith("no server answers: ")
        assert all(str(failed.value).count(f"{s.url} failed (503)") == 1 for s in (one, two))


async def test_a_server_that_is_not_there_yet_is_used_when_it_comes():
    port = closed_port()
    async with serving() as one:
        urls = [one.url, f"http://127.0.0.1:{port}/v1"]
        engine = await Remote.open(urls, model=MODEL, patience=HASTE)
        try:
            assert engine.describe().endswith(f"{urls[1]}: has not answered yet")
            for who in PEOPLE:
                await turn(engine, who)
            assert set(homes(engine).values()) == {one.url}
            async with serving(LLAMA, port=port) as two:
                await until(lambda: not engine._pool.rests_for(engine._pool.places[1]))
                for number in range(8):
                    await turn(engine, f"new {number}")
                assert two.asked("/completion")
                assert "llama.cpp server" in engine.describe()
        finally:
            await engine.close()


async def test_a_late_server_that_can_not_be_used_is_passed_over(caplog):
    port = closed_port()
    async with serving() as one:
        urls = [one.url, f"http://127.0.0.1:{port}/v1"]
        engine = await Remote.open(urls, model=MODEL, patience=HASTE)
        async with serving(NOTHING, port=port):
            await until(lambda: not engine._pool.rests_for(engine._pool.places[1]))
            for who in PEOPLE:
                await turn(engine, who)
        await engine.close()
    assert caplog.text.count(f"{urls[1]} cannot score labels") == 1


async def test_one_server_that_can_not_be_used_stops_the_start():
    async with serving() as one, serving(NOTHING) as two:
        with pytest.raises(ModelUnusable, match=f"{two.url} cannot score labels"):
            await Remote.open([one.url, two.url], model=MODEL, patience=HASTE)


async def test_none_there_stops_the_start():
    urls = [f"http://127.0.0.1:{closed_port()}/v1" for _ in range(2)]
    with pytest.raises(ModelUnusable, match="no server answers"):
        await Remote.open(urls, model=MODEL, patience=HASTE)


async def test_the_same_address_twice_is_one_server():
    async with serving() as one:
        engine = await Remote.open([one.url, one.url], model=MODEL, patience=HASTE)
        assert len(engine.describe().splitlines()) == 1
        await engine.close()


async def test_all_servers_are_warmed_up_and_one_that_is_down_is_passed_over(caplog):
    async with serving() as one, serving() as two, opened(one, two) as engine:
        await engine.warm_up([said("x")])
        assert one.prompts == two.prompts
        assert len(one.prompts) == 1
        one.always = Fault(status=500)
        await engine.warm_up([said("x")])
        assert "was not warmed up" in caplog.text
        two.always = Fault(status=500)
        with pytest.raises(EngineFailed, match="no server answers"):
            await engine.warm_up([said("x")])


async def test_the_smallest_context_counts_and_the_least_exact():
    small = replace(VLLM, max_model_len=200, bias="")
    async with serving() as one, serving(small) as two, opened(one, two) as engine:
        assert engine.context_length == 200
        assert not engine.exact
        assert len(engine.describe().splitlines()) == 2


async def test_forgetting_reaches_every_server_that_held_the_conversation():
    llama = replace(LLAMA, slots=True)
    async with serving(llama) as one, serving(llama) as two, opened(one, two) as engine:
        await engine.score(said("hi"), LABELS)
        first = one if one.prompts else two
        first.always = Fault(status=503)
        await engine.score(said("hi"), LABELS)
        await engine.forget("ann")
        assert (one.erased, two.erased) == ([1], [1])
        assert homes(engine) == {}


async def test_a_key_that_one_server_refuses_does_not_stop_the_other():
    async with (
        serving(LLAMA, key="k") as one,
        serving(LLAMA, key="k") as two,
        opened(one, two, key="k") as engine,
    ):
        one.key = "another"
        for who in PEOPLE:
            assert await reply(engine, said("x", conversation=who)) == WHOLE
