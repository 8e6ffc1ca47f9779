"""Commands about the company's own files and records: where each is, what `annexd --help` says, and examples."""

from __future__ import annotations

COMMANDS = {
    "gap-analysis": "collector.cli.company.gap_analysis_command:gap_analysis",
    "evidence-request": "collector.cli.company.evidence_request_commands:evidence_request",
    "scope": "collector.cli.company.scope_command:scope",
    "soa": "collector.cli.company.soa_command:soa",
    "exceptions": "collector.cli.company.exceptions_command:exceptions",
    "actions": "collector.cli.company.actions_command:actions",
    "risks": "collector.cli.company.risks_command:risks",
    "register": "collector.cli.company.register_command:register",
    "review": "collector.cli.company.review_command:review",
    "company-files": "collector.cli.company.company_files_commands:company_files",
}

SAYS = {
    "gap-analysis": "Show what closes most open controls.",
    "evidence-request": "List evidence requests to people, and answer them.",
    "scope": "Show the systems in scope, and how well each was seen.",
    "soa": "Draft, check or export the statement of applicability.",
    "exceptions": "Show accepted deviations, and until when they hold.",
    "actions": "Show corrective actions, and what is late.",
    "risks": "Show risks, and the failing checks that affect them.",
    "register": "Show the documents of clauses 4 to 10, and audits.",
    "review": "Write the input pack of a management review.",
    "company-files": "Record the company's own files in the log.",
}

EXAMPLES = {
    "gap-analysis": ("annexd gap-analysis", "annexd gap-analysis --from iso27001:2013 --to iso27001:2022"),
    "evidence-request": ("annexd evidence-request list", 'annexd evidence-request list --owner "Ann Sommer"'),
    "evidence-request list": ("annexd evidence-request list", "annexd evidence-request list --all"),
    "evidence-request answer": (
        "annexd evidence-request answer 8.5-a --file standard.pdf \\",
        '  --by "Ann Sommer, head of platform" --reviewed-by "Bob Winter" \\',
        "  --document-version 3.1 --obtained-from intranet \\",
        "  --approved-on 2026-01-31 --valid-until 2027-01-31",
    ),
    "scope": ("annexd scope",),
    "soa": ("annexd soa init > soa.toml", "annexd soa check"),
    "soa init": ("annexd soa init > soa.toml",),
    "soa check": ("annexd soa check",),
    "soa export": ("annexd soa export --out soa.xlsx",),
    "exceptions": ("annexd exceptions", "annexd exceptions --from-prowler mutelist.yaml --source production"),
    "actions": ("annexd actions --state overdue",),
    "risks": ("annexd risks",),
    "register": ("annexd register",),
    "review": ("annexd review --from 2025-04-01 --to 2026-03-31 --out review.md",),
    "company-files": ("annexd company-files record --dry-run",),
    "company-files record": ("annexd company-files record", "annexd company-files record --dry-run"),
}

OLDER = {
    "asks": ("evidence-request", "list"),
    "attest": ("evidence-request", "answer"),
    "gaps": ("gap-analysis",),
    "record": ("company-files", "record"),
}
"""Names of an earlier version, with what each is called now. They are listed nowhere and go with the next release."""
