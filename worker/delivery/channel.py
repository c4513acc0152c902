"""One try through a channel: what was rendered is handed to the child that speaks to the service."""

import asyncio
import time
from collections.abc import Sequence

import msgspec

from wirewatch.channels import Children, Rendered, send_request
from wirewatch.db import DatabaseUnavailableError
from wirewatch.http import Network
from wirewatch.log import get_logger
from worker.delivery.schedule import Outcome
from worker.delivery.send import Job, NotReadyError

log = get_logger(__name__)

# A cold child takes a second or two to import what it needs, beside the time of the try itself.
CHILD_SECONDS = 15.0


async def send_by_channel(job: Job, children: Children, allow: Sequence[Network], seconds: float) -> Outcome | None:
    """Never raises: whatever the service does is the outcome. Services tell no status, only that they took it.

    None: what it says could not be rendered, for a fault of ours.
    """
    started = time.perf_counter()
    error = job.fault
    try:
        if error is None:
            body = job.body if job.make_body is None else await asyncio.to_thread(job.make_body)
            request = send_request(job.url, Rendered(**msgspec.json.decode(body)), allow)
            error = (await children.call(request, seconds + CHILD_SECONDS)).get("error")
    except (DatabaseUnavailableError, NotReadyError) as ours:
        log.warning("not rendered", delivery=job.delivery_id, error=str(ours))
        return None
    except Exception as problem:  # noqa: BLE001 (a fault met in one delivery must not keep the others from being recorded)
        error = f"{type(problem).__name__}: {problem}"
    return Outcome(None, error, None, (time.perf_counter() - started) * 1000, "")
