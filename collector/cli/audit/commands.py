"""Commands for auditors and for proofs: where each is, what `annexd --help` says of it, and examples of its use."""

from __future__ import annotations

COMMANDS = {
    "export": "collector.cli.audit.export_command:export",
    "verify": "collector.cli.audit.verify_command:verify",
    "population": "collector.cli.audit.population_command:population",
    "sample": "collector.cli.audit.population_command:sample",
    "replay": "collector.cli.audit.replay_command:replay",
    "requests": "collector.cli.audit.requests_command:requests",
}

SAYS = {
    "export": "Make the auditor's bundle of a period.",
    "verify": "Prove that a store or a bundle is as it was recorded.",
    "population": "List everything of a kind that there was in a period.",
    "sample": "Take a sample from a population.",
    "replay": "Re-evaluate stored evidence; nothing is written.",
    "requests": "List what auditors asked for, and what was answered.",
}

EXAMPLES = {
    "export": (
        "annexd export bundle.zip --from 2026-01-01 --to 2026-03-31 --for stage-1",
        "annexd export sample.zip --sample 1042",
    ),
    "verify": ("annexd verify", "annexd verify bundle.zip --key vkey.txt"),
    "population": ("annexd population github.repo.change --from 2026-01-01 --to 2026-03-31",),
    "sample": (
        "annexd sample github.repo.change --from 2026-01-01 --to 2026-03-31 \\",
        '  --size 25 --nonce "words of the auditor"',
    ),
    "replay": (
        "annexd replay --as-of 2026-03-31",
        "annexd replay --as-of 2026-03-31 --checks then",
        "annexd replay --rules new --diff",
    ),
    "requests": ("annexd requests", "annexd requests 4"),
}

OLDER: dict[str, tuple[str, ...]] = {}
