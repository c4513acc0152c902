"""What a feed's entries were when they were last read: tells new ones from known and edited ones. Pure.

Names of entries cannot be trusted alone: some feeds make new guids at every request. An entry whose guid is new, but
that is the same as one that has just vanished by its link or text, is that one and keeps its name.
"""

import hashlib
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from ingest.entries import ParsedEntry

# How many entries that are gone from the feed are remembered: it may show them again, or another part of its archive.
KEPT_GONE = 1_000


class Seen(msgspec.Struct, array_like=True, frozen=True):
    """An entry as it was: `external_id` is the one it was first stored by, the rest are hashes (0: nothing there)."""

    external_id: str
    link: int
    title: int
    text: int
    published: int

    @property
    def content(self) -> tuple[int, int]:
        return self.title, self.text


@dataclass(frozen=True, slots=True)
class Comparison:
    """`fresh` are the entries to be stored, new (`new_count` of them) or edited. `seen` is what to remember, None: just
    what was remembered before.
    """

    fresh: tuple[ParsedEntry, ...]
    new_count: int
    seen: tuple[Seen, ...] | None


def compare(entries: Sequence[ParsedEntry], seen: Sequence[Seen]) -> Comparison:
    """Entries in any order against what was seen before."""
    known = {one.external_id: one for one in seen}
    present = {entry.external_id for entry in entries}
    vanished = _Vanished(one for one in seen if one.external_id not in present)
    fresh: list[ParsedEntry] = []
    marks: list[Seen] = []
    new_count = 0
    for entry in entries:
        mark = mark_of(entry)
        was = known.get(entry.external_id) or vanished.take(mark)
        if was is not None and was.external_id != entry.external_id:
            entry = replace(entry, external_id=was.external_id)  # noqa: PLW2901 (the same entry by its first name)
            mark = msgspec.structs.replace(mark, external_id=was.external_id)
        if was is None or was.content != mark.content:
            fresh.append(entry)
            new_count += was is None
        marks.append(mark)
    now_seen = (*marks, *vanished.rest(KEPT_GONE))
    return Comparison(tuple(fresh), new_count, now_seen if now_seen != tuple(seen) else None)


class _Vanished:
    """Entries that are gone, to be found by link or content where only one of them has it."""

    def __init__(self, gone: Iterable[Seen]) -> None:
        self._gone = {one.external_id: one for one in gone}
        self._by_link = _unique(self._gone.values(), lambda one: one.link or None)
        self._by_content = _unique(self._gone.values(), lambda one: one.content if any(one.content) else None)

    def take(self, mark: Seen) -> Seen | None:
        """The one that this entry was, if it was one; it is not given twice."""
        linked, alike = self._by_link.get(mark.link), self._by_content.get(mark.content)
        for was in (linked, alike):
            if was is not None and was.external_id in self._gone and _is_same(was, mark):
                return self._gone.pop(was.external_id)
        return None

    def rest(self, limit: int) -> list[Seen]:
        return list(self._gone.values())[:limit]


def _is_same(was: Seen, mark: Seen) -> bool:
    """One link with the title, text or date in common, or the same content at the same time or at the same link."""
    has_same_date = was.published == mark.published != 0
    has_same_part = was.title == mark.title != 0 or was.text == mark.text != 0
    if was.link == mark.link:
        return has_same_part or (has_same_date and mark.link != 0)
    return was.content == mark.content and has_same_date


def _unique(found: Iterable[Seen], key_of: Callable[[Seen], Hashable]) -> dict[Hashable, Seen]:
    index: dict[Hashable, Seen | None] = {}
    for one in found:
        key = key_of(one)
        if key is not None:
            index[key] = None if key in index else one
    return {key: one for key, one in index.items() if one is not None}


def mark_of(entry: ParsedEntry) -> Seen:
    published = int(entry.published_at.timestamp()) if isinstance(entry.published_at, datetime) else 0
    return Seen(entry.external_id, _hash(entry.url or ""), _hash(entry.title), _hash(entry.text), published)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest(), "big") if text else 0


def pack(seen: Sequence[Seen]) -> bytes:
    return msgspec.msgpack.encode(seen)


def unpack(packed: bytes | None) -> list[Seen]:
    return msgspec.msgpack.decode(packed, type=list[Seen]) if packed else []
