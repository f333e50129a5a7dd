"""Make the virtual environment: exact versions from constraints.txt, then the system libraries that Qt needs.

usage: python tools/setup_venv.py FOLDER

Needs only Python 3.11 or newer. Works the same on Linux, macOS and Windows.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)


def main() -> None:
    """Build the environment in the folder named on the command line, and stamp it when it is whole."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:2]))
        sys.exit(f"Python {found} is too old for the workbench; install Python 3.11 or newer and call make again")
    folder = Path(sys.argv[1])
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists() and subprocess.run([sys.executable, "-m", "venv", str(folder)], check=False).returncode:
        sys.exit("The virtual environment could not be made; on Debian: apt-get install python3-venv, then call again")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    constraints = ["-c", str(ROOT / "constraints.txt")]
    run([*pip, "install", "--quiet", *constraints, "setuptools", "wheel"])
    run([*pip, "install", "--quiet", "--no-build-isolation", *constraints, "-e", f"{ROOT}[dev]"])
    run([str(python), str(ROOT / "tools" / "system_libraries.py")])
    (folder / ".installed").touch()


def run(command: list[str]) -> None:
    """Run a command and stop with its exit status when it fails."""
    print("+", " ".join(command), flush=True)
    status = subprocess.run(command, check=False).returncode
    if status:
        sys.exit(status)


if __name__ == "__main__":
    main()
