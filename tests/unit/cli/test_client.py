import pytest

from wirewatch.client import ApiUnreachableError, Client, StreamEvent, describe_problem, parse_events


def test_events_are_read_with_id_name_and_joined_data() -> None:
    lines = [": ping", "", "id: 4", "event: alert", "data: {", "data: }", "", "data:x", ""]
    assert list(parse_events(lines)) == [StreamEvent("4", "alert", "{\n}"), StreamEvent("4", "message", "x")]


def test_an_event_that_was_cut_off_is_not_given() -> None:
    assert list(parse_events(["data: half"])) == []


def test_a_problem_is_one_line_with_its_pointers() -> None:
    problem = {"title": "Invalid", "detail": "Unknown\nfields", "errors": [{"pointer": "/query", "detail": "is empty"}]}
    assert describe_problem(problem) == "Unknown fields: /query: is empty"


def test_what_the_detail_of_a_problem_says_is_not_said_again() -> None:
    problem = {"detail": "the query is empty at position 0", "errors": [{"pointer": "/query", "detail": "is empty"}]}
    assert describe_problem(problem) == "the query is empty at position 0"


@pytest.mark.parametrize("problem", [None, [], "text"])
def test_an_answer_that_is_no_problem_document_is_told_by_its_status(problem: object) -> None:
    assert describe_problem(problem, 502) == "the service answered 502"


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://[broken"])
def test_a_service_that_cannot_be_reached_is_one_clear_error(url: str) -> None:
    with Client(url, url, None) as client, pytest.raises(ApiUnreachableError, match="Cannot reach"):
        client.get("/v1/alerts")
