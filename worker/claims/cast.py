"""Whom a noun phrase of a parsed paragraph stands for: names, bodies of a state, pronouns."""

from collections.abc import Iterable, Sequence

from spacy.tokens import Doc, Token

from wirewatch.models import Mention
from wirewatch.text import fold_word, keys
from worker.claims.grammar import RELATIVES, children, conjuncts, is_verb, own_subjects, prepositions, subjects
from worker.claims.registry import Party, Registry

# Nouns that act for the state or organisation that modifies them.
ACTS_FOR = frozenset(
    "government army military navy force forces official officials authority authorities ministry minister "
    "administration regime police spokesman spokeswoman spokesperson president leader leaders leadership "
    "parliament company companies firm firms maker makers manufacturer subsidiary unit arm corporation giant "
    "contractor contractors side state states ambassador envoy diplomat diplomats delegation intelligence "
    "service services guard marines corps cabinet capital air defence defense department secretary general "
    "commander chief premier king prince agency source sources arsenal inventory stockpile fleet subsidiary "
    "junta ruler rulers presidency lawmaker lawmakers "
    "plant factory industry ship freighter plane cargo vessel embassy troop troops soldier soldiers pilot pilots "
    "sailor sailors crew crews gunner gunners fighters brigade battalion regiment".split()
)
SPEAKS_FOR = frozenset("spokesman spokeswoman spokesperson official envoy negotiator lawyer".split())
ANYBODY = frozenset("nobody none anyone anybody someone somebody everyone everybody".split())
COMPANIES = frozenset({"company", "firm", "group", "manufacturer", "maker", "corporation", "contractor"})
GROUPS = frozenset(
    "group rebel militia militant union alliance bank organization organisation man woman dealer".split()
)
THIS_STATE = frozenset(
    {"country", "nation", "kingdom", "republic", "state", "neighbor", "neighbour", "regime", "island"}
)
POSSESSED = frozenset(
    "war reserve reserves effort efforts army force forces military invasion campaign arsenal stockpile stockpiles "
    "inventory fight defense defence troops fleet navy stock stocks supply supplies".split()
)
PRONOUNS = {
    **dict.fromkeys(("he", "him", "his", "she", "her"), "person"),
    **dict.fromkeys(("it", "its", "they", "them", "their"), "body"),
    **dict.fromkeys(("we", "us", "our", "i", "my"), "speaker"),
}


class Cast:
    """Resolves noun phrases of one parsed paragraph to parties."""

    def __init__(
        self,
        doc: Doc,
        mentions: Sequence[tuple[int, int, Mention]],
        registry: Registry,
        memory: dict[str, Party] | None = None,
    ) -> None:
        """`memory` carries what a body was called in the paragraphs before ("the Army")."""
        self.doc = doc
        self._memory = {} if memory is None else memory
        self._registry = registry
        self._avoided: tuple[Party, ...] = ()
        self._mention_at: dict[int, Mention] = {}
        self._unread_at: dict[int, Mention] = {}
        self._party_at: dict[int, Party] = {}
        for start, end, mention in mentions:
            party = registry.party(mention)
            if not party and not registry.is_linked(mention) and mention.label not in {"GPE", "LOC"}:
                self._unread_at.update(dict.fromkeys(range(start, end), mention))
                continue  # read as the words it consists of
            for i in range(start, end):
                self._mention_at[i] = mention
                if party:
                    self._party_at[i] = party
        self._find_unmentioned(registry)
        self._remember()

    def _find_unmentioned(self, registry: Registry) -> None:
        """Names of states that no mention covers, or that stand inside a name that nobody knows."""
        words = [fold_word(token.text.replace(".", "")) for token in self.doc]
        for size in (3, 2, 1):
            for i in range(len(words) - size + 1):
                span = range(i, i + size)
                if any(j in self._mention_at or j in self._party_at for j in span):
                    continue
                if words[i] == "us" and self.doc[i].text not in {"US", "U.S.", "U.S", "USA"}:
                    continue
                party = registry.state_named(tuple(words[i : i + size]))
                if party:
                    self._party_at.update(dict.fromkeys(span, party))

    def named(self, token: Token) -> Party | None:
        return self._party_at.get(token.i)

    def home_of(self, weapon_id: str | None) -> Party | None:
        return self._registry.home_of(weapon_id)

    def is_plain_name(self, token: Token) -> bool:
        """A state's or capital's name hardly ever stands as an adjective: "Brazil", not "Brazilian", "U.S."."""
        party, mention = self.named(token), self._mention_at.get(token.i)
        if party is None or party.is_maker or token.text.replace(".", "").isupper():
            return False
        in_full = keys(" ".join(t.text for t in token.subtree)) == keys(party.name)
        return in_full or (mention is not None and mention.label == "GPE")

    def resolve_all(self, heads: Iterable[Token], avoid: Sequence[Party] = ()) -> list[Party]:
        """Parties of coordinated noun phrases, each once, in reading order; pronouns do not mean a party of `avoid`."""
        self._avoided = tuple(avoid)
        found: dict[str, Party] = {}
        for head in heads:
            for token in conjuncts(head):
                party = self.resolve(token)
                if party:
                    found.setdefault(party.name, party)
        self._avoided = ()
        return list(found.values())

    def resolve(self, head: Token, depth: int = 0) -> Party | None:
        """The party that a noun phrase stands for; None where the text does not say."""
        if depth > 4:
            return None
        if head.i in self._mention_at or head.i in self._party_at:
            return None if self._counts_people(head) else self._party_at.get(head.i)
        if head.lower_ in PRONOUNS:
            return self.antecedent(head, depth)
        if head.lower_ in RELATIVES and head.dep_ == "pobj":
            # "Brazil, to which Norway sold tanks"
            clause = next((t for t in head.ancestors if t.dep_ == "relcl"), None)
            return self.resolve(clause.head, depth + 1) if clause is not None else None
        appositive = next((p for t in children(head, "appos") if (p := self.resolve(t, depth + 1))), None)
        if appositive:
            return appositive
        if head.lower_ in ANYBODY:
            return self.owner(head, depth)
        if head.lower_ in ACTS_FOR or head.lemma_.lower() in ACTS_FOR:
            return self.owner(head, depth) or self._known_as(head, depth)
        return self._by_apposition(head, depth)

    def _counts_people(self, head: Token) -> bool:
        """ "Two Russians", "a Russian": people of a state, not the state."""
        mention = self._mention_at.get(head.i)
        if mention is None or mention.label != "NORP" or head.pos_ not in {"NOUN", "PROPN"}:
            return False
        return any(c.dep_ == "nummod" or c.lower_ in {"a", "an", "some", "several", "many"} for c in head.children)

    def _known_as(self, head: Token, depth: int) -> Party | None:
        """ "the Army" after "the U.S. Army"; "the company" for the company that was the subject before."""
        if not any(c.dep_ == "det" and c.lower_ in {"the", "this"} for c in head.children) and head.pos_ != "PROPN":
            return None
        known = self._memory.get(head.lemma_.lower())
        if known:
            return known
        if head.lower_ == "administration":
            # In the language of the wires the administration is the one in Washington unless another was named.
            return self.state("United States")
        if head.lower_ in COMPANIES:
            return self.antecedent(head, depth)
        return None

    def remember_subject(self) -> None:
        """Keep the organisation that the paragraph ends on for "the company" in the next."""
        for sentence in list(self.doc.sents)[-1:]:
            for subject in own_subjects(sentence.root):
                party = self.resolve(subject)
                if party and party.id != party.state:
                    self._memory.update(dict.fromkeys(COMPANIES, party))

    def _remember(self) -> None:
        for token in self.doc:
            lemma = token.lemma_.lower()
            if lemma in ACTS_FOR and (party := self.modifier(token)):
                self._memory[lemma] = party

    def state(self, name: str) -> Party | None:
        return self._registry.state_named(keys(name))

    def speaker(self, head: Token) -> Party | None:
        """Who speaks: as `resolve`, and persons and organisations that are no party too."""
        mention = self._mention_at.get(head.i) or self._unread_at.get(head.i)
        if mention and mention.type in {"person", "org"} and not self.resolve(head):
            return Party(mention.name, mention.entity_id, None)
        return self.resolve(head)

    def owner(self, noun: Token, depth: int = 0) -> Party | None:
        """The party before a noun or in its "of"/"in" phrase: "South Korean officials", "army in Sarajevo"."""
        below = {"of", "in", "from", "for"} if noun.lower_ in SPEAKS_FOR else {"of", "in", "from"}
        return (
            next((p for t in children(noun, "poss") if (p := self.resolve(t, depth + 1))), None)
            or self.modifier(noun)
            or next((p for t in prepositions(noun, below) if (p := self.resolve(t, depth + 1))), None)
        )

    def modifier(self, noun: Token) -> Party | None:
        """A named party among the adjectives and compounds before the noun."""
        return next(iter(self.modifiers(noun)), None)

    def modifiers(self, noun: Token) -> list[Party]:
        found: dict[str, Party] = {}
        for child in noun.lefts:
            if child.dep_ in {"amod", "compound", "nmod", "npadvmod", "nummod", "advmod"}:
                for token in child.subtree:
                    party = self.named(token)
                    if party and token.i < noun.i:
                        found.setdefault(party.name, party)
        return list(found.values())

    def _by_apposition(self, head: Token, depth: int) -> Party | None:
        if head.dep_ == "appos":
            return self.resolve(head.head, depth + 1)
        if head.lower_ in THIS_STATE:
            for owner in children(head, "poss"):
                if owner.lower_ in PRONOUNS:
                    return self.antecedent(owner, depth)  # "his country"
            if any(c.lower_ in {"the", "this"} for c in head.children):
                return self.antecedent(head, depth)
        return None

    def antecedent(self, token: Token, depth: int = 0) -> Party | None:
        """Whom a pronoun means: the subject of a governing clause, else of the sentences before; doubt gives None."""
        kind = PRONOUNS.get(token.lower_, "body")
        for subject in self._subjects_before(token):
            if subject.i == token.i or subject.lower_ in PRONOUNS or self._is_thing(subject):
                continue
            party = self.resolve(subject, depth + 1)
            if party and any(party.same_side(other) for other in self._avoided):
                continue
            if kind == "speaker" or self._agrees(kind, subject):
                return party
        return None

    def _is_thing(self, subject: Token) -> bool:
        """A common noun that cannot own or act for anybody ("the sale", "the missiles")."""
        lemma = subject.lemma_.lower()
        known = subject.i in self._mention_at or lemma in ACTS_FOR | THIS_STATE | COMPANIES | GROUPS
        return subject.pos_ == "NOUN" and not known

    def _agrees(self, kind: str, subject: Token) -> bool:
        """A pronoun's nearest fitting subject decides, also where it names nobody we know."""
        mention = self._mention_at.get(subject.i)
        is_person = (mention is not None and mention.type == "person") or subject.ent_type_ == "PERSON"
        return is_person if kind == "person" else not is_person

    def _subjects_before(self, token: Token) -> list[Token]:
        found: list[Token] = []
        node = token
        while node.head.i != node.i:
            if is_verb(node.head) and node.dep_ not in {"nsubj", "nsubjpass"}:
                found.extend(t for t in subjects(node.head) if t.i < token.i)
            elif is_verb(node.head):
                # "X received tanks, its ministry said"
                clauses = [clause for clause in children(node.head, "ccomp") if clause.i < token.i]
                found.extend(t for clause in clauses for t in own_subjects(clause))
            elif node.head.pos_ in {"NOUN", "PROPN"}:
                found.extend(t for t in children(node.head, "poss") if t.i < token.i)
            node = node.head
        if not found:
            # "Asked if he would ..., Reagan said"
            found.extend(t for t in own_subjects(token.sent.root) if t.i > token.i)
        sentence_start = token.sent.start
        earlier = [s.root for s in self.doc.sents if s.end <= sentence_start]
        for root in reversed(earlier[-2:]):
            found.extend(own_subjects(root))
        return [t for t in found if token not in list(t.subtree)]


def mention_tokens(doc: Doc, offset: int, mentions: Iterable[Mention]) -> list[tuple[int, int, Mention]]:
    """Mentions of this paragraph as (first token, end token, mention)."""
    found = []
    end = offset + len(doc.text)
    for mention in mentions:
        if mention.start < offset or mention.end > end:
            continue
        span = doc.char_span(mention.start - offset, mention.end - offset, alignment_mode="expand")
        if span is not None:
            found.append((span.start, span.end, mention))
    return found
