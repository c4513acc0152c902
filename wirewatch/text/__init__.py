"""Text as the rest of the project compares it: folded tokens that know where they were written."""

from wirewatch.text.fold import fold_word, transliterate
from wirewatch.text.phrases import clitic_forms, find_phrase, is_designation_boundary, is_phrase_at, number_forms
from wirewatch.text.sentences import sentence_ends
from wirewatch.text.tokens import Token, fold_name, is_plain, keys, tokenize

__all__ = [
    "Token",
    "clitic_forms",
    "find_phrase",
    "fold_name",
    "fold_word",
    "is_designation_boundary",
    "is_phrase_at",
    "is_plain",
    "keys",
    "number_forms",
    "sentence_ends",
    "tokenize",
    "transliterate",
]
