from odoo import api, models


class KamAccount(models.Model):
    _inherit = "kam.account"

    @api.model
    def _merge_partners(self, sources, destination):
        """Odoo is about to merge contacts: keep every account file and its history.

        The destination's file survives; where it has none, the source's file moves
        over.  Other files are archived as merged into it, their history moved.
        Later domains extend :meth:`_merge_into` and :meth:`_merge_partner_records`.
        """
        # sudo: the wizard is for administrators of contacts, not of account files.
        self = self.sudo()._as_engine().with_context(active_test=False)
        sources = sources - destination
        accounts = self.search([("partner_id", "in", sources.ids)])
        target_partner = destination.commercial_partner_id
        for account in accounts:
            kept = self.search(
                [
                    ("partner_id", "=", target_partner.id),
                    ("company_id", "=", account.company_id.id),
                    ("active", "=", True),
                ]
            )
            if kept and account.active:
                account._merge_into(kept)
            elif account.active:
                account._move_to_partner(target_partner)
            else:
                account.partner_id = target_partner
        self._merge_partner_records(sources, target_partner)
        self.env.flush_all()

    def _move_to_partner(self, partner):
        old = self.partner_id
        self.partner_id = partner
        self._link_partners()
        for branch in self.env["res.company"].search([("id", "child_of", self.company_id.id)]):
            old.with_company(branch).kam_account_id = False

    def _merge_into(self, kept):
        """Move what hangs on this file to ``kept`` and archive it as merged."""
        self.member_ids.account_id = kept
        if kept in self.search([("id", "child_of", self.id)]):
            # Taken out from below this file first: its members follow it.
            kept.parent_id = self.parent_id
            self.env.flush_all()
        self.child_ids.filtered(lambda child: child != kept).parent_id = kept
        self.message_post(
            body=self.env._("Merged into the account file of %(name)s.", name=kept.name)
        )
        kept.message_post(
            body=self.env._(
                "The account file of %(name)s was merged into this one.", name=self.name
            )
        )
        self.write({"active": False, "merged_into_id": kept.id, "parent_id": False})
        self.flush_recordset()
        self.partner_id = kept.partner_id

    @api.model
    def _merge_partner_records(self, sources, destination):
        """Hook: records kept per partner without a file (flags, standings …)."""
