"""All scenarios, in the order in which docs/round-trip.md tells them."""

from scenarios import sorting  # noqa: I001  the order of the page
from scenarios import entering, portal_cells, rows, columns, sheets, programs
from scenarios.table import SCENARIOS

GROUPS = (sorting, entering, portal_cells, rows, columns, sheets, programs)

__all__ = ["GROUPS", "SCENARIOS"]
