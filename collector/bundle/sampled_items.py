"""The items of a sample as people read them: what a change is, whose, who approved it, and the verdicts on it.

A body may name anybody. Where names are withheld, nothing of a body is shown; with pseudonyms people keep theirs.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.bundle.sampling.sample_format import NOT_DRAWN
from collector.bundle.shown_names import HIDDEN_REASON, WITHHELD, moment, place
from collector.core.checks import Status
from collector.report.state.known import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.bundle.contents import BundleContents
    from collector.bundle.drawn_populations import DrawnFrom
    from collector.bundle.sampling.draws import DrawLeaf
    from collector.bundle.sampling.population import Item
    from collector.bundle.shown_names import ShownNames

    Place = tuple[str, tuple[str, ...], str]

NOT_IN_EVIDENCE = "not in the evidence"
"""Written where the body of a change does not have what is asked."""


class SheetItem(Struct, frozen=True, kw_only=True):
    """One line of a sampling sheet. `verdicts` are those of the checks that judge the item by itself, at the end."""

    title: str
    author: str
    approvers: str
    link: str
    date: str
    where: str
    verdicts: tuple[tuple[str, str], ...]
    key: str
    digest: str


class Verdicts:
    """The verdicts on resources of some kinds, by source, account or repository, and key."""

    def __init__(self, contents: BundleContents, names: ShownNames, kinds: Iterable[str]) -> None:
        self._by: defaultdict[tuple[str, Place], list[tuple[str, str]]] = defaultdict(list)
        wanted = frozenset(kinds)
        for finding, covered in contents.findings() if wanted else ():
            kind = names.kind_of(finding.check)
            if kind in wanted:
                word = WORDS[Status(finding.status)] + (", accepted" if covered is not None else "")
                place_ = (finding.source, finding.scope, finding.subject)
                self._by[kind, place_].append((finding.check, word))

    def of(self, kind: str, place: Place) -> tuple[tuple[str, str], ...]:
        """Return the check and the verdict of each finding about a resource."""
        return tuple(self._by.get((kind, place), ()))


def is_of_changes(population: DrawnFrom) -> bool:
    """Whether a population is one of changes, of which more is known than a name and a digest."""
    return any(item.summary is not None for item in population.items)


def summary_texts(item: Item | None, names: ShownNames) -> tuple[str, str, str, str]:
    """Return title, author, approvers and address of a change, as far as the terms of the bundle allow."""
    summary = None if item is None else item.summary
    if summary is None:
        return (NOT_IN_EVIDENCE,) * 4
    people = ", ".join(names.name(login) for login in summary.approvers) or "nobody"
    if summary.notes:
        people += f" ({'; '.join(summary.notes)})"
    texts = (summary.title, names.name(summary.author), people, summary.link)
    if not names.is_plain:
        hidden = HIDDEN_REASON if not names.renames else ""
        texts = (HIDDEN_REASON, hidden or texts[1], hidden or texts[2], HIDDEN_REASON)
    title, author, approvers, link = (text or NOT_IN_EVIDENCE for text in texts)
    return title, author, approvers, link


def sheet_items(
    contents: BundleContents, names: ShownNames, verdicts: Verdicts, population: DrawnFrom, draw: DrawLeaf
) -> list[SheetItem]:
    """Return the items of a sample, in its order; in a sample bundle, of other samples only what names them."""
    known: Mapping[Place, Item] = {(item.source, item.scope, item.key): item for item in population.items}
    is_shown = contents.terms.sample in {None, draw.leaf}
    made = []
    for drawn in draw.items:
        at = (drawn.source, drawn.scope, drawn.key)
        item = known.get(at)
        texts = summary_texts(item, names) if is_shown else (NOT_DRAWN,) * 4
        key, found = names.resource(drawn.source, drawn.scope, names.name(drawn.key)), verdicts.of(draw.kind, at)
        if names.hides(drawn.source, draw.kind, drawn.scope, drawn.key):
            texts, key, found = (WITHHELD,) * 4, WITHHELD, ()
        title, author, approvers, link = texts
        made.append(
            SheetItem(
                title=title,
                author=author,
                approvers=approvers,
                link=link,
                date=moment(None if item is None else item.happened_at, "not known"),
                where=f"{drawn.source}: {place(drawn.scope)}",
                verdicts=found if is_shown else (),
                key=key,
                digest=drawn.digest or "",
            )
        )
    return made
