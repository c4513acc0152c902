"""What a data file may say: one struct a kind of file; unknown keys and wrong types are refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import TypeVar

import msgspec
import yaml

from wirewatch.errors import InvalidInputError
from wirewatch.models import Entity, EntityType, Topic, TopicCue

FileStruct = TypeVar("FileStruct", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Item:
    """A kind of goods as a claim names it ("artillery shells").

    `phrases` say it wherever they stand; `ambiguous_phrases` ("equipment", "fighters") only where something else in
    the sentence is military. The name stands in one of the two.
    """

    name: str
    category: str
    phrases: tuple[str, ...] = ()
    ambiguous_phrases: tuple[str, ...] = ()


class EntityRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    name: str
    aliases: tuple[str, ...] = ()
    short_names: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    metonyms: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    country: str | None = None
    category: str | None = None
    description: str = ""
    source: str | None = None


class EntityFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    type: EntityType
    entities: tuple[EntityRecord, ...]
    category: str | None = None
    country: str | None = None

    def values(self) -> Iterator[Entity]:
        for record in self.entities:
            yield Entity(
                id=record.id,
                name=record.name,
                type=self.type,
                aliases=record.aliases,
                short_names=record.short_names,
                demonyms=record.demonyms,
                metonyms=record.metonyms,
                titles=record.titles,
                country=record.country or self.country,
                category=record.category or self.category,
                description=record.description,
            )


class TopicFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cues are written as a mapping from weight to phrases, strongest first."""

    source: str
    id: str
    name: str
    description: str
    cues: dict[float, tuple[str, ...]]
    negative_cues: dict[float, tuple[str, ...]] = {}
    required_entity_types: tuple[EntityType, ...] = ()
    threshold: float = 0.5
    iptc: str | None = None

    def value(self) -> Topic:
        return Topic(
            id=self.id,
            name=self.name,
            cues=_cues(self.cues),
            negative_cues=_cues(self.negative_cues),
            required_entity_types=self.required_entity_types,
            threshold=self.threshold,
            description=self.description,
            iptc=self.iptc,
        )


class ItemRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    category: str
    phrases: tuple[str, ...] = ()
    ambiguous_phrases: tuple[str, ...] = ()

    def value(self) -> Item:
        phrases = self.phrases if self.name in self.ambiguous_phrases else (self.name, *self.phrases)
        return Item(self.name, self.category, phrases, self.ambiguous_phrases)


class ItemFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    items: tuple[ItemRecord, ...]


def read_file(path: Traversable, kind: type[FileStruct]) -> FileStruct:
    """The file as a `kind`. Raises InvalidInputError naming the file and, where the schema is broken, the field."""
    # CBaseLoader resolves no tags and guesses no types: all scalars stay text until the schema says otherwise.
    try:
        tree = yaml.load(path.read_bytes(), Loader=yaml.CBaseLoader)  # noqa: S506 - builds only text, lists, mappings
        return msgspec.convert(tree, kind, strict=False)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise InvalidInputError([(path.name, str(error))]) from error


def _cues(phrases_by_weight: dict[float, tuple[str, ...]]) -> tuple[TopicCue, ...]:
    return tuple(TopicCue(phrase, weight) for weight, phrases in phrases_by_weight.items() for phrase in phrases)
