"""The diagram as SVG: every state and deed is in it, and boxes never overlap."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

import pytest

from qingyuan.casework import shipped, svg
from qingyuan.casework.layout import HEIGHT, WIDTH, lay_out

NS = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", sorted(shipped()))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_state_and_deed_is_drawn(name, language):
    procedure = shipped()[name]
    root = ElementTree.fromstring(svg(procedure, language=language))
    titles = "\n".join(t.text or "" for t in root.iter(f"{NS}title"))
    for state in procedure.states.values():
        assert getattr(state.label, language) in titles
    for deed in procedure.deeds.values():
        assert getattr(deed.label, language) in titles
    assert root.get("role") == "img"


@pytest.mark.parametrize("name", sorted(shipped()))
def test_boxes_stand_apart_inside_the_paper(name):
    plan = lay_out(shipped()[name])
    for a, b in combinations(plan.boxes.values(), 2):
        assert abs(a.x - b.x) >= WIDTH or abs(a.y - b.y) >= HEIGHT
    for box in plan.boxes.values():
        assert WIDTH / 2 <= box.x <= plan.width - WIDTH / 2
        assert HEIGHT / 2 <= box.y <= plan.height - HEIGHT / 2
    for arrow in plan.arrows:
        assert (len(arrow.points) - 1) % 3 == 0
        assert arrow.at(0) == pytest.approx(arrow.points[0])
        assert arrow.at(1) == pytest.approx(arrow.points[-1])


def test_loops_are_dashed_and_a_case_is_shown_where_it_stands():
    procedure = shipped()["exceedance"]
    plan = lay_out(procedure)
    back = {(a.start, a.end) for a in plan.arrows if a.back}
    assert ("sent_back", "checked") in back
    assert ("closed", "registered") in back
    assert ("registered", "assigned") not in back
    drawn = svg(procedure, now="signing")
    assert drawn.count("--tblr-primary") == 1
    assert "--tblr-primary" not in svg(procedure)
    assert drawn.count("stroke-dasharray") == len(back)


def test_words_are_escaped_and_no_style_sheet_is_needed(exceedance_text):
    from qingyuan.casework import load

    text = exceedance_text.replace('zh = "待核查"', 'zh = "<待核查>&"')
    drawn = svg(load(text, source="x"))
    assert "&lt;待核查&gt;&amp;" in drawn
    assert "<style" not in drawn
    assert "style=" not in drawn
