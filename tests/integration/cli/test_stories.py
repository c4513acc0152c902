"""`wirewatch stories` and `wirewatch story` against a running API."""

from typer.testing import CliRunner, Result

from tests.factories import BOOTSTRAP_KEY
from tests.integration.api.test_stories import DENIAL, FLOOD, REPORT, tell
from wirewatch.cli import app
from wirewatch.db import Database


def run(address: str, *arguments: str) -> str:
    result: Result = CliRunner().invoke(
        app, ["--api", address, "--key", BOOTSTRAP_KEY, *arguments], env={"COLUMNS": "200"}
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_a_story_is_listed_shown_and_corrected(database: Database, address: str) -> None:
    tell(database, REPORT, DENIAL, REPORT, FLOOD)

    listed = run(address, "stories", "--entity", "Norway", "--conflicts", "--min-sources", "2")
    assert "Norway has supplied" in listed
    assert "Olza" not in listed

    shown = run(address, "story", "1")
    for part in ("Timeline", "└ copy", "the same)", "Claims", "Conflicts", "Norway supplies Chile", "rank of Solheim"):
        assert part in shown, part

    assert "The smaller part is story 3 now." in run(address, "story", "1", "--split", "2", "--note", "another event")
    merged = run(address, "story", "3", "--merge", "1")
    assert "story 3 merged into this one by bootstrap" in merged
    assert "article 2 split off as story 3 by bootstrap: another event" in merged
    assert "Story 3 was merged into story 1." in run(address, "story", "3")
