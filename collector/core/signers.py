"""What somebody implements to let annexd sign with a key that never leaves a service."""

from __future__ import annotations

from typing import Protocol

NOTHING_SIGNED = "no checkpoint can be signed, so nothing is recorded"
"""What follows where a signing key cannot be used."""


class RemoteSigner(Protocol):
    """One Ed25519 key in a service. Each method asks the service once, and answers or fails within some seconds.

    Raises StoreError with what happened, what follows and what to do where the service is away, refuses, or answers
    something else. annexd checks every signature against the public key before it uses it.
    """

    def public(self) -> bytes:
        """Return the 32 bytes of the public key."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Return the 64 bytes of the signature over data as it is: Ed25519, not Ed25519ph. At most 4096 bytes."""
        ...
