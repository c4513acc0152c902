"""Times as they are shown: UTC, whatever time zone the database session has."""

from datetime import UTC, datetime


def utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def utc_or_none(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)
