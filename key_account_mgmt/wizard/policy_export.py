"""The policy as one file: what it holds, and how it is written.

Everything that is logged as policy moves, in an order in which what is referred to
comes first. Records are known by their external ids, companies also by name, people by
login. What belongs to the database (people in departments, files, which scheme is
primary) stays: ``_policy_local`` of each model.
"""

from odoo import fields
from odoo.modules.module import get_manifest

FORMAT = "key_account_mgmt policy"
VERSION = 1
SOURCE = "en_US"


def policy_models(env):
    """Names of the models that move; whatever needs another one comes after it."""
    registry = env.registry
    names = sorted(
        name
        for name in registry.descendants(["kam.policy.logged"], "_inherit")
        if not registry[name]._abstract and registry[name]._policy_whole
    )
    ordered = []
    while names:
        ready = [n for n in names if not (_needs(env[n]) & set(names)) - {n}] or names[:1]
        ordered += ready
        names = [name for name in names if name not in ready]
    return ordered


def _needs(model):
    named = (model._fields[name] for name in model._policy_moved_fields())
    return {field.comodel_name for field in named if field.type == "many2one" and field.required}


def is_translated_by_term(field):
    return callable(field.translate)


class PolicyExport:
    """Writes the policy its user may read.

    :param env: of the administrator, all of his companies
    """

    def __init__(self, env):
        context = {"lang": SOURCE, "active_test": False}
        context["allowed_company_ids"] = env.user.company_ids.ids
        self.env = env(su=False, context=context)
        self.languages = [code for code, _name in self.env["res.lang"].get_installed()]
        self.companies = {}

    def content(self):
        """The file as data: dicts, lists, text, numbers."""
        models = [self._model(name) for name in policy_models(self.env)]
        return {
            "format": FORMAT,
            "version": VERSION,
            "addon": get_manifest("key_account_mgmt")["version"],
            "exported_on": fields.Datetime.to_string(fields.Datetime.now()),
            "languages": self.languages,
            "companies": self.companies,
            "models": models,
        }

    def _model(self, name):
        records = self._parents_first(self.env[name].search([], order="id"))
        names = records._policy_moved_fields()
        ids = self.external_ids(records)
        return {
            "model": name,
            "fields": names,
            "records": [self._record(record, ids[record.id], names) for record in records],
        }

    def _parents_first(self, records):
        """Records that refer to others of their model after these."""
        names = [
            name
            for name in records._policy_moved_fields()
            if records._fields[name].comodel_name == records._name
        ]
        ordered = records.browse()

        def add(record, above=()):
            nonlocal ordered
            for name in names:
                for other in record[name] & records:
                    if other not in ordered and other.id not in above:
                        add(other, (*above, record.id))
            ordered |= record

        for record in records:
            add(record)
        return ordered

    def _record(self, record, external_id, names):
        values = {name: self._cell(record, name) for name in names}
        result = {"id": external_id, "values": values}
        translations = self._translations(record, names)
        if translations:
            result["translations"] = translations
        return result

    def _cell(self, record, name):
        field, value = record._fields[name], record[name]
        if field.comodel_name == "res.users":
            cells = value.mapped("login")
        elif field.relational:
            ids = self.external_ids(value)
            cells = [ids[one.id] for one in value]
            if field.comodel_name == "res.company":
                self.companies.update(zip(cells, value.mapped("name"), strict=True))
        elif field.type in ("date", "datetime"):
            return field.to_string(value) if value else ""
        elif field.type in ("boolean", "integer", "float", "monetary"):
            return value
        else:
            return str(value or "")
        return sorted(cells) if field.type == "many2many" else (cells or [""])[0]

    def _translations(self, record, names):
        """``{language: {field: text}}`` where it differs; for long texts by term."""
        found = {}
        for name in names:
            field = record._fields[name]
            for lang in self.languages:
                if not field.translate or lang == SOURCE:
                    continue
                text = self.translation(record, name, lang)
                if text and text != record[name]:
                    found.setdefault(lang, {})[name] = text
        return found

    @staticmethod
    def translation(record, name, lang):
        """A translated text, or ``{term: translation}`` of a long one."""
        if not is_translated_by_term(record._fields[name]):
            return record.with_context(lang=lang)[name] or ""
        terms, _context = record.get_field_translations(name, [lang])
        return {
            term["source"]: term["value"]
            for term in terms
            if term["lang"] == lang and term["value"] and term["value"] != term["source"]
        }

    @staticmethod
    def external_ids(records):
        """``{record id: external id}``, made by Odoo where a record has none."""
        # sudo: external ids are for everybody who may export.
        rows = records.sudo()._export_rows([["id"]]) if records else []
        return {record.id: row[0] for record, row in zip(records, rows, strict=True)}
