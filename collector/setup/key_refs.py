"""References to the keys of the store: a file, a variable, a keyring, or for signing a service that has the key."""

from __future__ import annotations

import importlib
import re
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

from collector.core.errors import ConfigError, StoreError
from collector.setup.secret_refs import secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.core.secrets import Secret
    from collector.core.signers import RemoteSigner
    from storage.database.keys import StoreKeyPlace
    from storage.log.key_places import SigningKeys
    from storage.log.signing import SigningKey

GROUP = "annexd.signers"
"""The entry points by which other distributions offer services that sign; each is a function of the text after `=`."""

_SECRETS = ("env", "keyring")
_BUILT_IN = {"aws_kms": "connectors._signers.aws_kms", "vault": "connectors._signers.vault"}
_STORE_FORMS = 'the path of a file, { env = "NAME" } or { keyring = "service/name" }'
_SIGNING_FORMS = (
    'the path of a file, { env = "NAME" }, { keyring = "service/name" }, { vault = "transit/KEY" },'
    ' { aws_kms = "ARN" } or what an installed package offers'
)
_KEY_ITSELF = re.compile(r"PRIVATE KEY|\s*MC4CAQ|\s*[A-Za-z0-9+/]{43}=\s*$|.*\n", re.DOTALL)


class KeyRef:
    """Where a key is: the form of the reference, and what it names. Its text is for messages, and holds no secret."""

    __slots__ = ("form", "name")

    def __init__(self, form: str, name: str) -> None:
        self.form = form
        self.name = name

    def __str__(self) -> str:
        return self.name if self.form == "file" else f"{self.form} {self.name}"

    def __repr__(self) -> str:
        return f"KeyRef({self})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KeyRef) and (self.form, self.name) == (other.form, other.name)

    def __hash__(self) -> int:
        return hash((self.form, self.name))

    @property
    def path(self) -> Path | None:
        """The path of the file; None where it is in none."""
        return Path(self.name) if self.form == "file" else None

    @property
    def may_be_copied(self) -> bool:
        """Whether the key can be read, and so be copied; a service that signs does not give its key away."""
        return self.form in {"file", *_SECRETS}

    def placed(self, folder: Path) -> Self:
        """Return the reference with a relative path beginning at a folder."""
        return type(self)("file", str(folder / self.name)) if self.form == "file" else self

    def written(self) -> str:
        """Return the value as it stands in a configuration."""
        name = self.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{name}"' if self.form == "file" else f'{{ {self.form} = "{name}" }}'


R = TypeVar("R", bound=KeyRef)


class StoreKeyRef(KeyRef):
    """Where the store key is."""

    __slots__ = ()


class SigningKeyRef(KeyRef):
    """Where the signing key is."""

    __slots__ = ()


def key_ref(of: type[R], raw: object) -> R:
    """Return what a value of the configuration names. Raises ValueError where it is no reference, or is the key.

    Whether the key is there is asked when it is used.
    """
    signs = issubclass(of, SigningKeyRef)
    forms = _SIGNING_FORMS if signs else _STORE_FORMS
    form, name = "file", raw
    if isinstance(raw, dict) and len(raw) == 1:
        ((form, name),) = raw.items()
    if not isinstance(name, str) or not name.strip():
        message = f"a key is one reference: {forms}"
        raise ValueError(message)
    if _KEY_ITSELF.match(name) or "PRIVATE KEY" in name:
        # Not repeated in the message.
        message = f"a key may not stand in the file, where backups and git would keep it; write {forms}"
        raise ValueError(message)
    if form in _SECRETS:
        secret({form: name}, Path())
    elif form != "file":
        if not signs or form not in _offered():
            message = f"{form!r} is no place for this key; write {forms}"
            raise ValueError(message)
        _signer(form, name)
    return of(form, name)


def store_key_place(ref: KeyRef) -> StoreKeyPlace:
    """Return the place of the store key."""
    from storage.database.keys import StoreKeyFile, StoreKeyText

    if ref.path is not None:
        return StoreKeyFile(ref.path)
    so = "nothing can be recorded: equal bodies and equal secrets would no longer be recognised"
    return StoreKeyText(str(ref), _revealed(ref, "store key", so))


def signing_keys(ref: KeyRef, memory: Path | None) -> SigningKeys:
    """Return the place of the signing key, with the signer's memory; of a file it is beside that where left out."""
    from storage.log.key_places import KeyElsewhere, KeyFile

    if ref.path is not None:
        return KeyFile(ref.path, memory)
    if memory is None:
        raise ConfigError(
            f"signing key: it is in {ref}, and the file of the signer's memory is not named",
            mend="write signer_memory in [store]",
        )
    return KeyElsewhere(str(ref), _reader(ref), memory)


def _reader(ref: KeyRef) -> Callable[[], SigningKey]:
    from collector.core.signers import NOTHING_SIGNED
    from storage.log.remote_keys import RemoteKey
    from storage.log.signing import parse_signing_key

    if ref.form in _SECRETS:
        reveal = _revealed(ref, "signing key", NOTHING_SIGNED)
        return lambda: parse_signing_key(reveal().encode("utf-8"), str(ref))
    made: list[RemoteKey] = []

    def read() -> SigningKey:
        if not made:
            made.append(RemoteKey(str(ref), _signer(ref.form, ref.name)))
        return made[0]

    return read


def _revealed(ref: KeyRef, what: str, so: str) -> Callable[[], str]:
    kept: Secret = secret({ref.form: ref.name}, Path())

    def read() -> str:
        try:
            return kept.reveal()
        except ConfigError as error:
            raise StoreError(f"{what}: {error.what}", so=so, mend=error.mend) from error

    return read


class _Opener(NamedTuple):
    load: Callable[[], Callable[[str], RemoteSigner]]


def _offered() -> dict[str, _Opener]:
    """Return the services that can be named; nothing is imported."""
    found = {
        form: _Opener(lambda module=module: importlib.import_module(module).open_signer)  # type: ignore[misc]
        for form, module in _BUILT_IN.items()
    }
    for entry in entry_points(group=GROUP):
        found.setdefault(entry.name, _Opener(entry.load))
    return found


def _signer(form: str, name: str) -> RemoteSigner:
    """Return the key in a service; sends nothing. Raises ValueError where the text names none."""
    try:
        return _offered()[form].load()(name)
    except ValueError:
        raise
    except Exception as error:  # it is somebody else's code
        raise ConfigError(
            f"signing key: what is to sign with {form} cannot be loaded: {type(error).__name__}: {error}",
            so="no checkpoint can be signed, so nothing is recorded",
            mend="install or mend the package that offers it",
        ) from error
