"""Telling people through the services that Apprise knows: e-mail, Slack, Teams, Telegram, ntfy and a hundred more.

Apprise opens its connections itself, so it runs in a child process (child.py) whose guard (guard.py) decides on every
address as the outgoing client does; templates of users are rendered there too, bounded in time and memory.
"""

from wirewatch.channels.defaults import find_default
from wirewatch.channels.example import EXAMPLE
from wirewatch.channels.process import Children
from wirewatch.channels.values import (
    Rendered,
    check_channel,
    preview,
    render_request,
    rendered_of,
    send_request,
)

__all__ = [
    "EXAMPLE",
    "Children",
    "Rendered",
    "check_channel",
    "find_default",
    "preview",
    "render_request",
    "rendered_of",
    "send_request",
]
