"""Advice: what the portal's codes and messages mean for the person at the workbook (domain file 3.4).

Plain data that grows: add a code to ``CODES``, or a message without a code to ``PHRASES``. No fuller list
of the portal's codes is public.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Advice(NamedTuple):
    """What to do about a message, and the machine names of the columns it is about."""

    what_to_do: str
    fields: tuple[str, ...] = ()


_ANSWER_ITC = Advice(
    'Answer "Whether ITC to be reduced" with Yes or No on this row, then harvest and upload again.',
    ("itc_reduction",),
)
_OUR_MISTAKE = Advice(
    "The portal did not take the shape of the file. Try the options under 'The portal's format' in "
    "ims-xl harvest --help, and report it to the makers of ims-xl with this message."
)

CODES = {
    "IMSSAV0054": _ANSWER_ITC,
    "IMSSAV0015": Advice(
        "An earlier upload for this GSTIN is still being processed. Wait, then upload again."
    ),
    "IMS2005": Advice("Nothing to do: GSTR-2B was not computed again because nothing had changed."),
    "IMS2B007": Advice(
        "GSTR-3B of this period is filed or the period is wrong: it is too late for this action."
    ),
    "RTN_24": Advice("The report is still being made. Download it again in a few minutes."),
    "RET2B1010": Advice("The portal did not authorise the request. Sign in to the portal and upload there."),
    "GTR2B-001": Advice("GSTR-2B does not apply to this period; there is nothing to do in the workbook."),
    "GTR2B-002": Advice("GSTR-2B has not been generated yet. Try again after the 14th."),
}
"""By code, in capitals."""

PHRASES = (
    (re.compile(r"no action\b.*\bcredit note", re.IGNORECASE), _ANSWER_ITC),
    (re.compile(r"modified or deleted|does not exist|not found", re.IGNORECASE),
     Advice("This record has changed: download again from the portal and run ims-xl refresh with it.")),
    (re.compile(r"3B\b.*\bfiled", re.IGNORECASE),
     Advice("GSTR-3B of the period is filed, so the portal takes no more action. Leave the record out.",
            ("status",))),
    (re.compile(r"invalid json|schema|json .*(?:invalid|incorrect)", re.IGNORECASE), _OUR_MISTAKE),
)  # fmt: skip
"""Messages without a known code: the first pattern that is found in the text counts."""

WORDS = (
    (re.compile(r"itc_?red_?req|reduc(?:ed|tion)|reversal", re.IGNORECASE), "itc_reduction"),
    (re.compile(r"decl_?igst", re.IGNORECASE), "declared_igst"),
    (re.compile(r"decl_?cgst", re.IGNORECASE), "declared_cgst"),
    (re.compile(r"decl_?sgst", re.IGNORECASE), "declared_sgst"),
    (re.compile(r"decl_?cess", re.IGNORECASE), "declared_cess"),
    (re.compile(r"\bremarks?\b", re.IGNORECASE), "remarks"),
    (re.compile(r"\baction\b|\bpending\b", re.IGNORECASE), "status"),
    (re.compile(r"\bstin\b|\bGSTIN\b", re.IGNORECASE), "supplier_gstin"),
    (
        re.compile(r"\b(?:o?inum|o?nt_num)\b|\b(?:invoice|note|document) (?:number|no\b)", re.IGNORECASE),
        "number",
    ),
    (re.compile(r"\b(?:idt|nt_dt)\b|\b(?:invoice|note|document) date\b", re.IGNORECASE), "date"),
    (re.compile(r"\binv_typ\b|\b(?:invoice|document) type\b", re.IGNORECASE), "document_type"),
    (re.compile(r"\bpos\b|place of supply", re.IGNORECASE), "place_of_supply"),
    (re.compile(r"\btxval\b|taxable value", re.IGNORECASE), "taxable_value"),
    (re.compile(r"\bval\b|\b(?:invoice|note|document) value\b", re.IGNORECASE), "value"),
    (re.compile(r"\biamt\b", re.IGNORECASE), "igst"),
    (re.compile(r"\bcamt\b", re.IGNORECASE), "cgst"),
    (re.compile(r"\bsamt\b", re.IGNORECASE), "sgst"),
    (re.compile(r"\brtnprd\b|return period", re.IGNORECASE), "return_period"),
    (re.compile(r"\bsrcform\b|source form", re.IGNORECASE), "source_form"),
)
"""Words in a message, and the column each is about."""


@lru_cache(maxsize=4096)
def advice_on(code: str, message: str) -> Advice:
    """Look up what to do about a message and which columns it is about; empty where nothing is known."""
    known = CODES.get(code.strip().upper())
    if known is None:
        known = next((advice for pattern, advice in PHRASES if pattern.search(message)), Advice(""))
    if known.fields:
        return known
    return Advice(known.what_to_do, tuple(field for pattern, field in WORDS if pattern.search(message)))
