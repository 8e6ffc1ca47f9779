"""Worlds (a played source with a store) on each kind of store: what holds for one must hold for the other."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from storage import open_store
from tests.played.clock import PlayedClock
from tests.played.platform import Platform
from tests.played.store import MemoryStore
from tests.played.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Make = Callable[..., World]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def make_world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Return what makes a world on a store of this kind."""
    url = f"sqlite:///{tmp_path / 'annexd.db'}"
    if request.param == "postgresql":
        monkeypatch.chdir(tmp_path)  # that is where a store on a server looks for its keys
        url = request.getfixturevalue("schemas")()
    with ExitStack() as stack:

        def make(platform: Platform | None = None, *, clock: PlayedClock | None = None, **but: Any) -> World:
            clock = clock or PlayedClock()
            if request.param == "memory":
                return World(platform or Platform(), clock=clock, store=MemoryStore(clock.now), **but)
            store = open_store(url, writer=True, clock=clock.now)
            return World(platform or Platform(), clock=clock, store=stack.enter_context(store), **but)

        yield make


@pytest.fixture
def make_plain_world() -> Make:
    """Return what makes a world in memory, for what no store has a part in."""
    return lambda platform=None, **but: World(platform or Platform(), **but)
