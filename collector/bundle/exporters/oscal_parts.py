"""The parts of an OSCAL document that are not one a finding: objectives, controls, components, risks, files."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from collector import __version__
from collector.bundle.exporters.oscal_words import Ids, Json, markup, plain, prop, token
from collector.core.assess import ControlStatus
from collector.core.spans import show_time
from collector.report.company.exception_views import exceptions_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.bundle.shown_names import ShownNames
    from collector.report.company.exception_views import ExceptionView

_EXHIBITS = ("data/evidence/", "data/facts/", "data/inventory/", "data/payloads/", "data/attachments/")
_NO_PLAN = "There is no assessment plan in OSCAL: what was planned and what was missed stands in the table of checks."
_COVERAGE = "Controls that are not established at the end of the period, and permissions that were missing."


def metadata(dossier: BundleContents) -> Json:
    """Return the head of the document."""
    period = dossier.terms.period
    return {
        "title": markup(f"Evidence of {period.first} to {period.last}"),
        "last-modified": stamp(dossier),
        "version": plain(str(dossier.head.size)),
        "oscal-version": "1.2.1",
        "props": [
            prop("origin", dossier.head.origin),
            prop("size", str(dossier.head.size)),
            prop("root", dossier.head.root),
            prop("exported-by", dossier.terms.by),
        ],
        "remarks": "No conclusion on conformity is drawn. Not established is neither good nor bad.",
    }


def stamp(dossier: BundleContents) -> str:
    """Return the moment of which the document speaks."""
    return show_time(dossier.at)


def objectives(dossier: BundleContents, checks: Iterable[str]) -> Iterator[Json]:
    """Yield each check as an objective of our own, with the controls that it speaks about."""
    about: defaultdict[str, list[Json]] = defaultdict(list)
    for control in dossier.controls:
        for link in control.checks:
            named = f"{control.framework}/{control.id}"
            made = prop("speaks-about", named, of_class=link.strength, remarks=link.because)
            if made not in about[link.check]:
                about[link.check].append(made)
    for check in sorted(checks):
        known = dossier.reading.check(check)
        title = "not part of this installation" if known is None else known.title
        part = {"id": token(check), "name": "assessment-objective", "prose": markup(title)}
        yield {
            "control-id": token(check),
            "description": markup(title),
            "props": [prop("severity", "unknown" if known is None else known.severity), *about[check]],
            "parts": [part],
        }


def reviewed_controls(dossier: BundleContents, checks: Iterable[str]) -> Json:
    """Return what was reviewed: our checks; the controls that they speak about are properties, never targets."""
    names = [token(check) for check in sorted(checks)] or ["none"]
    states = [
        prop(
            "control-state",
            f"{control.framework}/{control.id}",
            of_class=control.status,
            remarks=". ".join(one for one in (control.role or "", control.label, control.counts_text) if one),
        )
        for control in dossier.controls
    ]
    return {
        "description": "The checks of annexd. The states of controls are properties: whether one conforms is not said.",
        **({"props": states} if states else {}),
        "control-selections": [{"include-controls": [{"control-id": name} for name in names]}],
        "control-objective-selections": [{"include-objectives": [{"objective-id": name} for name in names]}],
    }


def components(dossier: BundleContents, ids: Ids, sources: Iterable[str]) -> Iterator[Json]:
    """Yield the tool, and each source as the service that it asked."""
    yield {
        "uuid": ids.of("tool"),
        "type": "software",
        "title": "annexd",
        "description": "The agent that collected the evidence and judged it.",
        "props": [prop("version", __version__)],
        "status": {"state": "operational"},
    }
    for source in sorted(sources):
        config = dossier.app.config.sources.get(source)
        connector = "not configured any more" if config is None else config.connector
        yield {
            "uuid": ids.of("source", source),
            "type": "service",
            "title": markup(source),
            "description": "A source of evidence.",
            "props": [prop("connector", connector)],
            "status": {"state": "operational"},
        }


def risks(dossier: BundleContents, ids: Ids, words: ShownNames, covered: Mapping[str, list[str]]) -> Iterator[Json]:
    """Yield the exceptions; only what counts at the end is an approved deviation."""
    for one in exceptions_view(dossier.assessment).exceptions:
        if dossier.checks is None or one.check in dossier.checks:
            yield _risk(one, ids, words, covered.get(one.id, []))


def _risk(one: ExceptionView, ids: Ids, words: ShownNames, covered: list[str]) -> Json:
    counts = one.state == "in force"
    made: Json = {
        "uuid": ids.of("exception", one.id),
        "title": markup(f"Exception {one.id}"),
        "description": markup(words.text(one.reason)),
        "statement": markup(f"{one.matches} failing subjects are spoken of, {one.covers} are covered; all still fail."),
        "props": [
            prop("exception", one.id),
            prop("state", one.state),
            prop("kind", one.kind),
            prop("check", one.check),
            prop("owner", words.name(one.owner)),
            prop("approver", words.name(one.approver)),
            prop("approval", one.approval_ref, remarks="Approval stated, not verified."),
            prop("approved-on", str(one.approved_on)),
            prop("renewals", str(one.renewals)),
        ],
        "status": "deviation-approved" if counts else "open",
        "origins": [{"actors": [{"type": "tool", "actor-uuid": ids.of("tool")}]}],
        "deadline": f"{one.expires}T23:59:59Z",
    }
    if counts and one.kind == "compensating_control":
        made["mitigating-factors"] = [
            {"uuid": ids.of("mitigation", one.id), "description": markup(words.text(one.reason))}
        ]
    if covered:
        made["related-observations"] = [{"observation-uuid": each} for each in covered]
    return made


def resources(dossier: BundleContents, ids: Ids, words: ShownNames, bag: Bag) -> Iterator[Json]:
    """Yield what the document points at: the coverage, and every file of evidence that the bundle has."""
    yield {"uuid": ids.of("plan"), "title": "Plan", "description": _NO_PLAN, **_links(bag, "data/csv/checks.csv")}
    missing = [
        prop(
            "not-established",
            f"{control.framework}/{control.id}",
            of_class=control.role or "",
            remarks=words.reasons(control.reasons),
        )
        for control in dossier.controls
        if control.status == ControlStatus.UNKNOWN.value
    ]
    missing += [prop("missing-permission", gap.needs, remarks=gap.why) for gap in dossier.assessment.gaps if gap.needs]
    yield {
        "uuid": ids.of("coverage"),
        "title": "Coverage",
        "description": _COVERAGE,
        **({"props": missing} if missing else {}),
        **_links(bag, "data/csv/controls.csv", "data/csv/gaps.csv"),
    }
    for path in bag.entries:
        if path.startswith(_EXHIBITS):
            yield {"uuid": ids.of("file", path), **_links(bag, path)}


def _links(bag: Bag, *paths: str) -> Json:
    made = [
        {
            # From data/oscal/, where the document stands.
            "href": "../" + path.removeprefix("data/"),
            "hashes": [{"algorithm": "SHA-256", "value": bag.entries[path].digest}],
        }
        for path in paths
        if path in bag.entries
    ]
    return {"rlinks": made} if made else {}
