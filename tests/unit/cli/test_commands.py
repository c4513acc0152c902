import tomllib
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from wirewatch.cli import app
from wirewatch.cli.target import find_local_key
from wirewatch.settings import Settings

COMMANDS = (
    "up",
    "demo",
    "seed",
    "alerts",
    "tail",
    "listen",
    "pipeline",
    "doctor",
    "migrate",
    "stories",
    "story",
    "articles",
)
GROUPS = {
    "watch": ("add", "edit", "list", "show", "rm", "test", "explain", "matches", "apply", "export"),
    "keys": ("create", "list", "revoke", "reseal"),
    "alert": ("ack", "dismiss", "reopen", "snooze", "export"),
    "deliveries": ("list", "show", "replay"),
    "endpoints": ("add", "list", "rm", "test", "enable", "disable", "rotate-secret"),
    "templates": ("preview", "set", "show", "rm"),
    "article": ("show", "retract", "restore", "rm"),
    "feeds": (
        *("list", "show", "events", "add", "rm", "pause", "resume", "check", "find", "import", "export", "domain"),
    ),
    "entities": ("import", "export", "list"),
}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No command of these tests finds a stack that runs here."""
    monkeypatch.setenv("WIREWATCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WIREWATCH_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("WIREWATCH_INGEST_URL", "http://127.0.0.1:9")


def test_every_command_has_help() -> None:
    commands = [(name,) for name in COMMANDS] + [(group, name) for group in GROUPS for name in GROUPS[group]]
    whole = get_command(app)  # made once: a runner makes all commands anew for each
    for command in commands:
        with pytest.raises(SystemExit) as ended:
            whole.main([*command, "--help"], prog_name="wirewatch")
        assert ended.value.code == 0, command


@pytest.mark.parametrize(
    "arguments",
    [
        ["alerts"],
        ["tail"],
        ["watch", "list"],
        ["watch", "add", "name", "query"],
        ["watch", "add", "only a name"],
        ["pipeline"],
        ["keys", "list"],
        ["migrate"],
        ["listen", "--secret", "{}"],
        ["seed", "no/such/folder"],
        ["entities", "export", "no/such/folder/entities.csv"],
        ["entities", "import", "."],
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_1(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    errors = [line for line in result.stderr.splitlines() if line]
    assert len(errors) == 1


@pytest.mark.parametrize("arguments", [["no-such"], ["alerts", "--limit", "0"], ["watch", "rm"]])
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert CliRunner().invoke(app, ["--version"]).output == f"wirewatch {project['version']}\n"


def test_wrong_settings_are_named_by_their_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_API_PORT", "high")
    result = CliRunner().invoke(app, ["alerts"])
    assert result.exit_code == 1
    assert "WIREWATCH_API_PORT" in result.stderr


def test_the_local_key_is_found_where_the_stack_keeps_it(tmp_path: Path) -> None:
    settings = Settings()
    assert find_local_key(settings) is None
    settings.data_dir.mkdir()
    (settings.data_dir / "dev-key").write_text("ww_dev_x\n")
    assert find_local_key(settings) == "ww_dev_x"


def test_doctor_finds_nothing_wrong_where_nothing_runs() -> None:
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 0, result.output
    assert "off" in result.output


def test_doctor_says_how_to_mend_a_missing_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_MODEL", "no_such_model")
    result = CliRunner().invoke(app, ["doctor"])
    assert result.exit_code == 1
    assert "make install" in result.output
