"""Batch bulletins (交办批次通报): what a day's hand-over says in words, read into counts and back.

A bulletin names the day, the batch, how many items came by call and by letter, how many are focus
items, the sum so far, then the items by responsible unit and the problems by pollution type. Items
are counted once, problems once per type. One item may be handled by several units separately: it
counts once, among none of them. Whatever does not add up, and whatever could not be read, is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

__all__ = ["TYPE_WORDS", "Bulletin", "Difference", "Joint", "read_bulletin", "write_bulletin"]

# 各轮通报所用类别与其别名（2017 年较细）；右为本模块采用的词
TYPE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "大气": "大气", "水": "水", "土壤": "土壤", "噪声": "噪声", "噪音": "噪声", "固废": "固废",
        "固体废物": "固废", "生态": "生态", "辐射": "辐射", "电磁辐射": "辐射", "核与辐射": "辐射",
        "海洋": "海洋", "油烟": "油烟", "扬尘": "扬尘", "垃圾": "垃圾", "重金属": "重金属",
        "其他": "其他", "其它": "其他",
    }
)  # fmt: skip
_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}  # fmt: skip
_NUMBER = r"(?:\d+|[一二三四五六七八九十百零〇]+)"
_TYPE = "(?:" + "|".join(sorted(TYPE_WORDS, key=len, reverse=True)) + ")"
_TYPE_TAIL = r"(?:环境)?(?:污染|破坏)?(?:方面)?(?:类型|类)?(?:的)?(?:问题)?(?:共|有|为)?"
_BEGIN = r"(?:^|(?<=[，。；：、（）])|(?<=涉及)|(?<=其中)|(?<=[为是有分]))"
_FOCUS = r"重点(?:关注|督办|交办)?的?(?:群众)?(?:信访|举报|问题|案)*件?(?:有|为|共)?(\d+)件"
_FOCUS_TAIL = rf"(?:[，（、；]?(?:其中)?[，：]?(?:{_FOCUS}|(\d+)件(?:被列)?为?重点[^，。；）\d]*))?"
_RECEIVE = "交办|转办|移交|转交|接收|收到|接到|受理|分办"
_UNIT_END = re.compile(
    r"(?:[区市县旗镇乡岛港局办委院部段处队厅所站组]|中心|集团|公司|办公室|部门|政府|管委会|指挥部|街道|办事处|学校|银行|机关)$"
)
_LEAD_IN = re.compile(
    r"^(?:其中|涉及|包括|分别是|分别为|分别交由|按照?[^：，]{0,10}?分|另有|另外|还有|另|交由|由|从[^，]{0,8}?看)+"
)
_PLACES = re.compile(r"\d+个(?:区|市|县|部门|单位|镇|街道|乡)[^，。；）]*")


@dataclass(frozen=True, slots=True)
class Joint:
    """Items handled by several units, each for its own part (分别办理)."""

    items: int
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two figures of one bulletin that ought to agree and do not (差异).

    ``what``: ``units`` (by unit ≠ items), ``types`` (by type ≠ problems), ``types_below`` (fewer
    problems than items), ``channels`` (calls and letters ≠ items), ``focus``, ``cumulative``,
    ``cumulative_focus`` (more than the whole).
    """

    what: str
    stated: int
    counted: int


@dataclass(frozen=True, slots=True)
class Bulletin:
    """What one bulletin says (通报内容); None where it says nothing, ``unread`` what was not read."""

    day: date | None = None
    batch: int | None = None
    items: int | None = None
    calls: int | None = None
    letters: int | None = None
    focus: int | None = None
    cumulative: int | None = None
    cumulative_focus: int | None = None
    by_unit: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    joint: tuple[Joint, ...] = ()
    by_type: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    problems: int | None = None
    feedback_days: int | None = None
    unread: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether no count of items, units or types was found."""
        return self.items is None and not (self.by_unit or self.joint or self.by_type)

    @property
    def units_total(self) -> int:
        """Items counted over the units, those handled separately by several once."""
        return sum(self.by_unit.values()) + sum(j.items for j in self.joint)

    @property
    def types_total(self) -> int:
        """Problems counted over the types."""
        return sum(self.by_type.values())

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Return every pair of figures that ought to agree and does not."""
        found: list[Difference] = []

        def test(what: str, stated: int | None, counted: int | None, wrong: bool) -> None:
            if wrong and stated is not None and counted is not None:
                found.append(Difference(what, stated, counted))

        items, whole = self.items, self.cumulative
        units, types = self.units_total, self.types_total
        both = None if self.calls is None or self.letters is None else self.calls + self.letters
        test("units", items, units, bool(self.by_unit or self.joint) and units != items)
        test("types", self.problems, types, bool(types) and types != self.problems)
        test("types_below", items, types, bool(types) and types < (items or 0))
        test("channels", items, both, both != items)
        test("focus", items, self.focus, (self.focus or 0) > (items or 0))
        test("cumulative", whole, items, (items or 0) > (whole or 0))
        above = (self.cumulative_focus or 0) > (whole or 0)
        test("cumulative_focus", whole, self.cumulative_focus, above)
        below = (self.focus or 0) > (self.cumulative_focus or 0)
        test("cumulative_focus", self.cumulative_focus, self.focus, below)
        return tuple(found)


def _plain(text: str) -> str:
    """Return the text half width in digits, full width in punctuation, without blanks and shares."""
    wide = unicodedata.normalize("NFKC", text)
    wide = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", wide)
    wide = re.sub(r"(?<=[。；;！!])\s*\n", "", wide)
    wide = "".join(wide.split()).translate(str.maketrans(",;:()", "，；：（）"))
    return re.sub(r"[，、（]?占(?:比|总数的?)?约?[\d.]+%）?", "", wide)


def _integer(text: str) -> int:
    """Return ``17`` or ``十七`` as a number, below a thousand."""
    if text.isdigit():
        return int(text)
    total = held = 0
    for letter in text:
        if letter in ("十", "百"):
            total += (held or 1) * (10 if letter == "十" else 100)
            held = 0
        else:
            held = _DIGITS[letter]
    return total + held


class _Reading:
    """The text being read: what was understood is blanked, what is left at the end is told."""

    def __init__(self, text: str) -> None:
        self.left = text

    def take(self, pattern: str) -> re.Match[str] | None:
        match = re.search(pattern, self.left)
        if match:
            self.left = f"{self.left[: match.start()]}；{self.left[match.end() :]}"
        return match

    def every(self, pattern: str) -> list[re.Match[str]]:
        found = []
        while match := self.take(pattern):
            found.append(match)
        return found

    def number(self, pattern: str) -> int | None:
        match = self.take(pattern)
        return _integer(next(g for g in match.groups() if g)) if match else None


def _day(reading: _Reading, year: int | None) -> date | None:
    """Read the first day that is not the end of a count (截至), then blank every day."""
    found = None
    pattern = r"(截[至止]到?)?(?:(\d{4})年)?(\d{1,2})月(\d{1,2})日(?!内)"
    days = list(re.finditer(pattern, reading.left))
    for match in sorted(days, key=lambda m: bool(m[1])):
        of = int(match[2]) if match[2] else year
        if of is None:
            of = next((int(m[2]) for m in days if m[2]), None)
        if of is not None:
            try:
                found = date(of, int(match[3]), int(match[4]))
            except ValueError:
                continue
            break
    reading.left = re.sub(pattern, lambda m: "累计" if m[1] else "", reading.left)
    return found


def _joint(reading: _Reading) -> tuple[Joint, ...]:
    """Read the items several units handle separately."""
    names = r"([^。；，：（）\d]+)"
    how = r"(?:分别|共同|联合|交叉)"
    doing = r"(?:办理|处理|承办|负责|调查处理)"
    found = []
    for pattern, count, units in (
        (rf"(?:另有|另|其中|还有)?(\d+)件由{names}{how}{doing}", 1, 2),
        (rf"(?:另有|另|其中|还有)?由{names}{how}{doing}的?(?:有|为)?(\d+)件", 2, 1),
        (rf"(?:另有|另|其中|还有)?{names}{how}{doing}的?(?:有|为)?(\d+)件", 2, 1),
        (r"(?:另有|另|其中|还有)(\d+)件(?:同时|共同)?涉及([^。；，：（）\d]+、[^。；，：（）\d]+)", 1, 2),
    ):  # fmt: skip
        for match in reading.every(pattern):
            parted = tuple(_split(_LEAD_IN.sub("", match[units])))
            found.append(Joint(int(match[count]), parted))
    return tuple(found)


def _split(names: str) -> list[str]:
    """Split ``甲、乙和丙``; 和 parts only what both sides of it are units (市园林和林业局 is one)."""
    parts = [part for part in names.split("、") if part]
    for conjunction in "和与及":
        head, middle, tail = parts[-1].rpartition(conjunction) if parts else ("", "", "")
        if middle and _UNIT_END.search(head) and _UNIT_END.search(tail):
            parts[-1:] = [head, tail]
            break
    return parts


def _types(reading: _Reading) -> dict[str, int]:
    found: dict[str, int] = {}
    several = rf"{_BEGIN}({_TYPE}{_TYPE_TAIL}(?:[、和及]{_TYPE}{_TYPE_TAIL})+)各(?:有|为)?(\d+)[件个项起]?"
    for match in reading.every(several):
        for name in re.findall(_TYPE, match[1]):
            found[TYPE_WORDS[name]] = found.get(TYPE_WORDS[name], 0) + int(match[2])
    for match in reading.every(rf"{_BEGIN}({_TYPE}){_TYPE_TAIL}(\d+)[件个项起]?(?!日)"):
        found[TYPE_WORDS[match[1]]] = found.get(TYPE_WORDS[match[1]], 0) + int(match[2])
    return found


def _units(reading: _Reading, known: Collection[str]) -> dict[str, int]:
    """Read ``甲区35件`` and ``乙局、丙集团各1件``; leave what names no unit."""
    found: dict[str, int] = {}

    def add(name: str, items: str) -> bool:
        bare = _LEAD_IN.sub("", name)
        if bare not in known and not _UNIT_END.search(bare):
            return False
        found[bare] = found.get(bare, 0) + int(items)
        return True

    def each(match: re.Match[str]) -> str:
        names = _split(_LEAD_IN.sub("", match[1]))
        good = all(n in known or _UNIT_END.search(n) for n in names)
        return "；" if good and all(add(n, match[2]) for n in names) else match[0]

    def one(match: re.Match[str]) -> str:
        return "；" if add(match[1], match[2]) else match[0]

    left = re.sub(r"([^，。；：、（）\d]+?)(?:共|有|为)?(\d+)件", one, reading.left)
    reading.left = re.sub(r"([^，。；：（）\d]+)各(?:有|为)?(\d+)件", each, left)
    return found


def read_bulletin(text: str, *, year: int | None = None, units: Collection[str] = ()) -> Bulletin:
    """Read the text of a batch bulletin (读交办通报), pasted or from a file.

    Parameters
    ----------
    text : str
        The words as published; full-width digits, line breaks and shares in per cent do not matter.
    year : int, optional
        The year of a day written without one.
    units : collection of str
        Names of units beyond those one knows by their ending (区、市、县、局、集团 …).

    Returns
    -------
    Bulletin
        With `Bulletin.differences` between its figures, and in ``unread`` each count that was
        understood as nothing. A text that is no bulletin gives `Bulletin.nothing`.

    Examples
    --------
    >>> said = read_bulletin("5月20日，交办第7批举报件3件，累计9件。东山区2件、西河县1件。", year=2026)
    >>> said.batch, said.items, dict(said.by_unit), said.differences
    (7, 3, {'东山区': 2, '西河县': 1}, ())
    """
    reading = _Reading(_plain(text))
    day = _day(reading, year)
    batch = reading.number(rf"(?<!轮)第({_NUMBER})批(?:次)?(?!(?:中央|省级|省))")
    reading.every(rf"第{_NUMBER}[轮批](?:第{_NUMBER}批)?|第\d+[^件，。；]{{0,14}}?督察组")
    days = reading.number(rf"({_NUMBER})(?:个工作)?[日天](?:之)?内")
    joint = _joint(reading)
    whole = reading.take(rf"(?:累计|总计)[^，。；\d]*?(\d+)件{_FOCUS_TAIL}")
    batched = reading.take(rf"(?:{_RECEIVE})[^，。；\d]*?(\d+)件{_FOCUS_TAIL}") or reading.take(
        rf"(?:信访|举报|问题|案)件?(?:共)?(\d+)件{_FOCUS_TAIL}"
    )
    by_type = _types(reading)
    problems = reading.number(
        r"(\d+)[个项](?:方面)?的?(?:生态)?(?:环境)?问题|问题(?:共|有|为)?(\d+)[个项]"
    )
    calls = reading.number(r"(?:来电|电话)(?:举报|反映)?(?:类)?件?(?:有|为|共)?(\d+)件")
    letters = reading.number(r"(?:来信|信件|信函|邮件)(?:举报|反映)?(?:类)?件?(?:有|为|共)?(\d+)件")
    focus = _of(batched, 2, 3)
    if focus is None:
        focus = reading.number(rf"{_FOCUS}|(\d+)件(?:被列)?为?重点[^，。；）\d]*")
    reading.every(_PLACES.pattern)
    by_unit = _units(reading, units)
    left = re.findall(r"[^，。；：（）]*\d+[件个项][^，。；：（）]*", reading.left)
    return Bulletin(
        day=day,
        batch=batch,
        items=_of(batched, 1),
        calls=calls,
        letters=letters,
        focus=focus,
        cumulative=_of(whole, 1),
        cumulative_focus=_of(whole, 2, 3),
        by_unit=MappingProxyType(by_unit),
        joint=joint,
        by_type=MappingProxyType(by_type),
        problems=problems,
        feedback_days=days,
        unread=tuple(left),
    )


def _of(match: re.Match[str] | None, *groups: int) -> int | None:
    """Return the first of some groups that matched, as a number."""
    given = (match[g] for g in groups) if match else ()
    return next((int(g) for g in given if g), None)


def write_bulletin(bulletin: Bulletin, *, place: str, group: str) -> str:
    """Write a bulletin in words (写交办通报); `read_bulletin` reads the same figures back.

    Parameters
    ----------
    place, group : str
        Who received the batch (``青岛市``) and who handed it over (``省第三生态环境保护督察组``).
    """
    said = bulletin
    when = f"{said.day.year}年{said.day.month}月{said.day.day}日，" if said.day else ""
    batch = f"第{said.batch}批" if said.batch is not None else ""
    channels = [
        f"{word}{n}件"
        for word, n in (("来电", said.calls), ("来信", said.letters))
        if n is not None
    ]
    total = f"{when}{group}向{place}交办{batch}群众信访举报件{said.items or 0}件"
    total += f"（重点关注件{said.focus}件）" if said.focus is not None else ""
    total += f"，其中{'、'.join(channels)}" if channels else ""
    if said.cumulative is not None:
        total += f"；累计交办{said.cumulative}件"
        if said.cumulative_focus is not None:
            total += f"（重点关注件{said.cumulative_focus}件）"
    lines = [f"{total}。"]
    units = [f"{name}{n}件" for name, n in said.by_unit.items()]
    parted = [f"另有{j.items}件由{'、'.join(j.units)}分别办理" for j in said.joint]
    if units or parted:
        lines.append(f"按责任单位分：{'，'.join(['、'.join(units)] * bool(units) + parted)}。")
    if said.by_type:
        kinds = "、".join(f"{name}{n}个" for name, n in said.by_type.items())
        whole = f"，共涉及{said.problems}个问题" if said.problems is not None else ""
        lines.append(f"按污染类型分：{kinds}{whole}。")
    if said.feedback_days is not None:
        lines.append(f"请各责任单位于{said.feedback_days}日内反馈办理情况。")
    return "\n".join(lines)
