"""OSCAL: valid by NIST's schema, read by another tool, and nothing in it claims more than was seen."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zipfile import ZipFile

import pytest
from trestle.oscal.assessment_results import AssessmentResults

from collector.actions.export_bundle import export
from collector.actions.export_entry import ExportRequest
from collector.bundle.exporters.exporters import exporters
from collector.bundle.exporters.oscal import PATH, write_oscal
from collector.bundle.tables.files import write_tables
from tests.bundle.contents import bundle_contents
from tests.bundle.parts import faults, props, written
from tests.cli.company_builders import write_exceptions
from tests.played.platform import MEMBERS, PROTECTION

if TYPE_CHECKING:
    from storage import SqlStore
    from tests.bundle.conftest import Office
    from tests.cli.conftest import Desk


def results(desk: Desk, **but: Any) -> dict[str, Any]:
    """The document, after NIST's schema has found nothing wrong with it."""
    files = written(bundle_contents(desk, **but), write_tables, write_oscal)
    document = json.loads(files[PATH])
    assert faults(document) == []
    made: dict[str, Any] = document["assessment-results"]
    return made


def test_another_tool_reads_the_document(scanned: Desk) -> None:
    """A format that only its writer reads is none."""
    write_exceptions(scanned, {"scope": ["acme", "api"]})
    read = AssessmentResults(**results(scanned))

    (result,) = read.results
    assert len(result.observations or ()) > len(result.findings or ()) > 0
    assert read.metadata.oscal_version.root.root.startswith("1.2.")


def test_a_company_of_which_nothing_is_known_has_a_valid_document_without_findings(desk: Desk) -> None:
    """Every check that should have spoken is an observation that is not established."""
    made = results(desk)

    (result,) = made["results"]
    assert "findings" not in result
    assert {props(observation)["result"] for observation in result["observations"]} == {"not-established"}
    assert "played_member_mfa" in {props(observation)["check"] for observation in result["observations"]}


def test_what_is_unknown_has_no_finding_and_names_the_missing_permission(desk: Desk) -> None:
    """Not having looked must not be read as satisfied, nor as not satisfied."""
    desk.platform.deny(MEMBERS)
    desk.platform.deny(PROTECTION, where="core")
    desk.world.run()
    made = results(desk)

    (result,) = made["results"]
    unknown = [
        observation for observation in result["observations"] if props(observation)["result"] == "not-established"
    ]
    related = {
        related_observation["observation-uuid"]
        for finding in result["findings"]
        for related_observation in finding.get("related-observations", ())
    }
    assert {observation["uuid"] for observation in unknown}.isdisjoint(related)
    assert {"members:read", "protection:read"} <= {
        props(observation).get("missing-permission") for observation in unknown
    }
    assert "played_member_mfa" not in {finding["target"]["target-id"] for finding in result["findings"]}
    coverage = next(resource for resource in made["back-matter"]["resources"] if resource.get("title") == "Coverage")
    props_found = {(prop["name"], prop["value"]) for prop in coverage["props"]}
    assert {("not-established", "played:1/1.1"), ("missing-permission", "members:read")} <= props_found


def test_a_check_that_passes_on_some_and_is_unknown_on_others_is_not_satisfied(desk: Desk) -> None:
    """A pass speaks of the subjects that were seen, and of no other."""
    desk.platform.deny(PROTECTION, where="core")
    desk.platform.orgs["acme"]["projects"]["api"][1]["protection"] = {"reviews": 2}
    desk.world.run()
    (result,) = results(desk)["results"]

    seen = {
        props(observation)["result"]
        for observation in result["observations"]
        if props(observation)["check"] == "played_repo_protected"
    }
    assert seen == {"pass", "not-established"}
    assert "played_repo_protected" not in {finding["target"]["target-id"] for finding in result["findings"]}


def test_findings_target_our_own_objectives_and_never_a_control_of_a_standard(scanned: Desk) -> None:
    """Whether a control conforms is for an auditor to say."""
    made = results(scanned)

    ours = {
        part["id"] for objective in made["local-definitions"]["objectives-and-methods"] for part in objective["parts"]
    }
    (result,) = made["results"]
    assert {finding["target"]["target-id"] for finding in result["findings"]} <= ours
    reviewed = result["reviewed-controls"]
    assert {
        control["control-id"]
        for selection in reviewed["control-selections"]
        for control in selection["include-controls"]
    } == ours
    about = {
        prop["value"]
        for objective in made["local-definitions"]["objectives-and-methods"]
        for prop in objective["props"]
    }
    assert {"played:1/1.1", "played:1/1.2"} <= about
    assert not {name for name in ours if name.startswith("played:")}


def test_an_accepted_deviation_is_an_approved_risk_and_stays_not_satisfied(scanned: Desk) -> None:
    """An exception changes no verdict."""
    write_exceptions(scanned, {"scope": ["acme", "api"]}, {"id": "EX-2", "expires": "2026-02-02", "subject": "gone"})
    (result,) = results(scanned)["results"]

    risks = {props(risk)["exception"]: risk for risk in result["risks"]}
    assert {name: risk["status"] for name, risk in risks.items()} == {"EX-1": "deviation-approved", "EX-2": "open"}
    (related,) = risks["EX-1"]["related-observations"]
    (observed,) = [
        observation for observation in result["observations"] if observation["uuid"] == related["observation-uuid"]
    ]
    assert (props(observed)["subject"], props(observed)["result"]) == ("docs", "fail")
    (finding,) = [
        finding for finding in result["findings"] if finding["target"]["target-id"] == "played_repo_protected"
    ]
    assert finding["target"]["status"] == {"state": "not-satisfied", "reason": "fail"}
    assert finding["related-risks"] == [{"risk-uuid": risks["EX-1"]["uuid"]}]


def test_everything_that_is_pointed_at_is_there_once(scanned: Desk) -> None:
    """A reference into nothing cannot be followed by anybody."""
    made = results(scanned)
    (result,) = made["results"]
    local = result["local-definitions"]

    named = [element["uuid"] for element in (*local["components"], *local["inventory-items"])]
    assert len(set(named)) == len(named)
    subjects = {
        subject["subject-uuid"] for observation in result["observations"] for subject in observation.get("subjects", ())
    }
    assert subjects <= set(named)
    resources = {f"#{resource['uuid']}" for resource in made["back-matter"]["resources"]}
    evidence = [link for observation in result["observations"] for link in observation.get("relevant-evidence", ())]
    assert {link["href"] for link in evidence if "href" in link} <= resources
    assert made["import-ap"]["href"] in resources
    assert result["links"][0]["href"] in resources
    observations = [observation["uuid"] for observation in result["observations"]]
    assert len(set(observations)) == len(observations)


def test_evidence_is_a_resource_with_the_path_and_the_digest_of_its_file(office: Office) -> None:
    """From a verdict a machine has to find the bytes that it rests on, and to see that they are the same."""
    path = office.folder / "out.zip"
    store = cast("SqlStore", office.desk.world.store)
    asked = ExportRequest(period=office.period(), frameworks=("played:1",))
    export(office.desk.app, store, asked, path, (write_tables, write_oscal))
    with ZipFile(path) as bundle:
        files = {name.partition("/")[2]: bundle.read(name) for name in bundle.namelist()}
    made = json.loads(files[PATH])["assessment-results"]

    links = {
        f"#{resource['uuid']}": resource["rlinks"]
        for resource in made["back-matter"]["resources"]
        if "rlinks" in resource
    }
    for rlinks in links.values():
        for link in rlinks:
            data = files[link["href"].replace("../", "data/", 1)]
            assert link["hashes"] == [{"algorithm": "SHA-256", "value": sha256(data).hexdigest()}]
    (result,) = made["results"]
    evidence = [link for observation in result["observations"] for link in observation.get("relevant-evidence", ())]
    assert evidence
    assert {link.get("href") for link in evidence} <= links.keys()


def references(found: Any) -> set[str]:
    """Every reference to a resource of the document."""
    match found:
        case {"href": str(href), **rest} if href.startswith("#"):
            return {href}.union(*map(references, rest.values()))
        case dict():
            return set().union(*map(references, found.values()))
        case list():
            return set().union(*map(references, found))
        case _:
            return set()


@pytest.mark.parametrize(
    "terms", [{}, {"controls": ("1.2",)}, {"withheld": ("bob",)}, {"pseudonymised": True}], ids=str
)
def test_every_resource_is_referred_to_and_every_reference_has_its_resource(
    office: Office, terms: dict[str, Any]
) -> None:
    """Files that nothing in the document leads to say nothing, and hundreds of them hide the others."""
    path = office.folder / "out.zip"
    asked = ExportRequest(**{"period": office.period(), "frameworks": ("played:1",)} | terms)  # type: ignore[arg-type]  # a test names what it changes
    export(office.desk.app, office.store, asked, path, (write_tables, write_oscal))
    with ZipFile(path) as bundle:
        (name,) = [name for name in bundle.namelist() if name.endswith(PATH)]
        document = json.loads(bundle.read(name))

    assert faults(document) == []
    resources = [f"#{resource['uuid']}" for resource in document["assessment-results"]["back-matter"]["resources"]]
    assert len(set(resources)) == len(resources)
    assert set(resources) == references(document)


def test_a_resource_of_the_inventory_leads_to_its_evidence(office: Office) -> None:
    """Also one that no check judges: the document has its digest, and the bundle its body."""
    path = office.folder / "out.zip"
    asked = ExportRequest(period=office.period(), frameworks=("played:1",))
    export(office.desk.app, office.store, asked, path, (write_tables, write_oscal))
    with ZipFile(path) as bundle:
        files = {name.partition("/")[2]: bundle.read(name) for name in bundle.namelist()}
    made = json.loads(files[PATH])["assessment-results"]
    hrefs = {
        f"#{resource['uuid']}": resource["rlinks"][0]["href"]
        for resource in made["back-matter"]["resources"]
        if "rlinks" in resource
    }

    items = made["results"][0]["local-definitions"]["inventory-items"]
    assert len(items) > 5
    for item in items:
        (link,) = item["links"]
        digest = props(item)["digest"].removeprefix("sha256:")
        assert hrefs[link["href"]] == f"../evidence/{digest[:2]}/{digest}.json"


def test_two_documents_of_the_same_contents_are_the_same(scanned: Desk) -> None:
    """Identifiers are made of what they name, so that two bundles can be compared."""
    first, second = (written(bundle_contents(scanned), write_oscal) for _ in range(2))

    assert first == second


def test_the_bundle_has_the_parts_in_an_order_in_which_each_finds_what_it_points_at() -> None:
    """OSCAL carries the digests of the tables, which therefore come before it."""
    order = list(exporters())

    assert order.index(write_tables) < order.index(write_oscal)


def test_every_property_of_ours_is_documented(scanned: Desk) -> None:
    """A property that nobody can look up says nothing."""
    text = (Path(__file__).parents[2] / "docs" / "bundle-formats.md").read_text()
    write_exceptions(scanned, {"scope": ["acme", "api"]})
    scanned.platform.deny(MEMBERS)
    scanned.world.run()

    def named(found: Any) -> set[str]:
        match found:
            case {"ns": "urn:annexd:oscal", "name": str(name)}:
                return {name}
            case dict():
                return set().union(*map(named, found.values()))
            case list():
                return set().union(*map(named, found))
            case _:
                return set()

    names = named(results(scanned))
    assert len(names) > 25
    assert {name for name in names if f"`{name}`" not in text} == set()
