"""Why a watch is not told of a match. Of what it is told, each endpoint has a delivery, which says the rest."""

from collections.abc import Mapping

from wirewatch.alerts.decide import Outcome
from wirewatch.models import Policy, Standing, Watch
from wirewatch.store.matches import COLLECTED, Judged

SWITCHED_OFF = "the watch was switched off"
NO_STORY = "its article stands in no story"
NOTHING_NEW = "it says nothing material that was not told"


def why_unheard(one: Judged, live: Mapping[str, Watch]) -> str | None:
    """Why a match that holds does not reach an alert; None: it does."""
    watch = live.get(one.match.watch_id)
    if watch is None:
        return SWITCHED_OFF
    if one.match.story_id is None:
        return NO_STORY
    if one.match.score < watch.policy.min_score:
        return f"its score {one.match.score:.2f} is below {watch.policy.min_score:.2f}"
    return None


def why_untold(outcome: Outcome, policy: Policy, *, is_told: bool) -> str:
    """Why what joined an alert without being told is not; `is_told`: whether the watch was told of the story at all."""
    if not is_told:
        sources = (outcome.standing or Standing()).independent_sources
        return f"the story has {sources} of {policy.min_independent_sources} independent sources"
    return COLLECTED if outcome.settles_at else NOTHING_NEW
