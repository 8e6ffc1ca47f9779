"""What the collections of keys, functions and kept data ask, and what they make of pages and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from collector.core.errors import Denied, Unexpected
from collector.core.redaction import Redactor
from collector.core.resources import kind_of
from connectors.aws._sdk.client import Account
from connectors.aws._sdk.errors import explain
from connectors.aws.dynamodb import resources as dynamodb
from connectors.aws.ecr import resources as ecr
from connectors.aws.efs import resources as efs
from connectors.aws.kms import resources as kms
from connectors.aws.lambda_functions import resources as functions
from connectors.aws.logs import resources as logs
from connectors.aws.secretsmanager import resources as secrets
from tests.connectors.aws.guarded_builders import FUNCTION_ARN
from tests.connectors.aws.played import Played, Reply, json_error, json_reply
from tests.connectors.aws.test_regional_collections import account_in, read
from tests.connectors.aws.wires import CountingWire


class Listed(NamedTuple):
    """A list: how an item looks, the name of the list and of the token, and the key of the body."""

    collection: Callable[[Account], Any]
    list: str
    token: str
    item: Callable[[str], Any]
    key: str
    more: str = ""

    def page(self, *names: str, token: str | None = None) -> Reply:
        """One page of it."""
        flag = {self.more: token is not None} if self.more else {}
        following = {} if token is None else {self.token: token}
        return json_reply({self.list: [self.item(name) for name in names], **following, **flag})


LISTS = [
    Listed(kms.keys, "Keys", "NextMarker", lambda name: {"KeyId": name, "KeyArn": name}, "KeyId", "Truncated"),
    Listed(functions.functions, "Functions", "NextMarker", lambda name: {"FunctionName": name}, "FunctionName"),
    Listed(ecr.repositories, "repositories", "nextToken", lambda name: {"repositoryName": name}, "repositoryName"),
    Listed(secrets.secrets, "SecretList", "NextToken", lambda name: {"Name": name}, "Name"),
    Listed(logs.log_groups, "logGroups", "nextToken", lambda name: {"logGroupName": name}, "logGroupName"),
    Listed(dynamodb.tables, "TableNames", "LastEvaluatedTableName", lambda name: name, "TableName"),
    Listed(efs.file_systems, "FileSystems", "NextMarker", lambda name: {"FileSystemId": name}, "FileSystemId"),
]
each_list = pytest.mark.parametrize("listed", LISTS, ids=lambda listed: listed.list)


@each_list
def test_every_page_is_read(played: Played, wire: CountingWire, listed: Listed) -> None:
    """A company with more than a page of anything is the one that needs the check."""
    played.plays(listed.page("first", token="next"), listed.page("second"))

    bodies = read(listed.collection, account_in(played, wire), [])

    assert [body[listed.key] for body in bodies] == ["first", "second"]
    assert b"next" in played.asked[1][1] + played.asked[1][0].encode()


@each_list
def test_a_second_page_that_is_refused_is_not_the_end(played: Played, wire: CountingWire, listed: Listed) -> None:
    """Half a list is an error after half a list."""
    played.plays(listed.page("first", token="next"), json_error("AccessDeniedException"))
    bodies: list[Any] = []

    with pytest.raises(Exception, match="AccessDenied") as caught:
        read(listed.collection, account_in(played, wire), bodies)

    assert [body[listed.key] for body in bodies] == ["first"]
    assert isinstance(caught.value, Exception)
    assert isinstance(explain(caught.value), Denied)


@each_list
def test_nothing_is_an_empty_list_and_no_list_is_not(played: Played, wire: CountingWire, listed: Listed) -> None:
    """A region in which the service was never used answers with an empty list."""
    played.plays(listed.page(), json_reply({}))
    account = account_in(played, wire)

    assert read(listed.collection, account, []) == []
    with pytest.raises(Unexpected, match=listed.list):
        read(listed.collection, account, [])


def test_policies_of_versions_and_aliases(played: Played, wire: CountingWire) -> None:
    """The newest code has no policy of its own beside the function's, and most versions have none."""
    none = json_error("ResourceNotFoundException", 404)
    played.plays(
        json_reply({"Versions": [{"Version": "$LATEST"}, {"Version": "1"}], "NextMarker": "next"}),
        json_reply({"Versions": [{"Version": "2"}]}),
        json_reply({"Aliases": [{"Name": "live"}]}),
        none,
        json_reply({"Policy": "{}"}),
        none,
    )

    found = functions.qualified_policies(account_in(played, wire), {"FunctionName": "web"})

    assert found == [{"Qualifier": "2", "Policy": "{}"}]
    assert [path.rpartition("?")[2] for path, _, _ in played.asked[3:]] == [
        "Qualifier=1",
        "Qualifier=2",
        "Qualifier=live",
    ]


def test_a_policy_of_a_version_that_is_refused_is_no_absence(played: Played, wire: CountingWire) -> None:
    """What nobody may read may let in anybody."""
    played.plays(
        json_reply({"Versions": [{"Version": "1"}]}),
        json_reply({"Aliases": []}),
        json_error("AccessDeniedException", 403),
    )

    with pytest.raises(Exception, match="AccessDenied"):
        functions.qualified_policies(account_in(played, wire), {"FunctionName": "web"})


def test_what_stands_in_an_environment_is_never_kept() -> None:
    """Companies write passwords there under any name."""
    body = {
        "FunctionName": "web",
        "FunctionArn": FUNCTION_ARN,
        "Environment": {"Variables": {"HOST": "db.acme.internal", "N": "1"}},
        "Description": "call Ann",
    }
    kind = kind_of(functions.Function)

    kept = Redactor(b"a key for tests only", kind.redact, kind.plain).apply(body)

    values = [*kept["Environment"]["Variables"].values(), kept["Description"]]
    assert list(kept["Environment"]["Variables"]) == ["HOST", "N"]
    assert all(value.startswith("[redacted ") for value in values)
    assert kept["FunctionArn"] == FUNCTION_ARN


def test_times_that_move_by_themselves_make_no_new_version(played: Played, wire: CountingWire) -> None:
    """A table that nobody touches is the same each day, and so is a secret that is read."""
    recovery = {"PointInTimeRecoveryStatus": "ENABLED", "LatestRestorableDateTime": 1796048958.0}
    described = {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery}
    played.plays(
        json_reply({"ContinuousBackupsDescription": described}),
        json_reply({"SecretList": [{"Name": "db", "LastAccessedDate": 1796048958}]}),
    )
    account = account_in(played, wire)

    kept = dynamodb.continuous_backups(account, {"TableName": "orders"})

    assert kept == {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}
    assert read(secrets.secrets, account, []) == [{"Name": "db"}]
