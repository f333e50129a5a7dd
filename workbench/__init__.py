"""Analyst Workbench: is this code safe to use, what threatens it, and how sure are we?"""

__version__ = "0.1.0"
