"""Where things stand on a section sheet, and what our hidden places are called.

Rows are 1-based, as people count them.
"""

from __future__ import annotations

TITLE_ROW = 1
HINT_ROW = 2
NAMES_ROW = 3
"""Hidden: the machine name of each column, by which columns are found again wherever they are moved."""
GROUP_ROW = 4
HEADING_ROW = 5
FIRST_ROW = 6
"""The first record."""
LAST_ROW = 1_048_576
"""The last row a sheet can have."""

DATA_SHEET = "_ims_xl"
"""The very hidden sheet that carries the snapshot and the ledger, each in a column from row 1."""
SNAPSHOT_COLUMN, LEDGER_COLUMN = 0, 1
TEAM_COLUMN = 4
"""Behind the lists that Status offers: which part of a split workbook this is, and what a merge left open."""
HOME_SHEET = "Home"
SUMMARY_SHEET = "Summary"
UNMATCHED_SHEET = "Unmatched errors"
LOG_SHEET = "Log"
CHANGES_SHEET = "What changed"
CONFLICTS_SHEET = "Conflicts"

AUTHOR = "ims-xl"
"""Who made a workbook that build made, as its properties say; a program that saves it again may keep that."""
PROPERTY_TOOL = "ims-xl version"
PROPERTY_RECIPIENT = "ims-xl recipient"
PROPERTY_SOURCES = "ims-xl sources"
PROPERTY_BUILT = "ims-xl built"
PROPERTY_SNAPSHOT = "ims-xl snapshot sha256"
"""Custom document properties: they survive Excel, LibreOffice and openpyxl."""

CHANGED, CHANGE = "changed", "change"
"""Columns that refresh fills: what is new, for people, and one of the words below, for formats and rules."""
NEW, ASKED, CONFLICT, SEEN, TAKEN, WITHDRAWN = "new", "changed", "conflict", "seen", "taken", "withdrawn"
"""New; changed by the supplier, so that a decision is asked for again; acted on online in another way;
changed or acted on with nothing to ask; taken by the portal; no longer in the IMS."""

FIELD_MARK = ";"
"""Machine names in a hidden list of fields at fault are written ";status;remarks;" for SEARCH() to find."""
