"""Sign bundles with the key of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.errors import StoreError
from storage.log.notes import Signer

if TYPE_CHECKING:
    from storage.store import SqlStore


def sign_bundle(store: SqlStore, digest: str) -> str:
    """Return a signed note over the digest of a bundle. Raises StoreError where the key is not that of the store.

    Its first two lines are not valid in a checkpoint, so that one can never be taken for the other.
    """
    key = store.checkpoints.key()
    signing_key = store.signing_key()
    if signing_key.public != key.public:
        raise StoreError(
            f"the signing key is not the key of this store, whose id is {key.id.hex()}",
            so="no bundle was written: nobody could tell whose it is",
            mend="put this store's signing key back from its backup",
        )
    text = bundle_text(key.name, digest)
    return text + "\n" + Signer(key.name, signing_key).sign(text)


def bundle_text(origin: str, digest: str) -> str:
    """Return the text that is signed for a bundle: its origin and the digest of its manifest."""
    return f"annexd bundle of {origin}\nsha256:{digest}\n"
