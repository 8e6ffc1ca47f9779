"""Password policies: what a password must be like, and when an account locks."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from collector.core.checks import Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.okta._sdk.client import Okta
from connectors.okta._sdk.connector import okta
from connectors.okta._sdk.operations import PASSWORD_POLICIES, scopes_of

_ACTIVE = "ACTIVE"
_DIRECTORIES = {"ACTIVE_DIRECTORY": "Active Directory", "LDAP": "an LDAP directory"}


class CommonPasswords(Struct, frozen=True, kw_only=True):
    """Whether common passwords are refused."""

    exclude: bool = False  # Okta's default


class Dictionary(Struct, frozen=True, kw_only=True):
    """Lists of passwords."""

    common: CommonPasswords | None = None  # None: no list is used


class Complexity(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a password must be like."""

    min_length: int | None = 8  # Okta's default; None: none is set
    dictionary: Dictionary | None = None  # None: no list is used


class Age(Struct, frozen=True, kw_only=True, rename="camel"):
    """How often a password may come again."""

    history_count: int | None = 0  # Okta's default; None: none is set


class Lockout(Struct, frozen=True, kw_only=True, rename="camel"):
    """When an account locks."""

    max_attempts: int | None = None  # 0: never; None: Okta documents 10 for what is left out of a request only


class PasswordSettings(Struct, frozen=True, kw_only=True):
    """What a policy says of passwords."""

    complexity: Complexity
    age: Age
    lockout: Lockout


class PolicySettings(Struct, frozen=True, kw_only=True):
    """The settings of a policy."""

    password: PasswordSettings


class Provider(Struct, frozen=True, kw_only=True):
    """Who keeps the passwords of those whom a policy is for."""

    provider: str | None = None  # None: whoever


class PasswordConditions(Struct, frozen=True, kw_only=True, rename="camel"):
    """Whom a policy is for, as far as it is read."""

    auth_provider: Provider | None = None  # None: whoever keeps the passwords


@resource("okta.policy.password", key="id")
class PasswordPolicy(Struct, frozen=True, kw_only=True):
    """A password policy."""

    id: str
    name: str
    status: str
    settings: PolicySettings
    conditions: PasswordConditions | None = None  # None: for everybody

    @property
    def provider(self) -> str:
        """Who keeps the passwords: OKTA, ACTIVE_DIRECTORY, LDAP, or ANY."""
        found = self.conditions.auth_provider if self.conditions is not None else None
        return found.provider if found is not None and found.provider is not None else "ANY"


@okta.collects(PasswordPolicy, at="organization", call=PASSWORD_POLICIES, permissions=scopes_of(PASSWORD_POLICIES))
def password_policies(client: Okta) -> Iterator[Body]:
    yield from client.pages(PASSWORD_POLICIES)


@check(
    "okta_password_policy_strong",
    title="Password policies meet the minimum standard",
    severity="medium",
    fix="Raise the length and the history in Security > Authenticators > Password, and refuse common passwords",
)
def password_policy_strong(policy: PasswordPolicy, *, min_length: int = 12, history: int = 5) -> Verdict:
    if policy.status != _ACTIVE:
        return not_applicable(f"{policy.name} is not active, and applies to nobody")
    if policy.provider in _DIRECTORIES:
        keeper = _DIRECTORIES[policy.provider]
        return unknown(f"{policy.name} is for people whose passwords {keeper} keeps; its own policy decides")
    complexity, age = policy.settings.password.complexity, policy.settings.password.age
    refuses_common = complexity.dictionary is not None and complexity.dictionary.common is not None
    refuses_common = refuses_common and complexity.dictionary.common.exclude  # type: ignore[union-attr]  # see above
    wrong = []
    if (complexity.min_length or 0) < min_length:
        wrong.append(f"{complexity.min_length or 0} characters are enough, not {min_length}")
    if not refuses_common:
        wrong.append("common passwords are taken")
    if (age.history_count or 0) < history:
        wrong.append(f"the last {age.history_count or 0} passwords are kept from coming again, not {history}")
    return failed(f"{policy.name}: {'; '.join(wrong)}") if wrong else passed()


@check(
    "okta_password_lockout_configured",
    title="Accounts lock after failed attempts",
    severity="medium",
    fix="Set the number of attempts after which an account locks in Security > Authenticators > Password",
)
def password_lockout_configured(policy: PasswordPolicy, *, max_attempts: int = 10) -> Verdict:
    if policy.status != _ACTIVE:
        return not_applicable(f"{policy.name} is not active, and applies to nobody")
    attempts = policy.settings.password.lockout.max_attempts
    if attempts is None:
        return unknown(f"{policy.name} does not say after how many attempts an account locks")
    if attempts == 0:
        return failed(f"{policy.name} never locks an account; at most {max_attempts} attempts are allowed")
    reason = f"{policy.name} locks an account after {attempts} attempts; at most {max_attempts} are allowed"
    return passed(reason) if 0 < attempts <= max_attempts else failed(reason)
