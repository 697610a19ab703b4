"""What holds for every test."""

from __future__ import annotations

import gc

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Run the files in their order, also where several processes share them.

    By number of tests, the files of one long test would come last, when nothing is left to do
    beside them.
    """
    config.option.loadscopereorder = False


def pytest_collection_finish() -> None:
    """Keep what was collected out of the collector's sight.

    It stays until the end, and each full collection would look through all of it once more.
    """
    gc.collect()
    gc.freeze()
