"""Turns a template and what is known into a page of the bag: escaped, harmless, and the same bytes each time."""

from __future__ import annotations

import base64
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from collector.bundle.cover import cover
from collector.bundle.shown_names import WITHHELD, ShownNames, moment, place
from collector.bundle.site.page_paths import check_page, control_page, root_of, slug
from collector.core.checks import Status
from collector.core.findings import WHOLE, FindingId
from collector.core.plain_text import plural, safe, show_moment
from collector.core.scopes import show_scope
from collector.pages.timeline import LEGEND, strip
from collector.report.company.soa_views import decided
from collector.report.findings.finding_filter import show_subject
from collector.report.state.known import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.bundle.cover import Cover
    from collector.bundle.site.noted_findings import Found
    from collector.core.isms.exceptions import Acceptance
    from collector.core.periods import Segment, Stretch
    from collector.report.periods.diff_views import FlipView

_TEMPLATES = files("collector.pages") / "templates"


class FindingRow(Struct, frozen=True, kw_only=True):
    """A finding as a page shows it."""

    status: str
    verdict: str
    check: str
    where: str
    subject: str
    reason: str
    since: str
    seen: str


class PageRenderer:
    """Prints pages of one dossier into one bag; `data/` is the folder of the site."""

    def __init__(self, dossier: BundleContents, bag: Bag) -> None:
        self._dossier = dossier
        self._bag = bag
        self.words = ShownNames(dossier)
        style = _text("style.css")
        digest = base64.b64encode(sha256(style.encode()).digest()).decode("ascii")
        self._environment = Environment(
            autoescape=True,
            undefined=StrictUndefined,
            loader=FunctionLoader(_text),
            finalize=_plain,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(
            # The one file that goes in as it is: it is ours, and a style cannot be escaped.
            style=Markup(style),  # noqa: S704
            style_hash=digest,
            bundle_title=self.cover.title,
            bundle_subtitle=self.cover.subtitle,
            classification=dossier.terms.classification,
            editions="; ".join(f"{one.name}:{one.edition}" for one in dossier.frameworks),
            origin=f"{dossier.head.origin}, {dossier.head.size} leaves, root {dossier.head.root}",
            at=dossier.at,
            start=dossier.terms.period.start,
            head=dossier.head,
            is_sample=dossier.terms.sample is not None,
            moment=show_moment,
            scope=show_scope,
            subject=self.subject,
            show_subject=show_subject,
            words=lambda status: WORDS[Status(status)],
            decided=decided,
            slug=slug,
            control_page=control_page,
            check_page=check_page,
            legend_words=LEGEND,
            strip=self.strip,
            rows=self._rows,
            told_flip=self._flip,
            told_exception=self._exception,
            reasons=self._reasons,
            why=self._why,
            name=self.words.name,
            tasks_of=self._tasks,
        )

    @property
    def cover(self) -> Cover:
        """The cover of the dossier."""
        return self._dossier.once(cover)

    def page(self, path: str, template: str, **known: Any) -> None:  # noqa: ANN401  whatever the template names
        """Write one page, of at most some hundred kilobytes."""
        made = self._environment.get_template(template).render(root=root_of(path), **known)
        self._bag.add(f"data/{path}", made.encode("utf-8"))

    def subject(self, subject: str) -> str:
        """Return a subject as people read it, by its pseudonym where that was asked for."""
        return show_subject(subject if subject == WHOLE else self._dossier.shown(subject))

    def strip(self, stretches: Iterable[Stretch], segments: Iterable[Segment]) -> Markup:
        """Draw what the period of the dossier showed."""
        if not self.words.is_plain:
            stretches = [replace(one, why=self._why(one.why)) for one in stretches]
            segments = [replace(one, changes=tuple(self._reasons(one.changes))) for one in segments]
        return strip(self._dossier.terms.period.start, self._dossier.at, stretches, segments)

    def _rows(self, found: Iterable[Found]) -> Iterator[FindingRow]:
        """Yield what a page says of findings; made here, because there may be a hundred thousand of them."""
        for one, covered in found:
            subject, reason = self.words.finding(one)
            verdict = WORDS[Status(one.status)]
            if covered is not None:
                verdict += f", accepted until {covered.expires} ({covered.id})"
            yield FindingRow(
                status=one.status,
                verdict=verdict,
                check=one.check,
                where=f"{one.source}: {place(one.scope)}",
                subject=show_subject(subject),
                reason=reason,
                since=str(one.since.date()),
                seen=moment(one.seen_at),
            )

    def _flip(self, one: FlipView) -> str:
        """Return the subject of a finding that is not what it was."""
        return self.words.verdict(FindingId(one.check, one.source, one.scope, one.subject), "", is_ours=False)[0]

    def _exception(self, one: Acceptance) -> tuple[str, str]:
        """Return what an exception is about, and why; a pattern names nobody, and has no pseudonym."""
        kind = self.words.kind_of(one.check)
        if self.words.hides(one.source, kind, one.scope, one.subject):
            return WITHHELD, WITHHELD
        subject = one.subject if one.is_pattern else self.subject(one.subject)
        return subject, self.words.text(one.reason)

    def _reasons(self, several: Iterable[str]) -> list[str]:
        """Return reasons one by one where they may be told, and otherwise the one sentence that says why not."""
        held = list(several)
        return held if self.words.is_plain or not held else [self.words.reasons(held)]

    def _why(self, text: str) -> str:
        return self.words.reasons((text,)) if text else text

    def _tasks(self, tasks: Sequence[str], most: int) -> str:
        """Return the names of tasks, or their number where the names of their scopes may not be told."""
        if not self.words.is_plain:
            return plural(len(tasks), "task")
        more = f" and {len(tasks) - most} more" if len(tasks) > most else ""
        return "; ".join(tasks[:most]) + more


def _text(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _plain(value: object) -> object:
    """Take from text whatever could turn the direction of writing, move a cursor, or not be seen."""
    return safe(value) if isinstance(value, str) and not isinstance(value, Markup) else value
