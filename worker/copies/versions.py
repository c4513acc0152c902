"""What a new version of an article changed, and whether it takes the article back."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from wirewatch.models import Field, Span, VersionChanges
from wirewatch.text import sentence_ends

# Of longer texts only so many sentences are compared, and so much of what changed is kept.
COMPARED_SENTENCES = 2000
KEPT_CHARS = 20_000
RETRACTED_TITLE = re.compile(
    r"\s*[\[(]?\s*(?:retract(?:ed|ion)|withdrawn|(?:story|article) (?:retracted|withdrawn|removed))"
    r"\s*(?:[\])]|[:|–—-])",
    re.IGNORECASE,
)
RETRACTED_TEXT = re.compile(
    r"(?:editor['’]?s note[:.]?\s*)?this (?:article|story|report|post|item)(?: \([^)]{1,80}\))? "
    r"(?:has been|was|is) (?:\w+ly )?(?:retracted|withdrawn|taken down|removed)\b[^.\n]{0,200}",
    re.IGNORECASE,
)
# Such a sentence opens a text or ends it; elsewhere it tells of another article.
EDGE_CHARS = 600


def changes_of(before: tuple[str, str], after: tuple[str, str]) -> VersionChanges:
    """Compare (title, text) of two versions, sentence by sentence; spaces do not count."""
    removed, added = list[Span](), list[Span]()
    if before[0].split() != after[0].split():
        removed += [Span(0, len(before[0]), before[0], "title")] if before[0] else []
        added += [Span(0, len(after[0]), after[0], "title")] if after[0] else []
    old, new = list(_sentences(before[1])), list(_sentences(after[1]))
    matcher = SequenceMatcher(None, [_plain(one) for one in old], [_plain(one) for one in new], autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind != "equal":
            removed += old[i:j]
            added += new[k:m]
    is_compared = max(len(old), len(new)) < COMPARED_SENTENCES
    kept_removed, kept_added = _within(removed), _within(added)
    complete = is_compared and len(kept_removed) == len(removed) and len(kept_added) == len(added)
    return VersionChanges(tuple(kept_removed), tuple(kept_added), complete)


def retraction_in(title: str, text: str) -> str | None:
    """The words by which its publisher takes the article back, None where it does not.

    A title that begins with "Retracted:" or the like, or a sentence at the beginning or the end of the text which says
    that this article was retracted, withdrawn, taken down or removed.
    """
    if RETRACTED_TITLE.match(title):
        return title.strip()
    opening = RETRACTED_TEXT.match(text.lstrip()[:EDGE_CHARS])
    if opening:
        return opening[0]
    closing = text.rstrip()[-EDGE_CHARS:]
    last_line = closing.rpartition("\n")[2]
    found = RETRACTED_TEXT.match(last_line.lstrip()) if "\n" in closing else None
    return found[0] if found else None


def _sentences(text: str) -> Iterator[Span]:
    begin, field = 0, _TEXT
    for count, end in enumerate((*sentence_ends(text), len(text))):
        if count == COMPARED_SENTENCES:
            return
        sentence = text[begin:end]
        if bare := sentence.strip():
            start = begin + sentence.index(bare)
            yield Span(start, start + len(bare), bare, field)
        begin = end


_TEXT: Field = "text"


def _plain(sentence: Span) -> str:
    return " ".join(sentence.text.split())


def _within(spans: list[Span]) -> list[Span]:
    kept, chars = [], 0
    for span in spans:
        chars += len(span.text)
        if chars > KEPT_CHARS:
            break
        kept.append(span)
    return kept
