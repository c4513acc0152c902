"""Cutting a field into paragraphs that the model reads one by one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_PARAGRAPH_CHARS = 5_000
_LINES = re.compile(r"[^\r\n\u2028\u2029]*\S[^\r\n\u2028\u2029]*")
_SENTENCE_END = re.compile(r"[.!?…。！？]['\"”’)\]]*\s")
_CLOSING = tuple(".!?…:;\"”’'»)]。！？")
_WRAPPED_LINE_CHARS = 40


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`text` is the field's `[start:start + len(text)]`."""

    start: int
    text: str


def split_paragraphs(text: str) -> list[Paragraph]:
    """Paragraphs in order, without surrounding white space, none longer than MAX_PARAGRAPH_CHARS code points.

    A line is a paragraph, except that hard-wrapped lines are joined: a line of at least 40 characters without a closing
    mark whose successor begins with a small letter. Longer ones are cut at a sentence end, else at a space, else hard.
    """
    paragraphs: list[Paragraph] = []
    for block_start, end in _blocks(text):
        start = block_start
        while end - start > MAX_PARAGRAPH_CHARS:
            cut = _cut(text, start)
            paragraphs.append(_strip(text, start, cut))
            start = cut
        paragraphs.append(_strip(text, start, end))
    return [paragraph for paragraph in paragraphs if paragraph.text]


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    start = end = -1
    for match in _LINES.finditer(text):
        if start >= 0 and not _continues(text, start, end, match.start()):
            yield start, end
            start = -1
        start = match.start() if start < 0 else start
        end = match.end()
    if start >= 0:
        yield start, end


def _continues(text: str, start: int, end: int, after: int) -> bool:
    gap = text[end:after]
    line = text[max(start, end - 200) : end].rstrip()
    return (
        gap in ("\n", "\r\n", "\r")
        and len(line) >= _WRAPPED_LINE_CHARS
        and not line.endswith(_CLOSING)
        and text[after : after + 40].lstrip()[:1].islower()
    )


def _cut(text: str, start: int) -> int:
    limit = start + MAX_PARAGRAPH_CHARS
    ends = [match.end() for match in _SENTENCE_END.finditer(text, start, limit)]
    if ends:
        return ends[-1]
    space = text.rfind(" ", start + 1, limit)
    return space if space > start else limit


def _strip(text: str, start: int, end: int) -> Paragraph:
    chunk = text[start:end]
    return Paragraph(start + len(chunk) - len(chunk.lstrip()), chunk.strip())
