"""One file per dock panel: shows a view model, sends what the analyst does as signals."""
