"""OSCAL assessment-results, written as a stream: an observation for each finding, and a finding for each check.

A finding targets an objective of annexd, never a control of a standard. What is not established is an observation
without a finding.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import orjson

from collector.bundle.exporters import oscal_parts
from collector.bundle.exporters.oscal_silence import Silence, SilenceCounter, checks_of, missing_permission
from collector.bundle.exporters.oscal_words import Ids, Json, markup, often, plain, prop, token
from collector.bundle.shown_names import WITHHELD, ShownNames, asked_kinds, place
from collector.core.checks import Status
from collector.core.findings import WHOLE
from collector.core.spans import show_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import IO

    from collector.bundle.bag import Bag, BagFile
    from collector.bundle.contents import BundleContents
    from collector.core.isms.exceptions import Acceptance
    from collector.core.tally import FindingCounts
    from collector.report.findings.finding_views import FindingView

    Found = tuple[FindingView, Acceptance | None]

PATH = "data/oscal/assessment-results.json"

_RESULTS = {
    Status.PASS.value: "pass",
    Status.FAIL.value: "fail",
    Status.UNKNOWN.value: "not-established",
    Status.NOT_APPLICABLE.value: "nothing-to-check",
}
_CONCLUSIVE = frozenset({Status.PASS.value, Status.FAIL.value})
_BATCH = 500


def write_oscal(contents: BundleContents, bag: Bag) -> None:
    """Write data/oscal/assessment-results.json; evidence and tables that are to be pointed at are in the bag before."""
    with bag.file(PATH) as out, TemporaryFile() as findings:
        _Document(contents, bag, out, findings).write()


class _Document:
    def __init__(self, contents: BundleContents, bag: Bag, out: BagFile, findings: IO[bytes]) -> None:
        self._contents = contents
        self._bag = bag
        self._out = out
        self._names = ShownNames(contents)
        self._ids = Ids(contents, is_plain=self._names.is_plain)
        self._tool = [{"actors": [{"type": "tool", "actor-uuid": self._ids.of("tool")}]}]
        # The document has the findings after all observations; they are kept in a file until then.
        self._findings = findings
        self._lists: dict[str, str] = {
            seen.inventory: f"data/inventory/{seen.list_leaf}.jsonl"
            for seen in contents.store.last_complete(as_of=contents.at)
            if seen.inventory is not None
        }
        self._covered: defaultdict[str, list[str]] = defaultdict(list)
        self._cited: dict[str, None] = {}
        self._sources = set(contents.reading.freshness)
        self._counted = SilenceCounter()

    def write(self) -> None:
        """Write the document."""
        contents, ids, out = self._contents, self._ids, self._out
        period = contents.terms.period
        result = {
            "uuid": ids.of("result", contents.head.export_leaf),
            "title": markup(f"{period.first} to {period.last}"),
            "description": "Verdicts of the checks at the end of the period. Between observations nothing is known.",
            "start": show_time(period.start),
            "end": oscal_parts.stamp(contents),
            "links": list(self._result_links()),
        }
        about = {
            "uuid": ids.of("document", contents.head.export_leaf),
            "metadata": oscal_parts.metadata(contents),
            "import-ap": {"href": "#" + ids.of("plan")},
        }
        out.write(b'{"assessment-results":' + _opened(about) + b'"results":[' + _opened(result))
        self._array("observations", self._observations())
        self._relate()
        self._copy_findings()
        self._array("risks", oscal_parts.risks(contents, ids, self._names, self._covered))
        out.write(b'"local-definitions":{')
        self._array("inventory-items", self._items())
        out.write(b'"components":' + orjson.dumps(list(oscal_parts.components(contents, ids, self._sources))) + b"},")
        checks = checks_of(contents) | self._counted.seen
        out.write(b'"reviewed-controls":' + orjson.dumps(oscal_parts.reviewed_controls(contents, checks)) + b"}],")
        objectives = list(oscal_parts.objectives(contents, checks))
        if objectives:
            out.write(b'"local-definitions":' + orjson.dumps({"objectives-and-methods": objectives}) + b",")
        out.write(b'"back-matter":{')
        resources = oscal_parts.resources(contents, ids, self._names, self._bag, self._cited)
        self._array("resources", resources, end=b"}}}\n")

    def _array(self, name: str, items: Iterable[Json], end: bytes = b",") -> None:
        """Write a member that is a list; an empty one is left out, because OSCAL does not allow it."""
        start, waiting = f'"{name}":['.encode(), list[bytes]()
        for item in items:
            waiting.append(orjson.dumps(item))
            if len(waiting) == _BATCH:
                self._out.write(start + b",".join(waiting))
                start = b","
                waiting.clear()
        if waiting:
            self._out.write(start + b",".join(waiting))
            start = b","
        self._out.write(b"]" + end if start == b"," else b"")

    def _observations(self) -> Iterator[Json]:
        """Yield an observation for each finding, those of a resource together, and one for each check without any."""
        for finding, covered in self._contents.findings_by_resource():
            self._counted.take(finding)
            yield self._observation(self._uuid(finding), finding, covered)
        for silence in self._counted.silences(self._contents):
            yield self._silent(silence)

    def _relate(self) -> None:
        """Write the finding of each check, with its observations, into the temporary file."""
        for check, found in groupby(self._contents.findings(), key=lambda pair: pair[0].check):
            related = _Related(self._findings, self._finding(check))
            accepted: set[str] = set()
            for finding, covered in found:
                if covered is not None:
                    self._covered[covered.id].append(self._uuid(finding))
                    accepted.add(covered.id)
                if finding.status in _CONCLUSIVE and not finding.elsewhere:
                    related.add(self._uuid(finding))
            related.close([{"risk-uuid": self._ids.of("exception", id_)} for id_ in sorted(accepted)])

    def _uuid(self, finding: FindingView) -> str:
        return self._ids.of("finding", finding.check, finding.source, finding.scope, finding.subject)

    def _observation(self, uuid: str, finding: FindingView, covered: Acceptance | None) -> Json:
        names, kind = self._names, self._names.kind_of(finding.check)
        self._sources.add(finding.source)
        name, reason = names.finding(finding)
        props = [
            often("result", _RESULTS[finding.status]),
            often("check", finding.check),
            often("source", finding.source),
            often("scope", place(finding.scope)),
        ]
        if finding.subject != WHOLE:
            props.append(prop("subject", name))
        if finding.elsewhere:
            props.append(often("in-scope", "no"))
        if finding.status == Status.UNKNOWN.value:
            props.append(prop("reason", reason))
            needs = missing_permission(reason)
            if needs:
                props.append(prop("missing-permission", needs))
        if covered is not None:
            props.append(prop("exception", covered.id))
        if finding.limits:
            props += [often("limit", f"{limit}={value}") for limit, value in finding.limits.items()]
        made: Json = {
            "uuid": uuid,
            "description": markup(reason or finding.title),
            "props": props,
            "methods": ["TEST"],
            "types": ["control-objective"],
            "origins": self._tool,
            "subjects": [self._subject(finding, kind)],
            "collected": show_time(finding.seen_at),
        }
        if finding.evidence:
            made["relevant-evidence"] = [self._evidence(digest) for digest in finding.evidence]
        return made

    def _subject(self, finding: FindingView, kind: str) -> Json:
        if finding.subject == WHOLE or not kind:
            return {"subject-uuid": self._ids.of("source", finding.source), "type": "component"}
        return {
            "subject-uuid": self._ids.of("item", finding.source, kind, finding.scope, finding.subject),
            "type": "inventory-item",
        }

    def _evidence(self, digest: str) -> Json:
        name = digest.removeprefix("sha256:")
        path = self._lists.get(digest) or f"data/evidence/{name[:2]}/{name}.json"
        if path in self._bag.entries:
            return {"href": self._cite(path), "description": plain(digest)}
        return {"description": plain(f"{digest}, which is not in this bundle")}

    def _cite(self, path: str) -> str:
        """Return the reference to a file of the bundle, which becomes a resource of the document for it."""
        self._cited.setdefault(path)
        return "#" + self._ids.of("file", path)

    def _result_links(self) -> Iterator[Json]:
        """Yield what the result as a whole refers to: what is not established, and the records that people filed."""
        yield {"href": "#" + self._ids.of("coverage"), "rel": "coverage"}
        for path in self._bag.entries:
            if path.startswith("data/attachments/"):
                yield {"href": self._cite(path), "rel": "record"}

    def _silent(self, silence: Silence) -> Json:
        reasons = self._names.reasons(silence.reasons)
        props = [prop("result", "not-established"), prop("check", silence.check), prop("reason", reasons)]
        needs = missing_permission(reasons)
        if needs:
            props.append(prop("missing-permission", needs))
        return {
            "uuid": self._ids.of("silence", silence.check),
            "description": markup(reasons),
            "props": props,
            "methods": ["TEST"],
            "types": ["control-objective"],
            "origins": self._tool,
            "collected": oscal_parts.stamp(self._contents),
        }

    def _finding(self, check: str) -> Json | None:
        """Return the OSCAL finding of a check; None where it is not established, or there are no resources."""
        tally = self._contents.assessment.evidence.tallies.get(check)
        state = None if tally is None else _state(tally)
        if tally is None or state is None:
            return None
        known = self._contents.reading.check(check)
        title = markup(check if known is None else known.title)
        counts = {
            "passes": tally.passes,
            "fails": tally.fails,
            "accepted": tally.accepted,
            "not-established": tally.unknown,
            "last-seen-failing": tally.lost,
        }
        reason = {"satisfied": "pass", "not-satisfied": "fail"}[state]
        return {
            "uuid": self._ids.of("conclusion", check),
            "title": title,
            "description": markup(", ".join(f"{count} {name.replace('-', ' ')}" for name, count in counts.items())),
            "props": [prop(name, str(count)) for name, count in counts.items()],
            "target": {
                "type": "objective-id",
                "target-id": token(check),
                "status": {"state": state, "reason": reason},
            },
        }

    def _items(self) -> Iterator[Json]:
        """Yield the resources that were present at the end."""
        kinds, names = asked_kinds(self._contents), self._names
        for seen in self._contents.observations():
            task = seen.observation.task
            if kinds is not None and task.collection not in kinds:
                continue
            for resource in self._contents.resources(task):
                hidden = names.hides(task.source, task.collection, task.scope, resource.key)
                evidence = self._evidence(resource.digest)
                links = [{"href": evidence["href"], "rel": "evidence"}] if "href" in evidence else []
                yield {
                    "uuid": self._ids.of("item", task.source, task.collection, task.scope, resource.key),
                    "description": markup(WITHHELD if hidden else names.name(resource.key)),
                    "props": [
                        often("kind", task.collection),
                        often("source", task.source),
                        often("scope", place(task.scope)),
                        prop("digest", resource.digest),
                    ],
                    **({"links": links} if links else {}),
                }

    def _copy_findings(self) -> None:
        start = b'"findings":['
        self._findings.seek(0)
        while part := self._findings.read(1 << 20):
            # Each finding begins with a comma, which the first one does not need.
            self._out.write(start + part[1:] if start else part)
            start = b""
        if not start:
            self._out.write(b"],")


class _Related:
    """Writes a finding with the observations that it is based on; nothing where there is no finding."""

    def __init__(self, out: IO[bytes], finding: Json | None) -> None:
        self._out = out
        self._is_open = finding is not None
        if finding is not None:
            self._out.write(b"," + _opened(finding).removesuffix(b","))
        self._before = b',"related-observations":['

    def add(self, uuid: str) -> None:
        """Relate an observation."""
        if self._is_open:
            self._out.write(self._before + b'{"observation-uuid":"' + uuid.encode() + b'"}')
            self._before = b","

    def close(self, risks: list[Json]) -> None:
        """End the finding with the exceptions that cover some of its observations."""
        if self._is_open:
            self._out.write(b"]" if self._before == b"," else b"")
            self._out.write(b',"related-risks":' + orjson.dumps(risks) + b"}" if risks else b"}")


def _opened(made: Json) -> bytes:
    """Return a JSON object without its closing brace, ended by a comma."""
    return orjson.dumps(made)[:-1] + b","


def _state(tally: FindingCounts) -> str | None:
    if tally.disabled:
        return None
    if tally.fails or tally.accepted:
        return "not-satisfied"
    is_whole = tally.ran and tally.passes and not tally.unknown and not tally.lost
    return "satisfied" if is_whole else None
