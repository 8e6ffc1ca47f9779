"""Alerts: told once when something begins and once when it is over, to those whom it concerns, across restarts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from collector.core.alerts import Alert, Alerted
from collector.core.errors import StoreError
from collector.daemon.alerts import desk as desk_module
from collector.daemon.alerts.book import KEPT, Book, short
from collector.daemon.alerts.changes import MOST_OF_A_KIND, changes
from collector.daemon.alerts.condition import Condition
from collector.daemon.alerts.conditions import Conditions, _step
from collector.daemon.alerts.desk import Desk
from collector.daemon.alerts.routes import is_quiet, sendable, takes
from collector.daemon.alerts.senders.posting import NotDelivered
from collector.daemon.watching.figures import read_figures
from collector.daemon.watching.health import not_ready
from collector.daemon.watching.watch import Watch
from collector.setup.alerts_config import Route, SlackTarget, Target
from collector.setup.app import open_app
from tests.daemon.test_senders import Desk as Hook
from tests.daemon.test_senders import an_alert
from tests.daemon.test_senders import desk as hook
from tests.played.company import Company
from tests.played.platform import CANARIES, MEMBERS, a_member

__all__ = ["hook"]

ALERTS = """
[alerts]
findings = "high"
due      = { high = "14d" }

[alerts.targets.ops]
type = "slack"
url  = { env = "OPS_URL" }

[alerts.targets.team]
type = "slack"
url  = { env = "TEAM_URL" }

[[alerts.routes]]
to = ["ops"]

[[alerts.routes]]
to     = ["team"]
owners = ["Ann"]
kinds  = ["finding"]
"""

SCOPE = """
version      = "1"
statement    = "All of it."
approved_by  = "Mia"
approved_on  = 2026-01-01

[[system]]
name          = "Acme"
owner         = "Ann"
environment   = "production"
source        = "acme"
in_scope_from = 2026-01-01
"""


@dataclass
class Sent:
    """What targets were sent, and which of them take nothing now."""

    got: list[tuple[str, list[Alert]]] = field(default_factory=list)
    refuse: dict[str, Exception] = field(default_factory=dict)

    def kinds(self, target: str) -> list[tuple[str, bool]]:
        """The kinds of what a target took, and whether they were over."""
        return [(alert.kind, alert.over) for name, alerts in self.got for alert in alerts if name == target]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """The senders are played: what they put on the wire is tried elsewhere."""
    found = Sent()

    def send(target: Target, alerts: list[Alert], _at: datetime, _origin: str) -> None:
        assert isinstance(target, SlackTarget)
        name = target.url.source.removeprefix("env ").removesuffix("_URL").lower()
        if name in found.refuse:
            raise found.refuse[name]
        found.got.append((name, list(alerts)))

    monkeypatch.setattr(desk_module, "send", send)
    return found


class AlertedCompany:
    """A company that is told: after each scan the daemon's desk looks and delivers."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.moved = timedelta(0)
        self.watch = Watch(lambda: datetime.now(UTC) + self.moved)
        self.desk = self.restart()

    def restart(self) -> Desk:
        """Begin anew, as after a restart of the process."""
        self.desk = Desk(lambda: open_app(self.company.config), self.watch)
        return self.desk

    def look(self, *, scan: bool = True) -> None:
        """Scan, look at the store and deliver."""
        if scan:
            self.company.run("scan")
        app = open_app(self.company.config)
        with app.open_store(writer=False) as store:
            self.desk.look(app, store, read_figures(app, store))
        self.desk.deliver()

    def facts(self, kind: str) -> list[Any]:
        """What the log has of a kind."""
        with open_app(self.company.config).open_store(writer=False) as store:
            return [entry.fact for entry in store.log(kinds=(kind,))]


@pytest.fixture
def told(company: Company, sent: Sent) -> AlertedCompany:
    """A company with targets, of which the first alert was sent."""
    company.add(ALERTS)
    (company.folder / "scope.toml").write_text(SCOPE)
    made = AlertedCompany(company)
    made.look()
    assert {name for name, _ in sent.got} == {"ops", "team"}
    assert sent.kinds("ops") == [("baseline", False)]
    sent.got.clear()
    return made


def without_mfa(company: Company, *logins: str) -> None:
    """Let these members sign in with a password alone."""
    names = ("ann", "bob", "carol")
    company.platform.orgs["acme"]["members"] = [a_member(name, mfa=name not in logins) for name in names]


def test_a_new_finding_is_told_once_with_owner_and_day_and_its_end_once(told: AlertedCompany, sent: Sent) -> None:
    """However often the store is looked at, and whoever restarts the process in between."""
    without_mfa(told.company, "bob")
    told.look()
    told.look()
    told.restart()
    told.look()
    raised = [alert for name, alerts in sent.got for alert in alerts if name == "team"]
    without_mfa(told.company)
    told.look()
    told.restart()
    told.look()

    (alert,) = raised
    assert (alert.kind, alert.severity, alert.owner) == ("finding", "high", "Ann")
    assert "bob" in alert.what
    assert alert.todo == "Enrol one"
    assert alert.since is not None
    assert alert.due == (alert.since + timedelta(days=14)).date()
    assert sent.kinds("team") == [("finding", False), ("finding", True)]
    assert told.company.run("verify", "--rebuild").code == 0


def test_what_cannot_be_looked_at_any_more_is_not_over(told: AlertedCompany, sent: Sent) -> None:
    """A lost permission must not read as a finding that was mended."""
    without_mfa(told.company, "bob")
    told.look()
    told.company.platform.deny(MEMBERS)
    told.look()
    sent_blind = sent.kinds("ops")
    told.company.platform.calm()
    told.look()

    assert ("finding", True) not in sent.kinds("ops")
    assert ("permission_lost", False) in sent_blind
    assert ("permission_lost", True) in sent.kinds("ops")


def test_a_target_that_takes_nothing_is_tried_again_and_holds_up_no_other(told: AlertedCompany, sent: Sent) -> None:
    """Each try is no entry of the log; that it began to fail, and how it ended, is."""
    sent.refuse["ops"] = NotDelivered("no answer: ConnectTimeout")
    without_mfa(told.company, "bob")
    told.look()
    told.desk.deliver()
    undelivered = told.watch.undelivered
    first = sent.kinds("team")
    told.moved = timedelta(minutes=5)
    told.desk.deliver()
    told.restart()
    sent.refuse.clear()
    told.look(scan=False)

    assert first == [("finding", False)]
    assert undelivered >= 1
    assert ("finding", False) in sent.kinds("ops")
    results = [(fact["target"], fact["result"]) for fact in told.facts("alert_delivery")]
    assert results[2:] == [("ops", "failed"), ("team", "delivered"), ("ops", "delivered")]
    assert told.watch.undelivered == 0


def test_a_defect_of_one_sender_holds_up_no_other_and_is_recorded(told: AlertedCompany, sent: Sent) -> None:
    """Targets after it would else never be told, and only the log would know."""
    sent.refuse["ops"] = KeyError("a defect")
    without_mfa(told.company, "bob")

    told.look()

    assert sent.kinds("team") == [("finding", False)]
    results = [(fact["target"], fact["result"]) for fact in told.facts("alert_delivery")]
    assert results[-2:] == [("ops", "failed"), ("team", "delivered")]
    assert told.watch.undelivered == 1


@pytest.mark.parametrize("error", [StoreError("the disk is gone"), KeyError("a defect")])
def test_alerts_that_cannot_be_delivered_make_a_daemon_not_ready(
    told: AlertedCompany, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Until they can."""

    def refuse() -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(told.desk, "deliver", refuse)
        told.desk.deliver_or_tell()
        failed = not_ready(told.watch)
    told.desk.deliver_or_tell()

    assert len([reason for reason in failed if reason.startswith("alerts: ")]) == 1
    assert [reason for reason in not_ready(told.watch) if reason.startswith("alerts: ")] == []


def test_a_target_that_is_gone_is_given_up_and_so_said(told: AlertedCompany, sent: Sent) -> None:
    """Trying an address that is gone for ever would tell nobody anything."""
    sent.refuse["ops"] = NotDelivered("the target answered 410", is_final=True)
    without_mfa(told.company, "bob")
    told.look()
    listed = told.company.run("alerts", "list", "--json").json

    assert [fact["result"] for fact in told.facts("alert_delivery") if fact["target"] == "ops"][-1] == "given_up"
    shown = {target["name"]: (target["waiting"], target["why"]) for target in listed["targets"]}
    assert shown == {"ops": (0, "the target answered 410"), "team": (0, "")}


def test_what_nobody_could_be_told_for_days_is_given_up(told: AlertedCompany, sent: Sent) -> None:
    """A week's old alarm is no alarm."""
    sent.refuse["ops"] = NotDelivered("no answer")
    without_mfa(told.company, "bob")
    told.look()
    told.moved = KEPT + timedelta(hours=1)
    told.desk.deliver()

    last = [fact for fact in told.facts("alert_delivery") if fact["target"] == "ops"][-1]
    assert (last["result"], "7 days" in last["why"]) == ("given_up", True)


def test_alerts_name_no_secret(told: AlertedCompany, sent: Sent) -> None:
    """They leave the company by mail and chat."""
    key = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    told.company.platform.orgs["acme"]["members"] = [a_member(f"token={key}", mfa=False), a_member("ann")]
    told.company.platform.deny("GET /orgs/{org}/projects/{project}/repos/{repo}/hooks")
    told.look()
    text = repr(sent.got)

    assert ("finding", False) in sent.kinds("ops")
    assert key not in text
    assert [canary for canary in CANARIES.values() if canary in text] == []


def test_nothing_is_told_of_a_store_that_nobody_has_looked_into(company: Company, sent: Sent) -> None:
    """What the first run finds holds already and is no news; a source that never answers is waited for an hour."""
    company.add(ALERTS)
    with open_app(company.config).open_store(writer=True):
        pass
    made = AlertedCompany(company)
    made.look(scan=False)
    before = list(sent.got)
    made.moved = timedelta(hours=2)
    made.look(scan=False)

    assert before == []
    assert sent.kinds("ops") == [("baseline", False)]


def test_without_targets_nothing_is_recorded(company: Company) -> None:
    """Who wants no alerts has a log without them."""
    made = AlertedCompany(company)
    made.look()

    assert made.facts("alerted") == []


def test_list_shows_what_holds_by_owner(told: AlertedCompany, sent: Sent) -> None:
    """Assigned to me: what I have to see to."""
    del sent
    without_mfa(told.company, "bob")
    told.look()
    mine, theirs = (told.company.run("alerts", "list", "--owner", who, "--json").json["held"] for who in ("Ann", "Eve"))

    assert [alert["kind"] for alert in mine] == ["finding"]
    assert theirs == []
    assert "bob" in told.company.run("alerts", "list").out


def test_a_test_is_sent_by_the_real_senders(company: Company, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sets it up sees at once what a target says."""
    monkeypatch.setenv("OPS_URL", hook.url)
    monkeypatch.setenv("TEAM_URL", hook.url)
    company.add(ALERTS)
    hook.answers = [(200, {}, b"ok"), (404, {}, b"no_service")]
    both = company.run("alerts", "test", "--json")
    one = company.run("alerts", "test", "--target", "ops")
    unknown = company.run("alerts", "test", "--target", "opps")

    assert both.code == 1
    assert [(tried["target"], tried["delivered"]) for tried in both.json["tried"]] == [("ops", True), ("team", False)]
    assert "no_service" in both.json["tried"][1]["why"]
    assert one.code == 0
    assert unknown.code == 2
    assert b"a test of annexd" in hook.got[0][2]
    assert hook.url not in both.out + both.err


AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def condition(key: str, **but: Any) -> Condition:
    """Something that holds."""
    told: dict[str, Any] = {
        "key": key,
        "kind": "finding",
        "severity": "high",
        "what": f"{key} is open",
        "todo": "close it",
        "page": "checks/x",
    }
    return Condition(**told | but)


def held(*found: Condition, undecided: tuple[str, ...] = ()) -> Conditions:
    """All that holds."""
    return Conditions({each.key: each for each in found}, undecided, frozenset({"acme"}))


def book_of(now: Conditions, *, unknown: int = 0) -> Book:
    """A book in which alerts have begun, and these things were raised."""
    book = Book()
    for fact in (*changes(book, held(), at=AT, unknown=unknown, link=None),):
        book.take(fact)
    for fact in changes(book, now, at=AT, unknown=unknown, link=None):
        book.take(fact)
    return book


def raised(facts: list[Alerted]) -> list[Alert]:
    """The alerts of what is to be recorded."""
    return [alert for fact in facts for alert in fact.alerts]


def test_many_at_once_are_counted_and_none_is_told_again() -> None:
    """A new check of a thousand resources must not be a thousand messages, nor the next look one more."""
    many = held(*(condition(f"finding {number}") for number in range(1_000)))
    book = book_of(held())
    facts = changes(book, many, at=AT, unknown=0, link=None)
    for fact in facts:
        book.take(fact)

    assert len(raised(facts)) == MOST_OF_A_KIND + 1
    assert f"{1_000 - MOST_OF_A_KIND} more" in raised(facts)[-1].what
    assert changes(book, many, at=AT, unknown=0, link=None) == []


def test_what_was_counted_ends_without_a_word_and_can_begin_again() -> None:
    """What was never told by itself is not over by itself."""
    many = [condition(f"finding {number}") for number in range(100)]
    book = book_of(held(*many))
    for fact in changes(book, held(*many[:-1]), at=AT, unknown=0, link=None):
        assert fact.alerts == ()
        book.take(fact)

    (alert,) = raised(changes(book, held(*many), at=AT, unknown=0, link=None))
    assert alert.key == many[-1].key


@pytest.mark.parametrize(
    ("kind", "source", "undecided", "is_told"),
    [
        ("control_failing", "", (), True),
        ("control_failing", "", ("x",), False),
        ("permission_lost", "acme", (), True),
        ("permission_lost", "gone", (), False),  # the source was taken out of the configuration
        ("exception_expires", "", (), False),
    ],
)
def test_what_is_over_is_told_where_that_is_known(
    kind: Any, source: str, undecided: tuple[str, ...], is_told: bool
) -> None:
    """Over is a claim, and needs to be as well founded as any other."""
    book = book_of(held(condition("x", kind=kind, source=source)))
    over = raised(changes(book, held(undecided=undecided), at=AT, unknown=0, link=None))

    assert [alert.over for alert in over] == ([True] if is_told else [])
    assert all(alert.todo == "nothing" for alert in over)


@pytest.mark.parametrize(
    ("before", "now", "is_told"), [(0, 9, False), (0, 10, True), (100, 119, False), (100, 120, True), (50, 10, False)]
)
def test_unknown_that_grew_is_told(before: int, now: int, is_told: bool) -> None:
    """By ten and by a fifth: what could not be looked at is a result, and more of it is news."""
    alerts = raised(changes(book_of(held(), unknown=before), held(), at=AT, unknown=now, link=None))

    assert [alert.kind for alert in alerts] == (["unknown_grown"] if is_told else [])


def test_unknown_that_grows_slowly_is_told_too() -> None:
    """It is compared with when it was small, whatever else is recorded in between."""
    book, kinds = book_of(held(), unknown=0), []
    for step in range(1, 7):
        now = held(condition(f"finding {step}"))
        for fact in changes(book, now, at=AT, unknown=2 * step, link=None):
            kinds += [alert.kind for alert in fact.alerts]
            book.take(fact)

    assert kinds.count("unknown_grown") == 1


def test_a_link_leads_to_the_page() -> None:
    """One click from the alarm to what it rests on."""
    facts = changes(book_of(held()), held(condition("x")), at=AT, unknown=0, link="https://evidence.example.org/")

    assert raised(facts)[0].link == "https://evidence.example.org/checks/x"


@pytest.mark.parametrize(
    ("days", "step"), [(31, None), (30, 30), (8, 30), (7, 7), (2, 7), (1, 1), (0, 0), (-1, -1), (-99, -1)]
)
def test_what_expires_is_told_at_each_step(days: int, step: int | None) -> None:
    """30, 7 and 1 days before, on the day, and after it; a daemon that was down tells the step that it is at."""
    day = date(2026, 3, 2)

    assert _step(day + timedelta(days=days), day) == step


@pytest.mark.parametrize(
    ("route", "but", "is_taken"),
    [
        ({}, {}, True),
        ({"severity": "high"}, {"severity": "medium"}, False),
        ({"severity": "high"}, {"severity": "critical"}, True),
        ({"kinds": ("finding",)}, {}, True),
        ({"kinds": ("finding",)}, {"kind": "clock_anomaly"}, False),
        ({"owners": ("ann",)}, {"owner": "ann"}, True),
        ({"owners": ("ann",)}, {"owner": "bob"}, False),
        ({"owners": ("ann",)}, {"owner": ""}, True),  # nobody's is everybody's
        ({"sources": ("code",)}, {"source": "production"}, False),
        ({"frameworks": ("iso27001:2022",)}, {"frameworks": ("soc2",)}, False),
        ({"frameworks": ("iso27001:2022",)}, {"frameworks": ("soc2", "iso27001:2022")}, True),
        ({"frameworks": ("iso27001:2022",)}, {"frameworks": ()}, True),
        ({"over": False}, {"over": True}, False),
        ({"severity": "critical"}, {"kind": "baseline", "severity": "low"}, True),
    ],
)
def test_a_route_takes_what_it_names_and_what_is_nobodys(route: Any, but: Any, is_taken: bool) -> None:
    """An alert that no route takes is heard by nobody, so what is not known restricts nothing."""
    assert takes(Route(to=("x",), **route), an_alert(**but)) is is_taken


@pytest.mark.parametrize(
    ("quiet", "zone", "hour", "is_quiet_then"),
    [
        ("22:00-07:00", "UTC", 23, True),
        ("22:00-07:00", "UTC", 6, True),
        ("22:00-07:00", "UTC", 7, False),
        ("22:00-07:00", "Europe/Zurich", 6, False),  # seven o'clock there
        ("12:00-13:00", "UTC", 12, True),
        (None, "UTC", 3, False),
    ],
)
def test_quiet_hours_go_over_midnight_in_their_zone(
    quiet: str | None, zone: str, hour: int, is_quiet_then: bool
) -> None:
    """A phone that rings at three is switched off; what is critical rings all the same."""
    route, now = Route(to=("x",), quiet=quiet, time_zone=zone), AT.replace(hour=hour)
    alerts = [an_alert(1, severity="critical"), an_alert(2, severity="high")]

    assert is_quiet(route, now) is is_quiet_then
    assert [alert.id for alert in sendable(route, alerts, now)] == (["id-1"] if is_quiet_then else ["id-1", "id-2"])


def test_a_digest_sends_what_was_raised_before_its_last_slot() -> None:
    """Once a day, all of the day before, and what came since with the next one."""
    route = Route(to=("x",), digest="0 8 * * *")
    before, after = an_alert(1, at=AT.replace(hour=7)), an_alert(2, at=AT.replace(hour=8, minute=30))

    assert [alert.id for alert in sendable(route, [before, after], AT)] == ["id-1"]
    assert [alert.id for alert in sendable(route, [before], AT.replace(hour=7, minute=59))] == []
    assert len(sendable(route, [before, after], AT + timedelta(days=1))) == 2


def test_a_book_folds_to_the_same_whatever_was_in_memory() -> None:
    """Whoever restarts reads from the log what the process before knew."""
    now = held(condition("a"), condition("b", kind="evidence_stale"))
    book, again, facts = Book(), Book(), list[Alerted]()
    for conditions in (held(), now, held(condition("a"))):
        for fact in changes(book, conditions, at=AT, unknown=3, link=None):
            book.take(fact)
            facts.append(fact)
    for fact in facts:
        again.take(fact)

    assert again == book
    assert set(book.held) == {short("a")}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[alerts]\nfindings = "grave"\n', ["alerts.findings", "grave"]),
        ('[alerts.targets.x]\ntype = "pigeon"\n', ["alerts.targets.x", "mail, slack"]),
        (
            '[alerts.targets.x]\ntype = "slack"\nurl = "https://hooks.example/T0/secret"\n',
            ["may not stand in the file"],
        ),
        ('[alerts.targets.x]\ntype = "slack"\nurll = { env = "X" }\n', ["alerts.targets.x.urll", "the nearest is url"]),
        ('[[alerts.routes]]\nto = ["x"]\n', ["alerts.routes.to", "there is no target 'x'"]),
        (
            '[alerts.targets.x]\ntype = "slack"\nurl = { env = "X" }\n[[alerts.routes]]\nto=["x"]\ndigest="daily"\n',
            ["alerts.routes", "0 8 * * mon-fri"],
        ),
        ('[alerts.due]\nhigh = "soon"\n', ["alerts.due.high", "'soon'"]),
    ],
)
def test_a_mistake_in_alerts_is_told_with_its_place(company: Company, text: str, words: list[str]) -> None:
    """An alarm that is set up wrongly is found out on the day that it was for."""
    company.add(text)
    said = company.run("config", "check").err

    assert [word for word in words if word not in said] == []
    assert "T0/secret" not in said
