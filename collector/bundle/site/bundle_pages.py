"""Pages of one bundle: rendered from its contents, with names as its terms want them, and written into its bag."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from collector.bundle.cover import cover
from collector.bundle.page_paths import (
    check_page,
    control_page,
    list_page,
    root_of,
    slug,
    state_anchor,
    state_page,
)
from collector.bundle.shown_names import WITHHELD, ShownNames, moment, place
from collector.bundle.site.finding_sections import ACCEPTED, FindingPlaces
from collector.bundle.site.open_ages import UNKNOWN
from collector.bundle.site.single_pages import SinglePages
from collector.bundle.site.site_links import Link, SiteLinks
from collector.core.checks import Status
from collector.core.clocks import show_difference
from collector.core.findings import WHOLE, FindingId
from collector.core.plain_text import plural, show_moment
from collector.core.scopes import show_scope
from collector.pages.charts import length_bar, trend
from collector.pages.linked_text import linked
from collector.pages.rendering import PageRenderer
from collector.pages.state_bar import state_bar
from collector.pages.timeline import LEGEND, SLOT_WORDS, strip
from collector.report.company.soa_views import decided
from collector.report.findings.finding_filter import SEVERITIES
from collector.report.findings.method_statement import source_of_fields
from collector.report.periods.daily_series import daily_series, joined
from collector.report.state.known import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.bundle.cover import Cover
    from collector.bundle.site.finding_sections import Section
    from collector.bundle.site.finding_summary import Found
    from collector.core.isms.exceptions import Acceptance
    from collector.core.periods import Segment, Stretch
    from collector.report.company.risk_views import CheckOfRisk
    from collector.report.findings.finding_views import FindingView
    from collector.report.periods.diff_views import FlipView
    from collector.report.periods.period_views import LongestFailure


_PAGES = (
    ("index.html", "Cover"),
    ("report.html", "Report to print"),
    ("controls.html", "Controls"),
    ("checks.html", "Checks and findings"),
    ("coverage.html", "Coverage"),
    ("changes.html", "Changes"),
    ("records.html", "Records, exceptions, SoA"),
    ("populations.html", "Populations and samples"),
    ("provenance.html", "Provenance (IPE)"),
)
"""The pages that every page leads to."""

_SAMPLE_PAGES = tuple((page, name) for page, name in _PAGES if page in {"index.html", "populations.html"})

_FOLDERS = {
    "controls": "controls.html",
    "checks": "checks.html",
    "findings": "checks.html",
    "provenance": "provenance.html",
}
"""The page that leads to those of a folder."""


NUMBERED = 12
"""Sources that the style sheet can tell apart; it has a rule for each."""


class FindingRow(Struct, frozen=True, kw_only=True):
    """A finding as a page shows it; `exception` is the id of the one that accepts it, or empty.

    `number` is that of its source where a page can show those of one source only, else 0.
    """

    number: int
    status: str
    verdict: str
    exception: str
    check: str
    where: str
    subject: str
    reason: str
    since: str
    seen: str
    links: tuple[Link, ...]


class BundlePages:
    """Renders the pages of one bundle and writes them into its bag; `data/` is the folder of the site."""

    def __init__(self, contents: BundleContents, bag: Bag) -> None:
        self._contents = contents
        self._bag = bag
        self._names = ShownNames(contents)
        self.links = SiteLinks(contents, bag)
        self.places = FindingPlaces()
        self.checks: frozenset[str] = frozenset()  # those that have a page, once it is known which
        entries = plural(contents.head.size, "log entry", "log entries")
        self._renderer = PageRenderer(
            print_header=" - ".join(
                text for text in (self.cover.title, self.cover.subtitle, contents.terms.classification) if text
            ),
            bundle_title=self.cover.title,
            bundle_subtitle=self.cover.subtitle,
            classification=contents.terms.classification,
            editions="; ".join(f"{framework.name}:{framework.edition}" for framework in contents.frameworks),
            origin=f"{contents.head.origin}, {entries}, log hash {contents.head.root}",
            at=contents.at,
            start=contents.terms.period.start,
            head=contents.head,
            is_sample=contents.terms.sample is not None,
            navigation=_SAMPLE_PAGES if contents.terms.sample is not None else _PAGES,
            moment=show_moment,
            plural=plural,
            scope=show_scope,
            clock_off=show_difference,
            verdict_word=lambda status: WORDS[Status(status)],
            decided=decided,
            slug=slug,
            control_page=control_page,
            check_page=check_page,
            list_page=list_page,
            state_page=state_page,
            state_anchor=state_anchor,
            state_bar=state_bar,
            length_bar=length_bar,
            places=self.places,
            has_page=lambda check: check in self.checks,
            sheet=self.links.sheet,
            source_of_fields=source_of_fields,
            linked=linked,
            legend_words=LEGEND,
            strip=self.strip,
            rows=self._rows,
            sources_of=self._sources_of,
            changed_resource=self._changed_resource,
            counts_text=_counts_text,
            slot_word=SLOT_WORDS.__getitem__,
            shown_exception=self._exception,
            reasons=self._reasons,
            why=self._why,
            name=self._names.name,
            collection_names=self._collection_names,
        )
        self.single = SinglePages(contents, bag, self._renderer)

    @property
    def cover(self) -> Cover:
        """The cover of the bundle."""
        return self._contents.once(cover)

    def write(self, path: str, template: str, **values: Any) -> None:  # noqa: ANN401  whatever the template names
        """Render a template and write it to a path of the site. The page is in memory: keep it to some 100 KB."""
        folder, _, _ = path.partition("/")
        here = _FOLDERS.get(folder, path)
        self._bag.add(f"data/{path}", self._renderer.render(template, root=root_of(path), here=here, **values))

    @cached_property
    def trend(self) -> Markup:
        """The failing findings over the period, by severity; empty where no check was evaluated."""
        contents = self._contents
        start, checks = contents.terms.period.start, contents.period.checks
        if contents.checks is not None:
            checks = [check for check in checks if check.check in contents.checks]
        columns = joined(daily_series(checks, start, contents.at))
        words = [(f"sev-{severity}", severity) for severity in (*SEVERITIES, UNKNOWN)]
        return trend(start, contents.at, columns, words) if checks else Markup()

    def resource(self, source: str, scope: tuple[str, ...], subject: str) -> str:
        """Return the name of a resource for people: its pseudonym where the terms ask for that."""
        return self._names.resource(source, scope, subject if subject == WHOLE else self._contents.shown(subject))

    def strip(self, stretches: Iterable[Stretch], segments: Iterable[Segment]) -> Markup:
        """Return the strip of a check or control over the period; reasons are shown as far as the terms allow."""
        if not self._names.is_plain:
            stretches = [replace(stretch, why=self._why(stretch.why)) for stretch in stretches]
            segments = [replace(segment, changes=tuple(self._reasons(segment.changes))) for segment in segments]
        return strip(self._contents.terms.period.start, self._contents.at, stretches, segments)

    def _rows(self, findings: Iterable[Found]) -> Iterator[FindingRow]:
        """Yield a row for each finding. Made in Python, not in the template: there may be a hundred thousand."""
        for finding, exception in findings:
            subject, reason = self._names.finding(finding)
            verdict = WORDS[Status(finding.status)].capitalize()
            if exception is not None:
                verdict += f", accepted until {exception.expires}"
            yield FindingRow(
                number=self._numbers.get(finding.source, 0),
                status=finding.status if exception is None else ACCEPTED,
                verdict=verdict,
                exception="" if exception is None else exception.id,
                check=finding.check,
                where=f"{finding.source}: {place(finding.scope)}",
                subject=self._names.resource(finding.source, finding.scope, subject),
                reason=reason,
                since=str(finding.since.date()),
                seen=moment(finding.seen_at),
                links=(*self._single_page(finding), *self.links.of_finding(finding)),
            )

    def _single_page(self, finding: FindingView) -> tuple[Link, ...]:
        page = self.single.address(finding)
        return (Link("how it came about", page),) if page else ()

    def _sources_of(self, sections: Iterable[Section]) -> list[tuple[int, str]]:
        """Return the numbers and names of the sources on a page; none where some have no number."""
        here = {finding.source for section in sections for finding, _ in section.found}
        return sorted((self._numbers[source], source) for source in here) if here <= self._numbers.keys() else []

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """Return a number for each source, by which the style sheet tells their rows apart."""
        return {
            source: number
            for number, source in enumerate(self._contents.reading.freshness, start=1)
            if number <= NUMBERED
        }

    def _changed_resource(self, change: FlipView | LongestFailure) -> str:
        """Return the shown name of the resource whose verdict changed, or that failed longest."""
        id_ = FindingId(change.check, change.source, change.scope, change.subject)
        return self._names.resource(change.source, change.scope, self._names.verdict(id_, "", is_ours=False)[0])

    def _exception(self, exception: Acceptance) -> tuple[str, str]:
        """Return the resource that an exception is about, and its reason. A pattern is shown as it is."""
        kind = self._names.kind_of(exception.check)
        if self._names.hides(exception.source, kind, exception.scope, exception.subject):
            return WITHHELD, WITHHELD
        if exception.is_pattern:
            return exception.subject, self._names.text(exception.reason)
        resource = self.resource(exception.source, exception.scope, exception.subject)
        return resource, self._names.text(exception.reason)

    def _reasons(self, reasons: Iterable[str]) -> list[str]:
        """Return the reasons; where they may not be shown, one sentence that says so."""
        listed = list(reasons)
        return listed if self._names.is_plain or not listed else [self._names.reasons(listed)]

    def _why(self, text: str) -> str:
        return self._names.reasons((text,)) if text else text

    def _collection_names(self, tasks: Sequence[str], most: int) -> str:
        """Return the names of at most so many collections, or only their number where names may not be shown."""
        if not self._names.is_plain:
            return plural(len(tasks), "collection")
        more = f" and {len(tasks) - most} more" if len(tasks) > most else ""
        return "; ".join(tasks[:most]) + more


def _counts_text(check: CheckOfRisk) -> str:
    """Return how many findings of a check fail and how many are not established; what is zero is left out."""
    counts = ((check.fails, "fail"), (check.accepted, "accepted"), (check.not_established, "not established"))
    return ", ".join(f"{count} {word}" for count, word in counts if count)
