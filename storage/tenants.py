"""Tenants and their channels."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from bot.errors import Conflict, NotFound
from bot.model import Channel, ChannelState, Tenant
from storage.audit import note
from storage.dialect import put
from storage.engine import Database
from storage.rows import columns, made, values
from storage.schema import channels, tenants


class Tenants:
    """Implements `bot.ports.TenantStore`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def put(self, tenant: Tenant) -> None:
        self._db.write(lambda conn: _put(conn, tenant))

    def get(self, tenant: str) -> Tenant:
        return self._db.read(lambda conn: tenant_of(conn, tenant))

    def all(self) -> list[Tenant]:
        query = select(*columns(tenants, Tenant)).order_by(tenants.c.id)
        return self._db.read(lambda conn: made(Tenant, conn.execute(query)))

    def put_channel(self, channel: Channel) -> None:
        self._db.write(lambda conn: _put_channel(conn, channel))

    def channel(self, channel: str) -> Channel:
        return self._db.read(lambda conn: channel_of(conn, channel))

    def channels(self, tenant: str | None = None) -> list[Channel]:
        query = select(*columns(channels, Channel)).order_by(channels.c.id)
        if tenant is not None:
            query = query.where(channels.c.tenant == tenant)
        return self._db.read(lambda conn: made(Channel, conn.execute(query)))

    def pause_channel(self, channel: str, reason: str) -> bool:
        return self._db.write(lambda conn: _pause(conn, channel, reason))


def tenant_of(conn: Connection, tenant: str, *, lock: bool = False) -> Tenant:
    """With `lock`, nobody else changes what the tenant's quotas count until the transaction ends.

    That there is none is said without naming others: whoever asks may be a tenant.
    """
    query = select(*columns(tenants, Tenant)).where(tenants.c.id == tenant)
    row = conn.execute(query.with_for_update(key_share=True) if lock else query).first()
    if row is None:
        raise NotFound(f"There is no tenant {tenant!r}.")
    return Tenant(*row)


def _put(conn: Connection, tenant: Tenant) -> None:
    row = conn.execute(select(*columns(tenants, Tenant)).where(tenants.c.id == tenant.id)).first()
    put(conn, tenants, values(tenant))
    note(conn, "settings", Tenant(*row) if row else None, tenant)


def channel_of(conn: Connection, channel: str) -> Channel:
    row = conn.execute(select(*columns(channels, Channel)).where(channels.c.id == channel)).first()
    if row is None:
        raise NotFound(f"There is no channel {channel!r}.")
    return Channel(*row)


def _put_channel(conn: Connection, channel: Channel) -> None:
    row = conn.execute(select(*columns(channels, Channel)).where(channels.c.id == channel.id)).first()
    before = Channel(*row) if row else None
    if before is not None and before.tenant != channel.tenant:
        raise Conflict(f"The channel {channel.id!r} belongs to somebody else.")
    put(conn, channels, values(channel))
    note(conn, f"channel {channel.name}", before, channel)


def _pause(conn: Connection, channel: str, reason: str) -> bool:
    change = (
        update(channels)
        .where(channels.c.id == channel, channels.c.state == ChannelState.ACTIVE)
        .values(state=ChannelState.PAUSED, state_reason=reason)
    )
    if conn.execute(change).rowcount:
        return True
    channel_of(conn, channel)
    return False
