"""The GST Invoice Management System in a spreadsheet, without macros."""

from __future__ import annotations

__version__ = "0.1.0"
