"""The loopback Discord's gateway: hello, identify, resume, heartbeats, shards and events."""

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
        self.shards: dict[web.WebSocketResponse, tuple[int, int]] = {}
        self.identified: list[tuple[int, int]] = []
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
            self.shards.pop(ws, None)
        return ws

    async def _hear(self, ws: web.WebSocketResponse, message: Json) -> None:
        match message["op"]:
            case 1:
                await ws.send_json({"op": 11, "d": None, "s": None, "t": None})
            case 2 if message["d"]["token"] != self._token:
                await ws.close(code=4004, message=b"Authentication failed.")
            case 2:
                self.sockets.add(ws)
                self.shards[ws] = shard = tuple(message["d"].get("shard", (0, 1)))
                self.identified.append(shard)
                await self._ready(ws)
            case 6:
                self.sockets.add(ws)
                await self.dispatch("RESUMED", {}, ws)

    async def _ready(self, ws: web.WebSocketResponse) -> None:
        ready = {
            "v": 10,
            "user": self._world.bot,
            "guilds": [{"id": guild, "unavailable": True} for guild in self._world.guilds if self._tells(ws, guild)],
            "shard": self.shards[ws],
            "session_id": "loopback",
            "resume_gateway_url": self.address,
            "application": {"id": self._world.bot["id"], "flags": 0},
        }
        await self.dispatch("READY", ready, ws)
        for guild in list(self._world.guilds.values()):
            if self._tells(ws, guild["id"]):
                await self.dispatch("GUILD_CREATE", guild | {"unavailable": False}, ws)

    def _tells(self, ws: web.WebSocketResponse, guild: str) -> bool:
        """Whether that connection's shard is the guild's."""
        number, of = self.shards.get(ws, (0, 1))
        return (int(guild) >> 22) % of == number

    async def dispatch(self, event: str, data: Json, *sockets: web.WebSocketResponse) -> None:
        self._sequence += 1
        guild = data.get("guild_id") or (data["id"] if event == "GUILD_CREATE" else "")
        hearing = [ws for ws in tuple(self.sockets) if not guild or self._tells(ws, guild)]
        for ws in sockets or hearing:
            await ws.send_json({"op": 0, "t": event, "s": self._sequence, "d": data})

    async def hang_up(self) -> None:
        for ws in tuple(self.sockets):
            self.sockets.discard(ws)
            await ws.close(code=4000, message=b"bye")
