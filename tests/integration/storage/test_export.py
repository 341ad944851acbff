"""How what is stored about a person is handed over, on both databases."""

from __future__ import annotations

import json

from storage.store import Store
from tests.integration.storage.test_export_whole import DONE, SAID, Plain, happen
from tests.integration.storage.values import NOON, felt, said


async def test_it_reads_as_conversations_with_their_turns(store: Store):
    lead = (await store.receive(said("one", "1", thread_id="t"))).turn
    joined = (await store.receive(said("two", "2", thread_id="t"))).turn
    await store.join(joined.id, lead.id)
    await store.complete(lead.id, "hi", felt())
    await store.correct("console", "ann", lead.id, "neutral", 0.0)
    await store.delivery_created(said(message_id="1", thread_id="t").place, "s1")
    await store.set_carded("console", "ann")
    exported = await store.export("console", "ann")
    assert (exported["platform"], exported["user_id"]) == ("console", "ann")
    assert (exported["person"]["name"], exported["person"]["carded"]) == ("Ann", True)
    (conversation,) = exported["conversations"]
    assert (conversation["chat_id"], conversation["thread_id"]) == ("ann-alone", "t")
    first, second = conversation["turns"]
    assert (first["text"], first["reply"], first["state"]) == ("one\ntwo", "hi", "answered")
    assert first["sent_at"] == NOON.isoformat() == "2026-03-01T12:00:00+00:00"
    assert [label["label"] for label in first["labels"]] == ["positive"]
    assert [said["label"] for said in first["corrections"]] == ["neutral"]
    assert first["delivery"]["sent"] == ["s1"]
    assert (second["text"], second["state"], second["joined_to"]) == ("two", "joined", lead.id)
    assert (second["labels"], second["corrections"], second["delivery"]) == ([], [], None)


async def test_what_others_granted_and_whom_they_looked_at_is_not_said(store: Store):
    await store.receive(said())
    await store.grant("console", "bob", "console", "ann")
    await store.grant("console", "ann", "console", "eve")
    await store.set_checkin("console", "ann", "ann-alone", "", 1200, "UTC", NOON, "en")
    await store.note_crisis("console", "ann", "self", NOON)
    await store.note_look("console:ann", "trend", "console:bob", "console", "bob")
    await store.note_look("console:ann", "trend", "discord g1")
    await store.note_look("console:eve", "trend", "console:ann", "console", "ann")
    await store.allow_alert("console", "ann", "console", "bob")
    await store.allow_alert("console", "bob", "console", "ann")
    exported = await store.export("console", "ann")
    assert "bob" not in json.dumps(exported)
    assert exported["alert"].keys() == {"person_id", "allowed_at"}
    (alerted,) = exported["alerted"]
    assert alerted.keys() == {"to_platform", "to_user_id", "allowed_at"}
    (granted,) = exported["granted"]
    assert granted.keys() == {"to_platform", "to_user_id", "granted_at"}
    assert [grant["to_user_id"] for grant in exported["grants"]] == ["eve"]
    assert [look["about"] for look in exported["looked"]] == ["someone", "discord g1"]
    assert [look["who"] for look in exported["looks"]] == ["console:eve"]
    (letter,) = exported["letters"]
    assert letter["facts"] == {"who": "console:eve", "what": "trend"}
    assert [crisis["kind"] for crisis in exported["crises"]] == ["self"]
    assert exported["checkin"]["minute"] == 1200


async def test_somebody_unknown_has_nothing(store: Store):
    exported = await store.export("console", "nobody")
    assert _nothing(exported)


async def test_after_an_erasure_nothing_is_left_to_hand_over(store: Store):
    everything = [(who, "group", done) for who in ("ann", "bob") for done in (*SAID, *DONE[:-1])]
    await happen(store, everything)
    await store.forget("console", "ann")
    assert _nothing(await store.export("console", "ann"))


def _nothing(exported: Plain) -> bool:
    asked = {"format", "exported_at", "platform", "user_id"}
    return not any(value for name, value in exported.items() if name not in asked)
