"""The ledger: what was exported of each record, in which upload, and what the portal made of it.

It travels on the workbook's hidden sheet beside the snapshot. A record's sendings are in order; the portal
has what the last one says that was not refused, or else what it said in the download. So a correction
replaces, a refusal brings the earlier state back, and an upload that failed as a whole counts as never sent.
"""

from __future__ import annotations

from collections import Counter
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from ims_excel.audit import Event, newest
from ims_excel.decisions import Entered  # noqa: TC001  msgspec resolves the types at run time
from ims_excel.portal.overlay import Overlay  # noqa: TC001  likewise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ims_excel.decisions import Decision

FORMAT = "ims-xl ledger"
VERSION = 1
GONE = "gone:"
"""What the key of a record begins with that a newer download no longer has."""


class Standing(Enum):
    """What became of a sending, or of an upload.

    SENT: written to an upload; nobody has said yet what the portal made of it. TAKEN: the portal has it.
    REFUSED: an error report names it, the portal has its earlier state. VOID: the portal does not have it,
    though nothing is wrong with it: the upload failed as a whole, or a newer download shows something else.
    """

    SENT = "sent"
    TAKEN = "taken"
    REFUSED = "refused"
    VOID = "void"


class Upload(msgspec.Struct, frozen=True, array_like=True):
    """An upload file.

    Attributes:
        number: 0, 1, 2 … in this workbook's life.
        harvest: the number of the first part that was written with it.
        name: of the file.
        sha256: in hex.
        at: when it was written, ISO 8601.
        records: how many it holds.
        standing: SENT until a report or a confirmation; then TAKEN, even if some rows were refused, or VOID.
        refused: how many of its records a report named.
        told: when a report or a confirmation first said what became of it, ISO 8601; "" before that, and
            where only a download showed it. The portal had worked on it by then, nobody knows since when.
        reported: an error report said so, and not a person.
    """

    number: int
    harvest: int
    name: str
    sha256: str
    at: str
    records: int
    standing: Standing = Standing.SENT
    refused: int = 0
    told: str = ""
    reported: bool = False


class Sending(msgspec.Struct, frozen=True, array_like=True):
    """A record as it was exported: the upload's number, what the row said, what was sent, its standing."""

    upload: int
    entered: Entered
    overlay: Overlay
    standing: Standing = Standing.SENT


class Item(NamedTuple):
    """A record to be noted as exported."""

    key: str
    entered: Entered
    overlay: Overlay


class Part(NamedTuple):
    """An upload file to be noted as written, and what it holds."""

    name: str
    sha256: str
    items: Sequence[Item]


class PortalState(NamedTuple):
    """What the portal has of a record that was exported.

    Attributes:
        entered: what the row said when that was exported; None when the portal has what the download says.
        overlay: what was sent then; None likewise.
        refused: what was sent last, where the portal refused it.
    """

    entered: Entered | None
    overlay: Overlay | None
    refused: Overlay | None


class Ledger(msgspec.Struct, frozen=True):
    """What was exported from a workbook; changing it gives another.

    Attributes:
        uploads: all upload files, oldest first.
        sendings: by record key, oldest first; what a later sending that was taken replaced is dropped.
        noted: what rows said when the log last looked, where that is neither the download's nor the last
            sending's.
        asked: by key of the records that refresh asks people to look at, the word in the hidden column.
        events: the newest of the log.
    """

    format: str = FORMAT
    version: int = VERSION
    uploads: tuple[Upload, ...] = ()
    sendings: dict[str, tuple[Sending, ...]] = {}
    noted: dict[str, Entered] = {}
    asked: dict[str, str] = {}
    events: tuple[Event, ...] = ()

    def state(self, key: str) -> PortalState | None:
        """Tell what the portal has of a record; None when nothing that was exported counts."""
        sendings = self.sendings.get(key)
        if not sendings:
            return None
        held = next((s for s in reversed(sendings) if s.standing in (Standing.SENT, Standing.TAKEN)), None)
        refused = sendings[-1].overlay if sendings[-1].standing is Standing.REFUSED else None
        if held is None and refused is None:
            return None
        return PortalState(held.entered if held else None, held.overlay if held else None, refused)

    def last_noted(self, decision: Decision) -> Entered:
        """Tell what a row said when the log last looked."""
        key = decision.record.key
        return self.noted.get(key) or self._as_sent(decision, key)

    def _as_sent(self, decision: Decision, key: str) -> Entered:
        sendings = self.sendings.get(key)
        return sendings[-1].entered if sendings else decision.before

    @property
    def waiting(self) -> tuple[str, ...]:
        """Names of the uploads that nobody has reported on or confirmed yet and that still count."""
        open_still = {
            sending.upload
            for key, sendings in self.sendings.items()
            for sending in sendings
            if sending.standing is Standing.SENT and not key.startswith(GONE)
        }
        return tuple(
            upload.name
            for upload in self.uploads
            if upload.standing is Standing.SENT and upload.number in open_still
        )

    def of_harvest(self, harvest: int) -> tuple[Upload, ...]:
        """Give the uploads that were written together."""
        return tuple(upload for upload in self.uploads if upload.harvest == harvest)

    def keys_of(self, uploads: Collection[int]) -> set[str]:
        """Give the keys of the records whose sendings in these uploads still count."""
        return {key for key, sendings in self.sendings.items() if any(s.upload in uploads for s in sendings)}

    def refused_keys(self) -> set[str]:
        """Give the keys of the records that the portal refused last."""
        return {key for key, known in self.sendings.items() if known[-1].standing is Standing.REFUSED}

    def with_parts(self, parts: Sequence[Part], at: str) -> Ledger:
        """Note that uploads were written together."""
        first = len(self.uploads)
        sendings = dict(self.sendings)
        uploads = list(self.uploads)
        for number, part in enumerate(parts, start=first):
            uploads.append(Upload(number, first, part.name, part.sha256, at, len(part.items)))
            for key, entered, overlay in part.items:
                sendings[key] = (*sendings.get(key, ()), Sending(number, entered, overlay))
        return msgspec.structs.replace(self, uploads=tuple(uploads), sendings=sendings)

    def settled(
        self,
        uploads: Collection[int],
        *,
        refused: Collection[str] = (),
        unsure: Collection[str] = (),
        otherwise: Standing = Standing.TAKEN,
        at: str = "",
        is_report: bool = False,
    ) -> Ledger:
        """Note what the portal made of uploads.

        What an earlier report refused of them stays refused, and what a newer download does not show, lost.

        Args:
            uploads: their numbers.
            refused: keys of the records its report names.
            unsure: keys of records that it may have meant; they stay as they are.
            otherwise: the standing of all other records, TAKEN or VOID.
            at: when that was said, ISO 8601.
            is_report: an error report says so, and not a person.
        """
        failed = {upload.number for upload in self.uploads if upload.standing is Standing.VOID}

        def judged(key: str, sending: Sending) -> Sending:
            is_lost = sending.standing is Standing.VOID and sending.upload not in failed
            stays = otherwise is Standing.TAKEN and (is_lost or sending.standing is Standing.REFUSED)
            if sending.upload not in uploads or (key not in refused and (key in unsure or stays)):
                return sending
            standing = Standing.REFUSED if key in refused else otherwise
            return msgspec.structs.replace(sending, standing=standing)

        judged_all = {key: [judged(key, s) for s in known] for key, known in self.sendings.items()}
        count = Counter(
            s.upload for known in judged_all.values() for s in known if s.standing is Standing.REFUSED
        )
        marked = tuple(
            _told(upload, otherwise, count[upload.number], at, is_report=is_report)
            if upload.number in uploads
            else upload
            for upload in self.uploads
        )
        sendings = {key: pruned(known) for key, known in judged_all.items()}
        return msgspec.structs.replace(self, uploads=marked, sendings=sendings)

    def without_refusals(self, keys: Iterable[str]) -> Ledger:
        """Forget refusals of records that people set back to what the portal has."""
        sendings = dict(self.sendings)
        for key in keys:
            left = sendings.pop(key)[:-1]
            if left:
                sendings[key] = left
        return msgspec.structs.replace(self, sendings=sendings)

    def having_seen(self, decisions: Iterable[Decision]) -> Ledger:
        """Note what rows say now, for the log to compare with next time."""
        noted = dict(self.noted)
        for decision in decisions:
            key = decision.record.key
            noted.pop(key, None)
            if decision.entered != self._as_sent(decision, key):
                noted[key] = decision.entered
        return msgspec.structs.replace(self, noted=noted)

    def without_questions(self, keys: Collection[str]) -> Ledger:
        """Forget what refresh asked about records that somebody has looked at."""
        asked = {key: word for key, word in self.asked.items() if key not in keys}
        return msgspec.structs.replace(self, asked=asked)

    def with_event(self, *events: Event) -> Ledger:
        """Add events; the oldest give way when they become too many."""
        return msgspec.structs.replace(self, events=newest((*self.events, *events)))


def _told(upload: Upload, standing: Standing, refused: int, at: str, *, is_report: bool) -> Upload:
    """Say what became of an upload; that it was taken counts from when it was said first."""
    told = upload.told if upload.standing is standing else at
    return msgspec.structs.replace(
        upload, standing=standing, refused=refused, told=told, reported=is_report or upload.reported
    )


def pruned(sendings: Sequence[Sending]) -> tuple[Sending, ...]:
    """Drop from a record's sendings, oldest first, what the portal has replaced."""
    taken = [index for index, sending in enumerate(sendings) if sending.standing is Standing.TAKEN]
    return tuple(sendings[taken[-1] :] if taken else sendings)


class _Head(msgspec.Struct):
    format: str
    version: int


def dump_ledger(ledger: Ledger) -> bytes:
    """Write a ledger as one JSON document (UTF-8)."""
    return msgspec.json.encode(ledger)


def load_ledger(data: bytes) -> Ledger:
    """Read a ledger back.

    Raises:
        ValueError: the bytes are no ledger, or one of a newer version of ims-xl.
    """
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.format != FORMAT or head.version != VERSION:
            raise ValueError(
                f"version {head.version} of {head.format} is not one this version of ims-xl reads"
            )
        return msgspec.json.decode(data, type=Ledger)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"the ledger cannot be read: {problem}") from problem
