"""How every measurement is printed: a table for people, and with `--json` one line for machines."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured figure. `limit` is what it is held against, None where there is nothing."""

    name: str
    value: float
    unit: str
    limit: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value over limit."""
        return None if not self.limit else self.value / self.limit


def report(bench: str, figures: Sequence[Figure], arguments: Sequence[str] | None = None) -> None:
    """Print the table to stderr with `--json` in the arguments (and the line to stdout), else to stdout."""
    as_json = "--json" in (sys.argv[1:] if arguments is None else arguments)
    print(table(bench, figures), file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(line(bench, figures))


def table(bench: str, figures: Sequence[Figure]) -> str:
    """The figures in columns."""
    rows = [("figure", "value", "unit", "limit", "ratio")]
    rows += [(f.name, _short(f.value), f.unit, _short(f.limit), _short(f.ratio)) for f in figures]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    texts = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([bench, *(text.rstrip() for text in texts)])


def line(bench: str, figures: Sequence[Figure]) -> str:
    """One JSON object on one line."""
    content = {
        f.name: {
            "value": _rounded(f.value),
            "unit": f.unit,
            "limit": _rounded(f.limit),
            "ratio": _rounded(f.ratio),
        }
        for f in figures
    }
    return json.dumps({"bench": bench, "figures": content}, ensure_ascii=False)


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
