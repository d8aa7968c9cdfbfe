"""Findings in words: what a title may claim."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.blueprints.analysis import choosing, wording


def dimension(number: int, value: float | None) -> Any:
    figure = SimpleNamespace(value=value)
    index = SimpleNamespace(now=figure, change=None)
    return SimpleNamespace(code=f"d{number}", name={"en": f"D{number}"}, index=index)


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ([80, 70, 60], "D0 is rated highest, D2 lowest"),
        ([80, 80.01, 79.96, 80.04, 60], "4 dimensions share the first place, D4 is last"),
        ([80, 60, 60], "D0 is rated highest, 2 dimensions share the last place"),
        ([80, 80, 60, 60, 60], "2 dimensions share the first place, 3 the last"),
        ([75, 75, 75], "All dimensions are rated alike"),
        ([80, None, 60], "D0 is rated highest, D2 lowest"),
        ([80, None], "The dimensions"),
    ],
)
def test_dimensions_that_print_the_same_number_share_their_place(
    app: Flask, values: list[float | None], title: str
) -> None:
    found = [dimension(number, value) for number, value in enumerate(values)]
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert wording.dimensions_title(SimpleNamespace(dimensions=found)) == title  # type: ignore[arg-type]


def test_a_field_with_one_value_is_no_filter_unless_it_is_chosen(app: Flask) -> None:
    facets = [
        SimpleNamespace(field="key_account", options={"no": 30}),
        SimpleNamespace(field="kind", options={"enterprise": 20, "individual": 10}),
    ]
    summary = SimpleNamespace(facets=facets)
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        for chosen, names in (({}, ["kind"]), ({"key_account": "no"}, ["kind", "key_account"])):
            filters = SimpleNamespace(chosen=chosen, segment=None)
            choice = SimpleNamespace(earlier=(), segments=(), filters=filters)
            assert [chip.name for chip in choosing.chips(summary, choice)] == names  # type: ignore[arg-type]
