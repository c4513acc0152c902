import math

from wirewatch.models import Topic, TopicCue
from wirewatch.text import tokenize
from wirewatch.topics import TopicFinder

HARBOUR = Topic(
    "harbours",
    "Harbours",
    cues=(TopicCue("harbour", 1.0), TopicCue("harbour authority", 2.0), TopicCue("WHO", 3.0)),
    negative_cues=(TopicCue("harbour a grudge", 3.0),),
)


def find(text: str, *topics: Topic, types: frozenset[str] = frozenset()) -> dict[str, tuple[float, list[str]]]:
    found = TopicFinder(topics or (HARBOUR,)).find(tokenize(text), text, types)
    return {topic.id: (topic.score, [text[s:e] for s, e in topic.evidence]) for topic in found}


def test_a_strong_cue_decides_and_is_the_evidence() -> None:
    assert find("The Harbour Authority met.") == {"harbours": (0.5, ["Harbour Authority"])}


def test_weak_cues_must_come_together() -> None:
    assert find("The harbour lay still.") == {}
    assert find("The harbour lay still in the harbours.") == {}
    score, evidence = find("The harbour authority closed the harbour.")["harbours"]
    assert math.isclose(score, 1 / (1 + math.exp(-1)))
    assert evidence == ["harbour authority", "harbour"]


def test_a_cue_repeated_counts_less_each_time() -> None:
    once, often = (TopicFinder([HARBOUR]).find(tokenize(t), t, frozenset())[0].score for t in
                   ("harbour authority", "harbour authority. " * 50))  # fmt: skip
    assert once < often < 1 / (1 + math.exp(2 - 4))


def test_negative_cues_speak_against() -> None:
    assert find("Harbour authority officials harbour a grudge.") == {}


def test_capitals_are_asked_for_where_the_cue_is_in_capitals() -> None:
    assert "harbours" in find("The WHO warned.")
    assert find("Those who warned.") == {}


def test_required_entity_types_must_be_there() -> None:
    topic = Topic("t", "T", cues=(TopicCue("harbour", 3.0),), required_entity_types=("weapon",))
    assert find("The harbour.", topic) == {}
    assert "t" in find("The harbour.", topic, types=frozenset({"weapon", "place"}))


def test_a_claim_speaks_for_arms_transfers() -> None:
    topic = Topic("arms-transfers", "Arms", cues=(TopicCue("shells", 0.5),))
    text = "It sent the shells north."
    assert find(text, topic) == {}
    found = TopicFinder([topic]).find(tokenize(text), text, frozenset(), [(0, len(text))])
    assert found[0].id == "arms-transfers"
    assert (0, len(text)) in found[0].evidence
