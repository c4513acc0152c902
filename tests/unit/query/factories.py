"""A small world for the query tests: entities, articles and what was found in them."""

from datetime import UTC, datetime

from wirewatch.models import (
    Analysis,
    Article,
    Claim,
    ClaimStatus,
    Entity,
    EntityType,
    Field,
    Mention,
    MentionLabel,
    Span,
    StoryFacts,
    Topic,
    TopicScore,
)
from wirewatch.query import CatalogueNames, Subject

ENTITIES = (
    Entity("kim-jong-un", "Kim Jong Un", "person", aliases=("Ким Чен Ын", "김정은"), short_names=("Kim",)),
    Entity("russia", "Russia", "place", demonyms=("Russian",), metonyms=("the Kremlin",), country="russia"),
    Entity("iran", "Iran", "place", demonyms=("Iranian",), country="iran"),
    Entity("vladivostok", "Vladivostok", "place", country="russia"),
    Entity("kinzhal", "Kinzhal", "weapon", aliases=("Kinjal", "Кинжал"), country="russia"),
    Entity("tu-160", "Tu-160", "weapon", aliases=("Blackjack",), country="russia"),
)
TOPICS = (Topic("arms-transfers", "Arms transfers"), Topic("sanctions", "Sanctions"))
NAMES = CatalogueNames(ENTITIES, TOPICS)

TITLE = "Ships leave Vladivostok"
TEXT = (
    "Russia supplied Kinzhal missiles to Iran, officials in Oslo said. The Iranian side denied it. "
    "Kim Jong-un watched a Tu\u2011160M2 over an air-strike range; batteries of S-400s stood near Tirana. "
    "Pavel Orlan, a clerk, counted 1,200 crates."
)


def mention(
    entity_id: str | None,
    written: str,
    type_: EntityType = "place",
    label: MentionLabel = "GPE",
    *,
    text: str = TEXT,
    field: Field = "text",
) -> Mention:
    start = text.index(written)
    names = {entity.id: entity.name for entity in ENTITIES}
    name = names[entity_id] if entity_id else written
    return Mention(entity_id, name, type_, label, written, start, start + len(written), field, 0.9)


def claim(id_: str, supplier: str, recipient: str, items: tuple[str, ...], status: ClaimStatus, quote: str) -> Claim:
    start = TEXT.index(quote)
    return Claim(
        id_, "arms_transfer", supplier.title(), supplier, recipient.title(), recipient, items, None, "delivered",
        status, ("officials in Oslo",), quote, start, start + len(quote), "text",
    )  # fmt: skip


MENTIONS = (
    mention("vladivostok", "Vladivostok", text=TITLE, field="title"),
    mention("russia", "Russia"),
    mention("kinzhal", "Kinzhal", "weapon", "WEAPON"),
    mention("iran", "Iran"),
    mention("iran", "Iranian", label="NORP"),
    mention("kim-jong-un", "Kim Jong-un", "person", "PERSON"),
    mention("tu-160", "Tu\u2011160", "weapon", "WEAPON"),
    mention(None, "Pavel Orlan", "person", "PERSON"),
)
FIRST = TEXT[: TEXT.index(". ") + 1]
SECOND = "The Iranian side denied it."
CLAIMS = (
    claim("c1", "russia", "iran", ("Kinzhal missiles",), "reported", FIRST),
    claim("c2", "russia", "iran", ("missiles",), "denied", SECOND),
)
_SUPPLIED = TEXT.index("supplied")
ANALYSIS = Analysis(
    "en",
    MENTIONS,
    (TopicScore("arms-transfers", 0.9, (Span(_SUPPLIED, _SUPPLIED + 8, "supplied", "text"),)),),
    CLAIMS,
)
ARTICLE = Article(
    "a1", 1, TITLE, TEXT, "en", source_name="Harbour Daily", source_domain="news.harbour.example",
    published_at=datetime(2024, 5, 31, 14, tzinfo=UTC),
)  # fmt: skip
STORY = StoryFacts("Missiles", ("a1", "a2", "a3"), ("Harbour Daily", "Other"), 2, None, None)


def subject(article: Article = ARTICLE, analysis: Analysis = ANALYSIS, story: StoryFacts | None = STORY) -> Subject:
    return Subject(article, analysis, story)
