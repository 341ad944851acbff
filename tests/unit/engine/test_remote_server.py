"""Addresses lose their secrets, and what a header asks for is understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from engine.base import ModelUnusable
from engine.remote.server import Server, Timeouts, retry_after


async def test_an_address_is_shown_without_its_secrets():
    server = Server("https://ann:s3cret@models.example:8443/v1/?key=abc#x", timeouts=Timeouts())
    assert server.url == "https://models.example:8443/v1"
    await server.close()


@pytest.mark.parametrize(
    "address", ["", "localhost:80/v1", "ftp://ann:pw@x/v1", "http:///v1", "http://ann:pw@x:y"]
)
def test_what_is_no_address_is_refused_and_not_repeated(address):
    with pytest.raises(ModelUnusable, match="must look like") as refused:
        Server(address, timeouts=Timeouts())
    assert not address or address not in str(refused.value)


def test_retry_after_is_seconds_or_a_date():
    soon = datetime.now(UTC) + timedelta(seconds=90)
    assert retry_after("7") == 7.0
    assert 80 < retry_after(format_datetime(soon, usegmt=True)) <= 90
    assert retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert (retry_after(""), retry_after("soon"), retry_after("-3")) == (0.0, 0.0, 0.0)
