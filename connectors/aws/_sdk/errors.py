"""Errors of AWS and botocore as ConnectorError."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError, ConnectorError, Denied, NotThere, RateLimited, Unavailable, Unexpected

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

# The codes differ by the protocol and the age of a service; bare numbers are what botocore makes of an empty answer.
_DENIED = re.compile(
    r"AccessDenied\w*|AllAccessDisabled|Unauthorized\w*|UnrecognizedClient\w*|InvalidClientTokenId|InvalidAccessKeyId"
    r"|InvalidToken|SignatureDoesNotMatch|InvalidSignature\w*|AuthFailure|OptInRequired|NotSignedUp|IncompleteSignature"
    r"|MissingAuthenticationToken\w*|Forbidden\w*|401|403"
)
_EXPIRED = re.compile(r"Expired\w*|RequestExpired|TokenRefreshRequired")
_CLOCK_SKEW = re.compile(r"RequestTimeTooSkewed|RequestInTheFuture")
_THROTTLED = re.compile(
    r"\w*Throttl\w*|RequestLimitExceeded|TooManyRequests\w*|SlowDown|BandwidthLimitExceeded|PriorRequestNotComplete|429"
)
_UNAVAILABLE = re.compile(
    r"InternalFailure|InternalError\w*|ServiceUnavailable\w*|ServiceFailure|RequestTimeout\w*|5\d\d"
)
_CLOCK_SKEW_MESSAGE = re.compile(r"(?i)signature (?:not yet current|expired)|time.{0,40}skew")

# "User: ARN is not authorized to perform: iam:ListUsers on resource: ARN because no identity-based policy allows the
# iam:ListUsers action"; EC2 has a sentence before it and a long token after it.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
_REFUSAL = re.compile(
    r"User: \S+ is not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: \"?(?P<resource>[^\s\"]+)\"?)?(?: (?P<reason>(?:because|with) .*?))?\.?\s*",
    re.DOTALL,
)
_EMPTY_PHRASES = re.compile(
    r"You are not authorized to perform this operation\.?\s*|\s*Encoded authorization failure message: \S+"
)
_MAX_LENGTH = 200

# Security Hub has one code for an account that is not subscribed and for one that may not ask.
# https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html
_NOT_SUBSCRIBED_MESSAGE = re.compile(r"(?i)\bis not subscribed to (?:AWS )?Security ?Hub\b")
_MACIE_IS_OFF_MESSAGE = re.compile(r"(?i)\bMacie is not enabled\b")
MACIE_IS_OFF = "AccessDeniedException (Macie is not enabled)"
"""The code of an answer by which Macie says that it is off in a region; a refusal has the same, with other words."""
NOT_SUBSCRIBED = "InvalidAccessException (not subscribed)"
"""The code of an answer by which Security Hub says that it is off in a region."""

_SIGN_IN_ADVICE = "sign in again, or give annexd credentials that renew themselves (a role)"
_CLOCK_ADVICE = "set the clock of this machine by NTP"
_FIRST_SERVER_ERROR = 500


def is_throttled(status: int, body: bytes) -> bool:
    """Whether an answer says that there were too many requests, by its status or by a code in its first 4 KiB."""
    return status in (429, 503) or (status >= 400 and _THROTTLED_BODY.search(body[:4096]) is not None)  # noqa: PLR2004


_THROTTLED_BODY = re.compile(rb"Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded")


def explain(error: Exception) -> ConnectorError | None:
    """Return the ConnectorError for an error of botocore; None for an error of neither AWS nor the network."""
    from botocore import exceptions as sdk  # noqa: PLC0415  the SDK is imported only when it is used
    from botocore.parsers import ResponseParserError  # noqa: PLC0415  the same

    match error:
        case ConnectorError():
            return error
        case sdk.ClientError():
            return _from_response(error)
        case sdk.ProfileNotFound():
            return Denied(str(error), code="ProfileNotFound", mend="name a profile of the AWS configuration file")
        case sdk.SSOError() | sdk.TokenRetrievalError():
            return Denied(f"the sign-in has ended: {error}", code=type(error).__name__, mend="run aws sso login")
        case (
            sdk.NoCredentialsError()
            | sdk.PartialCredentialsError()
            | sdk.CredentialRetrievalError()
            | sdk.NoAuthTokenError()
        ):
            return Denied(
                f"no usable AWS credentials: {error}",
                code=type(error).__name__,
                mend="set profile in the source, or give this process credentials as for the AWS command line",
            )
        case ResponseParserError():
            return Unexpected(f"AWS gave an answer that cannot be read: {str(error)[:200]}")
        case sdk.HTTPClientError() | sdk.ConnectionError():
            return Unavailable(f"AWS could not be reached: {str(error)[:300]}")
        case _:
            return None


def _from_response(error: ClientError) -> ConnectorError:
    details: dict[str, Any] = dict(error.response.get("Error", {}))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = str(details.get("Code") or status)
    message = str(details.get("Message") or "").strip()
    reason = _message_details(message, error.operation_name, code)
    what = f"AWS answered {code} to {error.operation_name}" + (f": {reason}" if reason else "")
    if _CLOCK_SKEW.fullmatch(code) or _CLOCK_SKEW_MESSAGE.search(message):
        return Denied(f"{what}; the clock of this machine is wrong", code=code, mend=_CLOCK_ADVICE)
    if _EXPIRED.fullmatch(code):
        return Denied(f"the session has expired: {what}", code=code, mend=_SIGN_IN_ADVICE)
    if _THROTTLED.fullmatch(code):
        return RateLimited(what, code=code)
    if code == "AccessDeniedException" and _MACIE_IS_OFF_MESSAGE.search(message):
        return NotThere(what, code=MACIE_IS_OFF)
    if _DENIED.fullmatch(code):
        return Denied(what, code=code)
    if code == "InvalidAccessException":
        is_off = _NOT_SUBSCRIBED_MESSAGE.search(message) is not None
        return NotThere(what, code=NOT_SUBSCRIBED) if is_off else Denied(what, code=code)
    if status >= _FIRST_SERVER_ERROR or _UNAVAILABLE.fullmatch(code):
        return Unavailable(what, code=code)
    return Unexpected(what, code=code)


def _message_details(message: str, operation: str, code: str) -> str:
    """Return what a message says beyond code and operation: of a refusal, another action and the reason."""
    text = _EMPTY_PHRASES.sub("", message)
    refused = _REFUSAL.fullmatch(text)
    if refused is None:
        repeats_code = re.sub(r"\W", "", text).lower() in re.sub(r"\W", "", code).lower()
        return "" if repeats_code else _shortened(text)
    action, resource, reason = refused["action"], refused["resource"], refused["reason"] or ""
    reason = reason.removeprefix("because ").removeprefix("with ").removesuffix(f" the {action} action")
    reason = f"{reason} it" if reason.endswith(" allows") else reason
    action_text = "" if action.partition(":")[2] == operation else f"{action}{f' on {resource}' if resource else ''}"
    return _shortened(", ".join(part for part in (action_text, reason) if part))


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}..."


def sdk_missing(error: ImportError) -> ConfigError:
    """Return the error for a missing boto3."""
    return ConfigError(f"the AWS SDK is not installed: {error}", mend="pip install 'annexd[aws]'")
