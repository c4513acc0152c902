"""Many batches at once: each article is accepted once, nothing is lost, nobody waits in a circle."""

import random
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from ingest.receive import Submission, receive
from wirewatch.db import Database
from wirewatch.store.receipts import Receipt


def test_the_same_articles_in_eight_batches_at_once_are_accepted_once(database: Database) -> None:
    submissions = [
        Submission(text=f"Ferry {number} is late.", url=f"https://a.example/{number}") for number in range(300)
    ]

    def send(seed: int) -> list[str]:
        shuffled = random.Random(seed).sample(submissions, len(submissions))
        return [answer.status for answer in receive(database, shuffled) if isinstance(answer, Receipt)]

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for answers in pool.map(send, range(8)) for status in answers]

    assert statuses.count("accepted") == 300
    assert statuses.count("known") == 300 * 7


def test_versions_sent_at_once_all_count(database: Database) -> None:
    def send(writer: int) -> int:
        answers = receive(
            database,
            [
                Submission(text=f"Ferry {number}, as writer {writer} has it.", url=f"https://a.example/{number}")
                for number in random.Random(writer).sample(range(50), 50)
            ],
        )
        return sum(isinstance(answer, Receipt) and answer.status != "known" for answer in answers)

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(send, range(6))) == 300

    with database.transaction() as tx:
        assert tx.execute(text("SELECT DISTINCT version FROM articles")).scalars().all() == [6]
        assert tx.execute(text("SELECT count(*) FROM article_versions")).scalar_one() == 300
        assert tx.execute(text("SELECT count(*) FROM messages")).scalar_one() == 300


def test_ids_grow_in_the_order_of_arrival(database: Database) -> None:
    answers = receive(database, [Submission(text=f"Ferry {number} is late.") for number in range(100)])
    ids = [int(answer.id) for answer in answers if isinstance(answer, Receipt)]
    assert ids == sorted(ids)
    assert len(ids) == 100
