from contextlib import contextmanager

from odoo import api, models

OPEN = "kam_group_links"


class ResGroups(models.Model):
    """Whoever enters or leaves a group of ours is written to the policy log.

    Also oneself, and also by a detour: a group of somebody else's that implies one of
    ours counts like ours, and so its members are listed when it begins to.  Logged are the
    direct links (person in group, group implies group), whichever side they are written
    from.  Source: design §5, §6.
    """

    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        with self._kam_log_links():
            return super().create(vals_list)

    def write(self, vals):
        if {"user_ids", "implied_ids", "implied_by_ids"}.isdisjoint(vals):
            return super().write(vals)
        with self._kam_log_links():
            return super().write(vals)

    def unlink(self):
        with self._kam_log_links():
            return super().unlink()

    @api.model
    @contextmanager
    def _kam_log_links(self):
        """Log which links to groups of ours differ when the block is left."""
        # On the cursor, where no client reaches: what happens inside is logged once.
        state = self.env.cr.cache
        if state.get(OPEN) or not self.env.registry.ready:
            yield
            return
        before = self._kam_links()
        state[OPEN] = True
        try:
            yield
        finally:
            state.pop(OPEN, None)
        after = self._kam_links()
        rows = [
            self._prepare_link_row(operation, *key, known[key])
            for operation, known, other in (("revoke", before, after), ("grant", after, before))
            for key in sorted(known.keys() - other.keys())
        ]
        self.env["kam.policy.log"]._add(rows)

    @api.model
    def _kam_groups(self):
        """The groups of the addon that give a right; areas only show menus."""
        # sudo: external ids are kept for administrators.
        data = self.env["ir.model.data"].sudo()
        domain = [
            ("module", "=", "key_account_mgmt"),
            ("model", "=", "res.groups"),
            ("name", "=like", "group\\_kam\\_%"),
            ("name", "not =like", "group\\_kam\\_area\\_%"),
        ]
        return self.browse(data.search(domain).mapped("res_id"))

    @api.model
    def _kam_links(self):
        """Who is directly in a group of ours or in one that implies ours.

        :return: ``{(model, id, group id): (name of who, name of the group)}``
        """
        # sudo: also by somebody who may see only some of the users.
        context = {"lang": self.env.lang, "active_test": False}
        reader = self.with_env(self.env(su=True, context=context))
        reader.env.flush_all()
        reader.invalidate_model(["user_ids", "implied_by_ids", "all_implied_by_ids"])
        ours = reader._kam_groups()
        links = {}
        for group in ours | ours.all_implied_by_ids:
            name = group.full_name
            if group not in ours:
                leads_to = ", ".join((group.all_implied_ids & ours).mapped("full_name"))
                name = f"{name} → {leads_to}"
            for holder in (*group.user_ids, *group.implied_by_ids):
                links[holder._name, holder.id, group.id] = (holder._kam_holder_name(), name)
        return links

    def _kam_holder_name(self):
        return self.full_name

    @api.model
    def _prepare_link_row(self, operation, model, holder_id, group_id, names):
        holder, group = names
        return {
            "operation": operation,
            "res_model": model,
            "res_id": holder_id,
            "record_name": holder,
            "field_name": "group_ids" if model == "res.users" else "implied_ids",
            "old_value": group if operation == "revoke" else False,
            "new_value": group if operation == "grant" else False,
            "is_own": operation == "grant" and self._kam_is_oneself(model, holder_id),
        }

    @api.model
    def _kam_is_oneself(self, model, holder_id):
        if model == "res.users":
            return holder_id == self.env.uid
        return holder_id in self.env.user.sudo().all_group_ids.ids


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        with self.env["res.groups"]._kam_log_links():
            return super().create(vals_list)

    def write(self, vals):
        if "group_ids" not in vals:
            return super().write(vals)
        with self.env["res.groups"]._kam_log_links():
            return super().write(vals)

    def _kam_holder_name(self):
        return f"{self.name} ({self.login})"
