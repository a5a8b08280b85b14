from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.guarded import ondelete_always
from .deal_document import FROM_LEAD

OFFICE = "key_account_mgmt.group_kam_officer"
ORDERED = ("sale", "done")


class CrmLead(models.Model):
    """One deal, one place: what every document of it reads, and where it stands.

    Source: design §4.4.
    """

    _inherit = "crm.lead"

    kam_account_id = fields.Many2one(
        "kam.account",
        "Account File",
        compute="_compute_kam_account_id",
        help="The customer's file, for those who may read it.",
    )
    kam_project = fields.Char("Project", help="What the customer calls it.")
    kam_scope_ids = fields.Many2many(
        "kam.product.scope",
        "kam_crm_lead_scope_rel",
        "lead_id",
        "scope_id",
        string="Product Scope",
    )
    kam_competitor_ids = fields.Many2many(
        "res.partner",
        "kam_crm_lead_competitor_rel",
        "lead_id",
        "partner_id",
        string="Competitors",
        domain=lambda self: self.env["kam.insight"]._competitor_domain(),
        help="Contacts with the category Competitor.",
    )
    kam_deal_member_ids = fields.One2many(
        "kam.deal.member",
        "lead_id",
        "Members of the Deal",
        groups="key_account_mgmt.group_kam_admin,key_account_mgmt.group_kam_auditor",
    )
    kam_deal_team_ids = fields.Many2many(
        "res.users",
        string="Team",
        compute="_compute_kam_deal_team_ids",
        help="Who works on a document of this deal today.",
    )
    kam_deal_files = fields.Many2many(
        "ir.attachment",
        string="Documents of the Deal",
        compute="_compute_kam_deal_files",
        help="The files of the opportunity and of its documents.",
    )
    kam_deal_ribbon = fields.Json("Deal", compute="_compute_kam_deal_ribbon")

    @api.depends("partner_id", "company_id")
    @api.depends_context("uid", "company")
    def _compute_kam_account_id(self):
        files = self._kam_readable_files()
        for lead in self:
            lead.kam_account_id = files.get(lead, False)

    def _compute_kam_deal_team_ids(self):
        # sudo: who works on a deal is no secret to whoever may read it.
        members = self.env["kam.deal.member"].sudo()
        rows = members.search([("lead_id", "in", self._origin.ids)]).grouped("lead_id")
        for lead in self:
            team = rows.get(lead._origin, members)
            lead.kam_deal_team_ids = team.filtered(lambda row: row._is_today()).user_id.ids

    # Documents -----------------------------------------------------------------------

    @api.model
    def _kam_deal_models(self):
        """Names of the models whose documents belong to a deal."""
        registry = self.env.registry
        names = registry.descendants(["kam.deal.document"], "_inherit")
        return sorted(name for name in names if not registry[name]._abstract)

    def _kam_documents(self):
        """All documents of these opportunities, one record set per model that has some,
        unrestricted.  One query, whatever the number of models.
        """
        names = self._kam_deal_models()
        if not (names and self.ids):
            return []
        for name in names:
            self.env[name].flush_model(["lead_id"])
        rows = self.env.execute_query(
            SQL(
                "%s ORDER BY model, id",
                SQL(" UNION ALL ").join(
                    SQL(
                        "SELECT %s AS model, id FROM %s WHERE lead_id IN %s",
                        name,
                        SQL.identifier(self.env[name]._table),
                        tuple(self.ids),
                    )
                    for name in names
                ),
            )
        )
        found = {}
        for name, number in rows:
            found.setdefault(name, []).append(number)
        # sudo: what exists decides what may happen, readable or not.
        everything = self.sudo().with_context(active_test=False).env
        return [everything[name].browse(ids) for name, ids in found.items()]

    def _compute_kam_deal_files(self):
        Attachment = self.env["ir.attachment"]
        for lead in self:
            if not lead._origin:
                lead.kam_deal_files = False
                continue
            records = [lead._origin, *lead._origin._kam_documents()]
            # With the reader's own rights: a file is read by who reads its document.
            lead.kam_deal_files = Attachment.search(
                Domain.OR(
                    Domain("res_model", "=", r._name) & Domain("res_id", "in", r.ids)
                    for r in records
                    if self.env[r._name].has_access("read")
                ),
                order="id desc",
            )

    # Ribbon --------------------------------------------------------------------------

    @api.depends_context("uid", "lang")
    def _compute_kam_deal_ribbon(self):
        for lead in self:
            lead.kam_deal_ribbon = lead._origin._kam_ribbon() if lead._origin else False

    def _kam_deal_steps(self):
        """Hook: the steps of the deal, ``return super()._kam_deal_steps() + […]``.

        A member of a document may not be allowed to read the opportunity: read it through
        ``self.sudo()``, and ask for rights with ``self``.

        :return: dicts of :meth:`_kam_step_of`, in the order of the chain
        """
        self.ensure_one()
        return []

    def _kam_step_of(self, model, label, button=None, method=None):
        """The step of one kind of document.

        :param model: name of the model
        :param label: what the step is called where there is no document
        :param button: what begins it there, pressed by ``method`` of the opportunity
        """
        self.ensure_one()
        # sudo: that there is one, is no secret of the deal; its contents are.
        documents = self.env[model].sudo().search([("lead_id", "=", self.id)], order="id desc")
        document = documents.filtered(lambda d: d._deal_running())[:1] or documents[:1]
        if document:
            return self._kam_document_step(document.sudo(False))
        return {
            "code": self.env[model]._deal_code(),
            "label": label,
            "state": "",
            "level": "light",
            "holder": "",
            "model": False,
            "id": False,
            "running": False,
            "button": button,
            "method": button and method,
        }

    @api.model
    def _kam_document_step(self, document):
        readable = document.has_access("read")
        button = (readable and document._deal_next()) or (None, None)
        # sudo: where it stands, for whoever may read the opportunity.
        return {
            "code": document._deal_code(),
            **document.sudo()._deal_step(),
            "model": document._name if readable else False,
            "id": document.id if readable else False,
            "running": document.sudo()._deal_running(),
            "waits": document.sudo()._deal_waits(),
            "button": button[0],
            "method": button[1],
        }

    def _kam_order_step(self):
        """What was ordered, from Odoo's orders of the opportunity."""
        orders = self.env["sale.order"]
        if orders.has_access("read"):
            orders = orders.search([("opportunity_id", "=", self.id)])
        done = orders.filtered(lambda order: order.state in ORDERED)
        quotations = orders.filtered(lambda order: order.state in ("draft", "sent"))
        if done:
            state, level = self.env._("%(count)s confirmed", count=len(done)), "success"
        elif quotations:
            state, level = self.env._("%(count)s quotations", count=len(quotations)), "info"
        else:
            state, level = "", "light"
        return {
            "code": "order",
            "label": self.env._("Order"),
            "state": state,
            "level": level,
            "holder": "",
            "model": "sale.order" if done or quotations else False,
            "id": (done or quotations)[:1].id,
            "running": False,
            "button": None,
            "method": None,
        }

    def _kam_ribbon(self):
        """``{"steps": […], "next": {"label", "code"} or None}`` for the reader."""
        self.ensure_one()
        return self._kam_ribbon_of(self._kam_chain())

    def _kam_chain(self):
        """All steps.  To whom the opportunity is closed: where the deal stands, and of that
        only documents he works on can be opened or pressed."""
        if self.has_access("read"):
            steps = self._kam_deal_steps()
            return [*steps, self._kam_order_step()] if steps else []
        # sudo: where the deal stands is told to whoever works on a document of it.
        deal = self.sudo()
        steps = [*deal._kam_deal_steps(), deal._kam_order_step()]
        closed = {"model": False, "id": False, "button": None, "method": None}
        return [
            step | closed if step["code"] == "order" or not step["id"] else step for step in steps
        ]

    @api.model
    def _kam_ribbon_of(self, steps, document=None):
        """:param document: where it is shown; its own button stands in its header"""
        step = self._kam_next_step(steps)
        starts = {start["code"]: start["button"] for start in self._kam_steps_to_start(steps)}
        shown = ("code", "label", "state", "level", "holder")
        return {
            "steps": [
                {
                    **{key: step[key] for key in shown},
                    "open": bool(step["id"]),
                    "start": starts.get(step["code"], False),
                }
                for step in steps
            ],
            "next": step
            and {
                "label": step["button"],
                "code": step["code"],
                "here": bool(document)
                and (step["model"], step["id"]) == (document._name, document.id),
            },
        }

    @api.model
    def _kam_next_step(self, steps):
        """The one step whose button is offered: of the last document that asks something
        of the reader; where none does, what begins the step after the last document."""
        for step in reversed(self._kam_document_steps(steps)):
            if step["button"]:
                return step
        return next(iter(self._kam_steps_to_start(steps)), None)

    @api.model
    def _kam_document_steps(self, steps):
        return [step for step in steps if step["state"] and step["code"] != "order"]

    @api.model
    def _kam_steps_to_start(self, steps):
        """What may begin now, by pressing it in the ribbon: steps after the last document,
        unless that one still waits for its decision.  None needs the one before it."""
        last = self._kam_document_steps(steps)[-1:]
        if last and last[0].get("waits"):
            return []
        first = steps.index(last[0]) + 1 if last else 0
        return [step for step in steps[first:] if step["button"] and not step["state"]]

    def _kam_open_step(self, code):
        """The document, or the beginning of one.

        :raise UserError: there is no such document, or the user may not read it
        """
        self.ensure_one()
        if code == "order":
            self.check_access("read")
            return self.action_view_sale_order()
        steps = self._kam_chain()
        for start in self._kam_steps_to_start(steps):
            if start["code"] == code:
                return getattr(self, start["method"])()
        step = next((step for step in steps if step["code"] == code), {"id": False})
        if not step["id"]:
            raise UserError(self.env._("There is no such document yet, or you do not work on it."))
        return self.env[step["model"]].browse(step["id"]).get_formview_action()

    def _kam_press_next(self):
        """:raise UserError: nothing is for the user to do"""
        self.ensure_one()
        step = self._kam_next_step(self._kam_chain())
        if not step:
            raise UserError(self.env._("There is nothing for you to do here at the moment."))
        document = self.env[step["model"]].browse(step["id"]) if step["id"] else self
        return getattr(document, step["method"])()

    def action_kam_deal_open(self, code):
        """Open a step of the deal.

        :param code: one of those in ``kam_deal_ribbon``
        """
        self.ensure_one()
        self.check_access("read")
        return self._kam_open_step(code)

    def action_kam_deal_next(self):
        """Press the one button at the end of the ribbon."""
        self.ensure_one()
        self.check_access("read")
        return self._kam_press_next()

    # Odoo's own moves ----------------------------------------------------------------

    def _kam_partner_locked(self):
        """Hook: the running documents under which the customer must stay the same.

        :return: list of record sets, unrestricted
        """
        return [
            running
            for documents in self._kam_documents()
            if (running := documents.filtered(lambda d: d._deal_running()))
        ]

    def _kam_check_partner(self, partner):
        """:raise UserError: another customer while a document runs; the office may"""
        if self.env.user.has_group(OFFICE) or self.env.is_superuser():
            return
        # sudo: compared only.
        commercial = partner.sudo().commercial_partner_id
        changed = self.filtered(
            lambda lead: (
                lead.partner_id and lead.sudo().partner_id.commercial_partner_id != commercial
            )
        )
        locked = changed._kam_partner_locked() if changed else []
        if locked:
            names = ", ".join(
                document._deal_step()["label"] for documents in locked for document in documents
            )
            raise UserError(
                self.env._(
                    "The customer cannot be changed while these are running: %(names)s. Finish "
                    "or cancel them first, or ask the KAM office.",
                    names=names,
                )
            )

    def _kam_check_company(self, company):
        """:raise UserError: documents of the deal belong to another company"""
        root = company.sudo().root_id
        for documents in self._kam_documents():
            if any(document.company_id != root for document in documents):
                raise UserError(
                    self.env._("The documents of this deal belong to another company: it stays.")
                )

    def write(self, vals):
        changed = [name for name, (theirs, _own) in FROM_LEAD.items() if theirs in vals]
        if "partner_id" in vals:
            self._kam_check_partner(self.env["res.partner"].browse(vals["partner_id"] or ()))
        if vals.get("company_id"):
            self._kam_check_company(self.env["res.company"].browse(vals["company_id"]))
        result = super().write(vals)
        if changed:
            for name in self._kam_deal_models():
                self.env[name].invalidate_model(changed, flush=False)
        if "partner_id" in vals:
            for documents in self._kam_documents():
                documents._deal_sync_account()
        return result

    @ondelete_always
    def _unlink_except_documents(self):
        """The history of a deal is kept: an opportunity with documents is not deleted."""
        for documents in self._kam_documents():
            raise UserError(
                self.env._(
                    "“%(lead)s” has documents of a deal and is kept. Mark it as lost instead.",
                    lead=documents[0].lead_id.display_name,
                )
            )

    def _merge_dependences(self, opportunities):
        """Documents of what is merged go on under the kept opportunity."""
        partner = self.partner_id or opportunities.partner_id[:1]
        opportunities._kam_check_partner(partner)
        result = super()._merge_dependences(opportunities)
        self._kam_move_deal(opportunities, self)
        return result

    @api.model
    def _kam_move_deal(self, old, new):
        """Hook: what hangs on merged opportunities moves to the kept one."""
        for documents in old._kam_documents():
            documents._deal_move(new)
        if not new.kam_project:
            new.kam_project = next((lead.kam_project for lead in old if lead.kam_project), False)
        for name in ("kam_scope_ids", "kam_competitor_ids"):
            if more := old[name] - new[name]:
                new[name] |= more
