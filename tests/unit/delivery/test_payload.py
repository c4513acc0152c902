import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from wirewatch.payload import build_payload
from worker.delivery.payload import build_alert_payload

AT = datetime(2030, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
DATA: dict[str, Any] = {
    "alerts": [
        {
            "id": "1",
            "watch_id": "2",
            "update": {"id": "3", "seq": 1, "reason": "new_story", "created_at": AT},
            "evidence": [{"start": 0, "end": 4, "text": "Ёлка"}],
        }
    ],
    "story": {"id": "4", "title": "Ёлка «über» 🚀"},
    "articles": [{"id": "5", "url": None}],
    "claims": [],
    "links": {"alert": "http://localhost:8000/v1/alerts/1"},
}


def test_the_body_names_its_type_and_version_first() -> None:
    body = build_alert_payload(DATA, AT)
    assert body.startswith(b'{"type":"alert.updated","version":1,"timestamp":"2030-05-01T12:00:00Z","data":{')
    data = json.loads(body)["data"]
    assert data["story"] == DATA["story"]
    assert data["alerts"][0]["update"]["created_at"] == "2030-05-01T12:00:00.123456Z"
    assert data.keys() == DATA.keys()


def test_equal_values_give_equal_bytes() -> None:
    backwards = {key: DATA[key] for key in reversed(DATA)}
    elsewhere = AT.astimezone(timezone(timedelta(hours=9)))
    assert build_alert_payload(DATA, AT) == build_alert_payload(backwards, elsewhere)


@pytest.mark.parametrize("data", [{}, DATA | {"more": 1}, {key: DATA[key] for key in DATA if key != "links"}])
def test_missing_and_unknown_parts_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="payload holds"):
        build_alert_payload(data, AT)


def test_a_test_webhook_says_that_it_is_one() -> None:
    assert json.loads(build_payload("endpoint.test", {"endpoint_id": "en_1"}, AT))["type"] == "endpoint.test"
