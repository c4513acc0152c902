"""The knowledge base: who and what is known by which names."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from anyio import to_thread
from fastapi import APIRouter, Query, Request, Response

from api.deps import READ, WRITE, Page, PageParams, Services, Wired, page_of
from api.entity_bodies import NO_COUNTRY, document_entities, placed, read_all, read_entity
from api.lines import read_values
from api.schemas import EntityPatch, given
from wirewatch.db import Transaction
from wirewatch.errors import InvalidInputError
from wirewatch.models import Entity, EntityType
from wirewatch.store import entities
from wirewatch.web import Problem
from wirewatch.web.bodies import JSON_TYPE, StrictRoute, Text

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


@router.post("", status_code=201, openapi_extra=document_entities(), dependencies=[WRITE])
async def post_entities(request: Request, services: Wired) -> Response:
    """Take one entity (201), or many as a JSON array or one JSON object a line (200, an answer for each, in order).

    Known to every article that is accepted after the answer. One whose id is taken is a conflict; among many it is
    written over.
    """
    values, is_many = await read_values(request)
    if is_many:
        items = await to_thread.run_sync(_put_all, services, values)
        return Response(msgspec.json.encode({"items": items}), 200, media_type=JSON_TYPE)
    entity = await to_thread.run_sync(_create, services, values[0])
    return Response(msgspec.json.encode(entity), 201, media_type=JSON_TYPE)


def _create(services: Services, value: Any) -> Entity:
    entity = read_entity(value)
    with services.database.transaction() as tx:
        _check_country(tx, entity.id, entity.country)
        entities.create(tx, entity)
    return entity


def _put_all(services: Services, values: Sequence[Any]) -> list[dict[str, Any]]:
    """What became of each: id and status, or the problem that it has."""
    read = list(read_all(values))
    good = [entity for entity in read if isinstance(entity, Entity)]
    with services.database.transaction() as tx:
        wanted = {entity.country for entity in good if entity.country}
        known = {entity.id for entity in good} | entities.find_names(tx, sorted(wanted)).keys()
        checked = [one if isinstance(one, Problem) else placed(one, known) for one in read]
        fit = [entity for entity in checked if isinstance(entity, Entity)]
        done = dict(zip((entity.id for entity in fit), entities.put(tx, fit), strict=True))
    return [
        {"error": one.document()} if isinstance(one, Problem) else {"id": one.id, "status": done[one.id]}
        for one in checked
    ]


@router.get("/{entity_id}", dependencies=[READ])
def get_entity(entity_id: str, services: Wired) -> Entity:
    with services.database.transaction() as tx:
        return entities.get(tx, entity_id)


@router.patch("/{entity_id}", dependencies=[WRITE])
def update_entity(entity_id: str, body: EntityPatch, services: Wired) -> Entity:
    """Change what is given. An edited built-in entity is left alone by upgrades."""
    changes = given(body, "country", "category")
    with services.database.transaction() as tx:
        _check_country(tx, entity_id, body.country)
        return entities.update(tx, entity_id, changes)


@router.delete("/{entity_id}", status_code=204, dependencies=[WRITE])
def delete_entity(entity_id: str, services: Wired) -> None:
    """From now on it is found in no article; a built-in one stays away at upgrades."""
    with services.database.transaction() as tx:
        entities.delete(tx, entity_id)


def _check_country(tx: Transaction, entity_id: str, country: str | None) -> None:
    if country and country != entity_id and not entities.find_names(tx, [country]):
        raise InvalidInputError([NO_COUNTRY])
