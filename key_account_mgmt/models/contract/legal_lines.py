from odoo import api, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

# What the system keeps of a line, and what leads back to the contract.
KEPT = {"contract_id", "company_id", "currency_id", "contract_currency_id", "sequence"}


class KamContract(models.Model):
    """Clauses and payments as the rounds see them, whatever fields they have.

    Source: S0-100, S0-101, S0-104.
    """

    _inherit = "kam.contract"

    @api.model
    def _line_content(self, line):
        """All that is agreed in a line, as plain data; a field added later counts, too."""
        content = {"id": line.id}
        for name, field in line._fields.items():
            kept = name in KEPT or name in models.MAGIC_COLUMNS or not field.column_type
            if kept or not field.store or field.related or (field.compute and field.readonly):
                continue
            value = line[name]
            if isinstance(value, models.BaseModel):
                value = sorted(value.ids)
            elif field.type in ("float", "monetary"):
                value = repr(field.convert_to_cache(value, line))
            elif field.type in ("html", "text", "char", "selection"):
                value = str(value or "")
            content[name] = value
        return content

    @api.model
    def _clause_words(self, clause):
        """What the clause says, or why it does not apply."""
        if clause.not_applicable:
            return self.env._("does not apply: %(reason)s", reason=clause.reason or "–")
        words = (clause.text or "").strip()
        if clause.difference:
            words += "\n" + self.env._("Customer's wish: %(wish)s", wish=clause.difference)
        return words

    @api.model
    def _template_words(self, clause):
        """What our library said when the contract was drafted."""
        return (clause.template_text or "").strip()

    @api.model
    def _payment_words(self, payment):
        """``(label, text)`` of a payment."""
        kinds = dict(payment._fields["kind"]._description_selection(self.env))
        parts = []
        if payment.percent:
            parts.append(f"{formatLang(self.env, payment.percent)} %")
        if payment.amount:
            parts.append(formatLang(self.env, payment.amount))
        if payment.event:
            parts.append(str(payment.event))
        if payment.due_on:
            parts.append(format_date(self.env, payment.due_on))
        return kinds.get(payment.kind, ""), ", ".join(parts)

    def _is_unchanged_template(self):
        """Our paper with all its clauses and payments, each as our library has it."""
        self.ensure_one()
        contract = self.sudo()
        template = contract.template_id
        if contract.paper != "template" or contract.parent_id or not template:
            return False
        clauses = contract.clause_ids
        if not clauses or any(clauses.mapped("is_changed")):
            return False
        if template.clause_template_ids - clauses.template_id:
            return False
        schedule = [(payment.kind, payment.percent) for payment in contract.payment_ids]
        return sorted(schedule) == sorted(template._schedule())
