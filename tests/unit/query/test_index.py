"""The index leaves nothing out: live matching (index, then decide) agrees with deciding every watch."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.query.factories import ANALYSIS, ARTICLE, NAMES, STORY, TEXT, subject
from wirewatch.errors import QueryError
from wirewatch.models import Analysis, Article, Mention, StoryFacts, TopicScore
from wirewatch.query import Compiled, Subject, compile_query, decide, parse
from wirewatch.query.index import WatchIndex

WORDS = [
    "Kim", "missile", "missiles", "Tu-160", "Tu-160M2", "S-400", "400", "air-strike", "airstrike", "airstrikes", "Oslo",
    "Кинжал", "Kinzhal", "U.S.", "1,200", "Sana'a", "батарея", "김정은", "harbour", "t.co",
]  # fmt: skip
CLAUSES = [
    *WORDS, *(f'"{word} {other}"' for word, other in pairwise(WORDS)), '"Kim Oslo"~3', "missi*",
    "Tu-16*", "S-4*", "Os*o", "air*", "Kinzhals~1", "=Oslo", "/tu.?160/", "title:Kim", "text:(Oslo OR Kim)",
    'person:"Kim Jong Un"', "person:Kim", 'person:"Pavel Orlan"', "place:Russia", "entity:kinzhal", "weapon:Kinjal",
    "topic:sanctions", "topic:arms-transfers", "topic:none", "source:harbour", "source:Harbour", "domain:t.co",
    "domain:harbour.example", "lang:en", "published:>2024-01-01", "story.sources:>1", "claim:(supplier:Russia)",
    "claim:(status:denied AND item:missiles)", "Os*", "o?lo*", "Kinzhl~2", "title:missile~1", "title:/^kim/",
    "text:mis*", "/(oslo|батарея)/", "lang:fr",
]  # fmt: skip


def compiled(text: str) -> Compiled | None:
    try:
        return compile_query(parse(text), NAMES)
    except QueryError:
        return None


def combine(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda parts: "(" + " AND ".join(parts) + ")"),
        several.map(lambda parts: "(" + " OR ".join(parts) + ")"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} AND NOT {pair[1]})"),
    )


QUERIES = st.recursive(st.sampled_from(CLAUSES), combine, max_leaves=6)
TEXTS = st.lists(st.sampled_from([*WORDS, "and", "-", ". ", "Tirana"]), max_size=12).map(" ".join) | st.just(TEXT)


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    text = draw(TEXTS)
    mentions: list[Mention] = []
    if text:
        for name, id_ in draw(st.sets(st.sampled_from([("Kim Jong Un", "kim-jong-un"), ("Pavel Orlan", None)]))):
            mentions.append(Mention(id_, name, "person", "PERSON", text[:1], 0, 1, "text", 1.0))
    full = ANALYSIS if text == TEXT else Analysis(None)
    analysis = Analysis(
        draw(st.sampled_from([None, "en", "fr"])),
        full.mentions + tuple(mentions),
        full.topics + draw(st.sampled_from([(), (TopicScore("sanctions", 0.8, ()),)])),
        full.claims,
    )
    article = Article(
        "a", 1, draw(TEXTS), text, None,
        source_name=draw(st.sampled_from([None, "Harbour Daily"])),
        source_domain=draw(st.sampled_from([None, "t.co", "x.t.co", "news.harbour.example"])),
        published_at=draw(st.sampled_from([None, datetime(2024, 5, 31, tzinfo=UTC)])),
    )  # fmt: skip
    story: StoryFacts | None = draw(st.sampled_from([None, STORY]))
    return Subject(article, analysis, story)


@given(st.lists(QUERIES, max_size=12), subjects(), st.sampled_from([0, 4, 2_000]), st.sets(st.integers(0, 11)))
def test_index_and_plain_decision_agree(queries: list[str], on: Subject, few: int, changed: set[int]) -> None:
    """However much of it is packed together, and whatever was replaced and removed since."""
    index = WatchIndex(few=few)
    expected = {}
    watches = [(str(number), watch) for number, text in enumerate(queries) if (watch := compiled(text))]
    for number, watch in watches:
        index.add(number, watch)
        if few == 0 or int(number) in changed:
            index.matching(on)
    for number, watch in watches:
        if int(number) in changed and int(number) % 2:
            index.remove(number)
        elif int(number) in changed:
            index.add(number, watch)
        if int(number) not in changed or int(number) % 2 == 0:
            decision = decide(watch, on)
            if decision.matched:
                expected[number] = decision
    assert index.matches(on) == expected
    assert index.candidates(on) >= expected.keys()


@given(QUERIES, subjects())
def test_evidence_always_slices(text: str, on: Subject) -> None:
    if watch := compiled(text):
        for item in decide(watch, on).evidence:
            if item.field:
                written = on.article.title if item.field == "title" else on.article.text
                assert written[item.start : item.end] == item.text


def index_of(*queries: str) -> WatchIndex:
    index = WatchIndex()
    for query in queries:
        watch = compiled(query)
        assert watch
        index.add(query, watch)
    return index


def test_what_describes_words_is_filed_too() -> None:
    """No article is decided for a watch whose fuzzy word, wildcard, regular expression or language it has not."""
    index = index_of("Madrit~1", "Ma*", "/madrid|lisbon/", "lang:fr", "Osol~1", "Os*", "/tu.?160m/", "lang:en")
    assert set(index.candidates(subject())) == {"Osol~1", "Os*", "/tu.?160m/", "lang:en"}


def test_a_word_seen_before_speaks_to_new_watches() -> None:
    index = index_of("Madrid")
    assert index.matching(subject()) == set()
    for query in ("Oslo", "Osl*", "Oslp~1", "/oslo/"):
        watch = compiled(query)
        assert watch
        index.add(query, watch)
        assert query in index.matching(subject())


def test_the_index_is_selective() -> None:
    index = index_of("Madrid", "Oslo", "Oslo AND Madrid", "Madrid OR Lisbon", "person:Nobody", "topic:sanctions")
    assert set(index.candidates(subject())) == {"Oslo"}


def test_watches_are_replaced_and_removed() -> None:
    index = index_of("Oslo", "missile OR Madrid", "lang:en")
    replacement = compiled("Madrid")
    assert replacement
    index.add("Oslo", replacement)
    index.remove("lang:en")
    index.remove("never there")
    assert len(index) == 2
    assert set(index.matches(subject())) == {"missile OR Madrid"}
    index.remove("missile OR Madrid")
    assert index.candidates(subject()) == set()


def test_known_frequencies_choose_where_a_watch_is_filed() -> None:
    watch = compiled("Kinzhal AND Oslo")
    assert watch
    index = WatchIndex({"kinzhal": 0.5, "oslo": 0.001})
    index.add("w", watch)
    article = Article("b", 1, "", "Kinzhal", None)
    assert index.candidates(Subject(article, Analysis(None))) == set()
    assert set(index.matches(subject(ARTICLE))) == {"w"}
