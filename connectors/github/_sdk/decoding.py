"""Decoding: the JSON of an answer that PyGithub has handed over, or the error that it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from collector.core.errors import Denied, Unexpected

if TYPE_CHECKING:
    from collections.abc import Mapping


def decoded(status: int, headers: Mapping[str, str], text: str, call: str) -> Any:
    """Return the value of an answer; None for one without content (204).

    Raises GithubException for an error of either side, Denied where organizations were left out, and Unexpected for
    what is not JSON, or says nothing.
    """
    if headers.get("x-github-sso", "").startswith("partial-results"):
        raise Denied(
            f"{call}: GitHub left out organizations that want a SAML single sign-on for this token first",
            code="partial-results",
            mend="authorize the token for each organization, or use a GitHub App",
        )
    if not text and status == 204:  # noqa: PLR2004  No Content
        return None
    try:
        data = json.loads(text or ("null" if status < 400 else "{}"))  # noqa: PLR2004  errors of either side
    except ValueError as error:
        raise Unexpected(f"{call} was answered with something that is not JSON") from error
    if data is None:
        # None would say that there is no content.
        raise Unexpected(f"{call} was answered with status {status} and nothing else")
    if status >= 400:  # noqa: PLR2004  errors of either side
        from github.Requester import Requester  # noqa: PLC0415  the SDK is imported only when it is used

        raise Requester.createException(status, dict(headers), data if isinstance(data, dict) else {})
    return data
