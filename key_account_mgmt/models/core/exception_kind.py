import logging
import operator as operators
from ast import literal_eval
from datetime import datetime

from babel.dates import format_timedelta
from psycopg2 import Error as DatabaseError
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, format_datetime
from odoo.tools.misc import babel_locale_parse, formatLang

_logger = logging.getLogger(__name__)

# What a filter that does not fit its records may raise.
WRONG = (ValueError, TypeError, KeyError, AttributeError, NotImplementedError, DatabaseError)
COMPARE = {
    "in": lambda value, wanted: value in wanted,
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}
# Names of more people or documents than these do not help anybody.
SHOWN = 3


class KamExceptionKind(models.Model):
    """One thing that should not be: how many there are, the worst one, and whose.

    A kind is data: records, a filter, the order that puts the worst one first.  Number
    and worst case are taken when somebody looks, with his own rights in his companies;
    nothing is stored.  A kind that does not work any more (a module gone, a field
    renamed) says so instead of breaking the page.  Source: design §4.7, users §2, §6.
    """

    _name = "kam.exception.kind"
    _inherit = ["kam.policy.logged"]
    _description = "Exception Kind"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    help = fields.Char("Why It Matters", translate=True)
    sequence = fields.Integer(default=100)
    active = fields.Boolean("In Use", default=True)
    area = fields.Char(translate=True)
    group_ids = fields.Many2many(
        "res.groups", string="Shown To", help="Empty: to everybody who may read the records."
    )

    # Which records, and which of them is the worst
    res_model = fields.Char("Model", required=True)
    model_id = fields.Many2one(
        "ir.model",
        "Records",
        compute="_compute_model_id",
        # Only to choose the model by its name.
        readonly=False,
        domain=[("transient", "=", False)],
        groups="key_account_mgmt.group_kam_admin",
    )
    domain = fields.Char("Filter", required=True, default="[]")
    worst_order = fields.Char(
        "Worst First", help="Fields by which the worst record comes first, e.g. “deadline, id”."
    )
    worst_fields = fields.Char(
        "Shown of the Worst",
        help="Paths to the fields that describe it, with commas between; empty: its name.",
    )
    since_field = fields.Char("Since", help="Path to the day from which it is out of order.")
    owner_field = fields.Char("Owner", help="Path to the person who has to do something.")

    # How the list opens
    action_xmlid = fields.Char(
        "Opens Like", help="External id of a window action whose views are used."
    )
    open_context = fields.Char("Context of the List", default="{}")

    status = fields.Selection(
        [
            ("found", "Out of Order"),
            ("none", "In Order"),
            ("denied", "Not Shown to You"),
            ("broken", "Does Not Work"),
        ],
        compute="_compute_measure",
        search="_search_status",
    )
    count = fields.Integer("Number", compute="_compute_measure", search="_search_count")
    worst_name = fields.Char("Worst Case", compute="_compute_measure")
    worst_since = fields.Date("Out of Order Since", compute="_compute_measure")
    worst_age = fields.Char("For", compute="_compute_measure")
    owner_ids = fields.Many2many(
        "res.users",
        string="Owners",
        compute="_compute_measure",
        # Whose it is, also after he has left.
        context={"active_test": False},
    )

    _code_uniq = models.UniqueIndex("(code)", "Another kind has this code.")

    @api.depends("res_model")
    def _compute_model_id(self):
        for kind in self:
            kind.model_id = self.env["ir.model"]._get(kind.res_model or "")

    @api.onchange("model_id")
    def _onchange_model_id(self):
        if self.model_id and self.model_id.model != self.res_model:
            self.res_model = self.model_id.model
            self.domain = "[]"
            self.worst_order = self.worst_fields = self.since_field = self.owner_field = False
            self.action_xmlid = False

    # Number and worst case ------------------------------------------------------------

    @api.depends("res_model", "domain", "worst_order", "worst_fields", "since_field", "owner_field")
    @api.depends_context("uid", "allowed_company_ids", "lang", "tz", "kam_own_people")
    def _compute_measure(self):
        # All before the first value is set: what fails takes the cache along.
        for kind, values in [(kind, kind._measure()) for kind in self]:
            nobody = {"worst_name": False, "worst_since": False, "worst_age": False}
            kind.update({"count": 0, **nobody, "owner_ids": self.env["res.users"], **values})

    def _measure(self):
        """Number and worst case for the reader: two queries, whatever the number.

        :return: values of the computed fields; what is missing is empty
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                return self._measure_as_reader()
        except AccessError:
            return {"status": "denied"}
        except OperationalError:
            # Somebody else's change: the request is tried again.
            raise
        except Exception as error:  # pylint: disable=broad-exception-caught
            # Whatever is wrong with one kind, the others are shown.
            _logger.warning("Exception kind %s does not work: %s", self.code, error)
            problem = self._problem() or str(error)
            return {
                "status": "broken",
                "worst_name": self.env._("Does not work: %(reason)s", reason=problem),
            }

    def _measure_as_reader(self):
        # Never with more rights than the reader's own, whoever asks for him.
        records = self.env[self.res_model].sudo(False)
        if not records.has_access("read"):
            return {"status": "denied"}
        domain = self._parsed_domain() & Domain(self._own_people_domain())
        count = records.search_count(domain)
        if not count:
            return {"status": "none"}
        worst = records.search(domain, order=self.worst_order or None, limit=1)
        return {"status": "found", "count": count, **self._describe(worst)}

    def _describe(self, worst):
        since = self._since(worst)
        return {
            "worst_name": self._worst_text(worst),
            "worst_since": since,
            "worst_age": self._age_text(since),
            "owner_ids": self._owners(worst),
        }

    def _worst_text(self, worst):
        paths = (self.worst_fields or "display_name").split(",")
        texts = (self._text_at(worst, path.strip()) for path in paths)
        return " · ".join(text for text in texts if text)

    def _text_at(self, worst, path):
        records, field = self._follow(worst, path)
        if not field:
            return ""
        try:
            texts = [self._value_text(record, field) for record in records[:SHOWN]]
        except AccessError:
            return ""
        return ", ".join(text for text in texts if text)

    def _follow(self, records, path):
        """Records and field at the end of a path; no field where the reader may not go."""
        field = None
        try:
            for name in path.split("."):
                records = records[field.name] if field else records
                records.check_access("read")
                field = records._fields[name]
                if not records._has_field_access(field, "read"):
                    return records.browse(), None
        except AccessError:
            return records.browse(), None
        return records, field

    def _value_text(self, record, field):
        value = record[field.name]
        if field.relational:
            text = ", ".join(value[:SHOWN].mapped("display_name"))
        elif field.type == "selection":
            text = dict(field._description_selection(self.env)).get(value)
        elif field.type == "date":
            text = format_date(self.env, value)
        elif field.type == "datetime":
            text = value and format_datetime(self.env, value, dt_format="short")
        elif field.type == "monetary":
            currency = record[field.get_currency_field(record)]
            text = formatLang(self.env, value, currency_obj=currency)
        elif field.type == "float":
            text = formatLang(self.env, value)
        elif field.type == "boolean":
            text = value and field._description_string(self.env)
        else:
            text = str(value or "")
        return text or ""

    def _since(self, worst):
        """The reader's day since which the worst record is out of order."""
        if not self.since_field:
            return False
        records, field = self._follow(worst, self.since_field)
        value = field and records[:1][field.name]
        if isinstance(value, datetime):
            value = fields.Datetime.context_timestamp(self, value).date()
        # A day to come (evidence that is valid but missing) began nothing.
        return value if value and value <= fields.Date.context_today(self) else False

    def _age_text(self, since):
        """“19 days”, “4 months”; days up to two months."""
        if not since:
            return False
        days = (fields.Date.context_today(self) - since).days
        if not days:
            return self.env._("today")
        unit, threshold = ("day", 1000) if days <= 60 else ("month", 2)
        locale = babel_locale_parse(self.env.lang)
        return format_timedelta(
            days * 24 * 3600, granularity=unit, threshold=threshold, locale=locale
        )

    def _owners(self, worst):
        nobody = self.env["res.users"]
        if not self.owner_field:
            return nobody
        records, field = self._follow(worst, self.owner_field)
        owners = records.mapped(field.name) if field else nobody
        return owners._filtered_access("read")[:SHOWN]

    def _own_people_domain(self):
        """Only what the reader's own people have to do, where he asks for it."""
        if not self.env.context.get("kam_own_people"):
            return []
        if not self.owner_field:
            return [(0, "=", 1)]
        return [(self.owner_field, "in", self.env.user._kam_own_people().ids)]

    @api.model
    def _search_status(self, operator, value):
        return self._search_measured("status", operator, value)

    @api.model
    def _search_count(self, operator, value):
        return self._search_measured("count", operator, value)

    @api.model
    def _search_measured(self, name, operator, value):
        if operator not in COMPARE:
            return NotImplemented
        # A handful: what a kind counts is known only by counting.
        kinds = self.with_context(active_test=False).search(Domain.TRUE)
        found = kinds.filtered(lambda kind: COMPARE[operator](kind[name], value))
        return Domain("id", "in", found.ids)

    # Definition -----------------------------------------------------------------------

    @api.constrains(
        "res_model",
        "domain",
        "worst_order",
        "worst_fields",
        "since_field",
        "owner_field",
        "action_xmlid",
        "open_context",
    )
    def _check_definition(self):
        for kind in self:
            if problem := kind._problem():
                raise ValidationError(
                    self.env._(
                        "“%(kind)s” cannot be looked for like this: %(reason)s",
                        kind=kind.name,
                        reason=problem,
                    )
                )

    def _problem(self):
        """Why the definition does not work, translated; ``False`` where it does."""
        self.ensure_one()
        try:
            model = self._checked_model()
            self._check_paths(model)
            self._check_filter(model)
            self._check_action()
            self._parsed_context()
        except UserError as error:
            return error.args[0]
        return False

    def _checked_model(self):
        """The records, unrestricted: only whether they exist is asked."""
        if self.res_model not in self.env:
            raise UserError(
                self.env._(
                    "there are no records of the kind “%(model)s” (any more).",
                    model=self.res_model,
                )
            )
        # sudo: whether a filter fits does not depend on who asks; nothing is shown.
        model = self.env[self.res_model].sudo()
        if model._abstract or model._transient:
            raise UserError(self.env._("“%(model)s” keeps no records.", model=self.res_model))
        return model

    def _check_paths(self, model):
        for path in (self.worst_fields or "display_name").split(","):
            self._field_at(model, path.strip())
        if self.since_field and self._field_at(model, self.since_field).type not in (
            "date",
            "datetime",
        ):
            raise UserError(self.env._("“%(field)s” is not a date.", field=self.since_field))
        if self.owner_field:
            field = self._field_at(model, self.owner_field, searchable=True)
            if field.comodel_name != "res.users":
                raise UserError(
                    self.env._(
                        "“%(field)s” does not lead to a person.",
                        field=self.owner_field,
                    )
                )

    def _field_at(self, model, path, searchable=False):
        field = None
        for name in path.split("."):
            if field is not None and not field.relational:
                raise UserError(self.env._("“%(path)s” is not a path.", path=path))
            model = model.env[field.comodel_name] if field else model
            field = model._fields.get(name)
            if field is None:
                raise UserError(
                    self.env._(
                        "“%(model)s” has no field “%(field)s” (any more).",
                        model=self.env["ir.model"]._get(model._name).sudo().name,
                        field=name,
                    )
                )
            if searchable and not field._description_searchable:
                raise UserError(self.env._("one cannot search by “%(field)s”.", field=path))
        return field

    def _check_filter(self, model):
        domain = self._parsed_domain()
        try:
            with self.env.cr.savepoint():
                model.search(domain, order=self.worst_order or None, limit=1)
        except OperationalError:
            raise
        except (*WRONG, UserError) as error:
            raise UserError(
                self.env._(
                    "the filter “%(domain)s” or the order “%(order)s” does not fit: %(error)s",
                    domain=self.domain,
                    order=self.worst_order or "",
                    error=error,
                )
            ) from error

    def _check_action(self):
        if not self.action_xmlid:
            return
        # Nothing without a dot is looked up.
        known = "." in (self.action_xmlid or "")
        action = known and self.env.ref(self.action_xmlid, raise_if_not_found=False)
        if not action or action._name != "ir.actions.act_window":
            raise UserError(
                self.env._("“%(action)s” is not a window action.", action=self.action_xmlid)
            )
        # sudo: what a window opens is no secret.
        if action.sudo().res_model != self.res_model:
            raise UserError(
                self.env._("“%(action)s” opens other records.", action=self.action_xmlid)
            )

    def _literal_domain(self):
        """Python literals only, never evaluated code."""
        try:
            domain = literal_eval((self.domain or "[]").strip() or "[]")
            Domain(domain)
        except (ValueError, SyntaxError, TypeError, MemoryError) as error:
            raise UserError(
                self.env._("the filter “%(domain)s” is not a plain filter.", domain=self.domain)
            ) from error
        return list(domain)

    def _parsed_domain(self):
        return Domain(self._literal_domain())

    def _parsed_context(self):
        try:
            context = literal_eval((self.open_context or "{}").strip() or "{}")
        except (ValueError, SyntaxError, TypeError, MemoryError):
            context = None
        if not isinstance(context, dict):
            raise UserError(
                self.env._("the context “%(value)s” is not a plain one.", value=self.open_context)
            )
        return context

    # Opening --------------------------------------------------------------------------

    def action_open(self):
        """The records behind the number, as far as the reader may see them.

        :raise UserError: the kind does not work any more
        :raise AccessError: the reader may not read such records
        """
        self.ensure_one()
        self.check_access("read")
        if problem := self._problem():
            raise UserError(
                self.env._("“%(kind)s” does not work: %(reason)s", kind=self.name, reason=problem)
            )
        self.env[self.res_model].sudo(False).check_access("read")
        return self._window() | {
            "name": self.name,
            "domain": [*self._literal_domain(), *self._own_people_domain()],
            "context": {"create": False, **self._parsed_context()},
        }

    def _window(self):
        """The action that is opened, its list first."""
        if not self.action_xmlid:
            return {
                "type": "ir.actions.act_window",
                "res_model": self.res_model,
                "views": [(False, "list"), (False, "form")],
                "view_mode": "list,form",
            }
        action = self.env["ir.actions.actions"]._for_xml_id(self.action_xmlid)
        views = sorted(action["views"], key=lambda view: view[1] != "list")
        # Opened anew from its address, it would show another selection.
        kept = {name: value for name, value in action.items() if name not in ("id", "path")}
        return kept | {"views": views, "view_mode": ",".join(view for _id, view in views)}
