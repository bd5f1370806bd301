"""What compares where the shipped networks cannot be read, and when they are loaded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.claims import choose
from bot.claims.encoder import MODEL_FOLDER
from bot.claims.lexical import LexicalAssessor
from bot.errors import ModelError
from bot.model import Claim, ClaimKind, Item

CLAIM = Claim("c", "t", ClaimKind.PLAN, "", "2025-03", "Norway plans to send frigates to the Baltic Sea.")
ITEM = Item("i", "Norway plans frigates for the Baltic Sea", "")


def test_nothing_is_loaded_until_something_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = []
    monkeypatch.setattr(choose.LocalAssessor, "engine", lambda self: loaded.append(self))
    assessor = choose.local_assessor("")
    assert "fall-back" not in assessor.name
    assert loaded == []


async def test_a_bot_without_claims_loads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose.LocalAssessor, "engine", lambda _: pytest.fail("loaded"))
    assert await choose.local_assessor("").compare([ITEM], []) == [()]


async def test_networks_that_do_not_load_are_replaced_once_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise ModelError("judge.onnx is broken: restore it")

    assessor = choose.local_assessor("")
    monkeypatch.setattr(choose.LocalAssessor, "engine", broken)
    for _ in range(2):
        assert len(await assessor.compare([ITEM], [CLAIM])) == 1
    assert "fall-back" in assessor.name
    assert [record.message for record in caplog.records] == ["judge.onnx is broken: restore it"]


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_file_is_told_at_the_start(
    damage: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = shutil.copytree(MODEL_FOLDER, tmp_path / "model")
    network = folder / "judge.onnx"
    network.write_bytes(network.read_bytes()[:1000]) if damage == "cut" else network.unlink()
    monkeypatch.setattr(choose, "MODEL_FOLDER", folder)
    assert isinstance(choose.local_assessor(""), LexicalAssessor)
    assert "judge.onnx" in caplog.text
