from odoo import fields, models
from odoo.tools import SQL

GRACE_DAYS = 10
# Kept by the nightly job, no policy of anybody.
OWN = ("kam_obligation_since", "kam_obligation_until")


class ResCompany(models.Model):
    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies.
    kam_obligation_since = fields.Date(
        "Obligations Since", readonly=True, help="First night, where no go-live date is set."
    )
    kam_obligation_until = fields.Date("Obligations Until", readonly=True)
    kam_handover_grace_days = fields.Integer(
        "Grace After a Hand-Over",
        help="Working days. Empty: 10. -1: none.",
    )

    def _policy_fields(self):
        return [name for name in super()._policy_fields() if name not in OWN]

    def _kam_handover_grace(self):
        """Working days before the end of a period in which a hand-over waives what is
        unmet; 0: never.  Source: users §3.2.
        """
        days = self.sudo().root_id.kam_handover_grace_days or GRACE_DAYS
        return max(days, 0)

    def _kam_obligation_floor(self, day):
        """Nothing is owed in periods before this day: go-live, else the first night."""
        return self.kam_go_live_date or self.kam_obligation_since or day

    def _kam_mark_obligations(self, day):
        """The nightly job has settled everything that began until ``day``."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE res_company
                   SET kam_obligation_since = COALESCE(kam_obligation_since, %(day)s),
                       kam_obligation_until = %(day)s
                 WHERE id = %(id)s AND (kam_obligation_until IS NULL
                                        OR kam_obligation_until < %(day)s)
                """,
                day=day,
                id=self.id,
            )
        )
        self.invalidate_recordset(OWN)
