"""An update on its way out, before it is known who is to hear of it."""

from typing import NamedTuple

from wirewatch.models import Evidence, Watch
from wirewatch.store.alerts import StoredAlert
from wirewatch.store.updates import StoredUpdate


class Told(NamedTuple):
    """An update that was written, with its watch, the alert it belongs to and the spans that prove it.

    `looks_back`: its watch found it in what was there before the watch was made.
    """

    watch: Watch
    alert: StoredAlert
    update: StoredUpdate
    evidence: tuple[Evidence, ...]
    looks_back: bool = False
