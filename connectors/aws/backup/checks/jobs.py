"""Checks of what AWS Backup did: its jobs succeed, and restores were tried."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from collector.core.spans import show_span
from connectors.aws.backup.resources import (
    JOBS_KEPT,
    BackupJob,
    Plan,
    ProtectedResource,
    RestoreJob,
    RestoreTestingPlan,
)

_FINISHED = frozenset({"COMPLETED", "PARTIAL", "FAILED", "EXPIRED", "ABORTED"})
# An expired job was due and never began.
_FAILED = frozenset({"FAILED", "EXPIRED"})


@check(
    "aws_backup_jobs_succeed",
    title="Backup jobs succeed, and none fails twice in a row",
    severity="high",
    fix="Look at the messages of the failed jobs, mend roles, keys, windows and vaults, and run the jobs again",
    over="region",
)
def jobs_succeed(
    jobs: All[BackupJob],
    plans: All[Plan],
    *,
    now: datetime,
    window: timedelta = JOBS_KEPT,
    min_success_share: float = 0.98,
) -> Verdict:
    if window > JOBS_KEPT:
        return unknown(f"AWS lists jobs of {show_span(JOBS_KEPT)}, and {show_span(window)} are asked for")
    # Parts of a job count as their job does.
    finished = [
        job
        for job in jobs
        if job.state in _FINISHED and job.parent_job_id is None and now - job.creation_date <= window
    ]
    if not finished:
        names = [plan.backup_plan_name or plan.backup_plan_id for plan in plans]
        if not names:
            return not_applicable(f"there is no backup plan, and no job in {show_span(window)}")
        return unknown(f"no job was finished in {show_span(window)}, and there are plans: {first_few(sorted(names))}")
    counts = Counter(job.state for job in finished)
    total, good = len(finished), counts["COMPLETED"]
    others = ", ".join(f"{number} {state.lower()}" for state, number in sorted(counts.items()) if state != "COMPLETED")
    said = f"{good} of {total} jobs completed in {show_span(window)}{f', {others}' if others else ''}"
    if twice := _failed_twice(finished):
        return failed(f"failed twice in a row: {first_few(twice)}; {said}")
    if good < min_success_share * total:
        return failed(f"{said}; {min_success_share:.0%} are asked for")
    return passed(said)


def _failed_twice(finished: Iterable[BackupJob]) -> list[str]:
    """Return the resources of which two jobs in a row failed."""
    states: dict[str, list[str]] = defaultdict(list)
    for job in sorted(finished, key=lambda job: (job.creation_date, job.backup_job_id)):
        states[job.resource_arn].append(job.state)
    return sorted(
        arn.split(":", 5)[-1]
        for arn, row in states.items()
        if any(first in _FAILED and second in _FAILED for first, second in pairwise(row))
    )


@check(
    "aws_backup_restore_tested",
    title="A restore succeeded within the limit",
    severity="medium",
    fix="Set up a restore testing plan for what matters most, with a validation, or restore by hand and report on it",
    over="account",
)
def restore_tested(
    restores: All[RestoreJob],
    testing_plans: All[RestoreTestingPlan],
    protected: All[ProtectedResource],
    *,
    now: datetime,
    max_restore_age: timedelta = timedelta(days=180),
) -> Verdict:
    limit = show_span(max_restore_age)
    whole = [job for job in restores if job.parent_job_id is None]
    recent = [job for job in whole if now - (job.completion_date or job.creation_date) <= max_restore_age]
    good = [job for job in recent if job.status == "COMPLETED" and job.validation_status in (None, "SUCCESSFUL")]
    if good:
        last = max(good, key=lambda job: (job.completion_date or job.creation_date, job.restore_job_id))
        validated = ", validated" if last.validation_status else ", which nobody validated in AWS Backup"
        types = first_few(sorted({job.resource_type for job in good} - {""}))
        of_what = f" of {types}" if types else ""
        day = last.completion_date or last.creation_date
        return passed(
            f"{len(good)} of {len(recent)} restores{of_what} succeeded in {limit},"
            f" the last on {day:%Y-%m-%d}{validated}"
        )
    if waiting := [job for job in recent if job.status in ("PENDING", "RUNNING") or _is_validated_now(job)]:
        return unknown(f"{len(waiting)} restores of the last {limit} are not over yet")
    if recent:
        return failed(f"none of {len(recent)} restores in {limit} succeeded")
    if ran := [plan for plan in testing_plans if _ran_within(plan, now, max_restore_age)]:
        names = first_few(sorted(plan.restore_testing_plan_name for plan in ran))
        return unknown(
            f"{names} ran in the last {limit}, and AWS lists no restore any more by which to tell how it ended"
        )
    if not any(True for _ in protected):
        return not_applicable("AWS Backup has no recovery point here that could be restored")
    return failed(f"AWS Backup lists no restore of the last {limit}")


def _is_validated_now(job: RestoreJob) -> bool:
    return job.status == "COMPLETED" and job.validation_status == "VALIDATING"


def _ran_within(plan: RestoreTestingPlan, now: datetime, span: timedelta) -> bool:
    return plan.last_execution_time is not None and now - plan.last_execution_time <= span
