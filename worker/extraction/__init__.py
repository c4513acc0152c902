"""What an article says: its language, who and what it names, what it is about, and who is said to arm whom."""

from worker.extraction.extractor import Document, Extractor
from worker.extraction.languages import Languages
from worker.extraction.model import LanguageModel

__all__ = ["Document", "Extractor", "LanguageModel", "Languages"]
