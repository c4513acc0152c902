"""What both HTTP services share: problem documents, keys and scopes, strict bodies, limits, health and metrics."""

from wirewatch.web.auth import Access, Requires
from wirewatch.web.base import Base, build_base
from wirewatch.web.problems import Problem, ProblemError, problem_of

__all__ = ["Access", "Base", "Problem", "ProblemError", "Requires", "build_base", "problem_of"]
