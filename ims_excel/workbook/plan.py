"""What a write-back will change, worked out before a byte is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ims_excel.exceptions import WorkbookError
from ims_excel.workbook import filters, newsheet
from ims_excel.workbook.appending import stretch_frame, stretch_names, stretch_table
from ims_excel.workbook.cells import address
from ims_excel.workbook.celltext import plain
from ims_excel.workbook.charts import restate_charts
from ims_excel.workbook.edits import RowEdit, SheetTask
from ims_excel.workbook.grid import FIRST_ROW
from ims_excel.workbook.markup import Node, Splice, attribute_splice, parse
from ims_excel.workbook.overwriting import Box
from ims_excel.workbook.patches import SheetPatch
from ims_excel.workbook.rawzip import ahead
from ims_excel.workbook.reshaping import set_properties, show_columns, show_sheets
from ims_excel.workbook.sharedtexts import shared_texts
from ims_excel.workbook.sheetpatch import SheetSurvey
from ims_excel.workbook.smallparts import SmallParts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from ims_excel.workbook.appending import Appended, Reach
    from ims_excel.workbook.newsheet import Offers
    from ims_excel.workbook.package import Package, SheetPart
    from ims_excel.workbook.patches import BookPatch
    from ims_excel.workbook.rowstates import Turned


@dataclass
class SheetPlan:
    """The changes in a sheet's part.

    Attributes:
        title: what its tab says.
        part: its name in the package.
        head: the old part up to its rows.
        tail: the old part behind its rows.
        tail_start: where the tail begins.
        rows: the rows with cells to write.
        turned: the rows that are shown or hidden.
        frame: changes in head and tail.
        appended: new rows.
        columns: 0-based columns that are shown.
        offers: the lists that its cells offer from now on; None where they stay.
    """

    title: str
    part: str
    head: bytes
    tail: bytes
    tail_start: int
    rows: list[RowEdit]
    turned: list[Turned] = field(default_factory=list)
    frame: list[Splice] = field(default_factory=list)
    appended: Appended | None = None
    columns: AbstractSet[int] = frozenset()
    offers: Offers | None = None

    def splices(self) -> list[Splice]:
        """Give all changes in the order of the part."""
        in_rows = [splice for row in self.rows for splice in row.splices()]
        before = [splice for splice in self.frame if splice.start < len(self.head)]
        after = [splice for splice in self.frame if splice.start >= len(self.head)]
        turned = [row.splice for row in self.turned]
        new = [self.appended.splice] if self.appended else []
        splices = [*before, *in_rows, *turned, *new, *after]
        return sorted(splices, key=lambda splice: (splice.start, splice.end))

    @property
    def cells_written(self) -> int:
        """How many cells will say something else."""
        return sum(not cell.is_heir for row in self.rows for cell in row.cells)


@dataclass
class Plan:
    """All changes in a package.

    Attributes:
        parts: the small parts.
        sheets: the sheets with changes.
        cleared_filters: titles of the sheets whose filters lose their criteria.
        names: hidden names that will refer to sheets of ours.
        hidden_rows: rows that stay hidden on the sheets whose filters are cleared: people hid them.
        shown_sheets: titles of the sheets that are brought to light.
        offers: by part of a sheet of ours, the lists that its cells offer from now on.
        properties: custom document properties that change.
    """

    parts: SmallParts
    sheets: list[SheetPlan] = field(default_factory=list)
    cleared_filters: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    hidden_rows: int = 0
    shown_sheets: AbstractSet[str] = frozenset()
    offers: dict[str, Offers | None] = field(default_factory=dict)
    properties: dict[str, str | None] = field(default_factory=dict)

    @property
    def reaches(self) -> dict[str, Reach]:
        """Tell what becomes of ranges over the documents, by title of the sheet."""
        return {sheet.title: sheet.appended.reach for sheet in self.sheets if sheet.appended}

    @property
    def is_empty(self) -> bool:
        """Nothing would change."""
        return not (self.sheets or self.parts.has_changes)

    @property
    def cells_written(self) -> int:
        """How many cells of existing sheets will say something else."""
        return sum(sheet.cells_written for sheet in self.sheets)

    @property
    def shown_rows(self) -> int:
        """How many rows become visible."""
        return sum(not row.hides for sheet in self.sheets for row in sheet.turned)


def make_plan(package: Package, patch: BookPatch) -> Plan:
    """Work out what has to change so that a workbook says what is asked.

    Raises:
        WorkbookError: when a sheet does not exist, is damaged or not UTF-8, or when a cell belongs to an
            array formula.
    """
    plan = Plan(SmallParts(package), properties=patch.properties)
    with package.naming_damage(package.workbook_part):  # parts that are named more exactly do so themselves
        _plan_sheets(plan, patch)
        _plan_small_parts(plan)
    return plan


def _plan_sheets(plan: Plan, patch: BookPatch) -> None:
    package = plan.parts.package
    more = {sheet.title: sheet for sheet in _combined(patch.sheets) if sheet.rows or sheet.show_columns}
    plan.shown_sheets = {sheet.title for sheet in patch.sheets if sheet.show_sheet}
    surveys = [
        (part, is_cleared, _survey(package, part, task))
        for part, is_cleared, task in [*_patch_tasks(package, patch), *_own_tasks(plan, patch)]
    ]
    _drop_what_is_so(package, [survey for _, _, survey in surveys])
    for part, is_cleared, survey in surveys:
        with package.naming_damage(part.name):
            _plan_sheet(plan, part, survey, is_cleared=is_cleared, more=more.get(part.title))
    if any(survey.formulas.removed for _, _, survey in surveys):
        plan.parts.drop_calculation_chain()


def _plan_small_parts(plan: Plan) -> None:
    plan.parts.define(plan.names)
    plan.parts.change_workbook(stretch_names(plan.parts.workbook, plan.reaches))
    show_sheets(plan.parts, plan.shown_sheets)
    set_properties(plan.parts, plan.properties)
    if plan.sheets:
        restate_charts(plan.parts, plan.sheets)
        plan.parts.ask_for_calculation()


_Job = tuple["SheetPart", bool, SheetTask]


def _patch_tasks(package: Package, patch: BookPatch) -> Iterator[_Job]:
    for sheet in _combined(patch.sheets):
        cells = {place: plain(value, date1904=package.date1904) for place, value in sheet.cells.items()}
        asked = {**sheet.results, **cells}
        if any((asked, sheet.clear_filter, sheet.hide, sheet.show, sheet.rows, sheet.show_columns)):
            part = _find_sheet(package, sheet.title)
            rows = sheet.rows if sheet.rows and sheet.rows.count else None
            yield part, sheet.clear_filter, SheetTask(asked, hide=sheet.hide, show=sheet.show, rows=rows)


def _combined(sheets: Iterable[SheetPatch]) -> Iterable[SheetPatch]:
    """Put patches of the same sheet together; of cells that both name, the later counts."""
    by_title: dict[str, SheetPatch] = {}
    for sheet in sheets:
        known = by_title.get(sheet.title, SheetPatch(sheet.title, {}, clear_filter=False))
        by_title[sheet.title] = SheetPatch(
            title=sheet.title,
            cells=known.cells | sheet.cells,
            clear_filter=known.clear_filter or sheet.clear_filter,
            hide=known.hide | sheet.hide,
            show=known.show | sheet.show,
            rows=sheet.rows or known.rows,
            show_columns=known.show_columns | sheet.show_columns,
            show_sheet=known.show_sheet or sheet.show_sheet,
            results={**known.results, **sheet.results},
        )
    return by_title.values()


def _own_tasks(plan: Plan, patch: BookPatch) -> Iterator[_Job]:
    """Give earlier sheets of ours their new rows, and add those that are not there yet."""
    for sheet in patch.new_sheets:
        content = newsheet.prepare(plan.parts.package, sheet)
        earlier = newsheet.ours(plan.parts, sheet.title)
        if earlier:
            plan.offers[earlier.name] = newsheet.offers_of(sheet)
            yield earlier, True, SheetTask(content.cells, is_whole=True, style=content.styles.of)
        elif sheet.rows:
            title = newsheet.add_sheet(plan.parts, sheet, content)
            plan.names[newsheet.mark_of(sheet.title)] = newsheet.reference_to(title)


def _find_sheet(package: Package, title: str) -> SheetPart:
    for sheet in package.sheets:
        if sheet.title == title and sheet.is_worksheet:
            return sheet
    raise WorkbookError(package.path, f"has no sheet {title}.")


def _survey(package: Package, part: SheetPart, task: SheetTask) -> SheetSurvey:
    with package.naming_damage(part.name):
        return SheetSurvey(ahead(package.open(part.name)), task)


def _drop_what_is_so(package: Package, surveys: Iterable[SheetSurvey]) -> None:
    """Leave cells alone whose shared string already says what is asked."""
    surveys = list(surveys)
    indexes = {cell.said.shared_index for survey in surveys for cell in survey.edits()} - {None}
    texts = shared_texts(package, {index for index in indexes if index is not None})
    for survey in surveys:
        for row in survey.rows:
            row.cells = [
                cell
                for cell in row.cells
                if cell.said.shared_index is None
                or not cell.said.is_already(cell.value, texts.get(cell.said.shared_index))
            ]
        survey.rows = [row for row in survey.rows if row.cells]


def _plan_sheet(
    plan: Plan, part: SheetPart, survey: SheetSurvey, *, is_cleared: bool, more: SheetPatch | None = None
) -> None:
    _refuse_arrays(plan.parts.package, part, survey)
    sheet = SheetPlan(part.title, part.name, survey.head, survey.tail, survey.tail_start, survey.rows)
    skeleton = survey.head + survey.tail
    root = parse(skeleton)
    if is_cleared:
        _clear_filters(plan, sheet, survey, skeleton, root)
    _turn_rows(sheet, survey, root)
    if survey.end_of_rows:
        sheet.appended = survey.end_of_rows.append(date1904=plan.parts.package.date1904)
    if more:
        _reshape(plan, sheet, more, skeleton, root)
    sheet.offers = plan.offers.get(part.name)
    if sheet.offers is not None:
        sheet.frame += [_in_part(sheet, splice) for splice in newsheet.offer_splices(root, sheet.offers)]
    if survey.rows or sheet.appended:
        sheet.frame += _make_room(sheet, survey, skeleton, root)
    if sheet.rows or sheet.turned or sheet.frame or sheet.appended:
        plan.sheets.append(sheet)


def _refuse_arrays(package: Package, part: SheetPart, survey: SheetSurvey) -> None:
    found = survey.formulas.in_the_way((cell.row, cell.column) for cell in survey.edits())
    if found:
        (row, column), box = found
        raise WorkbookError(
            package.path,
            f"belongs to the array formula or data table in {box}, which cannot be changed in part. Put its "
            "values in its place (Copy, then Paste Special: Values) and save the workbook.",
            place=address(part.title, row, column),
        )


def _clear_filters(plan: Plan, sheet: SheetPlan, survey: SheetSurvey, skeleton: bytes, root: Node) -> None:
    """Remove the criteria of the sheet's own filter, its custom views' and its tables'."""
    frame = [splice for node in filters.filter_nodes(root) for splice in filters.clear_splices(node)]
    reaches = filters.filtered_rows(root)
    if reaches:
        frame += filters.filter_mode_splices(skeleton, root)
    sheet.frame += [_in_part(sheet, splice) for splice in frame]
    cleared = bool(frame)
    for table in _tables(plan.parts.package, sheet.part):
        node = plan.parts.node(table)
        reaches += filters.filtered_rows(node)
        splices = [splice for found in filters.filter_nodes(node) for splice in filters.clear_splices(found)]
        plan.parts.change(table, splices)
        cleared = cleared or bool(splices)
    sheet.turned = survey.states.show(
        reaches,
        summary_below=filters.summary_is_below(root),
        by_default_hidden=filters.hides_rows_by_default(root),
    )
    still_hidden = survey.states.hidden.keys() - {row.number for row in sheet.turned}
    plan.hidden_rows += sum(number >= FIRST_ROW for number in still_hidden)
    if cleared:
        plan.cleared_filters.append(sheet.title)


def _reshape(plan: Plan, sheet: SheetPlan, more: SheetPatch, skeleton: bytes, root: Node) -> None:
    """Stretch all that covers the documents over new rows, and show columns."""
    sheet.columns = more.show_columns
    frame = list(show_columns(root, sheet.columns))
    if sheet.appended:
        frame += stretch_frame(root, skeleton, sheet.appended.reach)
        for table in _tables(plan.parts.package, sheet.part):
            data, node = plan.parts.data(table), plan.parts.node(table)
            plan.parts.change(table, stretch_table(data, node, sheet.appended.reach))
    sheet.frame += [_in_part(sheet, splice) for splice in frame]


def _turn_rows(sheet: SheetPlan, survey: SheetSurvey, root: Node) -> None:
    """Show and hide the rows that are asked for by number; to be hidden counts more than to be shown."""
    task, states = survey.task, survey.states
    if not (task.show or task.hide):
        return
    shown = states.show(
        [task.show],
        summary_below=filters.summary_is_below(root),
        by_default_hidden=filters.hides_rows_by_default(root),
    )
    turned = {row.number: row for row in (*sheet.turned, *shown) if row.number not in task.hide}
    sheet.turned = [row for _, row in sorted({**turned, **states.hiding}.items())]


def _tables(package: Package, part: str) -> list[str]:
    return [
        name
        for kind, name in package.relationships(part).values()
        if kind == "table" and name in package.names
    ]


def _in_part(sheet: SheetPlan, splice: Splice) -> Splice:
    """Move a splice from head and tail put together to where it is in the part."""
    if splice.start < len(sheet.head):
        return splice
    shift = sheet.tail_start - len(sheet.head)
    return Splice(splice.start + shift, splice.end + shift, splice.text)


def _make_room(sheet: SheetPlan, survey: SheetSurvey, skeleton: bytes, root: Node) -> list[Splice]:
    """Widen the sheet's stated dimension to new cells; open "<sheetData/>"."""
    splices = []
    inserted = [(cell.row, cell.column) for cell in survey.edits() if cell.splice.start == cell.splice.end]
    inserted += [sheet.appended.corner] if sheet.appended else []
    dimension = root.first("dimension")
    if inserted and dimension and "ref" in dimension.attributes:
        box = Box.of(dimension.attributes["ref"])
        wide = Box(
            min(box.top, *(row for row, _ in inserted)),
            min(box.left, *(column for _, column in inserted)),
            max(box.bottom, *(row for row, _ in inserted)),
            max(box.right, *(column for _, column in inserted)),
        )
        if wide != box:
            splices += attribute_splice(skeleton, dimension, "ref", str(wide))
    if survey.is_empty:
        end = len(sheet.head)
        name = root.prefix + "sheetData"
        splices += [Splice(end - 2, end, b">"), Splice(end, end, f"</{name}>".encode())]
    return splices
