"""What the rules see of one paragraph, and the transfers they read in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from spacy.tokens import Doc, Token

from wirewatch.models import ClaimStage, ClaimStatus, Mention
from worker.claims.cast import Cast
from worker.claims.grammar import conjuncts
from worker.claims.items import Arms, content
from worker.claims.registry import Party

# What is longer is a table or a list without stops; its tree says nothing.
MAX_SENTENCE_TOKENS = 200
PREMODIFIERS = frozenset({"amod", "compound", "nummod", "det", "nmod", "cc", "punct", "advmod"})


@dataclass(slots=True)
class Slot:
    """The words that fill a role, and whom they name: words without a party leave the role closed but unknown."""

    words: list[Token] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return not self.words and not self.parties


@dataclass(slots=True)
class Transfer:
    """One reading: a predicate with its roles."""

    predicate: Token
    supplier: Slot
    recipient: Slot
    items: list[Arms]
    stage: ClaimStage | None
    takes: bool = False  # told from the recipient's side
    is_agreed: bool = False  # under a sales programme: planned
    needs_supplier: bool = False  # "acquire": without a source it may be made at home

    @property
    def base(self) -> ClaimStatus:
        match self.stage:
            case "offered":
                return "planned"
            case "sought":
                return "possible"
        return "planned" if self.is_agreed else "reported"


class Scene:
    """A parsed paragraph with its parties and arms."""

    def __init__(
        self, doc: Doc, cast: Cast, arms: dict[int, Arms], weapons: Iterable[tuple[int, int, Mention]]
    ) -> None:
        self._weapon_tokens = {i for start, end, _ in weapons for i in range(start, end)}
        self.doc = doc
        self.words = [token for sentence in doc.sents if len(sentence) <= MAX_SENTENCE_TOKENS for token in sentence]
        self.cast = cast
        self.arms = arms

    def arms_in(self, heads: Iterable[Token]) -> list[Arms]:
        """Arms named by coordinated noun phrases or by what they contain, in reading order."""
        found: dict[int, Arms] = {}
        for head in heads:
            for token in conjuncts(self.meant(head)):
                for inner in content(token):
                    for part in conjuncts(inner):
                        if part.i in self.arms:
                            found[part.i] = self.arms[part.i]
        return self.continued([found[i] for i in sorted(found)])

    def continued(self, listed: list[Arms]) -> list[Arms]:
        """Add what goes on a list ("munitions, shells and rockets") where the parser broke it at a comma."""
        known = {arms.head.i for arms in listed}
        at = max(known, default=len(self.doc)) + 1
        while at < len(self.doc) and self.doc[at].lower_ in {",", "and", "or"}:
            start = at + 1
            head = next((i for i in range(start, min(start + 4, len(self.doc))) if i in self.arms), None)
            if head is None or any(t.dep_ not in PREMODIFIERS for t in self.doc[start:head] if t.text != "-"):
                break
            if head not in known:
                listed.append(self.arms[head])
            at = head + 1
        return listed

    def is_weapon(self, token: Token) -> bool:
        return token.i in self._weapon_tokens

    def meant(self, token: Token) -> Token:
        """A pronoun's arms: the nearest before it in this sentence or the one before."""
        if token.lower_ not in {"them", "it", "they", "these", "those", "some", "ones"} or token.pos_ == "DET":
            return token
        plural = token.lower_ != "it"
        for i in range(token.i - 1, -1, -1):
            if i in self.arms and (self.arms[i].head.tag_ in {"NNS", "NNPS"}) == plural:
                return self.arms[i].head
        return token

    def slot(self, heads: Sequence[Token], avoid: Sequence[Party] = ()) -> Slot:
        """The role that `heads` fill; a pronoun in it does not mean a party of `avoid`, which has another role."""
        return Slot([t for head in heads for t in conjuncts(head)], self.cast.resolve_all(heads, avoid))
