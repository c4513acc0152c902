"""The documents are true where a test can tell: settings, links, paths and make targets."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic.fields import FieldInfo

from wirewatch.settings import Settings
from worker.pipeline import PIPELINE

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

LINK = re.compile(r"\]\(([^)\s#]*)(?:#[^)]*)?\)")
# In code marks, a path of the repository: from one of its folders on, with a suffix or a slash at the end.
CODE_PATH = re.compile(r"`((?:wirewatch|ingest|worker|api|bench|tests|docs|seeds|requirements)/[\w./-]*(?:\.\w+|/))`")
MAKE = re.compile(r"`make ([a-z0-9]+)")


def shown(default: object) -> str:
    if default is None or default == ():
        return ""
    return "`1`" if default is True else f"`{default}`"


def row(name: str, setting: FieldInfo) -> str:
    return f"| `WIREWATCH_{name.upper()}` | {shown(setting.default)} | {setting.description} |"


def rows(page: str, heading: str) -> list[str]:
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


def missing(page: Path) -> Iterator[str]:
    """Links within the repository and paths in code marks that lead nowhere."""
    text = page.read_text()
    yield from (link for link in LINK.findall(text) if link and "://" not in link and not (page.parent / link).exists())
    yield from (path for path in CODE_PATH.findall(text) if not (ROOT / path).exists())


def test_the_readme_lists_every_setting_and_nothing_else() -> None:
    assert rows(README, "Configuration") == [row(*field) for field in Settings.model_fields.items()]


def test_the_flow_lists_every_stage_in_order() -> None:
    table = rows((ROOT / "docs" / "flow.md").read_text(), "The stages")
    listed = [tuple(cell.strip(" `") for cell in line.split("|")[1:4]) for line in table]
    assert listed == [(stage.takes, stage.name, stage.queue) for stage in PIPELINE]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_paths_lead_to_files(page: Path) -> None:
    assert list(missing(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_make_targets_exist(page: Path) -> None:
    made = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(MAKE.findall(page.read_text())) <= made


def test_every_direct_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    named = [re.split(r"[\[=<>!~]", requirement)[0] for group in groups for requirement in group]
    page = (ROOT / "docs" / "dependencies.md").read_text()
    listed = re.findall(r"^\| ([a-z][\w-]*) \| [^|]+ \| [^|]+ \|$", page, re.MULTILINE)
    assert [name for name in listed if name != "package"] == named
