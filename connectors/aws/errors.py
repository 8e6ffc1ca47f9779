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
    message = str(said.get("Message") or "").strip()[:500]
    what = f"AWS answered {code} to {error.operation_name}" + (f": {message}" if message else "")
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


def sdk_missing(error: ImportError) -> ConfigError:
    """What to say where boto3 is not installed."""
    return ConfigError(f"the AWS SDK is not installed: {error}", mend="pip install 'annexd[aws]'")
