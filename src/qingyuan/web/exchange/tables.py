"""What a table that people bring or take is made of (表样): columns, rows, faults, plans.

A family describes its `Sheet`, hands in an `Importer` or an `Exporter`, and never sees a file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from qingyuan.core.problems import Problem

__all__ = [
    "Change",
    "Choice",
    "Column",
    "Cover",
    "Exporter",
    "Importer",
    "Kind",
    "Merged",
    "Plan",
    "Read",
    "Row",
    "RowFault",
    "Sheet",
    "Table",
    "compare",
]

Kind = Literal[
    "text", "code", "credit", "number", "whole", "day", "time", "yes", "choice", "several", "lon", "lat"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a list: the code kept, and how people write it."""

    code: str
    zh: str
    en: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column (列).

    Parameters
    ----------
    name : str
        Key of the value in a row.
    zh, en : str
        The heading; a heading in a file is matched by either, by `name` and by `aliases`, without
        regard to width, blanks, a star, and what stands in brackets.
    kind : str
        What a value becomes: ``text`` str; ``code`` str, never from a number unless `digits` says
        how long it is; ``credit`` a unified social credit code (GB 32100-2015); ``number`` Decimal;
        ``whole`` int; ``day`` date; ``time`` aware datetime; ``yes`` bool; ``choice`` the code of a
        choice; ``several`` a tuple of codes; ``lon`` and ``lat`` Decimal degrees, CGCS2000.
        An empty cell is ``""`` for text, code, credit and choice, ``()`` for several, else None.
    choices : tuple of Choice, or callable returning one
        A callable is asked once per file, so that it may come from the database.
    digits : int
        Length of an all-digit code; a number cell of that length, up to 15 digits, is exact.
    most : int
        Longest text.
    keep : bool
        Blank in a file means "leave as it is" rather than "make it empty".
    """

    name: str
    zh: str
    en: str = ""
    kind: Kind = "text"
    required: bool = False
    choices: tuple[Choice, ...] | Callable[[], tuple[Choice, ...]] = ()
    unit: str = ""
    note: str = ""
    note_en: str = ""
    width: int = 14
    aliases: tuple[str, ...] = ()
    digits: int = 0
    most: int = 500
    keep: bool = False

    @property
    def words(self) -> tuple[Choice, ...]:
        """The choices, asked for when they come from elsewhere."""
        return self.choices() if callable(self.choices) else self.choices

    def title(self, language: str = "zh") -> str:
        """Return the heading with its unit."""
        words = (self.en or self.zh) if language.startswith("en") else self.zh
        if not self.unit:
            return words
        return f"{words} ({self.unit})" if language.startswith("en") else f"{words}（{self.unit}）"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """The form of a table (表样): its name, title, columns, and which of them tell rows apart.

    `key` may be empty: then rows are never the same. `shape` is the geometry of a place when the
    table also travels as a layer: a point fills ``lon`` and ``lat``; a place is a point or an area.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    title_en: str = ""
    key: tuple[str, ...] = ()
    shape: Literal["", "point", "polygon", "place"] = ""

    def column(self, name: str) -> Column:
        """Return a column by name."""
        return next(c for c in self.columns if c.name == name)

    def called(self, language: str = "zh") -> str:
        """Return the title in a language."""
        return (self.title_en or self.title) if language.startswith("en") else self.title

    def settled(self) -> Sheet:
        """Return the sheet with every list of choices asked for once."""
        return replace(self, columns=tuple(replace(c, choices=c.words) for c in self.columns))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a file (行): its number there, and its values by column name.

    A column that the file does not have is not in `values`: what is kept stays as it is.
    `shape` is the geometry (WKB, CGCS2000) when the row came from a layer.
    """

    number: int
    values: Mapping[str, Any]
    shape: bytes | None = None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value, or *default* when the file has no such column."""
        return self.values.get(name, default)


@dataclass(frozen=True, slots=True)
class RowFault:
    """Why a row cannot go in (错误): line, column name (empty: the row as a whole), the reason."""

    row: int
    column: str
    problem: Problem
    value: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that would alter what is kept: column → (what is kept, what the file says)."""

    row: Row
    fields: Mapping[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do (预览): rows that are new, changed, the same, and faults.

    Rows with a fault stand in none of the first three.
    """

    new: tuple[Row, ...] = ()
    changed: tuple[Change, ...] = ()
    same: tuple[Row, ...] = ()
    wrong: tuple[RowFault, ...] = ()


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged range that was filled down (合并单元格): to be confirmed by a person."""

    cells: str
    column: str
    value: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What a file said (读取结果).

    Attributes
    ----------
    rows : tuple of Row
        Rows without a fault of their own.
    faults : tuple of RowFault
        Every cell that could not be read, in order.
    hidden : tuple of int
        Lines that were hidden in the file; they are read like the others.
    merged : tuple of Merged
        Merged ranges that were filled down.
    notes : tuple of (int, str)
        Lines that are a remark over the whole width, not data.
    sheet : str
        The worksheet, layer or table that was read.
    other_sheets : tuple of str
        Worksheets with the same heading that were not read.
    letters : mapping of str to str
        Column name → its letter in the file.
    ignored : tuple of str
        Headings no column answers to.
    total : int
        Data lines seen.
    heading : int
        Line of the heading; 0 when there is none.
    grid : object
        The cells as they were, for giving the file back; None when it was no table.
    """

    rows: tuple[Row, ...]
    faults: tuple[RowFault, ...] = ()
    hidden: tuple[int, ...] = ()
    merged: tuple[Merged, ...] = ()
    notes: tuple[tuple[int, str], ...] = ()
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    letters: Mapping[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    total: int = 0
    heading: int = 0
    grid: object = field(default=None, repr=False, compare=False)


class Check(Protocol):
    """Say what rows would do; writes nothing. ``by`` is the account, ``at`` city time."""

    def __call__(self, rows: Sequence[Row], /, *, by: Any, at: datetime) -> Plan:
        """Return the plan."""
        ...


class Write(Protocol):
    """Do what the plan says, inside the caller's transaction; may return an address to look at."""

    def __call__(self, plan: Plan, /, *, by: Any, at: datetime) -> str | None:
        """Write the rows."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Importer:
    """A table that people may bring (导入项).

    Parameters
    ----------
    name : str
        Stable, ``app.table``; also in the address.
    sheet : Sheet
        Its form.
    check : callable
        ``check(rows, *, by, at) -> Plan``: pure reading; asked at preview and again, under lock, on
        confirmation. Rows outside the person's district belong into ``Plan.wrong``.
    write : callable
        ``write(plan, *, by, at) -> str | None``: runs in the confirming transaction.
    roles : collection of str
        Who may; nobody else sees that it exists.
    locks : tuple of str
        Models (``app_label.Model``) nobody else writes between the second check and the commit.
    group, group_en : str
        Heading it stands under on the page.
    hint, hint_en : str
        One sentence about it.
    reader : callable, optional
        ``reader(content, name) -> Read`` for files that are no plain table.
    endings : tuple of str
        What it accepts when not the usual ones.
    personal : bool
        The file holds personal data: file and quoted values are deleted as soon as it is settled.
    """

    name: str
    sheet: Sheet
    check: Check
    write: Write
    roles: Collection[str]
    locks: tuple[str, ...] = ()
    group: str = ""
    group_en: str = ""
    hint: str = ""
    hint_en: str = ""
    reader: Callable[[bytes, str], Read] | None = None
    endings: tuple[str, ...] = ()
    personal: bool = False
    order: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows to be taken away: their form, the rows in order, how many, and the filter in words."""

    sheet: Sheet
    rows: Iterable[Mapping[str, object]]
    count: int
    filters: Mapping[str, str] = field(default_factory=dict)


class Make(Protocol):
    """Gather what a query asks for, within what the person may see."""

    def __call__(self, query: str, /, *, by: Any, at: datetime) -> Table:
        """Return the table; *query* is the query string of the page the export was asked on."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Exporter:
    """A table that people may take (导出项): who may, and how its rows are gathered."""

    name: str
    title: str
    make: Make
    roles: Collection[str]
    title_en: str = ""
    sensitive: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """What the first page of a workbook says: which table, who took it, when, and which filter."""

    by: str
    at: datetime
    title: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    sensitive: bool = False
    language: str = "zh"


def compare(
    rows: Iterable[Row],
    sheet: Sheet,
    held: Mapping[tuple[object, ...], Mapping[str, object]],
    *,
    wrong: Iterable[RowFault] = (),
) -> Plan:
    """Sort rows into new, changed and same by the sheet's key (比对).

    Parameters
    ----------
    rows : iterable of Row
        Rows already found good; those named in *wrong* are left out.
    held : mapping
        Key values → column name → what is kept, in the form a `Row` has it.
    wrong : iterable of RowFault
        Faults found by the caller; handed on.

    Examples
    --------
    >>> sheet = Sheet(name="x", title="x", key=("c",), columns=(Column(name="c", zh="c"), Column(name="n", zh="n")))
    >>> plan = compare([Row(2, {"c": "a", "n": "1"}), Row(3, {"c": "b", "n": "2"})], sheet, {("a",): {"c": "a", "n": "0"}})
    >>> len(plan.new), dict(plan.changed[0].fields)
    (1, {'n': ('0', '1')})
    """
    faults = tuple(wrong)
    bad = {fault.row for fault in faults}
    columns = {column.name: column for column in sheet.columns}
    new: list[Row] = []
    changed: list[Change] = []
    same: list[Row] = []
    for row in rows:
        if row.number in bad:
            continue
        before = held.get(tuple(row.values[name] for name in sheet.key)) if sheet.key else None
        if before is None:
            new.append(row)
            continue
        fields = {
            name: (before.get(name), value)
            for name, value in row.values.items()
            if name in columns
            and value != before.get(name)
            and not (columns[name].keep and value in ("", None, ()))
        }
        if fields:
            changed.append(Change(row, fields))
        else:
            same.append(row)
    return Plan(tuple(new), tuple(changed), tuple(same), faults)
