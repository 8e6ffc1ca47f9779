"""The clock by which moto dates what it creates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

from moto.core import utils
from moto.efs import models as efs
from moto.elb import models as elb
from moto.s3 import models as s3
from moto.secretsmanager import models as secretsmanager
from moto.sts import models as sts


@contextmanager
def moto_dates_by(now: Callable[[], dt.datetime]) -> Iterator[None]:
    """Let moto date everything by `now`, which returns aware times.

    Credentials of a role still expire by the machine's clock, which botocore uses: it would renew them each time.
    """

    class Datetime(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]  # never a Datetime
            return now().astimezone(tz) if tz is not None else now().astimezone(dt.UTC).replace(tzinfo=None)

    dated = SimpleNamespace(**{name: getattr(dt, name) for name in dt.__all__})
    dated.datetime = Datetime

    seconds = SimpleNamespace(time=lambda: now().timestamp())

    def machine() -> dt.datetime:
        return dt.datetime.now(dt.UTC).replace(tzinfo=None)

    with ExitStack() as stack:
        for module, name, value in (
            (utils, "datetime", dated),
            (s3, "datetime", dated),
            (elb, "datetime", dated),
            (efs, "time", seconds),
            (secretsmanager, "time", seconds),
            (sts, "utcnow", machine),
        ):
            stack.callback(setattr, module, name, getattr(module, name))
            setattr(module, name, value)
        yield
