from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.models import fix_import_export_id_paths

EXPORT_GROUP = "key_account_mgmt.group_kam_export"


class Base(models.AbstractModel):
    """Customer information of ours leaves the database only with the right to export.

    On every model, because a column may lead from anywhere into ours
    (``partner_id/kam_account_id/…``).  Whatever is ours counts, policy data excepted,
    so that a model added later is protected without anybody thinking of it; so do our
    columns on Odoo's own models.  Reading on the screens is unchanged.  Source: S2-49.
    """

    _inherit = "base"

    def export_data(self, fields_to_export):
        """As Odoo's, which the dialog and every ``/web/export`` address call.

        :raise AccessError: without the right, saying who can grant it
        """
        ours = [path for path in fields_to_export if self._kam_leads_to_ours(path)]
        if not ours:
            return super().export_data(fields_to_export)
        self._kam_check_may_export(ours)
        self._kam_check_exportable(ours)
        result = super().export_data(fields_to_export)
        self.env["kam.export.log"]._add(self._name, len(self), fields_to_export)
        return result

    @api.model
    def _kam_check_exportable(self, paths):
        """What is ours and private never leaves, whoever asks.  Source: Q37.

        :raise AccessError: a column ends in such a field
        """
        for path in paths:
            model = self
            for name in fix_import_export_id_paths(path):
                field = model._fields.get(name)
                if field is None:
                    break
                if not field.exportable and model._kam_is_confidential():
                    raise AccessError(
                        self.env._(
                            "“%(column)s” is private and is never exported: leave it out.",
                            column=field._description_string(self.env),
                        )
                    )
                if not field.relational:
                    break
                model = self.env[field.comodel_name]

    @api.model
    def _kam_is_confidential(self):
        """Whether the whole model is customer information of ours."""
        return self._name.startswith("kam.") and not self._kam_is_policy()

    @api.model
    def _kam_is_policy(self):
        return self._name in self.env.registry.descendants(["kam.policy.logged"], "_inherit")

    @api.model
    def _kam_leads_to_ours(self, path):
        """Whether an exported column is, or passes, customer information of ours."""
        model = self
        for name in fix_import_export_id_paths(path):
            if model._kam_is_confidential():
                return True
            if name.startswith("kam_") and not model._kam_is_policy():
                return True
            field = model._fields.get(name)
            if field is None or not field.relational:
                return False
            model = self.env[field.comodel_name]
        return model._kam_is_confidential()

    @api.model
    def _kam_may_export(self):
        return self.env.uid == SUPERUSER_ID or self.env.user.has_group(EXPORT_GROUP)

    @api.model
    def _kam_check_may_export(self, columns=()):
        """:raise AccessError: the user may not export what is ours"""
        if self._kam_may_export():
            return
        names = {
            # sudo: names to show to somebody who may not open them.
            "group": self.env.ref(EXPORT_GROUP).sudo().full_name,
            "admins": self._kam_right_givers(),
            "model": self.env["ir.model"].sudo()._get(self._name).name,
            "columns": ", ".join(columns),
        }
        if self._kam_is_confidential():
            raise AccessError(
                self.env._(
                    "“%(model)s” is customer information: it is exported only by members of "
                    "“%(group)s”. Whoever manages users (%(admins)s) can grant that right.",
                    **names,
                )
            )
        raise AccessError(
            self.env._(
                "These columns are customer information of key accounts: %(columns)s. Leave "
                "them out, or ask whoever manages users (%(admins)s) to put you into "
                "“%(group)s”.",
                **names,
            )
        )

    @api.model
    def _kam_right_givers(self):
        """Names of at most three people who can grant rights, for messages."""
        if not self.env.user._is_internal():
            return self.env._("an administrator")
        # sudo: names to show to somebody who may not open them.
        users = self.env.ref("base.group_erp_manager").sudo().all_user_ids
        people = users.filtered(lambda user: user.active and user.id != SUPERUSER_ID)[:3]
        return ", ".join(people.mapped("name")) or self.env._("an administrator")


class IrUiView(models.Model):
    """Lists of what is ours offer *Export All* only to whoever may export it."""

    _inherit = "ir.ui.view"

    def _postprocess_access_rights(self, tree):
        name = tree.get("model_access_rights")
        tree = super()._postprocess_access_rights(tree)
        if tree.tag == "list" and name and not tree.get("export_xlsx"):
            model = self.env[name]
            if model._kam_is_confidential() and not model._kam_may_export():
                tree.set("export_xlsx", "0")
        return tree
