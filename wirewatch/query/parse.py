"""From text to the syntax tree: guard, luqum's grammar, then our own tree; every refusal is a QueryError."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Final

from luqum import thread, tree
from luqum.exceptions import IllegalCharacterError, ParseError

from wirewatch.errors import QueryError
from wirewatch.query import fields, guard, sense, syntax, terms, values

_PLY: Final = Lock()  # PLY keeps its position in the grammar on the parser object
_POSITION: Final = re.compile(r"at position (\d+)!?\Z")
_MAX_DEPTH: Final = 4 * guard.MAX_DEPTH
_MIXED: Final = "write a AND (b OR c), or (a AND b) OR c"


def parse(text: str) -> syntax.Query:
    """Read a query in the watch language (docs/watch-language.md).

    Raises QueryError, and nothing else, with position, detail and hint. Time is bounded by the guard: at most 16 kB,
    500 clauses and 30 parentheses deep reach the grammar.
    """
    checked = guard.check(text)
    root = _Reading(field="", inside_claim=False, depth=0).node(_parse_lucene(checked))
    sense.check(root)
    return syntax.Query(text=text, root=root, warnings=sense.warnings(root))


def _parse_lucene(query: str) -> tree.Item:
    try:
        with _PLY:
            return thread.parse(query)
    except IllegalCharacterError as error:
        position = _position(str(error), query)
        raise QueryError(f"{query[position]!r} cannot stand here", position, "put the word in quotes") from None
    except ParseError as error:
        position = _position(str(error), query)
        if position >= len(query):
            raise QueryError("the query ends too early", position, "a word or a closing sign is missing") from None
        found = query[position:].split(maxsplit=1)[0][:20]
        raise QueryError(f"{found!r} is not expected here", position, "put it in quotes, or complete it") from None
    except (ArithmeticError, ValueError):
        # luqum converts the numbers after ~ and ^ without checking them.
        position = max(query.find("~"), query.find("^"), 0)
        raise QueryError("the number after ~ or ^ cannot be read", position, "write a whole number, as in ~2") from None


def _position(message: str, query: str) -> int:
    match = _POSITION.search(message)
    return int(match[1]) if match else len(query)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Where the conversion stands: in which field, inside a claim or not, how deep."""

    field: str
    inside_claim: bool
    depth: int

    def node(self, item: tree.Item) -> syntax.Node:
        if self.depth > _MAX_DEPTH:
            raise QueryError("the query is nested too deep", item.pos or 0, "simplify the query")
        if isinstance(item, tree.BaseOperation):
            return self._operation(item)
        if isinstance(item, tree.Not | tree.Prohibit):
            return syntax.Not(self._deeper().node(item.a))
        if isinstance(item, tree.Plus):
            return self._deeper().node(item.a)
        if isinstance(item, tree.BaseGroup):
            return self._deeper().node(item.expr)
        if isinstance(item, tree.SearchField):
            return self._search_field(item)
        if isinstance(item, tree.Boost):
            raise QueryError("^ has no meaning here: a watch matches or not", _start(item), "remove ^ and its number")
        return self._leaf(item)

    def _deeper(self, **changes: str | bool) -> "_Reading":
        return _Reading(
            field=str(changes.get("field", self.field)),
            inside_claim=bool(changes.get("inside_claim", self.inside_claim)),
            depth=self.depth + 1,
        )

    def _operation(self, item: tree.BaseOperation) -> syntax.Node:
        kind: Callable[[tuple[syntax.Node, ...]], syntax.And | syntax.Or]
        kind, mixed = syntax.And, tree.OrOperation
        if isinstance(item, tree.OrOperation):
            kind, mixed = syntax.Or, tree.AndOperation | tree.UnknownOperation
        for operand in item.operands:
            if isinstance(operand, mixed):
                raise QueryError("AND and OR are mixed without parentheses", _start(operand), _MIXED)
        deeper = self._deeper()
        parts: list[syntax.Node] = []
        for part in map(deeper.node, item.operands):
            parts.extend(part.parts if isinstance(part, syntax.And) and kind is syntax.And else [part])
        return kind(tuple(parts))

    def _search_field(self, item: tree.SearchField) -> syntax.Node:
        position = _start(item)
        if self.inside_claim:
            if self.field:
                raise QueryError("a part of a claim cannot stand inside another", position, "join the two with AND")
            return self._deeper(field=fields.read_role(item.name, position)).node(item.expr)
        name = fields.read_field(item.name, position)
        if self.field:
            raise QueryError(f"{name}: cannot stand inside {self.field}:", position, "join the two with AND")
        if name == "claim":
            condition = self._deeper(inside_claim=True).node(item.expr)
            return syntax.ClaimClause(source=_written(item), position=position, condition=condition)
        return self._deeper(field=name).node(item.expr)

    def _leaf(self, item: tree.Item) -> syntax.Leaf:
        source, position = _written(item), _start(item)
        place = values.Place(self.field, f"{self.field}:{source}" if self.field else source, position)
        if isinstance(item, tree.Word) and set(item.value) <= set("*?"):
            raise place.error(f"{item.value!r} alone matches everything", "write at least one word")
        if self.inside_claim:
            if not self.field:
                hint = "write claim:(supplier:.. AND recipient:.. AND item:.. AND status:..)"
                raise place.error("a claim is described by its parts", hint)
            return fields.read_claim_part(item, place)
        reader = fields.FIELDS[self.field] if self.field else terms.read_words
        return reader(item, place)


def _start(item: tree.Item) -> int:
    """Where the first sign of the item stands; luqum counts leading white space for some items."""
    while isinstance(item, tree.BaseOperation | tree.BaseApprox | tree.Boost):
        item = item.children[0]
    return int(item.pos or 0)


def _written(item: tree.Item) -> str:
    return str(item).strip()
