from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Field of a document: (field of the opportunity, own field where there is none).
FROM_LEAD = {
    "partner_id": ("partner_id", "own_partner_id"),
    "project": ("kam_project", "own_project"),
    "scope_ids": ("kam_scope_ids", "own_scope_ids"),
    "competitor_ids": ("kam_competitor_ids", "own_competitor_ids"),
    "expected_amount": ("expected_revenue", "own_amount"),
}


class KamDealDocument(models.AbstractModel):
    """A document of a deal: pursuit, bid, negotiation …

    Customer, project, product scope, competitors and expected amount are the
    opportunity's: read from it, written to it, never copied.  A document without an
    opportunity keeps them itself.

    Hooks: :meth:`_deal_code`, :meth:`_deal_step`, :meth:`_deal_next`,
    :meth:`_deal_running`, :meth:`_deal_result`, :meth:`_deal_team`.  Source: design §4.4.
    """

    _name = "kam.deal.document"
    _description = "Document of a Deal"

    name = fields.Char()
    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", index="btree_not_null", ondelete="restrict", copy=False
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    # Carries the access: kept by the system, see _deal_sync_account.
    account_id = fields.Many2one(
        "kam.account",
        "Account File",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
        copy=False,
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_deal_currency")
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        compute="_compute_from_lead",
        inverse="_inverse_partner_id",
        search="_search_partner_id",
    )
    project = fields.Char(
        compute="_compute_from_lead", inverse="_inverse_project", search="_search_project"
    )
    scope_ids = fields.Many2many(
        "kam.product.scope",
        string="Product Scope",
        compute="_compute_from_lead",
        inverse="_inverse_scope_ids",
        search="_search_scope_ids",
    )
    competitor_ids = fields.Many2many(
        "res.partner",
        string="Competitors",
        compute="_compute_from_lead",
        inverse="_inverse_competitor_ids",
        search="_search_competitor_ids",
        domain=lambda self: self.env["kam.insight"]._competitor_domain(),
    )
    expected_amount = fields.Monetary(
        compute="_compute_from_lead",
        inverse="_inverse_expected_amount",
        search="_search_expected_amount",
        help="The expected revenue of the opportunity.",
    )
    # Where there is no opportunity.
    own_partner_id = fields.Many2one(
        "res.partner", "Own Customer", index="btree_not_null", ondelete="restrict"
    )
    own_project = fields.Char()
    own_scope_ids = fields.Many2many("kam.product.scope", string="Own Product Scope")
    own_competitor_ids = fields.Many2many("res.partner", string="Own Competitors")
    own_amount = fields.Monetary()
    deal_ribbon = fields.Json("Deal", compute="_compute_deal_ribbon")
    is_lead_open = fields.Boolean(compute="_compute_is_lead_open")

    # What the opportunity knows ------------------------------------------------------

    @api.depends("lead_id", "company_id")
    def _compute_deal_currency(self):
        for document in self:
            # sudo: which currency, for a member who may not read the opportunity.
            # Not its company_currency: without a company that is the reader's.
            company = document.sudo().lead_id.company_id or document.company_id
            document.currency_id = company.currency_id

    # Not on the fields of the opportunity: every write of one would look for documents.
    # The opportunity forgets our values itself.
    @api.depends("lead_id", *(own for _theirs, own in FROM_LEAD.values()))
    def _compute_from_lead(self):
        for document in self:
            # sudo: whoever may read the document reads what the deal is about.
            source = document.sudo()
            for name, (theirs, own) in FROM_LEAD.items():
                document[name] = source.lead_id[theirs] if source.lead_id else source[own]

    def _inverse_from_lead(self, name):
        theirs, own = FROM_LEAD[name]
        for document in self:
            value = document[name]
            if document.lead_id:
                # By the writer's own rights on the opportunity.
                if document.sudo().lead_id[theirs] != value:
                    document.lead_id[theirs] = value
            else:
                document[own] = value

    def _inverse_partner_id(self):
        self._inverse_from_lead("partner_id")
        self._deal_sync_account()

    def _inverse_project(self):
        self._inverse_from_lead("project")

    def _inverse_scope_ids(self):
        self._inverse_from_lead("scope_ids")

    def _inverse_competitor_ids(self):
        self._inverse_from_lead("competitor_ids")

    def _inverse_expected_amount(self):
        self._inverse_from_lead("expected_amount")

    @api.model
    def _search_from_lead(self, name, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        theirs, own = FROM_LEAD[name]
        # sudo: whoever may read the document reads what the deal is about.
        leads = self.env["crm.lead"].sudo().with_context(active_test=False)
        query = leads._search([(theirs, operator, value)])
        of_lead = Domain("lead_id", "in", query.subselect("id"))
        return of_lead | (Domain("lead_id", "=", False) & Domain(own, operator, value))

    @api.model
    def _search_partner_id(self, operator, value):
        return self._search_from_lead("partner_id", operator, value)

    @api.model
    def _search_project(self, operator, value):
        return self._search_from_lead("project", operator, value)

    @api.model
    def _search_scope_ids(self, operator, value):
        return self._search_from_lead("scope_ids", operator, value)

    @api.model
    def _search_competitor_ids(self, operator, value):
        return self._search_from_lead("competitor_ids", operator, value)

    @api.model
    def _search_expected_amount(self, operator, value):
        return self._search_from_lead("expected_amount", operator, value)

    # Whose ---------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._deal_prepare(vals) for vals in vals_list]
        documents = super().create(vals_list)
        documents._deal_sync_account()
        documents._deal_sync_team()
        return documents

    @api.model
    def _deal_prepare(self, vals):
        """The company is the opportunity's; nobody uses one he may not read."""
        lead_id = vals.get("lead_id", self.env.context.get("default_lead_id"))
        # What is no id fails where it is written.
        known = isinstance(lead_id, int) and bool(lead_id)
        lead = self.env["crm.lead"].browse(lead_id if known else ())
        if lead:
            lead.check_access("read")
        if lead.sudo().company_id:
            return {**vals, "company_id": lead.sudo().company_id.root_id.id}
        company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
        return {**vals, "company_id": company.sudo().root_id.id}

    def write(self, vals):
        if vals.get("lead_id") and not self.env.su:
            self.env["crm.lead"].browse(vals["lead_id"]).check_access("read")
        result = super().write(vals)
        if {"lead_id", "own_partner_id"} & vals.keys():
            self._deal_sync_account()
        if "lead_id" in vals:
            self._deal_sync_team()
        return result

    def _deal_write(self, vals):
        """Write what the system keeps, guarded or not."""
        # sudo: it follows from the opportunity, whoever changed that.
        records = self.sudo()
        if hasattr(records, "_as_engine"):
            records = records._as_engine()
        records.write(vals)

    def _deal_account(self):
        """The account file of the customer in the document's company, unrestricted."""
        self.ensure_one()
        # sudo: which file it is; who may see it is asked where it is shown.
        document = self.sudo()
        partner = document.partner_id.commercial_partner_id.with_company(document.company_id)
        return partner.kam_account_id

    def _deal_sync_account(self):
        for document in self:
            account = document._deal_account()
            if document.sudo().account_id != account:
                document._deal_write({"account_id": account.id})

    def _deal_sync_team(self):
        for document in self:
            self.env["kam.deal.member"]._set_team(document, document.sudo()._deal_team())

    def _deal_move(self, lead):
        """Opportunities were merged: the documents go on under the kept one."""
        self._deal_write({"lead_id": lead.id})
        self.invalidate_recordset()
        self._deal_sync_account()
        self._deal_sync_team()

    # Hooks ---------------------------------------------------------------------------

    @api.model
    def _deal_code(self):
        """Which step of the ribbon: ``"pursuit"``, ``"bid"``, ``"negotiation"``."""
        raise NotImplementedError(self._name)

    def _deal_step(self):
        """What the ribbon says: ``{"label", "state", "holder", "level"}``.

        Level is a colour of Bootstrap; holder the name of who has to act.
        """
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        return {
            "label": self.name or self.display_name,
            "state": states.get(self.state, ""),
            "holder": "",
            "level": "primary",
        }

    def _deal_next(self):
        """The acting user's next button: ``(label, public method)``; empty: none."""
        return ()

    def _deal_running(self):
        """Neither finished nor given up: the customer cannot be changed under it."""
        return False

    def _deal_waits(self):
        """Nothing later begins from the ribbon before this document is decided about."""
        return False

    def _deal_result(self):
        """How it ended: ``"won"``, ``"lost"``; False while it has not, or otherwise."""
        return False

    def _deal_team(self):
        """Who works on it: ``[(user id, first day or False, last day or False)]``."""
        return []

    # Ribbon --------------------------------------------------------------------------

    @api.depends("lead_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_is_lead_open(self):
        # sudo: which opportunity it is; whether the reader may open it is asked then.
        leads = self.sudo().lead_id.sudo(False)._filtered_access("read")
        for document in self:
            document.is_lead_open = document.sudo().lead_id.id in leads.ids

    @api.depends_context("uid", "lang")
    def _compute_deal_ribbon(self):
        for document in self:
            document.deal_ribbon = document._deal_ribbon_value() if document.id else False

    def _deal_ribbon_value(self):
        """The chain of the deal; without an opportunity, its own step.

        To whom the opportunity is closed it tells where the deal stands; what he may
        neither open nor press stays so.
        """
        # sudo: which opportunity it is; it answers with the rights of its reader.
        lead = self.sudo().lead_id.sudo(False)
        steps = lead._kam_chain() if lead else [lead._kam_document_step(self)]
        return lead._kam_ribbon_of(steps, self)

    def action_deal_open(self, code):
        """Open another step of the deal.

        :param code: one of those in ``deal_ribbon``
        :raise UserError: there is none, or the user may not read it
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: which opportunity it is; it answers with the rights of its reader.
        lead = self.sudo().lead_id.sudo(False)
        if lead:
            return lead._kam_open_step(code)
        raise UserError(self.env._("There is no such document yet, or you do not work on it."))

    def action_deal_next(self):
        """Press the one button at the end of the ribbon."""
        self.ensure_one()
        self.check_access("read")
        # sudo: which opportunity it is; it answers with the rights of its reader.
        lead = self.sudo().lead_id.sudo(False)
        if lead:
            return lead._kam_press_next()
        button = self._deal_next()
        if not button:
            raise UserError(self.env._("There is nothing for you to do here at the moment."))
        return getattr(self, button[1])()

    def action_deal_lead(self):
        """The opportunity."""
        self.ensure_one()
        self.check_access("read")
        lead = self.lead_id.sudo(False)
        lead.check_access("read")
        return lead.get_formview_action()
