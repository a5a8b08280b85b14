"""Stakeholders and requests for tests: who is known at a customer, who asks whom."""

from odoo import Command

from .common import KamCase

XMLID = "key_account_mgmt.kam_%s_%s"


class PeopleCase(KamCase):
    """Tianheng, led by ``cls.user``; its team: ``cls.member`` for technology.

    ``cls.quality`` is quality engineer of another account; ``cls.helper`` works in the
    department Technology, whose manager is ``cls.chief``; ``cls.stranger`` works nowhere.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Tianheng")
        cls.account = cls._account(cls.customer, cls.user)
        cls.elsewhere = cls._account(cls._customer("Elsewhere"), cls.officer)
        for login in ("quality", "helper", "chief", "stranger"):
            user = cls._new_user(login, "key_account_mgmt.group_kam_member")
            setattr(cls, login, user)
        cls._join(cls.account, cls.member, "technical")
        cls._join(cls.elsewhere, cls.quality, "quality")
        Department = cls.env["kam.department"]
        cls.sales = Department.create(
            {
                "name": "Sales",
                "company_id": cls.company.id,
                "manager_id": cls.director.id,
                "member_ids": [Command.set(cls.user.ids)],
            }
        )
        cls.technology = Department.create(
            {
                "name": "Technology",
                "company_id": cls.company.id,
                "manager_id": cls.chief.id,
                "member_ids": [Command.set((cls.helper | cls.chief).ids)],
            }
        )

    @classmethod
    def _join(cls, account, user, role, **values):
        return cls.env["kam.team.member"].create(
            {
                "account_id": account.id,
                "user_id": user.id,
                "role_id": cls.env.ref(XMLID % ("team_role", role)).id,
                "date_from": "2026-01-01",
                **values,
            }
        )

    def _leave(self, day):
        """``self.member`` leaves the team after ``day``."""
        self.account.member_ids.filtered(lambda m: m.user_id == self.member).date_to = day

    @classmethod
    def _contact(cls, name, partner=None):
        parent = partner or cls.customer
        return cls.env["res.partner"].create({"name": name, "parent_id": parent.id})

    @classmethod
    def _person(cls, name, role="user", attitude="neutral", account=None, **values):
        """A stakeholder: the contact and the two fields one types."""
        account = account or cls.account
        return cls.env["kam.stakeholder"].create(
            {
                "account_id": account.id,
                "partner_id": cls._contact(name, account.partner_id).id,
                "role_id": cls.env.ref(XMLID % ("stakeholder_role", role)).id,
                "attitude": attitude,
                **values,
            }
        )

    def _ask(self, user=None, kind="feedback", **values):
        """A request as a person makes it."""
        if not values.keys() & {"user_id", "department_id"}:
            values["user_id"] = self.helper.id
        values.setdefault("account_id", self.account.id)
        return self._as(self.env["kam.request"], user or self.user).create(
            {
                "name": "Door noise",
                "kind_id": self.env.ref(XMLID % ("request_kind", kind)).id,
                **values,
            }
        )
