"""Name the Linux system libraries that Qt needs and this machine lacks, and install them when run as root.

usage: python tools/system_libraries.py
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libGLX.so.0": "libglx0",
    "libOpenGL.so.0": "libopengl0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libz.so.1": "zlib1g",
    "libgomp.so.1": "libgomp1",
}
"""Debian's package for each library that PySide6-Essentials and its platform plugins may miss."""

PLUGINS = ("platforms/libqoffscreen.so", "platforms/libqxcb.so")
LIBRARIES = ("libQt6Gui.so.6", "libQt6Widgets.so.6", "libQt6Svg.so.6")
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", str(Path.home() / ".fonts"))


def main() -> None:
    """Say what is missing and how to get it; do it when root; stop with 1 when something stays missing."""
    if not sys.platform.startswith("linux"):
        return
    packages = missing_packages()
    if not packages:
        return
    line = "apt-get install -y --no-install-recommends " + " ".join(packages)
    print(f"Qt needs system libraries that this machine lacks. The line that brings them:\n    {line}", flush=True)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit("Run that line as root (on another distribution: its packages of the same libraries), then call again")
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(line.split(), check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    left = missing_packages()
    if left:
        sys.exit(f"Still missing after the installation: {' '.join(left)}")


def missing_packages() -> list[str]:
    """Debian packages that would bring what is missing, sorted."""
    spec = find_spec("PySide6")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("PySide6 is not installed in this environment; run tools/setup_venv.py first")
    qt = Path(spec.submodule_search_locations[0]) / "Qt"
    files = [qt / "lib" / name for name in LIBRARIES] + [qt / "plugins" / name for name in PLUGINS]
    wanted = {PACKAGES.get(name, name) for name in missing_libraries(file for file in files if file.exists())}
    if not any(path.suffix in {".ttf", ".otf"} for folder in FONTS for path in Path(folder).rglob("*.*")):
        wanted.add("fonts-dejavu-core")
    return sorted(wanted)


def missing_libraries(files: Iterable[Path]) -> set[str]:
    """Names of the shared libraries that the loader cannot find for these files."""
    missing: set[str] = set()
    for file in files:
        listed = subprocess.run(["ldd", str(file)], capture_output=True, text=True, check=False).stdout
        missing |= set(re.findall(r"^\s*(\S+) => not found", listed, re.MULTILINE))
    return missing


if __name__ == "__main__":
    main()
