"""Rights of annexd's own credential: more than it needs, and less than it had, are told; not to know is neither."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from collector.core.resources import Body
from collector.core.rights import OwnRights, Rights
from collector.report.state.credentials import CredentialView, credentials
from collector.report.state.known import Reading
from collector.setup.app import open_app
from tests.daemon.test_alerts import AlertedCompany, Sent, sent, told
from tests.played import plugged
from tests.played.company import Company
from tests.played.platform import SETTINGS

__all__ = ["sent", "told"]

NEEDED = {
    "settings:read",
    "members:read",
    "tickets:read",
    "projects:read",
    "repos:read",
    "protection:read",
    "hooks:read",
}


def read(bodies: Sequence[Body], needed: frozenset[str]) -> Rights:
    """Read the rights that the played platform tells beside its settings."""
    (body,) = bodies
    if "rights" not in body:
        return Rights(why="it tells none")
    held = frozenset(body["rights"])
    return Rights(held=held, beyond=held - needed)


@pytest.fixture(autouse=True)
def tells_rights(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """The played platform tells what its token may do: what is needed, to begin with."""
    monkeypatch.setattr(plugged.played, "own_rights", OwnRights("played.settings", read))
    grant(company, *NEEDED)


def grant(company: Company, *rights: str) -> None:
    """Give the token these rights and no others."""
    company.platform.orgs["acme"]["settings"]["rights"] = sorted(rights)


def credential(company: Company) -> CredentialView:
    """What is known of the one credential."""
    app = open_app(company.config)
    with app.open_store(writer=False) as store:
        (found,) = credentials(Reading(app, store, app.clock.now()))
    return found


def test_needed_is_what_the_policy_prints(company: Company) -> None:
    """And nothing is to be said of a credential that has that and no more."""
    company.run("scan")
    after = credential(company)

    assert after.held == tuple(sorted(NEEDED))
    assert (after.beyond, after.lost, after.says) == ((), (), "")


def test_what_it_has_beyond_and_what_it_lost_is_in_the_status(company: Company) -> None:
    """Lost is what the version before had, however long ago that was."""
    company.run("scan")
    grant(company, *NEEDED - {"members:read"}, "settings:write")
    company.run("scan")
    company.run("scan")
    found = credential(company)
    said = company.run("status")

    assert found.beyond == ("settings:write",)
    assert found.lost == ("members:read",)
    assert found.changed_at is not None
    assert "may do more than annexd needs: settings:write" in said.out
    assert "it has no more: members:read" in said.out


def test_what_cannot_be_read_any_more_is_not_known(company: Company) -> None:
    """Neither that it may do too much still, nor that it may not."""
    grant(company, *NEEDED, "settings:write")
    company.run("scan")
    company.platform.deny(SETTINGS)
    company.run("scan")
    found = credential(company)

    assert (found.held, found.beyond, found.lost) == (None, (), ())
    assert "403" in found.why


def test_both_are_told_and_only_what_is_beyond_is_over(told: AlertedCompany, sent: Sent) -> None:
    """A credential that grew is the door that nobody watches; what could not be seen is not over."""
    grant(told.company, *NEEDED - {"members:read"}, "settings:write")
    told.look()
    told.look()
    first = [kind for kind in sent.kinds("ops") if kind[0].startswith("rights_")]
    told.company.platform.deny(SETTINGS)
    told.look()
    blind = [kind for kind in sent.kinds("ops") if kind[0].startswith("rights_")]
    told.company.platform.calm()
    grant(told.company, *NEEDED)
    told.look()
    last = [kind for kind in sent.kinds("ops") if kind[0].startswith("rights_")]

    assert sorted(first) == [("rights_beyond", False), ("rights_lost", False)]
    assert blind == first
    assert sorted(last) == [*sorted(first)[:1], ("rights_beyond", True), ("rights_lost", False), ("rights_lost", False)]
