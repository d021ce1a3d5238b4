"""The screens of importing: what may be brought, the file, its preview with errors, the history."""

from __future__ import annotations

from decimal import Decimal

import pytest

from case_town import build_town
from qingyuan.cities import credit_code_of
from qingyuan.host.folder import DataFolder
from qingyuan.web import exchange
from qingyuan.web.exchange.books import MEDIA_TYPE
from qingyuan.web.registry.exchange import ENTERPRISES
from small_city import AT


@pytest.fixture
def town(db, settings, tmp_path):
    settings.FOLDER = DataFolder(tmp_path / "data")
    settings.FOLDER.store.mkdir(parents=True)
    return build_town()


def _file():
    rows = [
        {
            "code": f"N{n}", "name": f"新厂第{n}号", "credit_code": credit_code_of(f"91370200{n:09d}"),
            "trade": "1713" if n % 3 else "171", "trade_zh": "棉印染精加工", "district": "379901",
            "lon": Decimal("120.4"), "lat": Decimal("36.6"),
        }
        for n in range(1, 9)
    ]  # fmt: skip
    content = exchange.workbook(ENTERPRISES, rows, exchange.Cover(by="甲", at=AT))
    return {"name": "企业台账.xlsx", "mimeType": MEDIA_TYPE, "buffer": content}


@pytest.mark.parametrize(
    "how", [{}, {"size": "phone", "theme": "dark"}, {"language": "en"}], ids=["desk", "phone", "en"]
)
def test_a_file_is_brought_looked_at_and_confirmed(signed_in, picture, town, how):
    tab = signed_in("head", **how)

    def look(name):
        tab.accessible()
        tab.fits()
        picture(tab, f"exchange-{name}-{'-'.join(how.values())}")

    assert tab.go("/exchange/").status == 200
    look("tables")
    assert tab.go("/exchange/in/registry.enterprises/").status == 200
    look("upload")
    tab.page.locator("input[type=file]").set_input_files(_file())
    tab.page.locator("main form .is-primary").click()
    tab.page.wait_for_url("**/exchange/imports/**", timeout=20_000)
    look("preview")
    assert tab.page.locator("#faults tbody th").first.inner_text() == "E4"
    tab.page.locator("[name=leave_wrong]").focus()
    tab.page.keyboard.press("Space")
    tab.page.locator("#confirm .is-primary").press("Enter")
    tab.page.wait_for_load_state()
    look("done")
    assert tab.go("/exchange/history/").status == 200
    look("history")
    tab.clean()
