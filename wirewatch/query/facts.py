"""The checks of what is known of an article: who and what is in it, who published it and when, its story."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from wirewatch.models import EntityType, EvidenceKind, Mention, StoryFacts, Topic
from wirewatch.query.hits import MAX_HITS, AnyOf, Check, Hit, span
from wirewatch.query.subject import Subject, beginnings_of_language
from wirewatch.query.syntax import FieldName, Figure
from wirewatch.text import find_phrase, fold_name, keys, tokenize


@dataclass(frozen=True, slots=True)
class MentionCheck(Check):
    """A mention of one of the entities; with no entity known by the name, a mention with exactly this name.

    `inside` are the places that lie in one of `ids`, and count too; `name` is folded, `written` as the query has it.
    """

    ids: frozenset[str]
    inside: frozenset[str]
    name: str
    written: str
    type: EntityType | None
    kind: ClassVar[EvidenceKind] = "entity"

    def find(self, subject: Subject) -> list[Hit]:
        return [
            span(subject, mention.field, mention.start, mention.end, mention.entity_id, self._meaning(mention))
            for mention in self._meant(subject)[:MAX_HITS]
        ]

    def holds(self, subject: Subject) -> bool:
        if self.ids:
            known = subject.mentions_by_entity.keys()
            return not (self.ids.isdisjoint(known) and self.inside.isdisjoint(known))
        return bool(self._meant(subject))

    def _meaning(self, mention: Mention) -> str | None:
        if mention.entity_id in self.inside:
            return f"{mention.name} lies in {self.written}"
        return None if fold_name(mention.text) == fold_name(mention.name) else f"names {mention.name}"

    def _meant(self, subject: Subject) -> list[Mention]:
        if not self.ids:
            named = subject.mentions_by_name.get(self.name, [])
            return [mention for mention in named if self.type in (None, mention.type)]
        present = (self.ids | self.inside) & subject.mentions_by_entity.keys()
        if len(present) == 1:
            return subject.mentions_by_entity[next(iter(present))]
        return [mention for mention in subject.analysis.mentions if mention.entity_id in present] if present else []

    def needs(self) -> tuple[AnyOf, ...]:
        if self.ids:
            return (frozenset("e:" + id_ for id_ in self.ids | self.inside),)
        return (frozenset({"n:" + self.name}),)

    @property
    def is_exact(self) -> bool:
        return bool(self.ids)


@dataclass(frozen=True, slots=True)
class TopicCheck(Check):
    ids: frozenset[str]
    topics: tuple[Topic, ...] = ()
    kind: ClassVar[EvidenceKind] = "topic"

    def find(self, subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        for topic in subject.analysis.topics:
            if topic.id in self.ids:
                meaning = f"speaks for the topic {topic.id} ({topic.score:.2f})"
                hits.extend(span(subject, cue.field, cue.start, cue.end, topic.id, meaning) for cue in topic.evidence)
                hits.extend([] if topic.evidence else [Hit(None, None, None, topic.id, topic.id)])
        return hits[:MAX_HITS]

    def needs(self) -> tuple[AnyOf, ...]:
        return (frozenset("t:" + id_ for id_ in self.ids),)

    @property
    def is_exact(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class FieldCheck(Check):
    """Publisher by name or domain, domain with its subdomains, language with its regions."""

    field: FieldName
    value: str
    kind: ClassVar[EvidenceKind] = "field"

    def find(self, subject: Subject) -> list[Hit]:
        article = subject.article
        if self.field == "source":
            found = [part for part in (article.source_name, article.source_domain) if part and self._names(part)]
        elif self.field == "domain":
            domain, wanted = (article.source_domain or "").lower(), self._domain()
            found = [domain] if domain == wanted or domain.endswith("." + wanted) else []
        else:
            found = [subject.lang] if self.value.lower() in beginnings_of_language(subject.lang) else []
        return [Hit(None, None, None, value) for value in found[:1]]

    def _names(self, written: str) -> bool:
        return bool(find_phrase(tokenize(written), keys(self.value)))

    def needs(self) -> tuple[AnyOf, ...]:
        if self.field == "lang":
            return (frozenset({"l:" + self.value.lower()}),)
        if self.field == "domain":
            return (frozenset({"d:" + self._domain()}),)
        return tuple(frozenset({"f:" + key}) for key in keys(self.value))

    @property
    def is_exact(self) -> bool:
        return self.field != "source"

    def _domain(self) -> str:
        return self.value.lower().strip(".")


@dataclass(frozen=True, slots=True)
class PublishedCheck(Check):
    low: datetime | None
    high: datetime | None
    kind: ClassVar[EvidenceKind] = "field"

    def find(self, subject: Subject) -> list[Hit]:
        at = subject.article.published_at
        if at is None or (self.low and at < self.low) or (self.high and at >= self.high):
            return []
        return [Hit(None, None, None, at.isoformat())]

    def needs(self) -> tuple[AnyOf, ...]:
        return ()


@dataclass(frozen=True, slots=True)
class StoryCheck(Check):
    figure: Figure
    low: int | None
    high: int | None
    kind: ClassVar[EvidenceKind] = "field"

    def find(self, subject: Subject) -> list[Hit]:
        if subject.story is None:
            return []
        value = figure_of(subject.story, self.figure)
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return []
        return [Hit(None, None, None, str(value))]

    def needs(self) -> tuple[AnyOf, ...]:
        return ()


def figure_of(story: StoryFacts, figure: Figure) -> int:
    if figure == "independent_sources":
        return story.independent_sources
    return len(story.sources) if figure == "sources" else story.article_count or len(story.article_ids)
