"""OCSF events of the class Compliance Finding (2003), one a line: the verdict of each check on each resource.

An unknown verdict is a warning, never a pass; an accepted deviation is still a fail. `standards` and `requirements`
name the framework versions and controls that a check is mapped to; the status is that of the check, of none of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
from msgspec import Struct

from collector import __version__
from collector.bundle.exporters.oscal_silence import Silence, SilenceCounter, missing_permission
from collector.bundle.exporters.oscal_words import Ids, Json
from collector.bundle.shown_names import ShownNames, place
from collector.core.checks import Status
from collector.core.controls import Strength
from collector.report.controls.status_view import show_edition

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.core.isms.exceptions import Acceptance
    from collector.report.findings.finding_views import FindingView

PATH = "data/ocsf/compliance-finding.jsonl"

VERSION = "1.5.0"
"""The version of the schema that the events are written against."""

_CLASS = 2003
_CREATE, _UPDATE = 1, 2
_NEW, _OTHER = 1, 99
_INFORMATIONAL = 1

_STATUS = {Status.PASS: (1, "Pass"), Status.UNKNOWN: (2, "Warning"), Status.FAIL: (3, "Fail")}
_CLOSED = {Status.PASS: "pass", Status.NOT_APPLICABLE: "no resources"}
_SEVERITY = {"low": (2, "Low"), "medium": (3, "Medium"), "high": (4, "High"), "critical": (5, "Critical")}
_OURS = "annexd checks"
"""The standard of a check that no control in the bundle is mapped to."""

_BATCH = 500


def write_ocsf(contents: BundleContents, bag: Bag) -> None:
    """Write data/ocsf/compliance-finding.jsonl."""
    waiting: list[bytes] = []
    with bag.file(PATH) as out:
        for event in _Events(contents).all():
            waiting.append(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))
            if len(waiting) == _BATCH:
                out.write(b"".join(waiting))
                waiting.clear()
        out.write(b"".join(waiting))


class Mapped(Struct, frozen=True):
    """What a check is mapped to, in the shape of the schema.

    `standards` are framework versions, `requirements` the controls in them on which a verdict has weight. `strengths`
    are all links with their strength, for which the schema has no place.
    """

    standards: dict[str, None]
    requirements: dict[str, None]
    strengths: dict[str, None]


_NOT_MAPPED = Mapped({}, {}, {})


def _mapped(contents: BundleContents) -> dict[str, Mapped]:
    made: dict[str, Mapped] = {}
    for framework in contents.frameworks:
        edition = show_edition(framework.name, framework.edition)
        for control in framework.controls:
            role = f" (as {control.role})" if control.role else ""
            for link in control.checks:
                mapped = made.setdefault(link.check, Mapped({}, {}, {}))
                mapped.strengths.setdefault(f"{control.framework}/{control.id} {link.strength}")
                if link.strength != Strength.CONTEXTUAL.value:
                    mapped.standards.setdefault(edition)
                    mapped.requirements.setdefault(f"{edition} {control.id} - {control.title}{role}")
    return made


class _Events:
    def __init__(self, contents: BundleContents) -> None:
        self._contents = contents
        self._names = ShownNames(contents)
        self._ids = Ids(contents, is_plain=self._names.is_plain)
        self._product = {"name": "annexd", "vendor_name": "annexd", "version": __version__}
        self._mapped = _mapped(contents)

    def all(self) -> Iterator[Json]:
        """Yield an event for each finding, then one for each check of which no finding says that it is unknown."""
        counted = SilenceCounter()
        for finding, covered in self._contents.findings_by_resource():
            counted.take(finding)
            yield self._event(finding, covered)
        for silence in counted.silences(self._contents):
            yield self._silent(silence)

    def _event(self, finding: FindingView, covered: Acceptance | None) -> Json:
        names, status = self._names, Status(finding.status)
        kind = names.kind_of(finding.check)
        name, reason = names.finding(finding)
        is_new = finding.since >= self._contents.terms.period.start
        made = self._base(finding.check, finding.title, finding.severity, status, reason, finding.seen_at)
        made |= _activity(_CREATE if is_new else _UPDATE)
        made["finding_info"] |= {
            "uid": self._ids.of("finding", finding.check, finding.source, finding.scope, finding.subject),
            "created_time": _millis(finding.since),
            "first_seen_time": _millis(finding.observed_at),
            "last_seen_time": _millis(finding.seen_at),
            "data_sources": [finding.source],
        }
        made["resources"] = [
            {
                "uid": self._ids.of("item", finding.source, kind, finding.scope, finding.subject),
                "name": names.resource(finding.source, finding.scope, name),
                "type": kind or "scope",
                "namespace": f"{finding.source}:{place(finding.scope)}",
            }
        ]
        if finding.evidence:
            made["evidences"] = [{"name": digest} for digest in finding.evidence]
        if finding.fix:
            made["remediation"] = {"desc": finding.fix}
        if covered is not None:
            made["status_detail"] = f"accepted by exception {covered.id} until {covered.expires}; it still fails"
            made["unmapped"]["exception"] = covered.id
        if finding.limits:
            made["compliance"]["control_parameters"] = [
                {"name": name, "value": value} for name, value in finding.limits.items()
            ]
        if finding.elsewhere:
            made["unmapped"]["in_scope"] = False
        return made

    def _silent(self, silence: Silence) -> Json:
        reasons = self._names.reasons(silence.reasons)
        made = self._base(silence.check, silence.title, silence.severity, Status.UNKNOWN, reasons, self._contents.at)
        made["finding_info"]["uid"] = self._ids.of("silence", silence.check)
        return made | _activity(_CREATE)

    def _base(self, check: str, title: str, severity: str, status: Status, reason: str, at: datetime) -> Json:
        number, word = _STATUS.get(status, (_OTHER, "No resources"))
        weight, weight_name = _SEVERITY.get(severity, (0, "Unknown"))
        if status in {Status.PASS, Status.NOT_APPLICABLE}:
            weight, weight_name = _INFORMATIONAL, "Informational"
        is_open = status in {Status.FAIL, Status.UNKNOWN}
        mapped = self._mapped.get(check, _NOT_MAPPED)
        unmapped: Json = {"speaks_about": list(mapped.strengths)} if mapped.strengths else {}
        needs = missing_permission(reason) if status is Status.UNKNOWN else ""
        if needs:
            unmapped["missing_permission"] = needs
        return {
            "category_uid": 2,
            "category_name": "Findings",
            "class_uid": _CLASS,
            "class_name": "Compliance Finding",
            "time": _millis(at),
            "severity_id": weight,
            "severity": weight_name,
            "status_id": _NEW if is_open else _OTHER,
            "status": "New" if is_open else _CLOSED[status],
            "status_detail": reason or title,
            "message": reason or title,
            "metadata": {"version": VERSION, "product": self._product},
            "finding_info": {"title": title or check},
            "compliance": {
                # What is evaluated is a check of ours: no status here is one of a control of a standard.
                "control": check,
                "checks": [{"uid": check, "name": title or check, "status_id": number, "status": word}],
                "standards": list(mapped.standards) or [_OURS],
                **({"requirements": list(mapped.requirements)} if mapped.requirements else {}),
                "status_id": number,
                "status": word,
                "status_code": status.value,
            },
            "unmapped": unmapped,
        }


def _activity(number: int) -> Json:
    name = {_CREATE: "Create", _UPDATE: "Update"}[number]
    return {
        "activity_id": number,
        "activity_name": name,
        "type_uid": _CLASS * 100 + number,
        "type_name": f"Compliance Finding: {name}",
    }


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
