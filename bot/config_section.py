"""What every table of the settings file is.

Knows: how strictly a table is read. Does not know: which tables there are (`config_sections`).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the file: frozen, no unknown keys, no guessing of types ("5" is not 5)."""

    # An error of pydantic shows what was given; ours must never.
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )
