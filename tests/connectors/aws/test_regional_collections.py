"""What the collections of a region ask, and what they make of pages, refusals and other accounts' things."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from collector.core.errors import Denied, Unavailable, Unexpected
from collector.core.resources import Body
from connectors.aws._sdk.client import Account, connect
from connectors.aws._sdk.errors import explain
from connectors.aws._sdk.settings import Settings
from connectors.aws.cloudfront import resources as cloudfront
from connectors.aws.cloudtrail import resources as cloudtrail
from connectors.aws.config import resources as config
from connectors.aws.ec2.resources import compute, network, routing, storage
from tests.connectors.aws.played import Played, Reply, json_error, json_reply
from tests.connectors.aws.wires import CountingWire

OWN = "111122223333"
HERE = "eu-central-1"


class Paged(NamedTuple):
    """A list that EC2 gives in pages, by its names on the wire and in the SDK."""

    collection: Callable[[Account], Any]
    operation: str
    list: str
    element: str
    key: str


PAGED = [
    Paged(network.security_groups, "DescribeSecurityGroups", "securityGroupInfo", "groupId", "GroupId"),
    Paged(network.vpcs, "DescribeVpcs", "vpcSet", "vpcId", "VpcId"),
    Paged(network.flow_logs, "DescribeFlowLogs", "flowLogSet", "flowLogId", "FlowLogId"),
    Paged(routing.subnets, "DescribeSubnets", "subnetSet", "subnetId", "SubnetId"),
    Paged(routing.route_tables, "DescribeRouteTables", "routeTableSet", "routeTableId", "RouteTableId"),
    Paged(routing.network_acls, "DescribeNetworkAcls", "networkAclSet", "networkAclId", "NetworkAclId"),
    Paged(compute.images, "DescribeImages", "imagesSet", "imageId", "ImageId"),
    Paged(storage.volumes, "DescribeVolumes", "volumeSet", "volumeId", "VolumeId"),
    Paged(storage.snapshots, "DescribeSnapshots", "snapshotSet", "snapshotId", "SnapshotId"),
]
each_paged = pytest.mark.parametrize("paged", PAGED, ids=lambda paged: paged.operation)


def ec2(operation: str, inner: str) -> Reply:
    """An answer as EC2 gives it."""
    return Reply(200, f"<{operation}Response>{inner}</{operation}Response>".encode(), {"Content-Type": "text/xml"})


def page(operation: str, list_: str, items: str, token: str | None = None) -> Reply:
    """One page of a list of EC2."""
    following = "" if token is None else f"<nextToken>{token}</nextToken>"
    return ec2(operation, f"<{list_}>{items}</{list_}>{following}")


def item(element: str, value: str, owner: str = OWN) -> str:
    """One thing of a list, of an account."""
    return f"<item><{element}>{value}</{element}><ownerId>{owner}</ownerId></item>"


def account_in(played: Played, wire: CountingWire, region: str = HERE, **settings: Any) -> Account:
    """A region of an account, asking the played server."""
    return connect(Settings(endpoint_url=played.url, **settings), (OWN, region), wire)


def read(collection: Callable[[Account], Any], account: Account, into: list[Body]) -> list[Body]:
    """List as the engine does, into a list that is left where the listing fails."""
    listed = collection(account)
    assert isinstance(listed, Iterator)
    for entry in listed:
        into.append(entry)  # noqa: PERF402  what came before a failure must stay
    return into


def requests_of(played: Played) -> list[dict[str, str]]:
    """The parameters of each request."""
    return [dict(re.findall(r"([A-Za-z.0-9]+)=([^&]*)", body.decode())) for _, body, _ in played.asked]


@each_paged
def test_every_page_is_read(played: Played, wire: CountingWire, paged: Paged) -> None:
    """A company with more than a page of anything is the one that needs the check."""
    first, second = item(paged.element, "a"), item(paged.element, "b")
    played.plays(page(paged.operation, paged.list, first, "t"), page(paged.operation, paged.list, second))

    listed = read(paged.collection, account_in(played, wire), [])

    assert [body[paged.key] for body in listed] == ["a", "b"]
    assert [request.get("NextToken") for request in requests_of(played)] == [None, "t"]


@each_paged
@pytest.mark.parametrize(
    ("status", "code", "kind"), [(403, "UnauthorizedOperation", Denied), (501, "Broken", Unavailable)]
)
def test_a_second_page_that_fails_is_not_the_end(
    played: Played, wire: CountingWire, paged: Paged, status: int, code: str, kind: type[Exception]
) -> None:
    """Half a list is an error after half a list."""
    error = f"<Response><Errors><Error><Code>{code}</Code></Error></Errors></Response>"
    played.plays(page(paged.operation, paged.list, item(paged.element, "a"), "t"), Reply(status, error.encode()))
    listed: list[Body] = []

    with pytest.raises(Exception, match=code) as caught:
        read(paged.collection, account_in(played, wire), listed)

    assert [body[paged.key] for body in listed] == ["a"]
    assert isinstance(caught.value, Exception)
    assert type(explain(caught.value)) is kind


def test_only_own_snapshots_are_asked_for(played: Played, wire: CountingWire) -> None:
    """Without it AWS lists every public snapshot of the world."""
    played.plays(page("DescribeSnapshots", "snapshotSet", ""))

    assert read(storage.snapshots, account_in(played, wire), []) == []
    assert requests_of(played)[0]["Owner.1"] == "self"


def test_a_network_that_another_account_shares_is_collected_there(played: Played, wire: CountingWire) -> None:
    """Its flow logs are not seen here, and it would look as if it had none."""
    both = item("vpcId", "vpc-1") + item("vpcId", "vpc-2", "999988887777")
    played.plays(page("DescribeVpcs", "vpcSet", both))

    assert [entry["VpcId"] for entry in read(network.vpcs, account_in(played, wire), [])] == ["vpc-1"]


def test_instances_are_taken_out_of_their_reservations(played: Played, wire: CountingWire) -> None:
    """One launch may have started several."""
    set_ = "<instancesSet>{}</instancesSet>".format("".join(item("instanceId", name) for name in ("i-1", "i-2")))
    played.plays(page("DescribeInstances", "reservationSet", f"<item>{set_}</item>"))

    assert [each["InstanceId"] for each in read(compute.instances, account_in(played, wire), [])] == ["i-1", "i-2"]


def test_only_own_images_are_asked_for(played: Played, wire: CountingWire) -> None:
    """Without it AWS lists every public image of the world."""
    played.plays(page("DescribeImages", "imagesSet", ""))

    assert read(compute.images, account_in(played, wire), []) == []
    assert requests_of(played)[0]["Owner.1"] == "self"


def distributions(*names: str, count: int | None = None, token: str = "") -> Reply:
    """A page of distributions as CloudFront lists them: without the list where there are none."""
    items = "".join(f"<DistributionSummary><Id>{name}</Id></DistributionSummary>" for name in names)
    following = f"<IsTruncated>true</IsTruncated><NextMarker>{token}</NextMarker>" if token else ""
    text = (
        f"<DistributionList><Marker/><MaxItems>100</MaxItems>{following or '<IsTruncated>false</IsTruncated>'}"
        f"<Quantity>{len(names) if count is None else count}</Quantity>{f'<Items>{items}</Items>' if names else ''}"
        "</DistributionList>"
    )
    return Reply(200, text.encode(), {"Content-Type": "text/xml"})


def test_distributions_are_listed_to_the_end(played: Played, wire: CountingWire) -> None:
    """None are no list, and a list that is missing beside a number is not read."""
    played.plays(distributions("a", token="t"), distributions("b"), distributions(), distributions(count=1))
    account = account_in(played, wire)

    assert [each["Id"] for each in read(cloudfront.distributions, account, [])] == ["a", "b"]
    assert "Marker=t" in played.asked[1][0]
    assert read(cloudfront.distributions, account, []) == []
    with pytest.raises(Unexpected, match=r"DistributionList\.Items"):
        read(cloudfront.distributions, account, [])


def trail(name: str, home: str) -> dict[str, Any]:
    """A trail as DescribeTrails shows it in each of its regions."""
    return {"Name": name, "HomeRegion": home, "TrailARN": f"arn:aws:cloudtrail:{home}:{OWN}:trail/{name}"}


@pytest.mark.parametrize(
    ("region", "settings", "names"),
    [
        (HERE, {}, ["here"]),
        ("us-east-1", {}, ["organization"]),
        ("eu-west-1", {}, []),
        (HERE, {"regions": (HERE, "eu-west-1")}, ["here", "organization"]),
        (HERE, {"regions": (HERE, "us-east-1")}, ["here"]),
    ],
)
def test_a_trail_is_taken_at_home(
    played: Played, wire: CountingWire, region: str, settings: dict[str, Any], names: list[str]
) -> None:
    """Its replica stands in every region; taken nowhere, an account looks as if nothing were logged."""
    played.plays(json_reply({"trailList": [trail("here", HERE), trail("organization", "us-east-1")]}))

    listed = read(cloudtrail.trails, account_in(played, wire, region, **settings), [])

    assert [observation["Name"] for observation in listed] == names
    assert b'"includeShadowTrails": true' in played.asked[0][1]


def test_a_trail_is_asked_for_by_its_arn(played: Played, wire: CountingWire) -> None:
    """The name alone is not found away from home, nor is that of an organization's trail in its members."""
    played.plays(json_reply({"IsLogging": True}), json_reply({"TrailARN": "arn", "EventSelectors": []}))
    account, body = account_in(played, wire), trail("organization", "us-east-1")

    cloudtrail.status(account, body)
    cloudtrail.selectors(account, body)

    assert all(body["TrailARN"].encode() in sent for _, sent, _ in played.asked)


@pytest.mark.parametrize(
    ("collection", "key"),
    [(config.recorders, "ConfigurationRecorders"), (config.delivery_channels, "DeliveryChannels")],
)
def test_a_region_without_config_is_an_empty_list(
    played: Played, wire: CountingWire, collection: Callable[[Account], Any], key: str
) -> None:
    """An answer without the list is another thing: nobody knows what it means."""
    played.plays(json_reply({key: []}), json_reply({key: [{"name": "default"}]}), json_reply({}))
    account = account_in(played, wire)

    assert read(collection, account, []) == []
    assert read(collection, account, []) == [{"name": "default"}]
    with pytest.raises(Unexpected, match=key):
        read(collection, account, [])


def test_a_list_that_is_refused_is_refused(played: Played, wire: CountingWire) -> None:
    """Each of these services has its own word for it."""
    played.plays(json_error("AccessDeniedException"))

    for collection in (cloudtrail.trails, config.recorders, config.delivery_channels):
        with pytest.raises(Exception, match="AccessDenied") as caught:
            read(collection, account_in(played, wire), [])
        assert isinstance(caught.value, Exception)
        assert isinstance(explain(caught.value), Denied)


def test_a_recorder_that_nobody_knows_the_state_of(played: Played, wire: CountingWire) -> None:
    """It may have been deleted since it was listed; that it does not record was not said."""
    played.plays(json_reply({"ConfigurationRecordersStatus": []}))

    with pytest.raises(Unexpected, match="does not know the recorder default"):
        config.status(account_in(played, wire), {"name": "default"})
