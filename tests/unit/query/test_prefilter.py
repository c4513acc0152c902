"""The numbers of terms stay what they are, since databases keep them."""

from hashlib import sha256

from wirewatch.query.prefilter import number_terms
from wirewatch.query.subject import text_terms

WRITTEN = (
    "Kin\u00adzhal's crews: Tu\u2011160M2, S-400s, \u0422u-95 and air-strikes in Sana\u02bfa, Кинжал, 金正恩, 김정은, "
    "إيران, Ιράν, U.S. 1,200 \uff34\uff45\uff48\uff52\uff41\uff4e l'Iran"
)


def test_stored_terms_are_still_the_terms() -> None:
    """Fails where folding changes: then empty the stored terms in a migration, and put the new digest here."""
    numbers = sorted(number_terms(text_terms("A title of \u00d8sl\u00f6", WRITTEN)))
    assert sha256(repr(numbers).encode()).hexdigest()[:16] == "b4084e268ff04371"


def test_numbers_fit_the_column_and_differ() -> None:
    terms = {f"word{n}" for n in range(2_000)}
    numbers = number_terms(terms)
    assert len(numbers) == len(terms)
    assert min(numbers) < 0 < max(numbers)
    assert all(-(2**31) <= number < 2**31 for number in numbers)
