import pytest

from wirewatch.errors import StartError
from wirewatch.secretbox import SealedSecretError, SecretBox, new_key


def test_what_is_sealed_can_be_read_again_and_not_without_the_key() -> None:
    box = SecretBox.from_keys(new_key())
    sealed = box.seal("https://hooks.example.org/s3cret-пароль")
    assert b"s3cret" not in sealed
    assert box.unseal(sealed) == "https://hooks.example.org/s3cret-пароль"
    for damaged in (sealed[:-1], sealed[:20], b"", b"\0" * 40):
        with pytest.raises(SealedSecretError):
            box.unseal(damaged)
    with pytest.raises(SealedSecretError):
        SecretBox.from_keys(new_key()).unseal(sealed)


def test_keys_are_rotated_without_a_pause() -> None:
    old, new = new_key(), new_key()
    sealed = SecretBox.from_keys(old).seal("s3cret")
    both = SecretBox.from_keys(f"{new}, {old}")
    assert both.unseal(sealed) == "s3cret"
    assert SecretBox.from_keys(new).unseal(both.reseal(sealed)) == "s3cret"
    assert SecretBox.from_keys(new).unseal(both.seal("fresh")) == "fresh"


@pytest.mark.parametrize("keys", ["", " , ", "passphrase", "x" * 44, "a,b"])
def test_a_bad_key_setting_is_said_at_the_start(keys: str) -> None:
    with pytest.raises(StartError):
        SecretBox.from_keys(keys)
