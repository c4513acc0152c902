"""Sentences of many constructions (tests/data/claim_sentences.yml), each as written and with its parties changed."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.quality.claims.conftest import Read, told

SENTENCES = Path(__file__).parents[2] / "data" / "claim_sentences.yml"
CHANGED = {
    "Norway": "Brazil", "Norwegian": "Brazilian", "Oslo": "Brasilia", "Jonas": "Ana", "Berg": "Lima",
}  # fmt: skip
CHANGED |= {after: before for before, after in CHANGED.items()}
NAMES = re.compile("|".join(rf"\b{name}" for name in sorted(CHANGED, key=len, reverse=True)))


def rows() -> list[Any]:
    groups: dict[str, list[tuple[str, str | list[str]]]] = yaml.safe_load(SENTENCES.read_text("utf-8"))
    made = []
    for group, sentences in groups.items():
        for sentence, transfers in sentences:
            listed = [transfers] if isinstance(transfers, str) else transfers
            expected = sorted(filter(None, listed))
            made.append(pytest.param(sentence, expected, id=f"{group}: {sentence}"))
            turned = [change(transfer) for transfer in expected]
            made.append(pytest.param(change(sentence), sorted(turned), id=f"{group}, changed: {sentence}"))
    return made


def change(text: str) -> str:
    return NAMES.sub(lambda match: CHANGED[match[0]], text)


@pytest.mark.parametrize(("sentence", "expected"), rows())
def test_transfers(read: Read, sentence: str, expected: list[str]) -> None:
    assert sorted(f"{s or 'unknown'} > {r or 'unknown'} {status}" for s, r, status in told(read(sentence))) == expected
