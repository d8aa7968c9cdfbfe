"""The import templates in the repository are those that the rules describe."""

from pathlib import Path

import pytest

from app.adapters.workbook.reader import read_rows
from app.cli import import_templates
from app.rules.customers.import_mapping import FIELDS, guess


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_is_current(language: str, tmp_path: Path) -> None:
    kept = [row.cells for row in read_rows(import_templates.path_of(language), header_row=0)]
    assert kept == import_templates.table_of(language), "run python -m app.cli.import_templates"
    assert guess(kept[0]).targets == FIELDS
    fresh = tmp_path / "fresh.xlsx"
    import_templates.write(language, fresh)
    assert [row.cells for row in read_rows(fresh, header_row=0)] == kept
