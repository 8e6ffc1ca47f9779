"""The checks that annexd can run, with their limits, mapped controls and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from collector.core.errors import UsageError
from collector.engine.rule import show_limit
from collector.report.findings.finding_filter import linked_checks, service_of_check
from collector.report.findings.method_statement import MethodStatement, condition_of, method_statement
from collector.report.state.call_permissions import needs_of
from collector.setup.company_limits import defaults_in_force
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from collector.core.checks import Check
    from collector.core.controls import Framework
    from collector.setup.app import App


class LinkView(Struct, frozen=True, kw_only=True):
    """A control that a check is mapped to."""

    framework: str
    control: str
    title: str
    strength: str
    because: str


class LimitView(Struct, frozen=True, kw_only=True):
    """A limit: its default, and the value in force. `company_rule`: the company has stated it, or its policy."""

    name: str
    default: str
    in_force: str
    company_rule: bool


class CheckView(Struct, frozen=True, kw_only=True):
    """A check with its declaration. `configured`: there is a source of its platform.

    `method` is how it is carried out; null in lists.
    """

    id: str
    title: str
    condition: str
    severity: str
    connector: str
    service: str
    enabled: bool
    configured: bool
    reason: str | None
    kinds: tuple[str, ...]
    limits: list[LimitView]
    permissions: tuple[str, ...]
    controls: list[LinkView]
    fix: str
    method: MethodStatement | None = None


class ChecksView(Struct, frozen=True, kw_only=True, tag="annexd.checks/1", tag_field="schema"):
    """What `annexd checks --json` and `annexd checks show --json` print, without `not_installed` connectors."""

    checks: list[CheckView]
    not_installed: tuple[str, ...]


def checks_view(
    app: App,
    *,
    connectors: Collection[str] = (),
    services: Collection[str] = (),
    severities: Collection[str] = (),
    controls: Collection[str] = (),
) -> ChecksView:
    """Return the checks that are known here; each choice that is made leaves fewer of them."""
    frameworks = app.frameworks()
    linked = linked_checks(frameworks, controls) if controls else None
    found = [
        _check(app, check, frameworks) for id_, check in sorted(app.checks.items()) if linked is None or id_ in linked
    ]
    return ChecksView(
        checks=[
            view
            for view in found
            if (not connectors or view.connector in connectors)
            and (not services or view.service in services)
            and (not severities or view.severity in severities)
        ],
        not_installed=tuple(sorted(app.missing)),
    )


def check_view(app: App, id_: str) -> ChecksView:
    """Return one check. Raises UsageError where there is none of that id."""
    if id_ not in app.checks:
        raise UsageError(f"there is no check {id_!r}", mend=would_do(id_, app.checks, "the checks are"))
    check, frameworks = app.checks[id_], app.frameworks()
    view = replace(_check(app, check, frameworks), method=method_statement(app, check, frameworks))
    return ChecksView(checks=[view], not_installed=())


def _check(app: App, check: Check[...], frameworks: tuple[Framework, ...]) -> CheckView:
    connector = app.connector_of(check.id)
    settings = app.config.checks.get(check.id)
    values = check.limit_values({} if settings is None else settings.limits)
    defaults = defaults_in_force(app.config, check)
    return CheckView(
        id=check.id,
        title=check.title,
        condition=condition_of(check),
        severity=check.severity,
        connector=connector,
        service=service_of_check(check),
        enabled=settings is None or settings.enabled,
        configured=any(source.connector == connector for source in app.config.sources.values()),
        reason=None if settings is None else settings.reason,
        kinds=tuple(dict.fromkeys(need.kind.name for need in check.needs)),
        limits=[
            LimitView(
                name=limit.name,
                default=show_limit(limit.default),
                in_force=show_limit(values[limit.name]),
                company_rule=limit.name not in defaults,
            )
            for limit in check.limits
        ],
        permissions=tuple(
            dict.fromkeys(
                permission
                for need in needs_of(app.loaded[connector].connector, [check])
                if not need.common
                for permission in need.permissions
            )
        ),
        controls=list(_links(check.id, frameworks)),
        fix=check.fix,
    )


def _links(check: str, frameworks: tuple[Framework, ...]) -> Iterator[LinkView]:
    for framework in frameworks:
        for control in framework.controls:
            if (link := control.checks.get(check)) is not None:
                yield LinkView(
                    framework=framework.id,
                    control=control.id,
                    title=control.title,
                    strength=link.strength.value,
                    because=link.because,
                )
