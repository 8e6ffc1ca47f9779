"""Two bundles side by side: what an auditor who was given both has to look at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.bundle.comparing.bundle_diff import bundle_diff
from collector.bundle.comparing.compared_bundles import compare_bundles
from collector.bundle.exporters.exporters import exporters
from collector.core.canonical import digest_of
from collector.core.errors import VerificationError
from collector.core.facts import CompanyFile, RuleInForce
from tests.attacks.resigning import files_of
from tests.bundle.conftest import Office
from tests.bundle.contents import DAY
from tests.bundle.test_receipt import _signed_again
from tests.played.platform import a_member

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.bundle.verifying.contents import FindingLine


@pytest.fixture
def pair(office: Office) -> Office:
    """An office that exported two bundles, `before.zip` and `out.zip`, between which something of each sort changed."""
    office.export("before.zip", exporters=exporters())
    platform = office.desk.platform
    platform.orgs["acme"]["members"] = [a_member("ann"), a_member("bob", mfa=False), a_member("dora")]
    office.desk.clock.move(DAY)
    office.desk.world.run()
    office.desk.clock.move(timedelta(hours=1))
    office.export("out.zip", exporters=exporters())
    return office


def test_everything_that_differs_is_told(pair: Office) -> None:
    """Findings that are gone are not fixed, and resources that are gone are named."""
    found = compare_bundles(pair.folder / "before.zip", pair.folder / "out.zip", key=pair.key)

    assert (found.first.verified, found.second.verified, found.same_log) == (True, True, True)
    assert found.first.size < found.second.size
    members = {(each.key, each.how) for each in found.diff.resources if each.kind == "played.member"}
    assert members == {("ann", "changed"), ("bob", "changed"), ("carol", "gone"), ("dora", "new")}
    assert found.diff.resource_counts["gone"] == 1
    verdicts = {
        (each.subject, each.how, each.was, each.now)
        for each in found.diff.findings
        if each.check.startswith("played_member")
    }
    assert verdicts == {
        ("ann", "changed", "fail", "pass"),
        ("bob", "changed", "pass", "fail"),
        ("carol", "gone", "pass", ""),
        ("dora", "new", "", "pass"),
    }
    assert [each for each in found.diff.terms if each.name != "code"] == []


def test_a_bundle_that_does_not_verify_is_compared_with_nothing(pair: Office) -> None:
    """Without a key nothing is verified, and that is said; with one, both have to hold."""
    unproven = compare_bundles(pair.folder / "before.zip", pair.folder / "out.zip")
    assert (unproven.first.verified, unproven.second.verified) == (False, False)

    files = files_of(pair.folder / "out.zip")
    files["data/index.html"] += b" "
    with pytest.raises(VerificationError) as refused:
        compare_bundles(pair.folder / "before.zip", _signed_again(pair, files), key=pair.key)
    assert refused.value.so == "nothing was compared"


class _Side:
    """A bundle of which only what is given is there."""

    def __init__(self, **has: Any) -> None:
        self.about = has.get("about", {})
        self.rules = {rule.check: rule for rule in has.get("rules", ())}
        self.files = {file.name: file for file in has.get("files", ())}
        self._tables = has.get("tables", {})

    def findings(self) -> Iterator[FindingLine]:
        return iter(())

    def rows(self, table: str) -> Iterator[dict[str, str]]:
        return iter(self._tables.get(table, ()))


def _file(text: str) -> CompanyFile:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    digest = digest_of(text.encode())
    return CompanyFile(
        at=at, name="scope", file_name="scope.toml", by="ann", host="h", digest=digest, was=None, pieces=(text,)
    )


def test_rules_limits_scope_controls_and_coverage_are_compared_too() -> None:
    """An edited check, a loosened limit and a smaller scope explain more than any verdict."""
    control = {"edition": "e", "control": "1", "role": "", "title": "One"}
    task = {"source": "code", "collection": "k", "scope": "acme"}
    was = _Side(
        about={"frameworks": '["e"]'},
        rules=[RuleInForce("a", "sha256:1", {"max_age": "60d"}), RuleInForce("b", "sha256:2", {})],
        files=[_file('[[systems]]\nname = "shop"\n[[systems]]\nname = "web"\n')],
        tables={"controls": [{**control, "state": "Open deviations (1)"}], "tasks": [{**task, "outcome": "complete"}]},
    )
    now = _Side(
        about={"frameworks": '["e","f"]'},
        rules=[RuleInForce("a", "sha256:3", {"max_age": "90d"}), RuleInForce("c", "sha256:4", {})],
        files=[_file('[[systems]]\nname = "shop"\n')],
        tables={
            "controls": [{**control, "state": "Not established"}],
            "tasks": [{**task, "outcome": "denied", "why": "no right"}],
        },
    )

    found = bundle_diff(was, now)  # type: ignore[arg-type]  # it has what is asked of a side

    assert [(each.check, each.what, each.was, each.now) for each in found.rules] == [
        ("a", "code", "sha256:1", "sha256:3"),
        ("a", "limits", "max_age=60d", "max_age=90d"),
        ("b", "gone", "in force", ""),
        ("c", "new", "", "in force"),
    ]
    assert [(each.name, each.entries) for each in found.files] == [("scope.toml", ("removed: web",))]
    assert [(each.id, each.was, each.now) for each in found.controls] == [
        ("1", "Open deviations (1)", "Not established")
    ]
    assert [(each.kind, each.was, each.now, each.why) for each in found.coverage] == [
        ("k", "complete", "denied", "no right")
    ]
    assert [(each.name, each.was, each.now) for each in found.terms] == [("frameworks", '["e"]', '["e","f"]')]
