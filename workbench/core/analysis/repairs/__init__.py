"""Known fixes, one file per kind. A fix changes the place of one finding, or says why it does not."""
