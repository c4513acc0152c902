import pytest

from api.slugs import slug_of
from wirewatch.errors import InvalidInputError


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Kim Jong Un", "kim-jong-un"),
        ("Ту-160", "tu-160"),
        ("São  Tomé & Príncipe", "sao-tome-principe"),
        ("A" * 200, "a" * 80),
    ],
)
def test_names_become_readable_ids(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_a_name_of_signs_alone_gives_none() -> None:
    with pytest.raises(InvalidInputError):
        slug_of("— …")
