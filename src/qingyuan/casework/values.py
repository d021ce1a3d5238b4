"""Check what was filled in (填写核对): a deed's fields and the opening form, by one rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from qingyuan.casework.model import Field, Label, Procedure
from qingyuan.casework.problems import Refusal, joined
from qingyuan.casework.tables import TYPES
from qingyuan.core.periods import city_date

__all__ = ["check_form", "check_values"]

_OPENING = Label("立案登记", "Register the case")


def check_form(procedure: Procedure, form: Mapping[str, object], *, at: datetime) -> None:
    """Check the values of the opening form (立案登记表), raising the first `Problem`.

    A value the procedure's form does not ask for is a fault too: ``casework.unknown_value``.
    """
    check_values(procedure.form.values(), form, asked_by=_OPENING, at=at)
    for name in form:
        if name not in procedure.form:
            raise Refusal(
                "casework.unknown_value",
                name=name,
                known=joined(f.label for f in procedure.form.values()),
            )


def check_values(
    fields: Iterable[Field], given: Mapping[str, object], *, asked_by: Label, at: datetime
) -> None:
    """Raise what is blank, then what is wrong, among *given* (填写核对).

    Parameters
    ----------
    fields : iterable of Field
        What is asked for.
    given : mapping
        Values by field name: text as str, ``date`` a date, ``day_time`` an aware datetime, ``days``
        a positive int, ``number`` an int or Decimal, ``yes`` a bool, ``types`` and ``units`` lists
        of codes.
    asked_by : Label
        The deed or form, named in the sentence.
    at : datetime
        The moment of the deed; a date may not lie before it unless the field says ``past``.
    """
    asked = tuple(fields)
    given = {n: v.strip() if isinstance(v, str) else v for n, v in given.items()}
    blank = [f for f in asked if f.required and not _filled(given.get(f.name))]
    if blank:
        raise Refusal(
            "casework.missing_field",
            deed=asked_by,
            fields=joined(f.label for f in blank),
            names=",".join(f.name for f in blank),
        )
    for field in asked:
        value = given.get(field.name)
        if _filled(value):
            _check(field, value, at)


def _filled(value: object) -> bool:
    return value is not None and (not isinstance(value, str | list | tuple) or len(value) > 0)


def _check(field: Field, value: object, at: datetime) -> None:
    names = {"field": field.label, "name": field.name}
    match field.kind:
        case "choice" if value not in field.choices:
            known = joined(field.choices.values())
            raise Refusal("casework.unknown_choice", given=value, known=known, **names)
        case "days" if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise Refusal("casework.bad_days", given=value, **names)
        case "number" if not _is_number(value):
            raise Refusal("casework.bad_number", given=value, **names)
        case "yes" if not isinstance(value, bool):
            raise Refusal("casework.bad_yes", given=value, **names)
        case "day_time" if not isinstance(value, datetime) or value.tzinfo is None:
            raise Refusal("casework.bad_day_time", given=value, **names)
        case "date":
            if not isinstance(value, date) or isinstance(value, datetime):
                raise Refusal("casework.bad_date", given=value, **names)
            if value < city_date(at) and not field.past:
                raise Refusal("casework.date_past", given=value, today=city_date(at), **names)
        case "types" | "units":
            _check_list(field, value, names)


def _is_number(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)


def _check_list(field: Field, value: object, names: Mapping[str, object]) -> None:
    listed = list(value) if isinstance(value, list | tuple) else [value]
    if not all(isinstance(x, str) and x for x in listed) or len(set(listed)) != len(listed):
        raise Refusal("casework.bad_list", given=value, **names)
    unknown = [x for x in listed if field.kind == "types" and x not in TYPES]
    if unknown:
        known = joined(TYPES.values())
        raise Refusal("casework.unknown_choice", given=unknown[0], known=known, **names)
