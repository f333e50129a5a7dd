"""What the workbench knows: documents, chunks, vectors, records, and how they come in."""
