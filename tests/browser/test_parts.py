"""What the parts do when a person uses them."""

from __future__ import annotations


def gallery(visit, **how):
    tab = visit(**how)
    tab.go("/ui/gallery/")
    tab.page.wait_for_selector("#chart-main canvas")
    return tab


def test_a_chart_tells_value_class_and_flag_at_the_pointer(visit, picture):
    tab = gallery(visit)
    plot = tab.page.locator("#chart-main .qy-plot")
    width = plot.bounding_box()["width"]
    plot.hover(position={"x": width * 0.9, "y": 100})
    tip = plot.locator(".qy-tip")
    tip.wait_for(timeout=3000)
    words = tip.inner_text()
    assert "望澜桥" in words
    assert "mg/L" in words
    assert tip.locator(".qy-class").first.inner_text() in {"Ⅲ", "Ⅳ"}
    picture(tab, "chart-tip", whole=False)
    plot.hover(position={"x": width * 0.63, "y": 100})
    tab.page.get_by_text("标记 D").first.wait_for(timeout=3000)
    tab.clean()


def test_the_chart_has_its_table_beneath(visit):
    tab = gallery(visit)
    tab.page.locator("#chart-main").get_by_text("数据表").click()
    assert tab.page.get_by_role("cell", name="0.80").first.is_visible()
    assert "144" not in tab.page.locator("#chart-main .qy-plot").get_attribute("aria-label")


def test_the_theme_is_kept_and_charts_follow(visit):
    tab = gallery(visit)
    assert tab.page.locator("html").get_attribute("data-bs-theme") == "light"
    tab.page.get_by_role("button", name="明暗切换").click()
    assert tab.page.locator("html").get_attribute("data-bs-theme") == "dark"
    tab.page.reload()
    assert tab.page.locator("html").get_attribute("data-bs-theme") == "dark"
    tab.clean()


def test_news_arrives_without_reloading_and_is_announced(visit):
    tab = gallery(visit)
    tab.page.locator("#live-line", has_text="1.34 mg/L").wait_for(timeout=10_000)
    assert tab.page.locator("#qy-voice").inner_text() == "新告警：望澜桥断面氨氮超标"
    with tab.page.expect_response(lambda r: "since=2" in r.url) as answer:
        pass
    assert answer.value.status == 204
    tab.clean()


def test_choosing_rows_brings_the_batch_bar(visit):
    tab = gallery(visit)
    bar = tab.page.locator(".qy-batch")
    assert not bar.is_visible()
    tab.page.get_by_role("checkbox", name="选择 JD2026091100041").check()
    assert bar.locator("[data-chosen]").inner_text() == "已选 1 行"
    tab.page.get_by_role("checkbox", name="选择本页全部").check()
    assert bar.locator("[data-chosen]").inner_text() == "已选 4 行"


def test_a_whole_row_follows_its_one_link(visit):
    tab = gallery(visit)
    tab.page.get_by_role("cell", name="孙莉").click()
    assert tab.page.url.endswith("#JD2026091800009")


def test_columns_stay_when_a_ledger_is_scrolled(visit):
    tab = gallery(visit)
    moved = tab.page.evaluate(
        """() => {
          const table = document.querySelector(".qy-table[data-freeze='3']");
          const box = table.closest(".qy-ledger");
          table.style.minWidth = "2400px";
          const cell = table.tBodies[0].rows[0].cells[1];
          return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
            const before = cell.getBoundingClientRect().left;
            box.scrollLeft = 600;
            requestAnimationFrame(() => done(cell.getBoundingClientRect().left - before));
          })));
        }"""
    )
    assert abs(moved) < 2


def test_the_countdown_explains_itself_on_focus(visit):
    tab = gallery(visit)
    countdown = tab.page.locator(".qy-countdown[tabindex]").first
    countdown.focus()
    assert countdown.locator(".qy-rule").is_visible()
    assert "10-10 调休上班" in countdown.locator(".qy-rule").inner_text()


def test_a_dialog_opens_holds_the_focus_and_closes(visit):
    tab = gallery(visit)
    tab.page.get_by_role("button", name="交办", exact=True).first.click()
    dialog = tab.page.get_by_role("dialog", name="交办")
    assert dialog.is_visible()
    tab.accessible()
    dialog.get_by_role("button", name="取消").click()
    assert not dialog.is_visible()


def test_the_page_is_complete_in_english(visit):
    tab = visit(language="en")
    tab.go("/ui/gallery/phone/")
    assert tab.page.locator("html").get_attribute("lang") == "en"
    tab.clean()
