"""Findings: what is wrong with a row, as values that are collected and all shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Severity(Enum):
    """How much a finding weighs.

    ERROR keeps the row out of the upload; WARNING lets it pass and is shown; INFO explains.
    """

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Place(NamedTuple):
    """A row of the workbook: the sheet's present title and the 1-based row number."""

    sheet: str
    row: int


@dataclass(frozen=True)
class Finding:
    """One thing a rule has to say.

    Attributes:
        rule: the rule's id in the register, for example "R2".
        severity: what it does to the row.
        what: what is wrong, a sentence.
        fix: what to do about it, a sentence; "" when there is nothing to do.
        place: the row it is about; None for the whole file.
        fields: machine names of the columns at fault, the first being the one to look at.
        document: the document as people name it ("SA/25-26/0417 of Sahyadri Alloys Private Limited").
        cell: the address people know ("B2B!G14"); filled in by the pipelines, "" without a place.
    """

    rule: str
    severity: Severity
    what: str
    fix: str = ""
    place: Place | None = None
    fields: tuple[str, ...] = ()
    document: str = ""
    cell: str = ""
