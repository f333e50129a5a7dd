"""Reading files as documents: one module for each family of formats, all run in a child process under limits."""
