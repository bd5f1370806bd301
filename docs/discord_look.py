"""Shows what Claimwatch posts on Discord as Discord would draw it, dark and light, for looking at it.

    npm install --prefix FOLDER @skyra/discord-components-core
    python docs/discord_look.py FOLDER/node_modules OUT [BROWSER]

The scenes of docs/scenes.py are made by the real bot out of the demo's news and go through its real rendering for
Discord; the embeds and components that come out are drawn by the package, which is read from where it was installed.
A headless Chromium takes one picture a theme, which is cut into OUT/<scene>-dark.png and OUT/<scene>-light.png. Nothing
is fetched.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape
from PIL import Image
from scenes import Scene, scenes

WIDTH, TALLEST = 800, 16_000
README = ("contradicts", "updates", "digest-1")
"""The scenes of OUT/cards.png, which the README shows as docs/cards.png."""
AT_ONCE = 24
"""So many scenes stand on one page: a picture has no room for more."""
CUT = (255, 0, 255)
"""The colour of the lines along which the picture is cut into scenes."""
MODULES = (
    ("@skyra/discord-components-core", "@skyra/discord-components-core/dist/index.js"),
    ("@lit/context", "@lit/context/index.js"),
    ("@lit/reactive-element", "@lit/reactive-element/reactive-element.js"),
    ("lit-element/lit-element.js", "lit-element/lit-element.js"),
    ("lit-html", "lit-html/lit-html.js"),
    ("lit", "lit/index.js"),
    *((f"{name}/", f"{name}/") for name in ("@lit/reactive-element", "lit-element", "lit-html", "lit")),
)
"""What the package's modules call each other, and where that lies among the installed ones."""

FACE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#37517a"/>
<circle cx="20" cy="20" r="7" fill="none" stroke="#e9ebef" stroke-width="4"/></svg>"""

PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
  content="default-src 'none'; script-src file: 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<style>body {{ margin: 0; background: {ground} }} .wide {{ max-width: 400px; border-radius: 4px; margin-top: 8px }}
code {{ background: {shade}; border-radius: 4px; padding: 0 4px; font-size: 85% }}
a {{ color: {blue}; text-decoration: none }} .when {{ background: {shade}; border-radius: 3px; padding: 0 2px }}
.list {{ list-style: none }} .small {{ color: {faint}; font-size: 12px }}
.cut {{ height: 1px; background: #f0f }} discord-messages {{ border: 0 !important }}
discord-string-select-menu {{ display: block; min-width: 400px }}</style>
<script type="importmap">{imports}</script>
<script>window.$discordMessage = {{avatars: {{default: "{face}"}}}};</script>
<script type="module">import "@skyra/discord-components-core";</script>
</head>
<body>{body}</body>
</html>
""")
THEMES = {
    "dark": {"ground": "#36393e", "shade": "#2b2d31", "blue": "#00a8fc", "faint": "#a5aab2", "light": Markup("")},
    "light": {
        "ground": "#ffffff",
        "shade": "#e3e5e8",
        "blue": "#006ce7",
        "faint": "#5c5e66",
        "light": Markup(" light-theme"),
    },
}
BUTTONS = {1: "primary", 2: "secondary", 3: "success", 4: "destructive", 5: "secondary"}

_MARKUP = re.compile(
    r"\\(?P<escaped>.)|<t:(?P<moment>\d+):(?P<format>\w)>|<@&(?P<role>\d+)>|`(?P<code>[^`]+)`"
    r"|\*\*(?P<bold>(?:\\.|[^*\\])+)\*\*|\*(?P<italic>(?:\\.|\*\*|[^*\\])+)\*"
    r"|\[(?P<text>(?:\\.|[^\]\\])+)\]\((?P<url>[^)]+)\)"
)
_CLOCK = {"t": "%H:%M", "f": "%-d %B %Y %H:%M", "R": "%-d %B"}


def shown(text: str) -> Markup:
    """Text in the part of Discord's markup that the bot writes."""
    out, at = Markup(""), 0
    for found in _MARKUP.finditer(text):
        out += escape(text[at : found.start()]) + _marked(found)
        at = found.end()
    return out + escape(text[at:])


def _marked(found: re.Match[str]) -> Markup:
    kind = found.lastgroup or ""
    if found["moment"]:
        moment = datetime.fromtimestamp(int(found["moment"]), UTC)
        return Markup('<span class="when">{}</span>').format(moment.strftime(_CLOCK[found["format"]]))
    if found["url"]:
        return Markup('<a href="{}">{}</a>').format(found["url"], shown(found["text"]))
    match kind:
        case "role":
            return Markup('<discord-mention type="role">{}</discord-mention>').format("role")
        case "code":
            return Markup("<code>{}</code>").format(found["code"])
        case "bold":
            return Markup("<b>{}</b>").format(shown(found["bold"]))
        case "italic":
            return Markup("<i>{}</i>").format(shown(found["italic"]))
    return escape(found["escaped"])


def body(text: str) -> Markup:
    """Lines; those that begin with > are quoted."""
    out, quoted = Markup(""), Markup("")
    for row in [*text.split("\n"), None]:
        if row is not None and row.startswith("> "):
            quoted += (Markup("<br>") if quoted else Markup("")) + shown(row[2:])
            continue
        out += Markup("<discord-quote>{}</discord-quote>").format(quoted) if quoted else Markup("")
        quoted = Markup("")
        if row is not None:
            out += _row(row)
    return out


def _row(row: str) -> Markup:
    if row.startswith("-# "):
        return Markup('<div class="small">{}</div>').format(shown(row[3:]))
    return Markup("<div>{}</div>").format(shown(row) or Markup("&nbsp;"))


def _embed(embed: Mapping[str, Any], pictures: Mapping[str, str]) -> Markup:
    name = str(embed.get("image", {}).get("url", "")).removeprefix("attachment://")
    picture = Markup('<img class="wide" src="{}">').format(pictures[name]) if name else ""
    footer = embed.get("footer", {}).get("text", "")
    foot = Markup('<discord-embed-footer slot="footer">{}</discord-embed-footer>').format(footer) if footer else ""
    return Markup(
        '<discord-embed slot="embeds" color="#{:06x}" author-name="{}" embed-title="{}" url="{}">'
        '<discord-embed-description slot="description">{}{}</discord-embed-description>{}</discord-embed>'
    ).format(
        embed["color"],
        embed.get("author", {}).get("name", ""),
        re.sub(r"\\(.)", r"\1", embed.get("title", "")),
        embed.get("url", ""),
        body(embed.get("description", "")) if embed.get("description") else "",
        picture,
        foot,
    )


def _component(one: Mapping[str, Any]) -> Markup:
    if one["type"] == 2:
        off = Markup(" disabled") if one.get("disabled") else ""
        return Markup('<discord-button type="{}"{}>{}</discord-button>').format(
            BUTTONS[one["style"]], off, one["label"]
        )
    chosen = [option["label"] for option in one.get("options", []) if option.get("default")]
    chosen = chosen or [f"{item['type']} {item['id']}" for item in one.get("default_values", [])]
    told = " · ".join(chosen) or one.get("placeholder", "")
    return Markup('<discord-string-select-menu placeholder="{}"></discord-string-select-menu>').format(told)


def _components(row: Mapping[str, Any]) -> Markup:
    return Markup("<discord-action-row>{}</discord-action-row>").format(
        Markup("").join(map(_component, row["components"]))
    )


def _message(scene: Scene) -> Markup:
    rows = Markup("").join(
        Markup("<discord-action-row>{}</discord-action-row>").format(
            Markup("").join(map(_component, row["components"]))
        )
        for row in scene.components
    )
    return Markup(
        '<discord-message author="Claimwatch" bot{} timestamp="{}">{}{}'
        '<discord-attachments slot="components">{}</discord-attachments></discord-message>'
    ).format(
        Markup(" ephemeral") if scene.asked else "",
        f"Today at {scene.at:%H:%M}",
        body(scene.content) if scene.content else "",
        Markup("").join(_embed(embed, scene.pictures) for embed in scene.embeds),
        rows,
    )


def html(scenes_shown: Iterable[Scene], theme: str, packages: Path) -> str:
    """A page of messages, each above a line to cut along; it reads the package's modules from `packages` alone."""
    root = packages.resolve().as_uri()
    imports = Markup(json.dumps({"imports": {name: f"{root}/{path}" for name, path in MODULES}}))
    face = "data:image/svg+xml;base64," + base64.b64encode(FACE.encode()).decode()
    look = THEMES[theme]
    framed = Markup('<discord-messages{}>{}</discord-messages><div class="cut"></div>')
    messages = Markup("").join(framed.format(look["light"], _message(scene)) for scene in scenes_shown)
    return str(PAGE.format(imports=imports, face=face, body=messages, **look))


def photographed(page: str, browser: str) -> Image.Image:
    """The page as it looks."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "page.html", Path(folder) / "page.png"
        source.write_text(page, encoding="utf-8")
        command = [
            browser,
            *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"),
            *("--disable-background-networking", "--allow-file-access-from-files", "--virtual-time-budget=3000"),
            f"--user-data-dir={folder}/profile",
            f"--window-size={WIDTH},{TALLEST}",
            f"--screenshot={target}",
            source.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True)
        with Image.open(target) as picture:
            return picture.convert("RGB")


def parts(picture: Image.Image) -> Iterable[Image.Image]:
    """The scenes of a picture, from top to bottom."""
    edge = picture.crop((0, 0, 1, picture.height)).tobytes()
    top = 0
    for row in range(picture.height):
        if tuple(edge[3 * row : 3 * row + 3]) == CUT:
            yield picture.crop((0, top, WIDTH, row))
            top = row + 1


def main(arguments: Sequence[str]) -> None:
    packages, out = Path(arguments[0]), Path(arguments[1])
    browser = arguments[2] if len(arguments) > 2 else shutil.which("chromium") or "chromium"
    out.mkdir(parents=True, exist_ok=True)
    shown_scenes = scenes()
    for theme in THEMES:
        for start in range(0, len(shown_scenes), AT_ONCE):
            some = shown_scenes[start : start + AT_ONCE]
            picture = photographed(html(some, theme, packages), browser)
            for scene, part in zip(some, parts(picture), strict=True):
                part.save(out / f"{scene.name}-{theme}.png", optimize=True)
    stacked([Image.open(out / f"{name}-dark.png") for name in README]).quantize(256).save(
        out / "cards.png", optimize=True
    )


def stacked(pictures: Sequence[Image.Image]) -> Image.Image:
    """One below the other."""
    whole = Image.new("RGB", (WIDTH, sum(one.height for one in pictures)))
    for at, one in enumerate(pictures):
        whole.paste(one, (0, sum(each.height for each in pictures[:at])))
    return whole


if __name__ == "__main__":
    main(sys.argv[1:])
