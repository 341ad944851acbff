"""The digest: once a week, by one process, to whoever is named; and nobody stands out in it."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from adapters.messages import File, Scope
from adapters.outcome import NotSent, PerhapsSent, SendError, Unreachable
from bot.config import Settings, load
from bot.config_errors import ConfigError
from bot.config_sections import AccessSettings
from bot.digest import MOST_PARTS, Digest
from bot.texts.sentences import LANGUAGES, say
from storage.admin_records import Counts, Group
from storage.errors import DatabaseBusy
from storage.records import GroupMood
from storage.store import Store
from tests.fake_groups import FeltGroups
from tests.unit.bot.asking import PersonalStore
from tests.unit.bot.serving import days_of

both = pytest.mark.parametrize("language", LANGUAGES)

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOME, CHAT = Group("discord", "900", "10"), Group("telegram", "", "-100")
OFF = Group("discord", "909", "30")
OWNER = "telegram:5"


class DigestStore(FeltGroups, PersonalStore):
    """Groups with their moods; `claims` may be shared by several, as several processes do."""

    def __init__(
        self,
        felt: Mapping[Group, Sequence[GroupMood]] | None = None,
        claims: set[str] | None = None,
    ) -> None:
        PersonalStore.__init__(self)
        FeltGroups.__init__(self, felt or {}, OFF.server_id)
        self.claims = set() if claims is None else claims
        self.happened = Counts(1234, 1200, 3, 2, 17, 6)

    async def claim_note(self, key: str) -> bool:
        self._asked("claim_note", key)
        new = key not in self.claims
        self.claims.add(key)
        return new

    async def counts(self, since: datetime) -> Counts:
        self._asked("counts", since.date())
        return self.happened


class Platform:
    """An adapter that reaches, or raises each of `fails` in turn first."""

    def __init__(self, *fails: SendError) -> None:
        self.can_reach = True
        self.fails = list(fails)
        self.sent: list[tuple[Scope, str, File | None]] = []

    async def reach(self, scope: Scope, text: str, file: File | None = None) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append((scope, text, file))


def lively(chat_id: str, people: int = 6) -> list[GroupMood]:
    return days_of(MONDAY.date(), range(1, 40), people, 0.5, chat_id)


def settings_for(digest: str = OWNER, zone: str = "UTC", language: str = "auto") -> Settings:
    settings = load(None, {})
    changes: dict[str, Any] = {
        "admin": settings.admin.model_copy(update={"digest": digest, "zone": zone}),
        "companion": settings.companion.model_copy(update={"language": language}),
        "access": AccessSettings(owners=[OWNER]),
    }
    return settings.model_copy(update=changes)


def digest(
    store: DigestStore, platform: Platform | None = None, settings: Settings | None = None
) -> Digest:
    reaches = {"telegram": platform} if platform else {}
    found = Digest.of(settings or settings_for(), cast("Store", store), reaches)
    assert found is not None
    return found


# --- what it says


@both
async def test_it_tells_of_servers_and_groups_and_what_happened_with_a_picture(language):
    store = DigestStore({HOME: lively("10"), CHAT: lively("-100", 4), OFF: lively("30")})
    platform = Platform()
    await digest(store, platform, settings_for(language=language)).due(MONDAY)
    ((scope, text, file),) = platform.sent
    assert scope == Scope("telegram", "5")
    lines = text.split("\n")
    first, last = date(2026, 11, 16), date(2026, 11, 22)
    people = say(language, "digest.people", n=15)
    crises = say(language, "digest.times", n=5)
    assert lines == [
        say(language, "digest.title", first=first, last=last),
        say(
            language,
            "digest.counts",
            messages=1200,
            people=people,
            failed=3,
            waiting=2,
            crises=crises,
        ),
        say(
            language,
            "digest.part",
            name="discord:server:900",
            feeling=say(language, "commands.feeling_positive"),
            mean=0.5,
            low=0.5,
            high=0.5,
            people=5,
            change=say(language, "commands.steady"),
        ),
        say(language, "digest.few", n=1, least=5),
        say(language, "commands.trend_note"),
    ]
    assert file is not None
    assert file.name == f"warmline-{last}.png"
    assert file.content.startswith(b"\x89PNG")
    assert 0 < len(file.caption) <= 200
    assert store.looks == [(OWNER, "digest 7", "all", "", "")]
    assert f"counts {first}" in store.log


@both
async def test_of_too_few_people_it_tells_that_alone(language):
    store, platform = DigestStore(), Platform()
    store.happened = Counts(0, 0, 0, 0, 4, 0)
    await digest(store, platform, settings_for(language=language)).due(MONDAY)
    ((_, text, file),) = platform.sent
    assert file is None
    assert text.split("\n")[1:] == [
        say(
            language,
            "digest.counts",
            messages=0,
            people=say(language, "digest.people_few", n=5),
            failed=0,
            waiting=0,
            crises=say(language, "digest.times_few", n=5),
        ),
        say(language, "digest.few", n=0, least=5),
    ]


async def test_a_long_list_is_cut_and_says_so():
    groups = {Group("telegram", "", f"-{n}"): lively(f"-{n}") for n in range(MOST_PARTS + 3)}
    platform = Platform()
    await digest(DigestStore(groups), platform).due(MONDAY)
    text = platform.sent[0][1]
    assert text.count("telegram:-") == MOST_PARTS
    assert say("en", "digest.more", n=3) in text


@pytest.mark.parametrize(
    ("chosen", "setting", "language"),
    [("", "auto", "en"), ("zh", "auto", "zh"), ("zh", "en", "en")],
)
async def test_it_is_in_the_owners_language(chosen, setting, language):
    store, platform = DigestStore(), Platform()
    store.languages["telegram", "5"] = chosen
    await digest(store, platform, settings_for(language=setting)).due(MONDAY)
    assert say(language, "digest.few", n=0, least=5) in platform.sent[0][1]


# --- when, and how often


@pytest.mark.parametrize(
    ("zone", "at", "sent"),
    [
        ("UTC", MONDAY - timedelta(seconds=1), False),
        ("UTC", MONDAY, True),
        ("UTC", MONDAY + timedelta(hours=23, minutes=59), True),
        ("UTC", MONDAY + timedelta(days=1), False),
        ("UTC", MONDAY + timedelta(days=4), False),
        ("Asia/Shanghai", MONDAY - timedelta(hours=8), True),
        ("Asia/Shanghai", MONDAY - timedelta(hours=8, seconds=1), False),
        ("America/New_York", MONDAY + timedelta(hours=4, minutes=59), False),
        ("America/New_York", MONDAY + timedelta(hours=5), True),
        # Clocks went forward the day before: 8:00 there is 6:00 UTC, no longer 7:00.
        ("Europe/Berlin", datetime(2026, 3, 30, 6, 0, tzinfo=UTC), True),
        ("Europe/Berlin", datetime(2026, 3, 30, 5, 59, tzinfo=UTC), False),
        ("Europe/Berlin", datetime(2026, 3, 23, 6, 59, tzinfo=UTC), False),
    ],
)
async def test_it_is_due_on_monday_at_eight_there_and_for_a_day(zone, at, sent):
    platform = Platform()
    store = DigestStore()
    await digest(store, platform, settings_for(zone=zone)).due(at)
    assert bool(platform.sent) is sent
    assert bool(store.claims) is sent


async def test_it_comes_once_a_week_over_all_processes_and_restarts():
    claims: set[str] = set()
    platform = Platform()
    for minutes in (0, 1, 5):
        one, other = (digest(DigestStore(claims=claims), platform) for _ in range(2))
        for _ in range(3):
            await one.due(MONDAY + timedelta(minutes=minutes))
            await other.due(MONDAY + timedelta(minutes=minutes))
    assert len(platform.sent) == 1
    assert claims == {"digest:2026-W48"}
    await digest(DigestStore(claims=claims), platform).due(MONDAY + timedelta(days=7))
    assert len(platform.sent) == 2
    assert claims == {"digest:2026-W48", "digest:2026-W49"}


async def test_a_process_that_cannot_reach_the_owner_leaves_it_to_another():
    store, platform = DigestStore(), Platform()
    platform.can_reach = False
    one = digest(store, platform)
    await one.due(MONDAY)
    await digest(store).due(MONDAY)  # one without that platform
    assert store.claims == set()
    platform.can_reach = True
    await one.due(MONDAY)
    assert len(platform.sent) == 1


async def test_what_surely_did_not_leave_is_tried_again_and_noted_once():
    store, platform = DigestStore(), Platform(NotSent(), NotSent(3.0))
    one = digest(store, platform)
    for _ in range(4):
        await one.due(MONDAY)
    assert len(platform.sent) == 1
    assert len(store.looks) == 1


@pytest.mark.parametrize("error", [PerhapsSent(), Unreachable("blocked")])
async def test_what_may_have_arrived_or_never_will_is_not_sent_again(error, caplog):
    platform = Platform(error)
    one = digest(DigestStore(), platform)
    await one.due(MONDAY)
    await one.due(MONDAY)
    assert platform.sent == []
    assert caplog.text.count("the digest did not arrive") == 1


async def test_a_look_that_cannot_be_noted_is_none():
    store, platform = DigestStore(), Platform()
    store.broken["note_look"] = DatabaseBusy("Close the other program.")
    with pytest.raises(DatabaseBusy):
        await digest(store, platform).due(MONDAY)
    assert platform.sent == []


# --- into a folder


async def test_a_folder_gets_two_files_for_the_owners_eyes(tmp_path: Path):
    folder = tmp_path / "digests"
    store = DigestStore({HOME: lively("10")})
    one = digest(store, None, settings_for(f"file:{folder}"))
    await one.due(MONDAY)
    await one.due(MONDAY)
    text, png = folder / "digest-2026-W48.txt", folder / "digest-2026-W48.png"
    assert {*folder.iterdir()} == {text, png}
    assert "discord:server:900" in text.read_text(encoding="utf-8")
    assert png.read_bytes().startswith(b"\x89PNG")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (text, png)} == {0o600}
    assert store.looks == [("owner", "digest 7", "all", "", "")]


async def test_a_folder_that_cannot_be_is_told_in_the_log_once(tmp_path: Path, caplog):
    (tmp_path / "taken").write_text("", encoding="utf-8")
    one = digest(DigestStore(), None, settings_for(f"file:{tmp_path / 'taken'}"))
    await one.due(MONDAY)
    await one.due(MONDAY)
    assert caplog.text.count("the digest did not arrive") == 1


# --- the settings


def test_without_a_receiver_there_is_none():
    assert Digest.of(load(None, {}), cast("Store", DigestStore()), {}) is None


@pytest.mark.parametrize(
    ("digest_", "zone"),
    [("telegram:5", "UTC"), ("discord:5", "Europe/Berlin"), ("file:/srv/w", "UTC+2"), ("", "UTC")],
)
def test_a_person_who_is_an_owner_or_a_folder_can_get_it(tmp_path: Path, digest_, zone):
    admin = load(_file(tmp_path, digest_, zone), {}).admin
    assert admin.digest == digest_
    assert admin.zone == {"UTC+2": "UTC+02:00"}.get(zone, zone)
    assert (admin.digest_folder == Path("/srv/w")) is (digest_ == "file:/srv/w")


@pytest.mark.parametrize(
    ("digest_", "zone", "sentence"),
    [
        ("telegram:6", "UTC", r"c.toml:4: \[admin\] digest must name one of \[access\] owners"),
        ("ann", "UTC", r"c.toml:4: \[admin\] digest must be"),
        ("http:ann", "UTC", r"\[admin\] digest must be"),
        ("file:digests", "UTC", r"\[admin\] digest must be"),
        ("file:", "UTC", r"\[admin\] digest must be"),
        ("telegram:5", "Mars", r"c.toml:5: \[admin\] zone must be a time zone"),
        ("telegram:5", "", r"\[admin\] zone must be a time zone"),
    ],
)
def test_anything_else_is_one_sentence(tmp_path: Path, digest_, zone, sentence):
    with pytest.raises(ConfigError, match=sentence):
        load(_file(tmp_path, digest_, zone), {})


def _file(folder: Path, digest_: str, zone: str) -> Path:
    path = folder / "c.toml"
    owners = '[access]\nowners = ["telegram:5", "discord:5"]\n'
    path.write_text(f'{owners}[admin]\ndigest = "{digest_}"\nzone = "{zone}"\n', encoding="utf-8")
    return path
