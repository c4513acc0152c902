"""What the stages of a stack did with the messages that the relay published to its broker."""

import psycopg


def count_passages(database_url: str) -> list[str]:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT stage, done, runs FROM stage_counts ORDER BY stage").fetchall()
    return [
        "messages through the broker, by stage:",
        *(f"  {stage}: {done} in {runs} runs" for stage, done, runs in rows),
    ]
