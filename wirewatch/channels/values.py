"""Templates and channel URLs as users give them, checked in a child before they are stored."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from wirewatch.channels.process import Answer, call_once
from wirewatch.errors import InvalidInputError, RefusedAddressError
from wirewatch.http.addresses import Network
from wirewatch.http.check import check_host
from wirewatch.models import Template

# Far more than it takes: on a busy machine the child is slow to start. Its own bound is processor time.
RENDER_SECONDS = 30.0
CHECK_SECONDS = 30.0


class Rendered(NamedTuple):
    title: str
    body: str


def render_request(template: Template, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"do": "render", "title": template.title, "body": template.body, "values": values}


def send_request(url: str, rendered: Rendered, allow: Sequence[Network]) -> dict[str, Any]:
    return {"do": "send", "url": url, **rendered._asdict(), "allow": [str(network) for network in allow]}


def rendered_of(answer: Answer, pointer: str = "/template") -> Rendered:
    """Raises InvalidInputError for a template that cannot be rendered; `pointer`: where the request had it."""
    if "error" in answer:
        raise InvalidInputError([(f"{pointer}/{answer.get('field', 'body')}", str(answer["error"]))])
    return Rendered(answer["title"], answer["body"])


def preview(template: Template, values: Mapping[str, Any], pointer: str = "/template") -> Rendered:
    """What the template says. Raises InvalidInputError. Blocks for a few tenths of a second."""
    return rendered_of(call_once(render_request(template, values), RENDER_SECONDS), pointer)


def check_channel(url: str, allow: Sequence[Network]) -> str:
    """The name of the service that a URL means. Raises RefusedAddressError for one that may not be used.

    Hosts that the URL names are decided on as those of webhooks are; blocks for a second or two.
    """
    answer = call_once({"do": "check", "url": url, "allow": [str(network) for network in allow]}, CHECK_SECONDS)
    if "error" in answer:
        raise RefusedAddressError(str(answer["error"]))
    for host in answer["hosts"]:
        check_host(host, allow)
    return str(answer["service"])
