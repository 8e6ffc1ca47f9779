"""Acme's Okta: three people of its own and four contractors, one of whom stays after the contract has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx

from collector.demo.configuration import DOMAIN
from collector.demo.json_answers import NOT_FOUND, Json, JsonAnswers, Refusal
from collector.demo.okta import documents as okta
from collector.demo.platforms import PlayedPlatform

URL = f"https://okta.{DOMAIN}"
VARIABLE = "ACME_OKTA_TOKEN"
_TABLE = f"""\
[sources.contractors]
connector = "okta"
url       = "{URL}"
token     = {{ env = "{VARIABLE}" }}
every     = "30d"
serves    = ["acme-shop"]
"""

_SYSTEM = f"""\
[[system]]
name          = "Sign-in of contractors"
owner         = "Carl Berg"
environment   = "production"
source        = "contractors"
scope         = ["okta.{DOMAIN}"]
in_scope_from = {{{{-300d}}}}
"""

# Who there is: the login, what Okta calls the state, how many days ago they last signed in, and their factors.
_PEOPLE = (
    ("ann", "ACTIVE", 1, ("webauthn", "token:software:totp")),
    ("bob", "ACTIVE", 2, ("push",)),
    ("carl", "ACTIVE", 5, ("webauthn",)),
    ("kim.contractor", "ACTIVE", 3, ("push",)),
    ("lee.contractor", "ACTIVE", 140, ("sms",)),
    ("mia.contractor", "ACTIVE", 9, ("push",)),
    ("noa.contractor", "DEPROVISIONED", 60, ()),
)
_SUPER = ("ann", "bob")
_READER = "carl"


def platform(now: Callable[[], datetime], last: datetime) -> PlayedPlatform:
    """Return Acme's Okta as of the demo's last day; what changes with the days is asked of `now`."""
    answers = JsonAnswers(now, _missing)
    answers.documents.update(_organization(last))
    answers.documents["/api/v1/api-tokens"] = lambda _: [_token(now(), last)]
    answers.documents.update(_people(last))
    answers.documents.update(_policies())
    answers.documents.update(_applications(last))
    return PlayedPlatform(
        about=f"{len(_PEOPLE)} people at Okta",
        table=_TABLE,
        system=_SYSTEM,
        bases=(URL,),
        answer=answers,
        variables={VARIABLE: "00made-up-token-of-the-demo"},
    )


def _missing(request: httpx.Request) -> Refusal:
    summary = f"Not found: Resource not found: {request.url.path}"
    return Refusal(NOT_FOUND, {"errorCode": "E0000007", "errorSummary": summary, "errorCauses": []})


def _ago(last: datetime, days: float) -> str:
    return f"{last - timedelta(days=days):%Y-%m-%dT%H:%M:%S.000Z}"


def _organization(last: datetime) -> dict[str, Json]:
    made = _ago(last, 700)
    return {
        "/.well-known/okta-organization": okta.organization(URL),
        "/api/v1/org/privacy/oktaSupport": {"support": "DISABLED", "expiration": None, "caseNumber": None},
        "/api/v1/org/contacts": [{"contactType": "BILLING"}, {"contactType": "TECHNICAL"}],
        "/api/v1/org/orgSettings/thirdPartyAdminSetting": {"thirdPartyAdmin": False},
        "/api/v1/first-party-app-settings/admin-console": {
            "sessionIdleTimeoutMinutes": 15,
            "sessionMaxLifetimeMinutes": 720,
        },
        "/api/v1/threats/configuration": {"action": "audit", "excludeZones": [], "created": made, "lastUpdated": made},
        "/api/v1/zones": [okta.blocked_anonymisers(made), okta.office(made)],
        "/api/v1/behaviors": [],
        "/api/v1/device-assurances": [],
        "/api/v1/trustedOrigins": [],
        "/api/v1/logStreams": [],
        "/api/v1/eventHooks": [],
        "/api/v1/inlineHooks": [],
        "/api/v1/authorizationServers": [],
        "/api/v1/idps": [],
        "/api/v1/idps/credentials/keys": [],
        "/api/v1/logs": [],
    }


def _token(now: datetime, last: datetime) -> Json:
    """Return the token that annexd signs in with, which each use makes last for 30 days more."""
    return okta.api_token("annexd", _id(_READER), _ago(last, 700), _ago(now, 0), _ago(now, -30))


def _id(login: str) -> str:
    return f"00u-{login}"


def _people(last: datetime) -> dict[str, Json]:
    made = _ago(last, 600)
    everybody = [okta.user(_id(login), login, state, made, _ago(last, days)) for login, state, days, _ in _PEOPLE]
    here = [user for user in everybody if user["status"] != "DEPROVISIONED"]
    gone = [user for user in everybody if user["status"] == "DEPROVISIONED"]
    admins = (*_SUPER, _READER)
    found: dict[str, Json] = {
        "/api/v1/users": lambda request: gone if "filter" in request.url.params else here,
        "/api/v1/users/me": next(user for user in here if user["id"] == _id(_READER)),
        "/api/v1/groups": [okta.group("00g-everyone", "Everyone", made), okta.group("00g-shop", "Shop", made)],
        "/api/v1/groups/rules": [],
        "/api/v1/iam/assignees/users": {"value": [{"id": _id(login)} for login in admins], "_links": {}},
    }
    for login, _, _, factors in _PEOPLE:
        found[f"/api/v1/users/{_id(login)}/factors"] = [okta.factor(kind, made) for kind in factors]
        role = "SUPER_ADMIN" if login in _SUPER else "READ_ONLY_ADMIN" if login == _READER else None
        found[f"/api/v1/users/{_id(login)}/roles"] = [okta.role(role, made)] if role is not None else []
    return found


def _policies() -> dict[str, Json]:
    """Return a session policy that asks contractors for a password alone, and app policies that ask for two factors."""
    everybody = {"people": {"groups": {"include": ["00g-everyone"]}}}
    rules = {
        "session": [okta.session_rule("asks once", 1, factor=False)],
        "apps": [okta.app_rule("Catch-all Rule", 99, mode="2FA")],
        "console": [okta.app_rule("Catch-all Rule", 99, mode="2FA")],
        "enrollment": [okta.enrollment_rule()],
    }
    return {
        "/api/v1/policies?type=OKTA_SIGN_ON": [
            okta.policy("OKTA_SIGN_ON", "session", system=True, conditions=everybody)
        ],
        "/api/v1/policies?type=ACCESS_POLICY": [
            okta.policy("ACCESS_POLICY", "apps"),
            okta.policy("ACCESS_POLICY", "console", priority=2),
        ],
        "/api/v1/policies?type=PASSWORD": [okta.password_policy(min_length=8)],
        "/api/v1/policies?type=MFA_ENROLL": [okta.enrollment_policy()],
        "/api/v1/policies?type=USER_LIFECYCLE": [],
        **{f"/api/v1/policies/{id_}/rules": listed for id_, listed in rules.items()},
        "/api/v1/authenticators": [
            okta.authenticator(key) for key in ("okta_password", "okta_verify", "webauthn", "phone_number")
        ],
        **{
            f"/api/v1/authenticators/aut-{key}/methods": [{"type": kind, "status": "ACTIVE"} for kind in kinds]
            for key, kinds in {
                "okta_password": ("password",),
                "okta_verify": ("push", "totp"),
                "webauthn": ("webauthn",),
                "phone_number": ("sms",),
            }.items()
        },
    }


def _applications(last: datetime) -> dict[str, Json]:
    made = _ago(last, 500)
    apps = [
        okta.app(URL, "0oa-console", "saasure", "Okta Admin Console", "console", made),
        okta.app(URL, "0oa-dashboard", "okta_enduser", "Okta Dashboard", "apps", made),
        okta.app(URL, "0oa-tickets", "acme_tickets", "Tickets", "apps", made),
    ]
    keys = {"0oa-console": 900, "0oa-dashboard": 900, "0oa-tickets": 20}
    return {
        "/api/v1/apps": apps,
        **{
            f"/api/v1/apps/{id_}/credentials/keys": [okta.key(f"kid-{id_}", made, _ago(last, -days))]
            for id_, days in keys.items()
        },
    }
