"""Where the signing key of a store is kept, with the signer's memory and, during a rotation, the next key."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from collector.core.errors import StoreError
from storage.database.keys import sync_folder
from storage.log.signing import make_signing_key, read_signing_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.log.signing import SigningKey


class SigningKeys(Protocol):
    """The keys that sign for one store; its text names the place in messages."""

    @property
    def memory(self) -> Path:
        """The file of the signer's memory."""
        ...

    def held(self) -> list[SigningKey]:
        """Return the key and, during a rotation, the next one. Raises StoreError where the first cannot be used."""
        ...

    def begin(self) -> SigningKey:
        """Return the key of a new store, which is made where annexd can make one there. Raises StoreError."""
        ...

    def next(self) -> SigningKey:
        """Return the key to hand over to. Raises StoreError where there is none, and none can be made."""
        ...

    def settle(self, public: bytes) -> None:
        """End a rotation: the current key of the log is the one with these 32 bytes, and its signature is kept."""
        ...


class KeyFile:
    """The key in a file, and the next one in a file beside it."""

    def __init__(self, path: Path, memory: Path | None = None) -> None:
        self.path = path
        self.memory = path.with_name(path.name + ".state") if memory is None else memory
        self._next = path.with_name(path.name + ".next")

    def __str__(self) -> str:
        return str(self.path)

    def held(self) -> list[SigningKey]:
        """Return the key in the file and, during a rotation, the next one. Raises StoreError."""
        keys: list[SigningKey] = [read_signing_key(self.path)]
        if self._next.exists():
            keys.append(read_signing_key(self._next))
        return keys

    def begin(self) -> SigningKey:
        """Return the key in the file, which is made where there is none. Raises StoreError."""
        return make_signing_key(self.path)

    def next(self) -> SigningKey:
        """Make the next key, unless there is one. Raises StoreError where that cannot be done beside this one."""
        try:
            return make_signing_key(self._next)
        except OSError as error:
            raise StoreError(
                f"signing key: {self._next} cannot be made: {error.strerror}",
                so="nothing was changed",
                mend="let annexd write there, or make a key elsewhere and name it: annexd key rotate --to FILE",
            ) from error

    def settle(self, public: bytes) -> None:
        """Put the next key in place of this one, which is deleted; or delete a next key that was never used."""
        if not self._next.exists():
            return
        if read_signing_key(self._next).public == public:
            self._next.replace(self.path)
        else:
            self._next.unlink()
        sync_folder(self.path.absolute().parent)


class KeyElsewhere:
    """A key that annexd neither makes nor replaces: in the environment, a keyring or a service that signs."""

    def __init__(self, name: str, read: Callable[[], SigningKey], memory: Path) -> None:
        self.memory = memory
        self._name = name
        self._read = read

    def __str__(self) -> str:
        return self._name

    def held(self) -> list[SigningKey]:
        """Return the key. Raises StoreError where it is not there, or the service does not answer."""
        return [self._read()]

    def begin(self) -> SigningKey:
        """Return the key, which somebody else has made. Raises StoreError."""
        return self._read()

    def next(self) -> SigningKey:
        """Raise StoreError: another key has another name."""
        raise StoreError(
            f"signing key: annexd cannot make another key in {self._name}",
            so="nothing was changed",
            mend="make one, and name it: annexd key rotate --to REFERENCE, such as --to '{ env = \"NAME\" }'",
        )

    def settle(self, public: bytes) -> None:
        """Do nothing: the configuration says which key it is."""


class HandingOver:
    """A key that hands over to one that is kept elsewhere. The signer's memory stays where it is."""

    def __init__(self, current: SigningKeys, to: SigningKeys) -> None:
        self.memory = current.memory
        self._current = current
        self._to = to

    def __str__(self) -> str:
        return f"{self._current} or {self._to}"

    def held(self) -> list[SigningKey]:
        """Return the key and the one that it hands over to. Raises StoreError."""
        return [*self._current.held(), self._to.begin()]

    def begin(self) -> SigningKey:
        """Raise StoreError: a new store has nothing to hand over."""
        raise StoreError("there is no store yet, so no key can hand over", mend="name the new key in [store]")

    def next(self) -> SigningKey:
        """Return the key to hand over to. Raises StoreError."""
        return self._to.begin()

    def settle(self, public: bytes) -> None:
        """End a rotation within the first place that was interrupted before."""
        if self._to.begin().public != public:
            self._current.settle(public)


def signing_keys(place: Path | SigningKeys) -> SigningKeys:
    """Return the keys at a place; a path is a file."""
    return KeyFile(place) if isinstance(place, Path) else place
