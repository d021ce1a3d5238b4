"""The interface's English: gather what needs it, list what lacks it, check, compile.

Source strings are Chinese. Needs no gettext tools: Python files are read with `ast`, templates
with Django's own `templatize`, the reasons of the access rules from their tables, and ``.mo``
files are written here, so that a fresh machine with Python alone can run everything.
"""

from __future__ import annotations

import argparse
import ast
import csv
import re
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "src/qingyuan/web"
PO = WEB / "locale/en/LC_MESSAGES/django.po"
HEADER = (
    "Project-Id-Version: qingyuan\nLanguage: en\nMIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
    "Plural-Forms: nplurals=2; plural=(n != 1);\n"
)
# name → positions of (singular, plural, context) among the arguments
CALLS = {
    name + lazy: places
    for lazy in ("", "_lazy")
    for name, places in {
        "gettext": (0, None, None), "ngettext": (0, 1, None), "gettext_noop": (0, None, None),
        "pgettext": (1, None, 0), "npgettext": (1, 2, 0),
    }.items()
} | {"_": (0, None, None)}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|(?<!%)%[sd]")


@dataclass
class Entry:
    """One text: its key, its English, and where it stands."""

    singular: str
    plural: str | None = None
    context: str | None = None
    english: list[str] = field(default_factory=list)
    fuzzy: bool = False
    places: list[str] = field(default_factory=list)

    @property
    def key(self) -> tuple[str | None, str]:
        """What makes it one entry."""
        return self.context, self.singular

    @property
    def is_translated(self) -> bool:
        """Whether every form has English."""
        forms = 2 if self.plural else 1
        return len(self.english) == forms and all(self.english) and not self.fuzzy


def texts_of_python(source: str) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of each gettext call with literal arguments."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        if name not in CALLS:
            continue
        texts = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
        one, many, context = (
            texts[place] if place is not None and place < len(texts) else None
            for place in CALLS[name]
        )
        if isinstance(one, str) and one:
            yield (
                node.lineno,
                Entry(
                    one,
                    many if isinstance(many, str) else None,
                    context if isinstance(context, str) else None,
                ),
            )


def texts_of_template(source: str) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of each translate and blocktranslate tag."""
    from django.utils.translation.template import templatize

    calls = re.compile(r"\b(?:gettext|ngettext|pgettext|npgettext)\(|(?<!\w)_\(")
    for line, text in enumerate(templatize(source).split("\n"), start=1):
        for call in calls.finditer(text):
            piece = text[call.start() :]
            for end in (i + 1 for i, mark in enumerate(piece) if mark == ")"):
                try:
                    ast.parse(piece[:end])
                except SyntaxError:
                    continue
                yield from ((line, entry) for _, entry in texts_of_python(piece[:end]))
                break


def texts_of_access(source: str) -> Iterator[tuple[int, Entry]]:
    """Yield (line, entry) of each rule's reason, which the page of access rules shows."""
    for line, row in enumerate(csv.DictReader(source.splitlines()), start=2):
        yield line, Entry(row["why"])


def gather() -> dict[tuple[str | None, str], Entry]:
    """Return every source text of the platform by key."""
    found: dict[tuple[str | None, str], Entry] = {}
    readers = {
        "**/*.py": texts_of_python,
        "*/templates/**/*.html": texts_of_template,
        "*/templates/**/*.txt": texts_of_template,
        "*/access.csv": texts_of_access,
    }
    for path, reader in sorted(
        ((p, r) for glob, r in readers.items() for p in WEB.glob(glob)), key=itemgetter(0)
    ):
        where = path.relative_to(ROOT).as_posix()
        for _, entry in reader(path.read_text("utf-8")):
            kept = found.setdefault(entry.key, entry)
            kept.plural = kept.plural or entry.plural
            if where not in kept.places:
                kept.places.append(where)
    return found


def read_po(text: str) -> dict[tuple[str | None, str], Entry]:
    """Return the entries of a catalogue, its header apart."""
    entries: dict[tuple[str | None, str], Entry] = {}
    for block in re.split(r"\n\s*\n", text):
        parts: dict[str, str] = {}
        part = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            match = re.match(r'(msg\w+(?:\[\d\])?)\s+(".*")$', line.strip())
            if match:
                part = match[1]
                parts[part] = ast.literal_eval(match[2])
            elif line.strip().startswith('"') and part:
                parts[part] += ast.literal_eval(line.strip())
        if parts.get("msgid"):
            forms = [parts[k] for k in ("msgstr", "msgstr[0]", "msgstr[1]") if k in parts]
            entry = Entry(
                parts["msgid"], parts.get("msgid_plural"), parts.get("msgctxt"), forms,
                fuzzy=bool(re.search(r"^#,.*fuzzy", block, re.MULTILINE)),
            )  # fmt: skip
            entries[entry.key] = entry
    return entries


def quoted(text: str) -> str:
    """Return *text* as a catalogue writes it, one line of the text per line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    lines = [f'"{line}"' for line in re.findall(r"[^\n]*\n|[^\n]+", escaped)] or ['""']
    lines = [line.replace("\n", "\\n") for line in lines]
    return lines[0] if len(lines) == 1 else "\n".join(['""', *lines])


def write_po(entries: dict[tuple[str | None, str], Entry]) -> str:
    """Return the catalogue of *entries*, sorted by where they stand."""
    blocks = [f'msgid ""\nmsgstr {quoted(HEADER)}']
    for entry in sorted(entries.values(), key=lambda e: (e.places, e.singular)):
        lines = [f"#: {place}" for place in entry.places]
        lines += ["#, fuzzy"] if entry.fuzzy else []
        if entry.context is not None:
            lines.append(f"msgctxt {quoted(entry.context)}")
        lines.append(f"msgid {quoted(entry.singular)}")
        if entry.plural is None:
            lines.append(f"msgstr {quoted(entry.english[0] if entry.english else '')}")
        else:
            lines.append(f"msgid_plural {quoted(entry.plural)}")
            for form in (0, 1):
                known = entry.english[form] if form < len(entry.english) else ""
                lines.append(f"msgstr[{form}] {quoted(known)}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def as_mo(entries: dict[tuple[str | None, str], Entry]) -> bytes:
    """Return the compiled catalogue (GNU gettext manual, “The Format of GNU MO Files”)."""
    pairs = {b"": HEADER.encode()}
    for entry in entries.values():
        if entry.is_translated:
            key = entry.singular + (f"\0{entry.plural}" if entry.plural else "")
            key = key if entry.context is None else f"{entry.context}\4{key}"
            pairs[key.encode()] = "\0".join(entry.english).encode()
    keys = sorted(pairs)
    tables = 28
    at = tables + 16 * len(keys)
    ids, values, data = b"", b"", b""
    for texts, of_keys in ((keys, True), ([pairs[k] for k in keys], False)):
        for text in texts:
            row = struct.pack("<II", len(text), at + len(data))
            ids, values = (ids + row, values) if of_keys else (ids, values + row)
            data += text + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), tables, tables + 8 * len(keys), 0, 0)
    return head + ids + values + data


def problems_of(found: dict, known: dict) -> list[str]:
    """Return what is wrong with the catalogue, one line each."""
    lines = []
    for key, entry in found.items():
        english = known.get(key)
        where = ", ".join(entry.places[:2])
        if english is None or not english.is_translated:
            lines.append(f"未译 / no English: {entry.singular!r} ({where})")
            continue
        wanted = set(PLACEHOLDER.findall(entry.singular))
        if entry.plural is None and wanted != set(PLACEHOLDER.findall(english.english[0])):
            lines.append(f"占位名不同 / other placeholders: {entry.singular!r} ({where})")
    lines += [f"已不用 / no longer used: {key[1]!r}" for key in known if key not in found]
    return lines


def main() -> int:
    """Run one verb."""
    verbs = argparse.ArgumentParser(description=__doc__)
    verbs.add_argument("verb", choices=["gather", "list", "check", "compile"])
    verb = verbs.parse_args().verb
    known = read_po(PO.read_text("utf-8")) if PO.exists() else {}
    if verb == "compile":
        if PO.exists():
            mo = as_mo(known)
            path = PO.with_suffix(".mo")
            if not path.exists() or path.read_bytes() != mo:
                path.write_bytes(mo)
        return 0
    found = gather()
    if verb == "gather":
        for key, entry in found.items():
            if key in known:
                entry.english, entry.fuzzy = known[key].english, known[key].fuzzy
        PO.parent.mkdir(parents=True, exist_ok=True)
        PO.write_text(write_po(found), "utf-8")
        return 0
    lines = problems_of(found, known)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if lines and verb == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
