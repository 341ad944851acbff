"""Lines from a pipe or a stream in memory. The terminal is tested through a real one."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from adapters.console_input import LineReader


@pytest.fixture
def pipe() -> Iterator[tuple[TextIO, int]]:
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as stream:
        yield stream, writing


async def lines_of(reader: LineReader) -> list[str]:
    lines = []
    while (line := await reader.read_line("")) is not None:
        lines.append(line)
    return lines


async def test_a_pipe_gives_its_lines_without_their_ends(pipe):
    stream, writing = pipe
    os.write(writing, "one\ntwo 二\r\n\nlast".encode())
    os.close(writing)
    assert await lines_of(LineReader(stream, io.StringIO())) == ["one", "two 二", "", "last"]


async def test_bytes_that_are_not_text_become_surrogates(pipe):
    stream, writing = pipe
    os.write(writing, b"caf\xe9\n")
    os.close(writing)
    assert await lines_of(LineReader(stream, io.StringIO())) == ["caf\udce9"]


async def test_a_line_without_end_is_cut_before_it_fills_the_memory(tmp_path):
    endless = tmp_path / "endless"
    endless.write_bytes(b"x" * 3_000_000)
    with endless.open(encoding="utf-8") as stream:
        pieces = await lines_of(LineReader(stream, io.StringIO()))
    assert max(map(len, pieces)) < 1_200_000
    assert "".join(pieces) == "x" * 3_000_000


async def test_a_stream_in_memory_works_too():
    reader = LineReader(io.StringIO("one\ntwo"), io.StringIO())
    assert await lines_of(reader) == ["one", "two"]


async def test_an_error_of_the_stream_is_raised_where_the_line_is_awaited():
    stream = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115, ASYNC230
    reader = LineReader(stream, io.StringIO())
    stream.close()
    with pytest.raises(ValueError, match="closed file"):
        await reader.read_line("")


def test_the_tab_key_completes_commands_and_nothing_else():
    reader = LineReader(io.StringIO(), io.StringIO(), ["/mood", "/forget", "/me"])
    found = [reader._complete("/m", state) for state in range(3)]
    assert found == ["/me", "/mood", None]
    assert reader._complete("m", 0) is None
