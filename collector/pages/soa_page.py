"""The statement of applicability as one HTML page: no script, nothing fetched, every value escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

from collector.core.plain_text import show_moment
from collector.report.company.soa_views import decided

if TYPE_CHECKING:
    from collector.report.company.soa_views import SoaView

_TEMPLATE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Statement of applicability {{ soa.version or "" }}</title>
<style>
body { font: 11pt/1.4 sans-serif; margin: 2em; color: #111; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #999; padding: .3em .5em; text-align: left; vertical-align: top; }
thead { display: table-header-group; }
.grey { color: #666; }
</style>
</head>
<body>
<h1>Statement of applicability, {{ "version " ~ soa.version if soa.version else "none on file" }}</h1>
{% if soa.version %}
<p>Approved by {{ soa.approved_by }} on {{ soa.approved_on }}, effective from {{ soa.effective_from }}\
{% if not soa.in_force %}, not in force at this moment{% endif %}.</p>
{% endif %}
<p>As of {{ moment(soa.at) }}. Systems in scope seen completely: {{ soa.coverage }}. Not decided: {{ soa.undecided }}.
Contradictions: {{ soa.contradictions }}.</p>
<p>No conclusion on conformity is drawn.</p>
<table>
<thead><tr><th>Edition</th><th>Control</th><th>Role</th><th>Decision</th><th>Grounds</th><th>Justification</th>\
<th>Owner</th><th>Risks</th><th>Evidence</th></tr></thead>
<tbody>
{% for one in soa.decisions %}
<tr{% if not one.applicable %} class="grey"{% endif %}><td>{{ one.framework }}</td>\
<td>{{ one.id }} {{ one.title }}</td>\
<td>{{ one.role or "" }}</td><td>{{ decided(one) }}</td><td>{{ one.grounds | join(", ") }}</td>\
<td>{{ one.because }}</td>\
<td>{{ one.owner or "" }}</td><td>{{ one.risks | join(", ") }}</td><td>{{ one.label }}: {{ one.counts_text }}\
{% for why in one.contradictions %}<br>contradiction: {{ why }}{% endfor %}</td></tr>
{% endfor %}
{% for one in soa.own %}
<tr><td>{{ one.source }}</td><td>{{ one.id }} {{ one.title }}</td><td></td><td>implemented: {{ one.implemented }}\
{{ " for " ~ one.planned_for if one.planned_for else "" }}</td><td></td><td>{{ one.because }}</td>\
<td>{{ one.owner or "" }}</td><td></td><td>not looked at by annexd</td></tr>
{% endfor %}
</tbody>
</table>
</body>
</html>
"""


def html(shape: SoaView) -> str:
    """Return the page."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.from_string(_TEMPLATE).render(soa=shape, decided=decided, moment=show_moment)
