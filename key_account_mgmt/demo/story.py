"""What all chapters share: the day, its calendar, and who is who."""

import random
from datetime import date, timedelta

from ..policy.periods import add_months, month_end, month_start

QUIET = {
    "lang": "en_US",
    "tz": "Asia/Shanghai",
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "no_reset_password": True,
}
WAN = 10_000  # 万元, the unit in which the story counts money


class Story:
    """The records of the story by short name, and its days relative to ``today``.

    :ivar users: ``{login: res.users}``
    :ivar partners: ``{customer key: res.partner}``
    :ivar rows: ``{customer key: row of customers.csv}``
    """

    def __init__(self, env):
        self.env = env(user=env.ref("base.user_root"), su=True, context=QUIET)
        self.company = self.env.ref("base.main_company")
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.today = self.company._kam_today()
        # The same story every time.
        self.random = random.Random(20260105)
        self.international = self.env["res.company"]
        self.users, self.partners, self.rows, self.products = {}, {}, {}, {}

    @property
    def go_live(self):
        """Two years and nine months ago."""
        return month_start(add_months(self.today, -33))

    @property
    def last_january(self):
        """The day of the last evaluation: 5 January before the running month."""
        year = self.today.year - (1 if self.today.month == 1 else 0)
        return date(year, 1, 5)

    @property
    def months_since_january(self):
        """Closed months since the window of the last evaluation: 1 to 12."""
        return (self.today.year - self.last_january.year) * 12 + self.today.month - 1 or 12

    def month(self, index):
        """First day of a month; -1 is the last closed one, 0 the running one."""
        return add_months(month_start(self.today), index)

    def day_in(self, index, latest=27):
        """Some day of a month, never after today."""
        start = self.month(index)
        day = start + timedelta(days=self.random.randrange(2, latest))
        return min(day, month_end(start), self.today)

    def ago(self, days):
        return self.today - timedelta(days=days)

    def as_user(self, login, company=None):
        """The environment of a person of the story, with his own rights."""
        env = self.env(user=self.users[login], su=False)
        company = company or self.company
        mine = {"allowed_company_ids": company.ids, "lang": env.user.lang}
        return env(context={**env.context, **mine})

    def ref(self, name):
        return self.env.ref(f"key_account_mgmt.{name}")
