import math
import re
from collections import Counter

import pytest

from wirewatch.data import is_upper_case_only, load_items, load_topics
from wirewatch.models import Topic
from wirewatch.text import keys, number_forms

NEEDED = set(
    "arms-transfers sanctions missiles nuclear-weapons military-cooperation war war-in-ukraine protest coup election "
    "cyberattack terrorism diplomacy trade energy space human-rights migration disaster epidemic combat-aircraft navy "
    "economy crime court climate peace-talks espionage".split()
)


def topic(topic_id: str) -> Topic:
    return next(t for t in load_topics() if t.id == topic_id)


def alone(weight: float) -> float:
    return 1 / (1 + math.exp(2 - weight))


def test_the_topics_that_are_promised_exist_once() -> None:
    ids = [t.id for t in load_topics()]
    assert set(ids) >= NEEDED
    assert len(ids) == len(set(ids))


def test_cues_speak_for_and_negative_cues_against() -> None:
    for t in load_topics():
        assert t.cues, t.id
        assert all(0 < cue.weight <= 3 for cue in t.cues), t.id
        assert all(-3 <= cue.weight < 0 for cue in t.negative_cues), t.id
        assert t.description
        assert 0 < t.threshold < 1


def test_codes_of_the_iptc_are_written_as_such() -> None:
    codes = [t.iptc for t in load_topics() if t.iptc]
    assert len(codes) > 15
    assert all(re.fullmatch(r"medtop:\d{8}", code) for code in codes)


def test_a_phrase_has_one_weight() -> None:
    for t in load_topics():
        counts = Counter(cue.phrase for cue in (*t.cues, *t.negative_cues))
        assert [phrase for phrase, n in counts.items() if n > 1 or phrase != phrase.strip() or not phrase] == [], t.id


def test_singular_and_plural_are_one_cue() -> None:
    for t in load_topics():
        forms: Counter[tuple[str, ...]] = Counter()
        for cue in t.cues:
            *first, last = keys(cue.phrase)
            forms.update({(*first, form) for form in {last, *number_forms(last)}})
        assert [form for form, n in forms.items() if n > 1] == [], t.id


def test_only_cues_that_match_upper_case_are_written_so() -> None:
    phrases = {cue.phrase for t in load_topics() for cue in (*t.cues, *t.negative_cues)}
    assert [p for p in phrases if p != p.lower() and not is_upper_case_only(p)] == []


def test_a_topic_can_be_reached_by_strong_cues() -> None:
    for t in load_topics():
        assert any(alone(cue.weight) >= t.threshold for cue in t.cues), t.id


@pytest.mark.parametrize("phrase", ["weapons", "weapon", "missiles", "arms", "tanks", "war", "military", "ammunition"])
def test_a_bare_word_of_war_is_no_arms_transfer(phrase: str) -> None:
    assert all(cue.phrase != phrase for cue in topic("arms-transfers").cues)


def test_items_have_one_owner_for_every_phrase() -> None:
    phrases = Counter(p.casefold() for item in load_items() for p in (*item.phrases, *item.ambiguous_phrases))
    assert [phrase for phrase, n in phrases.items() if n > 1] == []


def test_an_item_is_found_by_its_own_name() -> None:
    for item in load_items():
        assert item.name in (*item.phrases, *item.ambiguous_phrases)
        assert item.category


def test_words_of_daily_life_are_ambiguous_items() -> None:
    ambiguous = {p for item in load_items() for p in item.ambiguous_phrases}
    assert {"aircraft", "equipment", "technology", "aid", "parts", "ships", "fighters"} <= ambiguous
    sure = {p for item in load_items() for p in item.phrases}
    assert {"weapons", "arms", "ammunition", "artillery shells", "fighter jets", "drones", "missiles", "tanks"} <= sure
