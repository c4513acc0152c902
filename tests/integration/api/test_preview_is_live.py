"""What the database leaves out cannot match: preview and search decide as live matching, on every article."""

from hypothesis import given
from sqlalchemy import text

from api.subjects import Budget, go_through, read_subjects
from ingest.receive import receive
from tests.factories import submission
from tests.unit.query.factories import NAMES
from tests.unit.query.test_index import QUERIES, compiled
from wirewatch.db import Database
from wirewatch.models import Analysis, Mention, TopicScore
from wirewatch.query import Compiled, compile_query, parse
from wirewatch.query.index import WatchIndex
from wirewatch.store import analyses
from wirewatch.store.receipts import Receipt
from wirewatch.store.views.articles import ArticleFilter

# The words of the queries, as people, typesetters and tricksters write them.
TEXTS = [
    "Kim met a missile crew in Oslo.", "MISSILES and Tu‑160M2 over Oslo", "Т\u0443-160, S\u2013400, DS-400 and S-4000",
    "Кинжал над Осло",
    "Kin\u00adzhal, Kinjal's and Kinzhals", "Ki\u0301nzhal by K\u0456nzhal", "Кinzhal, Kинжaл, Kинжал",
    "ＫＩＮＺＨＡＬ missile 1,200", "an air-strike, air\u2010strikes, airstrike",
    "U.S. and U.S.A. in Sana\u2019a, 1200 and 400",
    "김정은 and 김 정은", "батарея, батареи", "Óslo Ósló OSLO \u200bO\u200bslo",
    "harbour daily, Harbour", "t.co and T-72",
    "ﬁrst oſlo ᴼslo", "O\u0455lo, Os1o, 0slo", "Kim\u00a0Oslo Kim-Oslo KimOslo", "",
    "Tu160 tu 160 TU—160 tu.160", "mi\u200dssile",
]  # fmt: skip


def fill(database: Database) -> list[int]:
    """One article for each text, some with what a reader would have found."""
    given_ = [submission(n, title=TEXTS[-n], text=written or "-") for n, written in enumerate(TEXTS, 1)]
    ids = [int(answer.id) for answer in receive(database, given_) if isinstance(answer, Receipt)]
    found: list[tuple[str, int, Analysis]] = []
    for n, id_ in enumerate(ids):
        written = TEXTS[n] or "-"
        entity = [("kim-jong-un", "Kim Jong Un"), ("russia", "Russia"), (None, "Pavel Orlan"), ("vladivostok", "V")][
            n % 4
        ]
        mention = Mention(entity[0], entity[1], "person", "PERSON", written[:1], 0, 1, "text", 0.9)
        topics = (TopicScore("sanctions", 0.8, ()),) if n % 3 else ()
        found.append((str(id_), 1, Analysis("en", (mention,) if n % 2 else (), topics)))
    with database.transaction() as tx:
        analyses.upsert(tx, found[::-1][: len(found) * 2 // 3])
        tx.execute(text("UPDATE sources SET name = 'Harbour Daily', domain = 'news.harbour.example'"))
    return ids


def test_search_finds_what_live_matching_finds(shared_database: Database) -> None:
    ids = fill(shared_database)
    with shared_database.transaction() as tx:
        subjects = {subject.article.id: subject for subject in read_subjects(tx, ids)}
    tried: set[str] = set()

    def check(query: Compiled) -> int:
        index = WatchIndex()
        index.add("w", query)
        live = {id_ for id_, subject in subjects.items() if index.matching(subject)}
        with shared_database.transaction() as tx:
            portions = list(go_through(tx, [query], ArticleFilter(), Budget(1000, 60.0)))
        seen = {one.article.id for portion in portions for one in portion.subjects if query.root.holds(one)}
        assert seen == live, query.query.text
        assert portions[-1].down_to <= min(ids)
        return len(live)

    @given(QUERIES)
    def decided_alike(written: str) -> None:
        if written not in tried and (query := compiled(written)):
            tried.add(written)
            check(query)

    decided_alike()
    plain = (
        "Kinzhal",
        "Oslo",
        "missile",
        "airstrike",
        "Tu-160",
        '"S 400"',
        "Sanaa",
        "first",
        "батарея",
        "Mis*",
        "1200",
    )
    assert all(check(compile_query(parse(query), NAMES)) for query in plain)
