"""Vault's transit engine, and OpenBao's: a key of type ed25519 that signs by HTTP.

https://developer.hashicorp.com/vault/api-docs/secret/transit, "Read key" and "Sign data". Address, token, namespace and
authority are taken from where the vault command takes them: VAULT_ADDR, VAULT_TOKEN or ~/.vault-token, VAULT_NAMESPACE,
VAULT_CACERT.
"""

from __future__ import annotations

import os
import re
import ssl
import time
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec
from msgspec import Meta, Struct

from collector.core.errors import StoreError
from collector.core.plain_text import one_line
from collector.core.secrets import Secret
from collector.core.signers import NOTHING_SIGNED
from connectors._http.tls import ssl_context

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.core.signers import RemoteSigner

T = TypeVar("T")

_REFERENCE = re.compile(r"(?P<mount>\w[\w.-]*(?:/\w[\w.-]*)*)/(?P<key>\w[\w.-]*)(?::(?P<version>[1-9]\d{0,5}))?")
_HERE = {"127.0.0.1", "::1", "localhost"}
_WAIT = 5.0
_DEADLINE = 10.0
_LONGEST_ANSWER = 1 << 20
_LONGEST_WORD = 200
_FORBIDDEN = 403
_GOOD = 200


class _KeyVersion(Struct):
    public_key: str


class _Key(Struct):
    type: str
    keys: dict[str, _KeyVersion | int]
    derived: bool = False


class _KeyAnswer(Struct):
    data: _Key


class _Signature(Struct):
    signature: Annotated[str, Meta(pattern=r"^vault:v\d+:[A-Za-z0-9+/]+=*$")]


class _SignAnswer(Struct):
    data: _Signature


class _Errors(Struct):
    errors: list[str] = []


def open_signer(reference: str, environ: Mapping[str, str] | None = None) -> RemoteSigner:
    """Return the key that `MOUNT/KEY` or `MOUNT/KEY:VERSION` names; without a version, it is the first one.

    Sends nothing. Raises ValueError where it names none.
    """
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        message = 'a key of Vault is written { vault = "transit/KEY" } or { vault = "transit/KEY:VERSION" }'
        raise ValueError(message)
    return _VaultKey(
        found["mount"], found["key"], int(found["version"] or 1), os.environ if environ is None else environ
    )


class _VaultKey:
    def __init__(self, mount: str, key: str, version: int, environ: Mapping[str, str]) -> None:
        self._mount = mount
        self._key = key
        self._version = version
        self._environ = environ
        self._what = f"Vault's {mount}/{key}, version {version}"

    def public(self) -> bytes:
        """Return the 32 bytes of the public key. Raises StoreError."""
        key = self._ask("GET", f"keys/{self._key}", None, _KeyAnswer).data
        if key.type != "ed25519" or key.derived:
            kind = f"{key.type}, derived from a context" if key.derived else key.type
            raise self._failed(
                f"it is of type {kind}", f"vault write {self._mount}/keys/NAME type=ed25519, and name that key"
            )
        version = key.keys.get(str(self._version))
        if not isinstance(version, _KeyVersion):
            versions = ", ".join(sorted(key.keys, key=lambda number: (len(number), number)))
            raise self._failed(f"there is no such version; there is {versions or 'none'}", "name one that there is")
        return self._decoded(version.public_key)

    def sign(self, data: bytes) -> bytes:
        """Return the signature over data. Raises StoreError."""
        asked = {"input": b64encode(data).decode(), "key_version": self._version, "prehashed": False}
        signature = self._ask("POST", f"sign/{self._key}", asked, _SignAnswer).data.signature
        _, version, encoded = signature.split(":")
        if version != f"v{self._version}":
            raise self._failed(f"it was signed with version {version[1:]} instead", "look at the key in Vault")
        return self._decoded(encoded)

    def _decoded(self, text: str) -> bytes:
        try:
            return b64decode(text, validate=True)
        except ValueError as error:
            raise self._odd("what should be base64 is none") from error

    def _ask(self, method: str, path: str, asked: object, shape: type[T]) -> T:
        address = f"{self._address()}/v1/{self._mount}/{path}"
        headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
        if namespace := self._environ.get("VAULT_NAMESPACE"):
            headers["X-Vault-Namespace"] = namespace
        try:
            # A proxy is used with TLS only: a plain connection on this machine would hand the token to it.
            with httpx.Client(verify=self._tls(), timeout=_WAIT, trust_env=address.startswith("https:")) as client:
                status, body = _answer(client, method, address, headers, asked)
        except (httpx.TransportError, _TooMuch) as error:
            why = one_line(str(error)) or type(error).__name__
            raise self._failed(f"Vault did not answer: {why}", "see to it that VAULT_ADDR can be reached") from error
        except (httpx.InvalidURL, ValueError) as error:
            raise self._failed(f"VAULT_ADDR is no address: {error}", "correct VAULT_ADDR") from error
        if status != _GOOD:
            raise self._refused(status, body, method, path)
        try:
            return msgspec.json.decode(body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise self._odd(f"its answer to {method} {path} is not as documented: {error}") from error

    def _address(self) -> str:
        address = self._environ.get("VAULT_ADDR", "").strip().rstrip("/")
        try:
            split = urlsplit(address)
            is_safe = split.scheme == "https" or (split.scheme == "http" and split.hostname in _HERE)
        except ValueError:
            is_safe = False
        if not is_safe:
            what = f"VAULT_ADDR is {address}" if address else "VAULT_ADDR is not set"
            raise self._failed(
                f"{what}, and it takes an address with https", "set VAULT_ADDR, as for the vault command"
            )
        return address

    def _token(self) -> str:
        token = Secret("env VAULT_TOKEN", self._read_token).reveal()
        if not token or not token.isascii() or not token.isprintable():
            raise self._failed(
                "there is no token for it", "set VAULT_TOKEN, or let vault login or an agent write ~/.vault-token"
            )
        return token

    def _read_token(self) -> str:
        if token := self._environ.get("VAULT_TOKEN", "").strip():
            return token
        try:
            return (Path(self._environ.get("HOME", "~")).expanduser() / ".vault-token").read_text("utf-8").strip()
        except (OSError, RuntimeError, UnicodeDecodeError):
            return ""

    def _tls(self) -> ssl.SSLContext:
        authority = self._environ.get("VAULT_CACERT")
        if not authority:
            return ssl_context()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=authority)
        except (OSError, ssl.SSLError) as error:
            raise self._failed(f"VAULT_CACERT names {authority}, which holds no certificates", "correct it") from error
        return context

    def _refused(self, status: int, body: bytes, method: str, path: str) -> StoreError:
        try:
            words = one_line("; ".join(msgspec.json.decode(body, type=_Errors).errors))[:_LONGEST_WORD]
        except (msgspec.DecodeError, UnicodeDecodeError):
            words = ""
        said = f"Vault answered {method} {path} with {status}" + (f": {words}" if words else "")
        if status == _FORBIDDEN:
            return self._failed(
                said,
                f"renew the token, or give its policy read on {self._mount}/keys/{self._key} and update on"
                f" {self._mount}/sign/{self._key}",
            )
        return self._failed(said, "see to Vault, and give the command again")

    def _odd(self, why: str) -> StoreError:
        return self._failed(why, "find out what answers at VAULT_ADDR in place of Vault")

    def _failed(self, why: str, mend: str) -> StoreError:
        return StoreError(f"signing key: {self._what} cannot be used: {why}", so=NOTHING_SIGNED, mend=mend)


class _TooMuch(Exception):
    """An answer that is too long, or takes too long."""


def _answer(
    client: httpx.Client, method: str, address: str, headers: Mapping[str, str], asked: object
) -> tuple[int, bytes]:
    """Return status and body; no redirect is followed, because the token would go with it."""
    until = time.monotonic() + _DEADLINE
    body = b""
    with client.stream(method, address, headers=headers, json=asked) as response:
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > _LONGEST_ANSWER:
                message = "its answer does not end"
                raise _TooMuch(message)
            if time.monotonic() > until:
                message = f"its answer took longer than {_DEADLINE:.0f} s"
                raise _TooMuch(message)
    return response.status_code, body
