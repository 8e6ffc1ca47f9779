"""Documents of Okta's, in the shape of its published description (okta-management-openapi-spec)."""

from __future__ import annotations

from collector.demo.json_answers import Json


def organization(url: str) -> Json:
    """Return what Okta publishes of an organization on Identity Engine."""
    links = {"organization": {"href": url}, "alternate": {"href": url}}
    return {"id": "00o-acme", "pipeline": "idx", "_links": links}


def user(id_: str, login: str, status: str, made: str, last_login: str) -> Json:
    """Return somebody with an account."""
    address = f"{login}@example.com"
    return {
        "id": id_,
        "status": status,
        "created": made,
        "activated": made,
        "statusChanged": made,
        "lastLogin": last_login,
        "lastUpdated": made,
        "passwordChanged": made,
        "type": {"id": "oty-1"},
        "profile": {"login": address, "email": address, "firstName": login.title(), "lastName": "Acme"},
        "credentials": {"password": {}, "provider": {"type": "OKTA", "name": "OKTA"}},
        "_links": {},
    }


def group(id_: str, name: str, made: str) -> Json:
    """Return a group without roles."""
    stats = {"usersCount": 7, "appsCount": 3, "groupPushMappingsCount": 0, "hasAdminPrivlege": False}
    return {
        "id": id_,
        "type": "BUILT_IN" if name == "Everyone" else "OKTA_GROUP",
        "created": made,
        "lastUpdated": made,
        "lastMembershipUpdated": made,
        "objectClass": ["okta:user_group"],
        "profile": {"name": name},
        "_embedded": {"stats": stats},
        "_links": {},
    }


def role(kind: str, made: str) -> Json:
    """Return a standard role that is assigned to a user."""
    return {
        "id": f"ra-{kind}",
        "type": kind,
        "label": kind.replace("_", " ").title(),
        "status": "ACTIVE",
        "assignmentType": "USER",
        "created": made,
        "lastUpdated": made,
        "_links": {},
    }


def factor(kind: str, made: str) -> Json:
    """Return a factor that somebody has enrolled."""
    provider = "FIDO" if kind == "webauthn" else "OKTA"
    return {
        "id": f"fac-{kind}",
        "factorType": kind,
        "provider": provider,
        "vendorName": provider,
        "status": "ACTIVE",
        "created": made,
        "lastUpdated": made,
    }


def policy(
    kind: str, id_: str, *, priority: int = 1, system: bool = False, conditions: Json = None, settings: Json = None
) -> Json:
    """Return a policy; `system` where it is Okta's default one, which every organization has."""
    made = "2024-06-01T08:00:00.000Z"
    found = {
        "type": kind,
        "id": id_,
        "name": id_.title(),
        "status": "ACTIVE",
        "priority": priority,
        "system": system,
        "conditions": conditions,
        "created": made,
        "lastUpdated": made,
        "_links": {},
    }
    return found if settings is None else {**found, "settings": settings}


def _rule(kind: str, name: str, priority: int, actions: Json, conditions: Json = None) -> Json:
    return {
        "id": f"rul-{kind}-{priority}",
        "name": name,
        "status": "ACTIVE",
        "priority": priority,
        "system": priority == 99,  # noqa: PLR2004  Okta's own priority of a catch-all rule
        "type": kind,
        "conditions": conditions,
        "actions": actions,
        "created": "2024-06-01T08:00:00.000Z",
        "lastUpdated": "2024-06-01T08:00:00.000Z",
        "_links": {},
    }


def session_rule(name: str, priority: int, *, factor: bool) -> Json:
    """Return a rule of a global session policy, for everybody from everywhere."""
    session = {"maxSessionIdleMinutes": 120, "maxSessionLifetimeMinutes": 720, "usePersistentCookie": False}
    signon = {
        "access": "ALLOW",
        "requireFactor": factor,
        "factorPromptMode": "ALWAYS",
        "primaryFactor": "PASSWORD_IDP",
        "session": session,
    }
    conditions = {
        "people": {"users": {"exclude": []}},
        "network": {"connection": "ANYWHERE"},
        "riskScore": {"level": "ANY"},
        "identityProvider": {"provider": "ANY"},
        "authContext": {"authType": "ANY"},
    }
    return _rule("SIGN_ON", name, priority, {"signon": signon}, conditions)


def app_rule(name: str, priority: int, *, mode: str) -> Json:
    """Return a rule of an app sign-in policy that asks for so many factors of any kind."""
    method = {"type": "ASSURANCE", "factorMode": mode, "reauthenticateIn": "PT2H", "constraints": []}
    return _rule("ACCESS_POLICY", name, priority, {"appSignOn": {"access": "ALLOW", "verificationMethod": method}})


def enrollment_policy() -> Json:
    """Return a policy by which everybody has to enrol Okta Verify."""
    required = [
        {"key": "okta_password", "enroll": {"self": "REQUIRED"}},
        {"key": "okta_verify", "enroll": {"self": "REQUIRED"}},
        {"key": "phone_number", "enroll": {"self": "OPTIONAL"}},
    ]
    return policy(
        "MFA_ENROLL", "enrollment", system=True, settings={"type": "AUTHENTICATORS", "authenticators": required}
    )


def enrollment_rule() -> Json:
    """Return the rule by which people are asked to enrol when they sign in."""
    return _rule(
        "MFA_ENROLL", "Default Rule", 1, {"enroll": {"self": "LOGIN"}}, {"network": {"connection": "ANYWHERE"}}
    )


def password_policy(*, min_length: int) -> Json:
    """Return a password policy for everybody."""
    password = {
        "complexity": {
            "minLength": min_length,
            "dictionary": {"common": {"exclude": False}},
            "excludeUsername": True,
        },
        "age": {"maxAgeDays": 0, "historyCount": 4},
        "lockout": {"maxAttempts": 10, "autoUnlockMinutes": 0},
    }
    conditions = {"people": {"groups": {"include": ["00g-everyone"]}}, "authProvider": {"provider": "OKTA"}}
    return policy("PASSWORD", "passwords", system=True, conditions=conditions, settings={"password": password})


def authenticator(key: str) -> Json:
    """Return an authenticator of the organization."""
    kinds = {"okta_verify": "app", "phone_number": "phone", "okta_password": "password"}
    made = "2024-06-01T08:00:00.000Z"
    found = {
        "id": f"aut-{key}",
        "key": key,
        "name": key.replace("_", " ").title(),
        "status": "ACTIVE",
        "type": kinds.get(key, "security_key"),
        "created": made,
        "lastUpdated": made,
        "_links": {},
    }
    return {**found, "settings": {"allowedFor": "any"}} if key == "phone_number" else found


def app(url: str, id_: str, name: str, label: str, policy_id: str, made: str) -> Json:
    """Return an application that people sign in to by SAML."""
    return {
        "id": id_,
        "name": name,
        "label": label,
        "status": "ACTIVE",
        "signOnMode": "SAML_2_0",
        "created": made,
        "lastUpdated": made,
        "features": [],
        "credentials": {"signing": {"kid": f"kid-{id_}"}},
        "settings": {"app": {}},
        "_links": {"accessPolicy": {"href": f"{url}/api/v1/policies/{policy_id}"}},
    }


def key(kid: str, made: str, ends: str) -> Json:
    """Return a certificate that an application signs with."""
    return {"kid": kid, "kty": "RSA", "use": "sig", "created": made, "lastUpdated": made, "expiresAt": ends}


def api_token(name: str, owner: str, made: str, used: str, ends: str) -> Json:
    """Return an API token of somebody, which may be used from the office alone."""
    return {
        "id": f"00T-{name}",
        "name": name,
        "userId": owner,
        "clientName": "Okta API",
        "created": made,
        "lastUpdated": used,
        "expiresAt": ends,
        "tokenWindow": "P30D",
        "network": {"connection": "ZONE", "include": ["nzo-office"], "exclude": []},
    }


def office(made: str) -> Json:
    """Return the zone of Acme's office."""
    return {
        "id": "nzo-office",
        "name": "Office",
        "type": "IP",
        "status": "ACTIVE",
        "usage": "POLICY",
        "system": False,
        "gateways": [{"type": "CIDR", "value": "198.51.100.0/24"}],
        "proxies": None,
        "created": made,
        "lastUpdated": made,
        "_links": {},
    }


def blocked_anonymisers(made: str) -> Json:
    """Return the zone that Okta makes for anonymisers, which is blocked."""
    return {
        "id": "nzo-anonymisers",
        "name": "DefaultEnhancedDynamicZone",
        "type": "DYNAMIC_V2",
        "status": "ACTIVE",
        "usage": "BLOCKLIST",
        "system": True,
        "locations": {"include": [], "exclude": []},
        "asns": {"include": [], "exclude": []},
        "ipServiceCategories": {"include": ["ALL_ANONYMIZERS"], "exclude": []},
        "created": made,
        "lastUpdated": made,
        "_links": {},
    }
