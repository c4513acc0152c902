"""The built-in knowledge base: entities, topics and generic item words, kept as YAML files that a person can correct.

An entity file names its defaults once (`source`, `type`, and where it holds for all: `category`, `country`) and lists
`entities`; a record may override category, country and source. `source` names the file that was read, with its licence,
or says "common knowledge". Every value is read as text, so that NO stays Norway's code and 1e3 a designation.

Spelling rule for whoever matches these names: case is ignored, except that an alias of at most four letters written
all in upper case (US, UK, ROK, KCNA) matches only where the text writes it all in upper case.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

import msgspec
import yaml

from wirewatch.errors import InvalidInputError
from wirewatch.models import Entity, EntityType, Topic, TopicCue

__all__ = ["Item", "is_upper_case_only", "load_entities", "load_items", "load_topics"]

ROOT = files(__name__)
UPPER_CASE_ONLY_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Item:
    """A kind of goods as a claim names it ("artillery shells").

    `phrases` say it wherever they stand; `ambiguous_phrases` ("equipment", "fighters") only where something else in
    the sentence is military. The name is among one of the two.
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


FileStruct = TypeVar("FileStruct", bound=msgspec.Struct)


def is_upper_case_only(alias: str) -> bool:
    """Whether an alias matches only text written in upper case ("US" is no "us"); dots do not count as letters."""
    letters = alias.replace(".", "")
    return len(letters) <= UPPER_CASE_ONLY_LETTERS and letters.isalpha() and letters.isupper()


@cache
def load_entities() -> tuple[Entity, ...]:
    """The built-in entities in file order. Raises InvalidInputError naming the file and field that is wrong."""
    return tuple(entity for path in _yaml_files(ROOT / "entities") for entity in _read(path, EntityFile).values())


@cache
def load_topics() -> tuple[Topic, ...]:
    """The built-in topics, by file name. Raises InvalidInputError naming the file and field that is wrong."""
    return tuple(_read(path, TopicFile).value() for path in _yaml_files(ROOT / "topics"))


@cache
def load_items() -> tuple[Item, ...]:
    """The generic item words of claims. Raises InvalidInputError naming the field that is wrong."""
    return tuple(record.value() for record in _read(ROOT / "items.yml", ItemFile).items)


def _cues(phrases_by_weight: dict[float, tuple[str, ...]]) -> tuple[TopicCue, ...]:
    return tuple(TopicCue(phrase, weight) for weight, phrases in phrases_by_weight.items() for phrase in phrases)


def _yaml_files(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            yield from _yaml_files(entry)
        elif entry.name.endswith(".yml"):
            yield entry


def _read(path: Traversable, kind: type[FileStruct]) -> FileStruct:
    # CBaseLoader resolves no tags and guesses no types: all scalars stay text until the schema says otherwise.
    try:
        tree = yaml.load(path.read_bytes(), Loader=yaml.CBaseLoader)  # noqa: S506 - builds only text, lists, mappings
        return msgspec.convert(tree, kind, strict=False)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise InvalidInputError([(path.name, str(error))]) from error
