"""The office brings the register of old: it sees what would happen, says yes, and reads the result."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Visitor, log_in
from tests.browser.looks import take_picture

REGISTER = Path(__file__).resolve().parents[1] / "data" / "register.csv"
TYPES = {"Family": "FM", "Family member": "FM2", "Ordinary": "E", "Youth": "UNG", "Corporate": "E"}


def test_the_office_imports_the_old_register(visitor: Visitor) -> None:
    office = visitor()
    log_in(office, "medlemsansvarlig")
    office.goto("/admin/import/")
    office.locator("input[type=file]").set_input_files(REGISTER)
    office.locator("main form button").last.click()
    expect(office.locator("main select")).to_have_count(len(TYPES))
    take_picture(office, "import-types")
    for word, code in TYPES.items():
        row = office.locator("main .w-field__wrapper", has_text=f"«{word}»")
        row.locator("select").select_option(code)
    office.locator("main form button").first.click()

    facts = office.locator(".office-facts")
    expect(facts).to_contain_text("register.csv")
    take_picture(office, "import-plan")
    expect(office.locator(".office-table tbody tr")).to_have_count(6)
    refused = office.locator(".office-table tbody tr").first
    expect(refused).to_contain_text("Hege Moe")
    office.locator("form[action$='/agree/'] button").click()

    done = office.locator(".office-buttons a[href='/admin/members/']")
    expect(done).to_be_visible(timeout=60_000)
    take_picture(office, "import-result")
    expect(office.locator(".office-table")).to_contain_text("Hege Moe")
    done.click()
    office.goto("/admin/members/?q=Máret")
    expect(office.locator("main tbody tr")).to_have_count(1)
    expect(office.locator("main tbody")).to_contain_text("Sara, Máret Áile")

    office.goto("/admin/import/")
    expect(office.locator("main .office-table")).to_contain_text("register.csv")
