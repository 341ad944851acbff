"""Where a turn is written down: the store's way, the caller's way, and there and back again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

from adapters.messages import Person, Scope
from bot.record import CallerRecord, RetryRecord, StoredRecord, given
from bot.stored import inbound, label, outgoing, place
from engine.tasks import Scores
from storage.records import State
from storage.store import Store
from tests.fake_store import MemoryStore
from tests.fakes import felt, said

SCORES = Scores("sentiment", {"positive": 0.75, "negative": 0.25}, 0.5, "fake-1b", "7")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Consent:
    """Whether moods may be kept; the answer may change."""

    given = True

    async def __call__(self) -> bool:
        return self.given


def stored(consent: Consent | None = None) -> tuple[StoredRecord, MemoryStore]:
    store = MemoryStore()
    return StoredRecord(cast("Store", store), consent or Consent()), store


def test_a_stored_message_is_handed_in_again_as_it_came():
    message = said(
        "hello",
        "m7",
        scope=Scope("telegram", "-100", "5"),
        person=Person("telegram", "42", "Ann"),
        private=False,
        sent_at=LONG_AGO,
        locale="zh",
    )
    again = outgoing(inbound(message, "zh"))
    assert again == message
    assert again.person.name == "Ann"  # names do not count in a comparison


def test_what_the_store_takes_names_the_language_that_was_found():
    kept = inbound(said("hello", locale="fr"), "en")
    assert (kept.language, kept.text, kept.user_id) == ("en", "hello", "ann")


def test_scores_are_kept_with_what_produced_them():
    kept = label(SCORES)
    assert (kept.task, kept.label, kept.valence) == ("sentiment", "positive", 0.5)
    assert (kept.confidence, kept.model, kept.version) == (0.75, "fake-1b", "7")
    assert kept.probabilities == SCORES.probabilities


def test_a_given_history_is_in_its_order_and_has_no_labels():
    exchanges = given(said("c", history=(("a", "b"), ("", ""))))
    assert [(e.id, e.person, e.reply, e.label) for e in exchanges] == [
        (0, "a", "b", ""),
        (1, "", "", ""),
    ]


async def test_the_store_is_told_each_step_and_only_the_first_copy_is_new():
    kept, store = stored()
    message = said("hello")
    first, second = [await kept.receive(message, "en") for _ in range(2)]
    assert (first.new, second.new) == (True, False)
    assert (await kept.begin(first.turn)).attempts == 1
    assert (await kept.begin(first.turn)).attempts == 2
    assert await kept.complete(first.turn, "hi", SCORES, ", lower lately")
    assert not await kept.complete(first.turn, "again", None, "")
    assert store.turns[1]["note"] == ", lower lately"
    (exchange,) = await kept.history(2, first.turn, 5)
    assert (exchange.person, exchange.reply, exchange.label) == ("hello", "hi", "positive")
    assert (exchange.note, exchange.language) == (", lower lately", "en")


async def test_a_turn_may_fail_and_may_be_declined():
    kept, store = stored()
    received = await kept.receive(said("hello"), "en")
    await kept.fail(received.turn, "EngineFailed")
    assert store.state() is State.FAILED
    await kept.decline(received.turn, "stale")
    assert (store.state(), store.turns[1]["failure"]) == (State.DECLINED, "stale")


async def test_an_answer_without_scores_is_kept_without_a_label():
    kept, store = stored()
    received = await kept.receive(said("hello"), "en")
    assert await kept.complete(received.turn, "hi", None, "")
    assert store.turns[1]["label"] is None


async def test_moods_are_those_of_the_person_in_the_turns_conversation():
    kept, store = stored()
    await felt(store, 0.5)
    await felt(store, -0.5, scope=Scope("console", "group"))
    await felt(store, -0.7, user="bo", scope=Scope("console", "ann"))
    message = said("hello")
    received = await kept.receive(message, "en")
    points = await kept.moods(message, received.turn, LONG_AGO)
    assert [valence for _, valence in points] == [0.5]


async def test_without_consent_no_mood_is_written_down_and_none_is_read():
    consent = Consent()
    kept, store = stored(consent)
    await felt(store, 0.5)
    message = said("hello")
    received = await kept.receive(message, "en")
    consent.given = False  # they changed their mind while it was answered
    assert await kept.complete(received.turn, "hi", SCORES, "")
    assert store.turns[2]["label"] is None
    assert await kept.moods(message, received.turn, LONG_AGO) == []


async def test_a_message_is_joined_to_another_and_its_words_are_among_that_ones():
    kept, store = stored()
    lead, this = [(await kept.receive(said(text), "en")).turn for text in ("one", "two")]
    assert await kept.join(this, lead)
    assert (store.state(2), await kept.words(lead)) == (State.JOINED, "one\ntwo")
    assert (await kept.begin(lead)).text == "one\ntwo"


async def test_an_edit_finds_the_message_by_where_it_was_said():
    kept, store = stored()
    message = said("one", "m1", scope=Scope("telegram", "-100", "5"))
    turn = (await kept.receive(message, "en")).turn
    assert await store.edit(place(message), "two")
    assert await kept.words(turn) == "two"


async def test_another_answer_takes_the_place_of_the_first_and_changes_nothing_else():
    kept, store = stored()
    turn = (await kept.receive(said("hello"), "en")).turn
    await kept.complete(turn, "hi", SCORES, "")
    before = store.turns[1].copy()
    retried = RetryRecord(cast("Store", store), Consent())
    again = await retried.begin((await kept.receive(said("hello", turn.message_id), "en")).turn)
    assert (again.state, again.attempts) == (State.ANSWERING, 1)
    assert await retried.words(again) == "hello"
    await retried.fail(again, "EngineFailed")
    await retried.decline(again, "stopped")
    assert store.turns[1] == before
    assert await retried.complete(again, "hi there", None, ", lower lately")
    assert store.turns[1] == before | {"reply": "hi there"}


async def test_another_answer_to_what_was_forgotten_is_not_written_down():
    kept, store = stored()
    turn = (await kept.receive(said("hello"), "en")).turn
    await store.forget("console", "ann")
    assert not await RetryRecord(cast("Store", store), Consent()).complete(turn, "hi", SCORES, "")


async def test_the_callers_record_keeps_nothing_and_is_always_new():
    kept = CallerRecord()
    message = said("hello")
    first, second = [await kept.receive(message, "zh") for _ in range(2)]
    assert first.new
    assert second.new
    turn = first.turn
    assert (turn.text, turn.language, turn.state) == ("hello", "zh", State.RECEIVED)
    assert await kept.begin(turn) == turn
    assert not await kept.join(second.turn, turn)
    assert await kept.words(turn) == "hello"
    await kept.fail(turn, "code")
    await kept.decline(turn, "code")
    assert await kept.complete(turn, "hi", SCORES, "")
    assert await kept.history(9, turn, 9) == []
    assert await kept.moods(message, turn, LONG_AGO) == []
