"""An alert as a webhook tells it, for trying templates before there is one."""

from typing import Any

EXAMPLE: dict[str, Any] = {
    "type": "alert.updated",
    "timestamp": "2026-11-22T03:56:41Z",
    "alerts": [
        {
            "id": "5",
            "watch_id": "3",
            "watch_name": "Brazil arming Chile",
            "story_id": "1",
            "priority": "normal",
            "update": {
                "id": "3",
                "seq": 1,
                "reason": "new_story",
                "changes": [],
                "article_ids": ["2"],
                "created_at": "2026-11-22T03:56:41.419695Z",
            },
            "evidence": [
                {
                    "clause": "claim:(supplier:Brazil AND recipient:Chile)",
                    "kind": "claim",
                    "article_id": "2",
                    "field": "text",
                    "start": 0,
                    "end": 61,
                    "text": "Brazil has shipped mortars to Chile, officials in Quito said.",
                    "ref_id": "2.1.0",
                }
            ],
        }
    ],
    "story": {
        "id": "1",
        "title": "Brazil has shipped mortars to Chile, officials in Quito said.",
        "sources": ["The Fjord Post", "The Harbour Bee"],
        "independent_sources": 2,
        "first_seen_at": "2026-11-22T03:56:18.087776Z",
        "last_seen_at": "2026-11-22T03:56:40.736173Z",
        "article_ids": ["1", "2"],
        "conflicts": [],
    },
    "articles": [
        {"id": "2", "title": "Mortars for Chile", "url": None, "source": "The Harbour Bee", "published_at": None}
    ],
    "claims": [
        {
            "id": "2.1.0",
            "kind": "arms_transfer",
            "supplier": "Brazil",
            "supplier_id": "brazil",
            "recipient": "Chile",
            "recipient_id": "chile",
            "items": ["mortars"],
            "quantity": None,
            "stage": "shipped",
            "status": "reported",
            "attributed_to": ["Ecuador"],
            "quote": "Brazil has shipped mortars to Chile, officials in Quito said.",
            "field": "text",
            "start": 0,
            "end": 61,
        }
    ],
    "links": {
        "story": "http://127.0.0.1:8000/v1/stories/1",
        "alert_5": "http://127.0.0.1:8000/v1/alerts/5",
    },
}
