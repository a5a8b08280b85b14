"""A contract for tests of review, approval and signature: elevators for Tianheng."""

from datetime import timedelta

from odoo import Command

from .common import GROUP, KamCase

AREA = "key_account_mgmt.group_kam_area_contract"
DAY = timedelta(days=1)


class LegalCase(KamCase):
    """``cls.drafter`` (commercial) drafts, ``cls.lawyer`` and ``cls.lawyer2`` are legal,
    ``cls.treasurer`` finance, ``cls.engineer`` reviews technically, ``cls.planner`` delivery,
    ``cls.director`` and ``cls.executive`` decide; ``cls.user`` leads the account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref(AREA)
        for name in ("legal", "finance", "commercial"):
            cls.env.ref(GROUP % name).sudo().write({"user_ids": [Command.clear()]})
        cls.drafter = cls._new_user("drafter", GROUP % "user")
        cls.drafter.group_ids |= cls.env.ref(GROUP % "commercial")
        cls.drafter.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.lawyer = cls._new_user("lawyer", GROUP % "legal")
        cls.lawyer2 = cls._new_user("lawyer2", GROUP % "legal")
        cls.treasurer = cls._new_user("treasurer", GROUP % "finance")
        cls.engineer = cls._new_user("engineer", GROUP % "member")
        cls.planner = cls._new_user("planner", GROUP % "member")
        cls.customer = cls._customer("Tianheng", company_registry="91330000TIANHENG")
        cls.account = cls._account(cls.customer, cls.user)
        cls.product = cls.env["product.product"].create(
            {"name": "Door operator", "list_price": 5000.0, "taxes_id": False}
        )
        # Whether a negotiation is needed is tried elsewhere.
        cls.env["kam.contract.type"].search([]).write({"needs_negotiation": False})
        cls.order = cls._quoted()

    @classmethod
    def _quoted(cls, quantity=100, price=5000.0):
        return cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "user_id": cls.drafter.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                        }
                    )
                ],
            }
        )

    def _contract(self, order=None, **values):
        """Ready to be submitted, by the drafter."""
        Contract = self._as(self.env["kam.contract"], self.drafter)
        contract = Contract._draft_from((order or self.order).with_env(Contract.env))
        self._complete(contract, **values)
        return contract

    def _complete(self, contract, **values):
        contract.write(
            {
                "technical_user_id": self.engineer.id,
                "delivery_user_id": self.planner.id,
                "project_manager_id": self.planner.id,
                "date_from": self.day,
                "date_to": self.day + 300 * DAY,
                **values,
            }
        )

    def _submit(self, contract):
        self._as(contract, self.drafter).action_submit()
        self.env.invalidate_all()
        return contract.sudo()._approval_request()

    def _review(self, contract, user=None, **values):
        """Legal opens the review and writes an opinion."""
        mine = self._as(contract, user or self.lawyer)
        action = mine.action_legal_review()
        review = mine.env[action["res_model"]].browse(action["res_id"])
        review.write({"risk": "low", "opinion": "Usual terms", **values})
        return review

    def _pass_legal(self, contract, user=None):
        self._review(contract, user).action_pass()
        self.env.invalidate_all()

    def _approve_by(self, contract, *users):
        for user in users:
            request = contract.sudo()._approval_request()
            self._as(request, user).action_approve("ok")
            self.env.invalidate_all()

    def _reviewed(self, contract):
        """Submitted, and reviewed by everybody in the first stage."""
        self._submit(contract)
        self._pass_legal(contract)
        self._approve_by(contract, self.engineer, self.planner, self.treasurer)
        return contract

    def _approved(self, contract=None):
        contract = self._reviewed(contract or self._contract())
        self._approve_by(contract, self.director)
        self.assertEqual(contract.state, "to_sign")
        return contract

    def _scan(self, name="signed.pdf", raw=b"%PDF-1.7 signed"):
        return self.env["ir.attachment"].create({"name": name, "raw": raw})

    def _seal(self, contract):
        request = self._as(self.env["kam.contract.seal"], self.drafter).create(
            {
                "contract_id": contract.id,
                "seal_id": self.env.ref("key_account_mgmt.kam_seal_contract").id,
            }
        )
        self._as(request, self.lawyer).action_affix()
        return request

    def _fill_signing(self, contract, **values):
        signing = self._as(contract, self.drafter).signing_id
        scan = self._as(self.env["ir.attachment"], self.drafter).create(
            {
                "name": "signed.pdf",
                "raw": b"%PDF-1.7 signed",
                "res_model": signing._name,
                "res_id": signing.id,
            }
        )
        signing.write(
            {
                "our_name": "Zhao Cheng",
                "our_on": self.day,
                "their_name": "Lu Jian",
                "their_on": self.day,
                "their_seal": True,
                "authority": True,
                "scan_ids": [Command.set(scan.ids)],
                "place": "Archive A-3",
                **values,
            }
        )
        return signing

    def _signed(self, contract=None):
        contract = contract or self._approved()
        self._seal(contract)
        self._fill_signing(contract)
        self._as(contract, self.drafter).action_sign()
        self.env.invalidate_all()
        return contract

    def _file(self, contract, user=None, name="v2.docx"):
        return self._as(self.env["ir.attachment"], user or self.drafter).create(
            {
                "name": name,
                "raw": name.encode(),
                "res_model": contract._name,
                "res_id": contract.id,
            }
        )
