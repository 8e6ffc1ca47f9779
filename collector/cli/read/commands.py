"""Commands that only read the store: where each is, what `annexd --help` says of it, and examples of its use."""

from __future__ import annotations

COMMANDS = {
    "status": "collector.cli.read.read_commands:status",
    "next": "collector.cli.read.next_command:next_",
    "findings": "collector.cli.read.read_commands:findings",
    "controls": "collector.cli.read.read_commands:controls",
    "evidence": "collector.cli.read.read_commands:evidence",
    "checks": "collector.cli.read.read_commands:checks",
    "diff": "collector.cli.read.diff_command:diff",
    "period": "collector.cli.read.period_command:period",
    "metrics": "collector.cli.read.metrics_command:metrics",
    "log": "collector.cli.read.log_command:log",
    "web": "collector.cli.read.web_command:web",
}

SAYS = {
    "status": "Show the state of everything on one page.",
    "next": "Show what to do next.",
    "findings": "Show what the checks found, the most severe first.",
    "controls": "Show the state of each control, and why.",
    "evidence": "Show one resource as stored, and its provenance.",
    "checks": "List the checks; `show` has everything about one.",
    "diff": "Show what changed between two days or two bundles.",
    "period": "Show what was planned, observed and missed in a period.",
    "metrics": "Show measures over time, with their targets.",
    "log": "List the log: runs, operator acts, files, records.",
    "web": "Show the store in a browser.",
}

EXAMPLES = {
    "status": ("annexd status", "annexd status --as-of 2026-03-31"),
    "next": ("annexd next",),
    "findings": (
        "annexd findings --severity critical --severity high",
        "annexd findings --control 8.5 --status all",
        "annexd findings --since 2026-03-01",
    ),
    "controls": ("annexd controls", "annexd controls --state failing", "annexd controls show 8.5"),
    "controls show": ("annexd controls show 8.5", "annexd controls show iso27001:2022/8.5"),
    "evidence": (
        "annexd evidence production aws.s3.bucket",
        "annexd evidence production aws.s3.bucket acme-data",
    ),
    "checks": ("annexd checks --connector aws --service iam", "annexd checks show aws_s3_bucket_not_public"),
    "checks show": ("annexd checks show aws_s3_bucket_not_public",),
    "diff": ("annexd diff 2026-03-01 2026-03-31",),
    "period": ("annexd period --from 2026-01-01 --to 2026-03-31 --control 8.5",),
    "metrics": ("annexd metrics", "annexd metrics --from 2026-01-01 --every 7d --csv"),
    "log": ("annexd log --from 2026-03-01", "annexd log --kind company_file"),
    "web": ("annexd web", "annexd web --port 8200"),
}

OLDER: dict[str, tuple[str, ...]] = {}
