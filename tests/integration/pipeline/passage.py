"""What the stages of a stack did with the messages that the relay published to its broker."""

import psycopg


def count_passages(database_url: str) -> list[str]:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT stage, done - gone_on, gone_on, runs FROM stage_counts ORDER BY stage")
        return [
            "messages through the broker, by stage:",
            *(
                f"  {stage}: {carried}, and {gone_on} gone on with in the same process; {runs} runs"
                for stage, carried, gone_on, runs in rows
            ),
        ]
