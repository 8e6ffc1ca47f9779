"""`annexd evidence`: one resource as stored, provable, with where it comes from."""

from __future__ import annotations

import hashlib
import io
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.cli.main import main
from collector.core.history import Version
from collector.core.ports import Stored
from collector.report.findings.evidence_views import evidence_view, find
from tests.cli.texts import compare
from tests.played.platform import HOOKS, MEMBERS, a_member, an_org

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Desk


def test_a_resource_is_shown_as_it_is_stored(scanned: Desk) -> None:
    """Body, digest, and who asked for it when."""
    text, shape = (
        scanned.says("evidence", "code", "played.member", "ann"),
        scanned.json("evidence", "code", "played.member", "ann"),
    )

    assert shape["body"]["login"] == "ann"
    assert shape["observation"]["outcome"] == "complete"
    compare("cli/evidence/a-resource-is-shown-as-it-is-stored", text)
    assert '"mfa": true' in text
    assert "auditor" in text


def test_the_raw_bytes_have_the_digest(scanned: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """An auditor checks it with sha256sum and nothing of ours."""
    digest = scanned.json("evidence", "code", "played.member", "ann")["digest"]
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw))
    assert main(["evidence", "code", "played.member", "ann", "--raw"]) == 0
    assert "sha256:" + hashlib.sha256(raw.getvalue()).hexdigest() == digest


def test_raw_bytes_never_reach_a_terminal(scanned: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """They hold names as the platform gave them, with whatever is in these."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)

    assert '"login"' not in scanned.says("evidence", "code", "played.member", "ann", "--raw", code=2)


def test_facts_that_change_by_themselves_stand_apart(scanned: Desk) -> None:
    """They are no part of what the digest covers."""
    shape = scanned.json("evidence", "code", "played.member", "ann")

    assert "last_active" not in shape["body"]
    assert set(shape["facts"]) == {"last_active"}
    compare(
        "cli/evidence/facts-that-change-by-themselves-stand-apart",
        scanned.says("evidence", "code", "played.member", "ann"),
    )


def test_a_part_of_a_key_is_enough_where_it_means_one(scanned: Desk) -> None:
    """Keys may be long."""
    assert scanned.json("evidence", "code", "played.member", "caro")["key"] == "carol"


def test_an_exact_key_is_not_mistaken_for_a_part_of_others(desk: Desk) -> None:
    """Else `app` could never be shown beside `app-2`."""
    desk.platform.orgs["acme"] = an_org(members=[a_member("app"), a_member("app-2")])
    desk.world.run()

    assert desk.json("evidence", "code", "played.member", "app")["key"] == "app"


def test_several_matches_are_listed(scanned: Desk) -> None:
    """Which one was meant is for the reader to say; the exit code says that it was not shown."""
    text = scanned.says("evidence", "code", "played.repo", "e", code=2)
    shape = scanned.json("evidence", "code", "played.repo", "e", code=2)

    assert [match["key"] for match in shape["matches"]] == ["core", "edge", "site"]
    compare("cli/evidence/several-matches-are-listed", text)
    assert "3 resources" in text


def test_a_scope_chooses_among_equal_keys(desk: Desk) -> None:
    """Keys are only told apart within their scope."""
    desk.platform.orgs["acme"]["projects"]["web"] = desk.platform.orgs["acme"]["projects"]["api"]
    desk.world.run()

    assert len(desk.json("evidence", "code", "played.repo", "core", code=2)["matches"]) == 2
    assert desk.json("evidence", "code", "played.repo", "core", "--scope", "acme/web")["scope"] == ["acme", "web"]


def test_without_a_key_everything_of_the_kind_is_listed(scanned: Desk) -> None:
    """That is how one finds out what there is."""
    assert len(scanned.json("evidence", "code", "played.member")["matches"]) == 3


@pytest.mark.parametrize("words", [("coda", "played.member"), ("code", "played.membre")])
def test_a_source_or_kind_that_there_is_not_is_refused(scanned: Desk, words: tuple[str, ...]) -> None:
    """An empty list would read as a company without any."""
    assert "there is no source" in (printed := scanned.says("evidence", *words, code=2)) or "has no kind" in printed


def test_nothing_of_that_name_says_so(scanned: Desk) -> None:
    """And that it may have been there earlier."""
    compare(
        "cli/evidence/nothing-of-that-name-says-so", scanned.says("evidence", "code", "played.member", "zed", code=2)
    )


def test_an_unread_part_is_named_with_what_it_needs(desk: Desk) -> None:
    """The body lacks it; a reader must not take that for none."""
    desk.platform.deny(HOOKS, where="/core/")
    desk.world.run()
    text = desk.says("evidence", "code", "played.repo", "core")

    compare("cli/evidence/an-unread-part-is-named-with-what-it-needs", text)
    assert "(needs hooks:read)" in text


def test_findings_about_the_list_rest_on_each_of_its_items(scanned: Desk) -> None:
    """The owners were counted among all members, and this is one of them."""
    checks = {finding["check"] for finding in scanned.json("evidence", "code", "played.member", "ann")["findings"]}

    assert checks == {"played_member_mfa", "played_member_rotated", "played_org_two_owners"}


def test_a_resource_is_shown_as_of_an_earlier_day(scanned: Desk) -> None:
    """What it was when the verdict was given."""
    scanned.clock.move(timedelta(days=1))
    scanned.platform.orgs["acme"]["members"][0]["mfa"] = False
    scanned.world.run()
    words = ("evidence", "code", "played.member", "ann")

    assert scanned.json(*words, "--as-of", "2026-03-01")["body"]["mfa"] is True
    assert scanned.json(*words)["body"]["mfa"] is False


def test_a_resource_of_a_refused_list_is_still_shown_with_the_refusal(scanned: Desk) -> None:
    """It was there yesterday; how it was read last says that today nobody could look."""
    scanned.platform.deny(MEMBERS)
    scanned.world.run()

    assert "denied" in scanned.says("evidence", "code", "played.member", "ann")


def test_history_is_shown_where_the_store_keeps_it(scanned: Desk) -> None:
    """Which version came when, and without which part."""
    reading = scanned.reading()
    found = find(reading, "code", "played.member", "ann")
    assert isinstance(found, Stored)
    at = datetime(2026, 3, 1, 6, tzinfo=UTC)
    step = Version(
        change="appeared", digest=found.digest, observed_at=at, recorded_at=at, run="run-1", leaf=3, unread={}
    )

    class WithVersions:
        """A store that lists versions."""

        def __getattr__(self, name: str) -> Any:
            return getattr(scanned.world.store, name)

        def versions(self, *_: object, as_of: object = None) -> Iterator[Version]:  # noqa: ARG002  the port's
            """Give one version."""
            yield step

    reading.store = WithVersions()

    assert evidence_view(reading, found).history == [step]
