"""The console in a real terminal: keys in, characters out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-W", "error", "-m", "tests.integration.adapters.console_chat"]
CTRL_C, CTRL_D, TAB, UP = "\x03", "\x04", "\t", "\x1b[A"


def environment(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm"}


@pytest.fixture
def terminal(tmp_path) -> Iterator[pexpect.spawn]:
    child = pexpect.spawn(
        COMMAND[0],
        COMMAND[1:],
        cwd=str(ROOT),
        env=environment(tmp_path),
        encoding="utf-8",
        codec_errors="surrogateescape",
        timeout=20,
        dimensions=(24, 100),
    )
    child.delaybeforesend = None
    child.expect_exact("you> ")
    yield child
    child.close(force=True)


def leaves_well(child: pexpect.spawn) -> None:
    child.expect_exact("left with echo on")
    child.expect(pexpect.EOF)
    child.wait()
    assert (child.exitstatus, child.signalstatus) == (0, None)


def test_an_answer_is_shown_with_a_quiet_label(terminal):
    terminal.sendline("my dog died")
    terminal.expect_exact("I heard: my dog died\r\n")
    terminal.expect_exact("\x1b[2m· negative 0.92")
    terminal.expect_exact("you> ")
    terminal.send(CTRL_D)
    terminal.expect_exact("Goodbye.")
    leaves_well(terminal)


def test_ctrl_c_stops_the_answer_and_a_second_one_leaves(terminal):
    terminal.sendline("slow")
    terminal.expect_exact("I heard: slow")
    terminal.send(CTRL_C)
    terminal.expect_exact("(stopped)")
    terminal.expect_exact("you> ")
    terminal.sendline("/how")
    terminal.expect_exact("It ended by CancelledError.")
    terminal.expect_exact("you> ")
    terminal.send(CTRL_C)
    leaves_well(terminal)


def test_ctrl_c_in_a_half_typed_line_leaves(terminal):
    terminal.send("half a li")
    terminal.expect_exact("half a li")
    terminal.send(CTRL_C)
    leaves_well(terminal)


def test_quit_leaves(terminal):
    terminal.sendline("/quit")
    leaves_well(terminal)


def test_lines_can_be_edited_recalled_and_completed_but_are_not_written_down(terminal, tmp_path):
    terminal.sendline("remember me")
    terminal.expect_exact("I heard: remember me\r\n")
    terminal.expect_exact("you> ")
    terminal.send(UP + " not\r")
    terminal.expect_exact("I heard: remember me not\r\n")
    terminal.expect_exact("you> ")
    terminal.send("/h" + TAB + "\r")
    terminal.expect_exact("It ended by not at all.")
    terminal.expect_exact("you> ")
    terminal.send(CTRL_D)
    leaves_well(terminal)
    assert list(tmp_path.rglob("*")) == []


def test_chinese_and_broken_bytes_pass_through(terminal):
    terminal.sendline("妈妈")
    terminal.expect_exact("I heard: \\u5988\\u5988\r\n")
    terminal.expect_exact("you> ")
    terminal.sendline("caf\udce9.")
    terminal.expect(r"I heard: caf(\\udce9)?\.\r\n")  # some versions of readline drop the byte
    terminal.expect_exact("you> ")


def test_what_is_typed_during_an_answer_is_read_after_it(terminal):
    terminal.send("one\rtwo\r")
    terminal.expect_exact("I heard: one\r\n")
    terminal.expect_exact("I heard: two\r\n")


def test_pipes_get_plain_lines_without_prompts(tmp_path):
    done = subprocess.run(
        COMMAND,
        input="one\ncaf\udce9".encode("utf-8", "surrogateescape"),
        capture_output=True,
        cwd=ROOT,
        env=environment(tmp_path),
        timeout=20,
        check=True,
    )
    assert done.stderr == b""
    assert done.stdout.decode().splitlines() == [
        "Hello there.",
        "I heard: one",
        "· negative 0.92",
        "I heard: caf\\udce9",
        "· negative 0.92",
        "Goodbye.",
    ]


def test_ctrl_c_ends_a_chat_that_waits_for_a_silent_pipe(tmp_path):
    with subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env=environment(tmp_path),
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write(b"one\n")
        child.stdin.flush()
        while b"0.92" not in child.stdout.readline():
            pass
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0
        assert child.stderr.read() == b""
