"""The load of `bench/answering.py`, in a process of its own: respondents who each answer whole questionnaires.

Reads one JSON order from standard input and prints one JSON result. Speaks HTTP over bare sockets, because an HTTP
library would cost more processor time than the server under test.
"""

import asyncio
import json
import sys
import time
from typing import Any


async def _request(streams: Any, method: str, path: str, body: bytes = b"") -> tuple[int, bytes, int]:
    """Send one request on a kept connection; return status, Location and the size of the body."""
    reader, writer = streams
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n"
    if method == "POST":
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"\r\n" + body)
    answer: bytes = await reader.readuntil(b"\r\n\r\n")
    status, length, location = int(answer[9:12]), 0, b""
    for line in answer.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif name.lower() == b"location":
            location = value.strip()
    if length:
        await reader.readexactly(length)
    return status, location, length


async def _respondent(order: dict[str, Any], paths: list[str], until: float, result: dict[str, Any]) -> None:
    streams = await asyncio.open_connection("127.0.0.1", order["port"])
    bodies = [body.encode() for body in order["bodies"]]
    while paths and time.perf_counter() < until:
        path = paths.pop()
        status, location, _ = await _request(streams, "POST", path)
        _expect(status, 303)
        for body in bodies:
            status, _, size = await _request(streams, "GET", location.decode())
            _expect(status, 200)
            result["page"] = max(result["page"], size)
            started = time.perf_counter()
            status, following, _ = await _request(streams, "POST", location.decode(), body)
            result["saves"].append(time.perf_counter() - started)
            _expect(status, 303)
            location = following
        status, _, _ = await _request(streams, "GET", location.decode())
        _expect(status, 200)
        if time.perf_counter() < until:
            result["complete"] += 1
    streams[1].close()


def _expect(status: int, wanted: int) -> None:
    if status != wanted:
        raise SystemExit(f"the server answered {status}, not {wanted}")


async def _run(order: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {"complete": 0, "saves": [], "page": 0}
    paths = list(order["paths"])
    until = time.perf_counter() + order["seconds"]
    await asyncio.gather(*(_respondent(order, paths, until, result) for _ in range(order["people"])))
    if not paths:
        raise SystemExit("the server was quicker than there are links; make more")
    return result | {"per_second": result["complete"] / order["seconds"]}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_run(json.load(sys.stdin)))))
