"""Run first in both packaged programs: keeps the path of our libraries from the programs that they start.

PyInstaller's start code sets LD_LIBRARY_PATH to the program's folder and leaves the user's own value beside it
(https://pyinstaller.org/en/stable/runtime-information.html). The loader has read it by now; a browser or a file
manager opened from the window must not find it, or it would load our libraries in place of its own.
"""

import os

users_own = os.environ.pop("LD_LIBRARY_PATH_ORIG", None)
os.environ.pop("LD_LIBRARY_PATH", None)
if users_own is not None:
    os.environ["LD_LIBRARY_PATH"] = users_own
