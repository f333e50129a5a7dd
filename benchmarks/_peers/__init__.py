"""What `benchmarks.peers` measures: one module for each retrieval library, run in a process of its own."""
