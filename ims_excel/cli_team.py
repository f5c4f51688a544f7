"""The commands for several people at one workbook: split and merge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ims_excel.cli_options import Verb, json_option, show

DONE, CONFLICTS_REMAIN = 0, 1

_FILE = click.Path(path_type=Path)


@click.command(
    cls=Verb,
    short_help="Make a workbook for each of several people.",
    epilog="""\b
Examples:
  ims-xl split march.xlsx -n 3
  ims-xl split march.xlsx --by value -n 2
  ims-xl split march.xlsx --by "Checked by"
""",
)
@click.argument("book", type=_FILE)
@click.option(
    "--by",
    default="supplier",
    show_default=True,
    help="supplier (by name), value or tax (the largest first), or the heading of a column.",
)
@click.option(
    "-n",
    "parts",
    type=click.IntRange(min=2),
    metavar="N",
    help="How many parts [default: 2; by a column, one for each of its texts].",
)
@click.option(
    "-o",
    "--output",
    "directory",
    type=_FILE,
    help="The folder to write to, which must be there [default: BOOK's].",
)
@click.option("--force", "overwrite", is_flag=True, help="Replace existing parts and the decisions in them.")
@json_option
def split(book: Path, *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Make a workbook for each of several people, in which they see the documents that are theirs.

    Each part is the whole workbook with the rows of the others hidden. BOOK stays as it is; keep it to merge
    the parts with.
    """
    from ims_excel import report_team
    from ims_excel import split as run

    show(run(book, **values), report_team.split_report, json_output=json_output)


@click.command(
    cls=Verb,
    short_help="Bring several people's copies together.",
    epilog="""\b
Examples:
  ims-xl merge march.xlsx asha.xlsx ravi.xlsx -o merged.xlsx
  ims-xl merge march.xlsx march-part1of2.xlsx march-part2of2.xlsx -o merged.xlsx

Exit codes: 0 done; 1 conflicts to be settled; 2 unusable input or options.
""",
)
@click.argument("base", type=_FILE)
@click.argument("copies", nargs=-1, required=True, type=_FILE, metavar="COPY COPY...")
@click.option("-o", "--output", "out", type=_FILE, required=True, help="The merged workbook to write.")
@click.option("--force", "overwrite", is_flag=True, help="Replace an existing workbook of that name.")
@json_option
@click.pass_context
def merge(ctx: click.Context, /, base: Path, *, json_output: bool, **values: Any) -> None:  # noqa: ANN401
    """Bring together what people entered into copies of one workbook.

    BASE is the workbook as it was when the copies were made: as built, or as split. What only one copy
    changed is taken; what copies changed differently is listed on the sheet "Conflicts", where you choose.
    """
    from ims_excel import merge as run
    from ims_excel import report_team

    result = run(base, **values)
    show(result, report_team.merge_report, json_output=json_output)
    ctx.exit(CONFLICTS_REMAIN if result.conflicts else DONE)
