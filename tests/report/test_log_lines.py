"""What a line says of an act: for people; the whole of it is in the JSON."""

from __future__ import annotations

from collector.report.periods.log_lines import line_of


def test_an_act_is_told_without_what_only_programs_read() -> None:
    """Digests are cut, tables counted, what is empty left out, and what only looks like JSON is told as it is."""
    about = {
        "classification": "",
        "frameworks": '["iso27001:2022","iso27017:2015"]',
        "controls": "[]",
        "parts": '{"a":"b","c":"d"}',
        "manifest": f"sha256:{'ab' * 32}",
        "reason": "{as agreed",
    }

    assert line_of("operator_act", {"act": "exported", "about": about}) == (
        "exported: frameworks iso27001:2022 and iso27017:2015, parts of 2, manifest sha256:abababababab...,"
        " reason {as agreed"
    )
