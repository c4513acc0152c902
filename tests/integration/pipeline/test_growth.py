"""What one more article costs in a story of a few and of hundreds: the same statements, and no more rows to read."""

from collections.abc import Sequence

from sqlalchemy import text

from ingest.receive import Submission, receive
from tests.pipeline import make_context, run_until_done
from tests.statements import statements
from wirewatch.db import Database
from worker.stage import Context

# Of the stage itself; claiming and recording a message is the ledger's.
STATEMENTS = 16
REPORT = "Flood water covered the old town of Brenna after the river Olza broke its banks and the upstream dam failed."
WORDS = "rescuers boats bridges farmers cellars soldiers pumps schools roads volunteers"


def tell(context: Context, numbers: Sequence[int]) -> None:
    words = WORDS.split()
    told = [
        Submission(
            title=f"Olza flood in Brenna: {words[number % 10]} and {words[number // 10 % 10]}",
            text=f"{REPORT} The {words[number % 10]} of district {number} met {words[number // 10 % 10]} there.",
            source_name=f"Outlet {number % 7}",
            external_id=str(number),
        )
        for number in numbers
    ]
    receive(context.database, told)
    run_until_done(context)


def of_cluster(seen: Sequence[str]) -> list[str]:
    return [one for one in seen if "vectors" in one or "stories" in one or "term" in one or "lineages" in one]


def test_one_more_article_costs_the_same_in_a_large_story(database: Database) -> None:
    context = make_context(database)
    tell(context, range(3))
    with statements() as small:
        tell(context, [3])
    tell(context, range(4, 200))
    with statements() as large:
        tell(context, [200])
    with database.transaction() as tx:
        ((stories, articles),) = tx.execute(text("SELECT count(*), max(article_count) FROM stories")).all()
    assert (stories, articles) == (1, 201)
    assert len(large) <= len(small) + 2
    assert len(of_cluster(large)) <= STATEMENTS
