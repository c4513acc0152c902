from datetime import UTC, datetime, timedelta

import pytest

from wirewatch.signing import SigningSecret, new_secret, rotate_secrets, valid_secrets
from worker.delivery.sign import sign_headers

NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("secrets", [[], ["whsec_"], ["whsec_a"]])
def test_nothing_is_sent_unsigned(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        sign_headers("msg_1", b"{}", secrets, NOW)


def test_new_secrets_are_long_and_different() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert all(secret.startswith("whsec_") and len(secret) == 50 for secret in made)


def test_a_rotated_secret_stays_valid_for_a_day() -> None:
    first = (SigningSecret("a"),)
    second = rotate_secrets(first, NOW, "b")
    assert valid_secrets(second, NOW) == ("b", "a")
    assert valid_secrets(second, NOW + timedelta(hours=23, minutes=59)) == ("b", "a")
    assert valid_secrets(second, NOW + timedelta(hours=24)) == ("b",)


def test_rotating_twice_keeps_what_is_still_valid_and_its_own_end() -> None:
    second = rotate_secrets((SigningSecret("a"),), NOW, "b")
    third = rotate_secrets(second, NOW + timedelta(hours=12), "c")
    assert valid_secrets(third, NOW + timedelta(hours=13)) == ("c", "b", "a")
    assert valid_secrets(third, NOW + timedelta(hours=25)) == ("c", "b")
    fourth = rotate_secrets(third, NOW + timedelta(hours=48), "d")
    assert [each.secret for each in fourth] == ["d", "c"]
