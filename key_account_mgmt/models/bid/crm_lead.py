from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

CACHE = "kam_my_deals"


class CrmLead(models.Model):
    """The bids of an opportunity, and the access of those who work on it.

    Source: S0-83, design §4.4.
    """

    _inherit = "crm.lead"

    kam_bid_count = fields.Integer("Bids", compute="_compute_kam_bid_count")
    kam_is_my_deal = fields.Boolean(
        "On the Team of a Document",
        compute="_compute_kam_is_my_deal",
        search="_search_kam_is_my_deal",
        help="You work on it as a member of its pursuit or bid, and it is not your own in CRM.",
    )

    @api.depends("kam_deal_member_ids")
    @api.depends_context("uid")
    def _compute_kam_is_my_deal(self):
        mine = self._kam_my_deal_ids()
        for lead in self:
            lead.kam_is_my_deal = lead._origin.id in mine

    @api.model
    def _search_kam_is_my_deal(self, operator, value):
        """In the words of ids: a query of a salesperson keeps its indexes.  Whoever is on
        no team gets the same query as without us."""
        if operator != "in":
            return NotImplemented
        found = Domain("id", "in", self._kam_my_deal_ids())
        return found if True in value else ~found

    @api.model
    def _kam_my_deal_ids(self):
        """Opportunities which the user reaches today by a team only: one small query a
        transaction.

        A salesperson's own ones are his by Odoo's rule: without them the usual list is
        empty, and Odoo's queries are what they would be without us.
        """
        today = fields.Date.context_today(self)
        cr = self.env.cr
        if CACHE not in cr.cache:
            for end in (cr.postcommit, cr.postrollback):
                end.add(lambda: cr.cache.pop(CACHE, None))
        known = cr.cache.setdefault(CACHE, {})
        key = (self.env.uid, today)
        if key not in known:
            # Past the ORM: his own rows, and every list of opportunities asks.
            names = ["lead_id", "user_id", "date_from", "date_to"]
            self.env["kam.deal.member"].flush_model(names)
            self.env["crm.lead"].flush_model(["user_id"])
            rows = self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT m.lead_id
                      FROM kam_deal_member m JOIN crm_lead l ON l.id = m.lead_id
                     WHERE m.user_id = %(user)s
                       AND (m.date_from IS NULL OR m.date_from <= %(today)s)
                       AND (m.date_to IS NULL OR m.date_to >= %(today)s)
                       AND (NOT %(sells)s OR l.user_id IS DISTINCT FROM %(user)s)
                     ORDER BY m.lead_id
                    """,
                    user=self.env.uid,
                    today=today,
                    sells=self.env.user.has_group("sales_team.group_sale_salesman"),
                )
            )
            known[key] = tuple(number for (number,) in rows)
        return known[key]

    def write(self, vals):
        """Whoever gives his opportunity away reaches it by its team from then on."""
        done = super().write(vals)
        if "user_id" in vals:
            self.env.cr.cache.pop(CACHE, None)
        return done

    def _kam_apply_result(self, document, result):
        """Odoo refuses to lose what stands in a won stage: it goes back first."""
        if result == "lost" and document._name == "kam.bid" and self.stage_id.is_won:
            self.stage_id = self._stage_find(domain=[("is_won", "=", False)])
        return super()._kam_apply_result(document, result)

    def _compute_sale_data(self):
        """Whoever reads the opportunity as a member of a team without any right to Odoo's
        orders sees none, instead of an error; nothing of the orders is read for him."""
        if self.env["sale.order"].has_access("read"):
            return super()._compute_sale_data()
        for lead in self:
            lead.sale_amount_total = 0.0
            lead.quotation_count = lead.sale_order_count = 0
        return None

    def _kam_file(self):
        """The account file of the customer, unrestricted."""
        self.ensure_one()
        # sudo: which file it is; who may read it is asked where it is shown.
        lead = self.sudo()
        company = (lead.company_id or self.env.company).sudo().root_id
        return lead.partner_id.commercial_partner_id.with_company(company).kam_account_id

    def _compute_kam_bid_count(self):
        Bid = self.env["kam.bid"]
        counts = {}
        if self.env["res.groups"]._kam_area_is_on("bid") and Bid.has_access("read"):
            rows = Bid._read_group([("lead_id", "in", self.ids)], ["lead_id"], ["__count"])
            counts = {lead.id: count for lead, count in rows}
        for lead in self:
            lead.kam_bid_count = counts.get(lead._origin.id, 0)

    def _kam_deal_steps(self):
        steps = super()._kam_deal_steps()
        if not self.env["res.groups"]._kam_area_is_on("bid"):
            return steps
        # sudo: where the deal stands, also for a member who may not read the opportunity.
        lead = self.sudo()
        may = lead.type == "opportunity" and lead.won_status == "pending"
        may = may and self.env["kam.bid"].has_access("create")
        button = (self.env._("Start Bid"), "action_kam_start_bid") if may else (None, None)
        return [*steps, self._kam_step_of("kam.bid", self.env._("Bid"), *button)]

    def action_kam_start_bid(self):
        """A bid for this opportunity: files and deadline, the rest is known."""
        self.ensure_one()
        self.check_access("read")
        self.env["kam.bid"].check_access("create")
        if not self.partner_id:
            raise UserError(self.env._("Choose the customer first: a bid is made to somebody."))
        proposed = self.env["kam.bid"]._proposed(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Bid"),
            "res_model": "kam.bid",
            "view_mode": "form",
            "context": {
                "default_lead_id": self.id,
                **{f"default_{name}": value for name, value in proposed.items()},
            },
        }

    def action_kam_bids(self):
        """The bids of this opportunity."""
        self.ensure_one()
        self.check_access("read")
        self.env["kam.bid"].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_bid_action")
        return action | {
            "domain": [("lead_id", "=", self.id)],
            "context": {"default_lead_id": self.id, "create": False},
        }
