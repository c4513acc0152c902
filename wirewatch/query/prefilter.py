"""What a database can ask of stored articles before they are read, so that few are decided that cannot match.

Each condition follows from the query: an article that fails it cannot match. Words become regular expressions over the
text as it was written, which find more than the words: what is spelled in ASCII is described letter by letter, and a
word with other letters in it counts already where it begins alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from string import ascii_lowercase
from typing import Final

from wirewatch.query.compile import Compiled
from wirewatch.query.conditions import conditions, cost, typical_share
from wirewatch.query.hits import AnyOf
from wirewatch.text import fold_word, transliterate
from wirewatch.text.fold import is_cyrillic
from wirewatch.text.scripts import LOOK_ALIKES

MAX_CONDITIONS: Final = 3
MAX_WORDS: Final = 40
# Every character besides ASCII that may stand in a word, and some that may not; no dash, quotation mark or currency.
FOREIGN: Final = (
    "\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2071-\u209f\u20d0-\u218f\u2460-\u24ff\u2c00-\u2dff\u2e2f"
    "\u2e80-\u2fff\u3005-\ud7ff\uf900-\U0010ffff"
)
# The alphabets that are read as Latin ones, and characters of which some are forms of Latin letters.
_ALPHABETS: Final = (range(0xC0, 0x250), range(0x370, 0x530), range(0x1C80, 0x1C90), range(0x1E00, 0x2000))
_RARE: Final = (
    "\u00aa\u00b5\u00ba\u03d0-\u03ff\u042a\u042c\u044a\u044c\u048c\u048d\u0526\u0527\u1c86\u1fbe\u0250-\u036f\u1d00-\u1dff\u2071-\u209f\u20d0-\u218f\u2460-\u24ff\u2c60-\u2c7f\ua640-\ua69f"
    "\ua720-\ua7ff\uab30-\uab6f\ufb00-\ufb06\uff00-\uffef\U00010780-\U000107bf\U0001d400-\U0001d7ff"
    "\U0001df00-\U0001dfff\U0001f100-\U0001f1ff"
)
# What may stand between two letters of one word: apostrophes, dots, hyphens, soft hyphens, marks.
_GAP: Final = r"[^\sA-Za-z0-9]*"


@dataclass(frozen=True, slots=True)
class Necessary:
    """At least one of these is true of every article that matches: the pattern is found in its title or text, or it
    mentions one of the entities, is about one of the topics, holds a claim, or comes from a publisher with this term.
    """

    pattern: str | None = None
    entity_ids: tuple[str, ...] = ()
    topic_ids: tuple[str, ...] = ()
    claims: bool = False
    publishers: tuple[str, ...] = ()

    @property
    def reads_text(self) -> bool:
        return self.pattern is not None


def necessary_conditions(compiled: Compiled) -> list[Necessary]:
    """The most telling conditions on stored articles that follow from a query; none where nothing can be said."""
    said = conditions(compiled.root, typical_share)
    ranked = sorted(said.some, key=lambda condition: cost(condition, typical_share))
    found = [condition for terms in ranked if (condition := _condition(terms)) is not None]
    # What has an index comes first, and reading texts for several words costs more than it saves.
    found.sort(key=lambda condition: condition.reads_text)
    return found[:MAX_CONDITIONS]


def _condition(terms: AnyOf) -> Necessary | None:
    kinds: dict[str, list[str]] = {}
    for term in sorted(terms):
        kind, value = (term[0], term[2:]) if term[1:2] == ":" else ("", term)
        kinds.setdefault(kind, []).append(value)
    words = [*kinds.get("", ()), *kinds.get("p", ()), *kinds.get("j", ())]
    if not kinds.keys() <= {"", "p", "j", "e", "t", "c", "f", "d"} or len(words) > MAX_WORDS:
        return None
    if not all(word.isascii() and word.isalnum() for word in words):
        return None
    return Necessary(
        pattern=words_pattern(words) if words else None,
        entity_ids=tuple(kinds.get("e", ())),
        topic_ids=tuple(kinds.get("t", ())),
        claims="c" in kinds,
        publishers=tuple(f"{kind}:{value}" for kind in ("f", "d") for value in kinds.get(kind, ())),
    )


def words_pattern(words: Sequence[str]) -> str:
    """A regular expression, in the syntax that PostgreSQL and Python share, found wherever one of the keys stands.

    Keys are in ASCII. What begins with another key, or with the same letter in a foreign alphabet, is said once.
    """
    shortest = [word for word in words if not any(word != other and word.startswith(other) for other in words)]
    plain = [_GAP.join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in word) for word in shortest]
    foreign = [_begun_like(first) for first in sorted({word[0] for word in shortest})]
    return f"{'|'.join(plain)}|(?:^|[^A-Za-z])(?:{'|'.join(foreign)})"


def _begun_like(first: str) -> str:
    """A word with foreign letters that may be read as beginning with this one."""
    begins = foreign_beginnings()[first] + _RARE if first.isalpha() else FOREIGN
    return f"[{_written_like(first)}]\\S*[{FOREIGN}]|[{begins}]"


@cache
def _written_like(char: str) -> str:
    """The ASCII characters that may begin a word that is read as beginning with this one: Latin C for Cyrillic S."""
    alike = {char}
    for script in ("CYRILLIC", "GREEK"):
        for latin, other in LOOK_ALIKES["LATIN", script].items():
            if _first(chr(other) if isinstance(other, int) else other) == char:
                alike.add(chr(latin).lower())
    return "".join(sorted(alike | {one.upper() for one in alike if one.isalpha()}))


def _first(char: str) -> str:
    """The first letter of the key of a word that begins with this character."""
    folded = fold_word(char)
    return (transliterate(folded) or folded)[:1] if is_cyrillic(folded) else folded[:1]


@cache
def foreign_beginnings() -> dict[str, str]:
    """By ASCII letter: the characters with which a word may begin that is read as beginning with it."""
    found: dict[str, list[str]] = {letter: [] for letter in ascii_lowercase}
    for char in map(chr, chain(*_ALPHABETS)):
        alike = [table[ord(char)] for (_, to), table in LOOK_ALIKES.items() if to == "LATIN" and ord(char) in table]
        for first in {_first(char), *(one.lower() for one in alike)}:
            if first in found:
                found[first].append(char)
    return {first: "".join(chars) for first, chars in found.items()}
