from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks
import svix

from wirewatch.signing import SigningSecret, new_secret, rotate_secrets, valid_secrets
from worker.delivery.sign import sign_headers

BODY = '{"title":"Тu-160 über Kyjiw 🚀"}'.encode()
NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)


def verifies(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """By both reference verifiers; they must agree."""
    answers = set()
    for verify in (standardwebhooks.Webhook(secret).verify, svix.Webhook(secret).verify):
        try:
            verify(body, headers)
            answers.add(True)
        except standardwebhooks.WebhookVerificationError:
            answers.add(False)
    (answer,) = answers
    return answer


def test_the_reference_verifiers_accept_the_signature_and_no_other() -> None:
    secret = new_secret()
    headers = dict(sign_headers("msg_1", BODY, [secret], datetime.now(UTC)))
    assert verifies(secret, headers, BODY)
    assert not verifies(new_secret(), headers, BODY)
    assert not verifies(secret, headers, BODY.replace(b"160", b"161"))
    assert not verifies(secret, headers | {"webhook-id": "msg_2"}, BODY)
    assert not verifies(secret, headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, BODY)


def test_an_old_signature_is_refused_as_replay() -> None:
    secret = new_secret()
    headers = dict(sign_headers("msg_1", BODY, [secret], datetime.now(UTC) - timedelta(minutes=6)))
    assert not verifies(secret, headers, BODY)


def test_times_of_other_zones_and_with_fractions_are_signed_right() -> None:
    secret = new_secret()
    here = datetime.now(UTC).replace(microsecond=999_999).astimezone()
    assert verifies(secret, dict(sign_headers("msg_1", BODY, [secret], here)), BODY)


def test_while_a_secret_is_rotated_both_verify() -> None:
    old, new = new_secret(), new_secret()
    headers = dict(sign_headers("msg_1", BODY, [new, old], datetime.now(UTC)))
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert verifies(old, headers, BODY)
    assert verifies(new, headers, BODY)


@pytest.mark.parametrize("secrets", [[], ["whsec_"], ["whsec_a"]])
def test_nothing_is_sent_unsigned(secrets: list[str]) -> None:
    with pytest.raises(ValueError, match="secret"):
        sign_headers("msg_1", BODY, secrets, NOW)


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
