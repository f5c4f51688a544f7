"""A snapshot: everything one or several downloads say of one recipient, merged and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ims_excel.portal.record import Record
    from ims_excel.portal.sections import Section


@dataclass(frozen=True)
class SourceFile:
    """A file the snapshot came from: its name (a zip's member as ``zip!member``) and SHA-256 in hex."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Snapshot:
    """What the portal said.

    Attributes:
        recipient: the recipient's GSTIN.
        sources: the files it came from.
        downloaded_at: when the oldest of the files was last written, with its time zone.
        sections: the editable records, by section in the official order; a section without records is absent.
            The sequences decode their records as they are walked, so they may be very long.
        others: imports and unknown sections by the file's own key: raw JSON of each record.
        withdrawn: records that earlier downloads of the same workbook had and these do not, by section.
    """

    recipient: str
    sources: tuple[SourceFile, ...]
    downloaded_at: datetime
    sections: Mapping[Section, Sequence[Record]]
    others: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    withdrawn: Mapping[Section, Sequence[Record]] = field(default_factory=dict)
