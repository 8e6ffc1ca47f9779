"""What a daemon that stands by tells: that it waits for another one, and no longer than there is one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest
import yaml

from collector.core.errors import StoreError
from collector.daemon import standby
from collector.daemon.standby import stand_by
from collector.daemon.watching.pulse import Pulse
from collector.daemon.watching.server import WatchServer
from collector.daemon.watching.service_manager import ServiceManager
from collector.daemon.watching.watch import Watch
from collector.setup.app import open_app
from storage.serving import Serving
from tests.daemon.test_watching import LOOPBACK, get, samples
from tests.played.company import Company

MONITORING = Path(__file__).parents[2] / "deploy" / "monitoring"


class AfterOneTry(Event):
    """Stops at the first wait."""

    def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002  the signature of an event
        """Return at once."""
        self.set()
        return True


def now() -> datetime:
    """The moment."""
    return datetime.now(UTC)


def told(watch: Watch) -> tuple[float, float]:
    """Whether a daemon is ready, and whether it stands by, as Prometheus reads it."""
    pytest.importorskip("prometheus_client")
    with WatchServer(LOOPBACK, watch) as server:
        _, text = get(server.port, "/metrics")
    found = samples(text)
    return found["annexd_ready", ()], found["annexd_standing_by", ()]


def test_it_stands_by_for_as_long_as_another_one_serves(company: Company) -> None:
    """One that waits for nobody is a store that nobody looks after."""
    app, watch = open_app(company.config), Watch()
    pulse = Pulse(watch, ServiceManager({}))
    with Serving(app.config.store.url, now()):
        assert stand_by(app, now, AfterOneTry(), pulse) is None
        assert told(watch) == (0, 1)

    found = stand_by(app, now, AfterOneTry(), pulse)
    assert found is not None
    with found:
        assert told(watch) == (0, 0)


def test_a_store_that_cannot_be_reached_is_served_by_nobody(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both daemons would wait for each other, and no rule would say so."""

    def away(*_: object) -> Serving:
        raise StoreError("the server is away", so="nobody serves", mend="start it")

    app, watch = open_app(company.config), Watch()
    watch.is_standing_by = True
    monkeypatch.setattr(standby, "Serving", away)

    assert stand_by(app, now, AfterOneTry(), Pulse(watch, ServiceManager({}))) is None
    assert told(watch) == (0, 0)


def test_rules_say_nothing_of_one_that_stands_by() -> None:
    """It is neither ready nor reads its store for numbers, and that is as it should be."""
    groups = yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
    rules = {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}

    for alert, metric in (("AnnexdNotReady", "annexd_ready"), ("AnnexdStoreUnreadable", "annexd_store_readable")):
        assert rules[alert] == f"{metric} == 0 unless annexd_standing_by == 1"
