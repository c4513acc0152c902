"""What of an article came nearest to a clause that found nothing, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import groupby, islice
from operator import attrgetter
from typing import Final

from wirewatch.models import Claim, Field
from wirewatch.query.claims import AskedPart, ClaimCheck, told
from wirewatch.query.compile import Asked
from wirewatch.query.facts import FieldCheck, MentionCheck, PublishedCheck, StoryCheck, TopicCheck, figure_of
from wirewatch.query.patterns import FuzzyCheck, WildcardCheck, literal_of
from wirewatch.query.subject import Subject, Words
from wirewatch.query.words import NearCheck, PhraseCheck
from wirewatch.text import fold_name, keys, number_forms, tokenize
from wirewatch.topics import ARMS_TRANSFERS, TopicFinder

_COMPARED_WORDS: Final = 2_000
# Of words that stand farther apart than this, what lies between is not shown.
_LONGEST_STRETCH: Final = 20
_CUES_SHOWN: Final = 5


def find_nearest(asked: Asked, subject: Subject) -> str | None:
    """The most similar words, name, claim or value of the article; None where nothing is like it."""
    check = asked.check
    match check:
        case PhraseCheck():
            last = [key for form in check.forms for key in form.last]
            return _elsewhere(asked, subject) or _nearest_words(subject, check.forms[0].phrase[:-1], last)
        case NearCheck():
            return _elsewhere(asked, subject) or _nearest_words(subject, check.words[:-1], check.words[-1:])
        case FuzzyCheck():
            return _elsewhere(asked, subject) or _nearest_words(subject, (), [check.key])
        case WildcardCheck():
            return _elsewhere(asked, subject) or _nearest_words(subject, check.before, [literal_of(check.pattern)])
        case MentionCheck():
            return _nearest_name(check, subject)
        case ClaimCheck():
            return _nearest_claim(check, subject)
        case TopicCheck():
            return _nearest_score(check, subject)
        case _:
            return _value(check, subject)


def _elsewhere(asked: Asked, subject: Subject) -> str | None:
    """Where a clause about the title is fulfilled by the text, or the other way round."""
    check = asked.check
    if not isinstance(check, PhraseCheck | NearCheck | FuzzyCheck | WildcardCheck) or check.where == "any":
        return None
    other: Field = "text" if check.where == "title" else "title"
    hits = replace(check, where=other).find(subject)
    return f"{hits[0].text} in the {other}" if hits else None


def _nearest_words(subject: Subject, before: Sequence[str], last: Sequence[str]) -> str | None:
    """Of words that are all there, the place where they stand closest; else what is most like one that is missing."""
    fields = [subject.words(field) for field in subject.fields]
    for words in fields:
        places = [_places(words, some) for some in (*([key] for key in before), last)]
        if all(places):
            return _shown(words, *_closest(places))
    missing = [key for key in before if not any(key in words.places for words in fields)] or last
    for key in missing:
        for words in fields:
            if near := get_close_matches(key, islice(words.places, _COMPARED_WORDS), 1):
                place = words.places[near[0]][0]
                return _written(words, place, place)
    return None


def _places(words: Words, some: Iterable[str]) -> list[int]:
    """Where one of the words stands, in the singular or the plural."""
    forms = {form for key in some for form in (key, *number_forms(key))}
    return sorted(i for form in forms for i in words.places.get(form, ()))


def _closest(places: Sequence[Sequence[int]]) -> tuple[int, int]:
    """The shortest stretch that holds one of each, seen from those of which there are fewest."""
    stretches = []
    for seen_from in min(places, key=len):
        nearest = [min(some, key=lambda i: abs(i - seen_from)) for some in places]
        stretches.append((min(nearest), max(nearest)))
    return min(stretches, key=lambda stretch: stretch[1] - stretch[0])


def _shown(words: Words, first: int, last: int) -> str:
    if last - first <= _LONGEST_STRETCH:
        return _written(words, first, last)
    return f"{_written(words, first, first)} and {_written(words, last, last)}, {last - first} words apart"


def _written(words: Words, first: int, last: int) -> str:
    """What stands there, with all that is joined to it: of "S-4000" not the number alone."""
    tokens = words.tokens
    while tokens[first].joined and first:
        first -= 1
    while last + 1 < len(tokens) and tokens[last + 1].joined:
        last += 1
    return " ".join(words.text[tokens[first].start : tokens[last].end].split())


def _nearest_name(check: MentionCheck, subject: Subject) -> str | None:
    names = {fold_name(mention.name): mention.name for mention in subject.analysis.mentions}
    near = get_close_matches(check.name, names, 1)
    if near:
        return names[near[0]]
    phrase = keys(check.written)
    return _nearest_words(subject, phrase[:-1], phrase[-1:]) if phrase else None


def _nearest_claim(check: ClaimCheck, subject: Subject) -> str:
    claims = subject.analysis.claims
    if not claims:
        return "the article makes no claim"
    differing = [(_differences(check.parts, claim, subject), claim) for claim in claims]
    differences, claim = min(differing, key=lambda pair: len(pair[0]))
    return "; ".join([told(claim), *differences])


def _differences(parts: Iterable[AskedPart], claim: Claim, subject: Subject) -> list[str]:
    """Of a claim, the parts that are not as asked: "recipient is Iran, not Belarus"."""
    found: list[str] = []
    by_role = attrgetter("role", "negated")
    for (role, negated), group in groupby(sorted(parts, key=by_role), key=by_role):
        some = list(group)
        holds = any(part.test(claim, subject) for part in some)
        if holds == negated:
            wanted = "which is excluded" if negated else f"not {' or '.join(part.value for part in some)}"
            found.append(f"{role} is {_part_of(claim, role)}, {wanted}")
    return found


def _part_of(claim: Claim, role: str) -> str:
    value = {
        "supplier": claim.supplier,
        "recipient": claim.recipient,
        "item": ", ".join(claim.items),
        "status": claim.status,
        "stage": claim.stage,
        "kind": claim.kind,
        "by": ", ".join(claim.attributed_to),
    }[role]
    return value or "not said"


def _nearest_score(check: TopicCheck, subject: Subject) -> str | None:
    """The score as extracting gives it, which keeps those alone that reach their threshold."""
    if not check.topics:
        return None
    title = subject.article.title if "title" in subject.fields else ""
    whole = f"{title}\n\n{subject.article.text}"
    # Where the claims stand does not matter to the score.
    weighed = TopicFinder(check.topics).weigh(tokenize(whole), whole, [(0, 0)] * len(subject.analysis.claims))
    if not weighed:
        return "nothing in the article speaks for it"
    best = max(weighed, key=attrgetter("score"))
    topic = next(topic for topic in check.topics if topic.id == best.id)
    cues = list(dict.fromkeys(whole[start:end] for start, end in best.evidence if end))[:_CUES_SHOWN]
    claimed = ["what it claims"] if topic.id == ARMS_TRANSFERS and subject.analysis.claims else []
    by = "; ".join([*claimed, *(f"“{cue}”" for cue in cues)])
    if best.score >= topic.threshold:
        types = sorted(set(topic.required_entity_types) - {mention.type for mention in subject.analysis.mentions})
        return f"{by}; but it names no {' and no '.join(types)}" if types else by
    return f"{best.score:.2f} of {topic.threshold:.2f}" + (f" by {by}" if by else "")


def _value(check: object, subject: Subject) -> str | None:
    article = subject.article
    match check:
        case FieldCheck(field="lang"):
            return f"lang is {subject.lang}" if subject.lang else "nobody knows its language"
        case FieldCheck():
            known = [part for part in (article.source_name, article.source_domain) if part]
            return f"it comes from {', '.join(known)}" if known else "nobody knows where it comes from"
        case PublishedCheck():
            return f"published {article.published_at.isoformat()}" if article.published_at else "it bears no date"
        case StoryCheck():
            if subject.story is None:
                return "it stands in no story yet"
            return f"{check.figure} is {figure_of(subject.story, check.figure)}"
    return None
