"""One file per budget of the plan; run each as `python -m benchmarks.NAME --json`."""
