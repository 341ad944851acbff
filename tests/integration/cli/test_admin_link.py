"""`warmline admin-link`: the address that it prints, and that the key in it works."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import admin_keys
from bot.__main__ import app
from tests.integration.cli.memory import bytes_of, folder, on

__all__ = ["folder"]


def run(tmp_path: Path, settings: str, *options: str) -> Result:
    file = tmp_path / "settings.toml"
    file.write_text(settings)
    done = CliRunner().invoke(app, ["admin-link", "--config", str(file), *options])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done


def link(tmp_path: Path, settings: str = "", *options: str) -> str:
    return run(tmp_path, settings, *options).stdout.removesuffix("\n")


@pytest.mark.parametrize(
    ("settings", "base"),
    [
        ("", "http://127.0.0.1:5000"),
        ("[http]\nport = 8080", "http://127.0.0.1:8080"),
        ('[http]\nhost = "0.0.0.0"', "http://127.0.0.1:5000"),
        ('[http]\nhost = "192.168.1.4"', "http://192.168.1.4:5000"),
        ('[http]\nhost = "::1"', "http://[::1]:5000"),
        ('[http]\npublic_url = "https://warm.example.org/"', "https://warm.example.org"),
    ],
)
def test_the_link_leads_to_the_dashboard(folder, tmp_path, settings, base):
    assert link(tmp_path, settings).startswith(f"{base}/admin/sign-in?key=")


def test_the_port_of_the_command_line_is_the_links(folder, tmp_path):
    assert link(tmp_path, "", "--port", "8123").startswith("http://127.0.0.1:8123/admin/")


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        ("", False),
        ('[http]\nhost = "192.168.1.4"', True),
        ('[http]\npublic_url = "http://warm.example.org"', True),
        ('[http]\npublic_url = "https://warm.example.org"', False),
    ],
)
def test_it_is_said_where_others_can_read_along(folder, tmp_path, settings, warned):
    done = run(tmp_path, settings)
    assert ("read along" in done.stderr) == warned
    assert len(done.stdout.splitlines()) == 1


def test_the_key_opens_a_session_and_only_its_hash_is_kept(folder, tmp_path):
    key = link(tmp_path).partition("?key=")[2]
    assert key not in bytes_of(folder)
    assert on(folder, lambda store: admin_keys.session_for(store, key))
    assert on(folder, lambda store: admin_keys.session_for(store, key)) is None


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("[http]\nenabled = false", "there is no dashboard"),
        ("[http]\nport = 0", "port is another at each start"),
    ],
)
def test_without_an_address_it_says_what_to_do(folder, tmp_path, settings, said):
    from adapters.base import AdapterError

    with pytest.raises(AdapterError, match=said):
        link(tmp_path, settings)
    assert not folder.exists()


@pytest.mark.parametrize(
    "url", ["warm.example.org", "https://warm.example.org/admin", "https://a:b@warm.example.org"]
)
def test_a_public_address_is_an_address_alone(folder, tmp_path, url):
    from bot.config_errors import ConfigError

    with pytest.raises(ConfigError, match="public_url must be an http or https address"):
        link(tmp_path, f'[http]\npublic_url = "{url}"')
