"""Turn the kept results into benchmarks/results/table.md and the plot docs/pictures/benchmarks.png."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.ticker import FuncFormatter

HERE = Path(__file__).parent
RESULTS = HERE / "results"
TABLE = RESULTS / "table.md"
PLOT = HERE.parent / "docs" / "pictures" / "benchmarks.png"

_OURS, _FLOOR, _CALAMINE = "ims-xl", "bare XML (floor)", "calamine (read only)"
_PLOTTED = {"build": "build: download to workbook", "harvest": "harvest: workbook to upload, errors marked"}
_COLOURS = {
    _OURS: "#1F4E79", _FLOOR: "#9A9A9A", _CALAMINE: "#9A9A9A",
    "XlsxWriter": "#C55A11", "openpyxl": "#548235", "PyExcelerate": "#7F6000",
}  # fmt: skip
_UNITS = {"wall": ("seconds", "s"), "peak": ("peak memory, MB", "MB")}

Result = dict[str, Any]


def main() -> None:
    """Write the table and the plot."""
    files = sorted(RESULTS.glob("*.json"), key=lambda path: int(path.stem))
    results = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    TABLE.write_text(table(results), encoding="utf-8")
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    plot(results)
    print(table(results))
    print(f"{TABLE.relative_to(HERE.parent)} and {PLOT.relative_to(HERE.parent)} written")


def middle(result: Result, label: str, quantity: str) -> float | None:
    """Give the median of a case's runs; None where it was not run."""
    runs = result["runs"].get(label)
    return median(run[quantity] for run in runs) if runs else None


def table(results: list[Result]) -> str:
    """Write time and memory of every case at every size, each with how many times ours it is."""
    sizes = " | ".join(f"{result['documents']:,} documents" for result in results)
    lines = [f"| | {sizes} |", "|---|" + "---:|" * len(results)]
    labels = dict.fromkeys(label for result in results for label in result["runs"])
    for label in labels:
        task, name = label.split(": ")
        cells = (_cell(result, label, f"{task}: {_OURS}") for result in results)
        heading = f"**{task}, {name}**" if name == _OURS else f"{task}, {name}"
        lines.append(f"| {heading} | {' | '.join(cells)} |")
    return "\n".join([*lines, "", *_named(results)]) + "\n"


def _cell(result: Result, label: str, ours: str) -> str:
    time, memory, our_time = (
        middle(result, label, "wall"), middle(result, label, "peak"), middle(result, ours, "wall"),
    )  # fmt: skip
    if time is None or memory is None:
        return ""
    times = f" ({time / our_time:.2g}×)" if our_time and label != ours else ""
    return f"{time:.2f} s{times}, {memory:,.0f} MB"


def _named(results: list[Result]) -> list[str]:
    """Say what was measured, and on what."""
    lines = []
    for machine in {json.dumps(result["machine"], sort_keys=True) for result in results}:
        found = json.loads(machine)
        packages = ", ".join(f"{name} {number}" for name, number in found["packages"].items())
        lines.append(
            f"{found['processor']}, {found['cores']} cores, {found['memory']}, {found['system']}, "
            f"{found['python']}; {packages}."
        )
    rounds = ", ".join(f"{_rounds(result)} at {result['documents']:,}" for result in results)
    return [f"Medians of whole processes that take turns (runs: {rounds}). " + " ".join(lines)]


def _rounds(result: Result) -> int:
    return min(len(runs) for runs in result["runs"].values())


def plot(results: list[Result]) -> None:
    """Draw time and peak memory against the number of documents."""
    mpl.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "axes.grid": True, "grid.alpha": 0.25})
    figure, grid = plt.subplots(2, 2, figsize=(9.6, 6.6), sharex=True)
    for column, (task, title) in enumerate(_PLOTTED.items()):
        for row, (quantity, (unit, _)) in enumerate(_UNITS.items()):
            axes = grid[row][column]
            _draw_lines(axes, results, task, quantity)
            axes.set(xscale="log", yscale="log", ylabel=unit if column == 0 else "")
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
            axes.yaxis.set_major_formatter(FuncFormatter(_tick))
            axes.yaxis.set_minor_formatter(FuncFormatter(_minor_tick))
        grid[0][column].set_title(title, loc="left", fontweight="bold")
        grid[1][column].set_xlabel("documents")
    figure.tight_layout()
    figure.savefig(PLOT, dpi=150, metadata={"Software": None})


def _tick(value: float, _: object) -> str:
    return f"{value:,g}"


def _minor_tick(value: float, _: object) -> str:
    """Write only the ticks at 2 and 5 between two powers of ten."""
    return f"{value:,g}" if f"{value:e}"[0] in "25" else ""


def _draw_lines(axes: Any, results: list[Result], task: str, quantity: str) -> None:
    """Draw a line for everyone who does a task, with the name at its end."""
    for label in dict.fromkeys(label for result in results for label in result["runs"]):
        name = label.removeprefix(f"{task}: ")
        if name == label:
            continue
        found = [(result["documents"], middle(result, label, quantity)) for result in results]
        points = [(documents, value) for documents, value in found if value is not None]
        style = {"color": _COLOURS[name], "linewidth": 2.6 if name == _OURS else 1.3, "marker": "o"}
        axes.plot(*zip(*points, strict=True), markersize=4, label=name, **style)
    axes.legend(frameon=False, fontsize=8)


if __name__ == "__main__":
    main()
