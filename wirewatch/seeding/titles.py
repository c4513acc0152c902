"""Guesses the title of a document that carries none as a field."""

import re
from html import unescape

MAX_TITLE_CHARS = 150

# A line that ends like a sentence is a first paragraph; "Kim returns to the U.S." is not one for its last full stop.
SENTENCE_END = re.compile(r"""(?<!\.[A-Z])[.…:;,]["'”’»)]*$""")
TITLE_OPENS = re.compile(r"(?i)<title\b[^>]{0,200}>")
TITLE_CLOSES = re.compile(r"(?i)</title\b")
HEADING = re.compile(r"#{1,2}[ \t]+(.*?)[ \t]*#*")


def title_of_html(page: str) -> str | None:
    """The words of the first `<title>`, white space made single; None where there is none."""
    opened = TITLE_OPENS.search(page)
    closed = opened and TITLE_CLOSES.search(page, opened.end())
    if not opened or not closed:
        return None
    return " ".join(unescape(page[opened.end() : closed.start()]).split()) or None


def title_of_text(text: str) -> str | None:
    """The first line, where it stands apart as a title does; None where it may be the body's own beginning.

    It must be short and more text must follow. Then a Markdown heading is a title, a line that the text says again is
    one, and so is a line before a blank one that does not end like a sentence.
    """
    first, _, rest = text.lstrip().partition("\n")
    line = first.strip()
    if not line or len(line) > MAX_TITLE_CHARS or not rest.strip():
        return None
    if heading := HEADING.fullmatch(line):
        return heading[1] or None
    apart = not rest.partition("\n")[0].strip() and not SENTENCE_END.search(line)
    return line if apart or _says_again(line, rest) else None


def _says_again(line: str, rest: str) -> bool:
    return any(line == other.strip() for other in rest.splitlines())
