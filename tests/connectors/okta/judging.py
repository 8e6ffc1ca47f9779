"""Views of what the builders make, to call checks with."""

from __future__ import annotations

from typing import Any

from connectors.okta.applications.apps import App
from connectors.okta.applications.policies import AccessPolicy
from connectors.okta.network.zones import Zone
from connectors.okta.organization.settings import Organization
from connectors.okta.people.administrators import RoleAssignment
from connectors.okta.people.users import User
from connectors.okta.signon.sessions import SignOnPolicy
from tests.connectors.github.judging import CompleteSet, view
from tests.connectors.okta import estate


def an_organization(pipeline: str = "idx", **but: Any) -> Organization:
    """An organization on Identity Engine."""
    own = {
        "support": {"support": "DISABLED"},
        "admin_console": {"sessionIdleTimeoutMinutes": 15, "sessionMaxLifetimeMinutes": 720},
        "third_party": {"thirdPartyAdmin": False},
        "contacts": [],
    }
    return view(Organization, id="00o1", pipeline=pipeline, **{**own, **but})


def a_session_policy(*rules: Any, priority: int = 1, system: bool = True, **but: Any) -> SignOnPolicy:
    """A global session policy with rules; by itself the default one."""
    body = estate.a_policy("OKTA_SIGN_ON", f"00s{priority}", priority, system=system, **but)
    return view(SignOnPolicy, **body, rules=list(rules))


def an_access_policy(*rules: Any, id_: str = "rst1", **but: Any) -> AccessPolicy:
    """An app sign-in policy with rules."""
    return view(AccessPolicy, **estate.a_policy("ACCESS_POLICY", id_, **but), rules=list(rules))


def an_app(id_: str = "0oa1", **but: Any) -> App:
    """An application that people sign in to by the policy rst1."""
    return view(App, **estate.an_app(id_, **but))


def a_zone(id_: str = "nzo1", **but: Any) -> Zone:
    """An IP zone."""
    return view(Zone, **estate.a_zone(id_, **but))


def a_user(id_: str = "00u1", **but: Any) -> User:
    """Somebody with an account."""
    return view(User, **estate.a_user(id_, **but))


def an_assignment(id_: str = "00u1", *kinds: str, **but: Any) -> RoleAssignment:
    """A user with roles; by itself with all rights."""
    roles = [estate.a_role(kind) for kind in kinds or ("SUPER_ADMIN",)]
    own = {"principal": "user", "name": None, "members": [], "roles": roles}
    return view(RoleAssignment, **{**own, "id": id_, **but})


NOBODY: CompleteSet = CompleteSet()
