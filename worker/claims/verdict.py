"""What is known of a transfer's standing while its sentence is read upwards."""

from dataclasses import dataclass, field
from enum import Enum

from wirewatch.models import ClaimStage, ClaimStatus
from worker.claims.registry import Party

_WEAKNESS: tuple[ClaimStatus, ...] = ("reported", "confirmed", "planned", "possible", "alleged", "denied")


class Reach(Enum):
    """How a transfer hangs on the words above it."""

    ASSERTED = "asserted"  # they say, deny or weaken it
    PRESUPPOSED = "presupposed"  # a relative clause: whoever speaks takes it for granted
    APART = "apart"  # an adjunct or another subject: they are about something else


@dataclass(slots=True)
class Standing:
    """What is known of a transfer so far on the way up."""

    status: ClaimStatus = "reported"
    desired: bool = False  # possible only because somebody wants it
    supposed: bool = False  # possible only by an adjective ("a potential sale")
    would: bool = False
    reach: Reach = Reach.ASSERTED
    stage: ClaimStage | None = None
    speakers: list[Party] = field(default_factory=list)
    halted: bool = False
    hushed: bool = False  # forbidden by others or only asked about: nobody says that it happens

    def weaken(self, status: ClaimStatus) -> None:
        """Take `status` unless what is known is as weak already."""
        if _WEAKNESS.index(status) > _WEAKNESS.index(self.status):
            self.status = status
            self.desired = False

    def move_away(self, reach: Reach) -> None:
        """A relative clause or an adjunct lies between; what is apart stays so."""
        if self.reach is Reach.ASSERTED or reach is Reach.APART:
            self.reach = reach
