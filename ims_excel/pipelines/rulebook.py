"""rules: what is checked, for people to read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ims_excel.exceptions import OptionError
from ims_excel.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence


SOURCES = {
    "ADV": "GSTN's advisory 658 of April 2026 on the offline tool",
    "FAQ24": "GSTN's advisory and FAQs on the IMS, September and October 2024",
    "FAQ25": "GSTN's advisory and FAQs of October 2025: pending credit notes, declared ITC reduction",
    "BOE25": "GSTN's advisory of October 2025 on imports of goods in the IMS",
    "IG": "itc-guard, an open reading of the official workbook's macros",
    "IRP": "IMS Recon Pro, an open tool that was corrected after real refusals of the portal",
    "IC": "India Compliance, the open ERPNext client of the portal's API",
    "ASP": "field names and messages of a GST service provider's API",
    "GA": "GST-API, open models of GSTN's API document",
    "FG": "fillgst, the portal's own calls as seen in use",
    "TALLY": "Tally's help pages on the IMS",
    "OURS": "ours: what keeps a workbook and its upload true to each other",
}
"""What the codes stand for that rules name as their sources, the official ones first."""


@dataclass(frozen=True)
class RuleEntry:
    """A rule as it is listed: id, severity, title, what it says, source and confidence."""

    id: str
    severity: str
    title: str
    text: str
    source: str
    confidence: str


def rulebook(ids: Sequence[str] = ()) -> list[RuleEntry]:
    """List the rules, all of them or those asked for.

    Raises:
        OptionError: an id that no rule has.
    """
    entries = [
        RuleEntry(rule.id, rule.severity.value, rule.title, rule.text, rule.source, rule.confidence)
        for rule in RULES
    ]
    wanted = {rule_id.upper() for rule_id in ids}
    unknown = wanted - {entry.id.upper() for entry in entries}
    if unknown:
        raise OptionError(f"no rule is called {', '.join(sorted(unknown))}; ims-xl rules lists them all.")
    return [entry for entry in entries if not wanted or entry.id.upper() in wanted]
