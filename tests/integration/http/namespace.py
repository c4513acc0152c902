"""Run as a program in a network namespace of its own, in which every address is this machine's.

Asks for a page at each address, given one a line, by a client that may reach public addresses alone. Prints as JSON
which of them were reached.
"""

import asyncio
import ipaddress
import json
import subprocess
import sys
from contextlib import suppress

from tests.integration.http.servers import ok
from wirewatch.errors import FetchError, RefusedAddressError
from wirewatch.http import Limits, OutgoingClient, Request

PORT = 8080
AT_ONCE = 50
SETUP = (
    "ip link set lo up",
    "ip route add local 0.0.0.0/0 dev lo",
    "ip -6 route add local ::/0 dev lo",
)


async def run(addresses: list[str]) -> list[str]:
    served = set[str]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        served.add(str(ipaddress.ip_address(writer.get_extra_info("sockname")[0])))
        writer.write(ok(b"here", "Connection: close"))
        writer.close()

    free = asyncio.Semaphore(AT_ONCE)

    async def ask(client: OutgoingClient, address: str) -> None:
        host = f"[{address}]" if ":" in address else address
        async with free:
            with suppress(RefusedAddressError, FetchError):
                await client.fetch(Request(f"http://{host}:{PORT}/", limits=Limits(total_seconds=10)))

    servers = [await asyncio.start_server(serve, host, PORT, backlog=256) for host in ("0.0.0.0", "::")]
    async with OutgoingClient() as client:
        await asyncio.gather(*(ask(client, address) for address in addresses))
    for server in servers:
        server.close()
    return sorted(served)


if __name__ == "__main__":
    for command in SETUP:
        subprocess.run(command.split(), check=True)
    sys.stdout.write(json.dumps(asyncio.run(run(sys.stdin.read().split()))))
