import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...policy import routing
from ..core.guarded import ondelete_always

# In ascending order.
RISKS = [("low", "Low"), ("medium", "Medium"), ("high", "High")]


class KamApprovalRoute(models.Model):
    """Which documents need whose approval.  The first fitting route wins.

    A route is copied into each request when a document is submitted, so that a change
    concerns later submissions only.
    """

    _name = "kam.approval.route"
    _inherit = ["kam.policy.logged"]
    _description = "Approval Route"
    _order = "res_model, sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean("In Use", default=True)
    sequence = fields.Integer(
        default=10, help="Of the routes that fit a document the first one is taken."
    )
    res_model = fields.Selection(
        "_selection_res_model", string="Document", required=True, index=True
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Empty: for the documents of every company. Branches follow their parent company.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    amount_from = fields.Monetary(help="In company currency; the amount itself belongs to it.")
    amount_below = fields.Monetary(help="In company currency; 0: without limit.")
    risk_from = fields.Selection(
        RISKS, help="Documents without a risk grade do not take the route."
    )
    condition = fields.Char(
        default="[]",
        required=True,
        help="Only documents that meet this condition take the route.",
    )
    carry_over = fields.Boolean(
        "Ask Only What Changed",
        help="When a document is submitted again, steps that approved what has not changed "
        "since are not asked again.",
    )
    step_ids = fields.One2many("kam.approval.step", "route_id", string="Steps", copy=True)
    note = fields.Text(help="What the written policy says about it.")
    request_ids = fields.One2many("kam.approval.request", "route_id", string="Requests")

    @api.model
    def _selection_res_model(self):
        registry = self.env.registry
        return [
            (name, self.env["ir.model"].sudo()._get(name).name or registry[name]._description)
            for name in sorted(registry.descendants(["kam.approval.mixin"], "_inherit"))
            if not registry[name]._abstract
        ]

    _amounts_check = models.Constraint(
        "CHECK (amount_below = 0 OR amount_below IS NULL OR amount_below > amount_from)",
        "The upper amount of a route lies below its lower one.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for route in self:
            route.currency_id = (route.company_id or self.env.company).currency_id

    @api.constrains("condition", "res_model")
    def _check_condition(self):
        for route in self:
            if route.res_model not in self.env:
                continue
            try:
                route._condition_domain().validate(self.env[route.res_model].sudo())
            except (ValueError, SyntaxError, TypeError) as error:
                raise ValidationError(
                    self.env._(
                        "The condition of route “%(route)s” cannot be used: %(error)s",
                        route=route.name,
                        error=error,
                    )
                ) from error

    @ondelete_always
    def _unlink_except_used(self):
        # sudo: a request the administrator may not read still depends on its route.
        for route in self.sudo():
            if route.request_ids:
                raise UserError(
                    self.env._(
                        "Route “%(route)s” was used by %(count)s requests and is part of "
                        "their history. Archive it instead.",
                        route=route.name,
                        count=len(route.request_ids),
                    )
                )

    def _condition_domain(self):
        self.ensure_one()
        return Domain(ast.literal_eval(self.condition or "[]"))

    def _mismatches(self, document):
        """Why ``document`` does not take this route, one sentence each; empty: it fits.

        :param document: one record, in the engine's neutral environment, so that the
            answer depends on nobody's language, context or rights

        Amounts compare in company currency.  Source: S0, g Q16.
        """
        self.ensure_one()
        reasons = []
        amount = document._approval_amount()
        if not routing.within(amount, self.amount_from, self.amount_below):
            reasons.append(self._amount_reason(document, amount))
        if self.risk_from:
            order = [code for code, _label in RISKS]
            grade = document._approval_risk()
            if not grade or order.index(grade) < order.index(self.risk_from):
                reasons.append(self.env._("its risk is lower, or it has no risk grade"))
        if not document.filtered_domain(self._condition_domain()):
            reasons.append(self.env._("it does not meet the condition"))
        return reasons

    def _amount_reason(self, document, amount):
        currency = document._approval_company().currency_id
        if amount < self.amount_from:
            return self.env._(
                "its amount %(amount)s is below %(limit)s",
                amount=currency.format(amount),
                limit=currency.format(self.amount_from),
            )
        return self.env._(
            "its amount %(amount)s is not below %(limit)s",
            amount=currency.format(amount),
            limit=currency.format(self.amount_below),
        )

    def action_open_preview(self):
        """Ask which route a document would take, and why."""
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which Route?"),
            "res_model": "kam.approval.preview.wizard",
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _candidates(self, res_model):
        """Routes of a kind of document in the order in which they are tried, sudo."""
        # sudo: the requester need not know the routes he will not take. Nor does a context
        # of his bring back an archived one.
        routes = self.sudo().with_context(active_test=True)
        return routes.search([("res_model", "=", res_model)])

    @api.model
    def _choose(self, document, company, routes=None):
        """The route ``document`` takes.

        :param document: one record, in the engine's neutral environment
        :param company: the document's company
        :raise UserError: no route fits; says who can add one
        """
        routes = self._candidates(document._name) if routes is None else routes
        by_id = {route.id: route for route in routes}
        chosen = routing.choose_route(
            [routing.Route(r.id, r.sequence, r.company_id.id) for r in routes],
            self._open_companies(company),
            lambda route_id: not by_id[route_id]._mismatches(document),
        )
        if not chosen:
            self._raise_no_route(document, company, len(routes))
        route = by_id[chosen]
        if not route.step_ids:
            raise UserError(
                self.env._(
                    "Approval route “%(route)s” has no steps. Ask an administrator of key "
                    "accounts (%(admins)s) to add one.",
                    route=route.name,
                    admins=route._administrators(),
                )
            )
        return route

    @api.model
    def _open_companies(self, company):
        return set(company.sudo().parent_ids.ids) | set(company.ids)

    def _stages(self):
        """``[(stage, step), …]``: parallel steps share a stage."""
        self.ensure_one()
        return list(
            zip(routing.stages(self.step_ids.mapped("parallel")), self.step_ids, strict=True)
        )

    def _raise_no_route(self, document, company, tried):
        names = {
            "document": document.display_name,
            "type": self.env["ir.model"].sudo()._get(document._name).name,
            "company": company.name,
            "admins": self._administrators(),
            "count": tried,
        }
        if tried:
            raise UserError(
                self.env._(
                    "“%(document)s” cannot be submitted: none of the %(count)s approval routes "
                    "for %(type)s fits it (company %(company)s). Ask an administrator of key "
                    "accounts (%(admins)s) to add one under Configuration, Approval Routes.",
                    **names,
                )
            )
        raise UserError(
            self.env._(
                "“%(document)s” cannot be submitted: there is no approval route for %(type)s. "
                "Ask an administrator of key accounts (%(admins)s) to add one under "
                "Configuration, Approval Routes.",
                **names,
            )
        )

    @api.model
    def _administrators(self):
        """Names of at most three people who may edit routes, for messages."""
        group = self.env.ref("key_account_mgmt.group_kam_admin").sudo()
        users = group.user_ids.filtered("active")[:3]
        return ", ".join(users.mapped("name")) or self.env._("nobody yet")
