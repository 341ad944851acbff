"""One Chromium for all tests of the dashboard, Debian's own. Missing, it fails them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.e2e.dashboard.served import Served, people_write, served


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.fail("there is no chromium: run `make test`, or apt install chromium", pytrace=False)
    async with async_playwright() as playwright:
        # Its sandbox does not start for root, as whom CI runs; only our own pages are opened.
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def lively(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A Warmline to which people have written for weeks."""
    async with served(tmp_path_factory.mktemp("lively")) as warmline:
        await people_write(warmline.store)
        yield warmline


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def new(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A Warmline to which nobody has written."""
    async with served(tmp_path_factory.mktemp("new")) as warmline:
        yield warmline
