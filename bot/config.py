"""The settings: where their file is looked for, how it is read, and the folders Warmline uses.

Knows: the order of places and the order of reading. Does not know: which settings there are
(`bot.config_sections`), where secrets come from (`bot.config_secrets`), how a mistake is worded
(`bot.config_errors`).
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

import platformdirs
from pydantic import ValidationError

from bot.config_errors import ConfigError, Problem, mistakes, render, syntax_problem
from bot.config_secrets import Secrets, read_secrets, take_secrets
from bot.config_sections import FileSettings


class Settings(FileSettings):
    """The file's settings and the environment's secrets (masked in `repr`)."""

    secrets: Secrets = Secrets()

    @property
    def database_url(self) -> str:
        """The database to open; "" for the file in the data folder. May hold a password.

        The secret wins over [storage] url. Never log it.
        """
        if self.secrets.database_url is not None:
            return self.secrets.database_url.get_secret_value()
        return self.storage.url


def cache_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where models lie: WARMLINE_CACHE_DIR, else the user's cache folder. Makes nothing."""
    given = environ.get("WARMLINE_CACHE_DIR")
    if given:
        return Path(given).expanduser()
    return platformdirs.user_cache_path("warmline", appauthor=False)


def data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the memory lies: WARMLINE_DATA_DIR, else the user's data folder. Makes nothing."""
    given = environ.get("WARMLINE_DATA_DIR")
    if given:
        return Path(given).expanduser()
    return platformdirs.user_data_path("warmline", appauthor=False)


def find_file(explicit: Path | None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The settings file to read: `explicit` (--config), WARMLINE_CONFIG, ./config.toml, the user's.

    None where there is no file, which is fine.

    Raises:
        ConfigError: a file that was asked for by name is not there.
    """
    asked = explicit or (Path(named) if (named := environ.get("WARMLINE_CONFIG")) else None)
    if asked is not None:
        asked = asked.expanduser()
        if not _exists(asked):
            by = "--config" if explicit else "WARMLINE_CONFIG"
            raise ConfigError([f"{asked}: no such file, though {by} names it"])
        return asked
    usual = (
        Path("config.toml"),
        platformdirs.user_config_path("warmline", appauthor=False) / "config.toml",
    )
    return next((path for path in usual if _exists(path)), None)


def load(path: Path | None, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a file (None: the defaults) and the secrets of the environment.

    Raises:
        ConfigError: with every mistake of the file and of the secrets, one line each.
    """
    settings, lines = (FileSettings(), []) if path is None else _load_file(path)
    secrets, secret_lines = read_secrets(environ)
    if lines or secret_lines:
        raise ConfigError([*lines, *secret_lines])
    return Settings.model_validate({**dict(settings), "secrets": secrets})


def _load_file(path: Path) -> tuple[FileSettings, list[str]]:
    """The file's settings, or the defaults and what is wrong with it."""
    # Errors are turned into lines here and raised by the caller, outside of any `except`:
    # a traceback must not drag along an exception that carries the file's words.
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return FileSettings(), [f"{path}: not a text file in UTF-8; save it as UTF-8"]
    except IsADirectoryError:
        return FileSettings(), [f"{path}: a folder, not a file; name the file in it"]
    except OSError as error:
        return FileSettings(), [f"{path}: cannot be read ({error.strerror})"]
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return FileSettings(), [syntax_problem(path, text, error)]
    data, problems = take_secrets(data)
    settings = FileSettings()
    try:
        settings = FileSettings.model_validate(data)
    except ValidationError as error:
        problems += mistakes(error, FileSettings, data)
    else:
        problems += _conflicts(settings)
    return settings, render(path, text, problems)


def _conflicts(settings: FileSettings) -> list[Problem]:
    """Values that are fine alone and impossible together."""
    found = []
    if settings.reply.max_tokens >= settings.engine.context:
        sentence = "[reply] max_tokens must be less than [engine] context"
        found.append(Problem(("reply", "max_tokens"), sentence))
    admin = settings.admin
    if admin.digest and not admin.digest_folder and admin.digest not in settings.access.owners:
        sentence = "[admin] digest must name one of [access] owners, or a folder"
        found.append(Problem(("admin", "digest"), sentence))
    return found


def _exists(path: Path) -> bool:
    # A user's folder that may not be looked into is as good as none.
    try:
        path.lstat()
    except OSError:
        return False
    return True
