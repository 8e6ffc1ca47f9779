"""The built-in measures: what can be counted from the connectors and the company's files."""

from __future__ import annotations

from collector.core.isms.measures import Measure

_SEVERITIES = ("critical", "high", "medium", "low")

_DEVIATIONS = "findings of this severity that fail and that no exception covers, with those last seen failing"

_EVERY = (
    Measure(
        id="console_users_with_mfa",
        title="Console users with a second factor",
        formula="users of the console with a second factor, of all users of the console",
        unit="share",
        source=("aws_iam_user_console_mfa_enabled",),
    ),
    Measure(
        id="oldest_access_key",
        title="Age of the oldest active access key",
        formula="days since the oldest active access key was made or rotated",
        unit="days",
        source=("aws_iam_access_key_rotated",),
    ),
    *(
        Measure(
            id=f"open_deviations_{severity}",
            title=f"Open deviations of severity {severity}",
            formula=_DEVIATIONS,
            unit="count",
            source=(f"every check of severity {severity}",),
        )
        for severity in _SEVERITIES
    ),
    Measure(
        id="oldest_open_deviation",
        title="Age of the oldest open deviation",
        formula="days since the oldest finding that fails, and that no exception covers, began to fail",
        unit="days",
        source=("every check",),
    ),
    Measure(
        id="days_to_mend",
        title="Time to fix",
        formula="median of the days from fail to fixed, of findings fixed in the 90 days before; what is only gone,"
        " judged by another rule or limit, or out of scope is not fixed",
        unit="days",
        source=("every check",),
        every="1mo",
    ),
    Measure(
        id="systems_seen",
        title="Systems in scope that were seen completely",
        formula="systems in scope that were seen completely, of all systems in scope",
        unit="share",
        source=("scope.toml",),
    ),
    Measure(
        id="observations_made",
        title="Collections made",
        formula="collections made in the 7 days before, of those planned; what saw nothing meets no target",
        unit="share",
        source=("the log",),
    ),
    Measure(
        id="changes_reviewed",
        title="Changes reviewed by somebody else",
        formula="changes of the default branch that somebody else approved, of all that reached it in the window of the"
        " source",
        unit="share",
        source=("github_repo_merged_prs_reviewed", "gitlab_project_merged_mrs_approved"),
    ),
    Measure(
        id="alerts_over_sla",
        title="Accounts and repositories with vulnerability alerts open for too long",
        formula="accounts and repositories with alerts older than the limits, by the checks of alerts; each counts once"
        " a check",
        unit="count",
        source=("github_repo_dependabot_alerts_within_sla", "github_repo_code_scanning_alerts_within_sla"),
    ),
    Measure(
        id="actions_late",
        title="Corrective actions overdue",
        formula="corrective actions whose day, or the day on which their effect was to be reviewed, has passed",
        unit="count",
        source=("actions.toml",),
    ),
    Measure(
        id="records_missing",
        title="Evidence requests without a valid record",
        formula="evidence requests of controls that apply whose record is missing, expired or only stated",
        unit="count",
        source=("attestations",),
    ),
)

MEASURES = {measure.id: measure for measure in _EVERY}
"""By id, in the order in which they are shown."""
