"""One of every kind of fact, made through the program's own types: a renamed field is renamed here and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import msgspec
from msgspec import Struct

from collector.core.access_days import AccessDay
from collector.core.alerts import Alert, AlertDelivery, Alerted
from collector.core.attestations import Attestation, Attested, Person, SupplierReport
from collector.core.audit_requests import AttachedFile, RequestAct
from collector.core.canonical import Digest, digest_of
from collector.core.checks import Status
from collector.core.clocks import ClockAnomaly, ComparedClock, WhoseClock
from collector.core.erasure import Erasure
from collector.core.facts import (
    Anchored,
    CheckCounts,
    CompanyFile,
    EditionInForce,
    IncompleteDiscovery,
    InForce,
    Judged,
    MissedSlots,
    OperatorAct,
    RuleInForce,
    RunEnded,
    RunStarted,
    SourceRoots,
    TasksPlanned,
    Verified,
)
from collector.core.findings import Ended, Finding, FindingChange, FindingId
from collector.core.identities import Identity, Role
from collector.core.record_reviews import RecordEntered, RecordReviewed
from collector.core.tasks import Calls, Observation, Outcome, Provenance, Task, UnreadPart
from storage.log.mac_epochs import MacsBegin, Unproven
from storage.log.origins import Genesis, Migrated, NewKey, Restored
from storage.log.unchanged_tasks import UnchangedTask, UnchangedTasks
from storage.tables.projections import APPEARED, CHANGED, GONE, REAPPEARED, Change, TaskSeen


@dataclass(frozen=True)
class Golden:
    """What a leaf is made of: a fact, and the rows of one whose type does not hold its own."""

    fact: Struct
    rows: Sequence[Struct | str] = ()


AT = datetime(2026, 11, 23, 6, 0, 1, 250_000, tzinfo=UTC)
LATER = AT + timedelta(seconds=30)

ANN = Identity(issuer="https://login.example.org", subject="00u1", name="Ann Sommer", role=Role.CONTRIBUTOR)
REVIEWED_LATER = Attestation(
    ask="8.3-b",
    kind="record",
    stated_by=Person(name="Ann Sommer", role="head of platform"),
    entered_by="Ann Sommer (00u1 at https://login.example.org)",
    reviewed_by="",
    version="2",
    approved_on=date(2026, 10, 1),
    obtained_from="the minutes",
    period=None,
    made_at=AT,
    valid_until=date(2027, 9, 30),
    file_name="minutes.pdf",
    digest=digest_of(b"minutes"),
    size=7,
)
RUN, OTHER_RUN = "01a206fd-6b4c-7a58-923f-42fb96a29594", "01a20c23-c4f4-71f0-b6c4-6747d074999f"
KEY = "example.org/log+c8cf3f4d+AQnNwBta2ZPCcOcSs2FGijgejyl65mamBjKT2GbvI/8L"
OTHER_KEY = "example.org/log~2+04b66e4b+AY/XtJNGQl4lfLtJaBJpbAtoDVAtzj9naTKs1whYMGoi"


def digest(pair: str) -> Digest:
    """Return a digest of these two digits."""
    return Digest("sha256:" + pair * 32)


TASK = Task(source="production", collection="aws.s3.bucket", scope=("111122223333", "eu-central-1"))
REFUSED = UnreadPart(call="s3:GetBucketPolicy", permissions="s3:GetBucketPolicy", why="AWS answered 403", denied=True)
PROVENANCE = Provenance(
    identity="arn:aws:sts::111122223333:assumed-role/evidence-reader/annexd",
    connector="aws 1",
    code=digest("5e"),
    redaction=digest("7a"),
    calls=(
        Calls(
            operation="s3:ListBuckets",
            count=3,
            retries=1,
            statuses={"200": 2, "503": 1},
            params={"MaxBuckets": "1000"},
            first_id="4Z7T0Q9W",
            last_id="K8R2M5XA",
            free=1,
        ),
    ),
    pages=2,
    requests=3,
    repeated=1,
    total=41,
    total_from="the account's summary",
    date=LATER,
    unread={"policy": 1},
    redacted={"name:Password": 2},
    identity_unknown="",
)
OBSERVATION = Observation(
    task=TASK,
    run=RUN,
    outcome=Outcome.COMPLETE,
    started_at=AT,
    ended_at=LATER,
    listed=40,
    provenance=PROVENANCE,
    every=timedelta(hours=24),
)
COSTED = msgspec.structs.replace(
    OBSERVATION,
    provenance=msgspec.structs.replace(
        PROVENANCE, calls=(Calls(operation="POST /graphql", count=3, statuses={"200": 3}, cost=7),)
    ),
)
OFF = msgspec.structs.replace(
    OBSERVATION, provenance=msgspec.structs.replace(PROVENANCE, clock_off=timedelta(days=-60, seconds=-7))
)
BY_WORKER = msgspec.structs.replace(
    OBSERVATION, provenance=msgspec.structs.replace(PROVENANCE, worker=f"worker-1, code {digest('c0')}")
)
UNSEEN = msgspec.structs.replace(
    OBSERVATION,
    listed=0,
    provenance=Provenance(
        identity=None,
        connector="aws 1",
        code=digest("5e"),
        redaction=digest("7a"),
        identity_unknown="sts:GetCallerIdentity was refused",
    ),
    why="AWS answered 403",
    permissions="s3:ListAllMyBuckets",
)
FINDING = Finding(
    id=FindingId(check="aws_s3_bucket_not_public", source="production", scope=TASK.scope, subject="logs"),
    status=Status.FAIL,
    reason="logs is open to everyone",
    limits={"max_age": "90d"},
    evidence=(digest("ab"), digest("cd")),
    observed_at=LATER,
    trace="Traceback: it broke",
)


def _seen(outcome: Outcome, **but: str) -> Golden:
    """Return a task that ended so, and saw nothing."""
    observation = msgspec.structs.replace(UNSEEN, outcome=outcome, **but)
    return Golden(
        TaskSeen(observation=observation, inventory=None, facts=(), appeared=0, changed=0, gone=0, unchanged=0)
    )


def _unread(**parts: UnreadPart) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(parts))


def _change(now: Status, was: Status | None = None) -> FindingChange:
    finding = msgspec.structs.replace(FINDING, status=now)
    return FindingChange(id=FINDING.id, was=was, now=finding, ended=None, because="the limit was changed")


GOLDEN: dict[str, Golden] = {
    "genesis": Golden(
        Genesis(
            origin="example.org/log",
            key=KEY,
            created_at="2026-11-23T06:00:01.250000Z",
            software="annexd 0.1.0",
            canonical="RFC 8785",
            tree="RFC 6962, SHA-256",
            key_check="0c" * 32,
            tables=digest("7b"),
            schema=digest("5c"),
        )
    ),
    "genesis.macs": Golden(
        Genesis(
            origin="example.org/log",
            key=KEY,
            created_at="2026-11-23T06:00:01.250000Z",
            software="annexd 0.1.0",
            canonical="RFC 8785",
            tree="RFC 6962, SHA-256",
            key_check="0c" * 32,
            tables=digest("7b"),
            macs="3d" * 32,
        )
    ),
    "migrated": Golden(
        Migrated(
            was="0001",
            now="0002",
            software="annexd 0.1.0",
            was_tables=digest("7b"),
            tables=digest("7c"),
            was_schema=digest("5c"),
            schema=digest("5d"),
        )
    ),
    "macs": Golden(
        MacsBegin(
            macs="3d" * 32,
            root=digest("0f"),
            unproven=Unproven(
                count=2, first=390, last=391, kinds={"anchored": 1, "judged": 1}, reason="ours, of Friday", by="ann"
            ),
        )
    ),
    "key": Golden(NewKey(old=KEY, key=OTHER_KEY, reason="yearly", by="ann")),
    "key.macs": Golden(NewKey(old=KEY, key=OTHER_KEY, reason="yearly", by="ann", macs="3e" * 32)),
    "restore": Golden(
        Restored(
            old=KEY,
            origin="example.org/log~2",
            key=OTHER_KEY,
            held=391,
            signed=400,
            root=digest("0f"),
            reason="the disk broke",
            by="ann",
        )
    ),
    "run_started": Golden(
        RunStarted(
            run=OTHER_RUN,
            trigger="scan",
            at=AT,
            version="0.1.0",
            code=digest("5e"),
            config=digest("c0"),
            sources=(SourceRoots(source="production", connector="aws", roots=(("111122223333",), ())),),
            resumes=RUN,
        )
    ),
    "run_started.missed": Golden(
        RunStarted(
            run=OTHER_RUN,
            trigger="serve",
            at=AT,
            version="0.2.0",
            code=digest("5e"),
            config=digest("c0"),
            sources=(),
            missed=MissedSlots(count=3, first=AT - timedelta(days=3), last=AT - timedelta(days=1)),
        )
    ),
    "alerted": Golden(
        Alerted(
            at=AT,
            alerts=(
                Alert(
                    id="9f2c",
                    key="finding aws_s3_bucket_private production:111122223333 logs",
                    kind="finding",
                    severity="critical",
                    what="logs in production:111122223333 (aws_s3_bucket_private): the bucket is public",
                    todo="close it",
                    at=AT,
                    since=AT - timedelta(hours=1),
                    source="production",
                    owner="ann",
                    due=date(2026, 11, 30),
                    frameworks=("iso27001:2022",),
                    link="https://evidence.example.org/checks/aws_s3_bucket_private",
                    over=True,
                ),
            ),
            ended=("a1b2",),
            silent=("c3d4",),
            unknown=7,
        )
    ),
    "alert_delivery": Golden(
        AlertDelivery(at=AT, target="ops", alerts=("9f2c",), result="failed", tries=2, why="the target answered 500")
    ),
    "request_act": Golden(
        RequestAct(
            at=AT,
            audit="surveillance-2026",
            request=4,
            verb="return",
            by=Identity(
                issuer="https://login.example.org",
                subject="hm",
                name="H. Maurer",
                role=Role.AUDITOR,
                audit="surveillance-2026",
            ),
            text="The minutes, item 4",
            after=431,
            controls=("iso27001:2022/8.3",),
            due=date(2026, 12, 1),
            records=(12,),
            file=AttachedFile(name="minutes.pdf", digest=digest_of(b"minutes"), size=7),
            pieces=("bWludXRlcw==",),
        )
    ),
    "record_entered": Golden(RecordEntered(at=AT, by=ANN, record=REVIEWED_LATER, pieces=("bWludXRlcw==",))),
    "record_reviewed": Golden(
        RecordReviewed(
            at=AT,
            by=Identity(issuer="https://login.example.org", subject="bob", name="Bob Winter", role=Role.ADMIN),
            entered=440,
            decision="approved",
            text="as discussed",
        )
    ),
    "access_day": Golden(
        AccessDay(at=AT, day=date(2026, 11, 22), file_name="2026-11-22.jsonl", digest=digest_of(b"views"), views=3)
    ),
    "tasks_planned": Golden(
        TasksPlanned(
            run=RUN,
            at=AT,
            tasks=(TASK, Task(source="code", collection="github.org.member", scope=("acme",))),
            scopes={"production": ((), ("111122223333",), TASK.scope), "code": (("acme",),)},
            incomplete_discoveries=(
                IncompleteDiscovery(
                    source="production", level="region", scope=("111122223333",), why="AWS answered 403"
                ),
            ),
        )
    ),
    "task.cost": Golden(
        TaskSeen(observation=COSTED, inventory=None, facts=(), appeared=0, changed=0, gone=0, unchanged=40)
    ),
    "task.clock": Golden(
        TaskSeen(observation=OFF, inventory=None, facts=(), appeared=0, changed=0, gone=0, unchanged=40)
    ),
    "task.worker": Golden(
        TaskSeen(observation=BY_WORKER, inventory=None, facts=(), appeared=0, changed=0, gone=0, unchanged=40)
    ),
    "clock_anomaly": Golden(
        ClockAnomaly(
            run=RUN,
            at=LATER,
            limit=timedelta(minutes=5),
            whose=WhoseClock.MACHINE,
            jumped=True,
            sources=(
                ComparedClock(source="code", answers=12, beyond=0),
                ComparedClock(source="production", answers=40, beyond=3, largest=timedelta(days=-60), ours=AT),
            ),
        )
    ),
    "task": Golden(
        TaskSeen(
            observation=OBSERVATION,
            inventory=digest("1d"),
            facts=(digest("fa"), digest("fb")),
            appeared=2,
            changed=1,
            gone=1,
            unchanged=37,
            facts_over=True,
        ),
        (
            Change(key="logs", change=APPEARED, digest=digest("ab"), unread=_unread(policy=REFUSED)),
            Change(key="old", change=GONE, digest=None, unread=msgspec.Raw(b"null")),
            Change(key="web", change=CHANGED, digest=digest("cd"), unread=msgspec.Raw(b"null")),
            Change(key="\u00fcber", change=REAPPEARED, digest=digest("ef"), unread=msgspec.Raw(b"null")),
        ),
    ),
    **{f"task.{one.value}": _seen(one) for one in Outcome if one is not Outcome.COMPLETE},
    "task.not_used": _seen(Outcome.SKIPPED, not_used_by="aws.account.region in 111122223333", permissions=""),
    "tasks": Golden(
        UnchangedTasks(run=RUN, since=AT, count=2, facts=(digest("fc"),)),
        (
            UnchangedTask(leaf=17, started=0, took=1_500_000, date=-400_000, facts=3, apart={}),
            UnchangedTask(
                leaf=18,
                started=20_000,
                took=900_000,
                date=None,
                facts=0,
                apart={"calls": [{"first_id": "A", "last_id": "B"}], "listed": 41, "requests": 4},
            ),
        ),
    ),
    "judged": Golden(
        Judged(
            run=RUN,
            at=LATER,
            changes=(
                _change(Status.FAIL),
                _change(Status.PASS, was=Status.FAIL),
                _change(Status.UNKNOWN, was=Status.PASS),
                _change(Status.NOT_APPLICABLE, was=Status.UNKNOWN),
                *(
                    FindingChange(id=FINDING.id, was=Status.PASS, ended=one, because="gone from the list")
                    for one in Ended
                ),
            ),
            tallies=(
                CheckCounts(
                    check="aws_s3_bucket_not_public",
                    source="production",
                    code=digest("5e"),
                    limits={"max_age": "90d"},
                    counts={"fail": 1, "pass": 39},
                ),
            ),
        )
    ),
    "run_ended": Golden(
        RunEnded(run=RUN, at=LATER, outcomes={one.value: 1 for one in Outcome}, stopped="Ctrl-C"),
    ),
    "in_force": Golden(
        InForce(
            run=RUN,
            at=AT,
            by="ann",
            config=digest("c0"),
            code=digest("5e"),
            was_config=digest("c1"),
            was_code=digest("5f"),
            added=("aws_a",),
            removed=("aws_b",),
            code_changed=("aws_c",),
            limits_changed=("aws_d",),
            disabled=("aws_e",),
            enabled=("aws_f",),
            rules=(
                RuleInForce(check="aws_d", code=digest("dd"), limits={"max_age": "60d"}, enabled=True),
                RuleInForce(check="aws_e", code=digest("ee"), limits={}, enabled=False, reason="see ISP-12"),
            ),
            editions=(EditionInForce(framework="iso27001:2022", digest=digest("27"), controls={"8.5": digest("85")}),),
            mapping_changed=("iso27001:2022/8.5",),
        )
    ),
    "company_file": Golden(
        CompanyFile(
            at=AT,
            name="exceptions",
            file_name="exceptions.toml",
            by="ann",
            host=digest("40"),
            digest=digest("e0"),
            was=digest("e1"),
            pieces=('[[exception]]\nid = "EX-1"\n', "# \u2713\n"),
        )
    ),
    "company_file.gone": Golden(
        CompanyFile(
            at=AT, name="risks", file_name="risks.toml", by="ann", host=digest("40"), digest=None, was=digest("e1")
        )
    ),
    "company_file.long": Golden(
        CompanyFile(
            at=AT,
            name="soa",
            file_name="soa.toml",
            by="ann",
            host=digest("40"),
            digest=digest("e2"),
            was=None,
            pieces=("#" * 17_000,),  # too long for a leaf: it goes into a payload
        )
    ),
    "attested": Golden(
        Attested(
            attestation=Attestation(
                ask="5.23-b",
                kind="supplier-report",
                stated_by=Person(name="Eve Lang", role="managing director"),
                entered_by="ann",
                reviewed_by="Ann Sommer",
                version="2",
                approved_on=date(2026, 10, 1),
                obtained_from="the supplier's portal",
                period=(date(2025, 10, 1), date(2026, 9, 30)),
                made_at=AT,
                valid_until=date(2027, 9, 30),
                file_name="report.pdf",
                digest=digest("a7"),
                size=12,
                supersedes=120,
                supplier=SupplierReport(
                    supplier="GitHub", report="SOC 2 type 2", scope="Enterprise Cloud", customer_controls="section 4"
                ),
            ),
            pieces=("SGVsbG8g", "d29ybGQh"),
        )
    ),
    "attested.withdrawal": Golden(
        Attested(
            attestation=Attestation(
                ask="5.1-a",
                kind="withdrawal",
                stated_by=Person(name="Eve Lang", role="managing director"),
                entered_by="ann",
                reviewed_by="Ann Sommer",
                version="",
                approved_on=date(2026, 11, 23),
                obtained_from="",
                period=None,
                made_at=AT,
                valid_until=date(2026, 11, 23),
                withdraws=121,
                because="it was about another document",
            )
        )
    ),
    "anchored": Golden(
        Anchored(at=LATER, size=119, root=digest("0f"), kind="rfc3161", where="https://tsa.example/tsr", token="MIIB")
    ),
    "anchored.pending": Golden(
        Anchored(
            at=LATER, size=119, root=digest("0f"), kind="rfc3161", where="https://tsa.example/tsr", why="no answer"
        )
    ),
    "verified": Golden(
        Verified(
            at=LATER,
            trigger="serve",
            version="0.1.0",
            took=1.5,
            leaves=119,
            root=digest("0f"),
            checkpoints=3,
            rows=640,
        )
    ),
    "verified.wrong": Golden(Verified(at=LATER, trigger="serve", version="0.1.0", took=0.5, wrong="leaf 7 is missing")),
    "operator_act": Golden(
        OperatorAct(at=AT, by="ann", host=digest("40"), act="backup", about={"bytes": "540672", "file": "copy.db"})
    ),
    "erasure": Golden(
        Erasure(
            at=AT,
            basis="GDPR article 17",
            approved_by="Eve Lang",
            by="ann",
            bodies=1,
            facts=1,
            source="code",
            kind="github.org.member",
            scope=("acme",),
            key="bob",
        ),
        (digest("ab"), digest("fa")),
    ),
    "erasure.by_age": Golden(
        Erasure(at=AT, basis="retention", approved_by="the configuration", by="ann", bodies=1, facts=0),
        (digest("ab"),),
    ),
}
"""By the name of the file of their leaf: the kind, and where there are several of one kind, what sets them apart."""
