"""What Okta's refusals mean.

Okta answers 401 both for a token that is not valid (E0000011) and for a feature that the organization does not have
(E0000015), and 404 for what is gone (E0000007) and for paths that its engine does not know (E0000008).
https://developer.okta.com/docs/reference/error-codes/
"""

from __future__ import annotations

from collector.core.errors import NotThere
from connectors._http import Errors

FEATURE_OFF = "E0000015"
"""By Okta's word: no permission to access the feature, which it says where a plan or an engine lacks the feature."""

ERRORS = Errors(
    "Okta",
    code=lambda body: body["errorCode"],
    message=lambda body: body["errorSummary"],
    by_code={"E0000007": NotThere, "E0000008": NotThere, FEATURE_OFF: NotThere},
)
