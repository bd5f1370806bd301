"""A Slack on loopback for tests: the Web API's methods that the bot uses, Socket Mode, and faults on demand.

Whatever the bot sends is checked against `slack_rules`; what is wrong is kept in `broken_rules`, and refused as Slack
refuses it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web
from slack_rules import wrong_with_message, wrong_with_options, wrong_with_view

Json = dict[str, Any]

TEAM = "T0HOUSE"
BOT_USER = "U0BOT"
BOT = "B0BOT"
BOT_TOKEN = "xoxb-loopback-token"
APP_TOKEN = "xapp-loopback-token"
PATIENCE = 10.0


@dataclass
class Call:
    """One request to the Web API or to a response_url."""

    method: str
    body: Json
    at: float


@dataclass
class Ack:
    """How an envelope was acknowledged, and after how many seconds."""

    payload: Json | None
    after: float


@dataclass
class Fault:
    """What happens to the next request of a method.

    `status` and `error`: answered like that. `drop`: the connection is closed, after the request was carried out
    where `accepted`.
    """

    status: int = 200
    error: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    accepted: bool = False
    html: bool = False
    wait: float = 0.0


class SlackServer:
    """One workspace; touched in its own loop alone."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self.users: dict[str, Json] = {}
        self.groups: dict[str, Json] = {}
        self.channels: dict[str, Json] = {}
        self.messages: dict[str, list[Json]] = {}
        self.files: list[Json] = []
        self.views: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.answers: list[Json] = []
        self.downloads: dict[str, bytes] = {}
        self.calls: list[Call] = []
        self.broken_rules: list[str] = []
        self.faults: dict[str, deque[Fault]] = {}
        self.sockets: list[web.WebSocketResponse] = []
        self.tickets = 0
        self.scopes = ""
        self._acks: dict[str, asyncio.Future[Ack]] = {}
        self._sent: dict[str, float] = {}
        self._changed = asyncio.Condition()
        self._uploads: dict[str, Json] = {}
        self.base = ""
        self.add_user("U0ADMIN", is_admin=True)
        self.add_user("U0MEMBER")

    # --- what there is -------------------------------------------------------------------------------------------

    def add_user(self, user: str, **more: Any) -> str:
        self.users[user] = {"id": user, "team_id": TEAM, "name": user.lower(), "is_admin": False} | more
        return user

    def add_channel(self, channel: str, name: str, members: Iterable[str] = (BOT_USER,), **more: Any) -> str:
        self.channels[channel] = {"id": channel, "name": name, "members": list(members)} | more
        self.messages[channel] = []
        return channel

    def fault(self, method: str, *faults: Fault) -> None:
        """The next requests of that method go like this."""
        self.faults.setdefault(method, deque()).extend(faults)

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    # --- what happens there --------------------------------------------------------------------------------------

    async def send(self, kind: str, payload: Json, times: int = 1, apart: bool = False) -> Ack:
        """An envelope over a socket; its first acknowledgement. `times` it is sent, `apart` over different sockets."""
        envelope = f"envelope-{next(self._ids)}"
        body = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True}
        self._acks[envelope] = asyncio.get_running_loop().create_future()
        self._sent[envelope] = time.monotonic()
        for number in range(times):
            sockets = await self.open_sockets(2 if apart else 1)
            await sockets[number % len(sockets) if apart else 0].send_str(json.dumps(body))
        async with asyncio.timeout(PATIENCE):
            return await self._acks[envelope]

    async def command(self, text: str, user: str = "U0ADMIN", channel: str = "C0NEWS", **more: Any) -> Ack:
        """`/claimwatch text`, as it is typed in that channel."""
        sent = {key: more.pop(key) for key in ("times", "apart") if key in more}
        return await self.send("slash_commands", self.command_payload(text, user, channel) | more, **sent)

    def command_payload(self, text: str, user: str, channel: str) -> Json:
        return {
            "command": "/claimwatch",
            "text": text,
            "team_id": TEAM,
            "team_domain": "house",
            "user_id": user,
            "user_name": user.lower(),
            "channel_id": channel,
            "channel_name": self.channels.get(channel, {}).get("name", "directmessage"),
            "api_app_id": "A0APP",
            "is_enterprise_install": "false",
            "response_url": self.response_url(),
            "trigger_id": f"trigger.{next(self._ids)}",
        }

    async def interact(self, kind: str, more: Json, user: str = "U0ADMIN", **sent: Any) -> Ack:
        """A press, a submission, a shortcut or a wish for suggestions."""
        payload = {
            "type": kind,
            "team": {"id": TEAM, "domain": "house"},
            "user": {"id": user, "username": user.lower(), "team_id": TEAM},
            "api_app_id": "A0APP",
            "is_enterprise_install": False,
            "trigger_id": f"trigger.{next(self._ids)}",
        }
        return await self.send("interactive", payload | more, **sent)

    async def press(self, action: Json, user: str = "U0ADMIN", view: Json | None = None, **sent: Any) -> Ack:
        """A button under a message in #news, or in a view."""
        place = (
            {"view": view, "container": {"type": "view", "view_id": view["id"]}}
            if view
            else {
                "channel": {"id": "C0NEWS", "name": "news"},
                "message": {"ts": "1.0"},
                "container": {"type": "message", "channel_id": "C0NEWS", "message_ts": "1.0"},
                "response_url": self.response_url(),
            }
        )
        pressed = {"actions": [{"type": action["type"], "block_id": "b", **action}], **place}
        return await self.interact("block_actions", pressed, user, **sent)

    async def submit(self, view: Json, values: Json, user: str = "U0ADMIN", **sent: Any) -> Ack:
        """A form that was filled in: parameter → the state of its element."""
        state = {"values": {name: {"given": value} for name, value in values.items()}}
        return await self.interact("view_submission", {"view": view | {"state": state}}, user, **sent)

    async def suggest(self, view: Json, parameter: str, typed: str, user: str = "U0ADMIN") -> list[Json]:
        """What an external select offers."""
        ack = await self.interact(
            "block_suggestion", {"action_id": "suggest", "block_id": parameter, "value": typed, "view": view}, user
        )
        options = (ack.payload or {}).get("options", [])
        self.broken_rules += wrong_with_options(options)
        return list(options)

    async def open_home(self, user: str = "U0ADMIN", **sent: Any) -> Ack:
        event = {"type": "app_home_opened", "user": user, "tab": "home", "channel": "D0HOME"}
        if user in self.homes:
            event["view"] = self.homes[user]
        body = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{next(self._ids)}", "event": event}
        return await self.send("events_api", body | {"authorizations": [{"team_id": TEAM}]}, **sent)

    def response_url(self) -> str:
        return f"{self.base}/response/{next(self._ids)}"

    async def open_sockets(self, number: int = 1) -> list[web.WebSocketResponse]:
        """So many connections, once they are there."""
        return await self.until(lambda: [s for s in self.sockets if not s.closed], lambda found: len(found) >= number)

    async def until(self, look: Any, good: Any = bool) -> Any:
        """What `look` gives as soon as it is good; looked at again after each request."""
        async with asyncio.timeout(PATIENCE), self._changed:
            while not good(found := look()):
                await self._changed.wait()
            return found

    async def answer(self, number: int = 1) -> Json:
        """The answer that came as that one to any response_url."""
        return (await self.until(lambda: self.answers, lambda found: len(found) >= number))[number - 1]

    async def view(self, number: int = 1) -> Json:
        """The modal that was opened as that one."""
        opened = await self.until(lambda: self.called("views.open"), lambda found: len(found) >= number)
        return self.views[opened[number - 1].body["view"]["id"]]

    # --- HTTP ----------------------------------------------------------------------------------------------------

    async def handle_api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body = await _body(request)
        call = Call(method, body, time.monotonic())
        fault = self.faults[method].popleft() if self.faults.get(method) else None
        if fault is None or fault.accepted:
            answer = self._carry_out(request, method, body)
            self.calls.append(call)
        else:
            answer = {"ok": False, "error": fault.error} if fault.error else {}
        await self._tell()
        if fault and fault.wait:
            await asyncio.sleep(fault.wait)
        if fault and fault.drop:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault and fault.html:
            page = {"text": "<html>trouble</html>", "content_type": "text/html"}
            return web.Response(**page, status=fault.status, headers=fault.headers)
        status, headers = (fault.status, fault.headers) if fault else (200, {"x-oauth-scopes": self.scopes})
        return web.json_response(answer, status=status, headers=headers)

    def _carry_out(self, request: web.Request, method: str, body: Json) -> Json:
        wanted = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if request.headers.get("Authorization") != f"Bearer {wanted}":
            return {"ok": False, "error": "invalid_auth"}
        answer: Json = getattr(self, "_" + method.replace(".", "_"))(body)
        return {"ok": "error" not in answer} | answer

    async def handle_response(self, request: web.Request) -> web.Response:
        body = await request.json()
        fault = self.faults["response_url"].popleft() if self.faults.get("response_url") else None
        if fault and fault.drop:
            assert request.transport is not None
            request.transport.abort()
        if fault:
            return web.Response(status=fault.status, headers=fault.headers, text=fault.error)
        self.calls.append(Call("response_url", body, time.monotonic()))
        self.broken_rules += wrong_with_message(body)
        self.answers.append(body)
        await self._tell()
        return web.Response(text="ok")

    async def handle_upload(self, request: web.Request) -> web.Response:
        self._uploads[request.match_info["file"]]["content"] = await request.read()
        return web.Response(text="OK")

    async def handle_download(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return web.HTTPFound("/log-in")
        return web.Response(body=self.downloads[request.match_info["file"]])

    async def handle_socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": len(self.sockets) + 1}))
        self.sockets.append(socket)
        await self._tell()
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._acknowledged(json.loads(message.data))
        finally:
            self.sockets.remove(socket)
        return socket

    async def _acknowledged(self, message: Json) -> None:
        envelope = message["envelope_id"]
        payload = message.get("payload")
        view = (payload or {}).get("view")
        if view:
            self.broken_rules += wrong_with_view(view)
        if not self._acks[envelope].done():
            self._acks[envelope].set_result(Ack(payload, time.monotonic() - self._sent[envelope]))

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    # --- the Web API's methods -----------------------------------------------------------------------------------

    def _auth_test(self, body: Json) -> Json:
        return {"team_id": TEAM, "team": "House", "user_id": BOT_USER, "user": "claimwatch", "bot_id": BOT}

    def _apps_connections_open(self, body: Json) -> Json:
        self.tickets += 1
        return {"url": f"{self.base.replace('http', 'ws')}/socket?ticket=one-time-{self.tickets}"}

    def _chat_postMessage(self, body: Json) -> Json:
        wrong = wrong_with_message(body)
        self.broken_rules += wrong
        channel = self.channels.get(body["channel"])
        if wrong or channel is None:
            return {"error": "channel_not_found"} if channel is None else {"error": "invalid_blocks", "errors": wrong}
        if channel.get("is_archived"):
            return {"error": "is_archived"}
        if BOT_USER not in channel["members"]:
            return {"error": "not_in_channel"}
        ts = f"{time.time() + next(self._ids) / 1e6:.6f}"
        self.messages[body["channel"]].append(body | {"ts": ts, "bot_id": BOT, "user": BOT_USER})
        return {"channel": body["channel"], "ts": ts}

    def _chat_update(self, body: Json) -> Json:
        self.broken_rules += wrong_with_message(body)
        for message in self.messages[body["channel"]]:
            if message["ts"] == body["ts"]:
                message.update(body)
                return {"ts": body["ts"]}
        return {"error": "message_not_found"}

    def _conversations_history(self, body: Json) -> Json:
        channel = self.channels.get(body["channel"])
        if channel is None or BOT_USER not in channel["members"]:
            return {"error": "channel_not_found" if channel is None else "not_in_channel"}
        posted = (each for each in reversed(self.messages[body["channel"]]) if _thread(each) == body.get("ts", ""))
        found = [each for each in posted if float(each["ts"]) > float(body["oldest"])]
        start, size = int(body.get("cursor") or 0), int(body["limit"])
        page = found[start : start + size]
        if body.get("include_all_metadata") not in {"1", "true", True}:
            page = [{key: value for key, value in each.items() if key != "metadata"} for each in page]
        more = start + size < len(found)
        return {"messages": page, "response_metadata": {"next_cursor": str(start + size) if more else ""}}

    _conversations_replies = _conversations_history

    def _conversations_info(self, body: Json) -> Json:
        channel = self.channels.get(body["channel"])
        inside = channel is not None and BOT_USER in channel["members"]
        if channel is None or (channel.get("is_private") and not inside):
            return {"error": "channel_not_found"}
        return {"channel": {key: value for key, value in channel.items() if key != "members"} | {"is_member": inside}}

    def _conversations_members(self, body: Json) -> Json:
        return {"members": self.channels[body["channel"]]["members"], "response_metadata": {"next_cursor": ""}}

    def _conversations_open(self, body: Json) -> Json:
        channel = f"D0{body['users']}"
        if channel not in self.channels:
            self.add_channel(channel, "", [BOT_USER, body["users"]], is_im=True, user=body["users"])
        return {"channel": {"id": channel}}

    def _users_info(self, body: Json) -> Json:
        user = self.users.get(body["user"])
        return {"user": user} if user else {"error": "user_not_found"}

    def _usergroups_list(self, body: Json) -> Json:
        return {"usergroups": [{"id": key, "handle": each["handle"]} for key, each in self.groups.items()]}

    def _usergroups_users_list(self, body: Json) -> Json:
        return {"users": self.groups[body["usergroup"]]["users"]}

    def _views_open(self, body: Json) -> Json:
        return {"view": self._keep_view(body)}

    def _views_push(self, body: Json) -> Json:
        return {"view": self._keep_view(body)}

    def _views_update(self, body: Json) -> Json:
        return (
            {"view": self._keep_view(body, body["view_id"])}
            if body["view_id"] in self.views
            else {"error": "not_found"}
        )

    def _views_publish(self, body: Json) -> Json:
        view = self._keep_view(body)
        self.homes[body["user_id"]] = view
        return {"view": view}

    def _keep_view(self, body: Json, known: str = "") -> Json:
        view: Json = json.loads(body["view"]) if isinstance(body["view"], str) else body["view"]
        self.broken_rules += wrong_with_view(view)
        body["view"] = self.views[view_id] = view | {"id": (view_id := known or f"V{next(self._ids)}")}
        return self.views[view_id]

    def _files_getUploadURLExternal(self, body: Json) -> Json:
        file = f"F{next(self._ids)}"
        self._uploads[file] = {"name": body["filename"], "alt": body.get("alt_txt", "")}
        return {"file_id": file, "upload_url": f"{self.base}/upload/{file}"}

    def _files_completeUploadExternal(self, body: Json) -> Json:
        wanted = json.loads(body["files"])
        shared = {"channel": body.get("channel_id"), "thread": body.get("thread_ts")}
        self.files += [self._uploads[each["id"]] | shared for each in wanted]
        return {"files": wanted}


@asynccontextmanager
async def slack_server() -> AsyncIterator[SlackServer]:
    """A Slack that listens on a port of its own while the block runs."""
    server = SlackServer()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", server.handle_api)
    app.router.add_post("/response/{number}", server.handle_response)
    app.router.add_post("/upload/{file}", server.handle_upload)
    app.router.add_get("/download/{file}", server.handle_download)
    app.router.add_get("/socket", server.handle_socket)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        server.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield server
    finally:
        for socket in list(server.sockets):
            await socket.close()
        await runner.cleanup()


async def _body(request: web.Request) -> Json:
    """The arguments, however slack_sdk sent them."""
    if request.content_type == "application/json":
        return dict(await request.json())
    form = await request.post()
    return {**dict(request.query), **dict(form)}


def _thread(message: Json) -> str:
    """The message under which this one stands; empty where it stands in the channel itself."""
    return str(message.get("thread_ts") or "")
