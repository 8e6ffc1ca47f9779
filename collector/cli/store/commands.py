"""Commands that look after the store: where each is, what `annexd --help` says of it, and examples of its use."""

from __future__ import annotations

COMMANDS = {
    "store": "collector.cli.store.store_commands:store",
    "key": "collector.cli.store.key_command:key",
    "retention": "collector.cli.store.retention_command:retention",
    "erase": "collector.cli.store.erase_command:erase",
}

SAYS = {
    "store": "Back up, compact, upgrade or restore the store.",
    "key": "Show, replace or try the keys of the store.",
    "retention": "Show what is older than the retention policy; drop it.",
    "erase": "Erase what is stored of one resource.",
}

EXAMPLES = {
    "store": ("annexd store backup /backup/annexd-2026-03-31.db", "annexd store compact"),
    "store backup": ("annexd store backup /backup/annexd-2026-03-31.db",),
    "store compact": ("annexd store compact",),
    "store upgrade": ("annexd store upgrade",),
    "store restored": (
        "annexd store restored",
        'annexd store restored --acknowledge --reason "disk died, backup of 31 March"',
    ),
    "store grants": ("annexd store grants --agent annexd --reader auditors | psql -d annexd",),
    "key": ("annexd key", 'annexd key rotate --reason "the administrator left"'),
    "key rotate": (
        'annexd key rotate --reason "the administrator left"',
        """annexd key rotate --to '{ vault = "transit/annexd:2" }' --reason "yearly\"""",
    ),
    "key drill": ("annexd key drill --store-key /safe/store.key --signing-key /safe/signing.pem",),
    "key worker": ("annexd key worker > worker.key",),
    "retention": ("annexd retention",),
    "retention drop": ("annexd retention drop --dry-run", "annexd retention drop"),
    "erase": (
        "annexd erase production aws.iam.user ann --dry-run \\",
        '  --basis "GDPR article 17, request 2026-7" --approved-by "Bob Winter"',
    ),
}

OLDER = {
    "backup": ("store", "backup"),
    "vacuum": ("store", "compact"),
    "restore": ("store", "restored"),
    "grants": ("store", "grants"),
}
"""Names of an earlier version, with what each is called now. They are listed nowhere and go with the next release."""
