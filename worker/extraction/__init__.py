"""What an article says: its language, who and what it names, what it is about, and who is said to arm whom."""

from worker.extraction.extractor import Document, Extractor

__all__ = ["Document", "Extractor"]
