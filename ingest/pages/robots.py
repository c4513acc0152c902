"""What a site's robots.txt allows us, by RFC 9309: the most specific group that names us, and in it the longest rule.

The standard library's reader knows neither wildcards nor the longest rule, which sites rely on.
"""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

ROBOT_NAME = "wirewatch"
MAX_ROBOTS_BYTES = 512 * 1024  # the RFC asks for 500 KiB at least
MAX_CRAWL_DELAY_SECONDS = 30.0
MAX_RULES = 5_000
MAX_PATTERN_CHARS = 2_000

_LINE = re.compile(r"^\s*([A-Za-z-]+)\s*:\s*(.*?)\s*$")
_SAFE = "/%:@!$&'()*+,;=~?#[]-._"


@dataclass(frozen=True, slots=True)
class Rule:
    """`pieces` are the parts of the pattern between its asterisks; `is_anchored`: it must match to the end."""

    allows: bool
    pieces: tuple[str, ...]
    is_anchored: bool
    length: int


@dataclass(frozen=True, slots=True)
class Robots:
    rules: tuple[Rule, ...] = ()
    crawl_delay_seconds: float = 0.0
    sitemaps: tuple[str, ...] = ()

    def allows(self, url: str) -> bool:
        """The longest rule that matches decides, of equal ones the one that allows; without one all is allowed."""
        parts = urlsplit(url)
        path = _normal(parts.path or "/") + (f"?{_normal(parts.query)}" if parts.query else "")
        if path == "/robots.txt":
            return True
        found = max((rule for rule in self.rules if _matches(rule, path)), key=_weight, default=None)
        return found is None or found.allows


ALLOW_ALL = Robots()
DENY_ALL = Robots((Rule(False, ("/",), False, 1),))


def parse_robots(text: str) -> Robots:
    """What the file says to us. Lines that mean nothing are passed over; never raises."""
    rules: dict[str, list[Rule]] = {}
    delays: dict[str, float] = {}
    sitemaps: list[str] = []
    names: list[str] = []
    is_naming = False
    for key, value in _lines(text):
        if key == "sitemap":
            sitemaps.append(value)
        elif key == "user-agent":
            names = [*names, value.lower()] if is_naming else [value.lower()]
            is_naming = True
            rules.setdefault(names[-1], [])
        elif key in ("allow", "disallow", "crawl-delay"):
            is_naming = False
            for name in names:
                _add(key, value, rules[name], delays, name)
    # A product name may be followed by a version.
    ours = [name for name in rules if name.split("/")[0].strip() == ROBOT_NAME] or ["*"]
    return Robots(
        tuple(rule for name in ours for rule in rules.get(name, ()))[:MAX_RULES],
        min(max((delays.get(name, 0.0) for name in ours), default=0.0), MAX_CRAWL_DELAY_SECONDS),
        tuple(dict.fromkeys(sitemaps)),
    )


def _lines(text: str) -> list[tuple[str, str]]:
    found = (_LINE.match(line.partition("#")[0]) for line in text.removeprefix("\ufeff").splitlines())
    return [(match[1].lower(), match[2]) for match in found if match]


def _add(key: str, value: str, rules: list[Rule], delays: dict[str, float], name: str) -> None:
    if key == "crawl-delay":
        if re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", value):
            delays[name] = float(value)
    elif value and value[0] in "/*" and len(value) <= MAX_PATTERN_CHARS:
        pattern = _normal(value)
        is_anchored = pattern.endswith("$")
        pieces = tuple(pattern.removesuffix("$").split("*"))
        rules.append(Rule(key == "allow", pieces, is_anchored, len(pattern)))


def _normal(path: str) -> str:
    """One spelling for each path: percent-encoding where it is needed, and only there."""
    # Signs that mean something stay encoded.
    kept = re.sub(r"%(2[Ff3]|3[Ff]|24|2[Aa]|25)", lambda code: f"%25{code[1].upper()}", path)
    return quote(unquote(kept, errors="surrogateescape"), _SAFE, errors="surrogateescape")


def _matches(rule: Rule, path: str) -> bool:
    """Pieces are looked for one after the other, each as early as it stands: linear, without backtracking."""
    first, *others = rule.pieces
    if not path.startswith(first):
        return False
    position = len(first)
    if not others:
        return not rule.is_anchored or position == len(path)
    last = others.pop() if rule.is_anchored else ""
    for piece in others:
        found = path.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return not rule.is_anchored or (path.endswith(last) and len(path) - len(last) >= position)


def _weight(rule: Rule) -> tuple[int, bool]:
    return rule.length, rule.allows
