"""Apps of third parties: what may ask for access to the company's data, and what users may install.

Defaults: as in `sign_in`, from Google's page "Policy API concepts", section "Default field values".
"""

from __future__ import annotations

from collector.core.checks import All, Verdict, check
from connectors.googleworkspace._policy.judging import Rule, Values, judge
from connectors.googleworkspace._policy.reducing import Reducer, Setting
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.policy.of_customer import all_policies
from connectors.googleworkspace.policy.policies import Policy

LESS_SECURE = Setting("security.less_secure_apps", Reducer.MERGE, defaults={"allowLessSecureApps": False})
UNCONFIGURED = Setting("api_controls.unconfigured_third_party_apps", Reducer.MERGE)
MARKETPLACE = Setting("workspace_marketplace.apps_access_options", defaults={"accessLevel": "ALLOW_ALL"})
"""Google's default is ALLOW_NONE for primary and secondary schools, and ALLOW_ALL for everybody else."""

_LIMITED = frozenset({"BLOCK_ALL_SCOPES", "ALLOW_SIGN_IN_SCOPES_ONLY"})
# Google's word where nothing is blocked: "Allow users to access any third-party apps" in the Admin console.
_OPEN = frozenset({"UNSPECIFIED_UBER_BLOCK"})


@check(
    "googleworkspace_policy_less_secure_apps_off",
    title="Less secure app access is off",
    severity="high",
    fix="Turn off access by apps that sign in with the password alone",
)
def less_secure_apps_off(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    allowed = LESS_SECURE("allowLessSecureApps")

    def on(values: Values) -> str | None:
        return "apps may sign in with the password alone" if values.flag(allowed) else None

    return judge(all_policies(policies, units), [Rule((allowed,), on)])


@check(
    "googleworkspace_policy_api_access_restricted",
    title="Third-party access to Google services is restricted",
    severity="high",
    fix="Let apps that nobody has configured ask for nothing, or for what signing in takes only",
)
def api_access_restricted(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    level = UNCONFIGURED("accessLevel")

    def open_to_all(values: Values) -> str | None:
        if values.word(level, _LIMITED | _OPEN) in _LIMITED:
            return None
        return f"users may give any app access to their data ({values.shown(level)})"

    return judge(all_policies(policies, units), [Rule((level,), open_to_all)])


@check(
    "googleworkspace_policy_marketplace_restricted",
    title="Marketplace installs are limited to allowed apps",
    severity="medium",
    fix="Let users install only the Marketplace apps on the allowlist, or none",
)
def marketplace_restricted(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    level = MARKETPLACE("accessLevel")

    def any_app(values: Values) -> str | None:
        if values.word(level, {"ALLOW_ALL", "ALLOW_LISTED_APPS", "ALLOW_NONE"}) != "ALLOW_ALL":
            return None
        return f"users may install any app of the Marketplace ({values.shown(level)})"

    return judge(all_policies(policies, units), [Rule((level,), any_app)])
