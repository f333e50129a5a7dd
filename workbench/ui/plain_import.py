"""Takes away a layer that PySide6 puts over Python's import, which costs a quarter of every import after it.

PySide6 (6.11, PYSIDE-1019 and PYSIDE-2029) wraps `__import__` so that a module can switch to snake_case names by
`from __feature__ import ...`. The wrapper reads the source of each module imported from then on, to look for the word
PySide6 in it, and holds the interpreter meanwhile: measured, 0.64 s instead of 0.51 s for the engine with NumPy, FAISS
and LibCST. We use no features, and nothing else depends on the wrapper. The layer beneath it, which makes Qt's classes
when they are first named, stays.
"""

import builtins


def restore() -> None:
    """Import without that wrapper from now on. Does nothing where PySide6 has not put one."""
    beneath = getattr(builtins, "__orig_import__", None)
    if beneath is not None:
        builtins.__import__ = beneath
