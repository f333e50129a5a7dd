"""`python -m workbench` opens the window; where there is no display it gives the demonstration instead.

The command line is `workbench` or `python -m workbench.cli`.
"""

import multiprocessing
import sys

from workbench.core.child_process import run_as_child


def main() -> int:
    """Open the window, or drive it offscreen and say where the pictures and reports are.

    Options are the window's; without a display only those that need none are answered.
    """
    from workbench.demo import has_display

    if has_display():
        from workbench.app import main as open_window

        return open_window()
    if sys.argv[1:]:
        from workbench.app import parse_options

        parse_options(sys.argv[1:])
        print("There is no display here to open the window on; leave the options out for a demonstration without one.")
        return 2
    from workbench.demo import main as demonstrate

    print("There is no display here, so the window is driven offscreen through the samples. What it made:", flush=True)
    return demonstrate([])


if __name__ == "__main__":
    multiprocessing.freeze_support()
    if not run_as_child(sys.argv):
        raise SystemExit(main())
