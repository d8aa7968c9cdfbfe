"""T31, T33, T37: what a file of a stranger has to be, and what of a picture is kept."""

import random

import pytest

from app.adapters.attachments import Unfit, fit
from tests.factories import sent_files as made
from tests.factories.sent_files import SECRET

GOOD = {
    "jpeg": made.jpeg(),
    "png": made.png(),
    "webp": made.webp(),
    "pdf": made.pdf(),
    "docx": made.office(),
    "xlsx": made.office("xl/workbook.xml"),
    "pptx": made.office("ppt/presentation.xml"),
}
HTML = b"<!doctype html><script>alert(1)</script>"
PROGRAMS = {
    "html": HTML,
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "php": b"<?php system($_GET[0]);",
    "exe": b"MZ\x90\0" + bytes(60),
    "elf": b"\x7fELF" + bytes(60),
    "zip": made.office("readme.txt"),
    "gif": b"GIF89a" + bytes(20),
    "old office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
    "nothing": b"\0",
}


@pytest.mark.parametrize("kind", list(GOOD))
def test_each_kind_is_taken_as_what_it_is_and_as_nothing_else(kind: str) -> None:
    assert fit(kind, GOOD[kind])
    for other in set(GOOD) - {kind}:
        with pytest.raises(Unfit):
            fit(other, GOOD[kind])


@pytest.mark.parametrize("kind", list(GOOD))
@pytest.mark.parametrize("program", list(PROGRAMS))
def test_programs_under_a_good_name_are_refused(kind: str, program: str) -> None:
    """T31: the name says a kind, the content is something else; also before or instead of the good content."""
    with pytest.raises(Unfit):
        fit(kind, PROGRAMS[program])
    if program != "nothing":
        with pytest.raises(Unfit):
            fit(kind, PROGRAMS[program] + GOOD[kind])


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_pictures_keep_nothing_of_place_time_and_device(kind: str) -> None:
    """T37: nor what stands behind their end."""
    kept = fit(kind, GOOD[kind] + (HTML if kind != "webp" else b""))
    assert SECRET in GOOD[kind]
    assert SECRET not in kept
    assert b"script" not in kept
    assert fit(kind, kept) == kept


def test_a_photo_stays_the_right_way_up_and_keeps_its_colours() -> None:
    turned = fit("jpeg", made.jpeg(orientation=6))
    assert b"ICC_PROFILE" in turned
    assert b"MPF" not in turned
    assert turned.count(b"Exif\0\0") == 1
    assert b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0" in turned
    assert b"Exif" not in fit("jpeg", made.jpeg(orientation=1))
    assert fit("jpeg", turned) == turned
    # What draws is there byte by byte.
    assert turned.endswith(b"\x12\xff\x00\x34\xff\xd0\x56\xff\xd9")


def test_a_photo_that_was_cut_off_is_kept_as_far_as_it_goes() -> None:
    whole = made.jpeg()
    assert fit("jpeg", whole[:-4]).endswith(b"\xff\xd9")
    with pytest.raises(Unfit):
        fit("jpeg", whole[: whole.index(b"\xff\xda")])


def test_flags_of_a_webp_follow_what_is_left_out() -> None:
    kept = fit("webp", made.webp())
    assert kept[kept.index(b"VP8X") + 8] == 0
    assert int.from_bytes(kept[4:8], "little") == len(kept) - 8


def test_damaged_pictures_are_refused_and_never_break_anything() -> None:
    """T71: every byte may be anything."""
    dice = random.Random(7)
    outcomes = set()
    for kind in ("jpeg", "png", "webp", "pdf", "docx"):
        for _ in range(400):
            broken = bytearray(GOOD[kind])
            for _ in range(dice.randint(1, 6)):
                broken[dice.randrange(len(broken))] = dice.randrange(256)
            del broken[dice.randrange(len(broken) + 1) :]
            try:
                fit(kind, bytes(broken))
                outcomes.add("kept")
            except Unfit as unfit:
                outcomes.add(unfit.code)
    assert {"kept", "content"} <= outcomes


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (made.office(word__vbaProject_bin=b"x"), "macros"),
        (made.office(types=b'<Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'), "macros"),
        (made.office(word__media_xml=bytes(200 * 1024 * 1024)), "bomb"),
        (made.office(**{f"part{n}_xml": b"" for n in range(2100)}), "bomb"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "locked"),
        (made.office("xl/workbook.xml"), "content"),
    ],
)  # fmt: skip
def test_documents_that_run_or_burst_are_refused(document: bytes, code: str) -> None:
    """T31, T33: nothing is unpacked to find out."""
    with pytest.raises(Unfit) as unfit:
        fit("docx", document)
    assert unfit.value.code == code


def test_a_locked_part_is_refused() -> None:
    document = bytearray(made.office())
    place = document.index(b"PK\x01\x02")
    document[place + 8] |= 1
    with pytest.raises(Unfit, match="locked"):
        fit("docx", bytes(document))
