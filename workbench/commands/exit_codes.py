"""What the exit codes of the command line mean; 0 is done."""

UNEXPECTED = 1
BAD_INPUT = 2
RUN_FAILED = 3
FILES_FAILED = 4
"""Some files could not be taken in; the others are."""

NOTHING_FOUND = 5
"""Nothing close to the question was found."""

CANCELLED = 130
"""By convention 128 + SIGINT."""
