"""`[alerts]`: what is told, to whom, and when."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta, Struct, field

from collector.core.alerts import AlertKind
from collector.core.checks import Severity
from collector.core.controls import NonEmptyStr
from collector.core.secrets import Secret
from collector.setup.cron import Cron
from collector.setup.secret_refs import secret
from collector.setup.toml_file import keys_of, would_do

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.setup.toml_file import TomlFile

Address = Annotated[str, Meta(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")]
Url = Annotated[str, Meta(pattern=r"^https?://\S+$")]


class MailTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="mail", tag_field="type"):
    """Mail by a server that takes it. TLS is required, but for a server on this machine."""

    host: NonEmptyStr
    to: Annotated[tuple[Address, ...], Meta(min_length=1)]
    sender: Address = field(name="from")
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: NonEmptyStr | None = None
    password: Secret | None = None


class SlackTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="slack", tag_field="type"):
    """An incoming webhook of Slack, or of anything that takes its format."""

    url: Secret


class TeamsTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="teams", tag_field="type"):
    """A workflow of Microsoft Teams that begins when a webhook request is received."""

    url: Secret


class PagerDutyTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="pagerduty", tag_field="type"):
    """A service of PagerDuty, by the Events API v2."""

    routing_key: Secret
    url: Url = "https://events.pagerduty.com/v2/enqueue"


class WebhookTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="webhook", tag_field="type"):
    """An address of one's own, with CloudEvents that are signed as Standard Webhooks has it.

    `private`: the address may be in a network of one's own.
    """

    url: Secret
    secret: Secret
    private: bool = False


class AppriseTarget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="apprise", tag_field="type"):
    """A service that Apprise knows. Its address is a secret as a whole: most of them hold a token or a password."""

    url: Secret


Target = MailTarget | SlackTarget | TeamsTarget | PagerDutyTarget | WebhookTarget | AppriseTarget

TARGETS: dict[str, type[Target]] = {
    "mail": MailTarget,
    "slack": SlackTarget,
    "teams": TeamsTarget,
    "pagerduty": PagerDutyTarget,
    "webhook": WebhookTarget,
    "apprise": AppriseTarget,
}
"""The kinds of targets."""


class Route(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[[alerts.routes]]`: which alerts go to which targets. An empty list restricts nothing.

    `digest` is a cron expression: what was raised before is sent together then. In `quiet` hours only critical alerts
    are sent, and the others after them.
    """

    to: Annotated[tuple[NonEmptyStr, ...], Meta(min_length=1)]
    severity: Severity = "low"
    kinds: tuple[AlertKind, ...] = ()
    owners: tuple[NonEmptyStr, ...] = ()
    frameworks: tuple[NonEmptyStr, ...] = ()
    sources: tuple[NonEmptyStr, ...] = ()
    over: bool = True
    digest: NonEmptyStr | None = None
    quiet: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")] | None = None
    time_zone: NonEmptyStr = "UTC"

    @property
    def digests(self) -> Cron | None:
        """When what was raised is sent together; None where it is sent at once."""
        return None if self.digest is None else Cron(self.digest, self.time_zone)

    @property
    def quiet_hours(self) -> tuple[time, time] | None:
        """The beginning and the end of quiet hours in the time zone."""
        if self.quiet is None:
            return None
        begin, _, end = self.quiet.partition("-")
        return time.fromisoformat(begin), time.fromisoformat(end)


class AlertsConfig(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[alerts]`. `findings` is the severity from which on each fail is told; None where it is "off".

    `link` is what the address of a page begins with. `due` is how long mending may take, by severity.
    """

    findings: Severity | None = "high"
    link: Annotated[str, Meta(pattern=r"^https?://\S+$")] | None = None
    due: dict[Severity, timedelta] = {}
    targets: dict[str, Target] = {}
    routes: tuple[Route, ...] = ()


def read_alerts(file: TomlFile, span: Callable[[tuple[str, ...], object], timedelta]) -> AlertsConfig:
    """Return `[alerts]` of a configuration. Raises ConfigError with the place of what is wrong."""
    raw = file.data.get("alerts", {})
    at = ("alerts",)
    if not isinstance(raw, dict):
        raise file.error(at, "this is not a table", mend="write [alerts] above its keys")
    own = {key: value for key, value in raw.items() if key not in {"targets", "due", "routes"}}
    if own.get("findings") == "off":
        own["findings"] = None
    due = _tables(file, raw, "due")
    own["due"] = {name: span((*at, "due", name), value) for name, value in due.items()}
    config = file.convert(own, AlertsConfig, at)
    targets = {name: _target(file, name, table) for name, table in _tables(file, raw, "targets").items()}
    routes = tuple(
        _checked(file, file.convert(route, Route, (*at, "routes")), targets) for route in raw.get("routes", ())
    )
    return AlertsConfig(
        findings=config.findings,
        link=config.link,
        due=config.due,
        targets=targets,
        # Without routes every target gets everything.
        routes=routes or ((Route(to=tuple(targets)),) if targets else ()),
    )


def _tables(file: TomlFile, raw: dict[str, Any], name: str) -> dict[str, Any]:
    found = raw.get(name, {})
    if not isinstance(found, dict):
        raise file.error(("alerts", name), "this is not a table", mend=f"write [alerts.{name}.NAME] above its keys")
    return found


def _target(file: TomlFile, name: str, raw: object) -> Target:
    at = ("alerts", "targets", name)
    if not isinstance(raw, dict) or raw.get("type") not in TARGETS:
        named = raw.get("type", "") if isinstance(raw, dict) else ""
        raise file.error(at, "no type of target is named", mend=would_do(str(named), TARGETS, "the types are"))
    into = TARGETS[raw["type"]]
    for key in raw:
        if key not in {*keys_of(into), "type"}:
            raise file.unknown_key((*at, key), (*keys_of(into), "type"))
    target: Target = file.convert(raw, into, at, lambda of, value: _hook(of, value, file.path.resolve().parent))
    if isinstance(target, MailTarget) and (target.user is None) != (target.password is None):
        raise file.error((*at, "user"), "user and password come together", mend="write both, or neither")
    return target


def _hook(of: type, value: object, folder: Path) -> object:
    if of is Secret:
        return secret(value, folder)
    message = f"expected {of.__name__}"
    raise ValueError(message)


def _checked(file: TomlFile, route: Route, targets: dict[str, Target]) -> Route:
    at = ("alerts", "routes")
    for name in route.to:
        if name not in targets:
            raise file.error(
                (*at, "to"), f"there is no target {name!r}", mend=would_do(name, targets, "the targets are")
            )
    try:
        Cron(route.digest or "* * * * *", route.time_zone)
    except ValueError as error:
        raise file.error(
            at, f"{error}", mend='such as digest = "0 8 * * mon-fri" and time_zone = "Europe/Zurich"'
        ) from error
    return route
