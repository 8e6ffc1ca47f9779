"""What is to be told of the credentials that annexd signs in with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.core.plain_text import first_few
from collector.core.scopes import show_scope
from collector.daemon.alerts.condition import Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.daemon.watching.figures import Figures
    from collector.report.state.credentials import CredentialView


def rights_conditions(figures: Figures) -> Iterator[Condition]:
    """Yield a condition for each credential that may do more than it needs, and for each that lost a right."""
    for credential in figures.status.credentials:
        owner = figures.assessment.reading.owner(credential.source, credential.scope)
        if credential.beyond:
            yield Condition(
                key=_rights_key(credential),
                kind="rights_beyond",
                severity="medium",
                what=f"{credential.whose}: the credential that annexd signs in with may do more than it needs:"
                f" {first_few(credential.beyond)}",
                todo=f"take that from it; annexd permissions {credential.connector} prints what is needed",
                source=credential.source,
                owner=owner,
            )
        if credential.lost and credential.changed_at is not None:
            yield Condition(
                key=f"rights_lost {credential.source} {show_scope(credential.scope)} {credential.changed_at}",
                kind="rights_lost",
                severity="high",
                what=f"{credential.whose}: the credential that annexd signs in with has no more:"
                f" {first_few(credential.lost)}",
                todo="grant it again, unless it was taken away on purpose; annexd status says what is not seen by it",
                since=credential.changed_at,
                source=credential.source,
                owner=owner,
                ends=False,
            )


def unknown_rights(figures: Figures) -> Iterator[str]:
    """Yield those of which nobody can say now what they may do: they may still do too much."""
    for credential in figures.status.credentials:
        if credential.held is None:
            yield _rights_key(credential)


def _rights_key(credential: CredentialView) -> str:
    return f"rights_beyond {credential.source} ({show_scope(credential.scope)})"
