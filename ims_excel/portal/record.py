"""A record of the download: the bytes exactly as they came, and the document they tell of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ims_excel.portal.decoding import decoder, decoder_again, identifier, outliner
from ims_excel.portal.document import DECLARED_HEADS, TAX_HEADS, Document, Outline, identity_key, row_key

if TYPE_CHECKING:
    import msgspec

    from ims_excel.portal.sections import Section

__all__ = ["DECLARED_HEADS", "TAX_HEADS", "Document", "Outline", "Record", "identity_key", "row_key"]

_ITC_KEY = re.compile(rb'"(?:is)?itc_?red[a-z_]*"\s*:', re.IGNORECASE)


@dataclass(slots=True)
class Record:
    """One record of a section; decoded when its document is asked for.

    Attributes:
        section: where it belongs.
        slice: the record's JSON as the portal wrote it, most often a part of the file's bytes.
        source_key: the section key as the file spelled it (7.13: ECO keys are echoed).
        occurrence: 1, or 2, 3 … for further records of the same file with the same identity.
        is_regular: it is known to be written in the canonical way, and so is decoded without a check.
    """

    section: Section
    _document: Document | None = field(compare=False)
    slice: bytes | msgspec.Raw
    source_key: str = ""
    occurrence: int = 1
    is_regular: bool = field(default=False, compare=False)
    _key: str = field(default="", init=False, repr=False, compare=False)

    @property
    def document(self) -> Document:
        """Its facts.

        Raises:
            RecordError: the record was never checked, and cannot be used.
        """
        if self._document is None:
            self._document = self._decoded()
        return self._document

    @property
    def glimpse(self) -> Document:
        """Its facts for who needs them once: a document that was let go is not kept again."""
        return self._document or self._decoded()

    @property
    def outline(self) -> Outline:
        """What identifies it and what is answered on it, for who needs no more: quick to have, not kept."""
        if self._document is None and self.is_regular:
            return outliner(self.section)(self.slice)
        return self.document

    def _decoded(self) -> Document:
        decode = decoder_again(self.section) if self.is_regular else decoder(self.section)
        return decode(self.slice)

    def forget(self) -> None:
        """Let the document go, to be decoded again: a million of them take gigabytes."""
        self._document = None

    def know(self, key: str) -> None:
        """Take the row key from who has looked it up already."""
        self._key = key

    @property
    def raw(self) -> bytes:
        """The record's JSON to the byte, unknown keys too."""
        return bytes(self.slice)

    @property
    def key(self) -> str:
        """The row key: what identifies the document, and the occurrence (domain file 5.2)."""
        if not self._key:
            self._key = row_key(self.identity, self.occurrence)
        return self._key

    @property
    def identity(self) -> str:
        """What identifies the document, whatever its occurrence."""
        if self._key and self.occurrence == 1:
            return self._key
        if self._document is None:
            return identifier(self.section)(self.slice)
        return identity_key(self.section, self._document)

    @property
    def mentions_itc_reduction(self) -> bool:
        """Whether the portal wrote any key of the ITC-reduction family for it (domain file 7.16)."""
        return _ITC_KEY.search(self.raw) is not None

    @property
    def label(self) -> str:
        """The document as people name it: number and supplier."""
        document = self.outline
        return f"{document.number} of {document.supplier_name or document.supplier_gstin}"
