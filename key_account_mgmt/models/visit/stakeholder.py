from odoo import models


class KamStakeholder(models.Model):
    """The last contact with a person is the last visit held with him."""

    _inherit = "kam.stakeholder"

    def _last_contacts(self):
        contacts = super()._last_contacts()
        # sudo: the day of a contact, for a reader who may not open that visit.
        Visit = self.env["kam.visit"].sudo()
        groups = Visit._read_group(
            [
                ("contact_ids", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "in", ("to_report", "reported")),
            ],
            ["contact_ids", "company_id"],
            ["day:max"],
        )
        days = {(contact.id, company.id): day for contact, company, day in groups}
        for stakeholder in self:
            key = (stakeholder.partner_id.id, stakeholder.company_id.id)
            known = [day for day in (contacts.get(stakeholder), days.get(key)) if day]
            if known:
                contacts[stakeholder] = max(known)
        return contacts
