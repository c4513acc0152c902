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
    made = []
    for group, sentences in load_groups().items():
        for sentence, transfers, *_ in sentences:
            listed = [transfers] if isinstance(transfers, str) else transfers
            expected = sorted(filter(None, listed))
            made.append(pytest.param(sentence, expected, id=f"{group}: {sentence}"))
            turned = [change(transfer) for transfer in expected]
            made.append(pytest.param(change(sentence), sorted(turned), id=f"{group}, changed: {sentence}"))
    return made


def load_groups() -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = yaml.safe_load(SENTENCES.read_text("utf-8"))
    return groups


def details() -> list[Any]:
    return [
        pytest.param(sentence, more[0], id=sentence)
        for sentences in load_groups().values()
        for sentence, _, *more in sentences
        if more
    ]


def change(text: str) -> str:
    return NAMES.sub(lambda match: CHANGED[match[0]], text)


@pytest.mark.parametrize(("sentence", "expected"), rows())
def test_transfers(read: Read, sentence: str, expected: list[str]) -> None:
    assert sorted(f"{s or 'unknown'} > {r or 'unknown'} {status}" for s, r, status in told(read(sentence))) == expected


@pytest.mark.parametrize(("sentence", "expected"), details())
def test_what_else_is_said(read: Read, sentence: str, expected: dict[str, Any]) -> None:
    (claim,) = read(sentence)
    found = {"quantity": claim.quantity, "value": claim.value, "stage": claim.stage, "by": list(claim.attributed_to)}
    assert {key: found[key] for key in expected} == expected
