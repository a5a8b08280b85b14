from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.guarded import ondelete_always


class KamOpeningClassification(models.Model):
    """Tiers, managers and "customer since" known from paper, brought in once.

    One row per customer, imported from a spreadsheet, then applied: opens the account
    file and writes an assignment marked as opening.  It never replaces a decision.
    """

    _name = "kam.opening.classification"
    _inherit = ["kam.guarded"]
    _description = "Opening Classification"
    _order = "state desc, id"
    _rec_name = "partner_id"
    _check_company_auto = True

    _guarded_initial = {"state": "draft"}

    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company.root_id
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict"
    )
    tier_id = fields.Many2one("kam.tier", ondelete="restrict", check_company=True)
    date_from = fields.Date("Tier Since")
    customer_since = fields.Date()
    user_id = fields.Many2one("res.users", "Lead Account Manager")
    note = fields.Char("Source")
    state = fields.Selection(
        [("draft", "To Apply"), ("applied", "Applied")], default="draft", required=True, copy=False
    )

    _partner_uniq = models.Constraint(
        "UNIQUE (company_id, partner_id)", "The opening classification of this customer exists."
    )

    @api.constrains("partner_id")
    def _check_commercial(self):
        for row in self:
            if row.partner_id.commercial_partner_id != row.partner_id:
                raise ValidationError(
                    self.env._(
                        "%(name)s is a contact: classify %(company)s.",
                        name=row.partner_id.name,
                        company=row.partner_id.commercial_partner_id.name,
                    )
                )

    @api.constrains("date_from", "customer_since", "company_id")
    def _check_dates(self):
        for row in self:
            go_live = row.company_id.kam_go_live_date or fields.Date.context_today(self)
            for date in (row.date_from, row.customer_since):
                if date and date > go_live:
                    raise ValidationError(
                        self.env._(
                            "%(date)s is after the go-live date %(go_live)s: what happened since "
                            "then is decided by an evaluation.",
                            date=fields.Date.to_string(date),
                            go_live=fields.Date.to_string(go_live),
                        )
                    )

    def write(self, vals):
        if not self._is_engine() and "applied" in self.mapped("state"):
            raise UserError(self.env._("An applied opening classification does not change."))
        return super().write(vals)

    @ondelete_always
    def _unlink_except_applied(self):
        if not self._is_engine() and "applied" in self.mapped("state"):
            raise UserError(self.env._("An applied opening classification is kept."))

    def action_apply(self):
        """Open the files and set the tiers; all rows or none.

        Only the administrator, and only where no tier was decided before.
        """
        if not self.env.user.has_group("key_account_mgmt.group_kam_admin"):
            raise AccessError(
                self.env._("Only the administrator applies an opening classification.")
            )
        self.check_access("write")
        for company, rows in (
            self.filtered(lambda r: r.state == "draft").grouped("company_id").items()
        ):
            # sudo: setting tiers once from paper is the administrator's act checked above.
            accounts = self.env["kam.account"].sudo()._open_for(rows.partner_id, company)
            for row in rows:
                row._apply_to(accounts[row.partner_id.id])
            for row in rows:
                row._apply_to_members(accounts[row.partner_id.id])
        self._as_engine().write({"state": "applied"})
        return True

    def _apply_to(self, account):
        if self.user_id:
            account.user_id = self.user_id
        if not self.tier_id:
            return
        scheme = self.tier_id.scheme_id
        if account.assignment_ids.filtered(lambda a: a.scheme_id == scheme):
            raise UserError(
                self.env._(
                    "%(name)s was classified in “%(scheme)s” before: use an evaluation.",
                    name=account.name,
                    scheme=scheme.name,
                )
            )
        self._assign_to(account)
        if account.state == "prospect":
            account._set_life_cycle("active")

    def _assign_to(self, account, inherited=False):
        go_live = self.company_id.kam_go_live_date or fields.Date.context_today(self)
        scheme = self.tier_id.scheme_id
        account._assign_tier(
            scheme,
            self.tier_id,
            self.date_from or go_live,
            origin="opening",
            label=self.tier_id if not scheme.exclusive else None,
            inherited=inherited,
            reason=self.note,
        )

    def _apply_to_members(self, head):
        """Members of a group follow its head, unless they were classified themselves."""
        scheme = self.tier_id.scheme_id
        if scheme.group_mode != "head":
            return
        for account in head.search([("id", "child_of", head.id)]) - head:
            if scheme not in account.assignment_ids.scheme_id:
                self._assign_to(account, inherited=True)

    @api.model
    def _customer_since(self, company):
        """``{commercial partner id: date}`` known from before the database."""
        rows = self.sudo().search_fetch(
            [("company_id", "=", company.root_id.id), ("customer_since", "!=", False)],
            ["partner_id", "customer_since"],
        )
        return {row.partner_id.id: row.customer_since for row in rows}

    @api.model
    def _merge_partners(self, sources, destination):
        """Contacts are being merged: the earliest known day of the customer stays.

        Odoo would drop the rows that collide in the unique index.
        """
        # sudo: the wizard is for administrators of contacts.
        rows = self.sudo()._as_engine()
        for row in rows.search([("partner_id", "in", sources.ids)]):
            kept = rows.search(
                [("partner_id", "=", destination.id), ("company_id", "=", row.company_id.id)]
            )
            if not kept:
                row.partner_id = destination
                continue
            days = [day for day in (row.customer_since, kept.customer_since) if day]
            kept.customer_since = min(days, default=False)
            row.unlink()
