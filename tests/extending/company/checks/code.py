"""What this company asks of its repositories."""

from collector.core.checks import Verdict, check, failed, passed
from connectors.github.repository.settings import Repository


@check(
    "github_repo_not_a_fork",
    title="No repository is a fork",
    severity="low",
    fix="Copy what is needed, and delete the fork",
)
def not_a_fork(repository: Repository) -> Verdict:
    """A repository is the company's own work."""
    return failed(f"{repository.name} is a fork") if repository.fork else passed()
