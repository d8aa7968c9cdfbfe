"""One row of a customer list to one clean customer, or to the list of all that is wrong with it.

The rows come as text, from whatever file; what is done with a clean row is up to the caller.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.rules.customers.import_mapping import ATTRIBUTE, IGNORE, REQUIRED, ImportMapping
from app.rules.customers.import_values import (
    ValueProblem,
    clean_text,
    folded,
    parse_boolean,
    parse_date,
    parse_email,
    parse_kind,
    parse_language,
    parse_lines,
    parse_phone,
)

MAX_LENGTHS = {
    "code": 60,
    "name": 200,
    "region": 80,
    "size": 40,
    "lines": 500,
    "contact_name": 120,
    "contact_email": 254,
    "contact_phone": 40,
    "service_what": 200,
    ATTRIBUTE: 1000,
}
MAX_ATTRIBUTE_NAME = 100
MAX_LINE = 80  # one business line
SHOWN = 80  # characters of a bad value that a problem carries

SIMPLE: dict[str, Callable[[str], Any]] = {
    "kind": parse_kind,
    "lines": parse_lines,
    "contact_email": parse_email,
    "contact_phone": parse_phone,
    "contact_language": parse_language,
}
DATES = frozenset({"customer_since", "service_date"})
BOOLEANS = frozenset({"key_account", "do_not_contact"})
CONTACT = ("contact_name", "contact_email", "contact_phone", "contact_language")


@dataclass(frozen=True)
class CleanRow:
    """One customer as the list tells it; None, () or "" where the cell is blank or missing.

    `branch` is the value of `known_branches`; `attributes` holds the filled free columns by header.
    """

    number: int
    code: str
    name: str
    kind: str | None = None
    region: str = ""
    size: str = ""
    lines: tuple[str, ...] = ()
    customer_since: dt.date | None = None
    key_account: bool | None = None
    branch: Any = None
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    contact_language: str | None = None
    service_date: dt.date | None = None
    service_what: str = ""
    do_not_contact: bool | None = None
    attributes: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def has_contact(self) -> bool:
        """Whether the row names a contact or a way to reach one."""
        return bool(self.contact_name or self.contact_email or self.contact_phone)


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with one cell: `row` as in the sheet, `column` from 0 (None: the whole row),
    `field` (or "attribute"), a code and the values its sentence needs."""

    row: int
    column: int | None
    field: str
    code: str
    params: dict[str, object] = dataclasses.field(default_factory=dict)


def branch_key(name: str) -> str:
    """How names and codes of branches are compared; use it for the keys of `known_branches`."""
    return folded(name)


def clean_row(
    cells: Sequence[str],
    mapping: ImportMapping,
    known_branches: Mapping[str, Any],
    *,
    number: int,
    seen_codes: MutableMapping[str, int],
    today: dt.date | None = None,
    day_first: bool | None = None,
) -> CleanRow | list[RowProblem]:
    """Clean a row, or return every problem it has.

    `known_branches` maps `branch_key(name)` to whatever identifies the branch. `seen_codes` is
    shared by all rows of a file: code to the row that used it first; it is filled here. Dates after
    `today` are refused if it is given.

    Codes: required, too_long, nul_character, code_twice (first_row), branch_unknown, kind_unknown,
    language_unknown, not_yes_no, date_invalid, date_ambiguous, date_in_future, email_invalid,
    email_several, phone_invalid, phone_several, phone_scientific, surplus_cells.
    """
    values: dict[str, Any] = {}
    attributes: dict[str, str] = {}
    problems: list[RowProblem] = []
    for column, (cell, target) in enumerate(zip(cells, mapping.targets, strict=False)):
        if not cell or target == IGNORE:
            continue
        try:
            text = clean_text(cell)
            if not text:
                continue
            _check_length(target, text)
            if target == ATTRIBUTE:
                attributes[_attribute_name(mapping.headers[column])] = text
            else:
                values[target] = _value(target, text, cell, known_branches, today, day_first)
        except ValueProblem as problem:
            problems.append(_problem(number, column, target, problem))
    problems += _row_problems(cells, mapping, values, problems, number)
    problems += _code_problem(mapping, values.get("code"), number, seen_codes)
    if problems:
        return problems
    return CleanRow(number=number, attributes=attributes, **values)


def _value(
    target: str,
    text: str,
    cell: str,
    known_branches: Mapping[str, Any],
    today: dt.date | None,
    day_first: bool | None,
) -> Any:
    if target == "lines":
        return _lines(cell)
    if target in SIMPLE:
        return SIMPLE[target](text)
    if target in BOOLEANS:
        return parse_boolean(text, target)
    if target in DATES:
        day = parse_date(text, whole_day=target == "service_date", day_first=day_first)
        if today is not None and day > today:
            raise ValueProblem("date_in_future", value=text)
        return day
    if target == "branch":
        branch = known_branches.get(branch_key(text))
        if branch is None:
            raise ValueProblem("branch_unknown", value=text)
        return branch
    return text


def _lines(cell: str) -> tuple[str, ...]:
    lines = parse_lines("\n".join(clean_text(line) for line in cell.splitlines()))
    for line in lines:
        if len(line) > MAX_LINE:
            raise ValueProblem("too_long", value=line[:SHOWN], length=len(line), limit=MAX_LINE)
    return lines


def _row_problems(
    cells: Sequence[str],
    mapping: ImportMapping,
    values: Mapping[str, Any],
    problems: Sequence[RowProblem],
    number: int,
) -> list[RowProblem]:
    """Required cells that are blank; cells beyond the header, which mean that the row is shifted."""
    told = {problem.field for problem in problems}
    found = [
        RowProblem(number, mapping.column_of(name), name, "required")
        for name in REQUIRED
        if name not in values and name not in told
    ]
    surplus = [cell for cell in cells[len(mapping.targets) :] if cell.strip()]
    if surplus:
        params: dict[str, object] = {"count": len(surplus), "value": surplus[0][:SHOWN]}
        found.append(RowProblem(number, None, "", "surplus_cells", params))
    return found


def _code_problem(
    mapping: ImportMapping, code: str | None, number: int, seen_codes: MutableMapping[str, int]
) -> list[RowProblem]:
    if code is None:
        return []
    first = seen_codes.setdefault(code.casefold(), number)
    if first == number:
        return []
    params: dict[str, object] = {"value": code, "first_row": first}
    return [RowProblem(number, mapping.column_of("code"), "code", "code_twice", params)]


def _check_length(target: str, text: str) -> None:
    limit = MAX_LENGTHS.get(target)
    if limit is not None and len(text) > limit:
        raise ValueProblem("too_long", value=text[:SHOWN], length=len(text), limit=limit)


def _attribute_name(header: str) -> str:
    return header.strip()[:MAX_ATTRIBUTE_NAME]


def _problem(number: int, column: int, target: str, problem: ValueProblem) -> RowProblem:
    params = dict(problem.params)
    if isinstance(params.get("value"), str):
        params["value"] = str(params["value"])[:SHOWN]
    return RowProblem(number, column, target, problem.code, params)
