"""Checks of tags: each data store has an owner and a class, and an account one environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from collector.core.checks import All, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.plain_text import first_few
from connectors.aws.dynamodb.resources import Table
from connectors.aws.ec2.resources.compute import Instance
from connectors.aws.efs.resources import FileSystem
from connectors.aws.lambda_functions.resources import Function
from connectors.aws.rds.resources import DbCluster, DbInstance
from connectors.aws.s3.resources.buckets import Bucket
from connectors.aws.tagging.resources import TaggedResource

_OTHER_ENVIRONMENTS = ("development", "dev", "test", "testing", "staging", "stage", "qa", "sandbox")
_CLASSES = ("public", "internal", "confidential", "restricted")


@check(
    "aws_tagging_owner_tag_present",
    title="Each data store of the account has a tag with its owner",
    severity="low",
    fix="Tag the data stores named with their owner, and make the tag required when one is made",
    over="account",
)
def owner_tag_present(
    tagged: All[TaggedResource],
    buckets: All[Bucket],
    instances: All[DbInstance],
    clusters: All[DbCluster],
    tables: All[Table],
    file_systems: All[FileSystem],
    *,
    required_tags: tuple[str, ...] = ("owner",),
) -> Verdict:
    known = _tags(tagged)
    stores, apart = _stores(tagged, buckets, instances, clusters, tables, file_systems)
    wanted = [tag.casefold() for tag in required_tags]
    lacking = [store for store in stores if not all(known.get(store, {}).get(tag) for tag in wanted)]
    return _of_all(stores, lacking, apart, f"have the tag {first_few(required_tags)}")


@check(
    "aws_tagging_classification_tag_present",
    title="Each data store of the account has a tag with the class of its data",
    severity="low",
    fix="Tag the data stores named with the class of their data, by the company's scheme",
    over="account",
)
def classification_tag_present(  # noqa: PLR0913  a set for each kind of data store
    tagged: All[TaggedResource],
    buckets: All[Bucket],
    instances: All[DbInstance],
    clusters: All[DbCluster],
    tables: All[Table],
    file_systems: All[FileSystem],
    *,
    classification_tag: str = "data-classification",
    allowed_values: tuple[str, ...] = _CLASSES,
) -> Verdict:
    known = _tags(tagged)
    stores, apart = _stores(tagged, buckets, instances, clusters, tables, file_systems)
    allowed = {value.casefold() for value in allowed_values}
    key = classification_tag.casefold()
    lacking = [store for store in stores if known.get(store, {}).get(key, "").casefold() not in allowed]
    return _of_all(stores, lacking, apart, f"have {classification_tag} with one of {first_few(allowed_values, 6)}")


@check(
    "aws_account_workloads_separated_by_environment",
    title="What is production and what is not stand in accounts of their own",
    severity="medium",
    fix="Move one of them to another account, and tag what is there with its environment",
    over="account",
)
def workloads_separated(  # noqa: PLR0913, PLR0917  a set for each kind of resource
    tagged: All[TaggedResource],
    buckets: All[Bucket],
    instances: All[DbInstance],
    clusters: All[DbCluster],
    tables: All[Table],
    file_systems: All[FileSystem],
    machines: All[Instance],
    functions: All[Function],
    *,
    environment_tag: str = "environment",
    production_values: tuple[str, ...] = ("production", "prod"),
    other_values: tuple[str, ...] = _OTHER_ENVIRONMENTS,
) -> Verdict:
    """A value that is in neither list is the company's to place, unless all that is here has the same one."""
    key = environment_tag.casefold()
    known = _tags(tagged)
    places: dict[str, list[str]] = {}
    for place, tags in known.items():
        places.setdefault(tags.get(key, "").casefold(), []).append(place)
    untold = places.pop("", [])
    inside = _with_values(places, production_values)
    outside = _with_values(places, other_values)
    if inside and outside:
        return failed(
            f"{len(inside)} resources are production and {len(outside)} are not, such as {first_few(inside, 1)}"
            f" and {first_few(outside, 1)}"
        )
    stores, apart = _stores(tagged, buckets, instances, clusters, tables, file_systems)
    every = [*stores, *apart, *_running(machines), *(each.function_arn.split(":", 2)[-1] for each in functions)]
    untold += [place for place in every if place not in known]
    if not places:
        return unknown(f"no resource that was seen has the tag {environment_tag}")
    unplaced = sorted({*places} - {value.casefold() for value in (*production_values, *other_values)})
    if unplaced and len(places) > 1:
        return unknown(
            f"of what has the tag {environment_tag} is not known whether {first_few(unplaced)} is production; write it"
            " into production_values or other_values"
        )
    count = sum(map(len, places.values()))
    said = f"{count} resources that have the tag {environment_tag} are all {first_few(sorted(places))}"
    return unknown(f"{said}, and {len(untold)} do not have it: {first_few(sorted(untold))}") if untold else passed(said)


def _with_values(places: Mapping[str, list[str]], values: Iterable[str]) -> list[str]:
    return sorted(place for value in {value.casefold() for value in values} for place in places.get(value, []))


def _running(machines: All[Instance]) -> Iterator[str]:
    """Return the places of machines that are not gone."""
    for (account, region), machine in machines.scoped():
        if not machine.is_gone:
            yield f"ec2:{region}:{account}:instance/{machine.instance_id}"


def _of_all(stores: list[str], lacking: list[str], apart: list[str], what: str) -> Verdict:
    if lacking:
        names = [place.split(":", 3)[0] + ":" + place.split(":", 3)[-1] for place in sorted(lacking)]
        return failed(f"{len(lacking)} of {len(stores)} data stores do not {what}: {first_few(names)}")
    if apart:
        return unknown(f"the tags of {first_few(sorted(apart))} are in regions that were not looked at")
    if not stores:
        return not_applicable("no data store is here that is looked at")
    return passed(f"all {len(stores)} data stores {what}; buckets, databases, tables and file systems are looked at")


def _tags(tagged: All[TaggedResource]) -> Mapping[str, Mapping[str, str]]:
    """Return the tags of each resource by its place, keys in lower case."""
    return {each.place: {tag.key.casefold(): tag.value for tag in each.tags} for each in tagged}


def _stores(
    tagged: All[TaggedResource],
    buckets: All[Bucket],
    instances: All[DbInstance],
    clusters: All[DbCluster],
    tables: All[Table],
    file_systems: All[FileSystem],
) -> tuple[list[str], list[str]]:
    """Return the places of data stores; and the buckets in regions of which no tags were listed.

    An instance of a cluster keeps its data there.
    """
    regions = {scope[-1] for scope in tagged.scopes()}
    here: list[str] = []
    apart: list[str] = []
    for bucket in buckets:
        (here if bucket.bucket_region in regions else apart).append(f"s3:::{bucket.name}")
    here += [each.arn.split(":", 2)[-1] for each in instances if each.cluster is None]
    here += [each.arn.split(":", 2)[-1] for each in clusters]
    for (account, region), table in tables.scoped():
        here.append(f"dynamodb:{region}:{account}:table/{table.table_name}")
    for (account, region), each in file_systems.scoped():
        here.append(f"elasticfilesystem:{region}:{account}:file-system/{each.file_system_id}")
    return here, apart
