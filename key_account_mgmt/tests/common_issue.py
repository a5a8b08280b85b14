"""Issues for tests: who raises, handles and verifies them."""

from .common import GROUP
from .common_people import XMLID, PeopleCase

NOW = "2026-11-23 04:00:00"


class IssueCase(PeopleCase):
    """The area is on; Tianheng is a key account without a service pack.

    ``cls.service`` is of after-sales and on no team.  It is Monday noon in Shanghai.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref(GROUP % "area_issue")._kam_switch_on()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.service = cls._new_user("service", GROUP % "service")
        cls._hold(cls.account, cls.key)
        cls.account.service_pack_id = False
        cls.Notice = cls.env["kam.notice"].sudo()._as_engine()
        cls.Notice.search([]).write({"sent_on": "2026-01-01 00:00:00"})

    def _kind(self, code):
        return self.env.ref(XMLID % ("issue_kind", code))

    def _raise(self, user=None, kind="technical", **values):
        vals = {
            "account_id": self.account.id,
            "kind_id": self._kind(kind).id,
            "description": "The door hums\nsince Friday",
            "severity": "1",
        }
        return self._as(self.env["kam.issue"], user or self.user).create({**vals, **values})

    def _pack(self, hours="24x7", response=2.0, resolution=24.0):
        pack = self.env.ref(XMLID % ("service_pack", "l1"))
        pack.write({"hours": hours, "response_hours": response, "resolution_hours": resolution})
        self.account.service_pack_id = pack
        return pack

    def _told(self, user=None, topic=None):
        domain = [("res_model", "=", "kam.issue"), ("settled_on", "=", False)]
        notices = self.Notice.search(domain)
        if user:
            notices = notices.filtered(lambda n: n.user_id == user)
        return notices.filtered(lambda n: n.topic == topic) if topic else notices

    def _measure(self, issue, kind="preventive", user=None, owner=None, **values):
        return self._as(self.env["kam.action"], user or self.user).create(
            {
                "issue_id": issue.id,
                "issue_measure": kind,
                "name": "Test the noise",
                "user_id": (owner or self.member).id,
                "date_due": "2026-12-01",
                **values,
            }
        )
