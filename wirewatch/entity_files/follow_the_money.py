"""FollowTheMoney: one JSON entity a line, with `id`, `schema`, `caption` and `properties`, each a list of texts.

The mapping is by https://followthemoney.tech; its schemata for things that texts name become entities, the others
(addresses, passports, ownerships, sanctions, ...) are passed over.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from wirewatch.entity_files.records import Json
from wirewatch.models import EntityType

TYPES: dict[str, EntityType] = {
    "Person": "person",
    "LegalEntity": "org",
    "Organization": "org",
    "Company": "org",
    "PublicBody": "org",
    "Vessel": "other",
    "Airplane": "other",
}
SCHEMATA: dict[str, str] = {"person": "Person", "org": "Organization"}
MAX_NAME_CHARS = 300
MAX_NAMES = 1000
MAX_DESCRIPTION_CHARS = 10_000
_STRONG = ("name", "alias", "previousName", "abbreviation")
_COUNTRIES = ("country", "nationality", "citizenship", "jurisdiction", "flag")


def read(value: Json) -> Json | None:
    """The body of POST /v1/entities, as far as it can be read off; None for a schema that is none of ours."""
    kind = TYPES.get(str(value.get("schema")))
    if kind is None:
        return None
    held = value.get("properties")
    properties: Json = held if isinstance(held, dict) else {}
    strong = _texts(value.get("caption"), *(properties.get(name) for name in _STRONG))
    weak = _texts(properties.get("weakAlias"))
    if kind == "person":
        # One word of a person's name is a name only where the text speaks of that person anyway.
        weak += [name for name in strong[1:] if len(name.split()) == 1]
    body: Json = {"id": value.get("id"), "name": strong[0] if strong else "", "type": kind}
    body["aliases"] = [name for name in strong[1:] if name not in weak][:MAX_NAMES]
    body["short_names"] = list(dict.fromkeys(weak))[:MAX_NAMES]
    body["country"] = next(iter(_countries(_texts(*(properties.get(name) for name in _COUNTRIES)))), None)
    body["category"] = next(iter(_texts(properties.get("topics"))), None)
    body["description"] = "; ".join(_texts(properties.get("position"), properties.get("summary"), limit=None))
    body["description"] = body["description"][:MAX_DESCRIPTION_CHARS]
    return body


def write(entity: Json) -> Json | None:
    """An entity of the API as FollowTheMoney; None for places and weapons, which have no schema there."""
    schema = SCHEMATA.get(entity["type"])
    if schema is None:
        return None
    properties = {
        "name": [entity["name"]],
        "alias": entity["aliases"],
        "weakAlias": entity["short_names"],
        "country": [code for code, id_ in country_ids().items() if id_ == entity["country"]][:1],
        "summary": [entity["description"]] if entity["description"] else [],
    }
    held = {name: texts for name, texts in properties.items() if texts}
    return {"id": entity["id"], "caption": entity["name"], "schema": schema, "properties": held}


@cache
def country_ids() -> dict[str, str]:
    """Small ISO 3166 code -> the id of the state in the knowledge base."""
    codes = yaml.load((files("wirewatch.data") / "country_codes.yml").read_bytes(), Loader=yaml.CBaseLoader)  # noqa: S506 - builds only text
    return {code.lower(): id_ for code, id_ in codes.items()}


def _countries(codes: Iterable[str]) -> list[str]:
    return [country_ids()[code.lower()] for code in codes if code.lower() in country_ids()]


def _texts(*values: Any, limit: int | None = MAX_NAME_CHARS) -> list[str]:
    """The texts of several properties, each once, in order; a text too long to be a name is none."""
    listed = [text for value in values for text in (value if isinstance(value, list) else [value])]
    found = (text.replace("\0", "").strip() for text in listed if isinstance(text, str))
    return list(dict.fromkeys(text for text in found if text and (limit is None or len(text) <= limit)))
