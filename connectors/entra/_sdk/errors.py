"""What Microsoft Graph's refusals mean: no permission, no licence, nothing there, and not now are told apart.

https://learn.microsoft.com/graph/errors; the codes for a missing licence are of the services behind it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector.core.errors import Denied, NotSignedIn, NotThere, RateLimited, Unavailable
from connectors._http import Errors
from connectors.entra._sdk.calls import TERMS

if TYPE_CHECKING:
    from collector.core.errors import ConnectorError
    from connectors._microsoft import TokenClaims

GONE = ("Request_ResourceNotFound", "ResourceNotFound", "itemNotFound")
"""The codes by which Graph says that an object was deleted."""

_UNLICENSED_CODES = frozenset(
    {"Authentication_RequestFromNonPremiumTenantOrB2CTenant", "AadPremiumLicenseRequired", "LicenseRequired"}
)
# Services have no code of their own for it: Intune, SharePoint, access reviews, risky users.
_UNLICENSED = re.compile(
    r"(?i)not licensed|no(?:t have an?)?(?: \w+){0,4} licen[cs]e|licen[cs]e (?:is )?required|premium licen[cs]e|"
    r"needs? to have .*licen[cs]e|request not applicable to target tenant"
)

GRAPH = Errors(
    "Microsoft Graph",
    code=lambda body: body["error"]["code"],
    message=lambda body: body["error"]["message"],
    by_code={
        "InvalidAuthenticationToken": NotSignedIn,
        "Authorization_RequestDenied": Denied,
        "TooManyRequests": RateLimited,
        "ServiceUnavailable": Unavailable,
        **dict.fromkeys(_UNLICENSED_CODES, NotThere),
    },
)

ARM = Errors(
    "Azure Resource Manager",
    code=lambda body: body["error"]["code"],
    message=lambda body: body["error"]["message"],
    by_code={"AuthorizationFailed": Denied, "InvalidAuthenticationToken": NotSignedIn},
)


def is_unlicensed(error: ConnectorError) -> bool:
    """Whether Graph says that the tenant lacks the licence for what was asked."""
    if error.code in _UNLICENSED_CODES:
        return True
    # The words of the platform follow the operation; only a refusal says so, not an outage.
    refused = not isinstance(error, NotSignedIn | RateLimited | Unavailable)
    return refused and _UNLICENSED.search(error.what) is not None


def explained(error: ConnectorError, call: str, claims: TokenClaims | None) -> ConnectorError:
    """Return an error with what mends it: the licence that the call needs, or the permission that the token lacks."""
    terms = TERMS.get(call)
    if is_unlicensed(error):
        needs = f"; needs {terms.licence}" if terms is not None and terms.licence else ""
        return NotThere(f"the tenant has no licence for this{needs} ({error.what})", code=error.code)
    if not isinstance(error, Denied) or isinstance(error, NotSignedIn) or terms is None or claims is None:
        return error
    lacking = [name for name in terms.permissions if name not in claims.granted]
    if lacking:
        said = f"the token does not have {', '.join(lacking)}"
        mend = f"grant the application {', '.join(lacking)}, with admin consent"
    else:
        said = f"the token has {', '.join(terms.permissions)}, so something else refuses it"
        mend = (
            "see whether the call supports applications, whether they need a role, and whether policies restrict them"
        )
    return Denied(f"{error.what}; {said}", code=error.code, retry_after=error.retry_after, mend=mend)
