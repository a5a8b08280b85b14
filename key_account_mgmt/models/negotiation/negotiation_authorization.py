from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools.misc import format_date

# Nothing of a signed paper changes; only its scan is added, and it is revoked.
PAPER = frozenset(
    {"negotiation_id", "user_id", "date_from", "date_to", "scope", "granted_by_id", "granted_on"}
)
FACTS = {
    "granted_by_id": False,
    "granted_on": False,
    "revoked_on": False,
    "revoked_by_id": False,
}


class KamNegotiationAuthorization(models.Model):
    """The right to lead one negotiation, signed by an executive 谈判授权书 (P13).

    For one person, with a first and a last day, ninety days at most.  Source: S0-93, g Q19.
    """

    _name = "kam.negotiation.authorization"
    _inherit = ["kam.negotiation.part"]
    _description = "Authorization to Negotiate"
    _order = "negotiation_id, date_from desc, id desc"
    _rec_names_search = ["user_id.name"]

    _guarded_initial = FACTS
    _guarded_once = PAPER
    # It is kept: revoked instead of deleted.
    _guarded_unlink = True
    _part_files = ("file_ids",)

    user_id = fields.Many2one(
        "res.users",
        "Authorised",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    date_from = fields.Date(
        "From", required=True, default=lambda self: self.env.company._kam_today()
    )
    date_to = fields.Date("Until", required=True, default=lambda self: self._last_day())
    scope = fields.Text(
        required=True,
        help="What the person may negotiate. Not the bottom line: whoever reads the "
        "negotiation reads this.",
    )
    granted_by_id = fields.Many2one("res.users", "Signed by", readonly=True, copy=False)
    granted_on = fields.Datetime("Signed on", readonly=True, copy=False)
    revoked_on = fields.Datetime(readonly=True, copy=False)
    revoked_by_id = fields.Many2one("res.users", "Revoked by", readonly=True, copy=False)
    file_ids = fields.Many2many(
        "ir.attachment",
        "kam_negotiation_authorization_file_rel",
        string="Signed Paper",
        copy=False,
    )
    is_valid = fields.Boolean("Valid Today", compute="_compute_is_valid")

    @api.model
    def _last_day(self):
        company = self.env.company
        return company._kam_today() + timedelta(days=company._kam_authorization_days() - 1)

    @api.depends("user_id", "date_to")
    def _compute_display_name(self):
        for paper in self:
            until = format_date(self.env, paper.date_to) if paper.date_to else ""
            paper.display_name = f"{paper.user_id.name or ''} → {until}"

    @api.depends("date_from", "date_to", "revoked_on", "company_id")
    def _compute_is_valid(self):
        for paper in self:
            # sudo: the day it is where the company works, is no secret.
            today = paper.negotiation_id.company_id.sudo()._kam_today()
            paper.is_valid = (
                bool(paper.date_from and paper.date_to)
                and not paper.revoked_on
                and paper.date_from <= today <= paper.date_to
            )

    @api.constrains("date_from", "date_to")
    def _check_days(self):
        for paper in self:
            if paper.date_to < paper.date_from:
                raise ValidationError(self.env._("An authorization ends before it begins."))
            most = paper.negotiation_id.company_id._kam_authorization_days()
            if (paper.date_to - paper.date_from).days + 1 > most:
                raise ValidationError(
                    self.env._("An authorization is for %(days)s days at most.", days=most)
                )

    @api.constrains("user_id")
    def _check_user(self):
        for paper in self:
            # sudo: whether somebody works here must not depend on who asks.
            user = paper.user_id.sudo()
            if user.share or not user.active:
                raise ValidationError(
                    self.env._("Only a colleague who is still with us is authorised.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        papers = super().create(vals_list)
        for paper in papers:
            paper.negotiation_id._check_is_its_executive()
            if paper.user_id == self.env.user:
                raise AccessError(self.env._("Nobody authorises himself."))
        papers._as_engine().write(
            {"granted_by_id": self.env.uid, "granted_on": fields.Datetime.now()}
        )
        papers._tell_authorised()
        return papers

    @api.model
    def default_get(self, fields_list):
        """Neither a context nor a personal default says who is authorised, or when."""
        result = super().default_get(fields_list)
        return {name: value for name, value in result.items() if name not in FACTS}

    def action_revoke(self):
        """Take it back from now on; by an executive of the negotiation."""
        self.check_access("read")
        papers = self.filtered(lambda paper: not paper.revoked_on)
        for paper in papers:
            paper.negotiation_id._check_is_its_executive()
        # sudo: checked above; also where the negotiation is locked.
        papers.sudo()._as_engine().write(
            {"revoked_on": fields.Datetime.now(), "revoked_by_id": self.env.uid}
        )
        return True

    def _tell_authorised(self):
        Notice = self.env["kam.notice"]
        rows = []
        for paper in self:
            user = paper.user_id
            own = paper.with_context(lang=user.sudo().lang)
            title = own.env._(
                "You are authorised to negotiate “%(name)s”", name=own.negotiation_id.name
            )
            line = own.env._("until %(day)s", day=format_date(own.env, paper.date_to))
            rows.append(
                Notice._prepare_vals(
                    user, title, [line], record=paper.negotiation_id, topic="negotiation"
                )
            )
        if rows:
            Notice._queue_all(rows)
