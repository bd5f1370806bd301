"""The loopback Discord's gateway: hello, identify, resume, heartbeats and events."""

from __future__ import annotations

import json

import aiohttp
from aiohttp import web
from discord_world import Json, World


class Gateway:
    """Holds the connections; used in the server's loop alone."""

    def __init__(self, world: World, token: str) -> None:
        self._world, self._token = world, token
        self.address = ""
        self.sockets: set[web.WebSocketResponse] = set()
        self._sequence = 0

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_json({"op": 10, "d": {"heartbeat_interval": 41250}, "s": None, "t": None})
        try:
            async for message in ws:
                if message.type is aiohttp.WSMsgType.TEXT:
                    await self._hear(ws, json.loads(message.data))
        finally:
            self.sockets.discard(ws)
        return ws

    async def _hear(self, ws: web.WebSocketResponse, message: Json) -> None:
        match message["op"]:
            case 1:
                await ws.send_json({"op": 11, "d": None, "s": None, "t": None})
            case 2 if message["d"]["token"] != self._token:
                await ws.close(code=4004, message=b"Authentication failed.")
            case 2:
                self.sockets.add(ws)
                await self._ready(ws)
            case 6:
                self.sockets.add(ws)
                await self.dispatch("RESUMED", {}, ws)

    async def _ready(self, ws: web.WebSocketResponse) -> None:
        ready = {
            "v": 10,
            "user": self._world.bot,
            "guilds": [{"id": guild, "unavailable": True} for guild in self._world.guilds],
            "session_id": "loopback",
            "resume_gateway_url": self.address,
            "application": {"id": self._world.bot["id"], "flags": 0},
        }
        await self.dispatch("READY", ready, ws)
        for guild in list(self._world.guilds.values()):
            await self.dispatch("GUILD_CREATE", guild | {"unavailable": False}, ws)

    async def dispatch(self, event: str, data: Json, *sockets: web.WebSocketResponse) -> None:
        self._sequence += 1
        for ws in sockets or tuple(self.sockets):
            await ws.send_json({"op": 0, "t": event, "s": self._sequence, "d": data})

    async def hang_up(self) -> None:
        for ws in tuple(self.sockets):
            self.sockets.discard(ws)
            await ws.close(code=4000, message=b"bye")
