"""The knowledge base: who and what is known by which names."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import READ, WRITE, Page, PageParams, Wired, page_of
from api.schemas import EntityBody, EntityPatch, given
from api.slugs import slug_of
from wirewatch.db import Transaction
from wirewatch.errors import InvalidInputError
from wirewatch.models import Entity, EntityType
from wirewatch.store import entities
from wirewatch.web.bodies import StrictRoute, Text

router = APIRouter(prefix="/v1/entities", tags=["entities"], route_class=StrictRoute)


class EntityParams(PageParams):
    """`q`: part of an id, a name or another spelling."""

    type: EntityType | None = None
    q: Text | None = None


@router.get("", dependencies=[READ])
def list_entities(params: Annotated[EntityParams, Query()], services: Wired) -> Page[Entity]:
    """By id."""
    with services.database.transaction() as tx:
        found = entities.list_page(
            tx, after=params.after(), limit=params.limit + 1, entity_type=params.type, q=params.q
        )
    return page_of(found, params.limit, lambda entity: entity.id)


@router.post("", status_code=201, dependencies=[WRITE])
def create_entity(body: EntityBody, services: Wired) -> Entity:
    """Known to every article that is accepted after the answer."""
    fields = _tuples(body.model_dump())
    entity = Entity(**{**fields, "id": body.id or slug_of(body.name), "origin": "user"})
    with services.database.transaction() as tx:
        _check_country(tx, entity)
        entities.create(tx, entity)
    return entity


@router.get("/{entity_id}", dependencies=[READ])
def get_entity(entity_id: str, services: Wired) -> Entity:
    with services.database.transaction() as tx:
        return entities.get(tx, entity_id)


@router.patch("/{entity_id}", dependencies=[WRITE])
def update_entity(entity_id: str, body: EntityPatch, services: Wired) -> Entity:
    """Change what is given. An edited built-in entity is left alone by upgrades."""
    fields = _tuples(given(body, "country", "category"))
    with services.database.transaction() as tx:
        entity = replace(entities.get(tx, entity_id), **fields)
        _check_country(tx, entity)
        entities.update(tx, entity)
    return entity


@router.delete("/{entity_id}", status_code=204, dependencies=[WRITE])
def delete_entity(entity_id: str, services: Wired) -> None:
    """From now on it is found in no article; a built-in one stays away at upgrades."""
    with services.database.transaction() as tx:
        entities.delete(tx, entity_id)


def _check_country(tx: Transaction, entity: Entity) -> None:
    if entity.country and entity.country != entity.id and not entities.find_names(tx, [entity.country]):
        raise InvalidInputError([("/country", "there is no entity with this id")])


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}
