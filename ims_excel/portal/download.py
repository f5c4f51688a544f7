"""Downloads: one or several files of the portal become one snapshot, merged and checked (domain file 1)."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ims_excel.exceptions import DownloadError, OptionError
from ims_excel.gst.gstin import is_gstin
from ims_excel.portal.decoding import RecordError, checker, decoder, tolerant, wire_view
from ims_excel.portal.envelope import open_envelope
from ims_excel.portal.intake import portal_files
from ims_excel.portal.jsontext import Number
from ims_excel.portal.record import Record, identity_key, row_key
from ims_excel.portal.records import Records
from ims_excel.portal.sections import SECTIONS
from ims_excel.portal.snapshot import Snapshot, SourceFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ims_excel.portal.decoding import RawRecord
    from ims_excel.portal.envelope import Envelope, Part
    from ims_excel.portal.intake import PortalFile
    from ims_excel.portal.sections import Section

MOST_PROBLEMS_SHOWN = 10


def read_downloads(
    paths: Sequence[Path],
    *,
    recipient: str | None = None,
    said_by: str = "--gstin says",
    known: Snapshot | None = None,
) -> Snapshot:
    """Read the portal's downloads (.json or .zip) and merge them by section.

    Identical records of several files collapse; further records with one identity inside a file are kept and
    numbered. The recipient's GSTIN comes from the files, else from ``recipient``; a complaint that the two
    differ says with ``said_by`` where the latter is from. What an earlier snapshot ``known`` has to the byte
    is not checked again.

    Raises:
        DownloadError: a file cannot be used, belongs to another GSTIN, or contradicts another file.
        OptionError: no file names the recipient and none was passed, or it is no GSTIN.
    """
    wanted = _checked(recipient)
    merge, files = _Merge(known), []
    named: tuple[str, PortalFile] | None = None
    for file in portal_files(paths, DownloadError):
        envelope = open_envelope(file)
        named = _agree(named, envelope, file, (wanted, said_by))
        merge.add(file, envelope)
        files.append(file)
    if not files:
        raise OptionError("Name at least one download of the portal (.json or .zip).")
    gstin = named[0] if named else wanted
    if gstin is None:
        raise OptionError(
            f"{files[0].label} does not say whose documents it holds; pass the recipient with --gstin GSTIN."
        )
    return Snapshot(
        recipient=gstin,
        sources=tuple(SourceFile(file.name, file.sha256) for file in files),
        downloaded_at=min(file.modified for file in files),
        sections=merge.sections(),
        others=merge.others,
    )


def _checked(recipient: str | None) -> str | None:
    if recipient is None:
        return None
    gstin = recipient.strip().upper()
    if not is_gstin(gstin):
        raise OptionError(f"{recipient} is not a GSTIN; a GSTIN has 15 characters, such as 27AAPFU0939F1ZV.")
    return gstin


def _agree(
    named: tuple[str, PortalFile] | None,
    envelope: Envelope,
    file: PortalFile,
    other: tuple[str | None, str],
) -> tuple[str, PortalFile] | None:
    """Keep the recipient that all files and the option agree on, and the file that named it first."""
    gstin, (wanted, said_by) = envelope.recipient, other
    if gstin is None:
        return named
    if wanted is not None and gstin != wanted:
        raise DownloadError(file.label, f"holds the documents of {gstin}, and {said_by} {wanted} (R11).")
    if named is not None and gstin != named[0]:
        raise DownloadError(
            file.label, f"holds the documents of {gstin}, and {named[1].label} those of {named[0]}."
        )
    return named or (gstin, file)


class _Merge:
    """What has been read so far, by section."""

    def __init__(self, known: Snapshot | None) -> None:
        self.others: dict[str, list[bytes]] = {}
        self._merged: dict[Section, _MergedSection] = {}
        self._known = known.sections if known else {}

    def add(self, file: PortalFile, envelope: Envelope) -> None:
        """Add a file's records, or refuse the file with all that is wrong in it."""
        problems: list[tuple[str, str]] = []
        for part in envelope.parts:
            self._of(part.section).add(file, part, problems)
        if problems:
            raise _refusal(file, problems)
        for key, raws in envelope.others.items():
            known = self.others.setdefault(key, [])
            seen = set(known)
            known.extend(raw for raw in raws if raw not in seen)

    def _of(self, section: Section) -> _MergedSection:
        if section not in self._merged:
            known = self._known.get(section)
            self._merged[section] = _MergedSection(section, known if isinstance(known, Records) else None)
        return self._merged[section]

    def sections(self) -> dict[Section, Records]:
        """List the sections that have records, in the official order."""
        found = ((section, self._merged.get(section)) for section in SECTIONS)
        return {section: merged.records() for section, merged in found if merged and merged.raws}


class _MergedSection:
    """The records of a section from all files so far; those of an earlier version need no check."""

    def __init__(self, section: Section, known: Records | None) -> None:
        self.section = section
        self._known = known
        self._checked = known.checked() if known else {}
        self._same: dict[int, int] = {}
        self._decode = decoder(section)
        self._check = checker(section)
        self.raws: list[RawRecord] = []
        self._source_keys: list[tuple[int, str]] = []
        self._occurrences: dict[int, int] = {}
        self._irregular: set[int] = set()
        self._places: dict[str, int] = {}
        self._files: list[tuple[int, PortalFile]] = []
        self._again: dict[str, int] = {}

    def records(self) -> Records:
        """Make the sequence that decodes them."""
        same_as = (self._known, self._same) if self._known else None
        found = self.raws, self._source_keys, self._occurrences, self._irregular
        return Records(self.section, *found, same_as=same_as)

    def add(self, file: PortalFile, part: Part, problems: list[tuple[str, str]]) -> None:
        """Add a part of a file, noting the records that cannot be used."""
        if not self._files or self._files[-1][1] is not file:
            self._files.append((len(self.raws), file))
            self._again.clear()
        if not self._source_keys or self._source_keys[-1][1] != part.source_key:
            self._source_keys.append((len(self.raws), part.source_key))
        for index, raw in enumerate(part.raws):
            problem = self._take(raw)
            if problem is not None:
                key = f".{problem.key}" if problem.key else ""
                problems.append((f"{part.place}[{index}]{key}", problem.what))

    def _take(self, raw: RawRecord) -> RecordError | None:
        if self._known and self._take_known(self._known, raw):
            return None
        document = self._check(raw)
        if document is None:
            return self._take_irregular(raw)
        self._keep(raw, identity_key(self.section, document))
        return None

    def _take_known(self, known: Records, raw: RawRecord) -> bool:
        """Take a record that the earlier version has to the byte."""
        there, here = self._checked.get(bytes(raw)), len(self.raws)
        if there is None:
            return False
        self._keep(raw, known.row_keys[there])
        if len(self.raws) > here:
            self._same[here] = there
        return True

    def _take_irregular(self, raw: RawRecord) -> RecordError | None:
        place = len(self.raws)
        try:
            self._keep(raw, identity_key(self.section, tolerant(self.section, bytes(raw))))
        except RecordError as problem:
            return problem
        self._irregular.update(range(place, len(self.raws)))
        return None

    def _keep(self, raw: RawRecord, identity: str) -> None:
        first = self._places.setdefault(identity, len(self.raws))
        if first == len(self.raws):
            self.raws.append(raw)
            return
        so_far = 1 if first >= self._files[-1][0] else 0  # in this file
        occurrence = self._again[identity] = self._again.get(identity, so_far) + 1
        key = row_key(identity, occurrence)
        before = self._places.setdefault(key, len(self.raws))
        if before < len(self.raws):
            self._compare(before, raw)
            return
        self._occurrences[before] = occurrence
        self.raws.append(raw)

    def _compare(self, before: int, raw: RawRecord) -> None:
        """Let the same record of two files collapse; refuse two files that contradict each other."""
        if self._content(self.raws[before]) == self._content(raw):
            return
        first = next(file for start, file in reversed(self._files) if start <= before)
        label = Record(self.section, None, raw).label
        raise DownloadError(
            self._files[-1][1].label,
            f"says something else of {label} ({self.section.sheet}) than {first.label}. "
            "Build from one of the two, the newer one.",
        )

    def _content(self, raw: RawRecord) -> object:
        """Reduce a record to what it says: its document and the keys we do not know."""
        _, unknown = wire_view(self.section, bytes(raw))
        return self._decode(raw), _comparable(unknown)


def _comparable(value: object) -> object:
    """Turn numbers into what they are worth, so that 100 and 100.00 compare equal."""
    if isinstance(value, Number):
        return Decimal(value)
    if isinstance(value, dict):
        return {key: _comparable(item) for key, item in value.items()}
    return [_comparable(item) for item in value] if isinstance(value, list) else value


def _refusal(file: PortalFile, problems: list[tuple[str, str]]) -> DownloadError:
    if len(problems) == 1:
        return DownloadError(file.label, problems[0][1], place=problems[0][0])
    shown = "".join(f"\n  {place}: {what}" for place, what in problems[:MOST_PROBLEMS_SHOWN])
    more = len(problems) - MOST_PROBLEMS_SHOWN
    rest = f"\n  and {more} more" if more > 0 else ""
    return DownloadError(file.label, f"{len(problems)} records cannot be used:{shown}{rest}")
