"""AWS KMS: a key of the spec ECC_NIST_EDWARDS25519, which signs with ED25519_SHA_512 over the message as it is.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html and API_GetPublicKey.html. Credentials are those that
boto3 finds (environment, profile, instance); the region is that of the key.
"""

from __future__ import annotations

import importlib
import re
from typing import TYPE_CHECKING, Any

from collector.core.errors import StoreError
from collector.core.plain_text import one_line
from collector.core.signers import NOTHING_SIGNED

if TYPE_CHECKING:
    from collector.core.signers import RemoteSigner

_ARN = re.compile(r"arn:aws[\w-]*:kms:(?P<region>[a-z0-9-]+):\d{12}:key/[\w-]+")
_SPEC, _ALGORITHM = "ECC_NIST_EDWARDS25519", "ED25519_SHA_512"
_SPKI = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of an Ed25519 key in a SubjectPublicKeyInfo: RFC 8410, section 4."""
_SPKI_SIZE = len(_SPKI) + 32
_CONNECT, _READ, _ATTEMPTS = 5, 5, 2


def open_signer(reference: str) -> RemoteSigner:
    """Return the key that an ARN names. Sends nothing. Raises ValueError where it is no ARN of a key.

    An alias is refused: it can be pointed at another key.
    """
    found = _ARN.fullmatch(reference)
    if found is None:
        message = 'a key of KMS is written { aws_kms = "arn:aws:kms:REGION:ACCOUNT:key/ID" }; an alias may change'
        raise ValueError(message)
    return _KmsKey(reference, found["region"])


class _KmsKey:
    def __init__(self, arn: str, region: str) -> None:
        self._arn = arn
        self._region = region
        self._made: Any = None

    def public(self) -> bytes:
        """Return the 32 bytes of the public key. Raises StoreError."""
        answer = self._ask("get_public_key", "kms:GetPublicKey", KeyId=self._arn)
        if answer.get("KeySpec") != _SPEC or answer.get("KeyUsage") != "SIGN_VERIFY":
            raise self._failed(
                f"its spec is {answer.get('KeySpec')}, and its usage {answer.get('KeyUsage')}",
                f"make one with --key-spec {_SPEC} --key-usage SIGN_VERIFY, and name that key",
            )
        encoded: bytes = answer.get("PublicKey") or b""
        if not encoded.startswith(_SPKI) or len(encoded) != _SPKI_SIZE:
            raise self._odd("its public key is not encoded as one of Ed25519")
        return encoded[len(_SPKI) :]

    def sign(self, data: bytes) -> bytes:
        """Return the signature over data, 4096 bytes at most. Raises StoreError."""
        answer = self._ask(
            "sign", "kms:Sign", KeyId=self._arn, Message=data, MessageType="RAW", SigningAlgorithm=_ALGORITHM
        )
        signature: bytes = answer.get("Signature") or b""
        return signature

    def _ask(self, operation: str, permission: str, **asked: object) -> dict[str, Any]:
        try:
            exceptions: Any = importlib.import_module("botocore.exceptions")
            client = self._client()
        except ImportError as error:
            raise self._failed("boto3 is not installed", "pip install 'annexd[aws]'") from error
        try:
            answer: dict[str, Any] = getattr(client, operation)(**asked)
        except exceptions.ClientError as error:
            said = error.response.get("Error", {})
            raise self._failed(
                f"KMS answered {operation} with {said.get('Code')}: {one_line(str(said.get('Message')))}",
                f"allow {permission} on it, and see to it that it is enabled",
            ) from error
        except exceptions.BotoCoreError as error:
            raise self._failed(
                f"KMS did not answer: {one_line(str(error))}", "see to credentials and network, and try again"
            ) from error
        if answer.get("KeyId") != self._arn:
            raise self._odd(f"its answer is about {answer.get('KeyId')}")
        return answer

    def _client(self) -> Any:
        if self._made is None:
            boto3: Any = importlib.import_module("boto3")
            config: Any = importlib.import_module("botocore.config")
            self._made = boto3.client(
                "kms",
                region_name=self._region,
                config=config.Config(
                    connect_timeout=_CONNECT,
                    read_timeout=_READ,
                    retries={"total_max_attempts": _ATTEMPTS, "mode": "standard"},
                ),
            )
        return self._made

    def _odd(self, why: str) -> StoreError:
        return self._failed(why, "find out what answers in place of KMS")

    def _failed(self, why: str, mend: str) -> StoreError:
        return StoreError(f"signing key: {self._arn} cannot be used: {why}", so=NOTHING_SIGNED, mend=mend)
