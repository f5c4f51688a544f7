"""Sections of the IMS: the portal's keys, the sheets people know, and what each section carries.

Keys, sheet titles and aliases: domain file 1.4. Identity fields: 1.5.2. ITC-reduction sections: 1.5.4.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One section of the download.

    Attributes:
        key: the portal's canonical key, as the upload spells it.
        sheet: the official sheet title.
        title: what the section holds, in words.
        is_note: documents are notes (``nt_num``/``nt_dt``) rather than invoices (``inum``/``idt``).
        is_amendment: records carry the original document's number and date beside the revised ones.
        carries_itc_reduction: the question "whether ITC is to be reduced" may be answered here.
        is_eco: reported by an e-commerce operator under section 9(5); no document type.
        reduces_itc: the documents lower ITC (credit notes).
        aliases: other spellings seen on input, already folded by ``fold_key``.
    """

    key: str
    sheet: str
    title: str
    is_note: bool = False
    is_amendment: bool = False
    carries_itc_reduction: bool = False
    is_eco: bool = False
    reduces_itc: bool = False
    aliases: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(self.key)


B2B = Section("b2b", "B2B", "Invoices")
B2BA = Section("b2ba", "B2BA", "Amended invoices", is_amendment=True, carries_itc_reduction=True)
B2BDN = Section("b2bdn", "B2B-DN", "Debit notes", is_note=True, aliases=("dn",))
B2BDNA = Section(
    "b2bdna", "B2B-DNA", "Amended debit notes",
    is_note=True, is_amendment=True, carries_itc_reduction=True, aliases=("dna",),
)  # fmt: skip
B2BCN = Section(
    "b2bcn", "B2B-CN", "Credit notes",
    is_note=True, carries_itc_reduction=True, reduces_itc=True, aliases=("cn", "cdnr"),
)  # fmt: skip
B2BCNA = Section(
    "b2bcna", "B2B-CNA", "Amended credit notes",
    is_note=True, is_amendment=True, carries_itc_reduction=True, reduces_itc=True, aliases=("cna", "cdnra"),
)  # fmt: skip
ECOM = Section("ecom", "ECO", "E-commerce operator documents", is_eco=True, aliases=("eco", "eb2b", "ec2b"))
ECOMA = Section(
    "ecoma", "ECOA", "Amended e-commerce operator documents",
    is_amendment=True, carries_itc_reduction=True, is_eco=True, aliases=("ecoa", "eb2ba", "ec2ba"),
)  # fmt: skip

SECTIONS: tuple[Section, ...] = (B2B, B2BA, B2BDN, B2BDNA, B2BCN, B2BCNA, ECOM, ECOMA)
"""The editable sections, in the official sheet order."""

READ_ONLY_TITLES = {
    "impg": "Import of goods",
    "impga": "Import of goods - amended",
    "impgsez": "Import of goods from SEZ",
    "impgseza": "Import of goods from SEZ - amended",
    "isd": "ISD invoices",
    "isda": "ISD invoices - amended",
    "isdcn": "ISD credit notes",
    "isdcna": "ISD credit notes - amended",
}
"""Sections that the offline tool cannot act on: shown read-only, never dropped (domain file 1.5.5)."""


def fold_key(key: str) -> str:
    """Fold a section key for matching: case, ``_`` and ``-`` do not count (domain file 1.4)."""
    return key.casefold().replace("_", "").replace("-", "").replace(" ", "")


_BY_KEY = {name: section for section in SECTIONS for name in (section.key, *section.aliases)}


def section_for(key: str) -> Section | None:
    """Find the editable section that a key in a file means, or None."""
    return _BY_KEY.get(fold_key(key))
