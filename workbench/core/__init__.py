"""The engine: everything the workbench does, without a window. Imports neither Qt nor qasync."""
