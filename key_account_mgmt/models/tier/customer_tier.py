from odoo import fields


class CustomerTier(fields.Many2one):
    """The tier of a document's customer, found for all documents of a page at once.

    ``related`` is ``partner_id.commercial_partner_id.kam_account_id.tier_id``, and it is a
    related field in every respect (searched, grouped and ordered in SQL, stored nowhere) but
    one: it goes from customer to customer instead of from document to document, by their ids
    alone, and reads nothing else of the account files.  Source: design §3, §7.
    """

    def _compute_related(self, records):
        found, models = records._ids, records
        for name in self.related.split("."):
            if name == self.related_field.name:
                models.fetch([name])
            others = models[name]
            # All of them are known now; records one by one cost more than all the rest.
            known = models._fields[name]._get_cache(models.env)
            found = [None if number is None else known[number] for number in found]
            models = others
        self._get_cache(records.env).update(zip(records._ids, found, strict=True))
