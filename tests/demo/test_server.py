"""The feed server answers as a good server does where it shall, and as a bad one where it shall."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from bot.demo import server as served
from bot.demo.server import FeedServer


@pytest.fixture
async def server(news, now) -> AsyncIterator[FeedServer]:
    async with FeedServer(news, now) as running:
        yield running


@pytest.fixture
async def client(server) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url, auto_decompress=False) as session:
        yield session


@pytest.mark.parametrize("path", ["/meridian.xml", "/ledger.xml", "/frontier.xml", "/maple.json", "/halfway.xml"])
async def test_an_unchanged_feed_answers_304_to_its_own_etag_and_date(client, path):
    async with client.get(path) as first:
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        assert first.status == 200
    for condition in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
        async with client.get(path, headers=condition) as again:
            assert (again.status, await again.read()) == (304, b"")
            assert again.headers["ETag"] == etag


async def test_the_next_day_answers_in_full(server, client):
    async with client.get("/meridian.xml") as first:
        etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    server.turn_to(2)
    for condition in ({"If-None-Match": etag}, {"If-Modified-Since": modified}):
        async with client.get("/meridian.xml", headers=condition) as second:
            assert second.status == 200
            assert b"650bn" in await second.read()


async def test_an_entity_tag_decides_alone(client):
    async with client.get("/meridian.xml") as first:
        modified = first.headers["Last-Modified"]
    stale = {"If-None-Match": '"another"', "If-Modified-Since": modified}
    async with client.get("/meridian.xml", headers=stale) as second:
        assert second.status == 200


@pytest.mark.parametrize(("path", "status"), [("/weekday.xml", 500), ("/none.xml", 404), ("/", 404)])
async def test_errors(client, path, status):
    async with client.get(path, headers={"If-None-Match": "*"}) as answer:
        assert answer.status == status
        assert "ETag" not in answer.headers


async def test_the_bomb_is_small_on_the_wire(client):
    async with client.get("/inflated.xml") as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(await answer.read()) < 100_000


async def test_the_list_names_addresses_that_answer(server, client):
    async with client.get("/demo.opml") as answer:
        listed = await answer.read()
    assert listed == server.feed_list()
    assert f"{server.url}/maple.json".encode() in listed


async def test_a_dripping_feed_never_ends_and_stops_with_the_server(news, now):
    async with aiohttp.ClientSession() as session, FeedServer(news, now) as server:
        answer = await session.get(f"{server.url}/trickle.xml")
        assert await asyncio.wait_for(answer.content.readexactly(1), 10) == b"<"
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(answer.read(), 1.5)
        await asyncio.wait_for(server.__aexit__(None, None, None), 10)


async def test_a_reader_that_leaves_ends_the_drip(news, now, monkeypatch):
    monkeypatch.setattr(served, "DRIP_EVERY", 0.01)
    async with FeedServer(news, now) as server:
        before = len(asyncio.all_tasks())
        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"{server.url}/trickle.xml")
            await answer.content.readexactly(3)
            answer.close()
        for _ in range(500):
            if len(asyncio.all_tasks()) <= before:
                break
            await asyncio.sleep(0.02)
        assert len(asyncio.all_tasks()) <= before


@pytest.mark.parametrize("day", [0, 4])
async def test_there_are_three_days(server, day):
    with pytest.raises(ValueError, match="days 1 to 3"):
        server.turn_to(day)
