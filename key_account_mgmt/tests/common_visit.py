"""Monday 23 November 2026, ten o'clock in Shanghai: two accounts, their people, a visit."""

from datetime import date, datetime, timedelta

from odoo import Command
from odoo.fields import Datetime

from .common import KamCase

NOW = "2026-11-23 02:00:00"


class VisitCase(KamCase):
    """``user`` leads Tianheng and its plant, ``member`` is on Tianheng's team, ``stranger``
    leads another account.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.stranger = cls._new_user("stranger", "key_account_mgmt.group_kam_user")
        cls.tianheng = cls._account(cls._customer("Tianheng"), cls.user)
        cls.plant = cls._account(cls._customer("Tianheng Suzhou"), cls.user, parent=cls.tianheng)
        cls.other = cls._account(cls._customer("Ruisheng"), cls.stranger)
        cls.contact = cls.env["res.partner"].create(
            {"name": "Buyer Li", "parent_id": cls.tianheng.partner_id.id, "email": "li@example.com"}
        )
        cls.env["kam.team.member"].create(
            {
                "account_id": cls.tianheng.id,
                "user_id": cls.member.id,
                "role_id": cls.env.ref("key_account_mgmt.kam_team_role_technical").id,
                "date_from": date(2026, 1, 1),
            }
        )

    @classmethod
    def _purpose(cls, code):
        return cls.env.ref(f"key_account_mgmt.kam_visit_purpose_{code}")

    @classmethod
    def _mode(cls, code):
        return cls.env.ref(f"key_account_mgmt.kam_visit_mode_{code}")

    def _visit(self, start="2026-11-24 02:00:00", hours=1, user=None, **values):
        """A visit to Tianheng entered by ``user``, by default tomorrow at ten."""
        start = Datetime.to_datetime(start)
        vals = {
            "account_id": self.tianheng.id,
            "start": start,
            "stop": start + timedelta(hours=hours),
            **values,
        }
        return self._as(self.env["kam.visit"], user or self.user).create(vals)

    def _held(self, **values):
        """Held this morning from eight to nine."""
        return self._visit("2026-11-23 00:00:00", **values)

    def _fill(self, visit, **values):
        visit.write(
            {
                "report": "They ask for a longer warranty",
                "next_action": "Send the offer",
                "next_action_date": date(2026, 11, 30),
                "nothing_else": True,
                **values,
            }
        )
        return visit

    def _reported(self, **values):
        visit = self._fill(self._held(**values))
        visit.action_report()
        return visit

    def _event(self, visit):
        return self.env["calendar.event"].sudo().browse(visit.sudo().event_id.ids)

    def _people(self, *users):
        return [Command.set([user.id for user in users])]

    @staticmethod
    def _at(text):
        return datetime.fromisoformat(text)
