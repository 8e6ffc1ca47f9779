"""What each run showed of a check: only what was seen whole, lately and to the end may pass."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.core.checks import Status
from collector.core.facts import CheckCounts, Judged, RunEnded, RunStarted, TasksPlanned
from collector.core.findings import Ended, Finding, FindingChange, FindingId, FindingState
from collector.core.history import Event, TaskEnd
from collector.core.history_fold import CheckKinds, Evaluation, HistoryFold, Timeline
from collector.core.periods import counts_of, slot_borders, slots_of
from collector.core.tasks import Outcome, Task

START = datetime(2026, 1, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)
SCOPES = (("1",), ("2",))
USERS = {scope: Task("aws", "aws.iam.user", scope) for scope in SCOPES}
SETTINGS = {scope: Task("aws", "aws.iam.settings", scope) for scope in SCOPES}
TASKS = (*USERS.values(), *SETTINGS.values())
REACHES = {
    "each": CheckKinds(frozenset({"aws.iam.user"}), "aws.iam.user"),
    "beside": CheckKinds(frozenset({"aws.iam.user", "aws.iam.settings"}), "aws.iam.user"),
}


def finding(check: str, status: Status, scope: tuple[str, ...] = SCOPES[0], day: int = 0) -> Finding:
    """A verdict on evidence of a day."""
    return Finding(FindingId(check, "aws", scope, "ann"), status, "because", {}, (), START + day * DAY)


def says(check: str, status: Status, scope: tuple[str, ...] = SCOPES[0], day: int = 0) -> FindingChange:
    """A verdict that is another one now."""
    made_finding = finding(check, status, scope, day)
    return FindingChange(made_finding.id, None, now=made_finding)


def looked(task: Task, run: str, at: datetime, outcome: Outcome = Outcome.COMPLETE) -> TaskEnd:
    """The end of a task."""
    return TaskEnd(task, run, outcome, at, DAY, "" if outcome is Outcome.COMPLETE else f"{outcome.value} in {task}")


def run_of(
    day: int,
    *changes: FindingChange,
    tasks: Iterable[Task] = TASKS,
    seen: Iterable[TaskEnd] | None = None,
    ends: bool = True,
    tallies: tuple[CheckCounts, ...] = (),
    scopes: tuple[tuple[str, ...], ...] = SCOPES,
) -> list[Event]:
    """All that one run writes down, in order."""
    name, at = f"run-{day}", START + day * DAY
    planned = tuple(tasks)
    found = [looked(task, name, at) for task in planned] if seen is None else list(seen)
    steps: list[Event] = [
        RunStarted(name, "daemon", at, "1", "code", "config", ()),
        TasksPlanned(name, at, planned, {"aws": scopes}, ()),
        *found,
    ]
    if ends:
        steps += [Judged(name, at, changes, tallies), RunEnded(name, at, {})]
    return steps


def walk(*runs: list[Event], check: str = "each") -> Timeline:
    """Go through runs from the beginning."""
    fold = HistoryFold(REACHES)
    for run in runs:
        for step in run:
            fold.take(step)
    return fold.close()[check, "aws"]


def shown(track: Timeline) -> list[Status]:
    """What each look showed."""
    return [look.status for look in track.evaluations]


def test_a_run_that_saw_everything_and_found_nothing_wrong_passes() -> None:
    """The one way to a pass."""
    assert shown(walk(run_of(0, says("each", Status.PASS)))) == [Status.PASS]


def test_a_verdict_that_did_not_change_is_looked_at_again_each_time() -> None:
    """History holds only changes; the second look is an observation all the same."""
    track = walk(run_of(0, says("each", Status.PASS)), run_of(1), run_of(2, says("each", Status.FAIL)), run_of(3))

    assert shown(track) == [Status.PASS, Status.PASS, Status.FAIL, Status.FAIL]
    assert track.every == DAY


def test_one_task_that_was_refused_makes_the_look_unknown() -> None:
    """What was seen of the other scope does not speak for this one."""
    half = [looked(USERS[SCOPES[0]], "run-0", START), looked(USERS[SCOPES[1]], "run-0", START, Outcome.DENIED)]
    track = walk(run_of(0, says("each", Status.PASS), tasks=USERS.values(), seen=half))

    assert track.evaluations == [Evaluation("run-0", START, Status.UNKNOWN, "denied in aws: aws.iam.user in 2")]


def test_a_set_that_cannot_exist_was_looked_at() -> None:
    """The platform has said that there is nothing; left out on purpose, as in old records, nobody has."""
    word = TaskEnd(USERS[SCOPES[1]], "run-0", Outcome.SKIPPED, START, DAY, "the API is off", is_not_used=True)
    old = TaskEnd(USERS[SCOPES[1]], "run-0", Outcome.SKIPPED, START, DAY, "archived")
    for end, status in ((word, Status.PASS), (old, Status.UNKNOWN)):
        seen = [looked(USERS[SCOPES[0]], "run-0", START), end]
        assert shown(walk(run_of(0, says("each", Status.PASS), tasks=USERS.values(), seen=seen))) == [status]


def test_a_fail_that_was_not_seen_today_is_unknown_today() -> None:
    """It still counts as open, and nobody has observed it."""
    refused = [looked(task, "run-1", START + DAY, Outcome.DENIED) for task in USERS.values()]
    track = walk(
        run_of(0, says("each", Status.FAIL), tasks=USERS.values()),
        run_of(1, tasks=USERS.values(), seen=refused),
    )

    assert shown(track) == [Status.FAIL, Status.UNKNOWN]
    assert [spell.until for spell in track.failures] == [None]


def test_what_was_planned_and_never_ended_was_not_seen() -> None:
    """A killed run leaves nothing that says so, except its plan."""
    both, one_of_two = USERS.values(), [looked(USERS[SCOPES[0]], "run-1", START + DAY)]
    first = run_of(0, says("each", Status.PASS), tasks=both)

    assert shown(walk(first, run_of(1, tasks=both, seen=one_of_two))) == [Status.PASS, Status.UNKNOWN]
    assert shown(walk(first, run_of(1, tasks=both, ends=False))) == [Status.PASS, Status.UNKNOWN]
    later = run_of(2, tasks=[USERS[SCOPES[0]]])
    assert shown(walk(first, run_of(1, tasks=both, seen=one_of_two), later))[2] is Status.UNKNOWN


def test_a_narrow_run_stands_on_what_was_seen_lately_and_on_nothing_older() -> None:
    """Half of a check looked at today does not make the other half a week young."""
    first = run_of(0, says("beside", Status.PASS))
    narrow = [run_of(day, tasks=USERS.values()) for day in (1, 2, 3)]

    assert shown(walk(first, *narrow, check="beside")) == [Status.PASS, Status.PASS, Status.PASS, Status.UNKNOWN]


def test_a_run_that_did_not_touch_a_check_is_no_look_at_it() -> None:
    """Otherwise every narrow scan would add to the numbers of all checks."""
    track = walk(run_of(0, says("each", Status.PASS)), run_of(1, tasks=SETTINGS.values()))

    assert len(track.evaluations) == 1


def test_a_scope_that_is_gone_is_not_missing() -> None:
    """What the platform does not have any more cannot be seen."""
    track = walk(
        run_of(0, says("each", Status.PASS), tasks=USERS.values()),
        run_of(3, tasks=[USERS[SCOPES[0]]], scopes=SCOPES[:1]),
    )

    assert shown(track) == [Status.PASS, Status.PASS]


def test_a_scope_that_is_known_and_was_never_looked_at_keeps_the_check_unknown() -> None:
    """A new account is part of the estate from the day on which it is known."""
    only_one = run_of(0, says("each", Status.PASS), tasks=[USERS[SCOPES[0]]])

    assert shown(walk(only_one)) == [Status.UNKNOWN]


def test_a_disabled_check_is_unknown_and_its_period_is_cut() -> None:
    """Switching a check off must not look like a clean quarter."""
    off = FindingChange(finding("each", Status.PASS).id, Status.PASS, ended=Ended.CHECK_DISABLED)
    tally = CheckCounts("each", "aws", "sha256:a", {}, {"pass": 1})
    track = walk(
        run_of(0, says("each", Status.PASS), tallies=(tally,)),
        run_of(1, off),
        run_of(2, says("each", Status.PASS), tallies=(tally,)),
    )

    assert shown(track) == [Status.PASS, Status.UNKNOWN, Status.PASS]
    assert [(change.what, change.now) for change in track.changes] == [
        ("in force", "disabled"),
        ("in force", "enabled"),
    ]


def test_another_code_and_other_limits_cut_the_period() -> None:
    """Numbers of two rules are not one number."""
    tallies = [
        CheckCounts("each", "aws", code, {"max": most}, {}) for code, most in (("a", "1"), ("b", "1"), ("b", "2"))
    ]
    track = walk(*(run_of(day, says("each", Status.PASS), tallies=(counts,)) for day, counts in enumerate(tallies)))

    assert [(change.what, change.was, change.now) for change in track.changes] == [
        ("check code", "a", "b"),
        ("limits", "max = 1", "max = 2"),
    ]


def test_a_fail_lasts_through_unknown_until_it_is_seen_otherwise() -> None:
    """Not being seen has mended nothing."""
    track = walk(
        run_of(0, says("each", Status.FAIL)),
        run_of(1, says("each", Status.UNKNOWN, day=1)),
        run_of(2, says("each", Status.PASS, day=2)),
    )

    assert [(spell.since, spell.until) for spell in track.failures] == [(START, START + 2 * DAY)]
    assert shown(track) == [Status.FAIL, Status.UNKNOWN, Status.PASS]


def test_what_stood_before_the_period_counts_in_it() -> None:
    """A period begins in the middle of things."""
    walking = HistoryFold(REACHES)
    old = finding("each", Status.FAIL)
    walking.begin(
        latest=[looked(task, "before", START - DAY) for task in TASKS],
        findings=[FindingState(old, START - 30 * DAY, "before")],
    )
    for step in run_of(0):
        walking.take(step)
    track = walking.close()["each", "aws"]

    assert shown(track) == [Status.FAIL]
    assert track.failures[0].since == START - 30 * DAY


changes = st.lists(
    st.builds(says, st.sampled_from(sorted(REACHES)), st.sampled_from(Status), st.sampled_from(SCOPES)), max_size=4
)


@st.composite
def stories(draw: st.DrawFn) -> list[Event]:
    """Some days of runs: whole or narrow, seen well or badly, ended or killed."""
    steps: list[Event] = []
    for day in range(draw(st.integers(1, 5))):
        tasks = draw(st.lists(st.sampled_from(TASKS), min_size=1, unique=True))
        at = START + day * DAY
        seen = [
            looked(task, f"run-{day}", at, draw(st.sampled_from([*[Outcome.COMPLETE] * 4, Outcome.DENIED])))
            for task in tasks
            if draw(st.integers(0, 9))
        ]
        steps += run_of(day, *draw(changes), tasks=tasks, seen=seen, ends=bool(draw(st.integers(0, 5))))
    return steps


@given(story=stories(), data=st.data())
def test_taking_an_observation_away_never_adds_a_pass(story: list[Event], data: st.DataObject) -> None:
    """Whoever hides what was seen must not come out better for it."""
    seen = [number for number, step in enumerate(story) if isinstance(step, TaskEnd)]
    if not seen:
        return
    hidden = data.draw(st.sampled_from(seen))
    less = [step for number, step in enumerate(story) if number != hidden]
    tracks = []
    for steps in (story, less):
        walking = HistoryFold(REACHES)
        for step in steps:
            walking.take(step)
        tracks.append(walking.close())

    borders = slot_borders(START - DAY, START + 6 * DAY, DAY)
    for place, track in tracks[1].items():
        before, after = (
            [slot.shown.value for slot in slots_of(timelines[place], borders, START)] for timelines in tracks
        )
        assert sum(state == "pass" for state in after) <= sum(state == "pass" for state in before)
        assert counts_of(slots_of(track, borders, START)).planned == 7 - 1
