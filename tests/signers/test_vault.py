"""A signing key in Vault: what is asked, what is believed, and what is said where Vault is away."""

from __future__ import annotations

import hashlib
import re
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from collector.core.errors import StoreError
from collector.core.signers import NOTHING_SIGNED
from connectors._signers import vault as vault_signer
from connectors._signers.vault import open_signer
from storage.log.remote_keys import RemoteKey
from tests.signers.played_vault import TOKEN, PlayedVault, answer, errors, signed


@pytest.fixture
def vault() -> Iterator[PlayedVault]:
    """A Vault whose key has two versions."""
    with PlayedVault(2) as played:
        yield played


def key(vault: PlayedVault, reference: str = "transit/annexd") -> RemoteKey:
    """Return a key of it."""
    return RemoteKey(f"vault {reference}", open_signer(reference, vault.environ))


def refused(act: Callable[[], object]) -> StoreError:
    """Return the error with which something is refused."""
    with pytest.raises(StoreError) as caught:
        act()
    assert caught.value.so == NOTHING_SIGNED
    assert caught.value.mend
    assert TOKEN not in str(caught.value) + caught.value.mend
    return caught.value


@pytest.mark.parametrize(("reference", "version"), [("transit/annexd", 1), ("transit/annexd:2", 2)])
def test_what_is_asked_is_the_documented_request(vault: PlayedVault, reference: str, version: int) -> None:
    """The version is always stated: a rotation inside Vault must not change who signs."""
    found = key(vault, reference)
    signature = found.sign(b"\x00text")

    assert found.public == vault.public(version)
    vault.keys[version - 1].public_key().verify(signature, b"\x00text")
    assert vault.asked == [
        ("GET", "/v1/transit/keys/annexd", None),
        (
            "POST",
            "/v1/transit/sign/annexd",
            {"input": b64encode(b"\x00text").decode(), "key_version": version, "prehashed": False},
        ),
    ]
    assert {headers["X-Vault-Token"] for headers in vault.headers} == {TOKEN}
    assert not any("X-Vault-Namespace" in headers for headers in vault.headers)


def test_the_secret_of_the_macs_stays_the_same(vault: PlayedVault) -> None:
    """Another process has to prove what this one wrote; the service is asked twice, and once a process."""
    found = key(vault)
    derived = found.derive(b"info")

    assert len(derived) == 32
    assert found.derive(b"info") == derived == key(vault).derive(b"info")
    assert derived != found.derive(b"other") != key(vault, "transit/annexd:2").derive(b"other")
    assert [path for _, path, asked in vault.asked if asked is not None and asked["key_version"] == 1] == [
        "/v1/transit/sign/annexd"
    ] * 6


def test_a_service_that_signs_one_text_in_two_ways_is_refused(vault: PlayedVault) -> None:
    """The secret would be another one in each process, and every MAC would look forged."""
    found = key(vault)
    real, calls = vault.keys[0], [0]

    class Hedged:
        def public(self) -> bytes:
            return vault.public()

        def sign(self, data: bytes) -> bytes:
            calls[0] += 1
            return real.sign(data) if calls[0] % 2 else other_signature(real, data)

    hedged = RemoteKey("hedged", Hedged())
    with pytest.raises(StoreError, match="in two ways"):
        hedged.derive(b"info")
    assert found.derive(b"info")


def other_signature(private: Ed25519PrivateKey, data: bytes) -> bytes:
    """Return a second valid signature of Ed25519 over data, made with another nonce."""
    order = 2**252 + 27742317777372353535851937790883648493
    seed = private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    public = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    head = bytearray(hashlib.sha512(seed).digest()[:32])
    head[0] &= 248
    head[31] = head[31] & 127 | 64
    scalar = int.from_bytes(head, "little")
    # The nonce and its point are those of another signature by the same key, which are valid for any text.
    prefix = hashlib.sha512(seed).digest()[32:]
    nonce = int.from_bytes(hashlib.sha512(prefix + b"another").digest(), "little") % order
    point = private.sign(b"another")[:32]
    hashed = int.from_bytes(hashlib.sha512(point + public + data).digest(), "little") % order
    return point + ((nonce + hashed * scalar) % order).to_bytes(32, "little")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (signed(1, Ed25519PrivateKey.generate().sign(b"text")), "does not verify"),
        (signed(1, b""), "not as documented"),
        (signed(1, b"short"), "does not verify"),
        (signed(2, bytes(64)), "signed with version 2"),
        (answer({"signature": "vault:v1:" + "A" * 87}), "base64"),
        (answer({"signature": "AAAA"}), "not as documented"),
        (answer({}), "not as documented"),
        (b"<html>sign in</html>", "not as documented"),
        (b"\xff", "not as documented"),
        (b"", "not as documented"),
    ],
)
def test_no_answer_is_believed_that_does_not_verify(vault: PlayedVault, body: bytes, words: str) -> None:
    """What signs a checkpoint has to be the key that verifiers were given."""
    vault.instead_of_signing = (200, body)
    found = key(vault)

    assert words in refused(lambda: found.sign(b"text")).what


@pytest.mark.parametrize(
    ("status", "body", "words", "mend"),
    [
        (403, errors("permission denied"), "403: permission denied", "update on transit/sign/annexd"),
        (503, errors("Vault is sealed"), "503: Vault is sealed", "see to Vault"),
        (404, errors(), "404", "see to Vault"),
        (500, b"<html>", "500", "see to Vault"),
        (307, b"", "307", "see to Vault"),
        (204, b"", "204", "see to Vault"),
    ],
)
def test_a_refusal_is_told_in_the_words_of_vault(
    vault: PlayedVault, status: int, body: bytes, words: str, mend: str
) -> None:
    """A token that has run out and a sealed Vault are mended by different people; no redirect gets the token."""
    vault.instead = (status, body)
    error = refused(lambda: key(vault))

    assert words in error.what
    assert mend in error.mend
    assert len(vault.asked) == 1


def test_a_key_of_another_kind_is_refused(vault: PlayedVault) -> None:
    """An RSA key signs as well, and no verifier of checkpoints takes it; a derived one has no public key of its own."""
    vault.type = "rsa-4096"
    assert "rsa-4096" in refused(lambda: key(vault)).what
    vault.type, vault.derived = "ed25519", True
    assert "derived" in refused(lambda: key(vault)).what


def test_a_version_that_there_is_not_is_told_with_those_there_are(vault: PlayedVault) -> None:
    """Whoever trims a key in Vault has to learn what is left."""
    assert "there is 1, 2" in refused(lambda: key(vault, "transit/annexd:3")).what


@pytest.mark.parametrize("public", ["", "AAAA", b64encode(bytes(33)).decode(), "?"])
def test_what_is_no_public_key_is_refused(vault: PlayedVault, public: str) -> None:
    """The service is outside: each of its answers may be anything."""
    body = answer({"type": "ed25519", "keys": {"1": {"public_key": public}}})
    vault.instead = (200, body)

    assert re.search("no key of Ed25519|base64", refused(lambda: key(vault)).what)


def test_a_vault_that_is_away_is_told(vault: PlayedVault) -> None:
    """Nothing is recorded then, so whoever is called has to know why."""
    vault.stop()
    error = refused(lambda: key(vault))

    assert "did not answer" in error.what
    assert "VAULT_ADDR" in error.mend


def test_a_vault_that_is_slow_is_given_up(vault: PlayedVault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither silence nor an answer a byte at a time may hold up a run for ever."""
    monkeypatch.setattr(vault_signer, "_WAIT", 0.2)
    monkeypatch.setattr(vault_signer, "_DEADLINE", 0.5)

    for vault.waits, vault.drips in ((1.5, 0.0), (0.0, 0.05)):
        before = time.monotonic()
        assert "did not answer" in refused(lambda: key(vault)).what
        assert time.monotonic() - before < 1.4


def test_an_answer_without_end_is_given_up(vault: PlayedVault) -> None:
    """Memory is bounded as well."""
    vault.instead = (200, b" " * (3 << 20))

    assert "does not end" in refused(lambda: key(vault)).what


@pytest.mark.parametrize(
    "address",
    ["", "vault.example", "http://vault.example:8200", "ftp://127.0.0.1", "http://[", "http://localhost.evil"],
)
def test_a_token_is_sent_over_tls_only(vault: PlayedVault, address: str) -> None:
    """A plain connection to another machine would hand the token to the network."""
    with pytest.raises(StoreError, match="VAULT_ADDR"):
        open_signer("transit/annexd", vault.environ | {"VAULT_ADDR": address}).public()


def test_no_proxy_gets_a_token_without_tls(vault: PlayedVault, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stays on this machine must not leave it for a proxy, which would read it."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")

    assert key(vault).public == vault.public()


def certificate(path: Path) -> None:
    """Write a certificate of 127.0.0.1, signed by itself, with its key."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + pem)


def test_vault_is_known_by_the_authority_that_is_named(tmp_path: Path) -> None:
    """Whoever answers without a certificate of it gets no token."""
    right, another = tmp_path / "right.pem", tmp_path / "another.pem"
    certificate(right)
    certificate(another)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(right)
    with PlayedVault(tls=context) as vault:
        named = vault.environ | {"VAULT_CACERT": str(right)}
        assert open_signer("transit/annexd", named).public() == vault.public()
        for environ in (vault.environ, vault.environ | {"VAULT_CACERT": str(another)}):
            with pytest.raises(StoreError, match=r"did not answer: .*certificate"):
                open_signer("transit/annexd", environ).public()
        assert len(vault.asked) == 1


@pytest.mark.parametrize("contents", [None, b"no certificate"])
def test_an_authority_that_cannot_be_read_is_told(vault: PlayedVault, tmp_path: Path, contents: bytes | None) -> None:
    """Falling back to others would trust whoever they trust."""
    authority = tmp_path / "ca.pem"
    if contents is not None:
        authority.write_bytes(contents)
    signer = open_signer("transit/annexd", vault.environ | {"VAULT_CACERT": str(authority)})
    with pytest.raises(StoreError, match="holds no certificates"):
        signer.public()


def test_the_token_may_come_from_the_file_of_the_vault_command(vault: PlayedVault, tmp_path: Path) -> None:
    """An agent renews it there; it is read at each request."""
    environ = {"VAULT_ADDR": vault.address, "VAULT_NAMESPACE": "team", "HOME": str(tmp_path)}
    signer = open_signer("transit/annexd", environ)
    with pytest.raises(StoreError, match="no token"):
        signer.public()
    (tmp_path / ".vault-token").write_text(f"{TOKEN}\n")

    assert signer.public() == vault.public()
    assert vault.headers[-1]["X-Vault-Namespace"] == "team"


@pytest.mark.parametrize(
    "reference",
    ["annexd", "transit/", "/annexd", "transit/annexd:0", "transit/../annexd", "transit/a b", "t/k:x", "t/k?"],
)
def test_what_names_no_key_is_refused(reference: str) -> None:
    """It becomes a part of an address."""
    with pytest.raises(ValueError, match="transit/KEY"):
        open_signer(reference, {})
