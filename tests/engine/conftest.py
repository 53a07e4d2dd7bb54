import pytest

from tests.engine.story import Story


@pytest.fixture
def story() -> Story:
    return Story()
