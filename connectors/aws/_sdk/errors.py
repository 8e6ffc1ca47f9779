"""What AWS and its SDK say went wrong, in our words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError, ConnectorError, Denied, RateLimited, Unavailable, Unexpected

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

# The codes differ by the protocol and the age of a service; bare numbers are what botocore makes of an empty answer.
_DENIED = re.compile(
    r"AccessDenied\w*|AllAccessDisabled|Unauthorized\w*|UnrecognizedClient\w*|InvalidClientTokenId|InvalidAccessKeyId"
    r"|InvalidToken|SignatureDoesNotMatch|InvalidSignature\w*|AuthFailure|OptInRequired|NotSignedUp|IncompleteSignature"
    r"|MissingAuthenticationToken\w*|Forbidden\w*|401|403"
)
_EXPIRED = re.compile(r"Expired\w*|RequestExpired|TokenRefreshRequired")
_SKEWED = re.compile(r"RequestTimeTooSkewed|RequestInTheFuture")
_SLOWER = re.compile(
    r"\w*Throttl\w*|RequestLimitExceeded|TooManyRequests\w*|SlowDown|BandwidthLimitExceeded|PriorRequestNotComplete|429"
)
_LATER = re.compile(r"InternalFailure|InternalError\w*|ServiceUnavailable\w*|ServiceFailure|RequestTimeout\w*|5\d\d")
_SKEW_MESSAGE = re.compile(r"(?i)signature (?:not yet current|expired)|time.{0,40}skew")

# "User: ARN is not authorized to perform: iam:ListUsers on resource: ARN because no identity-based policy allows the
# iam:ListUsers action"; EC2 has a sentence before it and a long token after it.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
_REFUSAL = re.compile(
    r"User: \S+ is not authorized to perform: (?P<action>[\w-]+:\w+)"
    r"(?: on resource: \"?(?P<resource>[^\s\"]+)\"?)?(?: (?P<reason>(?:because|with) .*?))?\.?\s*",
    re.DOTALL,
)
_SAYS_NOTHING = re.compile(
    r"You are not authorized to perform this operation\.?\s*|\s*Encoded authorization failure message: \S+"
)
_LONGEST = 200

_SIGN_IN = "sign in again, or give annexd credentials that renew themselves (a role)"
_CLOCK = "set the clock of this machine by NTP"
_FIRST_ERROR_STATUS_OF_SERVERS = 500


def throttled(status: int, body: bytes) -> bool:
    """Whether an answer says that there were too many requests, in whichever of AWS's ways."""
    return status in (429, 503) or (status >= 400 and _SLOWER_BYTES.search(body[:4096]) is not None)  # noqa: PLR2004


_SLOWER_BYTES = re.compile(rb"Throttl|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded")


def explain(error: Exception) -> ConnectorError | None:
    """Turn an error of botocore into ours; None for what is neither AWS's nor the network's doing."""
    from botocore import exceptions as sdk  # noqa: PLC0415  the SDK is imported only when it is used
    from botocore.parsers import ResponseParserError  # noqa: PLC0415  the same

    match error:
        case ConnectorError():
            return error
        case sdk.ClientError():
            return _answered(error)
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


def _answered(error: ClientError) -> ConnectorError:
    said: dict[str, Any] = dict(error.response.get("Error", {}))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = str(said.get("Code") or status)
    message = str(said.get("Message") or "").strip()
    why = _why(message, error.operation_name, code)
    what = f"AWS answered {code} to {error.operation_name}" + (f": {why}" if why else "")
    if _SKEWED.fullmatch(code) or _SKEW_MESSAGE.search(message):
        return Denied(f"{what}; the clock of this machine is wrong", code=code, mend=_CLOCK)
    if _EXPIRED.fullmatch(code):
        return Denied(f"the session has expired: {what}", code=code, mend=_SIGN_IN)
    if _SLOWER.fullmatch(code):
        return RateLimited(what, code=code)
    if _DENIED.fullmatch(code):
        return Denied(what, code=code)
    if status >= _FIRST_ERROR_STATUS_OF_SERVERS or _LATER.fullmatch(code):
        return Unavailable(what, code=code)
    return Unexpected(what, code=code)


def _why(message: str, operation: str, code: str) -> str:
    """Return what a message says beyond code and operation: a refusal names user, action and resource once more."""
    text = _SAYS_NOTHING.sub("", message)
    refused = _REFUSAL.fullmatch(text)
    if refused is None:
        said_before = re.sub(r"\W", "", text).lower() in re.sub(r"\W", "", code).lower()
        return "" if said_before else _cut(text)
    action, resource, reason = refused["action"], refused["resource"], refused["reason"] or ""
    reason = reason.removeprefix("because ").removeprefix("with ").removesuffix(f" the {action} action")
    reason = f"{reason} it" if reason.endswith(" allows") else reason
    other = "" if action.partition(":")[2] == operation else f"{action}{f' on {resource}' if resource else ''}"
    return _cut(", ".join(part for part in (other, reason) if part))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def sdk_missing(error: ImportError) -> ConfigError:
    """What to say where boto3 is not installed."""
    return ConfigError(f"the AWS SDK is not installed: {error}", mend="pip install 'annexd[aws]'")
