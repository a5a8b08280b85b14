from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class KamOpeningFigure(models.Model):
    """Month figures of before the database, imported once and marked wherever they count.

    They are added to every sales figure whose window holds the whole month, in the
    company they were imported for and no other. Source: design §4.1.
    """

    _name = "kam.opening.figure"
    _description = "Opening Figure"
    _order = "month desc, partner_id"
    _check_company_auto = True

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date(required=True, help="Any day of the month; kept as its first day.")
    amount_untaxed = fields.Monetary("Sales, Untaxed")
    amount_total = fields.Monetary("Sales, Tax Included")
    profit = fields.Monetary("Gross Profit", groups="key_account_mgmt.group_kam_cost")
    tons = fields.Float(digits=(16, 3))
    order_count = fields.Integer("Orders")
    source = fields.Char(help="Where the figure comes from: the old system, the ledger …")

    _partner_company_month_uniq = models.UniqueIndex(
        "(partner_id, company_id, month)",
        "This customer already has an opening figure for this month and company.",
    )
    _month_start = models.Constraint(
        "CHECK (EXTRACT(day FROM month) = 1)", "A month is kept as its first day."
    )

    @api.constrains("partner_id")
    def _check_partner_is_commercial(self):
        for figure in self:
            partner = figure.partner_id
            if partner.commercial_partner_id != partner:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(company)s: import the figure for "
                        "%(company)s.",
                        contact=partner.name,
                        company=partner.commercial_partner_id.name,
                    )
                )

    @api.depends("partner_id", "month")
    def _compute_display_name(self):
        for figure in self:
            month = figure.month and figure.month.strftime("%Y-%m")
            figure.display_name = f"{figure.partner_id.display_name or ''} {month or ''}".strip()

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_month_start(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_month_start(vals))

    def _with_month_start(self, vals):
        if not vals.get("month"):
            return vals
        return {**vals, "month": fields.Date.to_date(vals["month"]).replace(day=1)}

    @api.model
    def _merge_partners(self, sources, destination):
        """Contacts are being merged: add the sources' figures to the destination's.

        Odoo would drop the rows that collide in the unique index.
        """
        figures = self.sudo().search([("partner_id", "in", sources.ids)])
        if not figures:
            return
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kam_opening_figure AS kept
                       (partner_id, company_id, month, amount_untaxed, amount_total, profit,
                        tons, order_count, source, create_uid, create_date, write_uid, write_date)
                SELECT %(destination)s, company_id, month, SUM(amount_untaxed),
                       SUM(amount_total), SUM(profit), SUM(tons), SUM(order_count),
                       STRING_AGG(DISTINCT source, ', '), %(user)s, now() AT TIME ZONE 'UTC',
                       %(user)s, now() AT TIME ZONE 'UTC'
                  FROM kam_opening_figure
                 WHERE id = ANY(%(ids)s)
                 GROUP BY company_id, month
                    ON CONFLICT (partner_id, company_id, month) DO UPDATE
                   SET amount_untaxed = COALESCE(kept.amount_untaxed, 0)
                                        + COALESCE(EXCLUDED.amount_untaxed, 0),
                       amount_total = COALESCE(kept.amount_total, 0)
                                      + COALESCE(EXCLUDED.amount_total, 0),
                       profit = COALESCE(kept.profit, 0) + COALESCE(EXCLUDED.profit, 0),
                       tons = COALESCE(kept.tons, 0) + COALESCE(EXCLUDED.tons, 0),
                       order_count = COALESCE(kept.order_count, 0)
                                     + COALESCE(EXCLUDED.order_count, 0)
                """,
                destination=destination.id,
                ids=figures.ids,
                user=self.env.uid,
            )
        )
        figures.unlink()
        self.env.invalidate_all()


class KamAccount(models.Model):
    _inherit = "kam.account"

    @api.model
    def _merge_partner_records(self, sources, destination):
        self.env["kam.opening.figure"]._merge_partners(sources, destination)
        # Figures of two customers do not add up to those of one: the next night writes them.
        self.env["kam.metric.value"].sudo().search([("partner_id", "in", sources.ids)]).unlink()
        return super()._merge_partner_records(sources, destination)
