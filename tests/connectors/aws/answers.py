"""An AWS that answers each operation by a function, with bodies that botocore's models of the answers allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import create_loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from collector.core.resources import Body
from connectors.aws._sdk.client import Account, connect
from connectors.aws._sdk.settings import Settings
from tests.connectors.aws.wires import CountingWire

Answer = Callable[[Mapping[str, Any]], Body]
"""From the parameters of a call, with the region as `region`, to the answer."""

_LOADER = create_loader()


class Answers:
    """Gives prepared answers in place of the SDK's, page by page, and counts the calls."""

    def __init__(self, prepared: Mapping[str, Answer | Body]) -> None:
        self.prepared = dict(prepared)
        self.calls: Counter[str] = Counter()
        self.regions: list[str | None] = []

    def install(self, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Account:
        """Return a client at the source that is answered so."""
        outer = self

        def call(_: Account, service: str, operation: str, *, region: str | None = None, **params: Any) -> Body:
            params.pop("having", None)
            return outer._answer(service, operation, region, params)

        def value(
            _: Account, service: str, operation: str, path: str, *, region: str | None = None, **params: Any
        ) -> Any:
            found: Any = outer._answer(service, operation, region, params)
            for name in path.split("."):
                found = found[name]
            return found

        monkeypatch.setattr(Account, "call", call)
        monkeypatch.setattr(Account, "value", value)
        return connect(settings, (), CountingWire())

    def _answer(self, service: str, operation: str, region: str | None, params: Mapping[str, Any]) -> Body:
        name = f"{service}:{operation}"
        self.calls[name] += 1
        self.regions.append(region)
        prepared = self.prepared[name]
        answer = prepared({**params, "region": region}) if callable(prepared) else prepared
        model = ServiceModel(_LOADER.load_service_model(service, "service-2"), service).operation_model(operation)
        for given, shape in ((dict(params), model.input_shape), (_as_sent(answer), model.output_shape)):
            if shape is None:
                continue
            report = ParamValidator().validate(given, shape)
            assert not report.has_errors(), f"{name}: {report.generate_report()}"
        return answer


def _as_sent(answer: Body) -> Body:
    """Return an answer with policy documents as IAM sends them: text, of which botocore makes an object.

    Empty texts are left out: AWS sends some where its model wants one letter.
    """
    sent = {name: value for name, value in answer.items() if value != ""}
    version = sent.get("PolicyVersion")
    return sent if version is None else {"PolicyVersion": {**version, "Document": "{}"}}


def pages(key: str, items: list[Any], size: int = 2) -> Answer:
    """An answer in pages, by tokens that are numbers."""

    def answer(params: Mapping[str, Any]) -> Body:
        start = int(params.get("NextToken", "0"))
        more = {"NextToken": str(start + size)} if start + size < len(items) else {}
        return {key: items[start : start + size], **more}

    return answer


def refusal(code: str, operation: str) -> Answer:
    """An error as the SDK raises it."""

    def answer(_params: Mapping[str, Any]) -> Body:
        raise ClientError({"Error": {"Code": code, "Message": "made up"}}, operation)

    return answer


def listed(collection: Callable[[Account], Any], source: Account) -> list[Body]:
    """Return what a collection lists."""
    found = collection(source)
    assert isinstance(found, Iterator)
    return [item for item in found if isinstance(item, dict)]
