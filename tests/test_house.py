"""The house: who may know whom, and what pure rooms may not touch."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WORDS = {"bot.model", "bot.errors", "bot.blocks", "bot.inert"}
CONTRACT = WORDS | {"bot.ports"}

# A room → what of the project it may import besides itself. The longest fitting prefix counts.
MAY_KNOW = {
    "bot.model": set(),
    "bot.errors": set(),
    "bot.blocks": set(),
    "bot.inert": {"bot.blocks"},
    "bot.ports": WORDS,
    "bot.forms": {"bot.errors"},
    "bot.settings": {"bot.errors", "bot.forms", "bot.model"},
    "bot.ops": CONTRACT,
    "bot.memory": set(),
    "bot.metrics": CONTRACT,
    "bot.feeds": CONTRACT,
    "bot.watch": CONTRACT,
    "bot.stories": CONTRACT | {"bot.watch.words"},
    "bot.claims": CONTRACT | {"bot.forms"},
    "bot.alerts": CONTRACT,
    "bot.pack": CONTRACT | {"bot.claims", "bot.feeds", "bot.forms", "bot.watch"},
    "bot.newcomers": CONTRACT | {"bot.pack"},
    "bot.jobs": CONTRACT | {"bot.alerts", "bot.claims", "bot.feeds", "bot.ops", "bot.stories", "bot.watch"},
    "bot.chat.commands": CONTRACT
    | {"bot.alerts", "bot.feeds", "bot.watch"}
    | {f"bot.claims.{room}" for room in ("baseline", "drafting", "rewording", "tables", "wording")},
    "bot.chat.discord": CONTRACT | {"bot.chat.commands"},
    "bot.chat.slack": CONTRACT | {"bot.chat.commands"},
    "bot.chat": CONTRACT,
    "bot.lookup": CONTRACT | {"bot.chat.commands", "bot.feeds"},
    "bot.app": {"bot", "storage"},
    "bot.connections": {"bot.chat", "bot.errors", "bot.ports", "bot.settings"},
    "bot.reports": CONTRACT | {"bot.jobs", "bot.metrics"},
    "bot.serve": {"bot", "storage"},
    "bot.scale": {"bot", "storage"},
    "bot.cli": {"bot", "storage"},
    "bot.demo": {"bot"},
    "bot.__main__": {"bot.cli"},
    "storage": {"bot.model", "bot.errors"},
}
STANDARD_LIBRARY_ONLY = ("bot.model", "bot.errors", "bot.blocks", "bot.inert", "bot.ports")
PURE = (
    "bot.model",
    "bot.blocks",
    "bot.inert",
    "bot.watch",
    "bot.stories",
    "bot.alerts.decide",
    "bot.alerts.silence",
    "bot.alerts.situation",
    "bot.alerts.digest",
    "bot.alerts.digest_view",
    "bot.alerts.hours",
    "bot.alerts.buttons",
    "bot.alerts.notices",
    "bot.alerts.render",
    "bot.alerts.pages",
    "bot.alerts.words",
    "bot.alerts.followup",
    "bot.feeds.identify",
    "bot.feeds.teaser",
    "bot.chat.commands.subject",
    "bot.feeds.pace",
    "bot.feeds.canonical",
    "bot.claims.figures",
    "bot.claims.drafting",
    "bot.claims.resolving",
    "bot.claims.rewording",
    "bot.claims.stack",
    "bot.claims.tables",
    "bot.claims.wording",
)
NOT_IN_PURE_ROOMS = {
    "asyncio",
    "random",
    "os",
    "time",
    "sqlalchemy",
    "httpx",
    "aiohttp",
    "socket",
    "subprocess",
    "secrets",
}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for room in ("bot", "storage") for path in sorted((ROOT / room).rglob("*.py"))}


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def imports(module: str) -> set[str]:
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name for name in named if name in MODULES} or {node.module}
    return found


def room_of(module: str) -> str:
    rooms = [room for room in MAY_KNOW if within(module, room)]
    assert rooms, f"{module} belongs to no room of this table"
    return max(rooms, key=len)


@pytest.mark.parametrize("module", [name for name in MODULES if name not in {"bot", "storage"}])
def test_a_room_knows_only_whom_it_may(module):
    room = room_of(module)
    ours = {name for name in imports(module) if name.split(".")[0] in {"bot", "storage"}}
    strangers = {
        name for name in ours if not within(name, room) and not any(within(name, known) for known in MAY_KNOW[room])
    }
    assert not strangers


@pytest.mark.parametrize("module", STANDARD_LIBRARY_ONLY)
def test_the_words_need_no_library(module):
    outside = {name.split(".")[0] for name in imports(module)} - {"bot"}
    assert outside <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("module", [name for name in MODULES if any(within(name, room) for room in PURE)])
def test_a_pure_room_touches_nothing(module):
    text = MODULES[module].read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert not {name.split(".")[0] for name in imports(module)} & NOT_IN_PURE_ROOMS
    assert not any(isinstance(node, ast.Await | ast.AsyncFunctionDef) for node in ast.walk(tree))
    clocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today", "environ", "getenv"}
        if isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date", "os"}
    ]
    assert not clocks


def test_config_is_data_only():
    assert not list((ROOT / "config").rglob("*.py"))
