"""What `match` and `rematch` share: the subjects that watches are decided on, and the deciding."""

from worker.matching.decide import decide_watches, match_watches, read_subjects

__all__ = ["decide_watches", "match_watches", "read_subjects"]
