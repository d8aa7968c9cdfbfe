"""Catalogues: compiling them into what gettext reads, and checking them against the source.

Msgids are English sentences. Each feature has a catalogue of its own per locale; they are merged
into one `messages.mo`, which is not kept in the repository. Run as
`python -m app.cli.translations compile` or `… check`.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the web process loads Babel's catalogue code only when something is stale
    from babel.messages.catalog import Catalog
    from flask import Flask

APP = Path(__file__).resolve().parent.parent
TRANSLATIONS = APP / "translations"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}
TEMPLATE_OPTIONS = {"extensions": "jinja2.ext.do", "trim_blocks": "true", "lstrip_blocks": "true"}
TEMPLATE_SUFFIXES = {".html", ".txt", ".xml", ".svg"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")

MessageId = str | tuple[str, ...]


def ensure_compiled(app: "Flask") -> None:
    """Compile what is missing or older than its catalogues. Called at every start."""
    compile_all(Path(app.root_path) / "translations", only_stale=True)


def compile_all(folder: Path = TRANSLATIONS, *, only_stale: bool = False) -> list[Path]:
    """Write `messages.mo` of every locale and return what was written."""
    written = []
    for locale in _locales(folder):
        target = locale / "LC_MESSAGES" / "messages.mo"
        sources = _catalogues(locale)
        if not sources or (only_stale and not _is_stale(target, sources)):
            continue
        _write_compiled(_merged(locale.name, sources), target)
        written.append(target)
    return written


def _locales(folder: Path) -> list[Path]:
    return sorted(p.parent for p in folder.glob("*/LC_MESSAGES")) if folder.is_dir() else []


def _catalogues(locale: Path) -> list[Path]:
    return sorted((locale / "LC_MESSAGES").glob("*.po"))


def _is_stale(target: Path, sources: Iterable[Path]) -> bool:
    if not target.exists():
        return True
    made = target.stat().st_mtime_ns
    return any(source.stat().st_mtime_ns > made for source in sources)


def _read(path: Path, locale: str) -> "Catalog":
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def _merged(locale: str, sources: Iterable[Path]) -> "Catalog":
    from babel.messages.catalog import Catalog

    merged = Catalog(locale=locale, charset="utf-8", fuzzy=False)
    for source in sources:
        for message in _read(source, locale):
            if message.id and message.string:
                merged.add(message.id, message.string, context=message.context)
    return merged


def _write_compiled(catalogue: "Catalog", target: Path) -> None:
    # Written beside and renamed: web and worker start at the same time and both may compile.
    from babel.messages.mofile import write_mo

    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".messages-")
    with os.fdopen(handle, "wb") as file:
        write_mo(file, catalogue)
    Path(name).chmod(0o644)
    Path(name).replace(target)


@dataclass
class Findings:
    """What `check` found wrong; each entry is one line for a person."""

    missing: list[str] = field(default_factory=list)
    obsolete: list[str] = field(default_factory=list)
    duplicate: list[str] = field(default_factory=list)
    placeholders: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """All findings, with their kind in front."""
        for kind, entries in vars(self).items():
            for entry in entries:
                yield f"{kind}: {entry}"


def extract(app_folder: Path = APP) -> dict[MessageId, str]:
    """Return every msgid in Python and templates, with the first place where it stands."""
    found: dict[MessageId, str] = {}
    for path in sorted(app_folder.rglob("*")):
        if path.suffix == ".py":
            method, options = "python", {}
        elif path.suffix in TEMPLATE_SUFFIXES and "templates" in path.parts:
            method, options = "jinja2", TEMPLATE_OPTIONS
        else:
            continue
        for line, message in _messages_in(path, method, options):
            found.setdefault(message, f"{path.relative_to(app_folder)}:{line}")
    return found


def _messages_in(path: Path, method: str, options: dict[str, str]) -> Iterator[tuple[int, MessageId]]:
    from babel.messages.extract import extract as extract_messages

    with path.open("rb") as file:
        for line, message, _comments, _context in extract_messages(method, file, KEYWORDS, (), options):
            if message:
                yield line, message


def check(app_folder: Path = APP) -> Findings:
    """Compare every locale's catalogues with the source."""
    used = extract(app_folder)
    findings = Findings()
    for locale in _locales(app_folder / "translations"):
        _check_locale(locale, used, findings)
    return findings


def _check_locale(locale: Path, used: dict[MessageId, str], findings: Findings) -> None:
    seen: dict[str, str] = {}
    for path in _catalogues(locale):
        for message in _read(path, locale.name):
            if not message.id:
                continue
            key = _key(message.id)
            if key in seen:
                findings.duplicate.append(f"{key!r} in {seen[key]} and {path.name}")
            if message.fuzzy or not all(_strings(message.string)):
                continue  # counts as missing
            seen[key] = path.name
            if not _placeholders_fit(message.id, message.string):
                findings.placeholders.append(f"{key!r} in {path.name}")
    used_keys = {_key(message): place for message, place in used.items()}
    findings.missing += [f"{key!r} at {place}" for key, place in used_keys.items() if key not in seen]
    findings.obsolete += [f"{key!r} in {name}" for key, name in seen.items() if key not in used_keys]


def _key(message: Any) -> str:
    return message if isinstance(message, str) else str(message[0])


def _strings(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _placeholders_fit(message: Any, translation: Any) -> bool:
    # A plural's singular may leave out the number ("one file"), its translation may not.
    wanted = set().union(*(PLACEHOLDER.findall(text) for text in _strings(message)))
    return all(set(PLACEHOLDER.findall(text)) == wanted for text in _strings(translation))


def main(arguments: list[str]) -> int:
    """Run `compile` or `check`; return the exit status."""
    if arguments == ["compile"]:
        for path in compile_all():
            print(path.relative_to(APP.parent))
        return 0
    if arguments == ["check"]:
        lines = list(check().lines())
        print("\n".join(lines) or "every msgid has its translation")
        return 1 if lines else 0
    print("usage: python -m app.cli.translations compile|check", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
