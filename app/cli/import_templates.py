"""Writes the import templates that people download: `python -m app.cli.import_templates`.

They are kept in the repository, because the web process must not load the library that writes them;
a test compares them with `rules.customers.import_mapping`.
"""

from pathlib import Path

from app.rules.customers.import_mapping import TemplateColumn, template_columns

FOLDER = Path(__file__).resolve().parent.parent / "static" / "import"
TITLES = {"zh": "客户", "en": "Customers"}


def path_of(language: str) -> Path:
    """Where the template of a language lies."""
    return FOLDER / f"customers-{language}.xlsx"


def table_of(language: str) -> list[list[str]]:
    """Header and example rows."""
    columns: list[TemplateColumn] = template_columns(language)
    return [[one.header for one in columns], *([one.examples[n] for one in columns] for n in (0, 1))]


def write(language: str, target: Path) -> None:
    """Write one template."""
    from app.adapters.workbook.writer import Column, Sheet, write_table

    header, *examples = table_of(language)
    write_table(target, [Sheet(TITLES[language], [Column(name, "text") for name in header], examples)])


def main() -> None:
    """Write all of them."""
    for language in TITLES:
        write(language, path_of(language))


if __name__ == "__main__":
    main()
