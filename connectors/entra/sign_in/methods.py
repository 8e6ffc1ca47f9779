"""Which methods of signing in the tenant allows, and what it asks of passwords."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from collector.core.checks import All, Verdict, check, failed, passed, unknown
from collector.core.resources import Body, resource
from connectors.entra._sdk.calls import AUTHENTICATION_METHODS, GROUP_SETTINGS, permissions
from connectors.entra._sdk.client import Graph
from connectors.entra._sdk.connector import entra

_PASSWORD_RULES = "5cf42378-d67d-4f36-ba46-e8b86229381d"  # noqa: S105  the id of Microsoft's template of settings


class Method(Struct, frozen=True, kw_only=True, rename="camel"):
    """A method, and whether it is allowed to anybody."""

    id: str
    state: str
    type: str = field(name="@odata.type")
    allow_external_id_to_use_email_otp: str | None = None  # e-mail only: default, enabled or disabled


@resource("entra.policy.authentication_methods")
class MethodsPolicy(Struct, frozen=True, kw_only=True, rename="camel"):
    """The policy of methods. `policy_migration_state` says whether older policies beside it still count."""

    authentication_method_configurations: tuple[Method, ...]
    policy_migration_state: str | None = None  # left out or null: migrated, by Microsoft's documentation


class Value(Struct, frozen=True, kw_only=True):
    """One value of a group of settings; all of them are text."""

    name: str
    value: str | None  # null: never set


@resource("entra.directory.group_setting", key="id")
class DirectorySetting(Struct, frozen=True, kw_only=True, rename="camel"):
    """A group of settings that was made from one of Microsoft's templates."""

    id: str
    template_id: str
    display_name: str | None  # null: it has no name
    values: tuple[Value, ...]


@entra.collects(
    MethodsPolicy, at="tenant", call=AUTHENTICATION_METHODS, permissions=permissions(AUTHENTICATION_METHODS)
)
def methods_policy(client: Graph) -> Iterator[Body]:
    yield client.get(
        AUTHENTICATION_METHODS,
        lambda graph: graph.policies.authentication_methods_policy,
        having="authenticationMethodConfigurations",
    )


@entra.collects(DirectorySetting, at="tenant", call=GROUP_SETTINGS, permissions=permissions(GROUP_SETTINGS))
def directory_settings(client: Graph) -> Iterator[Body]:
    return client.pages(GROUP_SETTINGS, lambda graph: graph.group_settings)


@check(
    "entra_weak_methods_disabled",
    title="SMS, voice and e-mail OTP are disabled",
    severity="medium",
    fix="Disable SMS, voice call and e-mail codes in the policy of authentication methods, and complete its migration",
)
def weak_methods_disabled(policy: MethodsPolicy) -> Verdict:
    states = {method.id.lower(): method for method in policy.authentication_method_configurations}
    allowed = [name for name in ("Sms", "Voice") if name.lower() in states and states[name.lower()].state == "enabled"]
    mail = states.get("email")
    if mail is not None and mail.state == "enabled":
        allowed.append("Email")
    if allowed:
        return failed(f"these methods are allowed: {', '.join(allowed)}")
    missing = [name for name in ("Sms", "Voice", "Email") if name.lower() not in states]
    if missing:
        return unknown(f"the policy of methods does not have {', '.join(missing)}")
    odd = [method.id for method in states.values() if method.state not in {"enabled", "disabled"}]
    if odd:
        return unknown(f"whether these methods are allowed is not said: {', '.join(odd)}")
    if policy.policy_migration_state in {"preMigration", "migrationInProgress"}:
        return unknown(
            "SMS, voice and e-mail are disabled in the policy of methods; the older policies beside it still count, "
            "and are not read before the migration is complete"
        )
    return passed("SMS, voice and e-mail codes are disabled")


@check(
    "entra_banned_password_list_enforced",
    title="Password protection uses a custom banned list and lockout",
    severity="medium",
    fix="Enforce a custom list of banned passwords, and lock accounts out after a few attempts for a minute or more",
)
def banned_passwords(
    settings: All[DirectorySetting], *, most_attempts: int = 10, shortest_lockout_seconds: int = 60
) -> Verdict:
    found = [setting for setting in settings if setting.template_id == _PASSWORD_RULES]
    if not found:
        # Microsoft's defaults: no list of the company's own, lockout after 10 attempts for 60 seconds.
        return failed("the settings of password protection were never changed, and have no list of banned passwords")
    values = {value.name: value.value or "" for value in found[0].values}
    wrong = []
    if values.get("EnableBannedPasswordCheck", "").lower() != "true":
        wrong.append("the company's own list of banned passwords is not enforced")
    elif not values.get("BannedPasswordList"):
        wrong.append("the company's own list of banned passwords is empty")
    attempts, seconds = values.get("LockoutThreshold", ""), values.get("LockoutDurationInSeconds", "")
    if attempts.isdecimal() and int(attempts) > most_attempts:
        wrong.append(f"accounts are locked out after {attempts} attempts; {most_attempts} are allowed")
    if seconds.isdecimal() and int(seconds) < shortest_lockout_seconds:
        wrong.append(f"accounts are locked out for {seconds} seconds; {shortest_lockout_seconds} are demanded")
    if wrong:
        return failed("; ".join(wrong))
    if not attempts.isdecimal() or not seconds.isdecimal():
        return unknown("after how many attempts, and for how long, accounts are locked out is not said")
    return passed(f"a list of banned passwords is enforced, and {attempts} attempts lock an account out")
