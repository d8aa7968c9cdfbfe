"""The sentences that only the pages of the register say: refusals, findings in files, mappings of columns."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.web.customer_words import field_text, worded

ENCODINGS = {
    "utf-8": "UTF-8",
    "gb18030": _l("GB18030 (Chinese)"),
    "big5": _l("Big5 (traditional Chinese)"),
    "utf-16": "UTF-16",
    "windows-1252": _l("Windows-1252 (western Europe)"),
}

REFUSALS = {
    "code_taken": _l("Another customer has this code. Every code is used once."),
    "name_taken": _l("Another segment has this name. Choose a different one."),
    "segment_in_use": _l("A survey uses this segment, so it stays. Change the survey first."),
    "contact_opted_out": _l(
        "This contact has opted out. It stays on record so that nobody invites it again."
    ),
    "contact_invited": _l(
        "This contact was invited to a survey and stays on record. Mark it as opted out if it should get no more."
    ),
    "service_known": _l("This service is already on record for that day."),
    "too_many_uploads": _l(
        "You have 20 files that were not brought in yet. Finish or discard one of them first."
    ),
    "uploads_full": _l("The folder for uploads is full. Ask your administrator to make room."),
    "bad_rows": _l("Some rows are bad. Choose “Good rows only”, or correct the file and send it again."),
    "nothing_to_bring_in": _l("There is no good row in this file."),
    "not_now": _l("That step is not possible any more; the page shows how things stand now."),
}

FINDINGS = {
    "empty_file": _l("The file is empty."),
    "file_too_large": _l("The file is too large. Send at most 25 MB."),
    "old_xls": _l("This is an old .xls file. Save it as .xlsx in your spreadsheet program and send that."),
    "encrypted": _l("The file is protected by a password. Save it without one and send that."),
    "unsupported_type": _l("This is not a spreadsheet but %(found)s. Send a file saved as .xlsx or .csv."),
    "not_readable": _l("The file is damaged or was not written by a spreadsheet program. Open it there, save it again as .xlsx and send that."),
    "too_complex": _l("Reading this file takes more memory or time than Heed allows. Keep only the list in it, save it again and send that."),
    "unpacked_too_large": _l("Unpacked, this file is far larger than any customer list. Keep only the list in it, save it again and send that."),
    "ratio_too_high": _l("This file is packed in a way that no spreadsheet program uses. Open it there, save it again as .xlsx and send that."),
    "xml_entities": _l("This file was not written by a spreadsheet program. Open it there, save it again as .xlsx and send that."),
    "too_many_parts": _l("This file has far too many parts. Keep only the list in it, save it again and send that."),
    "too_many_sheets": _l("This file has more than 100 sheets. Keep only the list in it."),
    "empty_sheet": _l("There is nothing on this sheet."),
    "only_header": _l("There is a header, but no row below it."),
    "too_many_rows": _l("There are more than 100,000 rows. Split the list into several files."),
    "too_many_columns": _l("There are more than 200 columns. Remove those that are not needed."),
    "too_many_cells": _l("The sheet reaches too far to the right and down. Remove blank rows and columns at its end."),
    "sheet_missing": _l("There is no such sheet in this file."),
    "wrong_encoding": _l("Row %(row)s cannot be read in this encoding. Choose another one and look at the preview."),
    "unknown_encoding": _l("Heed does not know this encoding."),
    "broken_quotes": _l("A quotation mark near row %(row)s is never closed. Check the separator and that row."),
    "header_missing": _l("Row %(row)s cannot be the header. Choose the row that names the columns."),
    "header_merged": _l("Cells of the header are merged. Separate them, so that each column has its own name."),
    "header_duplicate": _l("Two columns are called “%(name)s”. Rename or remove one of them."),
    "hidden_sheets": _l("Some sheets are hidden: %(names)s."),
    "formulas_as_values": _l("%(count)s cells hold formulas (%(cells)s). Their last results are used."),
    "formulas_without_value": _l("%(count)s formulas have no stored result and count as blank. Open the file in a spreadsheet program and save it again."),
    "error_cells": _l("%(count)s cells show an error such as #N/A and count as blank."),
    "hidden_rows": _l("%(count)s rows are hidden and would be brought in as well (%(rows)s)."),
    "merged_cells": _l("%(count)s ranges of cells are merged (%(cells)s); only their first cell has the value."),
    "column_without_name": _l("Columns without a name are left out: %(columns)s."),
    "name_differs": _l("The file's name ends in “%(ending)s”, but its content is another kind of spreadsheet. It is read by its content."),
    "encoding_uncertain": _l("The encoding was guessed. Look whether the preview can be read, and choose another one if not."),
    "file_gone": _l("The file was kept for 30 days and is gone now. Send it again."),
    "interrupted": _l("The import was interrupted."),
    "internal": _l("Something went wrong on our side. Try again, or tell your administrator."),
    "gave_up": _l("The work was interrupted several times. Try again, or tell your administrator."),
}  # fmt: skip

MAPPING = {
    "target_missing": _l("No column is chosen for “%(target)s”, and every customer needs it."),
    "target_twice": _l("Two columns are chosen for “%(target)s”. Choose one of them."),
    "target_unknown": _l("Choose what the column “%(header)s” means."),
    "header_blank": _l("A column without a name cannot become a further fact. Leave it out."),
    "length_differs": _l("The columns have changed in the meantime. Look through them again."),
}

KINDS_OF_FILE = {
    "pdf": _l("a PDF document"),
    "image": _l("a picture"),
    "archive": _l("a packed archive"),
    "rtf": _l("a text document"),
    "docx": _l("a text document"),
    "pptx": _l("a presentation"),
    "ods": _l("an OpenDocument spreadsheet (.ods)"),
    "xlsb": _l("a binary spreadsheet (.xlsb)"),
    "html": _l("a web page"),
    "xml": _l("an XML file"),
    "program": _l("a program"),
    "database": _l("a database"),
    "binary": _l("a file of an unknown kind"),
}


def refusal_text(code: str) -> str:
    """Why a step was refused."""
    return str(REFUSALS.get(code) or _("That step is not possible now."))


def finding_text(code: str, params: Mapping[str, Any]) -> str:
    """A remark about a file or a sheet, or why it cannot be read."""
    shown = dict(params)
    if code == "unsupported_type":
        kind = KINDS_OF_FILE.get(str(params.get("found")), KINDS_OF_FILE["binary"])
        shown["found"] = str(kind)
    return worded(FINDINGS, code, shown)


def mapping_text(code: str, target: str, header: str) -> str:
    """What keeps a mapping from being used."""
    return worded(MAPPING, code, {"target": field_text(target), "header": header})
