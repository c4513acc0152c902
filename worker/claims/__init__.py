"""Who is said to supply arms to whom, read from dependency trees."""

from worker.claims.finder import ClaimFinder, ClaimInput

__all__ = ["ClaimFinder", "ClaimInput"]
