"""Stores behind two protocols: Source (searched, read-only) and Index (a cache that can be rebuilt)."""
