"""A signing key that never leaves a service: every answer is checked before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from collector.core.errors import StoreError
from collector.core.signers import NOTHING_SIGNED
from storage.log.signing import DERIVED_SIZE, SALT

if TYPE_CHECKING:
    from collector.core.signers import RemoteSigner


class RemoteKey:
    """The key behind a RemoteSigner. Its public half and what is derived of it are asked for once."""

    def __init__(self, name: str, signer: RemoteSigner) -> None:
        self._name = name
        self._signer = signer
        self._derived: dict[bytes, bytes] = {}
        self.public = signer.public()
        try:
            self._public_key = Ed25519PublicKey.from_public_bytes(self.public)
        except ValueError as error:
            raise self._refused("what it calls the public key is no key of Ed25519") from error

    def __repr__(self) -> str:
        return f"RemoteKey({self._name})"

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the signature. Raises StoreError where the service gives none that verifies."""
        signature = self._signer.sign(data)
        try:
            self._public_key.verify(signature, data)
        except InvalidSignature as error:
            raise self._refused("it gave a signature that its own public key does not verify") from error
        return signature

    def derive(self, info: bytes) -> bytes:
        """Return 32 bytes that HKDF-SHA256 makes of the signature over `info`.

        Raises StoreError where the service signs one text in two ways: the secret would be another one each time.
        """
        if info not in self._derived:
            signature = self.sign(info)
            if self.sign(info) != signature:
                raise self._refused("it signs the same text in two ways, and MACs need a signature that stays the same")
            self._derived[info] = HKDF(algorithm=SHA256(), length=DERIVED_SIZE, salt=SALT, info=info).derive(signature)
        return self._derived[info]

    def _refused(self, why: str) -> StoreError:
        return StoreError(
            f"signing key: {self._name} cannot be used: {why}",
            so=NOTHING_SIGNED,
            mend="find out what answers there in place of the service; the key has to be one of Ed25519",
        )
