from ast import literal_eval

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

AGGREGATORS = [
    ("sum", "Sum"),
    ("avg", "Average"),
    ("min", "Lowest"),
    ("max", "Highest"),
    ("count", "Number of records"),
]
NUMERIC = ("integer", "float", "monetary")


class KamMetric(models.Model):
    """Metrics as data: what an administrator may point at, and what is refused.

    Only fields and a literal domain, no code. Everything named must exist, have the
    right type, and be readable by the author: a figure must not become a window into
    records its author may not open. What has disappeared since (a module uninstalled,
    a field renamed) gives a clear reason instead of a crash. Source: design §2.2.
    """

    _inherit = "kam.metric"

    model_id = fields.Many2one(
        "ir.model", "Records", ondelete="set null", domain=[("transient", "=", False)]
    )
    # Stays when the model goes, so that the message can name it.
    model_name = fields.Char(compute="_compute_model_name", store=True)
    domain = fields.Char(default="[]")
    aggregator = fields.Selection(AGGREGATORS, default="sum")
    measure_field = fields.Char("Measure")
    date_field = fields.Char("Date", help="Empty: the records as they are now.")
    date_mode = fields.Selection(
        [("in", "In the window"), ("before", "Before the last day of the window")],
        "Counted When Dated",
        default="in",
        required=True,
    )
    partner_path = fields.Char("Path to the Customer", default="partner_id")
    company_path = fields.Char(
        "Path to the Company",
        default="company_id",
        help="Records without a company count for every company.",
    )

    @api.depends("model_id")
    def _compute_model_name(self):
        for metric in self:
            metric.model_name = metric.sudo().model_id.model or metric.model_name

    @api.constrains("kind", "code", "numerator_id", "denominator_id")
    def _check_kind(self):
        for metric in self:
            # A shipped metric may be registered before the domain that computes it; only
            # loading a module does that.
            loading = metric.kind == "method" and self.env.uid == SUPERUSER_ID
            if metric.kind == "data" or loading:
                continue
            if reason := metric._broken_reason():
                raise ValidationError(
                    self.env._("%(metric)s: %(reason)s", metric=metric.display_name, reason=reason)
                )
            if metric._measures_itself():
                raise ValidationError(self.env._("A ratio cannot be measured by itself."))

    @api.constrains("kind", "numerator_id", "denominator_id", "group_ids")
    def _check_groups_of_parts(self):
        """What a ratio is made of is shown by it: to no more groups than its parts are."""
        for metric in self.filtered(lambda metric: metric.kind == "ratio"):
            for part in metric.numerator_id | metric.denominator_id:
                wider = metric.group_ids - part.group_ids or not metric.group_ids
                if part.group_ids and wider:
                    raise ValidationError(
                        self.env._(
                            "“%(metric)s” tells “%(part)s”: restrict it to the same groups.",
                            metric=metric.display_name,
                            part=part.display_name,
                        )
                    )

    def _measures_itself(self):
        seen = self.browse()
        level = self.numerator_id | self.denominator_id
        while level:
            if self in level:
                return True
            seen |= level
            level = (level.numerator_id | level.denominator_id) - seen
        return False

    @api.constrains(
        "kind",
        "model_id",
        "domain",
        "aggregator",
        "measure_field",
        "date_field",
        "partner_path",
        "company_path",
        "group_ids",
    )
    def _check_definition(self):
        for metric in self.filtered(lambda metric: metric.kind == "data"):
            if reason := metric._broken_definition(author=self.env.user):
                raise ValidationError(
                    self.env._(
                        "“%(name)s” cannot be measured like this: %(reason)s",
                        name=metric.display_name,
                        reason=reason,
                    )
                )

    def _broken_definition(self, author=None):
        """Why the definition does not work, translated; ``False`` where it does.

        :param author: also check that this user may read everything named
        """
        self.ensure_one()
        try:
            env = self.with_user(author).env if author else self.sudo().env
            self._check_model(env)
            model = env[self.model_name]
            self._check_measure(model)
            self._check_date(model)
            self._check_partner(model)
            self._check_company(model)
            self._check_domain_fields(model, self._parsed_domain())
        except (UserError, AccessError) as error:
            return error.args[0]
        return False

    def _check_model(self, env):
        if not self.model_name or self.model_name not in env:
            raise UserError(
                self.env._(
                    "there are no records of the kind “%(model)s” (any more).",
                    model=self.model_name or "",
                )
            )
        model = env[self.model_name]
        if model._abstract or model._transient:
            raise UserError(self.env._("“%(model)s” keeps no records.", model=self.model_name))
        self._check_readable(model)

    def _model_label(self, model):
        """The model's name in the user's language."""
        return self.env["ir.model"]._get(model._name).sudo().name

    def _check_readable(self, model):
        if not model.has_access("read"):
            raise AccessError(
                self.env._(
                    "%(user)s may not read “%(model)s”.",
                    user=model.env.user.name,
                    model=self._model_label(model),
                )
            )

    def _field_at(self, model, path):
        """The field at the end of a dotted path, every step readable by ``model``'s user."""
        field = None
        for name in (path or "").split("."):
            if field is not None:
                if not field.relational:
                    raise UserError(self.env._("“%(path)s” is not a path.", path=path))
                model = model.env[field.comodel_name]
                self._check_readable(model)
            field = model._fields.get(name)
            if field is None:
                raise UserError(
                    self.env._(
                        "“%(model)s” has no field “%(field)s” (any more).",
                        model=self._model_label(model),
                        field=name,
                    )
                )
            if not model._has_field_access(field, "read"):
                raise AccessError(
                    self.env._(
                        "%(user)s may not read the field “%(field)s” of “%(model)s”.",
                        user=model.env.user.name,
                        field=name,
                        model=self._model_label(model),
                    )
                )
        return field

    def _check_measure(self, model):
        if self.aggregator == "count":
            return
        field = self._field_at(model, self.measure_field)
        if "." in self.measure_field or field.type not in NUMERIC or not field.store:
            raise UserError(
                self.env._(
                    "“%(field)s” is not a stored number; choose another measure.",
                    field=self.measure_field,
                )
            )
        currency_field = self._foreign_currency_field(model)
        if currency_field and not model._fields[currency_field].store:
            raise UserError(
                self.env._(
                    "the currency of “%(field)s” is not stored; choose an amount in company "
                    "currency.",
                    field=self.measure_field,
                )
            )
        if field.groups and not self.group_ids:
            raise UserError(
                self.env._(
                    "“%(field)s” is shown to certain groups only; say in “Restricted To” who "
                    "may see the metric.",
                    field=self.measure_field,
                )
            )

    def _check_date(self, model):
        if not self.date_field:
            return
        field = self._field_at(model, self.date_field)
        if field.type not in ("date", "datetime") or not field._description_searchable:
            raise UserError(
                self.env._("“%(field)s” is not a date to search by.", field=self.date_field)
            )

    def _check_partner(self, model):
        field = self._field_at(model, self.partner_path)
        is_self = model._name == "res.partner" and self.partner_path == "id"
        if not is_self and (field.type != "many2one" or field.comodel_name != "res.partner"):
            raise UserError(
                self.env._("“%(path)s” does not lead to a contact.", path=self.partner_path or "")
            )
        self._check_many2one_path(model, self.partner_path)

    def _check_company(self, model):
        if not self.company_path:
            return
        field = self._field_at(model, self.company_path)
        if field.type != "many2one" or field.comodel_name != "res.company":
            raise UserError(
                self.env._("“%(path)s” does not lead to a company.", path=self.company_path)
            )
        self._check_many2one_path(model, self.company_path)

    def _check_many2one_path(self, model, path):
        """Grouping follows stored links only; anything else would need every record."""
        for name in path.split("."):
            field = model._fields[name]
            if name != "id" and (field.type != "many2one" or not field.store):
                raise UserError(
                    self.env._(
                        "“%(field)s” in “%(path)s” is not a stored link.", field=name, path=path
                    )
                )
            model = model.env[field.comodel_name] if field.relational else model

    def _parsed_domain(self):
        """The domain as :class:`Domain`: Python literals only, never evaluated code."""
        try:
            return Domain(literal_eval((self.domain or "[]").strip() or "[]"))
        except (ValueError, SyntaxError, TypeError, MemoryError) as error:
            raise UserError(
                self.env._("the filter “%(domain)s” is not a plain filter.", domain=self.domain)
            ) from error

    def _check_domain_fields(self, model, domain):
        for condition in domain.iter_conditions():
            field = self._field_at(model, condition.field_expr)
            if condition.operator in ("any", "not any") and field.relational:
                inner = model.env[field.comodel_name]
                self._check_readable(inner)
                self._check_domain_fields(inner, Domain(condition.value))
            elif condition.operator.endswith("!"):
                raise UserError(
                    self.env._("“%(operator)s” bypasses access.", operator=condition.operator)
                )
        try:
            domain.validate(model)
        except (ValueError, TypeError, NotImplementedError) as error:
            raise UserError(
                self.env._(
                    "the filter “%(domain)s” does not fit “%(model)s”.",
                    domain=self.domain,
                    model=self._model_label(model),
                )
            ) from error
