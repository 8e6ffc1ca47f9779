"""What became of findings between two moments: the numbers of the overview, and the lists that they lead to."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING

from collector.core.errors import UsageError
from collector.core.plain_text import show_moment
from collector.core.scopes import show_scope
from collector.pages.page_words import resource_name
from collector.report.findings.turns import TURNS, turns_between
from collector.report.state.known import WORDS, Reading
from collector.setup.toml_file import would_do
from collector.web.addresses import finding_address, list_address
from collector.web.opened import OPENED
from collector.web.site import moment_of
from collector.web.tables import Cell, Listing, TableRow, being_made, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from collector.report.findings.turns import TurnedFinding, Turns
    from collector.web.pages import Pages
    from collector.web.snapshot import Snapshot

MOST = 20_000
"""Changes that are listed, and kept in memory."""

_A_PAGE = 200
_MEANINGS: dict[str, str] = {str(turn): meaning for turn, meaning in TURNS.items()}
_WEEK = timedelta(days=7)
_SCOPES = {"in": True, "elsewhere": False}


def week_before(snapshot: Snapshot) -> date | None:
    """Return the day a week before that of a snapshot, or the first that is opened; None where there is none before."""
    opened, last = OPENED.get(), snapshot.basis.at.astimezone(UTC).date()
    day = last - _WEEK if opened is None else max(last - _WEEK, opened.first)
    return day if day < last else None


def day_before(snapshot: Snapshot, text: str) -> date:
    """Return the day that an address names, or a week before. Raises UsageError where it is none before the snapshot.

    Whether it is opened is asked of every address before its page is made.
    """
    last = snapshot.basis.at.astimezone(UTC).date()
    try:
        day = date.fromisoformat(text) if text else week_before(snapshot)
    except ValueError:
        raise UsageError(f"{text!r} is no day", mend="write one such as 2026-03-31") from None
    if day is None or day >= last:
        raise UsageError(f"there is no day to compare {last} with", mend="choose one before it")
    return day


def turns_since(pages: Pages, snapshot: Snapshot, day: date) -> Turns | None:
    """Return what became of findings since the end of a day; None while that is being found out."""
    moment = moment_of(day.isoformat(), snapshot.basis.at)

    def make() -> Turns:
        reading = snapshot.reading
        then = Reading(reading.app, reading.store, moment or reading.at, as_of=moment)
        return turns_between(then, reading, MOST)

    return pages.parts.get(snapshot, f"turns since {day}", make)


def changes(pages: Pages, request: Request) -> Response:
    """Return the findings that are not what they were at the end of the day `since`, by `how` and `scope`."""
    params = request.query_params
    how, scope, as_of = params.get("how", ""), params.get("scope", ""), params.get("as_of", "")
    for name, value, known in (("how", how, TURNS), ("scope", scope, _SCOPES)):
        if value and value not in known:
            raise UsageError(f"{name}: there is no {value!r}", mend=would_do(value, known, "there are"))
    is_file = request.path_params.get("kind") is not None
    with pages.snapshot(request) as snapshot:
        day = day_before(snapshot, params.get("since", ""))
        turns = turns_since(pages, snapshot, day)
        title = f"Findings changed since {day}"
        if turns is None:
            return being_made(pages, request, snapshot, title)
        scopes = {_SCOPES[scope]} if scope else {True, False}
        total = sum(
            count for (turn, in_scope), count in turns.counts.items() if in_scope in scopes and how in {"", turn}
        )
        if is_file and not turns.is_whole:
            raise UsageError(f"more than {MOST} findings changed", mend="choose a later day: no list is cut off")
        found = [turned for turned in turns.findings if turned.in_scope in scopes and how in {"", turned.turn}]
        first = _number(params.get("after", ""))
        shown = found if is_file else found[first : first + _A_PAGE]
        asked = {"since": day.isoformat(), "how": how, "scope": scope}
        more = first + _A_PAGE
        cut = "" if turns.is_whole else f" Only the first {MOST} of all changes are listed."
        listing = Listing(
            "/changes",
            title,
            f"{total} findings are not what they were at the end of that day, in UTC. {_MEANINGS.get(how, '')}{cut}",
            "No finding changed so.",
            (
                ("Finding", 50),
                ("What became of it", 18),
                ("Severity", 10),
                ("Resource", 40),
                ("Was", 14),
                ("Is", 14),
                ("Because of", 18),
                ("Reason", 70),
                ("Verdict since", 21),
                ("Systems", 12),
            ),
            [_row(snapshot, turned, as_of) for turned in shown],
            chips=list(_chips(turns, asked, as_of)),
            next_address=list_address("/changes", as_of, **asked, after=str(more)) if len(found) > more else "",
            next_text="Next",
            total=total,
            wide=frozenset({"Because of", "Verdict since", "Systems"}),
        )
        return listed(pages, request, snapshot, listing)


def _chips(turns: Turns, asked: dict[str, str], as_of: str) -> Iterator[tuple[str, str, bool]]:
    scopes = {_SCOPES[asked["scope"]]} if asked["scope"] else {True, False}
    yield "All", list_address("/changes", as_of, **{**asked, "how": ""}), not asked["how"]
    for turn in TURNS:
        count = sum(turns.counts[turn, in_scope] for in_scope in scopes)
        if count or turn == asked["how"]:
            address = list_address("/changes", as_of, **{**asked, "how": turn})
            yield f"{turn.capitalize()} {count}", address, turn == asked["how"]
    for scope, words in (("", "All systems"), ("in", "In scope"), ("elsewhere", "Elsewhere")):
        yield words, list_address("/changes", as_of, **{**asked, "scope": scope}), scope == asked["scope"]


def _row(snapshot: Snapshot, turned: TurnedFinding, as_of: str) -> TableRow:
    change, findings = turned.change, snapshot.findings
    address = finding_address(change.check, change.source, change.scope, change.subject, as_of)
    return TableRow(
        (
            Cell(findings.title(change.check) or change.check, address if change.now is not None else ""),
            Cell(turned.turn),
            Cell(findings.severity(change.check)),
            Cell(f"{change.source}: {show_scope(change.scope)}, {resource_name(change.subject)}"),
            Cell(_word(change.was)),
            Cell(_word(change.now)),
            Cell(change.why),
            Cell(change.reason),
            Cell("" if change.changed_at is None else show_moment(change.changed_at)),
            Cell("in scope" if turned.in_scope else "elsewhere"),
        )
    )


def _word(status: str | None) -> str:
    return "none" if status is None else _WORDS[status]


_WORDS = {status.value: word for status, word in WORDS.items()}


def _number(text: str) -> int:
    if not text:
        return 0
    if not text.isascii() or not text.isdigit() or len(text) > len(str(MOST)):
        raise UsageError(f"{text!r} is no place in the list", mend="begin at its first page")
    return int(text)
