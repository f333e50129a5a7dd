"""Entry point of the packaged desktop program."""

import multiprocessing
import sys

from workbench.core.child_process import run_as_child

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if not run_as_child(sys.argv):
        from workbench.app import main

        sys.exit(main())
