"""Opening the store that is configured, and waiting for whoever writes it."""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from collector.core.spans import show_span
from collector.setup.clock_watch import WatchedClock

if TYPE_CHECKING:
    from collector.engine.clock import Clock
    from collector.setup.config import StoreConfig
    from storage import SqlStore


def open_configured(
    said: StoreConfig, dated_by: Clock, *, writer: bool, restoring: bool = False, wait: timedelta = timedelta(0)
) -> SqlStore:
    """Open the store, whose leaves are dated by a clock.

    A writer waits so long for another one to end, and says on stderr which one that is. Raises StoreError, and
    ConfigError on an address that is none.
    """
    # Late: much is said without a store.
    import storage
    from storage.database.lease import WrittenByAnother
    from storage.verifying.clock_check import newest_at

    clock = WatchedClock(dated_by)
    opened = partial(
        storage.open_store,
        said.url,
        writer=writer,
        key_file=said.key,
        signing_key=said.signing_key,
        origin=said.origin,
        restoring=restoring,
        clock=clock.now,
    )
    try:
        store = opened()
    except WrittenByAnother as error:
        if not wait:
            raise
        sys.stderr.write(f"{error.what}; waiting up to {show_span(wait)}\n")
        store = opened(wait=wait)
    if writer:
        with store.reading() as connection:
            clock.compare(newest_at(connection))
    return store
