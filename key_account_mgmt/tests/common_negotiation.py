"""A negotiation for tests: Tianheng's yearly price round."""

from odoo import Command

from .common import GROUP, KamCase

AREA = "key_account_mgmt.group_kam_area_negotiation"


class NegotiationCase(KamCase):
    """Tianheng, led by ``cls.user``, who has an opportunity there; Wu (``cls.executive``)
    and Zhao (``cls.gm``) are executives, ``cls.lead`` is an authorised salesperson."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref(AREA)
        cls.user.group_ids |= cls.env.ref("sales_team.group_sale_salesman")
        cls.lead = cls._new_user("lead", GROUP % "user")
        cls.lead.group_ids |= cls.env.ref("sales_team.group_sale_salesman")
        cls.customer = cls._customer("Tianheng")
        cls.account = cls._account(cls.customer, cls.user)
        cls.deal = cls.env["crm.lead"].create(
            {
                "name": "Yearly price round",
                "type": "opportunity",
                "partner_id": cls.customer.id,
                "user_id": cls.user.id,
                "company_id": cls.company.id,
                "expected_revenue": 60e6,
            }
        )

    @classmethod
    def _negotiation(cls, **values):
        """Prepared but for the bottom line, led by ``cls.lead``."""
        return cls.env["kam.negotiation"].create(
            {
                "name": "Yearly price round",
                "company_id": cls.company.id,
                "partner_id": cls.customer.id,
                "lead_negotiator_id": cls.lead.id,
                "member_ids": [Command.set(cls.member.ids)],
                "executive_ids": [Command.set((cls.executive | cls.gm).ids)],
                "objective": "Keep the volume",
                "strategy": "Volume for price",
                "no_quotes_known": True,
                "price_currency_id": cls.cny.id,
                "interest_rate": 7.3,
                "item_ids": [
                    Command.create(
                        {
                            "name": "Door operator",
                            "opening": 5200.5,
                            "target": 4999.75,
                            "quantity": 1000,
                        }
                    ),
                    Command.create(
                        {"name": "Payment", "kind": "payment_days", "opening": 30, "target": 60}
                    ),
                ],
                **values,
            }
        )

    def _authorise(self, negotiation, user=None, by=None, **values):
        Paper = self._as(self.env["kam.negotiation.authorization"], by or self.executive)
        return Paper.create(
            {
                "negotiation_id": negotiation.id,
                "user_id": (user or self.lead).id,
                "scope": "Prices and terms of next year",
                **values,
            }
        )

    def _set_floor(self, negotiation, figure=4711.37, by=None):
        item = negotiation.item_ids[0]
        self._as(negotiation, by or self.executive).action_set_floor({str(item.id): figure})

    def _begun(self, figure=4711.37, **values):
        """Under way, with an authorised lead and one round."""
        negotiation = self._negotiation(**values)
        self._authorise(negotiation)
        self._set_floor(negotiation, figure)
        mine = self._as(negotiation, self.lead)
        mine.action_start()
        mine.env["kam.negotiation.round"].create(
            {"negotiation_id": negotiation.id, "key_info": "They want less"}
        )
        return mine

    def _settle(self, negotiation, price, days=45):
        first, second = negotiation.item_ids
        first.write({"agreed": price, "is_agreed": True})
        second.write({"agreed": days, "is_agreed": True})
        return negotiation

    def _confirm(self, negotiation, by=None, kind="approve"):
        request = negotiation.sudo()._approval_request().sudo(False)
        getattr(self._as(request, by or self.executive), f"action_{kind}")("seen")
        self.env.invalidate_all()
