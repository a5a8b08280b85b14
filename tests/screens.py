"""A browser as a person uses it: Playwright on the system's Chromium, without guesses.

Every wait is for something on the page. `Screen.close` fails a test on whatever the
browser complained about meanwhile.
"""

import re
import sys
import time

from client import Client
from repository import load_dev

LOGS = load_dev().LOGS
# Seconds; a machine may be busy with other tests.
PATIENCE = 90
# How often in a row a page has nothing to ask for.
QUIET = 3
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
# What is no fault of a screen: a picture or a bus that ends with its page.
IGNORED = re.compile(r"favicon|WebSocket|net::ERR_(ABORTED|NETWORK_CHANGED)")
OPEN_ACTION = """async ([action, options]) => {
    try {
        await odoo.__WOWL_DEBUG__.root.env.services.action.doAction(action, options);
    } catch (error) {
        const cause = error.cause || error;
        throw new Error(`${cause.message} ${cause.data?.message || ""} ${cause.stack || ""}`);
    }
}"""
LOAD_ACTION = """async (action) => {
    const found = await odoo.__WOWL_DEBUG__.root.env.services.action.loadAction(action);
    return { type: found.type, res_model: found.res_model, views: found.views };
}"""
# Odoo draws at the next frame; what is drawn may ask for more.
DRAW = """() => new Promise((drawn) =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn)))
)"""
READ_DAY = """([selector, typed]) => {
    const field = document.querySelector(selector);
    const input = field.querySelector("input");
    const shown = input ? input.value : field.innerText.trim();
    return shown && shown !== typed;
}"""
# A dialog is gone, or says what is wrong.
ANSWERED = "(errors) => !document.querySelector('.modal') || document.querySelector(errors)"
ERRORS = ".o_error_dialog, .modal .o_dialog_warning, .o_notification_bar.bg-danger"


def launch(playwright):
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


class Screen:
    """One user's browser window on a site."""

    def __init__(self, browser, site, login, *, width=1280, height=900):
        self.site, self.login = site, login
        self.context = browser.new_context(viewport={"width": width, "height": height})
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE * 1000)
        self.complaints = []
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("console", self._console)
        self.waiting = set()
        self.page.on("request", self._asked)
        for end in ("requestfinished", "requestfailed"):
            self.page.on(end, lambda request: self.waiting.discard(request))

    def __enter__(self):
        self._log_in()
        return self

    def __exit__(self, kind, _error, _traceback):
        if kind:
            path = LOGS / f"screen-{self.site.database}-{self.login}.png"
            self.page.screenshot(path=path)
            sys.stdout.write(f"What {self.login} saw: {path}\n{self.complaints}\n")
        self.context.close()
        if not kind:
            assert not self.complaints, self.complaints

    def _asked(self, request):
        """The page waits for an answer; that of the bus's worker is told to nobody."""
        if "/bus/" not in request.url:
            self.waiting.add(request)

    def _console(self, message):
        if message.type == "error":
            self._complain(f"{message.text} {message.location.get('url', '')}")

    def _complain(self, text):
        if not IGNORED.search(text):
            self.complaints.append(text[:500])

    def settle(self):
        """Wait until the page has everything it asked for and has drawn it; no errors."""
        deadline = time.monotonic() + PATIENCE
        quiet = 0
        while quiet < QUIET:
            assert time.monotonic() < deadline, [request.url for request in self.waiting]
            self.page.evaluate(DRAW)
            quiet = 0 if self.waiting else quiet + 1
        self.check()

    def _log_in(self):
        """A session without the login page: one request instead of three."""
        answer = self.context.request.post(
            f"{self.site.address}/web/session/authenticate",
            data={
                "jsonrpc": "2.0",
                "params": {"db": self.site.database, "login": self.login, "password": self.login},
            },
        )
        assert "error" not in answer.json(), answer.text()

    # Moving around

    def go(self, path):
        """Load a page of the backend and wait for its view."""
        self.page.goto(f"{self.site.address}/odoo{path}")
        return self.wait(".o_action_manager > .o_action")

    def open_app(self):
        """Open the app from the menu of apps."""
        self.page.goto(f"{self.site.address}/odoo")
        self.click(".o_navbar_apps_menu button")
        self.click(".o_app[data-menu-xmlid='key_account_mgmt.kam_menu_root']")
        self.wait(".o_menu_brand[data-menu-xmlid='key_account_mgmt.kam_menu_root']")
        self.wait(".o_action_manager > .o_action")

    def do(self, action, **options):
        """Open an action (id or description) without reloading the page."""
        self.page.evaluate(OPEN_ACTION, [action, {"clearBreadcrumbs": True, **options}])
        self.wait(".o_action_manager > .o_action")
        self.check()

    def load(self, action):
        """The description of an action: type, res_model, views."""
        return self.page.evaluate(LOAD_ACTION, action)

    def check(self):
        """Fail on an error dialog."""
        errors = self.page.query_selector_all(ERRORS)
        assert not errors, [error.inner_text() for error in errors]

    def wait(self, selector, text=None):
        """Wait until something is visible, with a text in it if given."""
        found = self.page.locator(selector)
        if text is not None:
            found = found.filter(has_text=text)
        found.first.wait_for()
        return found.first

    def wait_gone(self, selector):
        self.page.locator(selector).first.wait_for(state="hidden")

    def click(self, selector, text=None):
        self.wait(selector, text).click()

    def text(self, selector):
        return self.wait(selector).inner_text().strip()

    # Forms and dialogs

    def press(self, name):
        """Press the visible button of a form's header or sheet by its method."""
        self.click(f".o_form_view button[name={name}]:visible")

    def press_more(self, name):
        """Press a header button that a narrow screen keeps behind its menu."""
        self.click(".o_statusbar_buttons button.dropdown-toggle")
        self.click(f".o-dropdown--menu button[name={name}]")

    def fill(self, name, value, within=".o_form_view"):
        self.page.fill(f"{within} [name={name}] :is(input, textarea)", value)

    def fill_day(self, name, value, within=".o_form_view"):
        """Type a day as a person does, its calendar open, and wait until Odoo has read it."""
        self.click(f"{within} [name={name}] input")
        self.settle()
        self.fill(name, value, within)
        self.page.keyboard.press("Tab")
        self.page.wait_for_function(READ_DAY, arg=[f"{within} [name={name}]", value])

    def tick(self, selector):
        """Press a toggle until it is on: what closes above it may take the first press."""
        for _press in range(5):
            self.click(selector)
            self.settle()
            if self.page.locator(selector).first.is_checked():
                return
        raise AssertionError(f"{selector} stays off")

    def choose(self, name, value, within=".modal"):
        """Choose in a many-to-one field."""
        self.page.fill(f"{within} [name={name}] input", value)
        self.click(".o-autocomplete--dropdown-item a:not(.o_m2o_dropdown_option)", value)

    def confirm(self):
        """Press the first button of a dialog and wait until it is gone."""
        self.click(".modal footer button.btn-primary:visible")
        self.page.wait_for_function(ANSWERED, arg=ERRORS)
        self.check()

    def state(self):
        """The code of the document's state in its status bar."""
        return self.wait(".o_statusbar_status .o_arrow_button_current").get_attribute("data-value")

    def wait_state(self, code):
        self.wait(f".o_statusbar_status .o_arrow_button_current[data-value={code}]")

    def rpc(self):
        return Client(self.site.address, self.site.database, self.site.world.keys[self.login])
