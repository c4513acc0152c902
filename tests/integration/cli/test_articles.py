"""`wirewatch article` against a running API."""

from typer.testing import CliRunner, Result

from tests.factories import BOOTSTRAP_KEY
from tests.integration.api.test_stories import REPORT, tell
from tests.pipeline import make_context, run_until_done
from wirewatch.cli import app
from wirewatch.db import Database


def run(address: str, *arguments: str, code: int = 0) -> str:
    result: Result = CliRunner().invoke(app, ["--api", address, "--key", BOOTSTRAP_KEY, *arguments])
    assert result.exit_code == code, result.output
    return result.output


def test_an_article_is_shown_taken_back_and_erased(database: Database, address: str) -> None:
    first, second = tell(database, REPORT, REPORT)

    shown = run(address, "article", "show", first)
    for part in (f"article {first}: Outlet 0", "story 1", "names: Norway", ": Norway to Chile, ", REPORT):
        assert part in shown, part
    assert f"copy of article {first}" in run(address, "article", "show", second)

    run(address, "article", "retract", first, "--reason", "the ministry says otherwise")
    run_until_done(make_context(database))
    assert "by user: the ministry says otherwise" in run(address, "article", "show", first)
    run(address, "article", "restore", first)
    run_until_done(make_context(database))
    assert "retracted" not in run(address, "article", "show", first)

    run(address, "article", "rm", first)
    assert "no article with this id" in run(address, "article", "show", first, code=1)
    assert REPORT in run(address, "article", "show", second)
    run(address, "article", "retract", "999", code=1)
