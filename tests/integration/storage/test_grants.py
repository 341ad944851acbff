"""Grants: given by a person, to somebody or the owners, and taken back."""

from __future__ import annotations

from storage.records import Named
from storage.store import Store
from tests.integration.storage.values import said

OWNERS = Named("owner", "", "")


async def test_a_grant_is_seen_from_both_sides_till_it_is_taken_back(store: Store):
    await store.receive(said())
    await store.receive(said(user_id="bob", user_name="Bob", message_id="m2"))
    await store.grant("console", "ann", "console", "bob")
    await store.grant("console", "ann", "owner", "")
    await store.grant("console", "ann", "telegram", "7")
    await store.grant("console", "ann", "console", "bob")
    given = await store.grants_of("console", "ann")
    assert given == [Named("console", "bob", "Bob"), OWNERS, Named("telegram", "7", "")]
    assert await store.granted_to("console", "bob") == [Named("console", "ann", "Ann")]
    assert await store.granted_to("owner", "") == [Named("console", "ann", "Ann")]
    assert await store.granted_to("console", "ann") == []
    assert await store.revoke("console", "ann", "console", "bob")
    assert not await store.revoke("console", "ann", "console", "bob")
    assert await store.granted_to("console", "bob") == []
    assert await store.revoke_all("console", "ann") == 2
    assert await store.grants_of("console", "ann") == []
    assert await store.revoke_all("console", "ann") == 0


async def test_taking_back_touches_no_other_persons(store: Store):
    await store.grant("console", "ann", "owner", "")
    await store.grant("console", "bob", "owner", "")
    await store.revoke_all("console", "ann")
    assert not await store.revoke("console", "ann", "owner", "")
    assert [one.user_id for one in await store.granted_to("owner", "")] == ["bob"]


async def test_whoever_is_granted_something_can_be_found_by_the_owner(store: Store):
    await store.grant("console", "ann", "owner", "")
    await store.grant("console", "ann", "telegram", "7")
    everybody = await store.everybody()
    assert everybody == [Named("console", "ann", ""), Named("telegram", "7", "")]
