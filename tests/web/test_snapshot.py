"""What pages are made from: one moment, kept while it is true, and only what is opened to whoever asks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from collector.core.errors import UsageError
from collector.web.opened import Opened
from collector.web.snapshot import Snapshots

if TYPE_CHECKING:
    from collector.web.site import Site


def test_two_requests_share_what_nothing_has_changed(site: Site) -> None:
    """Assessing a large store takes seconds, and pages do not."""
    snapshots = Snapshots(site)
    with snapshots.at(None) as first, snapshots.at(None) as second:
        assert second is first
    with snapshots.at(site.now() - timedelta(seconds=1)) as earlier:
        assert earlier is not first
    snapshots.close()


def test_what_takes_long_is_kept_while_a_run_records(site: Site) -> None:
    """Otherwise a large store would be assessed for each request, and the run would wait for it."""
    snapshots = Snapshots(site)
    with snapshots.at(None) as snapshot:
        grown = (snapshot.size or 0) + 1
        slow = snapshot._replace(took=60.0)

        assert snapshot.is_current(snapshot.size, site.now())
        assert not snapshot.is_current(grown, site.now())
        assert slow.is_current(grown, site.now())
        assert not slow.is_current(grown, site.now() + timedelta(minutes=1))
        assert not slow._replace(made_at=slow.made_at - 601).is_current(grown, site.now())
    snapshots.close()


def test_an_audit_that_is_over_reads_its_last_day(site: Site) -> None:
    """What was recorded after the period of an audit is none of it."""
    snapshots, day = Snapshots(site), site.now().date()
    over = Opened(app=site.app, first=day - timedelta(days=9), last=day - timedelta(days=1))
    with snapshots.at(None, over) as snapshot:
        moment = snapshot.basis.at
    with snapshots.at(None) as everything:
        assert everything.findings.total > 0
    snapshots.close()

    assert (moment.date(), snapshot.status.run, snapshot.findings.total) == (day - timedelta(days=1), None, 0)


def test_a_moment_outside_of_an_audit_is_refused(site: Site) -> None:
    """Whatever the address says."""
    opened = Opened(app=site.app, first=date(2001, 1, 1), last=date(2001, 1, 31))

    with pytest.raises(UsageError), Snapshots(site).at(site.now() - timedelta(seconds=1), opened):
        pass
