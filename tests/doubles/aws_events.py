"""Events of CloudTrail of the small company, two of each name, with texts in their records that nobody should keep."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from collector.demo.aws.wire import Call

_AT = datetime(2026, 2, 27, 8, tzinfo=UTC)
_RECORD = {
    "userIdentity": {"type": "Root", "arn": "arn:aws:iam::111122223333:root", "accessKeyId": "canary-key-of-event"},
    "sourceIPAddress": "canary-address-of-event",
    "requestParameters": {"name": "canary-parameter-of-event"},
}

EVENT_NAMES = ("StopLogging", "ConsoleLogin")
"""The names that are looked for here: each takes a request."""


def looked_up(call: Call) -> Mapping[str, Any]:
    """Return the events of the name that is asked for."""
    (attribute,) = call.params["LookupAttributes"]
    name = attribute["AttributeValue"]
    return {
        "Events": [
            {
                "EventId": f"{name}-{number}",
                "EventName": name,
                "EventSource": "cloudtrail.amazonaws.com",
                "EventTime": _AT,
                "ReadOnly": "false",
                "Username": "root",
                "Resources": [{"ResourceType": "AWS::CloudTrail::Trail", "ResourceName": "trail"}],
                "CloudTrailEvent": json.dumps(_RECORD),
            }
            for number in (1, 2)
        ]
    }
