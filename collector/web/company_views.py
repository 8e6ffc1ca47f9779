"""What people owe and decided, of one assessment: made when a page first asks for it, and once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from collector.report.company.action_views import actions_view
from collector.report.company.evidence_request_views import evidence_requests_view
from collector.report.company.exception_views import exceptions_view
from collector.report.company.risk_views import risks_view
from collector.report.company.soa_views import soa_view

if TYPE_CHECKING:
    from collector.report.company.action_views import ActionsView
    from collector.report.company.evidence_request_views import EvidenceRequestsView
    from collector.report.company.exception_views import ExceptionsView
    from collector.report.company.risk_views import RisksView
    from collector.report.company.soa_views import SoaView
    from collector.report.state.assessment import Assessment


class CompanyViews:
    """The views. Two threads may make one of them at a time, and come to the same."""

    def __init__(self, assessment: Assessment) -> None:
        self._assessment = assessment

    @cached_property
    def actions(self) -> ActionsView:
        """The corrective actions; what annexd saw of them since is in the history, which takes a while."""
        return actions_view(self._assessment)

    @cached_property
    def records(self) -> EvidenceRequestsView:
        """The records that controls ask for, the valid ones too."""
        return evidence_requests_view(self._assessment, every=True)

    @cached_property
    def risks(self) -> RisksView:
        """The risks."""
        return risks_view(self._assessment)

    @cached_property
    def soa(self) -> SoaView:
        """The statement of applicability beside the evidence."""
        return soa_view(self._assessment)

    def risk_in(self, text: str) -> str:
        """Return the risk that a text such as `R-1 Somebody guesses a password` begins with; empty where it is none."""
        return next((risk.id for risk in self.risks.risks if text.startswith(f"{risk.id} ")), "")

    @cached_property
    def exceptions(self) -> ExceptionsView:
        """The exceptions."""
        return exceptions_view(self._assessment)
