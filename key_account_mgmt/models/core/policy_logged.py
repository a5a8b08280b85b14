from odoo import api, fields, models
from odoo.models import LOG_ACCESS_COLUMNS
from odoo.tools import html2plaintext

from .policy_log import REASON

EMPTY = (None, False, "", ())
AUTOMATIC = {"id", "parent_path", *LOG_ACCESS_COLUMNS}
NUMBERS = ("integer", "float", "monetary")


class KamPolicyLogged(models.AbstractModel):
    """Policy data: every creation, change and deletion is written to ``kam.policy.log``.

    By whatever road (form, import, RPC, superuser): one row per field that really
    changed, one row with all values for a record created or deleted, also by a cascade.

    Nothing is logged while modules are being installed or upgraded: what the addon
    ships is the supplier's proposal, not a decision of somebody in the company, and
    fifty rows of it would bury the first real change.  The registry tells, not
    ``install_mode`` in the context, which any client could send.  Source: design §6.
    """

    _name = "kam.policy.logged"
    _description = "Logged Policy"

    # Fields the system keeps by itself; guarded against everybody else.
    _policy_unlogged = frozenset()
    # Fields that stay in their database when the policy moves to another one.
    _policy_local = frozenset()
    # False: not ours, only some of its fields are policy.
    _policy_whole = True

    @api.model
    def _policy_fields(self):
        """Names of the fields whose changes are logged.

        Lines log themselves; what is computed or copied follows from what is logged.
        """
        return [
            name
            for name, field in self._fields.items()
            if field.store
            and not (field.compute or field.related)
            and field.type != "one2many"
            and name not in AUTOMATIC
            and name not in self._policy_unlogged
        ]

    @api.model
    def _policy_moved_fields(self):
        """Names of the fields that move to another database with the policy."""
        return [name for name in self._policy_fields() if name not in self._policy_local]

    def _policy_root(self):
        """Hook: the policy this record is a part of, e.g. the scheme of a criterion."""
        return self

    def _policy_name(self):
        """Hook: what the record is called in the log."""
        return self.display_name

    def _policy_company(self):
        """Hook: whose policy it is; empty: every company's."""
        root = self._policy_root()
        return root.company_id if "company_id" in root._fields else self.env["res.company"]

    def _policy_version(self, tz=None):
        """Which policy was in force, as text: number and day of its latest change.

        Empty for a policy nobody has changed since it was shipped.

        :param tz: time zone of the day; empty: the user's
        """
        self.ensure_one()
        root = self._policy_root()
        # sudo: the number of the latest change is no secret.
        log = (
            self.env["kam.policy.log"]
            .sudo()
            .search_fetch(
                [("policy_model", "=", root._name), ("policy_id", "=", root.id)], ["date"], limit=1
            )
        )
        if not log:
            return ""
        local = self.with_context(tz=tz or self.env.user.tz)
        moment = fields.Datetime.context_timestamp(local, log.date)
        return f"#{log.id} {fields.Date.to_string(moment.date())}"

    def _with_policy_reason(self, reason):
        """The same records; what is changed through them is logged with ``reason``."""
        return self.with_context(**{REASON: reason})

    # Every road to a change

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if records._policy_is_logged() and self._policy_whole:
            names = self._policy_fields()
            rows = [
                record._prepare_policy_row("create", new_value=record._policy_summary(names))
                for record in records._policy_reader()
            ]
            self.env["kam.policy.log"]._add(rows)
        return records

    def write(self, vals):
        names = [name for name in self._policy_fields() if name in vals]
        if not (names and self._policy_is_logged()):
            return super().write(vals)
        before = self._policy_snapshot(names)
        result = super().write(vals)
        self._policy_log_changes(before)
        return result

    def unlink(self):
        if not (self._policy_is_logged() and self._policy_whole):
            return super().unlink()
        rows = []
        for record in self._policy_reader()._policy_with_parts():
            summary = record._policy_summary(record._policy_fields())
            rows.append(record._prepare_policy_row("unlink", old_value=summary))
        result = super().unlink()
        self.env["kam.policy.log"]._add(rows)
        return result

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        """The dialog of translations does not pass ``write``."""
        if field_name not in self._policy_fields() or not self._policy_is_logged():
            return super()._update_field_translations(field_name, translations, digest, source_lang)
        installed = dict(self.env["res.lang"].get_installed())
        before = {
            lang: self.with_context(lang=lang)._policy_snapshot([field_name])
            for lang in sorted(translations.keys() & installed.keys())
        }
        result = super()._update_field_translations(field_name, translations, digest, source_lang)
        for lang, snapshot in before.items():
            self.with_context(lang=lang)._policy_log_changes(snapshot, prefix=f"[{lang}] ")
        return result

    # Comparing

    def _policy_is_logged(self):
        return self.env.registry.ready

    def _policy_reader(self):
        """The same records as the log reads them.

        sudo: it is complete whoever makes the change; no context of a client hides
        archived values from it.
        """
        context = {"lang": self.env.lang, "active_test": False}
        if REASON in self.env.context:
            context[REASON] = self.env.context[REASON]
        return self.with_env(self.env(su=True, context=context))

    def _policy_snapshot(self, names):
        """``{record id: {field: (value, text)}}``; texts now, as what they name may go."""
        return {
            record.id: {name: record._policy_value(name) for name in names}
            for record in self._policy_reader()
        }

    def _policy_log_changes(self, before, prefix=""):
        rows = []
        for record in self._policy_reader():
            for name, (old, old_text) in before[record.id].items():
                new, new_text = record._policy_value(name)
                if old != new:
                    rows.append(
                        record._prepare_policy_row(
                            "write",
                            field_name=name,
                            old_value=prefix + old_text if old_text else False,
                            new_value=prefix + new_text if new_text else False,
                        )
                    )
        self.env["kam.policy.log"]._add(rows)

    def _prepare_policy_row(self, operation, **vals):
        root = self._policy_root()
        return {
            "operation": operation,
            "res_model": self._name,
            "res_id": self.id,
            "record_name": self._policy_name() or "?",
            "policy_model": root._name,
            "policy_id": root.id,
            "company_id": self._policy_company().id,
            **vals,
        }

    def _policy_summary(self, names):
        """All values that are not empty, one a line."""
        lines = []
        for name in names:
            value, text = self._policy_value(name)
            if value not in EMPTY and text:
                lines.append(f"{self._fields[name]._description_string(self.env)}: {text}")
        return "\n".join(lines)

    def _policy_value(self, name):
        """A value to compare, and the text to read."""
        field, value = self._fields[name], self[name]
        if field.relational:
            return tuple(sorted(value.ids)), ", ".join(value.mapped("display_name"))
        if field.type == "boolean":
            return value, self.env._("yes") if value else self.env._("no")
        if field.type not in NUMBERS and value in EMPTY:
            return False, ""
        return value, self._policy_text(field, value)

    def _policy_text(self, field, value):
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, str(value))
        if field.type == "html":
            return html2plaintext(value)
        if field.type == "properties_definition":
            return ", ".join(part.get("string") or part["name"] for part in value)
        if field.type in ("float", "monetary"):
            return f"{value:.6f}".rstrip("0").rstrip(".") or "0"
        return str(value)

    def _policy_with_parts(self):
        """The records and the lines the database deletes with them, as single records."""
        for record in self:
            yield record
            for name, field in self._fields.items():
                if field.type == "one2many" and self._policy_cascades(field):
                    yield from record[name]._policy_with_parts()

    @api.model
    def _policy_cascades(self, field):
        comodel = self.env[field.comodel_name]
        logged = field.comodel_name in self.env.registry.descendants(
            ["kam.policy.logged"], "_inherit"
        )
        inverse = comodel._fields.get(field.inverse_name)
        return logged and inverse.type == "many2one" and inverse.ondelete == "cascade"


class ResCompany(models.Model):
    """What the company's settings say about key accounts is policy, too."""

    _name = "res.company"
    _inherit = ["res.company", "kam.policy.logged"]

    _policy_whole = False

    @api.model
    def _policy_fields(self):
        return [name for name in super()._policy_fields() if name.startswith("kam_")]

    def _policy_company(self):
        return self
