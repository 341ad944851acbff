"""What of pip's output an owner may read: one line, and nothing of an address but its host."""

from __future__ import annotations

import pytest

from engine.download_pip import last_meaningful_line, mask


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("get https://user:secret@index.example/simple/x/ now", "get https://index.example now"),
        ("get https://secret@index.example/x", "get https://index.example"),
        ("get https://u:se@cr/et@index.example/x", "get https://index.example"),
        ("get http://index.example:8080/secret/simple?key=secret", "get http://index.example:8080"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_an_address_loses_all_that_may_be_secret(line, masked):
    assert mask(line) == masked


def test_the_last_error_is_told_without_its_mark():
    output = (
        "WARNING: old\nERROR: first\nERROR: No matching distribution found for a==1\n\nnotice\n"
    )
    assert last_meaningful_line(output) == "No matching distribution found for a==1"


def test_without_an_error_the_last_line_is_told():
    assert last_meaningful_line("Traceback\n  x\nModuleNotFoundError: pip\n") == (
        "ModuleNotFoundError: pip"
    )
    assert last_meaningful_line("") == "pip failed without a word"
