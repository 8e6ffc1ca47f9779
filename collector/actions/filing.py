"""What a record needs before it may be filed, whether by a command or by a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.company.company_files import company
from collector.core.attestations import SupplierReport
from collector.core.controls import Ask, AskKind
from collector.core.errors import UsageError
from collector.core.isms.scope import review_of

if TYPE_CHECKING:
    from datetime import date

    from collector.core.attestations import Attestation
    from collector.setup.app import App


class FieldError(UsageError):
    """A field of a record that cannot be taken as it is; `field` is the name of the option without its dashes."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(what, so="nothing was recorded", mend=f"correct {field.replace('-', ' ')}")
        self.field = field


def requests_on(app: App, day: date) -> dict[str, Ask]:
    """Return every evidence request by id: those of the frameworks in use, and the reviews of systems on a day."""
    frameworks = app.frameworks()
    known = {ask.id: ask for framework in frameworks for control in framework.controls for ask in control.asks}
    scope = company(app, frameworks).scope
    return known | {review.id: review for review in review_of(() if scope is None else scope.required(day)).values()}


def supplier_report(
    asked: Ask, supplier: str, report: str, scope: str, customer_controls: str, *, has_file: bool
) -> SupplierReport | None:
    """Return the details of a supplier's report, None where none is asked for. Raises FieldError if one is missing."""
    if asked.kind is not AskKind.SUPPLIER_REPORT or not has_file:
        return None
    needed = {
        "supplier": supplier,
        "report": report,
        "report-scope": scope,
        "customer-controls": customer_controls,
    }
    for field, text in needed.items():
        if not text.strip():
            raise FieldError(field, "a supplier's report says nothing about you without it")
    return SupplierReport(supplier=supplier, report=report, scope=scope, customer_controls=customer_controls)


def require_complete(made: Attestation, today: date) -> None:
    """Raise FieldError where a record would be on file for no day, or its document could not be found again."""
    if made.kind == "withdrawal":
        return
    if made.approved_on > today:
        raise FieldError("approved-on", f"{made.approved_on} is yet to come")
    if made.valid_until < made.approved_on:
        raise FieldError("valid-until", "it would end before it was approved")
    if made.digest is not None:
        for field, text in (("document-version", made.version), ("obtained-from", made.obtained_from)):
            if not text.strip():
                raise FieldError(field, "a document on file needs it")
