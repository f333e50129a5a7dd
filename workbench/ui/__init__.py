"""The window. Reaches the engine only through core.engine, core.tasks and core.events."""
