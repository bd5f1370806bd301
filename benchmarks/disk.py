"""What SQLite asks of the disk, noted call by call; and the disk that a power cut at any of these calls leaves behind.

A VFS of our own stands before SQLite's: it passes everything on and notes writes, truncations, deletions and syncs. It
is put in by ctypes: that takes a Python whose `sqlite3` uses a shared library, as those of Debian, Docker and pyenv do.
"""

from __future__ import annotations

import _sqlite3
import ctypes
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_int64, c_void_p, cast
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Write:
    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncate:
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Sync:
    file: str


@dataclass(frozen=True, slots=True)
class Delete:
    file: str


@dataclass(frozen=True, slots=True)
class Done:
    """The caller was told that this was written."""

    what: str


Call = Write | Truncate | Sync | Delete | Done


class Torn(StrEnum):
    """What a power cut leaves of what was written and not synced."""

    NOTHING = "nothing of it"
    ALL = "all of it"
    BEGINNING = "its beginning, up to some byte"
    SECTORS = "any sectors, some of them garbage"


def disk_after(calls: Sequence[Call], torn: Torn, draw: random.Random) -> dict[str, bytes]:
    """The files by name, after a power cut that came when these calls had been made."""
    safe: dict[str, bytearray] = defaultdict(bytearray)
    unsafe: dict[str, list[Write | Truncate]] = defaultdict(list)
    for call in calls:
        match call:
            case Write() | Truncate():
                unsafe[call.file].append(call)
            case Sync(file):
                _carry_out(safe[file], unsafe.pop(file, []))
            case Delete(file):
                safe.pop(file, None)
                unsafe.pop(file, None)
    for file, pending in unsafe.items():
        _carry_out(safe[file], _left(pending, torn, draw))
    return {file: bytes(body) for file, body in safe.items()}


def _carry_out(body: bytearray, calls: Iterable[Write | Truncate]) -> None:
    for call in calls:
        if isinstance(call, Truncate):
            del body[call.size :]
            continue
        body.extend(bytes(max(call.offset - len(body), 0)))
        body[call.offset : call.offset + len(call.data)] = call.data


def _left(pending: Sequence[Write | Truncate], torn: Torn, draw: random.Random) -> list[Write | Truncate]:
    match torn:
        case Torn.NOTHING:
            return []
        case Torn.ALL:
            return list(pending)
        case Torn.BEGINNING:
            kept = draw.randrange(len(pending))
            last = pending[kept]
            cut = [Write(last.file, last.offset, last.data[: draw.randrange(len(last.data))])]
            return [*pending[:kept], *(cut if isinstance(last, Write) else [])]
        case Torn.SECTORS:
            return [one for call in pending for one in _sectors(call, draw)]


def _sectors(call: Write | Truncate, draw: random.Random) -> list[Write | Truncate]:
    if isinstance(call, Truncate):
        return [call] if draw.random() < 0.5 else []
    found: list[Write | Truncate] = []
    at = 0
    while at < len(call.data):
        end = min(len(call.data), at + SECTOR - (call.offset + at) % SECTOR)
        chance = draw.random()
        if chance < 0.5:
            found.append(Write(call.file, call.offset + at, call.data[at:end]))
        elif chance < 0.55:
            found.append(Write(call.file, call.offset + at, draw.randbytes(end - at)))
        at = end
    return found


# --- SQLite's interface to the disk: https://sqlite.org/c3ref/vfs.html, https://sqlite.org/c3ref/io_methods.html ---

_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
# Names as addresses: SQLite keeps what it is given for as long as the file is open, and reads what lies around it.
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_DELETE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)


class _Methods(Structure):
    _fields_ = [
        ("version", c_int),
        *((name, c_void_p) for name in ("close", "read")),
        ("write", _WRITE),
        ("truncate", _TRUNCATE),
        ("sync", _SYNC),
        *((f"other{number}", c_void_p) for number in range(13)),
    ]


class _File(Structure):
    _fields_ = [("methods", POINTER(_Methods))]


class _Vfs(Structure):
    _fields_ = [
        *((name, c_int) for name in ("version", "file_size", "longest_path")),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", _OPEN),
        ("delete", _DELETE),
        *((f"other{number}", c_void_p) for number in range(14)),
    ]


class Recorder:
    """Notes what connections that are opened and closed in the block ask of files with `part` in their names."""

    def __init__(self, part: str) -> None:
        self.calls: list[Call] = []
        self._part = part
        self._names: dict[int, str] = {}
        self._kept: dict[int, _Methods] = {}
        self._library = ctypes.CDLL(_sqlite3.__file__)
        self._library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        self._real = self._library.sqlite3_vfs_find(None).contents
        self._vfs = _Vfs.from_buffer_copy(self._real)
        self._vfs.name = b"recorded"
        self._vfs.open = _OPEN(self._open)
        self._vfs.delete = _DELETE(self._delete)

    def __enter__(self) -> Self:
        self._library.sqlite3_vfs_register(byref(self._vfs), 1)
        return self

    def __exit__(self, *_: object) -> None:
        self._library.sqlite3_vfs_unregister(byref(self._vfs))

    def done(self, what: str) -> None:
        """Note that the caller was told so."""
        self.calls.append(Done(what))

    def _open(self, vfs: int, path: int | None, file: int, flags: int, out: int) -> int:
        status = int(self._real.open(vfs, path, file, flags, out))
        name = _name(path)
        self._names.pop(file, None)
        if status == 0 and self._part in name:
            self._names[file] = name
            opened = cast(file, POINTER(_File)).contents
            opened.methods = ctypes.pointer(self._noting(opened.methods))
        return status

    def _noting(self, real: ctypes._Pointer[_Methods]) -> _Methods:
        """The file's methods with ours in front of three of them; made once for each kind of file."""
        there = ctypes.addressof(real.contents)
        if there in self._kept:
            return self._kept[there]
        write, truncate, sync = real.contents.write, real.contents.truncate, real.contents.sync

        def note_write(file: int, data: int, size: int, offset: int) -> int:
            self.calls.append(Write(self._names[file], offset, ctypes.string_at(data, size)))
            return int(write(file, data, size, offset))

        def note_truncate(file: int, size: int) -> int:
            self.calls.append(Truncate(self._names[file], size))
            return int(truncate(file, size))

        def note_sync(file: int, flags: int) -> int:
            status = int(sync(file, flags))
            self.calls.append(Sync(self._names[file]))
            return status

        made = _Methods.from_buffer_copy(real.contents)
        made.write, made.truncate, made.sync = _WRITE(note_write), _TRUNCATE(note_truncate), _SYNC(note_sync)
        self._kept[there] = self._kept[ctypes.addressof(made)] = made
        return made

    def _delete(self, vfs: int, path: int, durably: int) -> int:
        self.calls.append(Delete(_name(path)))
        return int(self._real.delete(vfs, path, durably))


def _name(path: int | None) -> str:
    """The last part of a path at that address; empty for a file without a name."""
    return ctypes.string_at(path).decode().rpartition("/")[2] if path else ""
