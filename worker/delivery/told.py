"""An update on its way out, before it is known who is to hear of it."""

from typing import NamedTuple

from wirewatch.models import Watch
from wirewatch.store.alerts import StoredAlert, StoredUpdate
from wirewatch.store.matches import Match


class Told(NamedTuple):
    """An update that was just written, with the alert it belongs to and the matches it tells of."""

    watch: Watch
    alert: StoredAlert
    update: StoredUpdate
    matches: tuple[Match, ...]
