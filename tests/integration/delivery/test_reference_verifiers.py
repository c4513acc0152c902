"""What others verify webhooks with takes our signatures, and no other."""

from datetime import UTC, datetime, timedelta

import standardwebhooks
import svix

from wirewatch.signing import new_secret
from worker.delivery.sign import sign_headers

BODY = '{"title":"Тu-160 über Kyjiw 🚀"}'.encode()


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
