"""Which model reads which language."""

from collections.abc import Mapping
from importlib.util import find_spec

from worker.extraction.model import LanguageModel

ENGLISH = "en"


class Languages:
    """English always, other languages where their model is installed; each is loaded when its first text comes."""

    def __init__(self, english: LanguageModel, others: Mapping[str, str]) -> None:
        """`others`: ISO 639-1 code -> the package of a spaCy model."""
        self.english = english
        self._names = {language: name for language, name in others.items() if language != ENGLISH and find_spec(name)}
        self._loaded: dict[str, LanguageModel] = {}

    def find(self, language: str | None) -> LanguageModel | None:
        """The model for a text of this language (None: too short to tell, taken for English); None: nobody reads it."""
        if language in (ENGLISH, None):
            return self.english
        name = self._names.get(language)
        if name is None:
            return None
        if language not in self._loaded:
            self._loaded[language] = LanguageModel(name)
        return self._loaded[language]
