"""Alerts as files: one JSON object a line, or CSV for spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from wirewatch.store.views.alerts import AlertView

ExportFormat = Literal["jsonl", "csv"]

MEDIA_TYPES: dict[ExportFormat, str] = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
COLUMNS = (
    *("id", "state", "watch_id", "watch_name", "story_id", "story_title", "created_at", "updated_at"),
    *("article_ids", "updates", "last_reason", "changes", "evidence"),
)
# A spreadsheet takes a cell that begins so for a formula, and headlines are written by strangers.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_export(format_: ExportFormat, pages: Iterable[Sequence[AlertView]]) -> Iterator[bytes]:
    """The file, piece by piece."""
    if format_ == "csv":
        yield _line(COLUMNS)
    for page in pages:
        if format_ == "csv":
            yield b"".join(_line(_cells(alert)) for alert in page)
        else:
            yield b"".join(msgspec.json.encode(alert) + b"\n" for alert in page)


def _cells(alert: AlertView) -> list[str]:
    last = alert.updates[-1] if alert.updates else None
    return [
        *(alert.id, alert.state, alert.watch_id, alert.watch_name, alert.story_id, alert.story_title),
        *(alert.created_at.isoformat(), alert.updated_at.isoformat(), " ".join(alert.article_ids)),
        *(str(len(alert.updates)), last.reason if last else "", "; ".join(last.changes) if last else ""),
        " | ".join(dict.fromkeys(one.text for one in alert.evidence)),
    ]


def _line(cells: Iterable[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)
    return written.getvalue().encode()
