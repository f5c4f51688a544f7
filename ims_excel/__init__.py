"""The GST Invoice Management System in a spreadsheet: download in, workbook out, decisions back, no macros."""

from __future__ import annotations

__version__ = "0.1.0"
