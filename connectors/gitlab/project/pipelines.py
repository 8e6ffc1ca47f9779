"""The latest successful pipelines on the default branch, with the scans that their jobs reported.

A scan is told by the report that GitLab keeps of a job, never by the name of the job.
https://docs.gitlab.com/ci/yaml/artifacts_reports/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from collector.core.checks import All, The, Verdict, check, failed, not_applicable, passed, unknown
from collector.core.resources import Body, resource
from connectors.gitlab._sdk.calls import PROJECT, REPORTER
from connectors.gitlab._sdk.client import GitLab
from connectors.gitlab._sdk.connector import gitlab
from connectors.gitlab._sdk.features import CI, REPOSITORY, require_on
from connectors.gitlab.project.approvals import ApprovalSetting

_PIPELINES = "GET /api/v4/projects/{project}/pipelines"
_JOBS = "GET /api/v4/projects/{project}/pipelines/{pipeline_id}/jobs"
_BRIDGES = "GET /api/v4/projects/{project}/pipelines/{pipeline_id}/bridges"

# The analyzers of dependencies write a list of components since GitLab 17.9, and a report before.
_SAME_AS = {"dependency_scanning": frozenset({"dependency_scanning", "cyclonedx"})}
_MOST_CHILDREN = 50


class Artifact(Struct, frozen=True, kw_only=True):
    """A file that a job left; `file_type` is GitLab's word for what it reports."""

    file_type: str


class Job(Struct, frozen=True, kw_only=True):
    """A job of a pipeline or of a pipeline that it started in the same project."""

    name: str
    status: str
    artifacts: tuple[Artifact, ...]
    artifacts_expire_at: datetime | None  # None: they stay


@resource("gitlab.project.pipeline", key="id")
class Pipeline(Struct, frozen=True, kw_only=True):
    """The latest successful pipeline of one kind (`source`, such as push or schedule) on the default branch."""

    id: int
    source: str
    created_at: datetime
    jobs: tuple[Job, ...]


@gitlab.collects(Pipeline, at="project", call=(_PIPELINES, PROJECT), permissions=REPORTER)
def pipelines(client: GitLab) -> Iterator[Body]:
    require_on(client, REPOSITORY, CI)
    if client.project()["empty_repo"]:
        return
    since = client.window_start().strftime("%Y-%m-%dT%H:%M:%SZ")
    query = {
        "ref": client.default_branch(),
        "status": "success",
        "updated_after": since,
        "order_by": "id",
        "sort": "desc",
    }
    seen: set[str] = set()
    for pipeline in client.pages(_PIPELINES, query):
        if pipeline["source"] not in seen:
            seen.add(pipeline["source"])
            yield pipeline


@gitlab.part(Pipeline, "jobs", call=(_JOBS, _BRIDGES), permissions=REPORTER)
def jobs(client: GitLab, pipeline: Body) -> Any:
    """Return the jobs of a pipeline and of those that it started; retried ones are left out by GitLab."""
    found: list[Any] = []
    waiting, opened = [str(pipeline["id"])], {str(pipeline["id"])}
    while waiting:
        number = waiting.pop()
        found += [_job(job) for job in client.pages(_JOBS, pipeline_id=number)]
        for bridge in client.pages(_BRIDGES, pipeline_id=number):
            child = bridge.get("downstream_pipeline")
            # One in another project is judged there.
            if child is not None and _home(child) == _home(pipeline) and str(child["id"]) not in opened:
                if len(opened) >= _MOST_CHILDREN:
                    return None
                opened.add(str(child["id"]))
                waiting.append(str(child["id"]))
    return found


def _home(pipeline: Body) -> str:
    """Return what the addresses of all pipelines of one project begin with."""
    return str(pipeline["web_url"]).rpartition("/")[0]


def _job(job: Body) -> Body:
    kept = ("id", "name", "stage", "status", "allow_failure", "finished_at", "artifacts_expire_at")
    return {
        **{name: job[name] for name in kept if name in job},
        "artifacts": [{"file_type": artifact["file_type"]} for artifact in job["artifacts"]],
    }


@check(
    "gitlab_project_security_scans_run",
    title="Security scans run on the default branch",
    severity="medium",
    fix="Include GitLab's templates for the scans that are missing, or a scan execution policy",
)
def scans_run(
    pipelines: All[Pipeline],
    project: The[ApprovalSetting],
    *,
    now: datetime,
    max_age: timedelta = timedelta(days=30),
    required_scans: tuple[str, ...] = ("sast", "dependency_scanning", "secret_detection"),
) -> Verdict:
    if project.archived or project.empty_repo:
        return not_applicable(
            f"{project.path} is {'archived' if project.archived else 'empty'}: there is nothing to scan"
        )
    recent = [pipeline for pipeline in pipelines if now - pipeline.created_at <= max_age]
    if not recent:
        return failed(f"{project.path}: no pipeline succeeded on its default branch in {max_age.days} days")
    jobs = [job for pipeline in recent for job in pipeline.jobs]
    reported = {artifact.file_type for job in jobs if job.status == "success" for artifact in job.artifacts}
    missing = [scan for scan in required_scans if not (_SAME_AS.get(scan, frozenset({scan})) & reported)]
    if not missing:
        return passed(f"{project.path}: {', '.join(required_scans)} reported in the last {max_age.days} days")
    text = f"{project.path}: no job reported {', '.join(missing)} in the last {max_age.days} days"
    if any(job.artifacts_expire_at is not None and job.artifacts_expire_at <= now for job in jobs):
        return unknown(f"{text}; reports of some jobs have expired, and GitLab does not say what they were")
    return failed(text)
