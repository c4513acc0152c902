"""How channels tell what no template of a user tells."""

from wirewatch.models import Template

ALERT = Template(
    title="{{ alerts | map(attribute='watch_name') | unique | join(', ') }}: {{ story.title }}",
    body="""\
{% for alert in alerts %}
{{ alert.watch_name }} ({{ alert.update.reason | replace('_', ' ') }}\
{% if alert.update.changes %}: {{ alert.update.changes | join('; ') }}{% endif %})
{% for one in alert.evidence[:5] %}
  "{{ one.text }}"
{% endfor %}
{% endfor %}
{% for claim in claims[:5] %}
{{ claim.supplier or 'somebody' }} -> {{ claim.recipient or 'somebody' }}: \
{{ claim['items'] | join(', ') or 'arms' }} ({{ claim.status }})
{% endfor %}
{% for article in articles[:5] %}
{{ article.source or 'unknown source' }}: {{ article.title }} {{ article.url or '' }}
{% endfor %}
{{ story.independent_sources }} independent of {{ story.sources | length }} sources
{{ links.story }}
""",
)
TEST = Template("Wirewatch test", "{{ message }} (endpoint {{ endpoint_name }})")
FAILING = Template(
    "Wirewatch: {{ endpoint_name }} fails",
    "The endpoint {{ endpoint_name }} ({{ endpoint_id }}) has only failed since {{ failing_since }} and will be "
    "disabled at {{ to_be_disabled_at }}.",
)
DISABLED = Template(
    "Wirewatch: {{ endpoint_name }} is disabled",
    "The endpoint {{ endpoint_name }} ({{ endpoint_id }}) was disabled: {{ disabled_reason }}.",
)

_BY_TYPE = {"endpoint.test": TEST, "endpoint.failing": FAILING, "endpoint.disabled": DISABLED}


def find_default(payload_type: str) -> Template:
    """The built-in template for a payload of this type."""
    return _BY_TYPE.get(payload_type, ALERT)
