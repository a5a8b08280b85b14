from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class KamTierEvaluation(models.Model):
    _inherit = "kam.tier.evaluation"

    def action_apply(self):
        """Apply an approved evaluation whose effective date has come.

        The daily job does the same; the button is for who will not wait.
        """
        for evaluation in self:
            today = evaluation.company_id._kam_today()
            evaluation._check_officer()
            if evaluation.state != "approved":
                raise UserError(self.env._("Only an approved evaluation can be applied."))
            if evaluation.effective_date > today:
                raise UserError(
                    self.env._(
                        "It takes effect on %(date)s and is applied on that day by itself.",
                        date=fields.Date.to_string(evaluation.effective_date),
                    )
                )
            evaluation._apply(today)
        return True

    def _apply(self, day):
        """Set tiers and write history from the decided lines, in one transaction.

        Half an evaluation is never applied; applying twice changes nothing.  A later
        decision on an account stands against an earlier effective date.
        Source: S0-36, S3-20, (c1).
        """
        self.ensure_one()
        self._lock()
        if self.state != "approved":
            return
        # sudo: the approval was the permission; the approver need not own the accounts.
        engine_self = self.sudo()._as_engine()
        date = self.effective_date or day
        changes = engine_self._apply_lines(date)
        engine_self._mark_evaluated(date)
        engine_self.write({"state": "applied", "applied_on": fields.Datetime.now()})
        engine_self._send_digests(changes)
        changes_by_account = [(c["account"], c["scheme"], c["old"], c["new"]) for c in changes]
        self.env["kam.account"].sudo()._on_tier_changed(changes_by_account, date)

    def _apply_lines(self, date):
        """Assignments for every line that changes something; returns the changes."""
        # Members that joined a group since follow its head, changed or not.
        heads = Domain("scheme_id.group_mode", "=", "head") & Domain(
            "account_id.child_ids", "!=", False
        )
        changed = Domain("change", "not in", ("same", "none"))
        lines = self.line_ids.search(Domain("evaluation_id", "=", self.id) & (changed | heads))
        lines -= self._skip_contacts(lines)
        Account = self.env["kam.account"].sudo()
        accounts = Account._open_for(lines.partner_id, self.company_id)
        changes = []
        for line in lines:
            head = accounts[line.partner_id.id]
            targets = head
            if line.scheme_id.group_mode == "head":
                targets = Account.search([("id", "child_of", head.id)])
            for account in targets:
                changes += account._assign_tier(
                    line.scheme_id,
                    # Who stays without a level is not given the fallback.
                    line.decided_tier_id if line.change != "none" else line.current_tier_id,
                    date,
                    origin="auto" if self.kind == "auto" else "evaluation",
                    line=line,
                    label=line.label_id,
                    inherited=account != head,
                    reason=line.override_reason,
                )
        return changes

    def _skip_contacts(self, lines):
        """Lines of customers who became a contact of another company meanwhile."""
        skipped = lines.filtered(
            lambda line: line.partner_id.commercial_partner_id != line.partner_id
        )
        if skipped:
            self.message_post(
                body=self.env._(
                    "Not applied, because they have become contacts of another company: %(names)s.",
                    names=", ".join(skipped.partner_id.mapped("name")),
                )
            )
        return skipped

    def _mark_evaluated(self, date):
        evaluated = self.env["kam.tier.evaluation.line"]._search(
            [("evaluation_id", "=", self.id), ("code", "!=", "unassessed")]
        )
        Account = self.env["kam.account"]
        accounts = Account.search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "in", evaluated.subselect("partner_id")),
            ]
        )
        if "head" in self.scheme_ids.mapped("group_mode"):
            # The head was judged for all of them.
            accounts = Account.search([("id", "child_of", accounts.ids)])
        accounts.with_context(tracking_disable=True).write({"last_evaluation_date": date})

    def _send_digests(self, changes):
        """One notice per account manager, about his accounts only."""
        by_user = {}
        for change in changes:
            if change["account"].user_id:
                by_user.setdefault(change["account"].user_id, []).append(change)
        for user, own in by_user.items():
            translated = self.with_context(lang=user.lang)
            lines = [
                translated.env._(
                    "%(customer)s: %(old)s → %(new)s",
                    customer=change["account"].name,
                    old=change["old"].with_env(translated.env).name or "–",
                    new=change["new"].with_env(translated.env).name or "–",
                )
                for change in own
            ]
            title = translated.env._(
                "%(evaluation)s applied: %(count)s changes among your accounts",
                evaluation=self.name,
                count=len(own),
            )
            self.env["kam.notice"]._queue(user, title, lines, record=self)
