"""Envelopes: which of the shapes E1–E8 a file has, and the sections in it (domain file 1.2–1.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from ims_excel.exceptions import DownloadError
from ims_excel.gst.gstin import is_gstin
from ims_excel.portal.jsontext import JsonError, Member, load_unique, members, refuse, shown, text_bytes
from ims_excel.portal.sections import READ_ONLY_TITLES, Section, fold_key, section_for

if TYPE_CHECKING:
    from ims_excel.portal.intake import PortalFile

RECIPIENT_KEYS = ("rtin", "gstin", "ctin")
"""Where the recipient's GSTIN may stand, the first that is there counts (1.3)."""

_RAW_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_FROM_TAB = "Build needs the file of the IMS dashboard's Offline tab, Download JSON."
_REFUSED = {
    "imsdetailserr": "is the portal's error report; give it to: ims-xl errors BOOK.xlsx FILE",
    "errorreport": "is the portal's error report; give it to: ims-xl errors BOOK.xlsx FILE",
    "invdata": f"is an upload, made to be sent to the portal. {_FROM_TAB}",
    "boedata": f"is an upload, made to be sent to the portal. {_FROM_TAB}",
    "token": f"is an interim answer of the portal's interface (a token), not the documents. {_FROM_TAB}",
    "urls": f"is a list of files to fetch from the portal's interface, not the documents. {_FROM_TAB}",
}
"""By folded key, what the file is instead and where it belongs (E3, E4, E8)."""


@dataclass(frozen=True)
class Part:
    """A section of a file: its place ("$.imsDetails.b2b"), its key as spelled, its raw records."""

    section: Section
    source_key: str
    place: str
    raws: list[msgspec.Raw]


@dataclass
class Envelope:
    """What a download holds.

    Attributes:
        recipient: the recipient's GSTIN in capitals; None where the file does not say.
        parts: the editable sections in the order of the file, empty ones too.
        others: raw records of imports and unknown sections, by the file's key.
    """

    recipient: str | None = None
    parts: list[Part] = field(default_factory=list)
    others: dict[str, list[bytes]] = field(default_factory=dict)


def open_envelope(file: PortalFile) -> Envelope:
    """Find the sections of a download, whatever its envelope.

    Raises:
        DownloadError: it is no download, with what to do with it instead.
    """
    return _Opener(file).open()


class _Opener:
    """Walks from the outermost object to the one that holds the sections."""

    def __init__(self, file: PortalFile) -> None:
        self.file = file
        self.buffer = b""
        self.found = Envelope()

    def open(self) -> Envelope:
        """Read the file's envelope."""
        try:
            self.buffer = text_bytes(self.file.data)
        except JsonError as problem:
            raise self._error(str(problem)) from problem
        self._enter("$", self._members("$", 0, len(self.buffer)))
        return self.found

    def _enter(self, place: str, found: list[Member]) -> None:
        folded = {fold_key(member.key): member for member in found}
        for key in ("imsdetailserr", "errorreport"):
            self._refuse_if(key in folded, key)
        inner = folded.get("imsdetails")
        if inner is None:
            for key in ("invdata", "boedata"):
                self._refuse_if(key in folded, key)
            inner = folded.get("data")
        is_flat = any(_is_section(key) for key in folded)
        if inner is None and not is_flat:
            for key in ("token", "urls"):
                self._refuse_if(key in folded, key)
            self._refuse_unknown(place, found)
        if is_flat and inner is not None and self.buffer[inner.start : inner.start + 1] not in b"{":
            inner = None
        self._take(place, [member for member in found if member is not inner], folded)
        if inner is not None:
            self._enter_inner(f"{place}.{shown(inner.key)}", inner)

    def _enter_inner(self, place: str, inner: Member) -> None:
        first = self.buffer[inner.start : inner.start + 1]
        if first == b'"':
            raise self._error(f"is an encrypted answer of the portal's interface. {_FROM_TAB}", place)
        found = self._members(place, inner.start, inner.end)
        if fold_key(inner.key) == "data":
            self._enter(place, found)
        else:
            self._take(place, found, {fold_key(member.key): member for member in found})

    def _take(self, place: str, found: list[Member], folded: dict[str, Member]) -> None:
        self._take_recipient(folded)
        for member in found:
            self._take_member(f"{place}.{shown(member.key)}", member)

    def _take_member(self, place: str, member: Member) -> None:
        section = section_for(member.key)
        first = self.buffer[member.start : member.start + 1]
        if first == b"[":
            raws = self._list(place, member)
            if section is not None:
                self.found.parts.append(Part(section, member.key, place, raws))
            elif raws:
                self.found.others.setdefault(member.key, []).extend(bytes(raw) for raw in raws)
        elif section is not None and self._text(member) != b"null":
            raise self._error("must be a list of records.", place)
        elif first == b"{":
            self.found.others.setdefault(member.key, []).append(self._text(member))

    def _take_recipient(self, folded: dict[str, Member]) -> None:
        for key in RECIPIENT_KEYS:
            if self.found.recipient is None and key in folded:
                value = self._value(key, folded[key])
                if value is not None and value != "":
                    self.found.recipient = self._recipient(key, value)

    def _value(self, key: str, member: Member) -> object:
        try:
            return load_unique(self._text(member))
        except JsonError as problem:
            raise self._error(str(problem), f"$.{key}") from problem

    def _recipient(self, key: str, value: object) -> str:
        gstin = value.strip().upper() if isinstance(value, str) else ""
        if not is_gstin(gstin):
            raise self._error(f"{shown(value)} is not a GSTIN.", f"$.{key}")
        return gstin

    def _members(self, place: str, start: int, end: int) -> list[Member]:
        try:
            return members(self.buffer, start, end)
        except JsonError as problem:
            raise self._error(str(problem), "" if place == "$" else place) from problem

    def _list(self, place: str, member: Member) -> list[msgspec.Raw]:
        part = memoryview(self.buffer)[member.start : member.end]
        try:
            return _RAW_LIST.decode(part)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
            try:
                refuse(bytes(part), problem)
            except JsonError as reason:
                raise self._error(str(reason), place) from problem

    def _text(self, member: Member) -> bytes:
        return self.buffer[member.start : member.end]

    def _refuse_if(self, present: bool, key: str) -> None:
        if present:
            raise self._error(_REFUSED[key])

    def _refuse_unknown(self, place: str, found: list[Member]) -> None:
        keys = ", ".join(shown(member.key) for member in found[:10]) or "none"
        raise self._error(
            f"is JSON, but not a download of the IMS: no section of documents in it (keys found: {keys}). "
            f"{_FROM_TAB}",
            "" if place == "$" else place,
        )

    def _error(self, what: str, place: str = "") -> DownloadError:
        return DownloadError(self.file.label, what, place=place)


def _is_section(key: str) -> bool:
    return section_for(key) is not None or key in READ_ONLY_TITLES
