"""A signing key in AWS KMS; requests and answers are validated by botocore's model of KMS."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from collector.core.errors import StoreError
from collector.core.signers import NOTHING_SIGNED
from connectors._signers import aws_kms
from connectors._signers.aws_kms import open_signer
from storage.log.remote_keys import RemoteKey

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SPKI = PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
PUBLIC = {
    "KeyId": ARN,
    "PublicKey": SPKI,
    "KeySpec": "ECC_NIST_EDWARDS25519",
    "KeyUsage": "SIGN_VERIFY",
    "SigningAlgorithms": ["ED25519_SHA_512", "ED25519_PH_SHA_512"],
}


class PlayedKms:
    """A client of KMS with answers that are queued, and the way in which it was made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.client: Any = boto3.client(
            "kms", region_name="eu-central-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="played"
        )
        self.stubber = Stubber(self.client)
        self.made: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        monkeypatch.setattr(boto3, "client", self._make)

    def _make(self, *args: Any, **settings: Any) -> Any:
        self.made.append((args, settings))
        return self.client

    def has(self, **answer: Any) -> None:
        """Queue an answer to GetPublicKey."""
        self.stubber.add_response("get_public_key", PUBLIC | answer, {"KeyId": ARN})

    def signs(self, data: bytes, **answer: Any) -> None:
        """Queue an answer to Sign; another request than the documented one is an error."""
        asked = {"KeyId": ARN, "Message": data, "MessageType": "RAW", "SigningAlgorithm": "ED25519_SHA_512"}
        given = {"KeyId": ARN, "Signature": PRIVATE.sign(data), "SigningAlgorithm": "ED25519_SHA_512"}
        self.stubber.add_response("sign", given | answer, asked)


@pytest.fixture
def kms(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedKms]:
    """A KMS that answers only what is queued; all of it must be asked for."""
    played = PlayedKms(monkeypatch)
    with played.stubber:
        yield played
    played.stubber.assert_no_pending_responses()


def key() -> RemoteKey:
    """Return the key."""
    return RemoteKey(f"aws_kms {ARN}", open_signer(ARN))


def test_it_signs_and_derives_with_the_documented_requests(kms: PlayedKms) -> None:
    """RAW messages with ED25519_SHA_512 are Ed25519 as every verifier knows it."""
    kms.has()
    for data in (b"text", b"info", b"info"):
        kms.signs(data)
    found = key()

    assert found.public == SPKI[-32:]
    assert found.sign(b"text") == PRIVATE.sign(b"text")
    assert found.derive(b"info") == found.derive(b"info")
    (((service,), settings),) = kms.made
    assert (service, settings["region_name"]) == ("kms", "eu-central-1")
    config = settings["config"]
    assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (5, 5, 2)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"KeySpec": "ECC_NIST_P256"}, "ECC_NIST_P256"),
        ({"KeyUsage": "ENCRYPT_DECRYPT"}, "ENCRYPT_DECRYPT"),
        ({"KeyId": ARN[:-1] + "0"}, "its answer is about"),
        (
            {
                "PublicKey": generate_private_key(SECP256R1())
                .public_key()
                .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            },
            "not encoded",
        ),
        ({"PublicKey": SPKI + b"\0"}, "not encoded"),
        ({"PublicKey": b""}, "not encoded"),
    ],
)
def test_a_key_that_is_not_the_named_one_is_refused(kms: PlayedKms, answer: dict[str, Any], words: str) -> None:
    """A key of another spec signs in a way that no verifier takes."""
    kms.has(**answer)
    with pytest.raises(StoreError, match=words) as caught:
        key()
    assert caught.value.so == NOTHING_SIGNED
    assert caught.value.mend


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"Signature": Ed25519PrivateKey.generate().sign(b"text")}, "does not verify"),
        ({"Signature": PRIVATE.sign(b"another text")}, "does not verify"),
        ({"Signature": b"short"}, "does not verify"),
        ({"KeyId": ARN[:-1] + "0"}, "its answer is about"),
    ],
)
def test_a_signature_that_does_not_verify_is_refused(kms: PlayedKms, answer: dict[str, Any], words: str) -> None:
    """A checkpoint with it would be refused by everybody, after it was kept."""
    kms.has()
    kms.signs(b"text", **answer)
    found = key()
    with pytest.raises(StoreError, match=words):
        found.sign(b"text")


@pytest.mark.parametrize("code", ["AccessDeniedException", "DisabledException", "KMSInvalidStateException"])
def test_a_refusal_is_told_in_the_words_of_kms(kms: PlayedKms, code: str) -> None:
    """A disabled key and a missing permission are mended in different places."""
    kms.stubber.add_client_error("get_public_key", code, "played")
    with pytest.raises(StoreError, match=f"{code}: played") as caught:
        key()
    assert "kms:GetPublicKey" in caught.value.mend


def test_a_kms_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real client against a server that never answers."""
    monkeypatch.setattr(aws_kms, "_READ", 0.2)
    for name, value in (("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "played")):
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://127.0.0.1:{silent.getsockname()[1]}")
        before = time.monotonic()
        with pytest.raises(StoreError, match="KMS did not answer"):
            key()
        assert time.monotonic() - before < 8


@pytest.mark.parametrize(
    "reference", ["alias/annexd", ARN.replace("key/", "alias/"), ARN.replace("kms", "s3"), ARN + "/x", "1234abcd"]
)
def test_only_the_arn_of_a_key_is_taken(reference: str) -> None:
    """An alias can be pointed at another key by whoever may change it."""
    with pytest.raises(ValueError, match="an alias may change"):
        open_signer(reference)
