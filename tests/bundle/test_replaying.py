"""The evidence in a bundle judged again: every verdict is accounted for, and nobody is accused for other reasons."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.bundle.reevaluation.reevaluation import ReplayedBundle, replay_bundle
from collector.core.canonical import Digest
from collector.core.checks import Verdict, failed, passed
from collector.core.errors import ConfigError, VerificationError
from collector.setup.loading import check_code
from tests.bundle.verifiers import ours
from tests.golden import compare
from tests.played.checks import CHECKS
from tests.played.connector import Member
from tests.played.platform import MEMBERS, PROTECTION, Play, a_member, on_page, status

if TYPE_CHECKING:
    from collector.setup.loading import LoadedConnector
    from tests.bundle.conftest import Office


@pytest.fixture(autouse=True)
def installed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The played connector is installed, and annexd is the one that judged."""
    monkeypatch.setattr("collector.setup.loading.connector", lambda name: office.desk.app.loaded[name])
    monkeypatch.setattr("collector.bundle.reevaluation.reasons.code_of", lambda _connectors: "c")


def replayed(office: Office, **asked: Any) -> ReplayedBundle:
    """Export, verify, judge again, and see that every verdict is counted once."""
    office.export(**asked)
    bundle = office.folder / "out.zip"
    assert ours(bundle, office.key) == ""
    found = replay_bundle(bundle)
    assert found.stated == found.same + found.differs + found.by_other_code + found.not_judged
    return found


def blind(member: Member) -> Verdict:
    """Look away."""
    del member
    return passed()


def lie(office: Office, code: str | None = None) -> None:
    """Scan with a check that lets everybody pass, and say that it was the real one, or that its digest was `code`."""
    honest = next(rule for rule in office.desk.world.rules if rule.check.id == "played_member_mfa")
    check = dataclasses.replace(honest.check, judge=blind)
    said = code or honest.code
    lying = dataclasses.replace(honest, check=check, code_of=lambda _check: said)
    office.desk.world.rules = [lying if rule is honest else rule for rule in office.desk.world.rules]
    office.desk.world.run()


def mfa_of_today(member: Member) -> Verdict:
    """Judge as the real check does, in other words."""
    return passed() if member.mfa else failed("today this has another reason")


def test_every_verdict_of_an_honest_bundle_comes_out_again(office: Office) -> None:
    """Promise 2 without a store: what was stated follows from what is in the bundle."""
    found = replayed(office)

    assert found.same == found.stated == len(list(office.desk.world.store.findings())) > 0
    assert (found.added, found.left) == (0, [])


def test_it_comes_out_after_scans_of_every_kind(office: Office) -> None:
    """Lists that broke off, refusals, people who come and go: the state in a bundle is put together as a store's is."""
    desk = office.desk
    members = desk.platform.orgs["acme"]["members"]
    breaks: tuple[Play, ...] = (
        on_page("2", lambda: status(500)),
        lambda _request: None,
        lambda _request: status(403),
        on_page("2", lambda: status(500)),
    )
    for number, how in enumerate(breaks):
        desk.clock.move(timedelta(days=1))
        members.insert(0, a_member(f"new{number}"))
        members.pop()
        desk.platform.play(MEMBERS, how)
        desk.platform.play(PROTECTION, how)
        desk.world.run()

    found = replayed(office)

    assert found.same == found.stated
    assert found.added == 0


def test_a_verdict_that_does_not_follow_is_named(office: Office) -> None:
    """Who signs a log can write any verdict into it; the evidence beside it says otherwise."""
    lie(office)
    found = replayed(office)

    assert (found.differs, found.by_other_code) == (1, 0)
    assert found.differences[0].check == "played_member_mfa"
    with pytest.raises(VerificationError, match=r"stated pass .*, judged fail") as raised:
        found.prove()
    assert raised.value.exit_code == 6


def test_the_command_prints_the_counts_and_ends_with_6(office: Office) -> None:
    """A difference has to stop a script, and to be explained to a person."""
    desk, words = office.desk, ("verify", "out.zip", "--key", str(office.key), "--replay")
    office.export()
    honest = desk.json(*words)["replay"]
    text = desk.says(*words)
    desk.clock.move(timedelta(hours=1))
    lie(office)
    office.export()

    assert (honest["differs"], honest["same"]) == (0, honest["stated"])
    assert f"{honest['same']} of {honest['stated']} " in text
    assert "played_member_mfa" in desk.says(*words, code=6)


@pytest.mark.parametrize("whose", ["check", "connector", "annexd"])
def test_other_code_is_told_apart_and_proves_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    """A rule that was made stricter since is no sign of tampering."""
    lie(office)
    own = office.desk.app.loaded["played"]
    if whose == "check":
        stricter = dataclasses.replace(own.checks["played_member_mfa"], judge=mfa_of_today)
        other = dataclasses.replace(own, checks={**own.checks, "played_member_mfa": stricter})
        monkeypatch.setattr("collector.setup.loading.connector", lambda _name: other)
    elif whose == "connector":
        other = dataclasses.replace(own, code=Digest("sha256:other"))
        monkeypatch.setattr("collector.setup.loading.connector", lambda _name: other)
    else:
        monkeypatch.setattr("collector.bundle.reevaluation.reasons.code_of", lambda _connectors: "other")

    found = replayed(office)

    assert (found.differs, found.by_other_code) == (0, 1)
    assert found.differences_by_other_code[0].code == whose
    found.prove()


@pytest.mark.parametrize("is_carried", [True, False])
def test_a_digest_of_an_older_method_is_carried_over(
    office: Office, monkeypatch: pytest.MonkeyPatch, *, is_carried: bool
) -> None:
    """A bundle made before digests were made otherwise proves what it proved; a digest nobody knows proves nothing."""
    check = office.desk.app.loaded["played"].checks["played_member_mfa"]
    table = {"sha256:before": check_code(check)} if is_carried else {}
    monkeypatch.setattr("collector.setup.check_digest.carried._table", lambda: table)
    lie(office, "sha256:before")

    found = replayed(office)

    assert (found.differs, found.by_other_code) == ((1, 0) if is_carried else (0, 1))


def test_what_is_not_installed_is_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """An auditor without a vendor's SDK learns that nothing was judged, instead of that all is well."""

    def missing(name: str) -> LoadedConnector:
        raise ConfigError(f"the connector {name} needs the package played")

    monkeypatch.setattr("collector.setup.loading.connector", missing)
    found = replayed(office)

    assert found.not_judged == found.stated > 0
    assert "package played" in found.left[0].why


def test_a_check_that_is_not_there_any_more_is_said(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that was taken out since cannot confirm what it said."""
    less = dataclasses.replace(
        office.desk.app.loaded["played"],
        checks={check.id: check for check in CHECKS if check.id != "played_member_mfa"},
    )
    monkeypatch.setattr("collector.setup.loading.connector", lambda _name: less)
    found = replayed(office)

    assert {verdict.check for verdict in found.left} == {"played_member_mfa"}
    compare("bundle/reevaluation-without-the-check", found.left[0].why)
    assert found.same == found.stated - found.not_judged


@pytest.mark.parametrize(
    "asked",
    [
        {"withheld": ("ann",)},
        {"withheld": ("played.settings",)},
        {"controls": ("1.2",)},
        {"pseudonymised": True},
    ],
    ids=str,
)
def test_what_is_withheld_is_counted_and_never_a_difference(office: Office, asked: dict[str, Any]) -> None:
    """Whoever leaves something out honestly is not accused, and what was left out is not called proven."""
    found = replayed(office, **asked)

    assert (found.differs, found.by_other_code, found.added) == (0, 0, 0)
    assert found.not_judged + found.hidden > 0


def test_what_was_erased_is_counted_and_never_a_difference(office: Office) -> None:
    """A body that somebody had the right to have erased cannot be judged any more."""
    office.desk.says("erase", "code", "played.member", "ann", "--basis", "asked for", "--approved-by", "bob")
    found = replayed(office)

    assert (found.differs, found.added) == (0, 0)
    assert found.not_judged > 0
    assert any("erased" in verdict.why for verdict in found.left)


def test_a_run_that_was_not_over_accuses_nobody(office: Office) -> None:
    """What a killed run has seen and nobody judged yet comes out otherwise, as it must."""
    desk = office.desk
    desk.platform.orgs["acme"]["members"][0]["mfa"] = True

    def die(what: str) -> None:
        if what == "Judged":
            raise RuntimeError("killed")

    desk.world.store.fails = die
    with pytest.raises(RuntimeError, match="killed"):
        desk.world.run()
    desk.world.store.fails = lambda _what: None
    found = replayed(office)

    assert found.differs == 0
    assert any("was over" in verdict.why for verdict in found.left)
