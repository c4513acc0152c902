"""What makes one text a copy of another, or shows where it comes from: keys find candidates, wording decides."""

from worker.copies.agencies import agencies_among, find_agency
from worker.copies.fingerprint import Fingerprint, fingerprint
from worker.copies.lineage import lineage_of, turned
from worker.copies.overlap import Likeness, likeness_of, likeness_of_equals
from worker.copies.versions import changes_of, retraction_in
from worker.copies.wording import COMPARED_CHARS, Wording, read_wording

__all__ = [
    "COMPARED_CHARS",
    "Fingerprint",
    "Likeness",
    "Wording",
    "agencies_among",
    "changes_of",
    "find_agency",
    "fingerprint",
    "likeness_of",
    "likeness_of_equals",
    "lineage_of",
    "read_wording",
    "retraction_in",
    "turned",
]
