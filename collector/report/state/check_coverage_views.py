"""Every check of a connector: which verdicts tests have shown of it, and which controls it is linked to."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.setup.check_coverage import VERDICTS, CheckCoverage, load_check_coverage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.setup.app import App


class LinkedControl(Struct, frozen=True, kw_only=True):
    """A control that a check is linked to, and how strongly."""

    framework: str
    control: str
    strength: str


class CheckCoverageView(Struct, frozen=True, kw_only=True):
    """A check. `shown` are the verdicts that tests have seen it give, `never` those that it cannot give, with reasons.

    `unlinked` is the written reason why it has no link, None where it has one or nobody wrote a reason. `missing` names
    what there is neither a test nor a reason for: "pass", "fail", "unknown", "link".
    """

    check: str
    shown: tuple[str, ...]
    never: dict[str, str]
    links: tuple[LinkedControl, ...]
    unlinked: str | None
    missing: tuple[str, ...]


class ConnectorCoverageView(Struct, frozen=True, kw_only=True, tag="annexd.connector_coverage/1", tag_field="schema"):
    """What `annexd connectors coverage NAME --json` prints. `stated`: the connector has a file that says it."""

    connector: str
    frameworks: tuple[str, ...]
    stated: bool
    checks: list[CheckCoverageView]


def connector_coverage_view(app: App, connector: str) -> ConnectorCoverageView:
    """Return the checks of an installed connector, those of the operator included, with the links that are in use.

    Raises ConfigError on a connector that is not installed, and on a file of coverage that cannot be read.
    """
    loaded = app.loaded[connector] if connector in app.loaded else app.connector(connector)
    file = loaded.connector.coverage
    coverage = CheckCoverage() if file is None else load_check_coverage(file)
    links = _links(app)
    return ConnectorCoverageView(
        connector=connector,
        frameworks=tuple(framework.id for framework in app.frameworks()),
        stated=file is not None,
        checks=[_check(check, coverage, links.get(check, ())) for check in loaded.checks],
    )


def _links(app: App) -> Mapping[str, tuple[LinkedControl, ...]]:
    links: defaultdict[str, tuple[LinkedControl, ...]] = defaultdict(tuple)
    for framework in app.frameworks():
        for control in framework.controls:
            for check, link in control.checks.items():
                links[check] += (
                    LinkedControl(framework=framework.id, control=control.id, strength=link.strength.value),
                )
    return links


def _check(check: str, coverage: CheckCoverage, links: tuple[LinkedControl, ...]) -> CheckCoverageView:
    shown = coverage.shown.get(check, ())
    never = coverage.never.get(check, {})
    unlinked = None if links else coverage.unlinked.get(check)
    missing = [verdict for verdict in VERDICTS if verdict not in shown and verdict not in never]
    return CheckCoverageView(
        check=check,
        shown=tuple(verdict for verdict in VERDICTS if verdict in shown),
        never={verdict: never[verdict] for verdict in VERDICTS if verdict in never},
        links=links,
        unlinked=unlinked,
        missing=(*missing, *(() if links or unlinked else ("link",))),
    )
