"""One Chromium for all browser tests; skipped with one line where there is none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from playwright.async_api import Browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    # Inside, as the tests themselves are skipped where Playwright is absent.
    from browser_stage import ARGUMENTS, CHROMIUM
    from playwright.async_api import async_playwright

    if not CHROMIUM.exists():
        pytest.skip(f"there is no Chromium at {CHROMIUM}")
    async with async_playwright() as driver:
        running = await driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield running
        await running.close()
