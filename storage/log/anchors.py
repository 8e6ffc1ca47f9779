"""RFC 3161 time stamps over checkpoints: an authority's proof of when a checkpoint existed at the latest.

The text of the checkpoint is stamped, without its signatures. The caller sends the request to the authority.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client import VerificationError as RefusedError

from collector.core.errors import ConfigError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest, TimeStampResponse

KIND = "rfc3161"
"""The `kind` of these anchors in the log."""

MEDIA_TYPE = "application/timestamp-query"


@dataclass(frozen=True)
class Stamp:
    """The time in a token, and whether the token was verified against a root certificate."""

    at: datetime
    is_proven: bool


def stamp_request(text: str) -> TimeStampRequest:
    """Return the time-stamp request for a text: its SHA-256, a nonce, and the certificate requested."""
    return (
        TimestampRequestBuilder(data=text.encode("utf-8"), hash_algorithm=HashAlgorithm.SHA256)
        .nonce(nonce=True)
        .cert_request(cert_request=True)
        .build()
    )


def read_roots(path: Path | None) -> list[Certificate]:
    """Return the certificates of a PEM file, none where there is no file named. Raises ConfigError."""
    if path is None:
        return []
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"[store] anchor_ca: {path} cannot be read as certificates: {error}",
            so="no time stamp can be verified",
            mend="name the PEM file with the root certificate of the authority",
        ) from error


def check_answer(answer: bytes, text: str, request: TimeStampRequest, roots: Sequence[Certificate]) -> Stamp:
    """Return the stamp in the answer to a request. Raises VerificationError, also where the nonce differs."""
    response = _decode(answer)
    if response.tst_info.nonce != request.nonce:
        raise VerificationError("the time stamp answers another request: its nonce is not the one that was asked with")
    return _checked(response, text, roots)


def check_token(token: str, text: str, roots: Sequence[Certificate]) -> Stamp:
    """Return the stamp in a stored token. Raises VerificationError where it is not a stamp of this text."""
    try:
        data = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError) as error:
        raise VerificationError("the time stamp is not base64") from error
    return _checked(_decode(data), text, roots)


def _decode(data: bytes) -> TimeStampResponse:
    try:
        response = decode_timestamp_response(data)
        if response.status != 0:
            said = " ".join([str(response.status), *response.status_string])
            raise VerificationError(f"the authority gave no time stamp: status {said}")
        response.tst_info  # noqa: B018  parsed only when it is looked at
    except ValueError as error:
        hint = ""
        if "InvalidSetOrdering" in str(error):
            hint = "; its certificates are not in the order that DER asks for, so the authority must send them sorted,"
            hint += " or only its own"
        raise VerificationError(f"the authority's answer is not a time stamp: {error}{hint}") from error
    return response


def _checked(response: TimeStampResponse, text: str, roots: Sequence[Certificate]) -> Stamp:
    info = response.tst_info
    wanted = hashlib.sha256(text.encode("utf-8")).digest()
    if info.message_imprint.message != wanted:
        raise VerificationError(
            f"the time stamp is over sha256:{info.message_imprint.message.hex()}, and the checkpoint's text is"
            f" sha256:{wanted.hex()}"
        )
    at = info.gen_time.replace(tzinfo=UTC) if info.gen_time.tzinfo is None else info.gen_time
    if not roots:
        return Stamp(at, is_proven=False)
    builder = VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify(response, wanted)
    except (RefusedError, ValueError) as error:
        raise VerificationError(f"the time stamp does not hold against the roots given: {error}") from error
    return Stamp(at, is_proven=True)
