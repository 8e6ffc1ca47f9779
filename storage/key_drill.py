"""Whether a key is that of a store, by what its log says of it: for a copy that nobody has used yet."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from collector.core.errors import VerificationError
from storage.log.mac_epochs import read_epochs
from storage.log.macs import MacKey
from storage.log.origins import read_origins

if TYPE_CHECKING:
    from storage.database.keys import StoreKey
    from storage.log.notes import VerifierKey
    from storage.log.signing import SigningKey
    from storage.store import SqlStore

_CHECK = "SELECT value FROM meta WHERE name = 'key_check'"


def drill_signing_key(store: SqlStore, key: SigningKey, name: str) -> VerifierKey:
    """Prove that a key is the signing key of a store, and return its public half.

    It signs a text that is valid nowhere else. Raises VerificationError.
    """
    with store.reading() as connection:
        current = read_origins(connection)[-1].key
        epochs = read_epochs(connection)
    if key.public != current.public:
        raise _wrong("signing key", name, f"the record says that the key is {current.id.hex()}, and it is another one")
    text = f"annexd key drill\n{secrets.token_hex()}\n".encode()
    try:
        Ed25519PublicKey.from_public_bytes(current.public).verify(key.sign(text), text)
    except InvalidSignature as error:
        raise _wrong("signing key", name, "what it signs does not verify with the key in the record") from error
    if epochs and MacKey(key, store.name).id != epochs[-1].key:
        raise _wrong("signing key", name, "the MACs of this store are made with another key")
    return current


def drill_store_key(store: SqlStore, key: StoreKey, name: str) -> None:
    """Prove that a key is the store key of a store. Raises VerificationError."""
    with store.reading() as connection:
        check: str = connection.exec_driver_sql(_CHECK).scalar_one()
    if key.check != check:
        raise _wrong("store key", name, "it is the key of another store")


def _wrong(what: str, name: str, why: str) -> VerificationError:
    return VerificationError(
        f"copy of the {what}: {name}: {why}",
        so="once the key in use is lost, nothing could be recorded with this copy",
        mend="copy the key in use again, and repeat the drill",
    )
