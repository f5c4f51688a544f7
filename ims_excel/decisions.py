"""Decisions: what people entered for a record, beside what the portal had before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from ims_excel.gst.codes import Action

if TYPE_CHECKING:
    from ims_excel.findings import Place
    from ims_excel.portal.overlay import Overlay
    from ims_excel.portal.record import Record

Declared = tuple[Decimal | None, Decimal | None, Decimal | None, Decimal | None]
"""The four declared amounts (₹) in the order IGST, CGST, SGST, cess; None for a blank cell."""

NOTHING_DECLARED: Declared = (None, None, None, None)


def declares_nothing(declared: Declared) -> bool:
    """Tell whether all four cells are blank; an amount compared with None takes a microsecond."""
    igst, cgst, sgst, cess = declared
    return igst is cgst is sgst is cess is None


Notes = Mapping[tuple[str, str], Mapping[int, str]]
"""Texts that the tool wrote beside rows, by sheet and machine name of the column, and by row."""

NO_STORED_RESULT = "formula without a stored result"
"""The unreadable text of a formula that the saving program did not calculate."""


class Entered(msgspec.Struct, frozen=True, gc=False):
    """What a row's input cells say, or what the portal had in their place.

    Attributes:
        status: the action; None when the cell is blank or cannot be read.
        remarks: the text, outer blanks removed; "" without one.
        itc_reduction: True for Yes, False for No, None for blank or unreadable.
        declared: the four declared amounts.
        unreadable: by field name, the text of each input cell that says something we cannot use ("#N/A",
            "maybe", "1E5", "formula without a stored result"; "" for a blank Status).
    """

    status: Action | None
    remarks: str = ""
    itc_reduction: bool | None = None
    declared: Declared = NOTHING_DECLARED
    unreadable: tuple[tuple[str, str], ...] = ()

    def unreadable_text(self, field: str) -> str | None:
        """The unusable text of a field's cell; None when the cell could be read."""
        return dict(self.unreadable).get(field) if self.unreadable else None


class Decision(msgspec.Struct, frozen=True, gc=False):
    """A record joined with its row.

    Attributes:
        record: the portal's record.
        place: the row it was read from.
        entered: what the row says now.
        before: what the portal has, as the row said it when it was last exported, or else as downloaded.
        sent: what was sent for ``before``; None when the portal has what the download says.
        refused: what was sent since, where the portal refused it.
    """

    record: Record
    place: Place
    entered: Entered
    before: Entered
    sent: Overlay | None = None
    refused: Overlay | None = None

    @property
    def is_touched(self) -> bool:
        """Whether any input cell says something else than the portal has."""
        return self.entered is not self.before and self.entered != self.before


@dataclass(frozen=True, slots=True)
class EditedCell:
    """A portal cell that no longer shows what the portal said.

    Attributes:
        record: the record of the row.
        place: the row.
        field: machine name of the column.
        portal: what the cell showed when it was built, as text.
        sheet: what it shows now, as text.
        turned_numeric: an identifier that a spreadsheet program made a number or a date (R14).
        is_respelled: an amount or a date that became a text and still says the same.
    """

    record: Record
    place: Place
    field: str
    portal: str
    sheet: str
    turned_numeric: bool = False
    is_respelled: bool = False


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A row whose visible identity belongs to another document than its hidden key (R24).

    Attributes:
        record: the record the key names.
        place: the row.
        fields: the identity columns that disagree.
        shown: the identity the row shows, as text.
    """

    record: Record
    place: Place
    fields: tuple[str, ...]
    shown: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A row that belongs to no record of the download (R25).

    Attributes:
        place: the row.
        shown: the identity the row shows, as text; "" when it shows none.
        key: its hidden key; "" without one.
    """

    place: Place
    shown: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """What the copies that were merged disagree on, and nobody has settled (M1).

    Attributes:
        record: the record.
        place: its row.
        field: machine name of the column, or what names a column of people's own.
        what: the column in words.
        values: what the row said before and what each copy says, by the name that Keep offers for it.
        snag: why what was chosen settles nothing, a sentence; "" where nothing was.
        sheet: the title of the sheet that lists it; "" when that is gone.
        blocks: the row must not go up; False for columns of people's own.
    """

    record: Record
    place: Place
    field: str
    what: str
    values: tuple[tuple[str, str], ...]
    snag: str = ""
    sheet: str = ""
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """A row that a newer download changed, and that nobody has looked at since (R66, N1).

    Attributes:
        decision: what the row says, beside what the portal has now.
        what: what its cell "Changed since the last download" says.
        is_conflict: it was acted on online in another way than the row says.
        is_blind: the column is gone in which people say that they have looked.
    """

    decision: Decision
    what: str
    is_conflict: bool = False
    is_blind: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody has to look; a row that says what the portal has contradicts nothing."""
        is_decided = self.decision.entered.status is not Action.NO_ACTION
        return self.decision.is_touched or (is_decided and not self.is_conflict)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A row whose document a newer download no longer has (N2); not among the decisions.

    Attributes:
        record: the record as it was last known.
        place: the row.
        entered: what the row says.
        before: what the portal had.
        what: what its cell "Changed since the last download" says.
    """

    record: Record
    place: Place
    entered: Entered
    before: Entered
    what: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What joining the rows of a workbook with the records of its download gave.

    Attributes:
        decisions: rows that found their record, in sheet order.
        edited: portal cells that were changed or respelled.
        misplaced: rows whose identity was moved away from their key; not among the decisions.
        strangers: rows without a record; not among the decisions.
        missing: records without a row.
        by_natural_key: rows found by their visible identity because the hidden key was gone.
        read_only: names of sections the offline tool cannot act on, with their number of records.
        conflicts: what merged copies disagree on.
        unconfirmed: rows that a newer download changed and asks about.
        withdrawn: rows whose documents a newer download no longer has.
        marks: by row, what refresh wrote beside it: the hidden word, and what people read of it by now.
        notes: by sheet and machine name of a column that the tool fills, what its cells say, by row.
    """

    decisions: tuple[Decision, ...]
    edited: tuple[EditedCell, ...] = ()
    misplaced: tuple[Misplaced, ...] = ()
    strangers: tuple[Stranger, ...] = ()
    missing: tuple[Record, ...] = ()
    by_natural_key: tuple[Place, ...] = ()
    read_only: tuple[tuple[str, int], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    unconfirmed: tuple[Unconfirmed, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
    marks: Mapping[Place, tuple[str, str]] = field(default_factory=dict)
    notes: Notes = field(default_factory=dict)
