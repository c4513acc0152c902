from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest.entries import ParsedEntry
from ingest.seen import KEPT_GONE, Comparison, Seen, compare, pack, unpack

AT = datetime(2030, 5, 1, 12, tzinfo=UTC)


def entry(number: int, external_id: str | None = None, **changes: object) -> ParsedEntry:
    known = ParsedEntry(
        external_id=external_id or f"id-{number}",
        url=f"https://news.example/{number}",
        title=f"Ferry {number}",
        text=f"Ferry {number} sails.",
        published_at=AT + timedelta(minutes=number),
        updated_at=None,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def after(*entries: ParsedEntry, before: tuple[Seen, ...] = ()) -> tuple[Seen, ...]:
    seen = compare(entries, before).seen
    assert seen is not None
    return tuple(unpack(pack(seen)))


def ids(found: Comparison) -> list[str]:
    return [one.external_id for one in found.fresh]


def test_new_entries_are_fresh_once_whatever_their_order() -> None:
    first = compare([entry(1), entry(2)], ())
    assert (ids(first), first.new_count) == (["id-1", "id-2"], 2)
    second = compare([entry(2), entry(3), entry(1)], after(entry(1), entry(2)))
    assert (ids(second), second.new_count) == (["id-3"], 1)


def test_an_edit_is_fresh_but_not_new_and_another_date_is_no_edit() -> None:
    seen = after(entry(1), entry(2), entry(3))
    found = compare([entry(1, text="It does not."), entry(2, title="No ferry"), entry(3, published_at=None)], seen)
    assert (ids(found), found.new_count) == (["id-1", "id-2"], 0)


def test_nothing_changed_is_nothing_to_remember() -> None:
    assert compare([entry(1)], after(entry(1))).seen is None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"published_at": None},
        {"title": "Ferry 1 (updated)"},
        {"text": "It sails late.", "published_at": None},
        {"url": None},
        {"url": "https://news.example/1?session=2"},
    ],
)
def test_an_entry_under_a_new_guid_keeps_its_first_name(changes: dict[str, object]) -> None:
    seen = after(entry(1), entry(2))
    for guid in ("other", "yet another"):
        found = compare([entry(1, guid, **changes), entry(2)], seen)
        assert found.new_count == 0
        seen = seen if found.seen is None else found.seen
        assert [one.external_id for one in seen][:2] == ["id-1", "id-2"]
        assert all(one.external_id == "id-1" for one in found.fresh)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another ship", "text": "It sails.", "published_at": AT + timedelta(days=1)},
        {"url": "https://news.example/9", "published_at": AT + timedelta(days=1)},
    ],
)
def test_another_entry_is_not_taken_for_the_vanished_one(changes: dict[str, object]) -> None:
    assert compare([entry(1, "other", **changes)], after(entry(1))).new_count == 1


def test_entries_that_share_link_and_words_are_not_taken_for_each_other() -> None:
    home: dict[str, object] = {
        "url": "https://news.example/",
        "title": "Notice",
        "text": "See inside.",
        "published_at": AT,
    }
    seen = after(entry(1, None, **home), entry(2, None, **home))
    assert compare([entry(3, None, **home), entry(4, None, **home)], seen).new_count == 2


def test_one_vanished_entry_is_not_two_new_ones() -> None:
    seen = after(entry(1))
    assert compare([entry(1, "a"), entry(1, "b")], seen).new_count == 1


def test_what_the_feed_shows_again_is_known_within_bounds() -> None:
    seen = after(*(entry(number) for number in range(KEPT_GONE + 50)))
    seen = after(entry(5000), before=seen)
    assert len(seen) == KEPT_GONE + 1
    assert compare([entry(3)], seen).new_count == 0


def test_guids_made_anew_at_each_request_bring_nothing_new() -> None:
    seen: tuple[Seen, ...] = ()
    for time in range(5):
        entries = [entry(number, f"{time}-{number}", published_at=AT + timedelta(days=time)) for number in range(50)]
        found = compare(entries, seen)
        assert found.new_count == (50 if time == 0 else 0)
        seen = seen if found.seen is None else found.seen
    assert len(seen) == 50
