"""What a run shows of itself on a terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest

from collector.cli.scan.terminal_progress import TerminalProgress
from collector.core.canonical import Digest
from collector.core.checks import Status
from collector.core.findings import Finding, FindingChange, FindingId
from collector.core.ports import Finished, Leaf
from collector.core.tasks import Observation, Outcome, Provenance, Task
from collector.engine.collect import Done

AT = datetime(2026, 3, 1, tzinfo=UTC)


class Terminal(io.StringIO):
    """A terminal that keeps what it was shown."""

    def isatty(self) -> bool:
        """Say that somebody looks on."""
        return True


def a_change(subject: str, **but: object) -> FindingChange:
    """A new fail."""
    id_ = FindingId("a_check", "acme", ("org",), subject)
    finding = Finding(id_, Status.FAIL, f"{subject} is open", {}, (Digest("d"),), AT)
    return FindingChange(id_, **{"was": None, "now": finding, **but})  # type: ignore[arg-type]  # what a test changes


def done(outcome: Outcome, why: str, scope: str = "org") -> Done:
    """The end of a task."""
    seen = Observation(
        task=Task("acme", "a.kind", (scope,)),
        run="r",
        outcome=outcome,
        started_at=AT,
        ended_at=AT,
        listed=0,
        provenance=Provenance(identity=None, connector="a/1", code="c", redaction="r"),
        every=timedelta(days=1),
        why=why,
        permissions="a:Read",
    )
    return Done(seen, Finished(Leaf(0, b""), 0, 0, 0, 0))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A wide terminal."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_the_first_fails_are_shown_as_they_come_and_the_rest_is_counted(terminal: Terminal) -> None:
    """A screen that runs away is not read."""
    with TerminalProgress(terminal, lambda _check: "high") as progress:
        progress.planned([Task("acme", "a.kind", ("org",))])
        progress.judged([a_change(f"bucket-{number}") for number in range(12)])
        shown = terminal.getvalue()

    assert "fail  high      bucket-0 is open" in shown
    assert "bucket-9 is open" in shown
    assert "bucket-10 is open" not in shown
    assert shown.count("further fails are counted at the end") == 1
    assert progress.seen.changes == {"new_fail": 12}


def test_what_did_not_change_its_verdict_is_not_shown(terminal: Terminal) -> None:
    """A fail of yesterday is no news."""
    with TerminalProgress(terminal, lambda _check: "high") as progress:
        progress.judged([a_change("old", was=Status.FAIL), a_change("gone", was=Status.FAIL, now=None)])

    assert "old" not in terminal.getvalue()
    assert progress.seen.changes == {"ended": 1}


def test_a_reason_why_something_was_not_seen_is_shown_once(terminal: Terminal) -> None:
    """An account that cannot be entered stands behind forty tasks."""
    with TerminalProgress(terminal, lambda _check: "") as progress:
        progress.finished(done(Outcome.DENIED, "no way in", "one"))
        progress.finished(done(Outcome.DENIED, "no way in", "two"))
        progress.finished(done(Outcome.NOT_RUN, "the run was stopped", "three"))

    assert terminal.getvalue().count("no way in") == 1
    assert "not seen  a.kind in one" in terminal.getvalue()
    assert "the run was stopped" not in terminal.getvalue()
    assert len(progress.seen.incomplete) == 3


def test_names_are_harmless(terminal: Terminal) -> None:
    """Whoever names a bucket does not own the operator's terminal."""
    with TerminalProgress(terminal, lambda _check: "") as progress:
        progress.judged([a_change("\x1b]0;owned\x07[red]x[/red]")])

    assert "\\x1b]0;owned\\x07[red]x[/red] is open" in terminal.getvalue()


def test_it_says_what_it_waits_for_and_how_long_by_the_last_run(terminal: Terminal) -> None:
    """No less than the longest that is left, no less than all of them side by side; nothing where nobody knows."""
    slow, quick, new = (Task("acme", "a.kind", (name,)) for name in ("slow", "quick", "new"))
    with TerminalProgress(terminal, lambda _check: "", {slow: 90.0, quick: 10.0}, 2) as progress:
        before = progress.seconds_left(), progress.waits_for()
        progress.planned([new, quick, slow])
        planned = progress.seconds_left(), progress.waits_for()
        shown = progress._progress.tasks[0]
        words = shown.description.strip(), shown.fields["left"]
        progress.finished(done(Outcome.COMPLETE, "", "slow"))
        later = progress.seconds_left(), progress.waits_for()
        progress.finished(done(Outcome.COMPLETE, "", "quick"))
        last = progress.seconds_left(), progress.waits_for()

    assert (before, planned, later, last) == ((None, None), (90.0, slow), (10.0, quick), (None, new))
    assert words == ("a.kind in slow", "about 90s left")
