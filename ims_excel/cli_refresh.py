"""The command that brings a newer download into a workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ims_excel.cli_options import Verb, json_option, progress_bar, show

DONE, ROWS_ASK = 0, 1

_FILE = click.Path(path_type=Path)


@click.command(
    cls=Verb,
    short_help="Bring a newer download into a worked-on workbook.",
    epilog="""\b
Examples:
  ims-xl refresh march.xlsx download-2.json
  ims-xl refresh march.xlsx part1.zip part2.zip --out refreshed.xlsx
  ims-xl refresh march.xlsx download-2.json --json

Exit codes: 0 done; 1 decisions are asked for again; 2 unusable input or options.
""",
)
@click.argument("book", type=_FILE)
@click.argument("downloads", nargs=-1, required=True, type=_FILE, metavar="DOWNLOAD...")
@click.option("--out", type=_FILE, help="Write the refreshed workbook here; leave BOOK as it is.")
@click.option("--gstin", help="The recipient's GSTIN, if the download does not name it [default: BOOK's].")
@click.option("--source", type=_FILE, help="The older download, if BOOK's hidden sheet is damaged.")
@click.option("--force", is_flag=True, help="Take a download older than BOOK's; let --out replace a file.")
@json_option
@click.pass_context
def refresh(
    ctx: click.Context,
    /,
    book: Path,
    downloads: tuple[Path, ...],
    *,
    json_output: bool,
    **values: Any,  # noqa: ANN401
) -> None:
    """Bring a newer download into a worked-on workbook; decisions, own columns, formats and order stay.

    New documents come behind the last row. Where a document changed, or was acted on online in another way,
    the decision is kept and asked for again: look at it, then press Delete in the cell "Changed since the
    last download", or type OK there. The sheet "What changed" lists it all.
    """
    from ims_excel import refresh as run
    from ims_excel import report_refresh

    with progress_bar() as progress:
        result = run(book, downloads, progress=progress, **values)
    show(result, report_refresh.refresh_report, json_output=json_output)
    ctx.exit(ROWS_ASK if result.asked else DONE)
