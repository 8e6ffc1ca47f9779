"""The other parts of an OSCAL document: objectives, controls, components, risks and files."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from collector import __version__
from collector.bundle.exporters.oscal_words import Ids, Json, markup, plain, prop, token
from collector.core.assess import ControlStatus
from collector.core.plain_text import plural
from collector.core.spans import show_time
from collector.report.company.exception_views import exceptions_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.bundle.shown_names import ShownNames
    from collector.report.company.exception_views import ExceptionView

_NO_PLAN = "There is no assessment plan in OSCAL: the table of checks says what was planned and what was missed."
_COVERAGE = "Controls that are not established at the end of the period, and permissions that are missing."


def metadata(contents: BundleContents) -> Json:
    """Return the head of the document."""
    period = contents.terms.period
    return {
        "title": markup(f"Evidence of {period.first} to {period.last}"),
        "last-modified": stamp(contents),
        "version": plain(str(contents.head.size)),
        "oscal-version": "1.2.1",
        "props": [
            prop("origin", contents.head.origin),
            prop("size", str(contents.head.size)),
            prop("root", contents.head.root),
            prop("exported-by", contents.terms.by),
        ],
        "remarks": "No conclusion on conformity is drawn. Not established is neither good nor bad.",
    }


def stamp(contents: BundleContents) -> str:
    """Return the moment that the document describes."""
    return show_time(contents.at)


def objectives(contents: BundleContents, checks: Iterable[str]) -> Iterator[Json]:
    """Yield each check as an objective of annexd, with the controls that it is mapped to."""
    about: defaultdict[str, list[Json]] = defaultdict(list)
    for control in contents.controls:
        for link in control.checks:
            named = f"{control.framework}/{control.id}"
            made = prop("speaks-about", named, of_class=link.strength, remarks=link.because)
            if made not in about[link.check]:
                about[link.check].append(made)
    for check in sorted(checks):
        known = contents.reading.check(check)
        title = "not part of this installation" if known is None else known.title
        part = {"id": token(check), "name": "assessment-objective", "prose": markup(title)}
        yield {
            "control-id": token(check),
            "description": markup(title),
            "props": [prop("severity", "unknown" if known is None else known.severity), *about[check]],
            "parts": [part],
        }


def reviewed_controls(contents: BundleContents, checks: Iterable[str]) -> Json:
    """Return what was reviewed: the checks of annexd; the mapped controls are properties, never targets."""
    names = [token(check) for check in sorted(checks)] or ["none"]
    states = [
        prop(
            "control-state",
            f"{control.framework}/{control.id}",
            of_class=control.status,
            remarks=". ".join(text for text in (control.role or "", control.label, control.counts_text) if text),
        )
        for control in contents.controls
    ]
    return {
        "description": "The checks of annexd. The states of controls are properties: whether one conforms is not said.",
        **({"props": states} if states else {}),
        "control-selections": [{"include-controls": [{"control-id": name} for name in names]}],
        "control-objective-selections": [{"include-objectives": [{"objective-id": name} for name in names]}],
    }


def components(contents: BundleContents, ids: Ids, sources: Iterable[str]) -> Iterator[Json]:
    """Yield annexd as a tool, and each source as a service."""
    yield {
        "uuid": ids.of("tool"),
        "type": "software",
        "title": "annexd",
        "description": "The agent that collected the evidence and judged it.",
        "props": [prop("version", __version__)],
        "status": {"state": "operational"},
    }
    for source in sorted(sources):
        config = contents.app.config.sources.get(source)
        connector = "not configured any more" if config is None else config.connector
        yield {
            "uuid": ids.of("source", source),
            "type": "service",
            "title": markup(source),
            "description": "A source of evidence.",
            "props": [prop("connector", connector)],
            "status": {"state": "operational"},
        }


def risks(contents: BundleContents, ids: Ids, names: ShownNames, covered: Mapping[str, list[str]]) -> Iterator[Json]:
    """Yield the exceptions; only those in force at the end are approved deviations."""
    for exception in exceptions_view(contents.assessment).exceptions:
        if contents.checks is None or exception.check in contents.checks:
            yield _risk(exception, ids, names, covered.get(exception.id, []))


def _risk(exception: ExceptionView, ids: Ids, names: ShownNames, covered: list[str]) -> Json:
    counts = exception.state == "in force"
    made: Json = {
        "uuid": ids.of("exception", exception.id),
        "title": markup(f"Exception {exception.id}"),
        "description": markup(names.text(exception.reason)),
        "statement": markup(
            f"{plural(exception.matches, 'failing resource')} match, {exception.covers} covered; all still fail."
        ),
        "props": [
            prop("exception", exception.id),
            prop("state", exception.state),
            prop("kind", exception.kind),
            prop("check", exception.check),
            prop("owner", names.name(exception.owner)),
            prop("approver", names.name(exception.approver)),
            prop("approval", exception.approval_ref, remarks="Approval stated, not verified."),
            prop("approved-on", str(exception.approved_on)),
            prop("renewals", str(exception.renewals)),
        ],
        "status": "deviation-approved" if counts else "open",
        "origins": [{"actors": [{"type": "tool", "actor-uuid": ids.of("tool")}]}],
        "deadline": f"{exception.expires}T23:59:59Z",
    }
    if counts and exception.kind == "compensating_control":
        made["mitigating-factors"] = [
            {"uuid": ids.of("mitigation", exception.id), "description": markup(names.text(exception.reason))}
        ]
    if covered:
        made["related-observations"] = [{"observation-uuid": uuid} for uuid in covered]
    return made


def resources(contents: BundleContents, ids: Ids, names: ShownNames, bag: Bag, cited: Iterable[str]) -> Iterator[Json]:
    """Yield the resources that the document refers to: the plan, the coverage, and the cited files of the bundle."""
    yield {"uuid": ids.of("plan"), "title": "Plan", "description": _NO_PLAN, **_links(bag, "data/csv/checks.csv")}
    missing = [
        prop(
            "not-established",
            f"{control.framework}/{control.id}",
            of_class=control.role or "",
            remarks=names.reasons(control.reasons),
        )
        for control in contents.controls
        if control.status == ControlStatus.UNKNOWN.value
    ]
    missing += [
        prop("missing-permission", gap.needs, remarks=gap.why)
        for gap in contents.assessment.collection_failures
        if gap.needs
    ]
    yield {
        "uuid": ids.of("coverage"),
        "title": "Coverage",
        "description": _COVERAGE,
        **({"props": missing} if missing else {}),
        **_links(bag, "data/csv/controls.csv", "data/csv/gaps.csv"),
    }
    for path in cited:
        yield {"uuid": ids.of("file", path), **_links(bag, path)}


def _links(bag: Bag, *paths: str) -> Json:
    made = [
        {
            # Relative to data/oscal/, the folder of the document.
            "href": "../" + path.removeprefix("data/"),
            "hashes": [{"algorithm": "SHA-256", "value": bag.entries[path].digest}],
        }
        for path in paths
        if path in bag.entries
    ]
    return {"rlinks": made} if made else {}
