"""What makes one text a copy of another: fingerprints to find candidates, shared wording to decide."""

from worker.copies.fingerprint import Fingerprint, fingerprint, folded_words
from worker.copies.overlap import Overlap, is_copy, overlap_of

__all__ = ["Fingerprint", "Overlap", "fingerprint", "folded_words", "is_copy", "overlap_of"]
