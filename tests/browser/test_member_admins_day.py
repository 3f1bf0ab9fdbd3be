"""The member admin's day: a list is found, kept, changed and exported; a file comes in and goes again; two entries of
one person become one; the general meeting gets its roll; and next year is tried out. The worker does the long work."""

import csv
import datetime
import io
import re
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor, log_in
from tests.browser.looks import WAGTAILS_OWN, axe_violations, take_picture

MEMBER_ADMIN, ADMINISTRATOR = "medlemsansvarlig", "administrator"
LONG_WORK = 60_000  # ms: the worker may have other things in hand
SETTLED = """() => document.getAnimations().every(one => one.playState === "finished") &&
    [...document.querySelectorAll(".messages li")].every(one => getComputedStyle(one).opacity === "1")"""
FILE = """Fornavn;Etternavn;Fødselsdato;E-post;Gate;Postnr;Sted;Type;Hjerteord
Tuva;Torsk;03.04.1991;tuva@fisk.example;Havnegata 1;7010;Trondheim;E;Hval
Sverre;Sei;05.06.1972;sverre@fisk.example;Havnegata 2;7010;Trondheim;E;Laks
Lotte;Lange;31.02.1980;lotte@fisk.example;Havnegata 3;7010;Trondheim;E;Sild
"""


def look(page: Page, name: str) -> None:
    """axe finds nothing, and nothing is wider than the screen, once Wagtail's message has come in."""
    page.wait_for_load_state()
    page.wait_for_function(SETTLED)
    take_picture(page, f"day-{name}")
    assert axe_violations(page, without=WAGTAILS_OWN) == [], f"{name} at {page.url}"
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, name


def rows(page: Page) -> Locator:
    return page.locator("main tbody tr")


def open_filter(page: Page, name: str) -> None:
    """Open one filter's choices in the drawer."""
    drawer = page.locator(".w-dropdown--drilldown > button")
    if drawer.get_attribute("aria-expanded") == "false":
        drawer.click()
    page.locator(f"button[aria-controls='drilldown-id_{name}']").click()


def leave_filter(page: Page, name: str) -> None:
    page.locator(f"#drilldown-id_{name} .w-drilldown__back").click()


def menu_of_the_list(page: Page, words: str) -> None:
    """Choose something in the menu with the three dots."""
    page.keyboard.press("Escape")
    page.locator("header button[aria-label='Handlinger']").first.click()
    page.locator(".w-dropdown__content a:visible", has_text=words).first.click()


def choose_member(page: Page, words: str) -> None:
    """Choose a member in the dialog."""
    page.locator("[data-chooser-action-choose]:visible").first.click()
    page.locator(".modal-dialog input[name=q]").fill(words)
    page.locator(".modal-dialog tbody a", has_text=words).first.click()
    expect(page.locator(".modal-dialog")).to_have_count(0)


def keep_a_list(page: Page) -> None:
    """Search as one types, then narrow the list down, choose a column, and save it."""
    page.goto("/admin/members/")
    page.locator("#id_q").press_sequentially("ødegå")
    expect(rows(page)).to_have_count(1)
    expect(rows(page)).to_contain_text("Ødegård, Guro")
    page.locator("#id_q").fill("")
    expect(rows(page).nth(5)).to_be_visible()

    open_filter(page, "status")
    page.locator("#id_status_2").check()
    expect(page).to_have_url(re.compile("status=active"))
    leave_filter(page, "status")
    open_filter(page, "on")
    a_year_ago = datetime.date.today() - datetime.timedelta(days=365)
    page.locator("#id_on").fill(f"{a_year_ago:%d.%m.%Y}")
    page.locator("#id_on").blur()
    expect(page.locator(".office-note")).to_contain_text(str(a_year_ago.year))
    page.locator("#id_on").fill("")
    page.locator("#id_on").blur()
    expect(page.locator(".office-note")).to_have_count(0)
    leave_filter(page, "on")
    open_filter(page, "area")
    page.locator("#id_area").fill("7500")
    expect(page).to_have_url(re.compile("area=7500"))
    leave_filter(page, "area")
    open_filter(page, "columns")
    for column in ("name", "address_line_1", "place", "language"):
        page.locator(f"#filters-drilldown input[name=columns][value={column}]").check()
    expect(page.locator("main thead")).to_contain_text("Språk")
    page.keyboard.press("Escape")
    look(page, "filtered")

    menu_of_the_list(page, "Lagre denne listen")
    page.locator("#id_name").fill("Aktive i Stjørdal")
    look(page, "save-list")
    page.locator("main form button[type=submit], main form button.button").first.click()
    expect(page.locator(".office-lists")).to_contain_text("Aktive i Stjørdal")


def test_a_list_is_found_kept_changed_and_exported(visitor: Visitor) -> None:
    page = visitor()
    log_in(page, MEMBER_ADMIN)
    keep_a_list(page)
    page.goto("/admin/members/")
    page.locator(".office-lists a", has_text="Aktive i Stjørdal").click()
    expect(page.locator("main thead")).to_contain_text("Språk")
    here, number = page.url.partition("?")[2], rows(page).count()
    assert number > 1

    rows(page).first.locator(".title-wrapper a").click()
    look(page, "member")
    page.locator(".office-actions a").first.click()
    page.locator("#id_address_line_1").fill("Ny gate 99")
    page.locator("button", has_text="Lagre").last.click()
    expect(page.locator("main")).to_contain_text("Ny gate 99")
    page.locator(".office-back a").click()
    assert page.url.partition("?")[2] == here, "the same list as before"
    expect(rows(page)).to_have_count(number)
    expect(rows(page).first).to_contain_text("Ny gate 99")

    menu_of_the_list(page, "Endre språk")
    expect(page.locator("main h2")).to_contain_text(f"{number} medlemmer")
    look(page, "bulk")
    page.locator("main select, main input[type=radio][value=en]").first.evaluate(
        "field => field.type === 'radio' ? field.click() : (field.value = 'en')"
    )
    page.locator("main form button").first.click()
    look(page, "bulk-sure")
    page.locator("main form button", has_text=f"{number} medlemmer").click()
    done = page.locator("main .office-buttons a", has_text="Tilbake til listen")
    expect(done).to_be_visible(timeout=LONG_WORK)
    look(page, "bulk-done")
    done.click()
    assert page.url.partition("?")[2] == here
    for row in rows(page).all():
        expect(row).to_contain_text("Engelsk")

    menu_of_the_list(page, "Eksporter")
    expect(page.locator("main h2").first).to_contain_text(str(number))
    page.locator("#id_purpose").fill("Adresselapper")
    page.locator("input[name=file_type][value=csv]").check()
    look(page, "export")
    with page.expect_download() as download:
        page.locator("main form button").first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    lines = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(lines) == number + 1
    assert any("Ny gate 99" in line for line in lines[1])


def test_a_file_comes_in_and_goes_again_and_two_entries_become_one(visitor: Visitor, tmp_path: Path) -> None:
    page = visitor()
    log_in(page, MEMBER_ADMIN)
    file = tmp_path / "fisk.csv"
    file.write_text(FILE, encoding="cp1252")
    page.goto("/admin/import/")
    look(page, "import-upload")
    page.locator("input[type=file]").set_input_files(file)
    page.locator("main form button").last.click()
    page.locator("a", has_text="Endre kolonnene").click(timeout=LONG_WORK)
    mapping = page.locator("main .w-field__wrapper", has_text="Hjerteord").locator("select")
    expect(mapping).to_be_visible()
    look(page, "import-columns")
    mapping.select_option("office_notes")
    page.locator("main form button").first.click()
    agree = page.locator("form[action$='/agree/'] button", has_text="Importer 2 medlemmer")
    expect(agree).to_be_visible(timeout=LONG_WORK)
    look(page, "import-plan")
    expect(rows(page).first).to_contain_text("Lotte Lange")
    agree.click()
    undo = page.locator("a[href$='/undo/']")
    expect(undo).to_be_visible(timeout=LONG_WORK)
    look(page, "import-done")
    page.goto("/admin/members/?q=Tuva")
    expect(rows(page)).to_have_count(1)
    rows(page).locator(".title-wrapper a").click()
    expect(page.locator("main")).to_contain_text("Hval")

    page.goto("/admin/import/")
    page.locator("main .office-table a", has_text="fisk.csv").first.click()
    undo.click()
    look(page, "import-undo")
    page.locator("main form button.serious").click()
    expect(page.locator(".office-facts")).to_contain_text(re.compile("Angret|Tatt ut"), timeout=LONG_WORK)
    look(page, "import-undone")
    page.goto("/admin/members/?q=Tuva")
    expect(page.locator("main")).to_contain_text("Ingen i registeret passer")

    pairs_of_entries(page)


def pairs_of_entries(page: Page) -> None:
    """One pair is not the same; another is merged, and the merge taken back."""
    page.goto("/admin/duplicates/")
    look(page, "duplicates")
    pairs = rows(page).count()
    assert pairs > 1
    rows(page).last.locator("a").first.click()
    look(page, "pair")
    page.locator("form[action$='/not-the-same/'] button").click()
    confirm = page.locator("main form button", has_text="ikke")
    if "/not-the-same/" in page.url:
        confirm.first.click()
    expect(rows(page)).to_have_count(pairs - 1)

    rows(page).first.locator("a").first.click()
    page.locator("a[href$='/merge/']").click()
    look(page, "merge")
    gone = page.locator("input[name=keep]:not(:checked) + *, label:has(input[name=keep]:not(:checked))").first
    number = re.search(r"\((\d+)\)", gone.inner_text())
    assert number is not None
    page.locator("main form button").first.click()
    look(page, "merge-sure")
    page.locator("main form button").first.click()
    expect(page.locator("main a[href$='/undo/']")).to_be_visible()
    look(page, "merged")
    page.locator("main a[href$='/undo/']").click()
    page.locator("main form button").first.click()
    page.goto(f"/admin/members/?q={number[1]}")
    expect(page.locator("main tbody td", has_text=re.compile(f"^\\s*{number[1]}\\s*$")).first).to_be_visible()


def test_the_general_meeting_gets_its_roll_and_next_year_is_tried_out(visitor: Visitor) -> None:
    page = visitor()
    log_in(page, ADMINISTRATOR)
    yesterday = datetime.date.today() - datetime.timedelta(days=1)
    page.goto("/admin/voter-rolls/new/")
    page.locator("#id_name").fill("Ekstraordinært årsmøte")
    page.locator("#id_counts_on").fill(f"{yesterday:%d.%m.%Y}")
    page.locator("#id_min_age").fill("15")
    look(page, "roll-new")
    page.locator("button", has_text=re.compile("Lagre|Opprett")).last.click()
    if "/voter-rolls/new/" not in page.url and not page.locator("a[href$='/freeze/']").is_visible():
        page.goto("/admin/voter-rolls/")
        page.locator("main tbody a", has_text="Ekstraordinært årsmøte").first.click()
    look(page, "roll-preview")
    page.locator("a[href$='/freeze/']").click()
    page.locator("main form button", has_text="Fortsett").click()
    look(page, "roll-sure")
    page.locator("main form button", has_text="Fastsett").click()
    expect(page.locator(".office-tag--good")).to_be_visible()
    before = voters(page)
    look(page, "roll-frozen")

    page.locator("a[href$='/appeal/']").click()
    choose_member(page, "Charlotte")
    page.locator("input[name=wants][value=add]").check()
    page.locator("#id_raised_by").fill("Charlotte Dahl")
    page.locator("#id_reason").fill("Hun har betalt.")
    look(page, "appeal")
    page.locator("main form button").last.click()
    page.locator("a[href*='/appeals/']").click()
    page.locator("input[name=is_upheld][value=yes]").check()
    page.locator("#id_by").fill("Styret")
    look(page, "decision")
    page.locator("main form button").last.click()
    expect(page.locator(".office-table")).to_contain_text("Styret")
    assert voters(page) == before + 1

    page.goto("/admin/reports/simulator/")
    look(page, "simulator")
    page.locator("main tbody tr", has_text="Enslig").locator("input").first.fill("450")
    page.locator("main form button").first.click()
    expect(page.locator("main .office-lead")).to_contain_text("ville fått en annen type eller pris", timeout=LONG_WORK)
    expect(page.locator("main")).to_contain_text("annen pris")
    look(page, "simulated")


def voters(page: Page) -> int:
    """How many may vote, as the page of a roll says."""
    return int(page.locator("main .office-lead").first.inner_text().split()[0])
