"""Reads what a first run loads, and what `wirewatch seed` is given."""

from wirewatch.seeding.corpus import SeedArticle, SeedError, read_corpus
from wirewatch.seeding.watches import read_endpoints, read_watches

__all__ = ["SeedArticle", "SeedError", "read_corpus", "read_endpoints", "read_watches"]
