from odoo import fields


class CustomerTier(fields.Many2one):
    """The tier of a document's customer, found for all documents of a page at once.

    ``related`` is ``partner_id.commercial_partner_id.kam_account_id.tier_id``, and it is a
    related field in every respect (searched, grouped and ordered in SQL, stored nowhere) but
    one: it goes from customer to customer instead of from document to document, and reads
    nothing else of the account files.  Source: design §3, §7.
    """

    def _compute_related(self, records):
        partners = records.partner_id
        heads = partners.commercial_partner_id
        heads.kam_account_id.fetch(["tier_id"])
        tiers = {head: head.kam_account_id.tier_id for head in heads}
        tiers = {partner: tiers.get(partner.commercial_partner_id) for partner in partners}
        groups = {}
        for record in records:
            groups.setdefault(tiers.get(record.partner_id), []).append(record.id)
        for tier, ids in groups.items():
            records.browse(ids)[self.name] = tier
