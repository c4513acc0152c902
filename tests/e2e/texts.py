"""Invented news, as many different articles as wanted: no two alike enough to be duplicates."""

from random import Random

PEOPLE = (
    "Maren Oduya", "Tobias Lindqvist", "Ines Carvalho", "Rashid Al-Amin", "Petra Novak", "Samuel Okafor", "Yuki Arai",
    "Helena Brandt", "Diego Fuentes", "Anneli Saar", "Victor Moreau", "Leila Haddad", "Owen Pritchard", "Katya Belova",
)  # fmt: skip
PLACES = (
    "Lisbon", "Tampere", "Accra", "Osaka", "Valparaiso", "Gdansk", "Izmir", "Nairobi", "Bergen", "Adelaide", "Quito",
    "Leipzig", "Cork", "Hanoi", "Montreal", "Tbilisi",
)  # fmt: skip
BODIES = (
    "the harbour board", "the city council", "the national museum", "the transport ministry", "a teachers' union",
    "the grain exchange", "a regional court", "the water company", "the central bank", "a shipping firm",
    "the weather service", "the railway operator",
)  # fmt: skip
DEEDS = (
    "approved a plan for", "postponed the vote on", "published figures about", "criticised the delay of",
    "promised to pay for", "asked for an inquiry into", "welcomed the end of", "signed a contract for",
    "warned of the costs of", "began to study", "withdrew its support for", "took over the repair of",
)  # fmt: skip
THINGS = (
    "the new ferry terminal", "a bridge across the northern canal", "forty electric buses", "the old opera house",
    "a record potato harvest", "the winter timetable", "two drinking water tunnels", "the fishing quota",
    "a library for the suburbs", "the tram depot", "evening classes for nurses", "the flood wall", "solar roofs",
)  # fmt: skip
ENDS = (
    "after a debate that lasted until midnight", "despite protests in the old town", "before the autumn session",
    "because last year's money was spent early", "in spite of rising prices", "as neighbours had demanded for years",
    "although the engineers disagreed", "while the mayor was abroad", "once the ice had gone", "by a narrow margin",
)  # fmt: skip


def make_article(number: int, marker: str, sentences: int = 24) -> dict[str, object]:
    """The body of a POST /v1/articles; `marker` is a word that stands once in the text."""
    choice = Random(number)
    told = [_sentence(choice) for _ in range(sentences)]
    told.insert(sentences // 2, f"The case is filed under the word {marker}.")
    return {
        "external_id": f"{marker}-{number}",
        "title": _sentence(choice).removesuffix("."),
        "text": " ".join(told),
        "url": f"https://paper-{number % 7}.example/{marker}/{number}",
        "source": {"name": f"Paper {number % 7}", "domain": f"paper-{number % 7}.example"},
    }


def _sentence(choice: Random) -> str:
    person, place, body = choice.choice(PEOPLE), choice.choice(PLACES), choice.choice(BODIES)
    deed, thing, end = choice.choice(DEEDS), choice.choice(THINGS), choice.choice(ENDS)
    day, share = choice.randint(1, 28), choice.randint(2, 98)
    shapes = (
        f"On day {day} {body} of {place} {deed} {thing} {end}.",
        f"{person} of {place} said that {body} {deed} {thing}, which {share} percent of those asked had wanted.",
        f"In {place}, {body} {deed} {thing} {end}, according to {person}.",
        f"{end.capitalize()}, {person} told reporters in {place}, {body} {deed} {thing} for {share} million.",
    )
    return choice.choice(shapes)
