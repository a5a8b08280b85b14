"""Reads the policy of another database: all of it or nothing, and nothing is deleted."""

from collections import defaultdict

import psycopg2

from odoo.exceptions import UserError
from odoo.tools import SQL

from ..models.approval.approval_step import PEOPLE_LATER
from ..models.tier.tier_scheme import BANDS_LATER
from .policy_export import SOURCE, PolicyExport, is_translated_by_term, policy_models


def as_list(cell):
    """The references of a cell, be it of one record or of several."""
    return [one for one in (cell if isinstance(cell, list) else [cell]) if one]


class PolicyImport:
    """One reading of a file.

    Only what differs is written, through Odoo's ``load()`` and so by the rights of the
    user; a second reading changes nothing. A person who does not exist here is left
    out with a warning (an approval step without its person asks nobody, which stops
    the submission); any other unknown reference is an error.

    :param env: of the administrator
    :param content: what :func:`~.policy_check.read_policy` gives
    :ivar new: ``{model: external ids}`` created; likewise ``changed``
    :ivar warnings: list of sentences
    """

    def __init__(self, env, content):
        self.env = env(
            context={
                **env.context,
                "active_test": False,
                "allowed_company_ids": env.user.company_ids.ids,
                "noupdate": True,
                # Parts that belong together are checked at the end.
                "kam_bands": BANDS_LATER,
                "kam_people": PEOPLE_LATER,
            }
        )
        self.content = content
        self.names = policy_models(self.env)
        self.new, self.changed = defaultdict(set), defaultdict(set)
        self.warnings = []
        self._resolved = {}
        self.parts = {part["model"]: part["records"] for part in content["models"]}

    def _label(self, model):
        return self.env["ir.model"].sudo()._get(model).name

    def _item_name(self, item):
        return item["values"].get("name") or item["id"]

    # Reading it in

    def run(self):
        """Write what differs.

        :raise UserError: something cannot be written, naming record and column; the
            caller rolls everything back
        """
        late, seen = [], set()
        for name in self.names:
            seen.add(name)
            late += self._load_model(name, seen)
        for name, column in late:
            self._load_changes(name, {column})
        for name in self.names:
            self._load_translations(name)
        self._check_whole()

    def _load_model(self, name, seen):
        """Create and change records of a model.

        :return: columns that refer to models not yet read: ``[(model, column)]``
        """
        model = self.env[name]
        moved = model._policy_moved_fields()
        late = {
            column
            for column in moved
            if model._fields[column].comodel_name in self.names
            and model._fields[column].comodel_name not in seen
        }
        self._load_new(name, late)
        self._load_changes(name, set(moved) - late)
        return [(name, column) for column in sorted(late)]

    def _resolve(self, name, xmlid):
        """The record of an external id; empty where there is none of this model."""
        if (name, xmlid) not in self._resolved:
            module, _dot, local = xmlid.partition(".")
            # sudo: external ids are for everybody who may import.
            data = self.env["ir.model.data"].sudo()
            domain = [("module", "=", module), ("name", "=", local), ("model", "=", name)]
            found = data.search(domain, limit=1)
            record = self.env[name].browse(found.res_id or []).exists()
            if not record:
                return record
            self._resolved[name, xmlid] = record
        return self._resolved[name, xmlid]

    def _load_new(self, name, late):
        """Texts are created in the user's language, so that errors are in it, too."""
        items = [item for item in self.parts.get(name, []) if not self._resolve(name, item["id"])]
        self.new[name] = {item["id"] for item in items}
        by_columns = defaultdict(list)
        for item in items:
            by_columns[tuple(c for c in item["values"] if c not in late)].append(item)
        self._load_groups(name, by_columns)

    def _load_changes(self, name, columns):
        """Write those of ``columns`` that differ; records already here."""
        by_columns = defaultdict(list)
        for item in self.parts.get(name, []):
            record = self._resolve(name, item["id"])
            differing = [
                c for c in item["values"] if c in columns and self._differs(record, c, item)
            ]
            if differing:
                by_columns[tuple(differing)].append(item)
                self._note_change(name, item)
        self._load_groups(name, by_columns)

    def _note_change(self, name, item):
        if item["id"] not in self.new[name]:
            self.changed[name].add(item["id"])

    def _load_groups(self, name, by_columns):
        for columns, items in by_columns.items():
            rows = [[self._value(name, item, column) for column in columns] for item in items]
            self._load(self.env[name], columns, items, rows)

    def _load_translations(self, name):
        """Texts of every language of the file that is in use here, the source first."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        langs = [lang for lang in self.content["languages"] if lang in installed and lang != SOURCE]
        for lang in (SOURCE, *langs):
            model = self.env[name].with_context(lang=lang)
            for item in self.parts.get(name, []):
                record = self._resolve(name, item["id"])
                texts = self._differing_texts(record, item, lang)
                for column, text in texts.items():
                    if isinstance(text, dict):
                        record.update_field_translations(column, {lang: text})
                    else:
                        self._load(model, (column,), [item], [[text]])
                if texts:
                    self._note_change(name, item)

    def _differing_texts(self, record, item, lang):
        texts = {}
        translated = item.get("translations", {}).get(lang, {})
        for column, source in item["values"].items():
            field = record._fields[column]
            if not field.translate:
                continue
            by_term = is_translated_by_term(field)
            if lang == SOURCE:
                wanted, found = source, str(record.with_context(lang=lang)[column] or "")
            else:
                wanted = translated.get(column, {} if by_term else source)
                found = PolicyExport.translation(record, column, lang)
            if wanted != found and (wanted or not by_term):
                texts[column] = wanted
        return texts

    def _check_whole(self):
        """What can only be judged when everything is in place."""
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(SQL("SET CONSTRAINTS ALL IMMEDIATE"))
        except psycopg2.IntegrityError as error:
            tables = {self.env[name]._table: self.env[name] for name in self.names}
            model = tables.get(error.diag.table_name, self.env["kam.policy.log"])
            raise UserError(
                self.env._(
                    "%(model)s: %(message)s",
                    model=self._label(model._name),
                    message=model._sql_error_to_message(error),
                )
            ) from error
        self.env.cr.execute(SQL("SET CONSTRAINTS ALL DEFERRED"))
        for item in self.parts.get("kam.tier.scheme", []):
            self._resolve("kam.tier.scheme", item["id"])._check_bands()

    # Comparing

    def _differs(self, record, column, item):
        """Whether the value here is another one; texts are compared by language."""
        return not record._fields[column].translate and not self._is_same(record, column, item)

    def _is_same(self, record, column, item):
        field, value, cell = record._fields[column], record[column], item["values"][column]
        if field.comodel_name == "res.users":
            people = self._people(record._name, column, item, value)
            return people is None or people == value
        if field.relational:
            ids = [self._reference(field.comodel_name, one).id for one in as_list(cell)]
            return all(ids) and set(ids) == set(value.ids)
        if field.type in ("date", "datetime"):
            return (field.to_string(value) or "") == (cell or "")
        return (value or "") == (cell or "")

    def _value(self, name, item, column):
        """The cell as ``load()`` wants it."""
        field, cell = self.env[name]._fields[column], item["values"][column]
        if field.comodel_name == "res.users":
            people = self._people(name, column, item, self.env["res.users"])
            return ",".join(map(str, people.ids)) if people else ""
        if field.comodel_name == "res.company":
            return ",".join(str(self._reference("res.company", one).id) for one in as_list(cell))
        if isinstance(cell, list):
            return ",".join(cell)
        if field.translate and not is_translated_by_term(field):
            return item.get("translations", {}).get(self.env.lang, {}).get(column, cell)
        if field.type == "boolean":
            return "1" if cell else ""
        return str(cell) if cell or cell == 0 else ""

    def _column(self, model, column):
        field = model._fields[column]
        if not field.relational:
            return column
        by_id = field.comodel_name in ("res.users", "res.company")
        return f"{column}/.id" if by_id else f"{column}/id"

    def _reference(self, name, xmlid):
        """The record a cell names; a company also by its name.

        :raise UserError: a company that is not here: leaving it out would make the
            policy one of every company
        """
        record = self._resolve(name, xmlid)
        if record or name != "res.company":
            return record
        wanted = self.content["companies"].get(xmlid)
        company = self.env.user.company_ids.filtered(lambda c: c.name == wanted)
        if len(company) != 1:
            raise UserError(
                self.env._(
                    "There is no company “%(company)s” here, or you do not work for it. Create "
                    "it first, or take its policy out of the file.",
                    company=wanted or xmlid,
                )
            )
        return company

    def _people(self, name, column, item, present):
        """The users of logins; ``None`` where who is here stays because one is missing."""
        logins = as_list(item["values"][column])
        users = self.env["res.users"].with_context(active_test=True)
        users = users.search([("login", "in", logins)]) if logins else users.browse()
        missing = sorted(set(logins) - set(users.mapped("login")))
        if not missing:
            return users
        warning = self.env._(
            "%(model)s “%(record)s”, %(field)s: there is no user %(logins)s here. Choose the "
            "person by hand.",
            model=self._label(name),
            record=self._item_name(item),
            field=self.env[name]._fields[column]._description_string(self.env),
            logins=", ".join(missing),
        )
        if warning not in self.warnings:
            self.warnings.append(warning)
        return None if present else users

    # Writing

    def _load(self, model, columns, items, rows):
        if not items:
            return
        header = ["id", *(self._column(model, column) for column in columns)]
        data = [[item["id"], *row] for item, row in zip(items, rows, strict=True)]
        result = model.load(header, data)
        errors = [m for m in result["messages"] if m["type"] == "error"]
        if errors:
            raise UserError("\n".join(self._error(model, items, m) for m in errors[:10]))

    def _error(self, model, items, message):
        row = message.get("record", (message.get("rows") or {}).get("from", 0))
        names = {
            "model": self._label(model._name),
            "record": self._item_name(items[row]) if row < len(items) else "?",
            "message": message["message"],
        }
        field = model._fields.get(message.get("field") or "")
        if not field:
            return self.env._("%(model)s “%(record)s”: %(message)s", **names)
        label = field._description_string(self.env)
        return self.env._("%(model)s “%(record)s”, %(field)s: %(message)s", field=label, **names)
