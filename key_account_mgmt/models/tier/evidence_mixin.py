from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...policy.periods import add_months


class KamEvidenceMixin(models.AbstractModel):
    """Something declared about a customer, with proof: who, when, on which evidence.

    It belongs to a commercial partner and a root company, so that customers without an
    account file have it too.  What was declared does not change: a new declaration
    ends the one before.  Source: S2-07, S0-11.
    """

    _name = "kam.evidence.mixin"
    _inherit = ["kam.guarded"]
    _description = "Declaration with Evidence"
    _order = "date desc, id desc"

    _guarded_initial = {"ended_on": False}
    _guarded_once = frozenset({"partner_id", "company_id", "date", "date_expiry", "author_id"})
    _guarded_unlink = True

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company.root_id
    )
    date = fields.Date("Assessed On", required=True, default=fields.Date.context_today)
    date_expiry = fields.Date("Valid Until", help="The last day on which it counts.")
    ended_on = fields.Date(readonly=True, copy=False)
    author_id = fields.Many2one("res.users", required=True, readonly=True)
    attachment_ids = fields.Many2many("ir.attachment", string="Evidence")
    note = fields.Char()
    status = fields.Selection(
        [
            ("valid", "Valid"),
            ("no_evidence", "Evidence Missing"),
            ("expired", "Expired"),
            ("ended", "Ended"),
        ],
        compute="_compute_status",
    )
    of_key_account = fields.Boolean(
        "Of a Key Account", compute="_compute_of_key_account", search="_search_of_key_account"
    )

    def _validity_months(self):
        """Months until the evidence expires; 0 = never."""
        return 24

    def _needs_evidence(self):
        return True

    def _same_subject_domain(self):
        """Which earlier declarations this one replaces."""
        return [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id)]

    @api.depends("date_expiry", "ended_on", "attachment_ids")
    def _compute_status(self):
        today = fields.Date.context_today(self)
        for record in self:
            record.status = record._status_on(today)

    def _status_on(self, day):
        """Status as of a day; the last day of validity still counts."""
        self.ensure_one()
        if self.ended_on and self.ended_on <= day:
            return "ended"
        if self.date_expiry and self.date_expiry < day:
            return "expired"
        if self._needs_evidence() and not self.attachment_ids:
            return "no_evidence"
        return "valid"

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_of_key_account(self):
        key = self.search([("id", "in", self.ids), ("of_key_account", "=", True)])
        for record in self:
            record.of_key_account = record in key

    @api.model
    def _search_of_key_account(self, operator, value):
        """By the reader's own rights: whose file he may not see is no key account to him."""
        if operator != "in":
            return NotImplemented
        self.flush_model(["partner_id", "company_id"])
        accounts = self.env["kam.account"]._search([("is_key_account", "=", True)])
        held = SQL(
            """(SELECT e.id FROM %s e JOIN %s a
                    ON a.partner_id = e.partner_id AND a.company_id = e.company_id)""",
            SQL.identifier(self._table),
            accounts.subselect(
                SQL.identifier(accounts.table, "partner_id"),
                SQL.identifier(accounts.table, "company_id"),
            ),
        )
        return Domain("id", "in" if True in value else "not in", held)

    @api.model_create_multi
    def create(self, vals_list):
        partners = self.env["res.partner"]
        for vals in vals_list:
            # The author is whoever writes it, whatever the client sends.
            vals["author_id"] = self.env.uid
            partner = partners.browse(vals.get("partner_id"))
            vals["partner_id"] = partner.commercial_partner_id.id
            if vals.get("company_id"):
                company = self.env["res.company"].browse(vals["company_id"])
                vals["company_id"] = company.root_id.id
        records = super().create(vals_list)
        for record in records:
            record._set_expiry()
            record._end_previous()
        records._own_evidence()
        return records

    def write(self, vals):
        before = {record: record.attachment_ids for record in self}
        result = super().write(vals)
        if "attachment_ids" not in vals or self._is_engine():
            return result
        if any(before[record] - record.attachment_ids for record in self):
            raise UserError(
                self.env._(
                    "Evidence can be added, not taken away. Record a new assessment instead."
                )
            )
        self._own_evidence()
        return result

    def _own_evidence(self):
        """Each declaration keeps its own file: whoever may read the one reads the other.

        A file uploaded for many customers is copied per declaration.
        """
        for record in self:
            own = self.env["ir.attachment"]
            place = {"res_model": self._name, "res_id": record.id}
            for file in record.attachment_ids:
                if (file.res_model, file.res_id) == (self._name, record.id):
                    own |= file
                elif file.res_id:
                    own |= file.copy({**place, "name": file.name})
                else:
                    file.write(place)
                    own |= file
            if own != record.attachment_ids:
                record._as_engine().write({"attachment_ids": [fields.Command.set(own.ids)]})

    def _set_expiry(self):
        months = self._validity_months()
        if months and not self.date_expiry:
            self._as_engine().write({"date_expiry": add_months(self.date, months)})

    def _end_previous(self):
        """The later declaration stands; one entered late ends where the next begins."""
        domain = [
            *self._same_subject_domain(),
            ("id", "!=", self.id),
            ("ended_on", "=", False),
        ]
        others = self.search(domain)
        later = others.filtered(lambda other: other.date > self.date)
        (others - later)._as_engine().write({"ended_on": self.date})
        if later:
            self._as_engine().write({"ended_on": min(later.mapped("date"))})

    def action_end(self):
        """It no longer holds from today; the record stays."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        self.filtered(lambda r: not r.ended_on)._as_engine().write({"ended_on": today})

    @api.model
    def _current_domain(self, company, day):
        """Declarations made until ``day`` and not ended on it."""
        return [
            ("company_id", "=", company.root_id.id),
            ("date", "<=", day),
            "|",
            ("ended_on", "=", False),
            ("ended_on", ">", day),
        ]
