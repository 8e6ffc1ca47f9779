"""The commands that speak about more than one moment, by name, with what the list of commands says of each."""

from __future__ import annotations

COMMANDS = {
    "diff": "collector.cli.read.diff_command:diff",
    "replay": "collector.cli.audit.replay_command:replay",
    "period": "collector.cli.read.period_command:period",
    "metrics": "collector.cli.read.metrics_command:metrics",
    "log": "collector.cli.read.log_command:log",
    "retention": "collector.cli.store.retention_command:retention",
    "erase": "collector.cli.store.erase_command:erase",
}

SAYS = {
    "diff": "Show what is different between two moments: resources, findings, controls.",
    "replay": "Judge the stored evidence of a moment again, beside what was recorded then; nothing is written.",
    "period": "Show over a period what was planned, observed and missed, and what each observation showed.",
    "metrics": "Show measures over time, each with its formula, source, target and owner.",
    "log": "List what was written into the log besides observations: runs, acts, files, rules, records.",
    "retention": "Show which bodies are older than the policy keeps them, and drop them if asked to.",
    "erase": "Drop the bodies of every version of a resource; digests and record stay, and say that it was done.",
}
