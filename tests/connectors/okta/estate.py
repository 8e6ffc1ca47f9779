"""What a played organization holds: builders of what Okta answers, and one small organization of each kind."""

from __future__ import annotations

from typing import Any

from connectors.okta._sdk.operations import (
    ACCESS_POLICIES,
    API_TOKENS,
    APP,
    APP_GRANTS,
    APP_KEYS,
    APPS,
    AUTHENTICATOR_METHODS,
    AUTHENTICATORS,
    AUTHORIZATION_SERVER_POLICIES,
    AUTHORIZATION_SERVERS,
    BEHAVIORS,
    CLIENT_ROLES,
    CONTACTS,
    DEVICE_ASSURANCES,
    ENROLLMENT_POLICIES,
    EVENT_HOOKS,
    FIRST_PARTY_SETTINGS,
    GROUP_ROLES,
    GROUP_RULES,
    GROUP_USERS,
    GROUPS,
    IDP_KEYS,
    IDPS,
    INLINE_HOOKS,
    LIFECYCLE_POLICIES,
    LOG_STREAMS,
    LOGS,
    ME,
    METADATA,
    PASSWORD_POLICIES,
    ROLE_ASSIGNEES,
    ROLE_PERMISSIONS,
    SIGN_ON_POLICIES,
    SUPPORT,
    THIRD_PARTY_ADMINS,
    THREATS,
    TRUSTED_ORIGINS,
    USER_FACTORS,
    USER_ROLES,
    USERS,
    ZONES,
)
from connectors.okta.organization.log_events import DEACTIVATED
from tests.connectors.okta.played import CLIENT, URL, PlayedOkta

THEN = "2026-01-10T08:00:00.000Z"
CANARIES = {
    "a secret of an app": "CANARY-1101",
    "a password of an app": "CANARY-1102",
    "a setting of an app": "CANARY-1103",
    "a key of an authenticator": "CANARY-1104",
    "a stream's token": "CANARY-1105",
    "a hook's secret": "CANARY-1106",
    "a hook's header": "CANARY-1107",
    "a provider's secret": "CANARY-1108",
    "an inline hook's secret": "CANARY-1109",
    "an inline hook's header": "CANARY-1110",
    "somebody's address": "canary-person@",
    "a first name": "Canaria",
    "a phone number": "+41-79-555-01-01",
    "a factor's phone number": "+41-79-555-01-02",
    "an address of the log": "203.0.113.77",
    "a question": "canary-question",
}


def a_user(id_: str = "00u1", **but: Any) -> dict[str, Any]:
    """Somebody with an account."""
    profile = {
        "login": f"{id_}@acme.example",
        "email": CANARIES["somebody's address"] + "acme.example",
        "firstName": CANARIES["a first name"],
        "mobilePhone": CANARIES["a phone number"],
    }
    return {
        "id": id_, "status": "ACTIVE", "created": THEN, "activated": THEN, "statusChanged": THEN,
        "lastLogin": "2026-02-20T08:00:00.000Z", "lastUpdated": THEN, "passwordChanged": THEN,
        "type": {"id": "oty1"}, "profile": profile,
        "credentials": {
            "password": {}, "recovery_question": {"question": CANARIES["a question"]},
            "provider": {"type": "OKTA", "name": "OKTA"},
        },
        "_links": {"self": {"href": f"{URL}/api/v1/users/{id_}"}},
        **but,
    }  # fmt: skip


def a_policy(kind: str, id_: str, priority: int = 1, **but: Any) -> dict[str, Any]:
    """A policy."""
    return {
        "type": kind, "id": id_, "name": f"policy {id_}", "status": "ACTIVE", "priority": priority, "system": False,
        "conditions": None, "created": THEN, "lastUpdated": THEN, "_links": {}, **but,
    }  # fmt: skip


def a_session_rule(id_: str = "0pr1", priority: int = 1, *, factor: bool = True, **but: Any) -> dict[str, Any]:
    """A rule of a global session policy."""
    session = {"maxSessionIdleMinutes": 60, "maxSessionLifetimeMinutes": 600, "usePersistentCookie": False}
    signon = {
        "access": "ALLOW", "requireFactor": factor, "factorPromptMode": "ALWAYS", "factorLifetime": 15,
        "primaryFactor": "PASSWORD_IDP_ANY_FACTOR", "session": session,
    }  # fmt: skip
    conditions = {
        "people": {"users": {"exclude": []}}, "network": {"connection": "ANYWHERE"}, "risk": {"behaviors": []},
        "riskScore": {"level": "ANY"}, "identityProvider": {"provider": "ANY"}, "authContext": {"authType": "ANY"},
    }  # fmt: skip
    return {
        "id": id_, "name": f"rule {id_}", "status": "ACTIVE", "priority": priority, "system": False,
        "type": "SIGN_ON", "conditions": conditions, "actions": {"signon": signon}, "created": THEN,
        "lastUpdated": THEN, "_links": {}, **but,
    }  # fmt: skip


def assurance(mode: str = "2FA", *constraints: Any) -> dict[str, Any]:
    """A verification by assurance."""
    return {"type": "ASSURANCE", "factorMode": mode, "reauthenticateIn": "PT2H", "constraints": list(constraints)}


RESISTANT = {
    "possession": {"deviceBound": "REQUIRED", "phishingResistant": "REQUIRED", "required": True},
    "knowledge": {"types": ["password"], "required": True},
}


def an_app_rule(id_: str = "0ap1", priority: int = 99, *, by: Any = None, **but: Any) -> dict[str, Any]:
    """A rule of an app sign-in policy; by itself the catch-all rule."""
    return {
        "id": id_, "name": f"rule {id_}", "status": "ACTIVE", "priority": priority, "system": priority == 99,
        "type": "ACCESS_POLICY", "conditions": None, "created": THEN, "lastUpdated": THEN, "_links": {},
        "actions": {"appSignOn": {"access": "ALLOW", "verificationMethod": by or assurance()}}, **but,
    }  # fmt: skip


def an_app(id_: str = "0oa1", policy: str | None = "rst1", **but: Any) -> dict[str, Any]:
    """An application that people sign in to."""
    links = {} if policy is None else {"accessPolicy": {"href": f"{URL}/api/v1/policies/{policy}"}}
    return {
        "id": id_, "name": f"acme_{id_}", "label": f"App {id_}", "status": "ACTIVE", "signOnMode": "SAML_2_0",
        "created": THEN, "lastUpdated": THEN, "features": [],
        "credentials": {"signing": {"kid": "kid-1"}, "password": {"value": CANARIES["a password of an app"]}},
        "settings": {"app": {"loginToken": CANARIES["a setting of an app"]}}, "_links": links, **but,
    }  # fmt: skip


def an_oauth_app(id_: str, kind: str = "service", **but: Any) -> dict[str, Any]:
    """An OAuth client; by itself one for programs."""
    credentials = {"oauthClient": {"client_id": id_, "client_secret": CANARIES["a secret of an app"]}}
    settings = {"oauthClient": {"application_type": kind, "grant_types": ["client_credentials"]}}
    return an_app(id_, signOnMode="OPENID_CONNECT", credentials=credentials, settings=settings, **but)


def a_zone(id_: str = "nzo1", **but: Any) -> dict[str, Any]:
    """An IP zone for policies."""
    return {
        "id": id_, "name": f"zone {id_}", "type": "IP", "status": "ACTIVE", "usage": "POLICY", "system": False,
        "gateways": [{"type": "CIDR", "value": "198.51.100.0/24"}], "proxies": None, "created": THEN,
        "lastUpdated": THEN, "_links": {}, **but,
    }  # fmt: skip


BLOCKING = {
    "type": "DYNAMIC_V2", "name": "DefaultEnhancedDynamicZone", "usage": "BLOCKLIST", "system": True,
    "locations": {"include": [], "exclude": []}, "asns": {"include": [], "exclude": []},
    "ipServiceCategories": {"include": ["ALL_ANONYMIZERS"], "exclude": []},
}  # fmt: skip


def an_enhanced_zone(id_: str = "nzo2", **but: Any) -> dict[str, Any]:
    """The zone that Okta makes for anonymisers, blocked."""
    plain = {key: value for key, value in a_zone(id_).items() if key not in {"gateways", "proxies"}}
    return {**plain, **BLOCKING, **but}


def a_role(kind: str = "SUPER_ADMIN", **but: Any) -> dict[str, Any]:
    """A role that is assigned."""
    return {
        "id": f"ra-{kind}", "type": kind, "label": kind.title(), "status": "ACTIVE", "assignmentType": "USER",
        "created": THEN, "lastUpdated": THEN, "_links": {}, **but,
    }  # fmt: skip


def a_group(id_: str = "00g1", name: str = "Everyone", **but: Any) -> dict[str, Any]:
    """A group, by itself the one of everybody."""
    return {
        "id": id_, "type": "BUILT_IN" if name == "Everyone" else "OKTA_GROUP", "created": THEN, "lastUpdated": THEN,
        "lastMembershipUpdated": THEN, "objectClass": ["okta:user_group"], "profile": {"name": name}, "_links": {},
        **but,
    }  # fmt: skip


def a_factor(kind: str = "webauthn", **but: Any) -> dict[str, Any]:
    """A factor that somebody has enrolled."""
    return {
        "id": f"fac-{kind}", "factorType": kind, "provider": "FIDO" if kind == "webauthn" else "OKTA",
        "vendorName": "OKTA", "status": "ACTIVE", "created": THEN, "lastUpdated": THEN,
        "profile": {"phoneNumber": CANARIES["a factor's phone number"]}, "_links": {}, **but,
    }  # fmt: skip


def an_authenticator(key: str, **but: Any) -> dict[str, Any]:
    """An authenticator."""
    kinds = {"okta_verify": "app", "okta_email": "email", "phone_number": "phone", "okta_password": "password"}
    return {
        "id": f"aut-{key}", "key": key, "name": key.replace("_", " ").title(), "status": "ACTIVE",
        "type": kinds.get(key, "security_key"), "created": THEN, "lastUpdated": THEN, "_links": {}, **but,
    }  # fmt: skip


def an_event(uuid: str, kind: str = "policy.rule.update", **but: Any) -> dict[str, Any]:
    """An event of the system log."""
    return {
        "uuid": uuid, "published": "2026-02-10T08:00:00.000Z", "eventType": kind, "displayMessage": "Changed",
        "severity": "INFO", "version": "0", "outcome": {"result": "SUCCESS", "reason": None},
        "actor": {"id": "00u1", "type": "User", "alternateId": "00u1@acme.example", "displayName": "Canaria"},
        "client": {"ipAddress": CANARIES["an address of the log"]},
        "target": [{"id": "00u2", "type": "User", "alternateId": "00u2@acme.example", "displayName": "Canaria"}],
        **but,
    }  # fmt: skip


def a_hook(id_: str, secret: str, header: str, **but: Any) -> dict[str, Any]:
    """A hook that sends to an address."""
    config = {
        "uri": "https://hooks.acme.example", "method": "POST", "headers": [{"key": "X-Acme", "value": header}],
        "authScheme": {"type": "HEADER", "key": "authorization", "value": secret},
    }  # fmt: skip
    return {
        "id": id_, "name": f"hook {id_}", "status": "ACTIVE", "created": THEN, "lastUpdated": THEN,
        "channel": {"type": "HTTP", "version": "1.0.0", "config": config}, "_links": {}, **but,
    }  # fmt: skip


def an_idp(id_: str = "0oi1", **but: Any) -> dict[str, Any]:
    """An identity provider that people come from by SAML."""
    trust = {"trust": {"issuer": "https://idp.acme.example", "audience": "https://acme", "kid": "idp-1"}}
    return {
        "id": id_, "name": f"idp {id_}", "type": "SAML2", "status": "ACTIVE", "created": THEN, "lastUpdated": THEN,
        "protocol": {"type": "SAML2", "credentials": trust}, "_links": {}, **but,
    }  # fmt: skip


def a_key(kid: str, ends: str = "2030-01-01T00:00:00.000Z") -> dict[str, Any]:
    """A certificate."""
    return {
        "kid": kid, "kty": "RSA", "use": "sig", "created": THEN, "lastUpdated": THEN, "expiresAt": ends, "e": "AQAB",
        "n": "mo", "x5c": ["MII"], "x5t#S256": "5Gx",
    }  # fmt: skip


def a_password_policy(id_: str = "00p1", **but: Any) -> dict[str, Any]:
    """A password policy that meets the standard."""
    settings = {
        "password": {
            "complexity": {"minLength": 14, "dictionary": {"common": {"exclude": True}}, "excludeUsername": True},
            "age": {"maxAgeDays": 0, "historyCount": 6},
            "lockout": {"maxAttempts": 5, "autoUnlockMinutes": 0},
        }
    }
    conditions = {"people": {"groups": {"include": ["00g1"]}}, "authProvider": {"provider": "OKTA"}}
    return a_policy("PASSWORD", id_, **{"settings": settings, "conditions": conditions, **but})


def an_enrollment_policy(id_: str = "00e1", **but: Any) -> dict[str, Any]:
    """An enrolment policy that requires a security key."""
    required = [
        {"key": "okta_password", "enroll": {"self": "REQUIRED"}},
        {"key": "webauthn", "enroll": {"self": "REQUIRED"}},
    ]
    settings = {"type": "AUTHENTICATORS", "authenticators": required}
    return a_policy("MFA_ENROLL", id_, **{"settings": settings, **but})


def an_enrollment_rule(when: str = "LOGIN", **but: Any) -> dict[str, Any]:
    """A rule by which people are asked to enrol."""
    return {
        "id": "0pe1", "name": "ask", "status": "ACTIVE", "priority": 1, "system": True, "type": "MFA_ENROLL",
        "conditions": {"network": {"connection": "ANYWHERE"}}, "actions": {"enroll": {"self": when}}, **but,
    }  # fmt: skip


def an_automation(id_: str = "00l1", days: int = 60, groups: tuple[str, ...] = ("00g1",), **but: Any) -> dict[str, Any]:
    """An automation that is for people who are idle."""
    people = {"users": {"inactivity": {"number": days, "unit": "DAYS"}}, "groups": {"include": list(groups)}}
    return a_policy("USER_LIFECYCLE", id_, **{"conditions": {"people": people}, **but})


def a_lifecycle_rule(status: str = "SUSPENDED") -> dict[str, Any]:
    """What such an automation does."""
    update = {"updateUserLifecycle": {"targetStatus": status}}
    return {"id": "0pl1", "name": "suspend", "status": "ACTIVE", "type": "USER_LIFECYCLE", "actions": update}


def furnish(okta: PlayedOkta, number: int = 2) -> None:
    """Give an organization so many of everything that comes as a list."""
    numbers = range(1, number + 1)
    people = [a_user(f"00u{n}") for n in numbers]
    gone = [a_user(f"00x{n}", status="DEPROVISIONED") for n in numbers]
    rules = {
        "00s1": [a_session_rule(f"0ps{n}", n) for n in numbers],
        "rst1": [an_app_rule("0ap0", 99, by=assurance("2FA", RESISTANT))]
        + [an_app_rule(f"0ap{n}", n, by=assurance("2FA", RESISTANT)) for n in range(1, number)],
        "00e1": [an_enrollment_rule(id=f"0pe{n}", priority=n) for n in numbers],
        "00l1": [{**a_lifecycle_rule(), "id": f"0pl{n}"} for n in numbers],
    }
    everybody = {"people": {"groups": {"include": ["00g1"]}}}
    hook = a_hook("who0", CANARIES["a hook's secret"], CANARIES["a hook's header"])
    inline = a_hook("cal0", CANARIES["an inline hook's secret"], CANARIES["an inline hook's header"])
    stats = {"_embedded": {"stats": {"usersCount": 2, "appsCount": 1, "hasAdminPrivlege": True}}}
    client = {"client": {"client_id": "acme", "client_secret": CANARIES["a provider's secret"]}}
    okta.answers.update(
        {
            METADATA: {
                "id": "00o1",
                "pipeline": "idx",
                "_links": {"organization": {"href": URL}, "alternate": {"href": URL}},
            },
            SUPPORT: {"support": "DISABLED", "expiration": None, "caseNumber": None, "_links": {}},
            CONTACTS: [{"contactType": kind, "_links": {}} for kind in ("BILLING", "TECHNICAL")],
            THIRD_PARTY_ADMINS: {"thirdPartyAdmin": False},
            FIRST_PARTY_SETTINGS: {"sessionIdleTimeoutMinutes": 15, "sessionMaxLifetimeMinutes": 720},
            USERS: lambda query: gone if "filter" in query else people,
            ME: a_user("00u1"),
            USER_FACTORS: [a_factor(), a_factor("push")][:number],
            USER_ROLES: [a_role(), a_role("ORG_ADMIN")],
            GROUP_ROLES: [a_role("APP_ADMIN", assignmentType="GROUP"), a_role("READ_ONLY_ADMIN")],
            CLIENT_ROLES: [a_role("READ_ONLY_ADMIN"), _custom_role()],
            ROLE_PERMISSIONS: {"permissions": [{"label": "okta.iam.read", "created": THEN, "lastUpdated": THEN}]},
            ROLE_ASSIGNEES: [{"id": user["id"], "orn": f"orn:okta:users:{user['id']}"} for user in people],
            GROUPS: [a_group(f"00g{n}", "Everyone" if n == 1 else f"Team {n}", **stats) for n in numbers],
            GROUP_USERS: people,
            GROUP_RULES: [_group_rule(n) for n in numbers],
            APPS: [
                an_app("0oaconsole", name="saasure", label="Okta Admin Console"),
                an_oauth_app(CLIENT),
                an_app("0oadash", name="okta_enduser", label="Okta Dashboard"),
                *(an_app(f"0oa{n}") for n in range(1, number)),
            ],
            APP: an_oauth_app(CLIENT),
            APP_KEYS: [a_key("kid-1"), a_key("kid-2")],
            APP_GRANTS: [a_grant(scope) for scope in ("okta.users.read", "okta.apps.read")],
            SIGN_ON_POLICIES: [
                a_policy("OKTA_SIGN_ON", f"00s{n}", n, system=n == number, conditions=everybody) for n in numbers
            ],
            ACCESS_POLICIES: [a_policy("ACCESS_POLICY", f"rst{n}") for n in numbers],
            PASSWORD_POLICIES: [a_password_policy(f"00p{n}") for n in numbers],
            ENROLLMENT_POLICIES: [an_enrollment_policy(f"00e{n}") for n in numbers],
            LIFECYCLE_POLICIES: [an_automation(f"00l{n}") for n in numbers],
            **{
                f"GET /api/v1/policies/{stem}{n}/rules": _renamed(rules[f"{stem}1"], n)
                for stem in ("00s", "rst", "00e", "00l")
                for n in numbers
            },
            AUTHENTICATORS: [
                an_authenticator("okta_verify"),
                an_authenticator(
                    "webauthn", provider={"configuration": {"key": CANARIES["a key of an authenticator"]}}
                ),
                *(an_authenticator("custom_app", id=f"aut-custom{n}") for n in range(2, number)),
            ],
            AUTHENTICATOR_METHODS: [{"type": kind, "status": "ACTIVE"} for kind in ("push", "signed_nonce")],
            ZONES: [an_enhanced_zone("nzo0"), *(a_zone(f"nzo{n}") for n in range(1, number))],
            BEHAVIORS: [
                {"id": f"abcd{n}", "name": f"New place {n}", "type": "ANOMALOUS_LOCATION", "status": "ACTIVE"}
                for n in numbers
            ],
            THREATS: {"action": "block", "excludeZones": [], "created": THEN, "lastUpdated": THEN, "_links": {}},
            API_TOKENS: [a_token(f"00T{n}") for n in numbers],
            LOG_STREAMS: [_stream(f"0oas{n}") for n in numbers],
            EVENT_HOOKS: [
                {**hook, "id": f"who{n}", "events": {"type": "EVENT_TYPE", "items": [DEACTIVATED], "filter": None}}
                for n in numbers
            ],
            INLINE_HOOKS: [
                {**inline, "id": f"cal{n}", "type": "com.okta.import.transform", "version": "1.0.0"} for n in numbers
            ],
            LOGS: lambda query: [an_event(f"{'d' if DEACTIVATED in query['filter'] else 'e'}{n}") for n in numbers],
            IDPS: [
                an_idp("0oi0", type="OIDC", protocol={"type": "OIDC", "credentials": client}),
                *(an_idp(f"0oi{n}") for n in range(1, number)),
            ],
            IDP_KEYS: [a_key(f"idp-{n}") for n in numbers],
            DEVICE_ASSURANCES: [{"id": f"dae{n}", "name": f"Mac {n}", "platform": "MACOS"} for n in numbers],
            AUTHORIZATION_SERVERS: [
                {"id": f"aus{n}", "name": f"API {n}", "status": "ACTIVE", "audiences": ["api"], "issuerMode": "ORG_URL"}
                for n in numbers
            ],
            AUTHORIZATION_SERVER_POLICIES: [
                a_policy("OAUTH_AUTHORIZATION_POLICY", f"00a{n}", conditions={"clients": {"include": ["ALL_CLIENTS"]}})
                for n in numbers
            ],
            TRUSTED_ORIGINS: [_origin(n) for n in numbers],
        }
    )


def _renamed(rules: list[dict[str, Any]], number: int) -> list[dict[str, Any]]:
    return [{**rule, "id": f"{rule['id']}of{number}"} for rule in rules]


def _custom_role() -> dict[str, Any]:
    return a_role("CUSTOM", role="cr0", label="Viewer of roles", **{"resource-set": "iam0"})


def _group_rule(number: int) -> dict[str, Any]:
    return {
        "id": f"0pg{number}", "name": f"Rule {number}", "status": "ACTIVE", "type": "group_rule", "created": THEN,
        "lastUpdated": THEN,
    }  # fmt: skip


def _origin(number: int) -> dict[str, Any]:
    return {
        "id": f"tos{number}", "name": f"Site {number}", "origin": f"https://www{number}.acme.example",
        "scopes": [{"type": "CORS"}], "status": "ACTIVE", "created": THEN, "lastUpdated": THEN,
    }  # fmt: skip


def a_grant(scope: str) -> dict[str, Any]:
    """A scope that was granted to the API service app."""
    return {
        "id": f"oag-{scope}", "status": "ACTIVE", "created": THEN, "lastUpdated": THEN, "issuer": URL,
        "clientId": CLIENT, "scopeId": scope, "source": "ADMIN",
    }  # fmt: skip


def a_token(id_: str, **but: Any) -> dict[str, Any]:
    """An API token that works from a zone."""
    return {
        "id": id_, "name": f"token {id_}", "userId": "00u9", "clientName": "Okta API", "created": THEN,
        "lastUpdated": "2026-02-25T08:00:00.000Z", "expiresAt": "2026-03-27T08:00:00.000Z", "tokenWindow": "P30D",
        "network": {"connection": "ZONE", "include": ["nzo1"], "exclude": []}, **but,
    }  # fmt: skip


def _stream(id_: str) -> dict[str, Any]:
    return {
        "id": id_, "name": f"stream {id_}", "type": "splunk_cloud_logstreaming", "status": "ACTIVE", "created": THEN,
        "lastUpdated": THEN, "_links": {"self": {"href": URL, "method": "GET"}},
        "settings": {"edition": "aws", "host": "acme.splunkcloud.com", "token": CANARIES["a stream's token"]},
    }  # fmt: skip
