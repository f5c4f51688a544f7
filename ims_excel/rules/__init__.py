"""The portal's rules, one small function each, with its id in the register (domain file section 5)."""

from __future__ import annotations

from ims_excel.rules.checking import RULES, blocked_places, check
from ims_excel.rules.registry import Context, Rule

__all__ = ["RULES", "Context", "Rule", "blocked_places", "check"]
