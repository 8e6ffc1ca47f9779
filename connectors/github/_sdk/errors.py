"""GitHub's errors as ConnectorError.

GitHub answers 403 and 404 for many reasons, which only message and headers tell apart: a missing permission, a single
sign-on that is required first, a feature outside the plan, a feature that is switched off, and a repository that was
deleted or renamed. Each becomes an error of its own.
https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from collector.core.errors import ConfigError, ConnectorError, Denied, NotThere, RateLimited, Unavailable, Unexpected
from connectors.github._sdk.graphql_quota import is_used_up, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_RATE_LIMIT_MESSAGE = re.compile(
    r"(?i)rate limit|abuse detection|please (?:retry your request again later|wait a few minutes)"
)
_PLAN_MESSAGE = re.compile(
    r"(?i)\bupgrade to github|your (?:current )?plan|not (?:available|included|supported) (?:for|on|in|by) .*plan"
)
_SWITCHED_OFF_MESSAGE = re.compile(
    r"(?i)(?:alerts|scanning|actions|fixes|rulesets|reporting) (?:is|are) (?:not enabled|disabled|not available)"
    r"|(?:advanced security|code security|secret protection).* (?:must be|is not) enabled|no analysis found"
)
# Documented words of a product that has to be bought or switched on first, before its alerts can exist.
_NOT_ENABLED_MESSAGE = re.compile(
    r"(?i)\b(?:advanced security|code security|secret protection|code scanning|secret scanning)\b.*"
    r"(?:\b(?:must|has to|needs to) be enabled|\b(?:is|are) (?:not enabled|disabled)\b)"
)
SWITCHED_OFF = "switched off"
"""The code of an answer that says that a product of GitHub's for security is not enabled, in any of its wordings."""

_OUTSIDE_PLAN = "the plan does not include this"
_FIRST_SERVER_ERROR = 500


def is_rate_limited(status: int, message: str, headers: Mapping[str, str]) -> bool:
    """Whether an answer is due to a rate limit: GitHub uses 403 and 429 for its primary and secondary limits."""
    if status == 429:  # noqa: PLR2004  Too Many Requests
        return True
    is_announced = "retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"
    return status == 403 and (is_announced or _RATE_LIMIT_MESSAGE.search(message) is not None)  # noqa: PLR2004  Forbidden


def explain(error: Exception) -> ConnectorError | None:
    """Return the ConnectorError for an error of PyGithub; None for an error that does not come from GitHub."""
    from github import GithubException  # noqa: PLC0415  the SDK is imported only when it is used

    match error:
        case ConnectorError():
            return error
        case GithubException():
            data = error.data if isinstance(error.data, dict) else {}
            headers = {name.lower(): value for name, value in (error.headers or {}).items()}
            return error_for_status(error.status, str(data.get("message") or ""), headers)
        case _:
            return None


def error_for_status(status: int, message: str, headers: Mapping[str, str]) -> ConnectorError:
    """Return the error for an answer other than success. Its code is the status followed by GitHub's message."""
    message = message.strip()[:300]
    code = f"{status} {message}".strip()
    what = f"GitHub answered {code}"
    if is_rate_limited(status, message, headers):
        return RateLimited(what, code=code)
    match status:
        case 401:
            return Denied(f"{what}: the credential is not valid any more", code=code, mend="give the source a new one")
        case 403 | 404 | 422:
            return _error_for_refusal(status, message, headers, what, code)
        case 410 | 451:
            return repository_gone(what, code)
        case _ if status >= _FIRST_SERVER_ERROR:
            return Unavailable(what, code=code)
        case _:
            return Unexpected(what, code=code)


def is_outside_plan(error: ConnectorError) -> bool:
    """Whether GitHub says that the plan does not include what was asked for."""
    return isinstance(error, NotThere) and error.what.startswith(_OUTSIDE_PLAN)


def _error_for_refusal(status: int, message: str, headers: Mapping[str, str], what: str, code: str) -> ConnectorError:
    if "x-github-sso" in headers or "SAML enforcement" in message:
        return Denied(
            f"the organization wants a SAML single sign-on for this token first: {what}",
            code=code,
            mend="authorize the token for the organization, or use a GitHub App",
        )
    if _PLAN_MESSAGE.search(message):
        return NotThere(f"{_OUTSIDE_PLAN}: {what}", code=code)
    is_not_enabled = _NOT_ENABLED_MESSAGE.search(message) is not None
    if is_not_enabled or _SWITCHED_OFF_MESSAGE.search(message):
        return NotThere(f"this feature is switched off: {what}", code=SWITCHED_OFF if is_not_enabled else code)
    if "access blocked" in message.lower():
        return repository_gone(what, code)
    if status == 404 and message in ("Not Found", ""):  # noqa: PLR2004  Not Found
        return Denied(f"{what}, which it also says where the credential may not look", code=code, mend=_remedy(headers))
    if status == 404:  # noqa: PLR2004  with a word of its own, such as that a branch is not protected
        return NotThere(what, code=code)
    if status == 403 or "Only owners" in message:  # noqa: PLR2004  Forbidden
        return Denied(what, code=code, mend=_remedy(headers))
    return Unexpected(what, code=code)


def _remedy(headers: Mapping[str, str]) -> str:
    """Return which permissions or scopes GitHub would accept, from its headers; empty where it names none."""
    if accepted := headers.get("x-accepted-github-permissions"):
        return f"GitHub would accept the permissions: {accepted}"
    if accepted := headers.get("x-accepted-oauth-scopes"):
        owned = headers.get("x-oauth-scopes") or "none"
        return f"GitHub would accept one of the scopes {accepted}; the token has {owned}"
    return ""


def repository_gone(what: str, code: str | None = None) -> NotThere:
    """Return the error for a repository that was listed and is not there any more."""
    return NotThere(
        f"the repository is gone, renamed or blocked since it was listed: {what}",
        code=code,
        mend="the next run will list what there is then",
    )


def graphql_error(errors: Any) -> ConnectorError:
    """Return the error for the `errors` of a GraphQL answer, by the first of them."""
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    kind = kind_of(first) or "an error"
    message = str(first.get("message") or "")[:300]
    what = f"GitHub answered {kind} to a GraphQL query: {message}"
    if first.get("extensions", {}).get("saml_failure"):
        return Denied(
            f"the organization wants a SAML single sign-on for this token first: {what}",
            code=kind,
            mend="authorize the token for the organization, or use a GitHub App",
        )
    match kind:
        case "FORBIDDEN" | "INSUFFICIENT_SCOPES" | "NOT_FOUND":
            return Denied(what, code=kind)
        case _ if is_used_up(first):
            return RateLimited(what, code=kind)
        case _:
            return Unexpected(what, code=kind)


def sdk_missing(error: ImportError) -> ConfigError:
    """Return the error for a missing PyGithub."""
    return ConfigError(f"the GitHub SDK is not installed: {error}", mend="pip install 'annexd[github]'")
