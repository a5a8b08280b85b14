"""Monday 23 November 2026, ten o'clock in Shanghai: a tender of Tianheng."""

from datetime import date

from odoo import Command, fields

from .common_people import PeopleCase

NOW = "2026-11-23 02:00:00"
DEADLINE = "2026-12-07 02:00:00"


class BidCase(PeopleCase):
    """``user`` leads Tianheng, sells, and leads the bid; ``helper`` of Technology is on
    its team; ``member`` is on Tianheng's team, not on the bid's; ``quality`` on neither.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.user.group_ids |= cls.env.ref("sales_team.group_sale_salesman")
        cls.finance = cls._new_user("finance", "key_account_mgmt.group_kam_finance")
        cls.rival = cls.env["res.partner"].create(
            {
                "name": "Keruite",
                "is_company": True,
                "category_id": [
                    Command.set(cls.env.ref("key_account_mgmt.kam_partner_category_competitor").ids)
                ],
            }
        )
        cls.lead = cls._lead()
        cls.env["res.config.settings"].create({"group_kam_area_bid": True}).set_values()

    @classmethod
    def _lead(cls, name="Metro line 7", partner=None, user=None, amount=1000.0):
        return cls.env["crm.lead"].create(
            {
                "name": name,
                "type": "opportunity",
                "partner_id": (partner or cls.customer).id,
                "user_id": (user or cls.user).id,
                "company_id": cls.company.id,
                "expected_revenue": amount,
                "kam_competitor_ids": [Command.set(cls.rival.ids)],
            }
        )

    def _file(self, user, name="tender.pdf"):
        """A file as somebody uploads it on a new form."""
        return self._as(self.env["ir.attachment"], user).create(
            {"name": name, "raw": name.encode(), "res_model": "kam.bid"}
        )

    def _proof(self, user):
        """A file as somebody uploads it in the dialog."""
        return self._as(self.env["ir.attachment"], user).create(
            {"name": "receipt.pdf", "raw": b"seen", "res_model": "kam.bid.wizard"}
        )

    def _bid(self, user=None, lead=None, **values):
        """A bid as its leader enters it."""
        vals = {
            "lead_id": (lead or self.lead).id,
            "deadline": DEADLINE,
            "deadline_tz": "Asia/Shanghai",
            "tender_file_ids": [Command.set(self._file(user or self.user).ids)],
            "member_ids": [
                Command.create({"user_id": self.helper.id, "role": "technical"}),
            ],
            **values,
        }
        return self._as(self.env["kam.bid"], user or self.user).create(vals)

    def _scored(self, points=4, **values):
        bid = self._bid(**values)
        bid.action_score()
        bid.score_ids.write({"score": points})
        return bid

    def _preparing(self, **values):
        bid = self._scored(**values)
        bid.action_go()
        bid.action_prepare()
        return bid

    def _quotation(self, lead=None):
        lead = lead or self.lead
        return self.env["sale.order"].create(
            {
                "partner_id": lead.partner_id.id,
                "opportunity_id": lead.id,
                "company_id": self.company.id,
            }
        )

    def _complete(self, bid):
        """Everything the review asks for."""
        bid.sudo().quotation_id = self._quotation(bid.sudo().lead_id)
        bid.write(
            {
                "proposal": "Doors that do not rattle",
                "price_strategy": "Two percent under Keruite",
                "amount": 950.0,
                "requirement_ids": [Command.create({"name": "IP54", "status": "met"})],
            }
        )
        bid.sudo().task_ids.action_done()
        return bid

    def _reviewed(self, **values):
        bid = self._complete(self._preparing(**values))
        self._as(bid, self.helper).action_review()
        return bid

    def _submitted(self, **values):
        bid = self._reviewed(**values)
        bid._submit(fields.Datetime.now(), self._proof(bid.env.user), self.user)
        return bid

    def _opened(self, bid, ours=950.0, theirs=930.0, winner="them"):
        bid.write(
            {
                "opening_ids": [
                    Command.create({"is_us": True, "price": ours, "is_winner": winner == "us"}),
                    Command.create(
                        {
                            "partner_id": self.rival.id,
                            "price": theirs,
                            "is_winner": winner == "them",
                        }
                    ),
                ]
            }
        )
        return bid

    def _lost(self, **values):
        bid = self._opened(self._submitted(**values))
        bid._end("lost", date(2026, 11, 23), "Price", lesson="Ask for the budget first")
        return bid

    def _won(self, **values):
        bid = self._opened(self._submitted(**values), 900.0, winner="us")
        bid._end("won", date(2026, 11, 23), award_on=date(2026, 11, 20))
        return bid

    def _notices(self, topic):
        return self.env["kam.notice"].search([("topic", "=", topic)])
