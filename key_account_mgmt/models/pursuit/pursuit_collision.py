from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...policy import collision


class KamPursuit(models.Model):
    """Whether somebody else's registration protects the same deal.

    The same: a customer of the same group, with the same credit code or the same name
    without its legal form; the same project; overlapping scope.  What is told is number,
    owner and the last day of protection, and nothing else.  Source: (c2), users §3.3.
    """

    _inherit = "kam.pursuit"

    def _collisions(self, partner, project, scopes, company, name=None):
        """Registrations of others that protect such a deal today.

        :param self: pursuits that do not count, e.g. the one asked about
        :param partner: the customer, any of its contacts
        :param project: its name; empty: not known yet, may be any
        :param scopes: ``kam.product.scope``; empty: not known yet, may be any
        :param company: whose pursuits count
        :param name: of a customer who is no contact yet
        :return: ``[{"number", "owner", "until"}]`` and nothing else
        """
        return [
            {
                "number": found.number,
                "owner": found.user_id.name,
                "until": found.protected_until,
            }
            for found in self._colliding(partner, project, scopes, company, name)
        ]

    def _colliding(self, partner, project, scopes, company, name=None):
        """The pursuits behind :meth:`_collisions`, unrestricted: never shown to the asker."""
        customer = self._same_customer(partner, company, name)
        return customer.filtered(
            lambda other: (
                other not in self
                and collision.same_project(project, other.project)
                and collision.overlaps(scopes.ids, other.scope_ids.ids)
            )
        )

    @api.model
    def _same_customer(self, partner, company, name=None):
        """Protected pursuits at the same customer, unrestricted."""
        # sudo: a collision is with anybody's deal; only three facts of it are told.
        root = company.sudo().root_id
        pursuits = self.sudo().browse()
        partner = partner.sudo().commercial_partner_id
        wanted = self._customer_marks(partner, root) if partner else self._name_marks(name)
        if not wanted:
            return pursuits
        protected = pursuits.search(
            Domain("company_id", "=", root.id) & Domain("is_protected", "=", True)
        )
        return protected.filtered(
            lambda other: bool(
                wanted & self._customer_marks(other.partner_id.commercial_partner_id, root)
            )
        )

    @api.model
    def _customer_marks(self, partner, root):
        """Whatever tells that two customers are one: record, group, credit code, name."""
        if not partner:
            return set()
        marks = {("partner", partner._origin.id or partner.id)}
        account = partner.with_company(root).kam_account_id
        if account:
            marks.add(("group", int(account.parent_path.split("/")[0])))
        for code in (partner.vat, partner.company_registry):
            if code := collision.credit_code(code):
                marks.add(("code", code))
        # A customer typed in a hurry is no company in Odoo.
        return marks | self._name_marks(partner.name)

    @api.model
    def _name_marks(self, name):
        return {("name", text) for text in collision.company_names(name)}

    @api.model
    def _collision_text(self, found):
        """One sentence per collision."""
        return "\n".join(
            self.env._(
                "The same deal is registered: %(number)s of %(owner)s, protected until %(day)s.",
                number=row["number"],
                owner=row["owner"],
                day=format_date(self.env, row["until"]),
            )
            for row in found
        )

    @api.depends("state", "lead_id", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_collision(self):
        office = self._is_office_user()
        for pursuit in self:
            pursuit.collision = pursuit.related_text = False
            if pursuit.state not in ("draft", "to_register", "lapsed"):
                continue
            # sudo: which deal it is about, for whoever may read the pursuit.
            own = pursuit.sudo()
            same = (own.partner_id, own.project, own.scope_ids, own.company_id)
            found = own._origin._collisions(*same) if own.partner_id else []
            pursuit.collision = self._collision_text(found) or False
            if office and own.partner_id:
                numbers = {row["number"] for row in found}
                others = self._same_customer(own.partner_id, own.company_id) - own._origin
                pursuit.related_text = (
                    "\n".join(
                        f"{other.display_name} ({other.user_id.name})"
                        for other in others
                        if other.number not in numbers
                    )
                    or False
                )
