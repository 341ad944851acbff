"""A model comes from a hub whole or not at all, and what has come is never fetched twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine import download_hub
from engine.checksum import ModelDamaged
from engine.download import pull
from engine.download_base import PullFailed, partial_file
from tests.integration.engine.conftest import BODY, HUB, entry_of
from tests.integration.engine.hub_server import COMMIT

pytestmark = pytest.mark.usefixtures("environment")


def growing(cache: Path) -> Path:
    return partial_file(cache / "models", "small.gguf", entry_of().sha256)


def test_the_file_arrives_verified_with_its_progress(hub, tmp_path, heard):
    path = pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    assert path == tmp_path / "models" / "small.gguf"
    assert path.read_bytes() == BODY
    assert heard.lines == []
    done = [step.done_bytes for step in heard.steps]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, len(BODY))
    assert {(step.total_bytes, step.source) for step in heard.steps} == {
        (len(BODY), "the model hub")
    }
    names = {path.name for path in path.parent.iterdir()}
    assert names - {"small.gguf.lock"} == {"small.gguf", "small.gguf.sha256"}


def test_the_bytes_are_those_of_the_revision_that_was_asked_about(hub, tmp_path, heard):
    pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    assert hub.asked[0] == ("HEAD", "/team/small-GGUF/resolve/main/small.gguf")
    assert hub.asked[1] == ("GET", f"/team/small-GGUF/resolve/{COMMIT}/small.gguf")


def test_a_second_pull_asks_nobody(hub, tmp_path, heard):
    pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    hub.asked.clear()
    pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    assert hub.asked == []


def test_a_renamed_repository_is_followed(hub, tmp_path, heard):
    hub.moved = True
    assert pull(entry_of(HUB), tmp_path, heard.progress, heard.say).read_bytes() == BODY


def test_an_unknown_checksum_is_taken_from_the_hub(hub, tmp_path, heard):
    entry = entry_of(HUB, known=False)
    path = pull(entry, tmp_path, heard.progress, heard.say)
    assert entry.installed(tmp_path) == path
    assert path.read_bytes() == BODY


def test_a_hub_that_states_no_checksum_is_not_believed(hub, tmp_path, heard):
    hub.claimed_sha256 = "abc"
    with pytest.raises(PullFailed, match="could not be checked"):
        pull(entry_of(HUB, known=False), tmp_path, heard.progress, heard.say)


def test_dropped_connections_are_taken_up_again(hub, tmp_path, heard):
    hub.break_after = [100_000, 50_000, 0, 1]
    assert pull(entry_of(HUB), tmp_path, heard.progress, heard.say).read_bytes() == BODY
    starts = [int(asked[6:-1]) if asked else 0 for asked in hub.ranges]
    assert starts == sorted(starts)
    assert 0 < starts[-1] <= 150_001


def test_a_download_that_breaks_for_good_goes_on_at_the_next_pull(hub, tmp_path, heard):
    hub.break_after = [300_000, *[0] * download_hub.TRIES]
    with pytest.raises(PullFailed, match=f"broke off after .* of {len(BODY):,} bytes"):
        pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    kept = growing(tmp_path).stat().st_size
    assert kept
    hub.break_after, hub.ranges = [], []
    assert pull(entry_of(HUB), tmp_path, heard.progress, heard.say).read_bytes() == BODY
    assert hub.ranges == [f"bytes={kept}-"]


def test_a_store_that_ignores_ranges_is_read_from_the_start(hub, tmp_path, heard):
    hub.break_after, hub.ignores_ranges = [200_000], True
    assert pull(entry_of(HUB), tmp_path, heard.progress, heard.say).read_bytes() == BODY


def test_a_busy_store_is_asked_again_but_not_for_ever(hub, tmp_path, heard):
    hub.get_status = 503
    with pytest.raises(PullFailed, match="broke off after 0"):
        pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    assert len(hub.ranges) == download_hub.TRIES


def test_wrong_bytes_are_deleted_and_named(hub, tmp_path, heard):
    hub.body = b"x" * len(BODY)
    with pytest.raises(ModelDamaged) as caught:
        pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    assert caught.value.name == "small"
    assert caught.value.expected == entry_of().sha256[:12]
    assert caught.value.got in str(caught.value)
    assert {path.name for path in (tmp_path / "models").iterdir()} <= {"small.gguf.lock"}


def test_another_file_under_the_name_is_not_even_fetched(hub, tmp_path, heard):
    hub.claimed_sha256 = "f" * 64
    with pytest.raises(PullFailed, match=f"expected {entry_of().sha256[:12]}, got ffffffffffff"):
        pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    assert [method for method, _ in hub.asked] == ["HEAD"]


def test_a_file_of_another_size_is_not_even_fetched(hub, tmp_path, heard):
    hub.claimed_size = 7
    with pytest.raises(PullFailed, match="expected 400,000 bytes, got 7"):
        pull(entry_of(HUB), tmp_path, heard.progress, heard.say)


@pytest.mark.parametrize(
    ("status", "told"), [(404, "no such file"), (403, "refuses"), (500, "500")]
)
def test_a_refusal_is_told_in_one_line(hub, tmp_path, heard, status, told):
    hub.head_status = status
    with pytest.raises(PullFailed, match=told) as caught:
        pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    assert "\n" not in str(caught.value)


def test_a_hub_that_is_switched_off_is_not_asked(hub, tmp_path, heard, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(PullFailed, match="HF_HUB_OFFLINE"):
        pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    assert hub.asked == []


def test_a_silent_hub_is_left_after_its_time(tmp_path, heard, monkeypatch, silent_port):
    monkeypatch.setenv("HF_ENDPOINT", f"http://name:secret@127.0.0.1:{silent_port}")
    monkeypatch.setattr(download_hub, "REACH_SECONDS", 0.3)
    with pytest.raises(PullFailed, match="out of reach") as caught:
        pull(entry_of(HUB), tmp_path, heard.progress, heard.say)
    assert "secret" not in str(caught.value)


def test_an_interrupt_in_the_middle_leaves_what_the_next_pull_goes_on_from(hub, tmp_path, heard):
    hub.stall_after = 200_000
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathlib import Path; from engine.download import pull\n"
        "from tests.integration.engine.conftest import HUB, entry_of\n"
        f"pull(entry_of(HUB), Path({str(tmp_path)!r}), lambda step: None, print)"
    )  # a run in the background of a shell ignores SIGINT, and so would its children
    child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    part = growing(tmp_path)
    while not part.exists() or part.stat().st_size < 100_000:
        assert child.poll() is None
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    assert child.wait(30) != 0
    kept = part.stat().st_size
    hub.stall_after, hub.ranges = None, []
    assert pull(entry_of(HUB), tmp_path, heard.progress, heard.say).read_bytes() == BODY
    assert hub.ranges == [f"bytes={kept}-"]
