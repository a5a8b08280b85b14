import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...policy import routing


class KamApprovalRoute(models.Model):
    """Which documents need whose approval.  The first fitting route wins.

    A route is copied into each request when a document is submitted, so that a change
    concerns later submissions only.
    """

    _name = "kam.approval.route"
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
    condition = fields.Char(
        default="[]",
        required=True,
        help="Only documents that meet this condition take the route.",
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

    @api.ondelete(at_uninstall=False)
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

    @api.model
    def _choose(self, document, company):
        """The route ``document`` takes.

        :param document: one record, in the engine's neutral environment, so that the
            answer depends on nobody's language, context or rights
        :param company: the document's company
        :raise UserError: no route fits; says who can add one
        """
        # sudo: the requester need not know the routes he will not take.
        routes = self.sudo().search([("res_model", "=", document._name)])
        by_id = {route.id: route for route in routes}
        chosen = routing.choose_route(
            [routing.Route(r.id, r.sequence, r.company_id.id) for r in routes],
            set(company.parent_ids.ids) | set(company.ids),
            lambda route_id: bool(document.filtered_domain(by_id[route_id]._condition_domain())),
        )
        if not chosen:
            self._raise_no_route(document, company, len(routes))
        return by_id[chosen]

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
