"""Opens the configured store, and waits while another process writes to it."""

from __future__ import annotations

import sys
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from collector.core.spans import show_span
from collector.setup.clock_watch import WatchedClock
from collector.setup.key_refs import signing_keys, store_key_place

if TYPE_CHECKING:
    from collector.engine.clock import Clock
    from collector.setup.config import StoreConfig
    from collector.setup.key_refs import SigningKeyRef
    from storage import SqlStore
    from storage.log.key_places import SigningKeys
    from storage.log.mac_beginning import Acknowledgement


def open_configured(  # noqa: PLR0913  one argument a choice
    config: StoreConfig,
    dated_by: Clock,
    *,
    writer: bool,
    restoring: bool = False,
    wait: timedelta = timedelta(0),
    acknowledged: Acknowledgement | None = None,
    alongside: bool = False,
    hand_over_to: SigningKeyRef | None = None,
) -> SqlStore:
    """Open the store, whose leaves are dated by a clock; `hand_over_to` is the key that a rotation ends with.

    A writer waits up to `wait` for another one to end, which is named on stderr. Raises StoreError, and ConfigError on
    an invalid address.
    """
    # Imported here, because many commands need no store.
    import storage
    from storage.database.lease import WrittenByAnother
    from storage.verifying.clock_check import newest_at

    clock = WatchedClock(dated_by)
    opened = partial(
        storage.open_store,
        config.url,
        writer=writer,
        key_file=None if config.key is None else store_key_place(config.key),
        signing_key=keys_of_signer(config, hand_over_to),
        origin=config.origin,
        restoring=restoring,
        acknowledged=acknowledged,
        alongside=alongside,
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


def keys_of_signer(config: StoreConfig, hand_over_to: SigningKeyRef | None = None) -> SigningKeys | None:
    """Return the place of the configured signing key, which may hand over to another one."""
    if config.signing_key is None:
        return None
    keys = signing_keys(config.signing_key, config.signer_memory)
    if hand_over_to is None:
        return keys
    from storage.log.key_places import HandingOver

    return HandingOver(keys, signing_keys(hand_over_to, keys.memory))
