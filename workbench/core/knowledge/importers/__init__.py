"""Importers: files of the catalogues and tools that security engineers share, as documents with typed records."""
