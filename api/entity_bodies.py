"""Entities as clients write them, one or many."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from api.schemas import EntityBody
from api.slugs import slug_of
from wirewatch.errors import InvalidInputError
from wirewatch.models import Entity
from wirewatch.web import Problem, ProblemError
from wirewatch.web.bodies import JSON_TYPE
from wirewatch.web.many import document_one_or_many
from wirewatch.web.problems import fit, invalid

NO_COUNTRY = ("/country", "there is no entity with this id")
TWICE = ("/id", "comes twice in this request")


def read_entity(value: Any) -> Entity:
    """A user's entity from parsed JSON. Raises InvalidInputError."""
    body = fit(EntityBody, value)
    return msgspec.convert({**body.model_dump(), "id": body.id or slug_of(body.name), "origin": "user"}, Entity)


def read_all(values: Sequence[Any]) -> Iterator[Entity | Problem]:
    """Each value as an entity, or what is wrong with it."""
    seen: set[str] = set()
    for value in values:
        try:
            if isinstance(value, ProblemError):
                raise value
            entity = read_entity(value)
        except ProblemError as error:
            yield error.problem
        except InvalidInputError as error:
            yield invalid(error.problems)
        else:
            yield invalid([TWICE]) if entity.id in seen else entity
            seen.add(entity.id)


def placed(entity: Entity, known: frozenset[str] | set[str]) -> Entity | Problem:
    """The entity, unless it belongs to a country that is not among the known ids."""
    return entity if entity.country is None or entity.country in known else invalid([NO_COUNTRY])


def document_entities() -> dict[str, Any]:
    """What OpenAPI cannot learn from the code, since the body is one entity or many."""
    made = {
        "description": "one entity was made",
        "content": {JSON_TYPE: {"schema": {"$ref": "#/components/schemas/Entity"}}},
    }
    documented = document_one_or_many("entity", EntityBody.model_json_schema(), ("created", "updated", "unchanged"))
    return {**documented, "responses": {"201": made, **documented["responses"]}}
