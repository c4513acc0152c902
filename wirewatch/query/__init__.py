"""The watch language: parse, resolve against the catalogue, decide, explain, and index many watches.

One tree and one set of checks serve live matching, backtest, explanation and archive search:

    query = parse(text)                       # QueryError with position and hint, nothing else
    compiled = compile_query(query, names)    # names: CatalogueNames(entities, topics)
    decide(compiled, Subject(article, analysis, story))

The index of many watches (index.py) is for workers alone, which have numpy.
"""

from wirewatch.query.compile import Compiled, compile_query
from wirewatch.query.decide import Decision, decide
from wirewatch.query.explain import ClauseResult, explain, find_only_failure
from wirewatch.query.names import CatalogueNames, Names
from wirewatch.query.parse import parse
from wirewatch.query.subject import Subject
from wirewatch.query.syntax import Query, uses_story

__all__ = [
    "CatalogueNames",
    "ClauseResult",
    "Compiled",
    "Decision",
    "Names",
    "Query",
    "Subject",
    "compile_query",
    "decide",
    "explain",
    "find_only_failure",
    "parse",
    "uses_story",
]
