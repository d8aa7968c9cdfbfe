"""Reference cases: run a case of a public case file through the statistics of the product.

A case names a measure, a CSV beside its file or inline columns, and inputs in a closed
vocabulary; the answer is plain data. Nothing here computes: every number comes from the
modules one level up.
"""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.stats.reference import change, complaints, scores
from app.stats.reference.inputs import CaseError, Inputs
from app.stats.reference.rows import Files

Measure = Callable[[Inputs], dict[str, Any]]
MEASURES: Mapping[str, Measure] = {**scores.MEASURES, **change.MEASURES, **complaints.MEASURES}


def run_case(case: object, folder: Path, files: Files | None = None) -> dict[str, Any]:
    """Result of one case.

    Parameters
    ----------
    case : mapping
        `measure`, `inputs` and, unless inline, `data`; other keys are ignored.
    folder : Path
        Where the CSV files lie.
    files : Files, optional
        Files already read, shared by the cases of one run.

    Returns
    -------
    dict
        JSON-ready fields of the measure, without NaN or infinity. A case that cannot be
        understood gives ``{"error": text}`` and never an exception.

    Examples
    --------
    >>> case = {"measure": "csat", "inputs": {
    ...     "inline": {"q": [5, 4, 4, 3, 2]}, "column": "q", "scale": [1, 5],
    ...     "satisfied_values": [5]}}
    >>> run_case(case, Path())["csat_pct"]
    20.0
    >>> run_case({"measure": "astrology", "inputs": {}}, Path())
    {'error': 'unknown_measure: astrology'}
    """
    if not isinstance(case, Mapping):
        return {"error": "bad_case: not an object"}
    name = case.get("measure")
    measure = MEASURES.get(name) if isinstance(name, str) else None
    if measure is None:
        return {"error": f"unknown_measure: {name}"}
    try:
        inputs = Inputs(case, files or Files(folder))
        result = measure(inputs)
        inputs.check_all_used()
    except CaseError as error:
        return {"error": str(error)}
    except ValueError as error:
        return {"error": f"bad_input: {error}"}
    return {key: _plain(value) for key, value in result.items()}


def run_file(path: Path) -> dict[str, dict[str, Any]]:
    """Results of every case of a file, by case id.

    Parameters
    ----------
    path : Path
        JSON: a list of cases or an object with `cases`.

    Raises
    ------
    OSError, ValueError
        If the file cannot be read or is no list of cases; a bad case is reported under
        its own id (or ``#position`` if it has none).
    """
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    cases = document.get("cases") if isinstance(document, dict) else document
    if not isinstance(cases, list):
        raise ValueError("no_cases")
    files = Files(path.parent)
    results = {}
    for position, case in enumerate(cases, start=1):
        known = isinstance(case, dict) and case.get("id") is not None
        results[str(case["id"]) if known else f"#{position}"] = run_case(case, path.parent, files)
    return results


def _plain(value: Any) -> Any:
    """JSON data: enumerations as text, tuples as lists, anything not finite as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, str) else value
