"""Commands that ask the platforms: where each is, what `annexd --help` says of it, and examples of its use."""

from __future__ import annotations

COMMANDS = {
    "doctor": "collector.cli.scan.doctor_command:doctor",
    "plan": "collector.cli.scan.plan_command:plan",
    "scan": "collector.cli.scan.scan_command:scan",
    "record-answers": "collector.cli.scan.record_answers_command:record_answers",
    "serve": "collector.cli.scan.serve_command:serve",
    "worker": "collector.cli.scan.worker_command:worker",
    "alerts": "collector.cli.scan.alerts_command:alerts",
}

SAYS = {
    "doctor": "Look for what would keep a scan from seeing everything.",
    "plan": "Show what a scan would look at, and what it would take.",
    "scan": "Look at the platforms now, judge, and keep both.",
    "record-answers": "Record what a platform answers, scrubbed, to give it on.",
    "serve": "Stay, and scan each source at its own interval.",
    "worker": "Collect and judge for the annexd that writes.",
    "alerts": "Show what was told to whom, and try a target.",
}

EXAMPLES = {
    "doctor": ("annexd doctor", "annexd doctor --source production"),
    "plan": ("annexd plan", "annexd plan --service iam"),
    "scan": ("annexd scan", "annexd scan --source production --fail-on fail,unknown", "annexd scan --resume"),
    "record-answers": ("annexd record-answers production --to recording",),
    "serve": ("annexd serve", "annexd serve --jitter 5m"),
    "worker": ("annexd worker", "annexd worker --name worker-3"),
    "alerts": ("annexd alerts test", "annexd alerts list"),
    "alerts list": ("annexd alerts list", "annexd alerts list --owner ann"),
    "alerts test": ("annexd alerts test", "annexd alerts test --target oncall"),
}

OLDER: dict[str, tuple[str, ...]] = {}
