"""French by its own model, other languages by catalogue and cues, and any script at all without harm."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cost import cost
from tests.pipeline import language_model
from wirewatch.data import load_entities, load_items, load_topics
from wirewatch.models import Analysis
from wirewatch.settings import Settings
from worker.extraction import Document, Extractor, Languages

RUSSIAN = "Президент России Владимир Путин обсудил поставки зерна с главой КНДР, сообщил Кремль в понедельник."
FRENCH = (
    "La ministre Mirabelle Renard a rencontré des ingénieurs à Brest mardi. Mme Renard a confirmé la livraison d'armes "
    "à l'Ukraine, selon un communiqué de la société Armor Maritime. Le Kremlin n'a pas réagi."
)


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    languages = Languages(language_model(), {**Settings().other_models, "de": "no_such_model"})
    return Extractor(load_entities(), load_topics(), load_items(), model=languages)


def read(extractor: Extractor, text: str) -> Analysis:
    (analysis,) = extractor.analyse([Document("a", 1, "", text)])
    for mention in analysis.mentions:
        assert text[mention.start : mention.end] == mention.text
    for topic in analysis.topics:
        assert all(text[span.start : span.end] == span.text for span in topic.evidence)
    return analysis


def test_french_names_are_found_by_the_french_model(extractor: Extractor) -> None:
    analysis = read(extractor, FRENCH)
    assert analysis.lang == "fr"
    named = {(mention.name, mention.label) for mention in analysis.mentions}
    assert ("Mirabelle Renard", "PERSON") in named
    assert {"ukraine", "russia"} <= {mention.entity_id for mention in analysis.mentions}
    assert "arms-transfers" in {topic.id for topic in analysis.topics}
    assert sum(mention.name == "Mirabelle Renard" for mention in analysis.mentions) == 2


def test_a_batch_of_several_languages_keeps_its_order(extractor: Extractor) -> None:
    english = "Mayor Ottilie Brandvold of Brenna opened the new harbour bridge on Monday, the council said."
    documents = [Document(str(n), 1, "", text) for n, text in enumerate([FRENCH, english, RUSSIAN, FRENCH])]
    alone = [extractor.analyse([document])[0] for document in documents]
    assert extractor.analyse(documents) == alone
    assert [analysis.lang for analysis in alone] == ["fr", "en", "ru", "fr"]


@pytest.mark.parametrize(
    ("text", "lang", "entities", "topic"),
    [
        ("Der Außenminister sprach in Berlin über Waffenlieferungen an die Ukraine, wie die Regierung mitteilte.",
         "de", {"ukraine"}, "arms-transfers"),
        ("El gobierno confirmó el envío de armas a Ucrania, según dijo el ministro de exteriores el lunes en Madrid.",
         "es", {"ukraine"}, "arms-transfers"),
        ("Президент России Владимир Путин обсудил поставки оружия с главой КНДР Ким Чен Ыном, сообщил Кремль.",
         "ru", {"vladimir-putin", "north-korea"}, "arms-transfers"),
        ("김정은 국무위원장이 러시아를 방문했다고 조선중앙통신이 월요일 보도했다.",
         "ko", {"kim-jong-un", "russia"}, None),
        ("أعلنت روسيا يوم الاثنين أنها سلمت صواريخ إلى إيران، وقال متحدث باسم كوريا الشمالية إن الصفقة تمت.",
         "ar", {"russia", "iran", "north-korea"}, None),
        ("Президент України Володимир Зеленський заявив у понеділок, що Росія отримала ракети від КНДР.",
         "uk", {"volodymyr-zelensky", "russia", "north-korea"}, None),
        ("Le maire de Nantes a condamné lundi les sanctions contre la Russie, et le ministre de la Défense a parlé.",
         "fr", {"russia"}, None),
    ],
)  # fmt: skip
def test_other_languages_get_known_names_and_topics(
    extractor: Extractor, text: str, lang: str, entities: set[str], topic: str | None
) -> None:
    analysis = read(extractor, text)
    assert analysis.lang == lang
    assert entities <= {mention.entity_id for mention in analysis.mentions}
    assert topic is None or topic in {found.id for found in analysis.topics}


def test_chinese_names_are_found_inside_a_run(extractor: Extractor) -> None:
    text = "克里姆林宫周一表示,俄罗斯向伊朗出售武器,朝鲜领导人金正恩和普京讨论了军火交易。"
    found = {mention.entity_id for mention in read(extractor, text).mentions}
    assert {"russia", "iran", "north-korea", "kim-jong-un", "vladimir-putin"} <= found


SCRIPTS = st.sampled_from(
    ["Kim", "Путин", "김정은", "イラン", "ایران", "إيران", "Ιράν", "ईरान", "อิหร่าน", "伊朗", "ירדן", "Տոկիո", "S-400",
     "😀", "👩‍👩‍👧", "\u202e", "\u0301", "ﷺ", "ﬁ", "\ud800", "\x00", "<b>", "|", "\n\n", ".", "sold", "missiles",
     "to", "Iran", "l'", "’s", "1,000", "$5bn", "—"]
)  # fmt: skip


@settings(
    deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(words=st.lists(SCRIPTS | st.text(max_size=6), max_size=25), glue=st.sampled_from([" ", "", "\n"]))
@example(words=["Kim", "Kim", "😀", "", ":"], glue=" ")
def test_any_script_is_read_with_true_offsets(extractor: Extractor, words: list[str], glue: str) -> None:
    read(extractor, glue.join(words))


@pytest.mark.parametrize("piece", ["(", "=", '"', "'s", "#", "🚀"])
def test_rulers_and_rows_of_signs_cost_less_than_words(piece: str) -> None:
    signs = (piece * 3_000)[:3_000]
    words = ("Mayor Brandvold spoke in Brenna. " * 100)[: len(signs)]
    model = language_model()
    assert cost(lambda: model.parse([signs]), beside=lambda: model.parse([words]), enough=1.0) < 1.0


def test_names_beside_a_ruler_keep_their_places(extractor: Extractor) -> None:
    text = f"{'=' * 80} Vladimir Putin met Kim Jong Un {'-*' * 300} in Russia."
    assert {"vladimir-putin", "kim-jong-un", "russia"} <= {m.entity_id for m in read(extractor, text).mentions}
