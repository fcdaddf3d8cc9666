"""Fixtures: the test network and its story are made once for all tests that need them."""

import os
import random
from collections.abc import Iterator

import pytest

from .network import Network
from .story import Story


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    running = Network(tmp_path_factory.mktemp("network") / "n")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def story(network: Network) -> Story:
    return Story(network)


@pytest.fixture
def chance() -> random.Random:
    """Seeded randomness; the seed is printed and can be set again in LANDSEA_SEED."""
    seed = os.environ.get("LANDSEA_SEED") or str(random.SystemRandom().getrandbits(64))
    print(f"LANDSEA_SEED={seed}")
    return random.Random(seed)
