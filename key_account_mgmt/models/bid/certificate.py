from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

EXPIRING_DAYS = 60
STATUS = [("valid", "Valid"), ("expiring", "Expires Soon"), ("expired", "Expired")]


class KamCertificate(models.Model):
    """A paper of the company that tenders ask for: licence, ISO certificate, permit.

    Chosen into bids; one that has expired on a bid's deadline is pointed out there.
    Source: users §3.4.
    """

    _name = "kam.certificate"
    _inherit = ["kam.own.files", "mail.thread"]
    _description = "Company Certificate"
    _order = "valid_until, name, id"
    _check_company_auto = True
    _own_file_fields = ("file_ids",)

    name = fields.Char(required=True, tracking=True)
    number = fields.Char("Certificate No.", tracking=True)
    kind = fields.Selection(
        [
            ("licence", "Business Licence"),
            ("permit", "Permit"),
            ("system", "Management System"),
            ("product", "Product or Type Approval"),
            ("person", "Qualification of Persons"),
            ("credit", "Credit Rating"),
            ("other", "Other"),
        ],
        required=True,
        default="licence",
    )
    issuer = fields.Char()
    valid_from = fields.Date()
    valid_until = fields.Date(
        tracking=True, index=True, help="The last day on which it holds; empty: it does not expire."
    )
    user_id = fields.Many2one(
        "res.users",
        "Kept by",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        help="Who renews it.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
    )
    file_ids = fields.Many2many("ir.attachment", string="Files", copy=False)
    active = fields.Boolean("In Use", default=True)
    status = fields.Selection(STATUS, compute="_compute_status", search="_search_status")
    # The job's: the day it expires on, of which its keeper has heard.
    told_for = fields.Date(readonly=True, copy=False)

    @api.constrains("valid_from", "valid_until")
    def _check_days(self):
        for paper in self:
            if paper.valid_from and paper.valid_until and paper.valid_until < paper.valid_from:
                raise ValidationError(
                    self.env._("“%(name)s” expires before it begins.", name=paper.name)
                )

    @api.depends("valid_until", "company_id")
    def _compute_status(self):
        for company, papers in self.grouped("company_id").items():
            today = (company or self.env.company)._kam_today()
            for paper in papers:
                paper.status = paper._status_on(today)

    def _status_on(self, day):
        """``valid``, ``expiring`` within 60 days, or ``expired`` on ``day``."""
        if not self.valid_until or self.valid_until >= day + timedelta(days=EXPIRING_DAYS):
            return "valid"
        return "expired" if self.valid_until < day else "expiring"

    @api.model
    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._kam_today()
        soon = today + timedelta(days=EXPIRING_DAYS)
        until = Domain("valid_until", "<", today)
        before = Domain("valid_until", "<", soon)
        domains = {
            "expired": until,
            "expiring": before & ~until,
            "valid": Domain("valid_until", "=", False) | Domain("valid_until", ">=", soon),
        }
        return Domain.OR(domains[status] for status in value if status in domains)
