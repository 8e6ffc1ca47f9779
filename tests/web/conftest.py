"""The pages over the played company: scanned once for all tests that only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from collector.web.application import application
from collector.web.persons import OneViewer
from collector.web.site import Site
from storage import open_store
from tests.cli.conftest import an_app
from tests.played.clock import PlayedClock
from tests.played.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the played company, scanned once."""
    folder = tmp_path_factory.mktemp("web")
    clock = PlayedClock()
    app = an_app(folder / "config.toml", "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("collector.setup.loading.builtin", lambda: ())
        with open_store(f"sqlite:///{folder / 'annexd.db'}", writer=True, clock=clock.now) as store:
            World(app.platform, clock=clock, store=store, rules=app.rules()).run()
            app.stores.append(store)
            yield Site(app, clock)


@pytest.fixture(scope="module")
def client(site: Site) -> TestClient:
    """Return a browser without a window."""
    return TestClient(application(site, OneViewer()), base_url="http://localhost", raise_server_exceptions=False)
