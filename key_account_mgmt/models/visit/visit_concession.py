from odoo import api, fields, models
from odoo.exceptions import AccessError


class KamVisitConcession(models.Model):
    """How far we would give way at a visit: shown to its organiser, the lead account
    manager and directors, nobody else.

    A record of its own: its rule holds for every road to it, lists, groups and exports
    included.  The organiser is the one for whom it was written; who takes the visit over
    later does not see it.  Source: S1r-04.
    """

    _name = "kam.visit.concession"
    _inherit = ["kam.guarded"]
    _description = "Concession Limit of a Visit"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    visit_id = fields.Many2one("kam.visit", required=True, index=True, ondelete="cascade")
    organiser_id = fields.Many2one("res.users", required=True, index=True)
    limit = fields.Text(required=True)

    _visit_uniq = models.Constraint("UNIQUE (visit_id)", "This visit has a concession limit.")


class KamVisit(models.Model):
    _inherit = "kam.visit"

    concession_limit = fields.Text(
        compute="_compute_concession_limit",
        inverse="_inverse_concession_limit",
        help="Shown to the organiser, the lead account manager and directors only.",
    )
    sees_concession = fields.Boolean(compute="_compute_concession_limit")

    @api.depends_context("uid")
    @api.depends("user_id", "account_id")
    def _compute_concession_limit(self):
        # By the reader's own rights: the rule of the record decides.
        found = self.env["kam.visit.concession"]
        if found.has_access("read"):
            found = found.search([("visit_id", "in", self.ids)])
        limits = {concession.visit_id.id: concession.limit for concession in found}
        for visit in self:
            visit.concession_limit = limits.get(visit._origin.id, False)
            visit.sees_concession = visit._may_limit()

    def _may_limit(self):
        """Whether the user may say, or see, how far we would give way."""
        return self.env.user in (self.user_id | self.account_id.user_id) or self.env.user.has_group(
            "key_account_mgmt.group_kam_director"
        )

    def _inverse_concession_limit(self):
        for visit in self:
            if not visit._may_limit():
                raise AccessError(
                    self.env._(
                        "The concession limit is set by the organiser, the lead account manager "
                        "or a director."
                    )
                )
            # sudo: checked above; who may not read another's limit replaces it.
            Concession = self.env["kam.visit.concession"].sudo()._as_engine()
            limit = (visit.concession_limit or "").strip()
            concession = Concession.search([("visit_id", "=", visit.id)])
            vals = {"limit": limit, "organiser_id": visit.user_id.id}
            if not limit:
                concession.unlink()
            elif concession:
                concession.write(vals)
            else:
                Concession.create({**vals, "visit_id": visit.id})
