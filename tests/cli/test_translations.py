"""Compiling and checking catalogues, on a small application folder."""

import gettext
import os
from pathlib import Path

import pytest

from app.cli import translations

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An application with one module, one template and one catalogue."""
    catalogues = tmp_path / "translations" / "zh_Hans_CN" / "LC_MESSAGES"
    catalogues.mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    (tmp_path / "views.py").write_text(
        'x = _("Save")\ny = ngettext("one file", "%(num)d files", 2)\n', "utf-8"
    )
    (tmp_path / "templates" / "page.html").write_text('{{ _("Hello %(name)s", name=n) }}', "utf-8")
    po(
        tmp_path,
        "ui",
        'msgid "Save"\nmsgstr "保存"\n\n'
        'msgid "one file"\nmsgid_plural "%(num)d files"\nmsgstr[0] "%(num)d 个文件"\n\n'
        'msgid "Hello %(name)s"\nmsgstr "%(name)s，您好"\n',
    )
    return tmp_path


def po(folder: Path, name: str, body: str) -> Path:
    path = folder / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / f"{name}.po"
    path.write_text(HEADER + body, "utf-8")
    return path


def test_complete_catalogues_give_no_findings(folder: Path) -> None:
    assert list(translations.check(folder).lines()) == []


def test_each_fault_is_named(folder: Path) -> None:
    (folder / "more.py").write_text('_l("Delete")\n', "utf-8")
    po(folder, "more", 'msgid "Save"\nmsgstr "存"\n\nmsgid "Gone"\nmsgstr "没了"\n')
    po(folder, "ui", 'msgid "Save"\nmsgstr "保存"\n\nmsgid "Hello %(name)s"\nmsgstr "您好"\n')
    findings = translations.check(folder)
    assert findings.missing == ["'Delete' at more.py:1", "'one file' at views.py:2"]
    assert findings.obsolete == ["'Gone' in more.po"]
    assert findings.duplicate == ["'Save' in more.po and ui.po"]
    assert findings.placeholders == ["'Hello %(name)s' in ui.po"]


def test_compiled_catalogue_merges_features_and_follows_changes(folder: Path) -> None:
    place = folder / "translations"
    extra = po(folder, "more", 'msgid "Delete"\nmsgstr "删除"\n')
    [target] = translations.compile_all(place, only_stale=True)
    with target.open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert (compiled.gettext("Save"), compiled.gettext("Delete")) == ("保存", "删除")
    assert compiled.ngettext("one file", "%(num)d files", 3) == "%(num)d 个文件"
    assert translations.compile_all(place, only_stale=True) == []
    later = target.stat().st_mtime + 5
    os.utime(extra, (later, later))
    assert translations.compile_all(place, only_stale=True) == [target]
