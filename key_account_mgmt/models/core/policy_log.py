from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .guarded import ENGINE

REASON = "kam_policy_reason"


class KamPolicyLog(models.Model):
    """What was changed in the policy: who, when, the value before and after, and why.

    Written by ``kam.policy.logged`` and by the groups of the addon; nobody creates,
    changes or deletes a row by hand.  The one exception is the reason: the person who
    made the change may give it, once.  Numbers may have gaps (a change that failed, a
    trial import), rows never change.  Source: design §6, S0-152, S2-49.
    """

    _name = "kam.policy.log"
    _inherit = ["kam.guarded"]
    _description = "Policy Change"
    _order = "id desc"
    _rec_name = "record_name"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    date = fields.Datetime("Time", required=True, index=True)
    user_id = fields.Many2one("res.users", "Who", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", index="btree_not_null", ondelete="set null")
    operation = fields.Selection(
        [
            ("create", "Created"),
            ("write", "Changed"),
            ("unlink", "Deleted"),
            ("grant", "Granted"),
            ("revoke", "Taken Away"),
        ],
        required=True,
    )
    res_model = fields.Selection("_selection_res_model", "Kind", required=True)
    res_id = fields.Many2oneReference(model_field="res_model", string="Record Id")
    record_name = fields.Char("What", required=True, help="Kept after the record is deleted.")
    policy_model = fields.Char()
    policy_id = fields.Many2oneReference(
        model_field="policy_model", help="The policy the record is a part of, e.g. its scheme."
    )
    field_name = fields.Char("Technical Name")
    field_label = fields.Char("Field", compute="_compute_field_label")
    old_value = fields.Text()
    new_value = fields.Text()
    why = fields.Char("Reason")
    is_own = fields.Boolean("Granted to Oneself")
    can_explain = fields.Boolean(compute="_compute_can_explain")

    _record_idx = models.Index("(res_model, res_id, date)")
    _policy_idx = models.Index("(policy_model, policy_id, id)")

    @api.model
    def _selection_res_model(self):
        registry = self.env.registry
        names = registry.descendants(["kam.policy.logged"], "_inherit")
        names = sorted(name for name in names if not registry[name]._abstract)
        model = self.env["ir.model"].sudo()
        return [(name, model._get(name).name) for name in [*names, "res.groups", "res.users"]]

    @api.depends("res_model", "field_name")
    @api.depends_context("lang")
    def _compute_field_label(self):
        for log in self:
            model = self.env.get(log.res_model)
            field = model._fields.get(log.field_name) if model is not None else None
            log.field_label = field._description_string(self.env) if field else log.field_name

    # Not on ``why``: while it is being typed the reason must stay editable.
    @api.depends("user_id")
    @api.depends_context("uid")
    def _compute_can_explain(self):
        for log in self:
            log.can_explain = log.user_id == self.env.user and not log.why

    @api.model
    def default_get(self, fields_list):  # pylint: disable=method-required-super
        # The system states every value: no default slips one into a row.
        return {}

    def write(self, vals):
        if not self._is_engine() and vals.keys() == {"why"}:
            self._check_may_explain(vals["why"])
            result = super(KamPolicyLog, self._as_engine()).write(vals)
            self.invalidate_recordset(["can_explain"])
            return result
        return super().write(vals)

    def _check_may_explain(self, why):
        """The reason is given by the person who made the change, once, and stays."""
        self.check_access("write")
        for log in self:
            if log.user_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %(user)s, who made the change, can say why.", user=log.user_id.name
                    )
                )
            if (log.why or "").strip():
                raise UserError(
                    self.env._(
                        "A reason was given for “%(record)s” and stays as it is.",
                        record=log.record_name,
                    )
                )
        if not (why or "").strip():
            raise UserError(self.env._("Say in a few words why the policy was changed."))

    def action_open_record(self):
        """Open what was changed, where it still exists and the user may read it."""
        self.ensure_one()
        self.check_access("read")
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(
                self.env._("“%(record)s” does not exist any more.", record=self.record_name)
            )
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    @api.model
    def _add(self, rows):
        """Write rows, all by the acting user and now.

        :param rows: list of dicts of everything but user, time and reason; what is left
            out stays empty
        """
        if not rows:
            return
        reason = self.env.context.get(REASON)
        common = {
            "date": fields.Datetime.now(),
            "user_id": self.env.uid,
            "why": reason.strip() if isinstance(reason, str) else False,
            "is_own": False,
        }
        # sudo: whoever changes the policy is logged, also who may not read the log.
        context = {"lang": self.env.lang, "kam_engine": ENGINE}
        engine = self.with_env(self.env(su=True, context=context))
        engine.create([{**common, **row} for row in rows])
