"""What the command line does, one file a subject; each function opens the engine, works, and returns the exit code."""
