"""The Retry-After header, which feeds and endpoints alike are asked to be left alone with."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from wirewatch.http.values import Response


def parse_retry_after(response: Response, now: datetime) -> float | None:
    """Seconds from `now`, never negative; None if the header is absent or unreadable (RFC 9110, 10.2.3)."""
    text = (response.find_header("retry-after") or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
