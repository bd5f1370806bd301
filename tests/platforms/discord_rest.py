"""The loopback Discord's REST endpoints, and the faults that requests may meet there."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from aiohttp import web
from discord_world import FORUM, Json, World

API = "/api/v10"
SHOW, UPDATE = 4, 7  # kinds of first answers


@dataclass(frozen=True)
class Fault:
    """What happens to a request instead of, or after, what it asks for."""

    status: int = 0
    code: int = 0
    message: str = "injected by the test"
    retry_after: float | None = None
    everywhere: bool = False
    cut: bool = False  # the connection is reset
    accepted: bool = False  # with `cut`: only after the request did its work
    delay: float = 0.0

    @classmethod
    def error(cls, status: int, code: int = 0) -> Fault:
        return cls(status=status, code=code)

    @classmethod
    def limited(cls, retry_after: float, *, everywhere: bool = False) -> Fault:
        return cls(status=429, retry_after=retry_after, everywhere=everywhere)

    @classmethod
    def drop(cls, *, after_accept: bool) -> Fault:
        return cls(cut=True, accepted=after_accept)

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        return cls(delay=seconds)


@dataclass(frozen=True)
class Recorded:
    """A request as it came."""

    method: str
    path: str  # under /api/v10
    body: Any
    files: tuple[str, ...] = ()


@dataclass
class _Armed:
    method: str
    path: str
    fault: Fault
    times: int


@dataclass
class _Call:
    request: web.Request
    path: str
    body: Any
    files: list[Json] = field(default_factory=list)


class Rest:
    """Answers requests; used in the server's loop alone."""

    def __init__(self, world: World, token: str) -> None:
        self._world, self._token = world, token
        self.gateway = ""
        self.requests: list[Recorded] = []
        self._faults: list[_Armed] = []

    def arm(self, method: str, path: str, fault: Fault, times: int) -> None:
        self._faults.append(_Armed(method, path, fault, times))

    def calm(self) -> None:
        self._faults.clear()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        call = await _read(request)
        self.requests.append(Recorded(request.method, call.path, call.body, tuple(f["filename"] for f in call.files)))
        fault = self._fault(request.method, call.path)
        await asyncio.sleep(fault.delay)
        if fault.cut and not fault.accepted:
            return _reset(request)
        if fault.status:
            return _failure(fault)
        answer = self._answer(call)
        return _reset(request) if fault.cut else answer

    def _answer(self, call: _Call) -> web.Response:
        parts = call.path.strip("/").split("/")
        if parts[0] in {"webhooks", "interactions"}:
            return self._interaction_call(call, parts)
        if call.request.headers.get("Authorization") != f"Bot {self._token}":
            return _failure(Fault(401, 0, "401: Unauthorized"))
        match call.request.method, parts:
            case "GET", ["users", "@me"]:
                return _json(self._world.bot)
            case "GET", ["oauth2", "applications", "@me"]:
                return _json(self._world.application())
            case "GET", ["gateway", "bot"]:
                limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
                return _json({"url": self.gateway, "shards": 1, "session_start_limit": limit})
            case "PUT", ["applications", _, "commands"]:
                return _json(self._world.register(call.body))
            case "GET", ["guilds", guild, "threads", "active"]:
                return _json(self._world.threads(guild))
            case _, ["channels", channel, *rest]:
                return self._channel_call(call, channel, rest)
        return _failure(Fault(404, 0, "404: Not Found"))

    def _channel_call(self, call: _Call, channel: str, rest: list[str]) -> web.Response:
        if channel not in self._world.channels:
            return _failure(Fault(404, 10003, "Unknown Channel"))
        match call.request.method, rest:
            case "GET", ["messages", message]:
                if (found := self._world.find(channel, message)) is None:
                    return _failure(Fault(404, 10008, "Unknown Message"))
                return _json(found)
            case "POST", ["messages"] if self._world.channels[channel]["type"] == FORUM:
                return _failure(Fault(400, 50008, "Cannot send messages in a non-text channel"))
            case "POST", ["messages"]:
                return _json(self._world.post(channel, call.body, call.files))
            case "GET", ["messages"]:
                return _json(self._history(channel, call.request.query))
            case "PATCH", ["messages", message]:
                if (found := self._world.find(channel, message)) is None:
                    return _failure(Fault(404, 10008, "Unknown Message"))
                return _json(self._world.edit(found, call.body, call.files))
        return self._place_call(call, channel, rest)

    def _place_call(self, call: _Call, channel: str, rest: list[str]) -> web.Response:
        """What is done to a channel, thread or forum itself."""
        match call.request.method, rest:
            case "GET", []:
                return _json(self._world.channels[channel])
            case "PATCH", []:
                return _json(self._world.retag(channel, call.body["available_tags"]))
            case "POST", ["threads"]:
                return _json(self._world.open_post(channel, call.body, call.files))
            case "POST", ["messages", message, "threads"]:
                return self._open_thread(channel, message, call.body)
        return _failure(Fault(404, 0, "404: Not Found"))

    def _open_thread(self, channel: str, message: str, body: Json) -> web.Response:
        if self._world.find(channel, message) is None:
            return _failure(Fault(404, 10008, "Unknown Message"))
        if message in self._world.channels:
            return _failure(Fault(400, 160004, "A thread has already been created for this message"))
        return _json(self._world.open_thread(channel, message, body))

    def _history(self, channel: str, query: Any) -> list[Json]:
        """Newest first; with `after`, the oldest page after it, as Discord does."""
        posted = [one.public for one in self._world.messages[channel]]
        limit = int(query.get("limit", 50))
        if after := query.get("after"):
            return [one for one in posted if int(one["id"]) > int(after)][:limit][::-1]
        before = int(query.get("before", 2**63))
        return [one for one in posted if int(one["id"]) < before][-limit:][::-1]

    def _interaction_call(self, call: _Call, parts: list[str]) -> web.Response:
        """Answers to interactions: the callback, the original answer and what follows it."""
        record = self._world.interactions.get(parts[2]) if len(parts) > 2 else None
        if record is None:
            return _failure(Fault(404, 10062, "Unknown interaction"))
        channel = record["event"]["channel_id"]
        if parts[0] == "interactions":
            return self._callback(call, record)
        if call.request.method == "PATCH" and record["answers"]:
            return _json(self._world.edit(record["answers"][-1], call.body, call.files))
        record["answers"].append(self._world.message(channel, call.body or {}, call.files))
        return _json(record["answers"][-1])

    def _callback(self, call: _Call, record: Json) -> web.Response:
        """The first answer to an interaction; a message in it is the original answer, an update changes its message."""
        record["callback"] = call.body
        record["waited"] = time.monotonic() - record["sent"]
        event, kind, data = record["event"], call.body["type"], call.body.get("data") or {}
        resource: Json = {"type": kind}
        if kind == SHOW:
            record["answers"].append(self._world.message(event["channel_id"], data, call.files))
        if kind == UPDATE:
            record["answers"].append(self._world.edit(event["message"], data, call.files))
        if record["answers"]:
            resource["message"] = record["answers"][-1]
        if "with_response" not in call.request.query:
            return web.Response(status=204)
        return _json({"interaction": {"id": event["id"], "type": event["type"]}, "resource": resource})

    def _fault(self, method: str, path: str) -> Fault:
        for armed in self._faults:
            if armed.times > 0 and fnmatchcase(method, armed.method) and fnmatchcase(path, armed.path):
                armed.times -= 1
                return armed.fault
        return Fault()


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON under a content type without a charset, which is what discord.py looks for."""
    return web.Response(body=json.dumps(body).encode(), status=status, headers=headers, content_type="application/json")


async def _read(request: web.Request) -> _Call:
    path = "/" + request.match_info["path"]
    if request.content_type == "multipart/form-data":
        form = await request.post()
        body = json.loads(str(form["payload_json"]))
        return _Call(request, path, body, _files(form, body))
    text = await request.text()
    return _Call(request, path, json.loads(text) if text else None)


def _files(form: Any, body: Json) -> list[Json]:
    """The uploaded files with what the body says of each; callbacks wrap their message in "data"."""
    described = {
        str(one.get("id")): one for one in (body.get("data") or body.get("message") or body).get("attachments", [])
    }
    files = []
    for name, value in form.items():
        if name.startswith("files["):
            about = described.get(name[6:-1], {})
            size = len(value.file.read())
            files.append({"filename": value.filename, "size": size, "description": about.get("description")})
    return files


def _reset(request: web.Request) -> web.Response:
    """Cut the connection so that the client sees ECONNRESET."""
    transport = request.transport
    if transport is not None:
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


def _failure(fault: Fault) -> web.Response:
    body: Json = {"message": fault.message, "code": fault.code}
    headers = {"Via": "1.1 google"}
    if fault.retry_after is not None:
        body |= {"retry_after": fault.retry_after, "global": fault.everywhere}
        headers |= {
            "Retry-After": str(fault.retry_after),
            "X-RateLimit-Scope": "global" if fault.everywhere else "user",
        }
    return _json(body, status=fault.status, headers=headers)
