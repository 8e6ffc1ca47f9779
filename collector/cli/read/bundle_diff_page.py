"""What differs between two bundles, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.plain_text import plural

if TYPE_CHECKING:
    from collector.bundle.comparing.compared_bundles import ComparedBundle, ComparedBundles
    from collector.cli.terminal.page import Page

SCREENFUL = 40
_DIGEST = 19  # characters of a digest that tell it from another one
_LONGEST = 80


def show_bundle_diff(shape: ComparedBundles, out: Page) -> None:
    """Print a comparison."""
    from collector.cli.terminal.page import Styled
    from collector.cli.terminal.resource_names import resource_name
    from collector.core.checks import Status
    from collector.core.scopes import show_scope
    from collector.report.state.known import WORDS

    diff = shape.diff
    for bundle in (shape.first, shape.second):
        out.line(Styled(bundle.file, "bold"), _side(bundle))
    if shape.first.verified and shape.second.verified:
        out.paragraph(
            "States of controls, resources, and how collections ended are what the tables of the bundles say:"
            " annexd verify BUNDLE --key KEY --render holds these against the evidence.",
            indent=2,
        )
    if not shape.same_log:
        out.paragraph("They are of different logs, so the digests of equal bodies differ.", indent=2)
    out.head(f"Terms of the exports: {plural(len(diff.terms), 'difference')}")
    out.rows([(term.name, f"{_short(term.was)} -> {_short(term.now)}") for term in diff.terms])
    out.head(f"Controls with another state: {len(diff.controls)}")
    for control in diff.controls[:SCREENFUL]:
        role = f" ({control.role})" if control.role else ""
        out.line(Styled(f"{control.framework}/{control.id}{role}", "bold"), control.title, indent=2)
        out.line(f"{control.was or 'not in the first bundle'} -> {control.now or 'not in the second'}", indent=6)
    _more(len(diff.controls), out)
    out.head(f"Findings: {_counts(diff.finding_counts)}")
    for finding in diff.findings[:SCREENFUL]:
        was, now = ("none" if not word else WORDS[Status(word)] for word in (finding.was, finding.now))
        resource = resource_name(finding.check, finding.scope, finding.subject)
        out.line(Styled(finding.check, "bold"), Styled(resource, "bold"), f"{was} -> {now}", indent=2)
        out.line(f"in {finding.source}:{show_scope(finding.scope)}", indent=6)
    _more(sum(diff.finding_counts.values()), out)
    out.head(f"Resources: {_counts(diff.resource_counts)}")
    gone = [resource for resource in diff.resources if resource.how == "gone"]
    for absent in gone[:SCREENFUL]:
        out.line("gone", absent.kind, Styled(absent.key, "bold"), f"in {absent.source}:{absent.scope}", indent=2)
    out.head(f"Collections that ended otherwise: {len(diff.coverage)}")
    for task in diff.coverage[:SCREENFUL]:
        out.line(
            Styled(task.kind, "bold"),
            f"in {task.source}:{task.scope}",
            f"{task.was or 'none'} -> {task.now or 'none'}",
            indent=2,
        )
        if task.why:
            out.paragraph(task.why, indent=6)
    _more(len(diff.coverage), out)
    out.head(f"Checks in force otherwise: {len(diff.rules)}")
    for rule in diff.rules[:SCREENFUL]:
        out.line(
            Styled(rule.check, "bold"),
            f"{rule.what}: {_short(rule.was) or 'none'} -> {_short(rule.now) or 'none'}",
            indent=2,
        )
    _more(len(diff.rules), out)
    out.head(f"Company files: {plural(len(diff.files), 'change')}")
    for file in diff.files:
        out.line(Styled(file.name, "bold"), f"{_short(file.was or 'none')} -> {_short(file.now or 'none')}", indent=2)
        for entry in file.entries:
            out.paragraph(entry, indent=6)


def _side(bundle: ComparedBundle) -> str:
    proven = "verified" if bundle.verified else "not verified: give --key"
    return f"{bundle.first} to {bundle.last}, {bundle.origin}, {bundle.size} log entries, {proven}"


def _counts(counts: dict[str, int]) -> str:
    return " / ".join(f"{count} {how}" for how, count in counts.items()) or "none"


def _more(count: int, out: Page) -> None:
    if count > SCREENFUL:
        out.line(f"and {count - SCREENFUL} more: --json has them all", indent=2)


def _short(text: str) -> str:
    if text.startswith("sha256:"):
        return text[:_DIGEST]
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
