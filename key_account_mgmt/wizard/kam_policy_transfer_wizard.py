import base64
import binascii
import json

from markupsafe import Markup

from odoo import fields, models
from odoo.exceptions import AccessError

from .policy_check import read_policy
from .policy_export import PolicyExport
from .policy_import import PolicyImport

ADMIN_GROUP = "key_account_mgmt.group_kam_admin"
SHOWN = 200


class KamPolicyTransferWizard(models.TransientModel):
    """The policy moves between a test and a live database as one file.

    Importing first shows what would be created and changed, by doing it and taking it
    back; then does it, wholly or not at all.  Everything lands in the policy log with
    the file as its reason.  Source: design §2 "policy as data", users.md §4.
    """

    _name = "kam.policy.transfer.wizard"
    _description = "Export and Import Policy"

    state = fields.Selection(
        [("start", "Start"), ("preview", "Preview"), ("done", "Done")],
        default="start",
        required=True,
        readonly=True,
    )
    export_file = fields.Binary("Policy File", readonly=True, attachment=False)
    export_name = fields.Char(readonly=True)
    file = fields.Binary("File to Import", attachment=False)
    file_name = fields.Char()
    preview_html = fields.Html("Result", readonly=True)

    def _check_administrator(self):
        """:raise AccessError: whoever is not an administrator of key accounts"""
        self.ensure_one()
        if not self.env.user.has_group(ADMIN_GROUP):
            raise AccessError(
                self.env._("Only an administrator of key accounts exports or imports the policy.")
            )
        self.check_access("write")

    def action_export(self):
        """Write the policy of this database into a file to download."""
        self._check_administrator()
        content = PolicyExport(self.env).content()
        text = json.dumps(content, ensure_ascii=False, indent=1)
        self.write(
            {
                "export_file": base64.b64encode(text.encode()),
                "export_name": f"policy-{fields.Date.context_today(self)}.json",
            }
        )
        return self._reopen()

    def action_check(self):
        """Show what the import would do; nothing is kept of it."""
        self._check_administrator()
        with self.env.cr.savepoint() as savepoint:
            result = self._import()
            html = self._result_html(result, self._new_rows(result))
            savepoint.rollback()
        # External ids of the trial must not be remembered.
        self.env.registry.clear_cache()
        self.env.invalidate_all()
        self.write({"state": "preview", "preview_html": html})
        return self._reopen()

    def action_import(self):
        """Do what was shown; all of it or nothing."""
        self._check_administrator()
        with self.env.cr.savepoint():
            result = self._import()
        html = self._result_html(result, self._new_rows(result))
        self.write({"state": "done", "preview_html": html})
        return self._reopen()

    def action_restart(self):
        self._check_administrator()
        self.write({"state": "start", "preview_html": False})
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export and Import Policy"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _import(self):
        reason = self.env._("imported from %(file)s", file=self.file_name or "?")
        # Neither a default of the client nor a superuser: the rights of the person.
        context = {"lang": self.env.lang, "tz": self.env.context.get("tz")}
        env = self.env(su=False, context=context)
        env = env["kam.policy.doc"]._with_policy_reason(reason).env
        importer = PolicyImport(env, read_policy(env, self._file_text()))
        importer.last_row = self._last_row()
        importer.run()
        return importer

    def _file_text(self):
        try:
            return base64.b64decode(self.file or b"", validate=True)
        except binascii.Error:
            return b""

    # What it did

    def _last_row(self):
        # sudo: only its number.
        return self.env["kam.policy.log"].sudo().search([], limit=1).id or 0

    def _new_rows(self, importer):
        """What the policy log says about this import."""
        log = self.env["kam.policy.log"].with_context(
            allowed_company_ids=self.env.user.company_ids.ids
        )
        return log.search([("id", ">", importer.last_row), ("user_id", "=", self.env.uid)])[::-1]

    def _result_html(self, importer, rows):
        """Counts per model, warnings, and each change."""
        parts = [Markup("<p>%s</p>") % warning for warning in importer.warnings]
        if parts:
            parts = [Markup('<div class="alert alert-warning">%s</div>') % Markup("").join(parts)]
        parts.append(self._counts_html(importer))
        if not rows:
            parts.append(Markup("<p>%s</p>") % self.env._("Everything is already as in the file."))
        parts += [Markup("<p>%s</p>") % self._row_text(row) for row in rows[:SHOWN]]
        if len(rows) > SHOWN:
            more = self.env._("… and %(count)s more.", count=len(rows) - SHOWN)
            parts.append(Markup("<p>%s</p>") % more)
        return Markup("").join(parts)

    def _counts_html(self, importer):
        row = Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>")
        head = row % (
            self.env._("Policy Data"),
            self.env._("New"),
            self.env._("Changed"),
            self.env._("Unchanged"),
        )
        lines = [head]
        for name in importer.names:
            total = len(importer.parts.get(name, []))
            new, changed = len(importer.new[name]), len(importer.changed[name])
            label = self.env["ir.model"].sudo()._get(name).name
            lines.append(row % (label, new, changed, total - new - changed))
        return Markup('<table class="table table-sm">%s</table>') % Markup("").join(lines)

    def _row_text(self, row):
        """“Tier Key / Strategic, Rank: 1 → 2”"""
        operation = dict(row._fields["operation"]._description_selection(self.env))[row.operation]
        kind = dict(row._fields["res_model"]._description_selection(self.env))[row.res_model]
        text = f"{operation}: {kind} “{row.record_name}”"
        if row.operation == "write":
            text += f", {row.field_label}: {row.old_value or '–'} → {row.new_value or '–'}"
        return text
