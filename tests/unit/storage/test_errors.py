"""The tree that is drawn is the tree that is."""

from __future__ import annotations

import re

from storage import errors
from storage.errors import StorageError


def _below(kind: type[Exception], depth: int = 0) -> list[tuple[int, str]]:
    kinds = [(depth, kind.__name__)]
    for child in kind.__subclasses__():
        kinds += _below(child, depth + 1)
    return kinds


def test_the_drawing_shows_every_error_in_its_place():
    drawn = re.findall(r"^([│├└─ ]*)([A-Z]\w+)", errors.__doc__ or "", re.MULTILINE)
    tree = [(len(branch) // 4, name) for branch, name in drawn if branch or name == "StorageError"]
    assert tree == _below(StorageError)
