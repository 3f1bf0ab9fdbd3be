"""A newcomer's walk through an association's year: read, join, pay, log in, read again, get a newsletter."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor, log_in
from tests.browser.looks import LOOKS, check_in_every_look, check_page
from tests.browser.outbox import open_mail

EMAIL = "frida.fjell@example.no"


def go_on(page: Page) -> None:
    """Press the step's button."""
    page.locator("main form .button-row button").last.click()
    page.wait_for_load_state()


def fill_person(page: Page, first_names: str, last_name: str, born_on: str, email: str = "") -> None:
    page.locator("#id_first_names").fill(first_names)
    page.locator("#id_last_name").fill(last_name)
    page.locator("#id_born_on").fill(born_on)
    page.locator("#id_email").fill(email)
    go_on(page)


def join_as_three(page: Page) -> str:
    """Fill in the joining form for a family; return the reference."""
    page.goto("/bli-medlem/")
    check_page(page, "join-1-type")
    page.locator("input[value=FM]").check()
    go_on(page)
    go_on(page)
    expect(page).to_have_title(re.compile("^Feil: "))
    expect(page.locator(".error-summary")).to_be_focused()
    check_page(page, "join-2-person-errors")
    fill_person(page, "Frida", "Fjell", "17.05.1985", EMAIL)
    for first_names, born_on in (("Finn", "1984-02-29"), ("Fia", "24122015")):
        page.locator("a[href*='step=person']").last.click()
        fill_person(page, first_names, "Fjell", born_on)
    check_page(page, "join-3-people")
    go_on(page)
    page.locator("#id_address_line_1").fill("Elvegata 7")
    page.locator("#id_postcode").fill("7010")
    go_on(page)
    check_page(page, "join-4-consents")
    for box in page.locator("input[type=checkbox]").all():
        expect(box).not_to_be_checked()
        box.check()
    go_on(page)
    check_page(page, "join-5-check")
    button = page.locator("main form .button-row button").last
    expect(button).to_have_text(re.compile(r"Meld inn 3 personer – kr\s600"))
    button.dblclick()
    expect(page.locator(".confirmation")).to_be_visible()
    page.wait_for_load_state("networkidle")
    check_page(page, "join-6-sent")
    reference = page.locator(".confirmation strong").first.inner_text()
    assert re.fullmatch(r"[0-9A-Z]{8}", reference)
    return reference


def test_a_family_joins_pays_and_reads(visitor: Visitor) -> None:
    frida = visitor()
    frida.goto("/")
    check_page(frida, "front-page")
    frida.locator("main article a, main .card a").first.click()
    frida.wait_for_load_state()
    check_page(frida, "article")
    join_as_three(frida)

    open_mail(frida, "Bekreft", to=EMAIL)
    link = frida.locator("a[href*='/innmelding/']").first.get_attribute("href") or ""
    frida.goto(link)
    frida.goto(link)
    check_in_every_look(frida, "join-confirm")
    go_on(frida)
    expect(frida.locator(".confirmation h1")).to_contain_text("Velkommen")
    check_page(frida, "joined")

    open_mail(frida, "Faktura", to=EMAIL)
    words = frida.locator("main").inner_text()
    kid = re.search(r"KID: ([\d\s]{15,20})", words)
    assert kid is not None, words

    treasurer = visitor()
    log_in(treasurer, "kasserer")
    treasurer.goto("/admin/treasury/register/")
    treasurer.keyboard.type(kid[1])
    treasurer.keyboard.press("Enter")
    expect(treasurer.locator("main")).to_contain_text("Frida Fjell")
    treasurer.keyboard.press("Enter")
    expect(treasurer.locator(".pay-today")).to_contain_text("Frida Fjell")
    expect(treasurer.locator("#id_q")).to_be_focused()

    frida.goto("/konto/login/?next=/min-side/")
    check_page(frida, "log-in")
    frida.locator("#code_login").fill(EMAIL.upper())
    frida.locator("form:has(#code_login) button").click()
    check_page(frida, "log-in-code")
    outbox = visitor()
    open_mail(outbox, "kode|Kode|logg|Logg", to=EMAIL)
    code = outbox.locator("main strong").first.inner_text()
    frida.locator("input[name=code]").fill(code)
    frida.locator("form:has(input[name=code]) button[type=submit]").first.click()
    frida.wait_for_url("**/min-side/")
    expect(frida.locator("main")).to_contain_text(re.compile("aktiv", re.IGNORECASE))
    check_page(frida, "my-page")
    for name, address in (
        ("invoices", "fakturaer"), ("payments", "betalinger"), ("household", "husstand"), ("details", "opplysninger"),
        ("consents", "samtykker"), ("memberships", "medlemskap"), ("log-in", "innlogging"), ("leave", "utmelding"),
    ):  # fmt: skip
        frida.goto(f"/min-side/{address}/")
        check_page(frida, f"my-{name}")
    frida.goto("/min-side/fakturaer/")
    pdf = frida.request.get(frida.locator("a[href$='.pdf']").first.get_attribute("href") or "")
    assert pdf.body().startswith(b"%PDF")
    assert not outbox.request.get(pdf.url).body().startswith(b"%PDF"), "a stranger must not get the PDF"


def test_an_editor_sends_a_newsletter_to_those_who_asked_for_it(visitor: Visitor) -> None:
    editor = visitor()
    log_in(editor, "redaktor")
    editor.goto("/admin/pages/")
    editor.locator("main tbody a[href*='/admin/pages/']", has_text="Vennene av vannet").first.click()
    editor.goto(editor.url.partition("/edit")[0].rstrip("/") + "/")
    editor.locator("main tbody .title a", has_text="Nyhetsbrev").first.click()
    editor.wait_for_load_state()
    editor.goto(editor.url.partition("/edit")[0].rstrip("/") + "/add_subpage/")
    editor.locator("main a[href*='newsletterpage']").first.click()
    editor.locator("#id_title").press_sequentially("Vinterhilsen fra elva")
    editor.locator("#id_teaser").fill("Isen har lagt seg, og vi planlegger vårens rydding.")
    expect(editor.locator("#id_slug")).not_to_have_value("")
    editor.locator("button[name=action-publish]").evaluate("button => button.form.requestSubmit(button)")
    written = editor.locator("main tbody .title a", has_text="Vinterhilsen fra elva").first
    number = re.search(r"/pages/(\d+)/", written.get_attribute("href") or "")
    assert number is not None

    editor.goto(f"/admin/newsletters/{number[1]}/send/")
    mails = editor.locator("table.listing tr").last.locator("td").inner_text()
    assert int(mails) > 20
    editor.locator("main form input[type=text], main form input[type=number]").last.fill(mails)
    editor.locator("main form button[type=submit]").last.click()
    editor.wait_for_url(re.compile(r"/mailings/"))
    expect(editor.locator("body")).to_contain_text("Vinterhilsen fra elva")

    reader = visitor(LOOKS[1])
    open_mail(reader, "Vinterhilsen", to="medlem@demo.example")
    leave = reader.locator("a[href*='/nyhetsbrev/avmelding/']").first.get_attribute("href") or ""
    reader.goto(leave)
    check_in_every_look(reader, "unsubscribe")
    reader.locator("main form button").first.click()
    check_page(reader, "unsubscribed")
