"""Reads what a first run loads, and what `wirewatch seed` is given."""

from wirewatch.seeding.corpus import SeedArticle, SeedError, read_corpus
from wirewatch.seeding.journal import Journal, journal_path
from wirewatch.seeding.watches import read_endpoints, read_watches

__all__ = ["Journal", "SeedArticle", "SeedError", "journal_path", "read_corpus", "read_endpoints", "read_watches"]
