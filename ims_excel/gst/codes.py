"""Code lists of the IMS and the words people read for them."""

from __future__ import annotations

from enum import Enum


class Action(Enum):
    """A recipient's action on a document, by the portal's letter (domain file 1.5.1)."""

    ACCEPTED = "A"
    REJECTED = "R"
    PENDING = "P"
    NO_ACTION = "N"

    @property
    def label(self) -> str:
        """The word in the Status dropdown (domain file 4.4)."""
        return ACTION_LABELS[self]


ACTION_LABELS = {
    Action.ACCEPTED: "Accepted",
    Action.REJECTED: "Rejected",
    Action.PENDING: "Pending",
    Action.NO_ACTION: "No Action",
}

DOCUMENT_TYPES = {
    "R": "Regular",
    "DE": "Deemed exports",
    "SEWP": "SEZ supplies with payment of tax",
    "SEZWP": "SEZ supplies with payment of tax",
    "SEWOP": "SEZ supplies without payment of tax",
    "SEZWOP": "SEZ supplies without payment of tax",
    "CBW": "Intra-State supplies attracting IGST",
}
"""Document type codes (domain file 1.5.3); an unknown code is shown as it is."""

SOURCE_FORMS = {"R1": "GSTR-1/IFF", "R1A": "GSTR-1A", "R5": "GSTR-5"}
"""Forms a supplier reports in (domain file 4.4); an unknown code is shown as it is."""


class FilingStatus(Enum):
    """Whether the supplier has filed the source form (domain file 1.5.6)."""

    FILED = "Filed"
    NOT_FILED = "Not filed"
    UNKNOWN = ""


_FILED = frozenset({"F", "FILED", "Y"})
_NOT_FILED = frozenset({"NF", "NOTFILED", "N", "S", "SAVED"})


def filing_status(raw: str | None) -> FilingStatus:
    """Read a filing status in any spelling seen (domain file 1.5.6); UNKNOWN counts as filed in rules."""
    text = (raw or "").upper().replace(" ", "").replace("_", "")
    if text in _FILED:
        return FilingStatus.FILED
    return FilingStatus.NOT_FILED if text in _NOT_FILED else FilingStatus.UNKNOWN
