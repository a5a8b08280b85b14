"""Records of another company, one of every kind, for the tests of access."""

from datetime import date, datetime, timedelta

from odoo import Command
from odoo.tests import new_test_user

from .common import GROUP, KamCase


class ForeignCase(KamCase):
    """What somebody of our company must never see."""

    def _foreign_records(self, partner, company):
        """A record of every kind that belongs to a company, of ``company``."""
        people = {"company_id": company.id, "company_ids": [Command.set(company.ids)]}
        office, boss = (
            new_test_user(
                self.env, f"{role}_{partner.id}", f"base.group_user,{GROUP % role}", **people
            )
            for role in ("officer", "gm")
        )
        account = self._hold(self._account(partner, office, company=company), self.key)
        belongs = {"company_id": company.id}
        self.env["kam.team.member"].create(
            {
                "account_id": account.id,
                "user_id": office.id,
                "role_id": self.env["kam.team.role"].search([], limit=1).id,
            }
        )
        self._stand(partner, "leading", **belongs)
        self._qualify(partner, "benchmark", **belongs)
        self._sell(partner, 10.0, company=company)
        for model, values in (
            ("kam.expected.sales", {"partner_id": partner.id, "amount": 1.0, "basis": "contract"}),
            ("kam.opening.classification", {"partner_id": partner.id}),
            ("kam.calendar.day", {"name": "Closed", "date": self.day + timedelta(days=partner.id)}),
            ("kam.department", {"name": "Sales"}),
            ("kam.policy.doc", {"name": "Policy"}),
            ("kam.approval.route", {"name": "Route", "res_model": "kam.tier.evaluation"}),
        ):
            self.env[model].create({**values, **belongs})
        self.s3.copy(belongs).code = f"s3_{partner.id}"
        evaluation = self._as(self.env["kam.tier.evaluation"], office).create(
            {"name": "Foreign", "day": self.day, "partner_ids": [Command.set(partner.ids)]}
        )
        evaluation.action_compute()
        evaluation.action_submit()
        self._as(evaluation.sudo()._approval_request(), boss).action_approve("seen")
        self.env["kam.export.log"].with_company(company)._add("kam.account", 1, ["name"])
        unknown = self._customer("Unknown", company_id=partner.company_id.id)
        self._stand(unknown, "leading", **belongs)
        self._sell(unknown, 30e6, company=company)
        self._foreign_actions(account, company, office)
        self._job("_cron_nightly", self.day)
        self._foreign_team(account, company, office, boss)
        self._foreign_profile(account, company)
        self._foreign_people(account, office)
        self._foreign_legal(account, company, evaluation.sudo()._approval_request())
        self._foreign_obligations(account, company)
        self._foreign_visits(account)
        self._foreign_plans(account, company)
        self._foreign_deals(account, company)
        self._foreign_negotiation(account, company, boss)
        self._foreign_bids(partner, account, company, office)
        self._foreign_reviews(company, office)
        self._foreign_leads(partner, company, office)
        self._foreign_issues(account, company)
        self._foreign_contracts(partner, company)
        self._foreign_guard(partner, account, company)
        self._foreign_execution(partner, account, company, office)
        self._foreign_kpis(account, company, office)
        self._foreign_scorecards(company, office)
        self._foreign_status(account, company)

    def _foreign_team(self, account, company, office, boss):
        """A team rule and a hand-over of a company; the gap is there by itself."""
        self._hold(account, self.key, self.day)
        self.env["kam.tier.team.rule"].create({"who": "sponsor", "company_id": company.id})
        self._hand_over(account, boss, office)

    def _foreign_profile(self, account, company):
        """What belongs to the profile of an account of another company."""
        pack = self.env["kam.service.pack"].create(
            {"name": "Pack", "code": f"pack_{account.id}", "company_id": company.id}
        )
        self.env["kam.service.pack.item"].create({"pack_id": pack.id, "name": "Service"})
        self.env["kam.service.deviation"].create(
            {"account_id": account.id, "name": "Faster", "reason": "Agreed"}
        )
        kind = self.env.ref("key_account_mgmt.kam_insight_kind_analysis")
        self.env["kam.insight"].create(
            {"account_id": account.id, "name": "Analysis", "kind_id": kind.id}
        )

    def _foreign_people(self, account, office):
        """A stakeholder and a request of another company's account."""
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": account.partner_id.id}
        )
        role = self.env.ref("key_account_mgmt.kam_stakeholder_role_decision_maker")
        self.env["kam.stakeholder"].create(
            {
                "account_id": account.id,
                "partner_id": contact.id,
                "role_id": role.id,
                "attitude": "neutral",
            }
        )
        kind = self.env.ref("key_account_mgmt.kam_request_kind_feedback")
        self._as(self.env["kam.request"], office).create(
            {
                "name": "Tell us",
                "kind_id": kind.id,
                "account_id": account.id,
                "user_id": office.id,
            }
        )

    def _foreign_actions(self, account, company, owner):
        """A promise, and with it an item of somebody's week."""
        self.env["kam.action"].create(
            {
                "name": "Foreign",
                "account_id": account.id,
                "user_id": owner.id,
                "date_due": self.day,
                "company_id": company.id,
            }
        )

    def _foreign_obligations(self, account, company):
        """A pause, a policy and what is owed, of another company."""
        company.kam_go_live_date = date(2026, 1, 1)
        self.env["kam.obligation.policy"].create(
            {
                "name": f"Foreign {account.id}",
                "kind_id": self.env.ref("key_account_mgmt.kam_obligation_kind_visit").id,
                "scope": "key",
                "company_id": company.id,
            }
        )
        self.env["kam.account.pause"].create(
            {"account_id": account.id, "date_from": self.day, "reason": "moving"}
        )
        self.env["kam.obligation"].sudo()._reconcile_company(company, self.day)

    def _foreign_visits(self, account):
        """A visit held, for which an action was promised."""
        office = account.user_id
        visit = self._as(self.env["kam.visit"], office).create(
            {
                "account_id": account.id,
                "start": "2026-11-20 02:00:00",
                "stop": "2026-11-20 03:00:00",
                "report": "x",
                "next_action": "y",
                "next_action_date": self.day,
                "nothing_else": True,
            }
        )
        visit.action_report()

    def _foreign_deals(self, account, company):
        """A product scope, a pursuit with its parts and its team, of another company."""
        scope = self.env["kam.product.scope"].create({"name": "Foreign", "company_id": company.id})
        office = account.user_id
        lead = self.env["crm.lead"].create(
            {
                "name": "Foreign",
                "type": "opportunity",
                "partner_id": account.partner_id.id,
                "company_id": company.id,
                "user_id": office.id,
                "kam_project": "Foreign",
                "kam_scope_ids": [Command.set(scope.ids)],
            }
        )
        pursuit = self.env["kam.pursuit"].create(
            {
                "lead_id": lead.id,
                "user_id": office.id,
                "objective": "x",
                "indicator_ids": [Command.create({"name": "Share", "target": "1"})],
                "member_ids": [Command.create({"user_id": office.id})],
            }
        )
        self.env["kam.pursuit.report"].create({"pursuit_id": pursuit.id})
        tracking = self.env["kam.pursuit.tracking"].with_user(office).sudo()
        tracking.create({"pursuit_id": pursuit.id, "name": "x"})

    def _foreign_negotiation(self, account, company, boss):
        """A negotiation under way, with its bottom line read, of another company."""
        author = self._as(self.env["kam.negotiation"], boss)
        negotiation = author.create(
            {
                "name": "Foreign",
                "company_id": company.id,
                "partner_id": account.partner_id.id,
                "objective": "x",
                "strategy": "y",
                "no_quotes_known": True,
                "executive_ids": [Command.set(boss.ids)],
                "item_ids": [Command.create({"name": "Price", "opening": 10.0, "quantity": 1.0})],
            }
        )
        item = negotiation.item_ids
        negotiation.action_set_floor({str(item.id): 8.0})
        negotiation.action_start()
        negotiation.action_reveal()
        meeting = author.env["kam.negotiation.round"].create(
            {"negotiation_id": negotiation.id, "key_info": "x"}
        )
        belongs = {"negotiation_id": negotiation.id, "item_id": item.id}
        author.env["kam.negotiation.concession"].create(
            {**belongs, "round_id": meeting.id, "to_value": 9.0}
        )
        self.env["kam.negotiation.quote"].create(
            {**belongs, "competitor_id": account.partner_id.id, "amount": 1.0, "source": "x"}
        )
        author.env["kam.negotiation.authorization"].create(
            {"negotiation_id": negotiation.id, "user_id": account.user_id.id, "scope": "x"}
        )

    def _foreign_bids(self, partner, account, company, office):
        """A bid with everything it has, of another company."""
        lead = self.env["crm.lead"].create(
            {
                "name": "Foreign tender",
                "type": "opportunity",
                "partner_id": partner.id,
                "company_id": company.id,
            }
        )
        bid = self.env["kam.bid"].create(
            {"lead_id": lead.id, "user_id": office.id, "deadline": "2099-01-01 00:00:00"}
        )
        mine = {"bid_id": bid.id}
        for model, values in (
            ("kam.bid.member", {"user_id": office.id}),
            ("kam.bid.requirement", {"name": "Steel"}),
            ("kam.bid.clarification", {"question": "Which steel?"}),
            ("kam.bid.bond", {"amount": 1.0}),
            ("kam.bid.opening", {"is_us": True, "price": 1.0}),
            (
                "kam.bid.score",
                {"criterion_id": self.env.ref("key_account_mgmt.kam_bid_criterion_price").id},
            ),
        ):
            self.env[model].create({**mine, **values})
        self.env["kam.bid.offer"]._as_engine().create({**mine, "proposal": "Ours"})
        self.env["kam.certificate"].create({"name": "ISO", "company_id": company.id})

    def _foreign_reviews(self, company, office):
        """A meeting with something on its agenda, of another company."""
        review = self._as(self.env["kam.review"], office).create(
            {"name": "Foreign", "date": self.day}
        )
        self._as(self.env["kam.review.line"], office).create(
            {"review_id": review.id, "name": "Foreign"}
        )
        kpi = self.env.ref("key_account_mgmt.kam_kpi_k01")
        self.env["kam.review.figure"]._as_engine().create(
            {"review_id": review.id, "kpi_id": kpi.id, "metric_id": kpi.metric_id.id}
        )

    def _foreign_leads(self, partner, company, office):
        """A referral, a stage owner and a hand-over of a stage, of another company."""
        lead = self.env["crm.lead"].create(
            {
                "name": "Foreign",
                "type": "opportunity",
                "partner_id": partner.id,
                "company_id": company.id,
                "user_id": office.id,
            }
        )
        self.env["kam.referral"].create({"lead_id": lead.id, "referrer_id": partner.id})
        stage = self.env["crm.stage"].search([("id", "!=", lead.stage_id.id)], limit=1)
        self.env["kam.stage.owner"].create(
            {"lead_id": lead.id, "stage_id": stage.id, "user_id": self.gm.id}
        )
        company.kam_stage_owners = True
        lead._kam_hand_over(stage, "Take it")

    def _foreign_plans(self, account, company):
        """Plan, generation, target list, campaign and work calendar of another company."""
        plan = self.env["kam.plan"].create(
            {
                "name": "Foreign",
                "account_id": account.id,
                "user_id": account.user_id.id,
                "kind": "cooperation",
                "initiative_ids": [Command.create({"name": "Together"})],
            }
        )
        self.env["kam.plan.revision"]._keep(plan, "other")
        self.env["kam.product.generation"].create({"account_id": account.id, "name": "First"})
        belongs = {"company_id": company.id, "year": 2000 + account.id % 200}
        self.env["kam.target.list"].create(
            {**belongs, "line_ids": [Command.create({"account_id": account.id})]}
        )
        utm = self.env["utm.campaign"].create({"title": f"Foreign {account.id}"})
        self.env["kam.campaign"].create({"campaign_id": utm.id, "company_id": company.id})
        self.env["kam.work.template"].create({"name": "Foreign", "company_id": company.id})
        self.env["kam.work.calendar"].create(belongs)

    def _foreign_legal(self, account, company, request):
        """A contract with its rounds, opinions, files, seals and signatures."""
        contract = self.env["kam.contract"].create(
            {
                "name": "Foreign rounds",
                "kind": "single",
                "company_id": company.id,
                "own_partner_id": account.partner_id.id,
                "currency_id": company.currency_id.id,
                "amount_total": 1.0,
            }
        )
        mine = {"contract_id": contract.id}
        asked = {**mine, "request_id": request.id, "round": 1}
        review = (
            self.env["kam.contract.legal.review"]
            ._as_engine()
            .create(
                {
                    **asked,
                    "step_id": request.step_ids[0].id,
                    "cycle": contract.id,
                    "reviewer_id": self.env.uid,
                    "state": "draft",
                }
            )
        )
        self.env["kam.contract.condition"]._as_engine().create(
            {"review_id": review.id, "name": "Letter of authority"}
        )
        self.env["kam.contract.version"]._as_engine().create(
            {**asked, "submitted_on": self.day, "submitted_by_id": self.env.uid, "content": {}}
        )
        file = self.env["ir.attachment"].create({"name": "x", "raw": b"x"})
        self.env["kam.contract.file"]._as_engine().create(
            {
                **mine,
                "attachment_id": file.id,
                "name": "x",
                "added_by_id": self.env.uid,
                "added_on": self.day,
                "verdict": "new",
            }
        )
        self.env["kam.contract.signing"]._as_engine().create(
            {**mine, "request_id": request.id, "is_current": True}
        )
        seal = self.env["kam.seal"].create({"name": "Seal", "company_id": company.id})
        self.env["kam.contract.seal"]._as_engine().create({**mine, "seal_id": seal.id})

    def _foreign_execution(self, partner, account, company, office):
        """Milestone, term, check and coordination group of another company's contract."""
        contract = (
            self.env["kam.contract"]
            ._as_engine()
            .create(
                {
                    "name": "Foreign",
                    "company_id": company.id,
                    "own_partner_id": account.partner_id.id,
                    "type_id": self.env["kam.contract.type"].search([], limit=1).id,
                    "project_manager_id": office.id,
                }
            )
            ._without_engine()
        )
        mine = {"contract_id": contract.id}
        day = company._kam_today()
        self.env["kam.contract.milestone"].create({**mine, "name": "First", "date_due": day})
        self.env["kam.contract.term"].create({**mine, "name": "Notice", "fixed_on": day})
        self.env["kam.contract.coordinator"].create({**mine, "user_id": office.id})
        self.env["kam.contract.check"]._make(contract, "one", day, day, day, is_check=True)

    def _foreign_kpis(self, account, company, office):
        """A KPI set with a band, a target and a sales team of another company."""
        sales = self.env.ref("key_account_mgmt.kam_kpi_k01")
        line = {
            "kpi_id": sales.id,
            "method": "banded",
            "band_ids": [Command.create({"value_from": 0.0, "score": 50.0})],
        }
        self.env["kam.kpi.set"].create(
            {
                "name": "Foreign",
                "code": f"foreign_{account.id}",
                "company_id": company.id,
                "line_ids": [Command.create(line)],
            }
        )
        self.env["kam.target"].create(
            {
                "company_id": company.id,
                "kpi_id": sales.id,
                "subject_kind": "account",
                "account_id": account.id,
                "amount": 5.0,
            }
        )
        self.env["crm.team"].create(
            {
                "name": "Foreign",
                "company_id": company.id,
                "member_ids": [Command.set(office.ids)],
            }
        )

    def _foreign_scorecards(self, company, office):
        """A closed card of another company, objected to once."""
        kpi_set = self.env["kam.kpi.set"].search([("subject_kind", "=", "user")], limit=1)
        card = self.env["kam.scorecard"].sudo()._as_engine().create(
            {
                "company_id": company.id,
                "set_id": kpi_set.id,
                "subject_kind": "user",
                "user_id": office.id,
                "subject_user_id": office.id,
                "period_kind": "month",
                "date_from": date(2026, 1, 1),
                "date_to": date(2026, 1, 31),
                "state": "closed",
            }
        )  # fmt: skip
        line = {"card_id": card.id, "kpi_id": self.env.ref("key_account_mgmt.kam_kpi_k01").id}
        line = self.env["kam.scorecard.line"].sudo()._as_engine().create(line)
        self.env["kam.scorecard.objection"].sudo()._as_engine().create(
            {
                "card_id": card.id,
                "line_id": line.id,
                "text": "No",
                "user_id": office.id,
                "raised_on": datetime(2026, 2, 1),
            }
        )

    def _foreign_status(self, account, company):
        """A status report of a company, with a line, what it was gathered from, its reader."""
        belongs = {"company_id": company.id}
        month = {"month": date(2026, 10, 1), "date_due": date(2026, 11, 5)}
        months = {**month, "date_to": date(2026, 10, 31)}
        report = self.env["kam.status.report"]
        found = report.search([("company_id", "=", company.id)])
        report = found or report._as_engine().create({**months, **belongs})
        line = self.env["kam.status.report.line"]._as_engine()
        line = line.create({"report_id": report.id, "account_id": account.id, **month, **belongs})
        source = {"res_model": account._name, "res_id": account.id, "text": "Seen"}
        fact = self.env["kam.status.fact"]._as_engine()
        fact.create({"line_id": line.id, "block": "demand", **source, **belongs})
        if not found:
            reader = {"user_id": account.user_id.id, "date_due": date(2026, 11, 10)}
            row = self.env["kam.status.acknowledgement"]._as_engine()
            row.create({"report_id": report.id, **reader, **belongs})

    def _foreign_issues(self, account, company):
        self.env["kam.issue"].create(
            {
                "account_id": account.id,
                "kind_id": self.env.ref("key_account_mgmt.kam_issue_kind_complaint").id,
                "description": "Noise",
            }
        )
        order = self.env["sale.order"].create(
            {"partner_id": account.partner_id.id, "company_id": company.id}
        )
        self.env["kam.price.approval"].create({"order_id": order.id, "reason": "New line"})
        utm = self.env["utm.campaign"].create({"title": f"Steps {account.id}"})
        campaign = self.env["kam.campaign"].create(
            {"campaign_id": utm.id, "company_id": company.id, "target_ids": []}
        )
        self.env["kam.price.step"].create(
            {"kam_campaign_id": campaign.id, "quantity_from": 1.0, "discount": 1.0}
        )

    def _foreign_contracts(self, partner, company):
        """A contract with clauses and payments, and its policy, of another company."""
        values = {"company_id": company.id, "name": "x"}
        clause = self.env["kam.contract.clause.template"].create({**values, "text": "x"})
        template = self.env["kam.contract.template"].create(
            {**values, "clause_template_ids": [(6, 0, clause.ids)]}
        )
        kind = self.env["kam.contract.type"].create(
            {**values, "code": f"X{partner.id}", "template_id": template.id}
        )
        contract = self.env["kam.contract"].create(
            {
                **values,
                "own_partner_id": partner.id,
                "type_id": kind.id,
                "template_id": template.id,
                "amount_total": 100.0,
            }
        )
        contract.action_fill()

    def _foreign_guard(self, partner, account, company):
        """Two orders that look split, a ruling and an early release of another company."""
        company.write(
            {
                "kam_guard_from": date(2020, 1, 1),
                "kam_guard_tier_ids": [Command.set(account.tier_id.ids)],
                "kam_guard_amount": 100.0,
            }
        )
        self.env.ref("base.group_user").implied_ids |= self.env.ref(GROUP % "area_contract")
        line = {"product_id": self.piece.id, "price_unit": 60.0, "tax_ids": [Command.clear()]}
        orders = (
            self.env["sale.order"]
            .with_company(company)
            .create(
                [
                    {
                        "partner_id": partner.id,
                        "company_id": company.id,
                        "order_line": [Command.create(line)],
                    }
                    for _number in range(3)
                ]
            )
        )
        orders[:2].action_confirm()
        self.env["kam.order.ruling"]._rule(orders[2], "renewed", "Taken up again")
        self.env["kam.early.release"].create(
            {"order_id": orders[2].id, "reason": "Foreign", "sign_by": date(2030, 1, 1)}
        )
