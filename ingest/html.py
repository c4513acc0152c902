"""HTML to text, once, when an article comes in.

A scanner of our own, because it must be linear in whatever is posted: tree builders are not (50,000 times `<div>` takes
html5ever half a minute, `<i></p>` longer), nor were older versions of the standard library's parser. It need not know
what nests in what; it only has to tell text from markup, and where a paragraph ends.
"""

import html as entities
import re
from collections.abc import Iterator
from itertools import groupby

PARAGRAPH_TAGS = (
    frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre", "ol", "ul", "dl", "table", "blockquote", "div"})
    | {"article", "section", "main", "header", "footer", "aside", "hgroup", "address", "center", "html", "body"}
    | {"figure", "figcaption", "details", "summary", "dialog", "fieldset", "form"}
)
LINE_TAGS = frozenset({"br", "dd", "dt", "li", "tr", "caption"})
CELL_TAGS = frozenset({"td", "th"})
# Their content is no text of the article. Where the end tag is missing, HTML says that the first group goes on to the
# end of the document; of the second only the tag is dropped, lest an article be lost to a forgotten end tag.
UNSEEN_TO_THE_END = frozenset({"script", "style", "textarea", "title", "iframe", "xmp", "noembed", "noframes"})
UNSEEN = UNSEEN_TO_THE_END | {
    "noscript",
    "template",
    "svg",
    "math",
    "select",
    "button",
    "nav",
    "object",
    "audio",
    "video",
}

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_TAG_END_OR_QUOTE = re.compile(r""">|=\s*["']""")
_HUGE_REFERENCE = re.compile(r"&#[0-9]{8,};?")  # int() refuses thousands of digits; none of these is a character


def html_to_text(html: str) -> str:
    """The text of a document or fragment: paragraphs are parted by a blank line, line breaks and list items by a line
    end, any other white space is one space. Never raises; linear in the length of `html`.
    """
    lines = (" ".join(line.split()) for line in "".join(_Scanner(html).pieces()).split("\n"))
    paragraphs = ("\n".join(group) for has_text, group in groupby(lines, key=bool) if has_text)
    return "\n\n".join(paragraphs)


class _Scanner:
    """Gives the text between the markup; the only line ends in it are those that the markup asks for."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._quotes_close = True
        self._never_ended: set[str] = set()

    def pieces(self) -> Iterator[str]:
        position = 0
        while (start := self._html.find("<", position)) >= 0:
            yield _text(self._html[position:start])
            tag = _TAG.match(self._html, start)
            if tag is None:
                piece, position = self._not_a_tag(start)
                yield piece
                continue
            name = tag[2].lower()
            yield _separator(name)
            position = self._after_tag(tag.end())
            if name in UNSEEN and not tag[1]:
                position = self._after_element(name, position)
        yield _text(self._html[position:])

    def _not_a_tag(self, start: int) -> tuple[str, int]:
        """Comment, CDATA, declaration or a lone less-than sign: what it says and where it ends."""
        if self._html.startswith("<!--", start):
            return "", self._after("-->", start + 2)  # `<!-->` is a whole comment
        if self._html.startswith("<![CDATA[", start):
            end = self._after("]]>", start)
            return _text(self._html[start + 9 : end].removesuffix("]]>")), end
        if self._html.startswith(("<!", "<?", "</"), start):
            return "", self._after(">", start)
        return "<", start + 1

    def _after_tag(self, position: int) -> int:
        """Past the tag's end; a greater-than sign in a quoted attribute value is none."""
        first = position
        while self._quotes_close and (found := _TAG_END_OR_QUOTE.search(self._html, position)):
            if found[0] == ">":
                return found.end()
            closing = self._html.find(found[0][-1], found.end())
            if closing < 0:
                # A quote that is never closed would swallow the rest. From here on quotes mean nothing; this
                # happens once, so that the scan stays linear.
                self._quotes_close = False
            position = closing + 1
        return self._after(">", first)

    def _after_element(self, name: str, position: int) -> int:
        if name not in self._never_ended:
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self._html, position)
            if end is not None:
                return self._after(">", end.end())
            self._never_ended.add(name)
        return len(self._html) if name in UNSEEN_TO_THE_END else position

    def _after(self, ending: str, start: int) -> int:
        found = self._html.find(ending, start)
        return len(self._html) if found < 0 else found + len(ending)


def _separator(name: str) -> str:
    if name in PARAGRAPH_TAGS:
        return "\n\n"
    if name in LINE_TAGS:
        return "\n"
    return " " if name in CELL_TAGS else ""


def _text(markup: str) -> str:
    if "&" in markup:
        markup = entities.unescape(_HUGE_REFERENCE.sub("\ufffd", markup))
    return markup.replace("\r", " ").replace("\n", " ").replace("\0", "")
