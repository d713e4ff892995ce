"""Journey: a solved request becomes a draft without its people, and a list with a wrong line is corrected and imported."""

import pytest
from playwright.sync_api import expect

AGENT = "lin.tao@heyan.example"
EDITOR = "tang.yue@heyan.example"
GOOD = "型号,品类,中文名称,英文名称\nWF10-992,washing-machines,十公斤新滚筒,New front loader\n"
WRONG = GOOD + "X1,刮胡刀,,Shaver\n"
WORDS = {
    "zh-hans": {"draft": "由此起草指南", "hand": "交给编辑", "line": "第 3 行", "send": "检查文件", "write": "导入 1 行", "done": "已完成"},
}


def in_language(page, language, address):
    """Open a page of the desk or the CMS in a language."""
    page.goto(f"/language/{language}/?next={address}")


@pytest.mark.parametrize("language", ["zh-hans"])
def test_a_solved_request_becomes_a_draft_that_editors_find(someone, sign_in, check_page, language):
    words, agent, editor = WORDS[language], someone(size="desktop", language=language), someone(size="desktop", language=language)
    sign_in(agent, AGENT)
    in_language(agent, language, "/desk/tickets/?status=closed")
    agent.locator("main a[href^='/desk/tickets/T-']").last.click()
    agent.get_by_role("link", name=words["draft"]).click()
    expect(agent.locator("#id_solution")).to_be_visible()
    check_page(agent)
    agent.fill("#id_title", "无花果味的滚筒怎么办")
    agent.fill("#id_solution", "1. 关机，拔掉插头。\n2. 打 13912345678 问孙师傅。")
    agent.get_by_role("button", name=words["hand"]).click()
    expect(agent.locator("#thread")).to_be_visible()

    sign_in(editor, EDITOR)
    in_language(editor, language, "/cms/knowledge/work/from-the-desk/")
    editor.get_by_role("link", name="无花果味的滚筒怎么办").first.click()
    content = editor.content()
    assert "13912345678" not in content and "孙师傅" not in content
    assert "T-" in editor.locator(".messages").inner_text()


@pytest.mark.parametrize("language", ["zh-hans"])
def test_a_list_with_a_wrong_line_is_corrected_and_imported(someone, sign_in, language):
    words, editor = WORDS[language], someone(size="desktop", language=language)
    sign_in(editor, EDITOR)
    in_language(editor, language, "/cms/imports/models/")

    def send(text):
        editor.set_input_files("input[type=file]", files=[{"name": "models.csv", "mimeType": "text/csv", "buffer": text.encode("gb18030")}])
        editor.get_by_role("button", name=words["send"]).click()
        editor.wait_for_url("**/imports/run/*/")

    send(WRONG)
    expect(editor.locator("main")).to_contain_text(words["line"])
    expect(editor.locator("main")).to_contain_text("刮胡刀")
    editor.goto("/cms/imports/models/")
    send(GOOD)
    editor.get_by_role("button", name=words["write"]).click()
    expect(editor.locator("p[role=status]")).to_contain_text(words["done"], timeout=30_000)
    editor.goto("/cms/imports/models/")
    send(GOOD)
    expect(editor.get_by_role("button", name=words["write"])).to_have_count(0)
