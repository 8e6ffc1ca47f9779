"""Buckets: the quotas of a platform as a connector declares them, each with its limits and its unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Bucket:
    """One quota of a platform that calls count against. Calls whose buckets have one `owner` and `name` share it.

    `owner` is who has the quota (a token, an account), `name` the platform's name of it. An answer that names another
    one (`Answer.bucket`) counts against the bucket of that name and the same owner. `unit` is what the platform counts,
    in the plural; the quota is full again after `span`, and `share` is the fraction of it that the source may use.
    `concurrency` is calls at the same time, `per_second` calls a second; None: without limit.
    """

    name: str
    unit: str = "requests"
    concurrency: int = 8
    per_second: float | None = None
    span: timedelta = timedelta(hours=1)
    share: float = 1.0
    owner: str = ""

    def __str__(self) -> str:
        return f"{self.name} of {self.owner}" if self.owner else self.name
