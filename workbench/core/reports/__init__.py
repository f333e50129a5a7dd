"""Reports to hand on: a pure function of a run's journal and the recorded options."""

from workbench.core.reports.data import ReportData, ReportOptions
from workbench.core.reports.export import FILE_NAMES, FORMATS, ReportError, render, write

__all__ = ["FILE_NAMES", "FORMATS", "ReportData", "ReportError", "ReportOptions", "render", "write"]
