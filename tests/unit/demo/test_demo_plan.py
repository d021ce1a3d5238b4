import io

from PIL import Image

from qingyuan.demo.incidents import plan
from qingyuan.demo.pictures import picture
from qingyuan.synth import suspects


def test_the_four_node_demo_has_the_incident_worked_out_by_hand():
    (story,) = plan(size="four-nodes", seed=1).stories
    assert (story.incident.role, story.outfall_id, story.incident.section_id) == (
        "main",
        "O2",
        "S2",
    )
    assert story.title == "下桥断面氨氮超Ⅲ类限值"


def test_the_demo_has_a_main_a_second_and_past_incidents():
    found = plan(size="demo", seed=1)
    assert len(found.of("main")) == len(found.of("second")) == 1
    past = found.of("past")
    assert len(past) >= 3
    assert [s.ends for s in past] == [""] * (len(past) - 1) + ["rectifying"]
    assert len({s.outfall_id for s in found.stories}) == len(found.stories)


def test_every_culprit_has_a_person_who_can_answer_for_it():
    found = plan(size="demo", seed=1)
    signing = {p.enterprise_id for p in found.city.people}
    assert {s.enterprise_id for s in found.stories} <= signing


def test_the_culprits_are_spread_over_several_sections():
    assert len({s.section.section_id for s in suspects(plan(size="demo", seed=1).city)}) >= 5


def test_a_picture_is_drawn_the_same_twice_and_before_is_not_after():
    at = plan(size="four-nodes", seed=1).city.epoch
    before = picture("before_photo", case="JD1", at=at)
    assert before == picture("before_photo", case="JD1", at=at)
    assert before != picture("after_photo", case="JD1", at=at)
    assert Image.open(io.BytesIO(before)).size == (960, 720)
