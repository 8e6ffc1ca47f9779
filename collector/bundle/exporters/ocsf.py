"""OCSF events of the class Compliance Finding (2003), a line each: what every check said of every subject at the end.

What is unknown is a warning, never a pass; a deviation that somebody has accepted is a fail all the same.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import orjson

from collector import __version__
from collector.bundle.exporters.oscal_silence import Silence, SilenceCounter, missing_permission
from collector.bundle.exporters.oscal_words import Ids, Json
from collector.bundle.shown_names import ShownNames, place
from collector.core.checks import Status
from collector.core.findings import WHOLE
from collector.report.state.known import WORDS

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
_SEVERITY = {"low": (2, "Low"), "medium": (3, "Medium"), "high": (4, "High"), "critical": (5, "Critical")}
_BATCH = 500


def write_ocsf(dossier: BundleContents, bag: Bag) -> None:
    """Write data/ocsf/compliance-finding.jsonl."""
    waiting: list[bytes] = []
    with bag.file(PATH) as out:
        for event in _Events(dossier).all():
            waiting.append(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))
            if len(waiting) == _BATCH:
                out.write(b"".join(waiting))
                waiting.clear()
        out.write(b"".join(waiting))


class _Events:
    def __init__(self, dossier: BundleContents) -> None:
        self._dossier = dossier
        self._words = ShownNames(dossier)
        self._ids = Ids(dossier, is_plain=self._words.is_plain)
        self._product = {"name": "annexd", "vendor_name": "annexd", "version": __version__}
        self._about: defaultdict[str, list[str]] = defaultdict(list)
        for control in dossier.controls:
            for link in control.checks:
                said = f"{control.framework}/{control.id} {link.strength}"
                if said not in self._about[link.check]:
                    self._about[link.check].append(said)

    def all(self) -> Iterator[Json]:
        """Yield an event for each finding, then one for each check of which no finding says that it is unknown."""
        counted = SilenceCounter()
        for one, covered in self._dossier.findings():
            counted.take(one.check, one.status)
            yield self._event(one, covered)
        for silence in counted.silences(self._dossier):
            yield self._silent(silence)

    def _event(self, one: FindingView, covered: Acceptance | None) -> Json:
        words, status = self._words, Status(one.status)
        kind = words.kind_of(one.check)
        name, reason = words.finding(one)
        is_new = one.since >= self._dossier.terms.period.start
        made = self._base(one.check, one.title, one.severity, status, reason, one.seen_at)
        made |= _activity(_CREATE if is_new else _UPDATE)
        made["finding_info"] |= {
            "uid": self._ids.of("finding", one.check, one.source, one.scope, one.subject),
            "created_time": _millis(one.since),
            "first_seen_time": _millis(one.observed_at),
            "last_seen_time": _millis(one.seen_at),
            "data_sources": [one.source],
        }
        made["resources"] = [
            {
                "uid": self._ids.of("item", one.source, kind, one.scope, one.subject),
                "name": "(the scope itself)" if one.subject == WHOLE else name,
                "type": kind or "scope",
                "namespace": f"{one.source}:{place(one.scope)}",
            }
        ]
        if one.evidence:
            made["evidences"] = [{"name": digest} for digest in one.evidence]
        if one.fix:
            made["remediation"] = {"desc": one.fix}
        if covered is not None:
            made["status_detail"] = f"accepted by exception {covered.id} until {covered.expires}; it still fails"
            made["unmapped"]["exception"] = covered.id
        if one.limits:
            made["unmapped"]["limits"] = one.limits
        return made

    def _silent(self, one: Silence) -> Json:
        reasons = self._words.reasons(one.reasons)
        made = self._base(one.check, one.title, one.severity, Status.UNKNOWN, reasons, self._dossier.at)
        made["finding_info"]["uid"] = self._ids.of("silence", one.check)
        return made | _activity(_CREATE)

    def _base(self, check: str, title: str, severity: str, status: Status, reason: str, at: datetime) -> Json:
        number, word = _STATUS.get(status, (_OTHER, "Nothing to check"))
        weight, weight_name = _SEVERITY.get(severity, (0, "Unknown"))
        if status in {Status.PASS, Status.NOT_APPLICABLE}:
            weight, weight_name = _INFORMATIONAL, "Informational"
        is_open = status in {Status.FAIL, Status.UNKNOWN}
        unmapped: Json = {"verdict": status.value, "speaks_about": self._about.get(check, [])}
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
            "status": "New" if is_open else WORDS[status],
            "status_detail": reason or title,
            "message": reason or title,
            "metadata": {"version": VERSION, "product": self._product},
            "finding_info": {"title": title or check},
            # The control is a check of ours: no verdict here is one on a control of a standard.
            "compliance": {"control": check, "standards": ["annexd checks"], "status_id": number, "status": word},
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
