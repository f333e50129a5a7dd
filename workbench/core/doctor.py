"""What is installed, what is missing, and how to mend it: for `workbench doctor` and the About dialog.

It looks and changes nothing. Qt is only looked for, never imported.
"""

import asyncio
import json
import platform
import shutil
import sqlite3
import sys
from collections.abc import Callable
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from loguru import logger

from workbench.core.keys import Keyring, KeyringUnavailable
from workbench.core.values import Value, WorkbenchError
from workbench.places import RESOURCES, Places

MIN_FREE_BYTES = 1_000_000_000
"""Below this, an import of the larger catalogues may not find room."""

PACKAGES: dict[str, tuple[str, ...]] = {
    "Window": ("PySide6", "qasync"),
    "Search": ("numpy", "faiss", "tantivy", "onnxruntime", "tokenizers"),
    "Documents": ("pypdfium2", "docx", "lxml", "markdown_it", "charset_normalizer", "yaml"),
    "Code analysis": ("bandit", "libcst", "pygments"),
    "Outside databases": ("psycopg", "psycopg_pool", "pymongo"),
    "Notes and secrets": ("cryptography", "keyring"),
    "Reports": ("jinja2", "typst", "networkx"),
}
"""Import names by what they are for; each is a dependency of the program, see pyproject.toml."""

QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
}
"""Libraries of a Linux system that Qt 6 loads and no wheel brings, with their Debian packages
(https://doc.qt.io/qt-6/linux-requirements.html)."""

_INSTALL_AGAIN = "Install the program again: make install, or pip install -c constraints.txt ."
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts")


class ComponentState(StrEnum):
    """How a part of the installation is; `optional` is missing but not needed."""

    OK = "ok"
    MISSING = "missing"
    BROKEN = "broken"
    OPTIONAL = "optional"


class ComponentStatus(Value):
    """One part: its state, what was found, and how to mend it (empty when there is nothing to mend)."""

    name: str
    state: ComponentState
    detail: str
    mend: str = ""


Check = Callable[[Places], ComponentStatus]


async def examine(places: Places) -> list[ComponentStatus]:
    """Every part of the installation, always in the same order. A check that fails is itself reported as broken."""
    results = await asyncio.gather(_keyring(), *(asyncio.to_thread(_carry_out, check, places) for check in CHECKS))
    keyring, *others = results
    return [*others, keyring]


def _carry_out(check: Check, places: Places) -> ComponentStatus:
    try:
        return check(places)
    except Exception as error:
        name = check.__name__.strip("_").replace("_", " ").capitalize()
        logger.opt(exception=error).warning("The check of {} failed", name)
        detail = str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}"
        return ComponentStatus(name=name, state=ComponentState.BROKEN, detail=detail, mend=_INSTALL_AGAIN)


async def _keyring() -> ComponentStatus:
    try:
        backend = await Keyring().backend()
    except KeyringUnavailable as error:
        return ComponentStatus(
            name="Keyring",
            state=ComponentState.MISSING,
            detail=str(error).partition(";")[0],
            mend="Install or unlock a keyring (on Debian: apt-get install -y gnome-keyring); until then notes need a "
            "passphrase, and connections cannot keep a password",
        )
    return ComponentStatus(name="Keyring", state=ComponentState.OK, detail=backend)


def _python(_places: Places) -> ComponentStatus:
    good = sys.version_info >= (3, 11)
    return ComponentStatus(
        name="Python",
        state=ComponentState.OK if good else ComponentState.BROKEN,
        detail=f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        mend="" if good else "Install Python 3.11 or newer and set up the program with it",
    )


def _packages(_places: Places) -> ComponentStatus:
    missing = [
        f"{name} ({purpose.lower()})"
        for purpose, names in PACKAGES.items()
        for name in names
        if find_spec(name) is None
    ]
    if missing:
        detail = f"Missing: {', '.join(missing)}"
        return ComponentStatus(name="Packages", state=ComponentState.MISSING, detail=detail, mend=_INSTALL_AGAIN)
    count = sum(map(len, PACKAGES.values()))
    return ComponentStatus(name="Packages", state=ComponentState.OK, detail=f"All {count} are here")


def _system_libraries(_places: Places) -> ComponentStatus:
    name = "System libraries"
    if not sys.platform.startswith("linux"):
        return ComponentStatus(name=name, state=ComponentState.OK, detail="The window brings its own on this system")
    missing = {library: package for library, package in QT_LIBRARIES.items() if not _can_load(library)}
    if missing:
        return ComponentStatus(
            name=name,
            state=ComponentState.MISSING,
            detail=f"The window may not start without {', '.join(missing)}",
            mend=f"apt-get install -y {' '.join(missing.values())}",
        )
    return ComponentStatus(name=name, state=ComponentState.OK, detail="All that the window needs are here")


def _can_load(library: str) -> bool:
    import ctypes

    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _fonts(_places: Places) -> ComponentStatus:
    if not sys.platform.startswith("linux"):
        return ComponentStatus(name="Fonts", state=ComponentState.OK, detail="The system brings its own")
    folders = [Path(folder).expanduser() for folder in _FONT_FOLDERS]
    if any(path.suffix in {".ttf", ".otf", ".ttc"} for folder in folders for path in folder.rglob("*")):
        return ComponentStatus(name="Fonts", state=ComponentState.OK, detail="The window can show text")
    return ComponentStatus(
        name="Fonts",
        state=ComponentState.MISSING,
        detail="No font was found, so the window would show boxes in place of letters",
        mend="apt-get install -y fonts-dejavu-core",
    )


def _embedder(places: Places) -> ComponentStatus:
    from workbench.core.knowledge.embedder import OnnxEmbedder
    from workbench.core.knowledge.export import MANIFEST_FILE, MODEL_FILE, WEIGHTS_SHA256, sha256_of, weights_folder

    name = f"Embedder {OnnxEmbedder.name}"
    exported = OnnxEmbedder(places).export_folder
    if exported is not None:
        manifest = json.loads((exported / MANIFEST_FILE).read_text("utf-8"))
        if sha256_of(exported / MODEL_FILE) == manifest["model_sha256"]:
            detail = f"Ready in {exported}, made from the weights {WEIGHTS_SHA256[:12]}"
            return ComponentStatus(name=name, state=ComponentState.OK, detail=detail)
        mend = "Nothing to do: it is made again when it is needed"
        return ComponentStatus(name=name, state=ComponentState.BROKEN, detail=f"Damaged in {exported}", mend=mend)
    weights = weights_folder() / "model.safetensors"
    if not weights.is_file() or sha256_of(weights) != WEIGHTS_SHA256:
        detail = "The packaged weights are not the ones their authors published"
        return ComponentStatus(name=name, state=ComponentState.BROKEN, detail=detail, mend=_INSTALL_AGAIN)
    detail = "The weights are here and sound; they are prepared once, at the first search"
    return ComponentStatus(name=name, state=ComponentState.OK, detail=detail)


def _language_model(_places: Places) -> ComponentStatus:
    return ComponentStatus(
        name="Language model",
        state=ComponentState.OPTIONAL,
        detail="None is configured: agents answer from evidence, analysers and recipes, and say so",
    )


def _semgrep(_places: Places) -> ComponentStatus:
    found = shutil.which("semgrep")
    if found:
        return ComponentStatus(name="Semgrep", state=ComponentState.OK, detail=found)
    return ComponentStatus(
        name="Semgrep",
        state=ComponentState.OPTIONAL,
        detail="Not installed; reviews use Bandit and the rules of the workbench",
        mend="pip install semgrep, if its rules are wanted as well",
    )


def _settings(places: Places) -> ComponentStatus:
    from workbench.config import ConfigError, ConfigStore

    store = ConfigStore(places.config_file)
    try:
        store.load()
    except ConfigError as error:
        detail, _, mend = str(error).partition("; ")
        return ComponentStatus(name="Settings", state=ComponentState.BROKEN, detail=detail, mend=mend.capitalize())
    detail = str(store.path) if store.path.exists() else f"The defaults; {store.path} is written at the first change"
    return ComponentStatus(name="Settings", state=ComponentState.OK, detail=detail)


def _library(places: Places) -> ComponentStatus:
    from workbench.core.migrations import MIGRATIONS

    name, path = "Library", places.database
    if not path.exists():
        detail = f"None yet; {path} is made at the first start"
        return ComponentStatus(name=name, state=ComponentState.OK, detail=detail)
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            (schema,) = connection.execute("PRAGMA user_version").fetchone()
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.Error as error:
        verdict, schema = str(error), 0
    if verdict != "ok":
        return ComponentStatus(
            name=name,
            state=ComponentState.BROKEN,
            detail=f"{path} is damaged: {verdict}",
            mend="Put a backup of it back, or move it away to begin anew",
        )
    if schema > len(MIGRATIONS):
        detail = f"{path} was written by a newer workbench (schema {schema}, this one knows {len(MIGRATIONS)})"
        return ComponentStatus(name=name, state=ComponentState.BROKEN, detail=detail, mend="Update this program")
    detail = f"{path}, {path.stat().st_size / 1e6:.1f} MB, schema {schema}, sound"
    return ComponentStatus(name=name, state=ComponentState.OK, detail=detail)


def _indexes(places: Places) -> ComponentStatus:
    from workbench.core.stores.manifest import MANIFEST_FILE, Manifest

    found = sorted(places.indexes.rglob(MANIFEST_FILE)) if places.indexes.is_dir() else []
    damaged = []
    for path in found:
        manifest = Manifest.read(path.parent)
        if manifest is None or not manifest.holds(path.parent, manifest.identity):
            damaged.append(path.parent.name)
    if damaged:
        return ComponentStatus(
            name="Indexes",
            state=ComponentState.BROKEN,
            detail=f"Damaged: {', '.join(damaged)}",
            mend="Nothing to do: they are built again from the library at the next start",
        )
    names = ", ".join(path.parent.name for path in found)
    detail = f"{names} in {places.indexes}, sound" if found else "None yet; they are built from the library when needed"
    return ComponentStatus(name="Indexes", state=ComponentState.OK, detail=detail)


def _disk(places: Places) -> ComponentStatus:
    folder = next(each for each in (places.data, *places.data.absolute().parents) if each.exists())
    free = shutil.disk_usage(folder).free
    enough = free >= MIN_FREE_BYTES
    return ComponentStatus(
        name="Disk",
        state=ComponentState.OK if enough else ComponentState.BROKEN,
        detail=f"{free / 1e9:.1f} GB free for {places.data}",
        mend="" if enough else f"Free some space: less than {MIN_FREE_BYTES / 1e9:.0f} GB may not be enough to go on",
    )


def _resources(_places: Places) -> ComponentStatus:
    if RESOURCES.is_dir() and any(RESOURCES.iterdir()):
        return ComponentStatus(name="Resources", state=ComponentState.OK, detail=str(RESOURCES))
    detail = f"Starter knowledge, recipes and templates are not in {RESOURCES}"
    return ComponentStatus(name="Resources", state=ComponentState.MISSING, detail=detail, mend=_INSTALL_AGAIN)


CHECKS: tuple[Check, ...] = (
    _python, _packages, _resources, _system_libraries, _fonts, _embedder, _language_model, _semgrep, _settings,
    _library, _indexes, _disk,
)  # fmt: skip
"""What `examine` looks at, in the order in which it is shown; the keyring comes last."""
