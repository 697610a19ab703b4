"""Every test that takes `mode` runs over Socket Mode and over HTTP."""

import pytest


@pytest.fixture(params=["socket", "http"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)
