from odoo import api, fields, models


class KamDealMember(models.Model):
    """Who works on an opportunity by a document of it: a pursuit's or a bid's team.

    Written by the documents (:meth:`_set_team`); the access of a team to an opportunity
    that is not its own rests on this one table.  Source: design §4.4.
    """

    _name = "kam.deal.member"
    _inherit = ["kam.guarded"]
    _description = "Member of a Deal"
    _order = "id"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", required=True, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one("res.users", "Member", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True)
    date_from = fields.Date("From")
    date_to = fields.Date("Until", help="The last day of membership; empty: for good.")
    source_model = fields.Char("Document Model", required=True)
    source_id = fields.Many2oneReference("Document", model_field="source_model", required=True)

    _user_idx = models.Index("(user_id, lead_id)")
    _source_idx = models.Index("(source_model, source_id)")

    @api.model
    def _set_team(self, document, team):
        """Make the team of a document exactly ``team``.

        :param document: one record with ``lead_id`` and ``company_id``
        :param team: ``[(user id, first day or False, last day or False)]``
        """
        document = document.sudo().ensure_one()
        # sudo: the team follows from the document, whoever changed that.
        engine = self.sudo()._as_engine()
        source = {"source_model": document._name, "source_id": document.id}
        engine.search([(name, "=", value) for name, value in source.items()]).unlink()
        if document.lead_id:
            lead = {"lead_id": document.lead_id.id, "company_id": document.company_id.id}
            engine.create(
                [
                    {**source, **lead, "user_id": user, "date_from": first, "date_to": last}
                    for user, first, last in team
                ]
            )

    def _is_today(self):
        """Whether the day it is where the company works is one of the membership."""
        today = self.company_id._kam_today()
        return (not self.date_from or self.date_from <= today) and (
            not self.date_to or self.date_to >= today
        )
