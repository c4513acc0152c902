from datetime import UTC, datetime

import pytest

from ingest.dates import read_date
from ingest.months import find_month


@pytest.mark.parametrize(
    "date",
    [
        "Thursday, November 12, 2020 - 3:09pm",
        "Nov. 12, 2020, 3:09 p.m.",
        "Thu, 12th Nov 2020 15:09 GMT",
        "Thu, November 12, 2020 at 10:09 AM EST",
        "November 12 2020 03:09:00 PM",
        "Thu, 12 Nov 2020 15:09:00 Etc/GMT",
        "Thu, 12 Nov 2020 16:09:00 Europe/Brussels",
        "Thu, 12 Nov 2020 10:09:00 ET",
        "Thu, 12 Nov 2020 15:09:00 PST8PDT",
        "Thu, 2020/11/12 10:09:00 EST",
        "12-Nov-2020 15:09",
        "15:09, 12 November 2020",
        "2020-11-12T10:09:00-05:00Z",
        "2020-11-12T15:09:00.123456789Z",
        "jeu., 12 nov. 2020 15:09:00 +0000",
        "Jeudi, 12. Novembre 2020 - 15h09",
        "12 de noviembre de 2020 15:09",
        "Do, 12. November 2020, 15:09 Uhr",
        "Чт, 12 ноя 2020 18:09:00 +0300",
        "12 ноября 2020 г., 15:09",
        "Πεμ, 12 Νοέμ 2020 15:09:00 GMT",
        "2020-november-12T10:09-05:00",
        "12 Kasım 2020 15:09",
        "الخميس، 12 نوفمبر 2020 15:09",
        "2020年11月12日 15:09",
        "2020年11月12日 下午3:09",
        "2020년 11월 13일 오전 12:09:00",
    ],
)
def test_a_moment_is_read_however_it_is_written(date: str) -> None:
    assert read_date(date) == datetime(2020, 11, 12, 15, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "date",
    [
        "Ven, 13 nov. 2020",
        "13.11.20",
        "12.11.2020 24:00",
        "11/13/20",
        "Fri, 13 11 2020",
        "13/11/2020",
        "2020. november 13.",
        "2020-11-13",
    ],
)
def test_a_day_is_read_as_its_midnight(date: str) -> None:
    assert read_date(date) == datetime(2020, 11, 13, tzinfo=UTC)


def test_the_weekday_tells_the_day_from_the_month() -> None:
    assert read_date("Sat, 11/04/2020") == datetime(2020, 4, 11, tzinfo=UTC)
    assert read_date("Wed, 11/04/2020") == datetime(2020, 11, 4, tzinfo=UTC)
    assert read_date("Fri, 11/04/2020") is None
    assert read_date("11/04/2020") is None


def test_a_month_or_a_year_alone_is_its_first_day() -> None:
    assert read_date("2020-11") == read_date("Nov. 2020") == datetime(2020, 11, 1, tzinfo=UTC)
    assert read_date("2020") == datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 16 zzz 2012 11:47:32 GMT",
        "Sun, Dec x 2012 11:47:32 GMT",
        "Sun, 16 Dec zz 11:47:32 GMT",
        "Sun, 16 Dec 2012 1:2:3:4 GMT",
        "Sun, 99 Jun 2009 12:00:00 GMT",
        "2003-12-31T25:14:55Z",
        "2003-12-31T10:61:55Z",
        "2003-12-31T10:14:61Z",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
        "Fri, 31 Dec 9999 23:59:59 -9999",
        "22013",
        "2013-01-27-01",
        "13-12-31",
        "2 days ago",
        "May",
        "a-" * 50,
        "1 " * 50,
    ],
)
def test_what_is_no_day_that_can_be_meant_is_none(date: str) -> None:
    assert read_date(date) is None


def test_an_offset_that_no_place_has_is_none_of_the_date() -> None:
    assert read_date("2023-05-29 00:00:00+15:00") == datetime(2023, 5, 29, tzinfo=UTC)


def test_months_are_known_by_name_and_abbreviation_where_languages_agree() -> None:
    words = {"Mär": 3, "juil": 7, "déc": 12, "мая": 5, "Ιούλ": 7, "Sept": 9, "ago": 8, "października": 10}
    assert {word: find_month(word) for word in words} == words
    # June or July in French, October in Croatian and November in Polish, and no month at all.
    assert [find_month(word) for word in ("jui", "listopada", "ma", "Monday")] == [None] * 4
