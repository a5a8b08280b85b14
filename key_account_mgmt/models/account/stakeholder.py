from datetime import date

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...policy.periods import add_months

RATINGS = [
    ("0", "Unknown"),
    ("1", "Very Low"),
    ("2", "Low"),
    ("3", "Medium"),
    ("4", "High"),
    ("5", "Very High"),
]
ATTITUDES = [
    ("sponsor", "Sponsor"),
    ("supporter", "Supporter"),
    ("neutral", "Neutral"),
    ("sceptic", "Sceptic"),
    ("opponent", "Opponent"),
]
POSITIONS = [
    ("executive", "Executive"),
    ("office_head", "Head of Office"),
    ("official", "Official"),
    ("union_chair", "Union Chair"),
    ("chamber_chair", "Chair of a Chamber of Commerce"),
    ("assistant", "Assistant or Secretary"),
    ("other", "Other"),
]
PRIVATE_TO = "key_account_mgmt.group_kam_user"


class KamStakeholder(models.Model):
    """A person who matters at a customer: what he decides, how he thinks of us.

    Two fields are typed, decision role and attitude; the rest where it is known.  One
    contact may be a stakeholder of several accounts of a group.
    Source: S0-62, S1c-06, S1c-07, S1i-15, S1r-21, S1r-22, S3-23.
    """

    _name = "kam.stakeholder"
    _inherit = ["mail.thread"]
    _description = "Stakeholder"
    _rec_name = "partner_id"
    _rec_names_search = ["partner_id.name", "department"]
    _order = "account_id, influence desc, id"
    _check_company_auto = True

    account_id = fields.Many2one("kam.account", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    customer_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    partner_id = fields.Many2one(
        "res.partner", "Contact", required=True, index=True, ondelete="restrict"
    )
    scope_partner_ids = fields.Many2many(
        "res.partner", compute="_compute_scope_partner_ids", string="Companies of the Group"
    )
    function = fields.Char(related="partner_id.function", string="Job Position")
    phone = fields.Char(related="partner_id.phone")
    email = fields.Char(related="partner_id.email")
    avatar_128 = fields.Image(related="partner_id.avatar_128")
    role_id = fields.Many2one(
        "kam.stakeholder.role", "Decision Role", required=True, ondelete="restrict", tracking=True
    )
    attitude = fields.Selection(ATTITUDES, required=True, default="neutral", tracking=True)
    influence = fields.Selection(RATINGS, default="0", tracking=True)
    strength = fields.Selection(
        RATINGS, "Strength of Relation", default="0", help="How well our owner knows the person."
    )
    authority = fields.Selection(RATINGS, default="0", help="What he may decide by himself.")
    organising = fields.Selection(
        RATINGS, "Organising Power", default="0", help="Whom he can bring together."
    )
    owner_id = fields.Many2one(
        "res.users",
        "Our Owner",
        index="btree_not_null",
        domain=[("share", "=", False)],
        tracking=True,
        help="Who of us keeps the relation; often an executive for theirs.",
    )
    reports_to_id = fields.Many2one(
        "kam.stakeholder", "Reports to", index="btree_not_null", ondelete="set null"
    )
    subordinate_ids = fields.One2many("kam.stakeholder", "reports_to_id", "Subordinates")
    position_type = fields.Selection(POSITIONS, "Position")
    department = fields.Char("Department There")
    duties = fields.Char("Department's Duties")
    criteria = fields.Text("Decides by", help="What counts for the person: price, safety, …")
    private_note = fields.Text(
        "Preferences",
        groups=PRIVATE_TO,
        exportable=False,
        help="For account managers and the office only; never exported.",
    )
    left_on = fields.Date(help="The person left the customer: kept, no longer counted.")
    active = fields.Boolean("In Use", default=True)
    is_sponsor = fields.Boolean(compute="_compute_is_sponsor", search="_search_is_sponsor")
    last_contact_date = fields.Date("Last Contact", compute="_compute_last_contact")
    is_silent = fields.Boolean(
        "Silent Sponsor", compute="_compute_last_contact", search="_search_is_silent"
    )

    _person_uniq = models.UniqueIndex(
        "(account_id, partner_id) WHERE active IS TRUE",
        "This contact is a stakeholder of the account already.",
    )

    # Rules ------------------------------------------------------------------------

    @api.depends("partner_id.name")
    def _compute_display_name(self):
        """By his own name: the customer stands beside it."""
        for stakeholder in self:
            stakeholder.display_name = stakeholder.partner_id.name

    @api.constrains("partner_id")
    def _check_is_a_person(self):
        for stakeholder in self:
            if stakeholder.partner_id.is_company:
                raise ValidationError(
                    self.env._(
                        "%(name)s is a company: choose a person there.",
                        name=stakeholder.partner_id.name,
                    )
                )

    @api.constrains("reports_to_id", "account_id")
    def _check_reports_to(self):
        for stakeholder in self:
            boss = stakeholder.reports_to_id
            if boss and boss.account_id != stakeholder.account_id:
                raise ValidationError(
                    self.env._(
                        "%(boss)s is no stakeholder of the same account: add him there first.",
                        boss=boss.partner_id.name,
                    )
                )
            strange = stakeholder.subordinate_ids.account_id - stakeholder.account_id
            if strange:
                raise ValidationError(
                    self.env._("Others of the account report to this person: take them off first.")
                )
        if self._has_cycle("reports_to_id"):
            raise ValidationError(
                self.env._("Nobody reports to himself, nor through others. Choose another person.")
            )

    # What is shown ------------------------------------------------------------------

    @api.depends("account_id")
    def _compute_scope_partner_ids(self):
        """Companies whose people are offered: those of the account's group."""
        groups = {}
        for stakeholder in self:
            root = stakeholder.account_id.group_root_id
            if root not in groups:
                # Only the members the user may read.
                files = self.env["kam.account"].search([("id", "child_of", root.ids)])
                groups[root] = files.partner_id | stakeholder.account_id.partner_id
            stakeholder.scope_partner_ids = groups[root]

    @api.depends("role_id.is_sponsor", "attitude")
    def _compute_is_sponsor(self):
        for stakeholder in self:
            stakeholder.is_sponsor = (
                stakeholder.attitude == "sponsor" or stakeholder.role_id.is_sponsor
            )

    @api.model
    def _search_is_sponsor(self, operator, value):
        if operator != "in":
            return NotImplemented
        sponsors = Domain("attitude", "=", "sponsor") | Domain("role_id.is_sponsor", "=", True)
        return sponsors if True in value else ~sponsors

    @api.depends("partner_id", "is_sponsor", "left_on", "company_id")
    def _compute_last_contact(self):
        contacts = self._last_contacts()
        for stakeholder in self:
            stakeholder.last_contact_date = contacts.get(stakeholder)
        for company, stakeholders in self.grouped("company_id").items():
            limit, go_live = stakeholders._silence_limits(company)
            for stakeholder in stakeholders:
                last = stakeholder.last_contact_date or go_live
                stakeholder.is_silent = (
                    stakeholder.is_sponsor and stakeholder._is_there() and last < limit
                )

    def _last_contacts(self):
        """Hook: ``{stakeholder: day}`` of the last contact with each; visits know it."""
        return {}

    @api.model
    def _silence_limits(self, company):
        """``(day before which the last contact is too old, day we began to count)``."""
        if not company:
            return date.min, date.min
        # sudo: settings of a company are no secret.
        company = company.sudo()
        limit = add_months(company._kam_today(), -company._kam_sponsor_silent_months())
        return limit, company.kam_go_live_date or date.min

    def _is_there(self):
        """Whether the person still works at the customer."""
        self.ensure_one()
        gone = self.left_on and self.left_on <= (
            # sudo: the day it is where the company works.
            self.company_id.sudo()._kam_today() if self.company_id else fields.Date.today()
        )
        return not gone

    @api.model
    def _search_is_silent(self, operator, value):
        if operator != "in":
            return NotImplemented
        sponsors = self.search(Domain("is_sponsor", "=", True))
        silent = Domain("id", "in", sponsors.filtered("is_silent").ids)
        return silent if True in value else ~silent

    # Opening ------------------------------------------------------------------------

    def action_open_partner(self):
        """The contact behind the stakeholder."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner_id.id,
            "view_mode": "form",
        }

    # Merging ------------------------------------------------------------------------

    def _move_to_account(self, kept):
        """Hand the people of a merged file over to ``kept``; who is there already stays."""
        there = self.search([("account_id", "=", kept.id), ("active", "=", True)])
        by_partner = {one.partner_id: one for one in there}
        double = self.filtered(lambda one: one.active and one.partner_id in by_partner)
        bosses = {
            one: by_partner[one.reports_to_id.partner_id]
            for one in self - double
            if one.reports_to_id in double
        }
        (double | self.browse([one.id for one in bosses])).reports_to_id = False
        double.subordinate_ids.reports_to_id = False
        double.active = False
        # The index knows active ones only.
        self.flush_recordset()
        # In one statement: bosses and their people change the account together.
        self.account_id = kept
        for one, boss in bosses.items():
            one.reports_to_id = boss

    def _is_below(self, boss):
        """Whether ``boss`` stands somewhere above this person."""
        person = self
        while person and person.reports_to_id != boss:
            person = person.reports_to_id
        return bool(person)

    def _replace_by(self, kept):
        """Archive this record of a person in favour of another one on the same account."""
        self.ensure_one()
        above = self.reports_to_id
        if kept._is_below(self):
            kept.reports_to_id = above if above != kept else False
        self.reports_to_id = False
        (self.subordinate_ids - kept).reports_to_id = kept
        self.active = False

    @api.model
    def _merge_contacts(self, sources, destination):
        """Odoo is about to merge contacts: on each account one record of the person stays."""
        domain = [("partner_id", "in", (sources | destination).ids), ("active", "=", True)]
        found = self.sudo().search(domain)
        for people in found.grouped("account_id").values():
            kept = people.filtered(lambda one: one.partner_id == destination)[:1] or people[:1]
            for stakeholder in people - kept:
                stakeholder._replace_by(kept)
        self.env.flush_all()
