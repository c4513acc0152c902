"""Merging and splitting stories and rejecting claims, by an analyst or by the pipeline: one transaction each.

What a change may make true or false is decided again: the messages that follow say of which articles and stories.
"""

from collections.abc import Iterable, Sequence

from wirewatch.db import Transaction, lock_in_transaction
from wirewatch.errors import ConflictError, InvalidInputError, NotFoundError
from wirewatch.messages import MessageType, NewMessage
from wirewatch.store import alerts, articles, corrections, stories, vectors
from wirewatch.stories.refresh import refresh_facts


def merge(tx: Transaction, story_id: str, other_id: str, *, by: str, note: str = "") -> tuple[str, list[NewMessage]]:
    """Two stories tell of one event: the older id lives on, the younger leads to it, and its alerts fold in silently.

    -> the id that lives on, and the messages to record. Raises NotFoundError and ConflictError.
    """
    vectors.take_placement(tx)
    _check_live(tx, story_id, other_id)
    if story_id == other_id:
        raise ConflictError("a story cannot be merged with itself")
    into, gone = sorted((story_id, other_id), key=int)
    moved = corrections.move_all(tx, gone, into)
    alerts.fold(tx, gone, into)
    corrections.add_event(tx, "merged", (into, gone), article_ids=moved, by=by, note=note)
    refresh_facts(tx, {into})
    return into, _decide_again(tx, moved, [into])


def split(
    tx: Transaction, story_id: str, article_ids: Sequence[str], *, by: str, note: str = ""
) -> tuple[str, list[NewMessage]]:
    """These articles tell of another event than the rest: the larger part keeps the id and the alerts, the smaller
    becomes a story that the pipeline does not merge back.

    -> the id of the new story, and the messages to record. Raises NotFoundError and InvalidInputError.
    """
    vectors.take_placement(tx)
    _check_live(tx, story_id)
    members = stories.get_members(tx, [story_id]).get(story_id, [])
    named = set(article_ids)
    if not named or not named < set(members):
        raise InvalidInputError([("/article_ids", "must be some, and not all, of the story's articles")])
    rest = set(members) - named
    leaving = sorted(named if len(named) <= len(rest) else rest, key=int)
    new_id = stories.create(tx, articles.get_many(tx, leaving[:1])[leaving[0]].title)
    corrections.move(tx, leaving, new_id)
    corrections.keep_apart(tx, story_id, new_id)
    corrections.add_event(tx, "split", (story_id, new_id), article_ids=leaving, by=by, note=note)
    refresh_facts(tx, {story_id, new_id})
    return new_id, _decide_again(tx, leaving, [story_id, new_id])


def reject_claim(tx: Transaction, story_id: str, claim_id: str, *, by: str, note: str = "") -> list[NewMessage]:
    """The claim was never made, or was misread: it leaves the story, and stays away when the same words are read again.

    -> the messages to record. Raises NotFoundError.
    """
    lock_in_transaction(tx, stories.LOCK)
    _check_live(tx, story_id)
    claim = corrections.find_claim(tx, story_id, claim_id)
    if claim is None:
        raise NotFoundError("no claim with this id in this story")
    gone = corrections.reject(tx, story_id, claim, by=by, note=note)
    claim_ids = [id_ for ids in gone.values() for id_ in ids]
    corrections.add_event(
        tx, "claim_rejected", (story_id, None), article_ids=gone, claim_ids=claim_ids, by=by, note=note
    )
    refresh_facts(tx, {story_id})
    return _decide_again(tx, gone, [story_id], "ArticleExtracted")


def restore_claim(tx: Transaction, story_id: str, claim_id: str, *, by: str, note: str = "") -> list[NewMessage]:
    """Take a rejection back: the articles are read again. -> the messages to record. Raises NotFoundError."""
    lock_in_transaction(tx, stories.LOCK)
    _check_live(tx, story_id)
    again = corrections.restore(tx, story_id, claim_id)
    if not again:
        raise NotFoundError("no rejected claim with this id in this story")
    corrections.add_event(
        tx, "claim_restored", (story_id, None), article_ids=again, claim_ids=[claim_id], by=by, note=note
    )
    return _decide_again(tx, again, [], "ArticleChecked")


def _check_live(tx: Transaction, *story_ids: str) -> None:
    known = stories.get_facts(tx, story_ids)
    if any(id_ not in known for id_ in story_ids):
        raise NotFoundError("no story with this id")


def _decide_again(
    tx: Transaction, article_ids: Iterable[str], story_ids: Iterable[str], stage: MessageType = "ArticlePlaced"
) -> list[NewMessage]:
    """The articles from this stage on, and what other articles of the stories are decided on."""
    again = [NewMessage(stage, id_, version) for id_, version in corrections.get_versions(tx, article_ids)]
    return again + [NewMessage("StoryChanged", id_) for id_ in story_ids]
