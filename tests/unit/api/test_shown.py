"""What is shown of the inside: addresses without secrets, stages under the names of the pipeline."""

import pytest

from wirewatch.store.endpoints import shown_url
from wirewatch.store.views.pipeline import STAGES
from worker.pipeline import PIPELINE


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://desk.example/hook", "https://desk.example/hook"),
        ("https://desk.example:8443/hook?key=s3cret", "https://desk.example:8443/hook?***"),
        ("https://u:p@desk.example/", "https://***@desk.example/"),
        ("https://chat.example/services/T01/B02/abcdefghijklmnop", "https://chat.example/services/T01/B02/***"),
        ("https://desk.example/#s3cret", "https://desk.example/"),
    ],
)
def test_of_an_address_nothing_is_shown_that_could_be_a_secret(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_the_api_names_the_stages_as_the_pipeline_does() -> None:
    assert {stage.takes: stage.name for stage in PIPELINE} == STAGES
