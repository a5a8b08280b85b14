"""A document type that exists in tests only, to prove the approval engine is generic."""

from datetime import date

from odoo import api, fields, models
from odoo.orm.model_classes import add_to_registry
from odoo.tests import TransactionCase, new_test_user

GROUP = "key_account_mgmt.group_kam_%s"
TODAY = date(2026, 11, 22)


class FakeDocument(models.Model):
    _name = "kam.test.document"
    _inherit = ["kam.approval.mixin"]
    _description = "Test Document"
    _module = None

    _guarded_initial = {"state": "draft"}
    _approval_state_from = ("draft",)

    name = fields.Char(required=True)
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    partner_id = fields.Many2one("res.partner")
    value = fields.Float()
    currency_id = fields.Many2one("res.currency")
    date = fields.Date()
    terms = fields.Char()
    owner_id = fields.Many2one("res.users")
    risk = fields.Char()
    note = fields.Char()
    granted = fields.Integer()
    refused_with = fields.Char()
    line_ids = fields.One2many("kam.test.document.line", "document_id")
    # copy=True on purpose: the guard must hold without the document's help.
    state = fields.Selection(
        [("draft", "Draft"), ("to_approve", "To Approve"), ("approved", "Approved")],
        default="draft",
        copy=True,
    )

    def _approval_locked_fields(self):
        return {"name", "company_id", "partner_id", "value", "terms", "line_ids"}

    def _approval_fingerprint_values(self):
        values = super()._approval_fingerprint_values()
        values["lines"] = self.line_ids.mapped("value")
        return values

    def _approval_summary(self):
        return [(self.env._("Amount"), self.value)]

    def _approval_highlights(self):
        return ["Far above average"] if self.value > 1000 else []

    def _approval_amount(self):
        company = self._approval_company()
        currency = self.currency_id or company.currency_id
        return currency._convert(self.value, company.currency_id, company, self.date or TODAY)

    def _approval_risk(self):
        return self.risk

    def _approval_granted(self):
        self.granted += 1

    def _approval_refused(self, decision):
        self.refused_with = decision.comment


class FakeDocumentLine(models.Model):
    _name = "kam.test.document.line"
    _description = "Test Document Line"
    _module = None

    document_id = fields.Many2one("kam.test.document", required=True, ondelete="cascade")
    value = fields.Float()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.document_id._approval_check_unlocked()
        return lines

    def write(self, vals):
        self.document_id._approval_check_unlocked()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_locked(self):
        self.document_id._approval_check_unlocked()


class FakeOther(models.Model):
    """A second type: the engine knows nothing about the first one."""

    _name = "kam.test.other"
    _inherit = ["kam.approval.mixin"]
    _description = "Other Test Document"
    _module = None

    _guarded_initial = {"state": "new"}
    _approval_state_from = ("new", "checked")
    _approval_state_pending = "waiting"
    _approval_state_approved = "done"
    _approval_state_refused = "checked"

    name = fields.Char(required=True)
    state = fields.Selection(
        [("new", "New"), ("checked", "Checked"), ("waiting", "Waiting"), ("done", "Done")],
        default="new",
        copy=False,
    )


FAKE_MODELS = (FakeDocument, FakeDocumentLine, FakeOther)


class ApprovalCase(TransactionCase):
    """Cast: Rita asks, Adam approves (executive), Gina approves (general manager),
    Dora stands in, Otto has no part in it; Anna administers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "tracking_disable": True})
        cls._register_fake_models()
        cls.group_exec = cls.env.ref(GROUP % "executive")
        cls.group_gm = cls.env.ref(GROUP % "gm")
        # Whoever the database brings along is not part of the story.
        (cls.group_exec | cls.group_gm).sudo().write({"user_ids": [(5, 0, 0)]})
        cls.rita = cls._new_user("rita", "officer")
        cls.adam = cls._new_user("adam", "executive")
        cls.gina = cls._new_user("gina", "gm")
        cls.dora = cls._new_user("dora", "member")
        cls.otto = cls._new_user("otto", "member")
        cls.anna = cls._new_user("anna", "admin")
        cls.auditor = cls._new_user("audrey", "auditor")
        cls.partner = cls.env["res.partner"].create({"name": "Tianheng"})
        cls.env["kam.approval.route"].search([("res_model", "=", "kam.test.document")]).unlink()
        cls.route = cls._new_route("Two steps", ["executive", "gm"])
        cls.document = cls._new_document()

    @classmethod
    def _register_fake_models(cls):
        registry, cr = cls.registry, cls.env.cr
        names = [model_def._name for model_def in FAKE_MODELS]
        parents = ["kam.approval.mixin", "kam.guarded", "base"]

        def forget():
            for name in names:
                registry.models.pop(name, None)
                for parent in parents:
                    registry[parent]._inherit_children.discard(name)
            registry._setup_models__(cr)

        for model_def in FAKE_MODELS:
            add_to_registry(registry, model_def)
        cls.addClassCleanup(forget)
        registry._setup_models__(cr, [])
        registry.init_models(cr, names, {"module": "key_account_mgmt"}, install=True)
        access = cls.env["ir.model.access"].sudo()
        for name in names:
            access.create(
                {
                    "name": name,
                    "model_id": cls.env["ir.model"]._get_id(name),
                    "group_id": cls.env.ref("base.group_user").id,
                    "perm_read": True,
                    "perm_write": True,
                    "perm_create": True,
                    "perm_unlink": True,
                }
            )

    @classmethod
    def _new_user(cls, login, role, **values):
        groups = f"base.group_user,{GROUP % role}"
        return new_test_user(cls.env, f"kam_{login}", groups=groups, name=login.title(), **values)

    @classmethod
    def _new_route(cls, name, roles, steps=None, **values):
        return cls.env["kam.approval.route"].create(
            {
                "name": name,
                "res_model": "kam.test.document",
                "step_ids": [
                    (
                        0,
                        0,
                        {
                            "sequence": number,
                            "name": role.title(),
                            "approver_type": "group",
                            "group_id": cls.env.ref(GROUP % role).id,
                            **(steps or {}),
                        },
                    )
                    for number, role in enumerate(roles)
                ],
                **values,
            }
        )

    @classmethod
    def _new_document(cls, user=None, **values):
        user = user or cls.rita
        return (
            cls.env["kam.test.document"]
            .with_user(user)
            .create({"name": "Offer", "partner_id": cls.partner.id, "value": 100.0, **values})
        )

    def _group(self, *users):
        """A group of its own with explicit members."""
        return self.env["res.groups"].create(
            {"name": "Committee", "user_ids": [(6, 0, [user.id for user in users])]}
        )

    def _submit(self, document=None, user=None):
        document = (document or self.document).with_user(user or self.rita)
        document.action_submit()
        return document._approval_request().sudo(False)

    def _as(self, record, user):
        return record.with_env(record.env(user=user, context={}, su=False))
