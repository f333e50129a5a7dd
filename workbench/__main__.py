"""`python -m workbench` opens the window; the command line is `workbench` or `python -m workbench.cli`."""

import multiprocessing

from workbench.app import main

if __name__ == "__main__":
    multiprocessing.freeze_support()
    raise SystemExit(main())
