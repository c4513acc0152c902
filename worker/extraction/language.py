"""The language that a text is written in."""

import unicodedata
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

MIN_LETTERS = 24
MIN_PROBABILITY = 0.9
SAMPLE_CHARS = 2_000


def detect_language(text: str) -> str | None:
    """ISO 639-1 code by py3langid's own model on the first SAMPLE_CHARS code points; None when the text is too short
    (fewer than MIN_LETTERS letters) or two languages are too close."""
    sample = text[:SAMPLE_CHARS]
    if sum(unicodedata.category(char)[0] == "L" for char in sample) < MIN_LETTERS:
        return None
    language, probability = _identifier().classify(sample.encode("utf-8", "replace").decode("utf-8"))
    return str(language) if probability >= MIN_PROBABILITY else None


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
