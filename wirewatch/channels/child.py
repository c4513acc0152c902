"""The child process: one request a line on stdin, one answer a line on stdout, until stdin ends.

It is started with an empty environment, so that no proxy and no key is in it.
"""

import ipaddress
import os
import select
import signal
import sys
from typing import Any

import msgspec

from wirewatch.channels.guard import Guard

IDLE_SECONDS = 120.0
# The parent ends us when time is up; should it be gone, we end ourselves.
LAST_RESORT_SECONDS = 60
# Of processor time, whatever else the machine does: more than any template or message needs.
CPU_SECONDS = 2.0


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    # What a library prints is no answer.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    guard = Guard()
    is_guarded = False
    while select.select([0], [], [], IDLE_SECONDS)[0] and (line := sys.stdin.buffer.readline()):
        request: dict[str, Any] = msgspec.json.decode(line)
        work = _import_work(str(request["do"]))
        if not is_guarded:
            guard.set_up()
            is_guarded = True
        guard.allow = [ipaddress.ip_network(network) for network in request.get("allow", ())]
        guard.refusals.clear()
        signal.alarm(LAST_RESORT_SECONDS)
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        answers.write(msgspec.json.encode(_answer(work, request, guard)) + b"\n")
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)


def _import_work(do: str) -> Any:
    """Only what is asked for: Apprise takes a second to import, templates a tenth of that."""
    if do == "render":
        from wirewatch.channels import templates

        return templates.answer
    from wirewatch.channels import services

    return {"send": services.answer_send, "check": services.answer_check}[do]


def _answer(work: Any, request: dict[str, Any], guard: Guard) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = work(request, guard)
    except MemoryError:
        return {"error": "it needs too much memory"}
    except Exception as error:  # noqa: BLE001 (whatever a template or a service raises is the answer)
        return {"error": f"{type(error).__name__}: {error}"[:500]}
    return answer


if __name__ == "__main__":
    main()
