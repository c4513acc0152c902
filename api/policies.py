"""The alert policy of a watch as clients write it."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

import msgspec
from pydantic import AfterValidator, Field, model_validator

from wirewatch.models import Policy, Priority, Weekday
from wirewatch.web.bodies import Body, Text

MAY_BE_NULL = frozenset({"digest", "quiet_hours", "max_per_hour"})

Seconds = Annotated[int, Field(ge=0, le=7 * 24 * 3600)]


def _local_time(value: str) -> str:
    hours, separator, minutes = value.partition(":")
    if not (separator and len(value) == 5 and value.isascii() and hours.isdigit() and minutes.isdigit()):
        raise ValueError("must be a time of day such as 08:30")
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("is no time of day: from 00:00 to 23:59")
    return value


def _zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("is no time zone that is known; they are named like Europe/Berlin or UTC")
    return value


LocalTime = Annotated[Text, AfterValidator(_local_time)]
Zone = Annotated[Text, AfterValidator(_zone)]


class DigestBody(Body):
    """When updates are sent together; hourly at the minutes of `at`."""

    every: Literal["hourly", "daily", "weekly"] = "daily"
    at: LocalTime = "08:00"
    weekday: Weekday = "monday"
    time_zone: Zone = "UTC"


class QuietHoursBody(Body):
    """From `start` to `end` nothing is sent; over midnight where `end` is the earlier."""

    start: LocalTime
    end: LocalTime
    time_zone: Zone = "UTC"

    @model_validator(mode="after")
    def _not_empty(self) -> "QuietHoursBody":
        if self.start == self.end:
            raise ValueError("start and end must differ")
        return self


class PolicyBody(Body):
    """What a watch tells of a story, and when; what is left out stays as it is."""

    mode: Literal["material", "every_article", "digest"] | None = None
    settle_seconds: Seconds | None = None
    digest: DigestBody | None = None
    quiet_hours: QuietHoursBody | None = None
    min_independent_sources: Annotated[int, Field(ge=1, le=1000)] | None = None
    min_score: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    max_per_hour: Annotated[int, Field(ge=1, le=1000)] | None = None
    priority: Priority | None = None


def policy_of(base: Policy, body: PolicyBody | None) -> Policy:
    """The policy with what the body says. A digest and quiet hours are taken whole; null takes away what may be."""
    sent = body.model_dump(exclude_unset=True) if body else {}
    fields = {name: value for name, value in sent.items() if value is not None or name in MAY_BE_NULL}
    return msgspec.convert(msgspec.to_builtins(base) | fields, Policy)
