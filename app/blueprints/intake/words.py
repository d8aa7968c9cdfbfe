"""Words of the customer's pages."""

from flask_babel import lazy_gettext as _l

KINDS = {
    "complaint": _l("A complaint"),
    "suggestion": _l("A suggestion"),
    "praise": _l("Praise"),
    "question": _l("A question"),
}
# Why a file is not taken, and what can be done.
FILES = {
    "kind": _l("This kind of file is not taken. Send a photo as JPG, PNG or WebP, a PDF, or a Word, Excel or PowerPoint file."),
    "empty": _l("The file is empty."),
    "too_large": _l("The file is larger than 10 MB. Send a smaller one."),
    "too_many": _l("At most 5 files at a time."),
    "too_large_together": _l("Together the files are larger than 20 MB. Send the rest in a second message."),
    "enough": _l("There are already as many files as one case takes. Send the rest by mail."),
    "no_room": _l("We can't take files at the moment. Send your message without them and add them later."),
    "content": _l("The file is damaged, or is not what its name says."),
    "macros": _l("The file holds macros. Save it without them, or as a PDF."),
    "locked": _l("The file is locked by a password. Save it without one."),
    "bomb": _l("The file would unpack to far too much. Save it as a PDF."),
}  # fmt: skip
NOTHING_TO_SEND = _l("Write something, or choose a file.")
