"""diff: what changed between two downloads of the portal, without a workbook."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ims_excel.exceptions import DownloadError
from ims_excel.portal.comparing import FieldChange, compare, pair_amendments
from ims_excel.portal.download import read_downloads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from ims_excel.gst.codes import Action
    from ims_excel.portal.comparing import AmendmentPair, Comparison
    from ims_excel.portal.record import Record
    from ims_excel.portal.snapshot import Snapshot

    Paths = Sequence[Path | str] | Path | str

ADDED, CHANGED, ACTED, WITHDRAWN, UNCHANGED = "added", "changed", "acted", "withdrawn", "unchanged"
"""What can have happened to a document; a changed one may have been acted on too."""


@dataclass(frozen=True)
class DiffRow:
    """A document that differs.

    Attributes:
        what: "added", "changed" (by the supplier), "acted" (on the portal) or "withdrawn".
        section: its sheet title.
        supplier_gstin: whose document it is.
        supplier_name: the supplier's name, "" when the portal does not say.
        number: the document's number, as the newer download has it.
        date: its date, dd-mm-yyyy.
        value: its value (₹); None when the portal does not say.
        status: the portal's action, of a withdrawn document the last one known.
        changes: the fields that differ; of an added amendment, from its original.
        amends: number and date of the original of an added amendment, "" when it is not known.
    """

    what: str
    section: str
    supplier_gstin: str
    supplier_name: str
    number: str
    date: str
    value: Decimal | None
    status: Action
    changes: tuple[FieldChange, ...] = ()
    amends: str = ""


@dataclass(frozen=True)
class DiffResult:
    """What changed between two downloads.

    Attributes:
        recipient: whose they are.
        old: names of the older files.
        new: names of the newer files.
        counts: documents added, changed, acted, withdrawn and unchanged, each counted once.
        rows: every document but the unchanged: added, changed, acted, withdrawn, by section within.
        read_only: by key of a section that can only be acted on online, how many of its records only the
            newer and only the older download has.
    """

    recipient: str
    old: tuple[str, ...]
    new: tuple[str, ...]
    counts: Mapping[str, int]
    rows: tuple[DiffRow, ...]
    read_only: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def diff(old_paths: Paths, new_paths: Paths, gstin: str | None = None) -> DiffResult:
    """Compare two downloads of one recipient.

    Args:
        old_paths: the older download: .json or .zip, or several that belong together.
        new_paths: the newer one.
        gstin: the recipient, for downloads that do not name it.

    Raises:
        ImsError: a download cannot be used, or the two belong to different recipients.
    """
    old = read_downloads(_listed(old_paths), recipient=gstin)
    new = read_downloads(_listed(new_paths), recipient=gstin)
    if old.recipient != new.recipient:
        raise DownloadError(
            new.sources[0].name,
            f"holds the documents of {new.recipient}, and {old.sources[0].name} those of {old.recipient}.",
        )
    comparison = compare(old, new)
    rows = tuple(_rows(comparison, _originals(comparison, new, old)))
    counts = {what: sum(row.what == what for row in rows) for what in (ADDED, CHANGED, ACTED, WITHDRAWN)}
    return DiffResult(
        recipient=new.recipient,
        old=tuple(source.name for source in old.sources),
        new=tuple(source.name for source in new.sources),
        counts={**counts, UNCHANGED: comparison.unchanged},
        rows=rows,
        read_only=comparison.others,
    )


def _listed(paths: Paths) -> list[Path]:
    return [Path(paths)] if isinstance(paths, (str, Path)) else [Path(path) for path in paths]


def _originals(comparison: Comparison, new: Snapshot, old: Snapshot) -> dict[str, AmendmentPair]:
    """Find the originals of added amendments, by key; those that have left the IMS in the older download."""
    if not any(record.section.is_amendment for record in comparison.added):
        return {}
    return {pair.amendment.key: pair for pair in pair_amendments(new, old)}


def _rows(comparison: Comparison, originals: Mapping[str, AmendmentPair]) -> Iterator[DiffRow]:
    for record in comparison.added:
        yield _added(record, originals.get(record.key))
    acted = {change.new.key: change for change in comparison.acted}
    for change in comparison.changed:
        answer = acted.pop(change.new.key, None)
        yield _row(CHANGED, change.new, change.changes + (answer.changes if answer else ()))
    yield from (_row(ACTED, change.new, change.changes) for change in acted.values())
    yield from (_row(WITHDRAWN, record) for record in comparison.withdrawn)


def _added(record: Record, pair: AmendmentPair | None) -> DiffRow:
    if pair is None:
        return _row(ADDED, record)
    original = pair.original.document
    return _row(ADDED, record, pair.differences, f"{original.number} of {original.date}")


def _row(what: str, record: Record, changes: tuple[FieldChange, ...] = (), amends: str = "") -> DiffRow:
    document = record.document
    return DiffRow(
        what,
        record.section.sheet,
        document.supplier_gstin,
        document.supplier_name or "",
        document.number,
        document.date,
        document.value,
        document.action,
        changes,
        amends,
    )
