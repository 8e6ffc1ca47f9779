"""The contents of a bundle of what was scanned at a desk, with a head that is only printed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from collector.bundle.contents import BundleContents, BundleHead, Terms
from collector.core.periods import period_of

if TYPE_CHECKING:
    from tests.cli.conftest import Desk

DAY = timedelta(days=1)


def bundle_contents(desk: Desk, **but: object) -> BundleContents:
    """Return the contents of a bundle over the ten days before now; `but` replaces terms."""
    now = desk.clock.now()
    period = period_of(now.date() - 10 * DAY, now.date(), ZoneInfo("UTC"))
    terms = {"period": period, "frameworks": (), "at": now, "by": "ann", **but}
    head = BundleHead(
        origin="example.org/log",
        size=9,
        root="sha256:00",
        key="k",
        fingerprint="1234 5678",
        export_leaf=8,
        first=0,
        end=9,
    )
    return BundleContents(desk.app, desk.world.store, Terms(**terms), head)  # type: ignore[arg-type]  # a test names what it changes
