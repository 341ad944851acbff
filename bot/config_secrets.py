"""The secrets: read from the environment or from the files it names, and from nowhere else.

Knows: the names, and how a secret looks that strayed into the settings file. Does not know:
what a secret opens. No sentence made here holds a secret, nor the path of a secret's file: a
token that was put into the wrong variable would show there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr

from bot.config_errors import KeyPath, Problem, shown

_FORMS = {
    "telegram_webhook_secret": (
        re.compile("[A-Za-z0-9_-]{1,256}"),
        "Telegram takes 1 to 256 letters, digits, _ and - here, and nothing else",
    )
}
"""What a secret must look like where its platform is strict about it."""


class Secrets(BaseModel):
    """What was given; None where it was not. Masked in `repr` and in dumps."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    telegram_token: SecretStr | None = None
    telegram_webhook_secret: SecretStr | None = None
    discord_token: SecretStr | None = None
    http_token: SecretStr | None = None
    remote_key: SecretStr | None = None
    database_url: SecretStr | None = None


def variable_of(name: str) -> str:
    """The environment variable of a secret: `http_token` -> WARMLINE_HTTP_TOKEN."""
    return f"WARMLINE_{name.upper()}"


def read_secrets(environ: Mapping[str, str]) -> tuple[Secrets, list[str]]:
    """The secrets and, one line each, what is wrong with them. An empty variable is not set."""
    found: dict[str, SecretStr] = {}
    lines: list[str] = []
    for name in Secrets.model_fields:
        variable = variable_of(name)
        value, source = environ.get(variable, "").strip(), environ.get(f"{variable}_FILE", "")
        try:
            if value and source:
                raise _Unusable(f"{variable} and {variable}_FILE are both set: keep one")
            if source:
                variable = f"{variable}_FILE"
                value = _read(variable, Path(source))
            if not value.isprintable():
                raise _Unusable(f"{variable}: a secret is one line of plain characters")
            form, sentence = _FORMS.get(name, (None, ""))
            if value and form and not form.fullmatch(value):
                raise _Unusable(f"{variable}: {sentence}")
        except _Unusable as error:
            lines.append(str(error))
            continue
        if value:
            found[name] = SecretStr(value)
    return Secrets(**found), lines


def variables_set(environ: Mapping[str, str]) -> list[str]:
    """The names of the secret variables that are set, without looking at what they hold."""
    names = [variable_of(name) for name in Secrets.model_fields]
    both = [variable for name in names for variable in (name, f"{name}_FILE")]
    return [variable for variable in both if environ.get(variable, "").strip()]


def take_secrets(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """The file's tables without the secrets in them, and a problem for each secret.

    A table that held nothing else goes as well. Tables of tasks are an owner's own.
    """
    left: dict[str, Any] = {}
    problems: list[Problem] = []
    for section, table in data.items():
        inner = table if isinstance(table, dict) and section != "tasks" else {"": table}
        kept = {}
        for key, value in inner.items():
            path = (section, key) if key else (section,)
            if variable := _variable_for(path):
                sentence = (
                    f"{shown(path)} is a secret and does not belong in this file: "
                    f"set {variable} or {variable}_FILE in the environment"
                )
                problems.append(Problem(path, sentence))
            else:
                kept[key] = value
        if kept or not inner:
            left[section] = kept if inner is table else table
    return left, problems


class _Unusable(Exception):
    """A secret that cannot be used, in a sentence without it."""


def _read(variable: str, source: Path) -> str:
    reason = ""
    try:
        value = source.read_text("utf-8").strip()
    except OSError as error:
        reason = error.strerror or "unreadable"
    except ValueError:
        reason = "not plain text"
    # Raised out here, so that no traceback carries the file's name or bytes.
    if reason:
        raise _Unusable(f"{variable}: the file it names cannot be read ({reason})")
    if not value:
        raise _Unusable(f"{variable}: the file it names is empty")
    return value


def _variable_for(path: KeyPath) -> str:
    """The variable to use for a key that looks like a secret; "" for any other key."""
    words = "_".join(path).lower().replace("-", "_").split("_")
    name = "_".join(word for word in words if word not in {"warmline", "secrets", "bot", "api"})
    name = {"engine_key": "remote_key", "storage_password": "database_url"}.get(name, name)
    names = [known for known in Secrets.model_fields if name.endswith(known)]
    return variable_of(names[0]) if names else ""
