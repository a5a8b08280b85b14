from odoo import Command, models
from odoo.exceptions import AccessError

from ...policy.periods import Period
from .options import MetricOptions
from .run import BITS, MetricRun

# Columns that say when, not how much: no part of the figure stands at a document.
UNADDABLE = ("first", *BITS)


class KamMetric(models.Model):
    """Explain: exactly the documents behind a value, as far as this user may read them.

    The documents come from the same scan as the value. What the user may not open is
    stated by count and amount, never listed. Source: design §2.2.
    """

    _inherit = "kam.metric"

    def _explain_action(self, partners, company, period, options=None):
        """Action opening the documents behind the figure of ``partners``.

        :param partners: one customer, or the members of a group put together
        :param company: one ``res.company``
        :param period: the period of the figure (``policy.periods.Period``)
        :param options: :class:`MetricOptions` the figure was computed with

        Raises ``AccessError`` for a restricted metric outside its groups, and for
        customers whose account the user may not read.
        """
        self.ensure_one()
        self._check_may_see()
        partners = partners.commercial_partner_id
        self._check_accounts_readable(partners, company)
        env = self._figures_env(company)
        run = MetricRun(
            env,
            company,
            period.end,
            partners.ids,
            options=options or MetricOptions(),
            period=period,
            group_map=dict.fromkeys(partners.ids, partners[:1].id) if len(partners) > 1 else None,
        )
        metric = self.with_env(env)
        value = run.value(metric, partners[:1].id)
        explanation = self._create_explanation(
            partners, company, period, value, metric._explain_documents(run, partners.ids)
        )
        if explanation.hidden_count or explanation.opening_count or not explanation.model_name:
            return explanation._dialog_action()
        return explanation.action_show_documents()

    def _check_accounts_readable(self, partners, company):
        """A figure is shown to who may read every account in it; without a file, the contact."""
        # sudo: whether a file exists must not depend on who asks.
        accounts = (
            self.env["kam.account"]
            .sudo()
            .search([("partner_id", "in", partners.ids), ("company_id", "=", company.root_id.id)])
        )
        without_file = partners - accounts.partner_id
        is_officer = self.env.user.has_group("key_account_mgmt.group_kam_officer")
        allowed = company.root_id in self.env.user.company_ids.root_id and (
            (len(partners) > 1 and is_officer)
            or (
                (not accounts or accounts.sudo(False).has_access("read"))
                and (not without_file or without_file.sudo(False).has_access("read"))
            )
        )
        if not allowed:
            raise AccessError(
                self.env._(
                    "You may not see these figures: they include accounts you are not on. Ask "
                    "the KAM office."
                )
            )

    def _explain_documents(self, run, partner_ids):
        """``[(model, {document id: amount})]`` of everything behind the value."""
        self.ensure_one()
        if self.kind == "ratio":
            parts = self.numerator_id._explain_documents(run, partner_ids)
            parts += self.denominator_id._explain_documents(run, partner_ids)
            return self._merged_documents(parts, max)
        if self.kind == "data":
            return self._explain_data(run, partner_ids)
        if hasattr(self, f"_explain_{self.code}"):
            return getattr(self, f"_explain_{self.code}")(run, partner_ids)
        parts = []
        for column, period in sorted(set(self._sales_needs(run)), key=str):
            if column not in UNADDABLE:
                parts += run.documents(column, period, partner_ids)
        return self._merged_documents(parts, max)

    def _documents_unit(self):
        """In what the parts of the documents are counted, e.g. money behind a growth."""
        self.ensure_one()
        if self.kind == "ratio":
            return self.numerator_id._documents_unit()
        # Share and regularity are read off amounts.
        return "money" if self.unit in ("percent", "score", "months") else self.unit

    def _explain_relationship_months(self, run, partner_ids):
        """The documents of the very first day."""
        starts = set(run.measure("first").values())
        parts = []
        for start in starts:
            parts += run.documents("amount", Period(start, start), partner_ids)
        return self._merged_documents(parts, max)

    def _explain_stability(self, run, partner_ids):
        return run.documents("amount", run.period(self), partner_ids)

    def _explain_data(self, run, partner_ids):
        model = run.env[self.model_name]
        records = model.search(self._data_domain(run, partner_ids))
        if self.aggregator == "count":
            return [(self.model_name, dict.fromkeys(records.ids, 1.0))]
        currency_field = self._foreign_currency_field(model)
        amounts = {}
        for record in records:
            amount = record[self.measure_field]
            if currency_field:
                day = record[self.date_field] if self.date_field else None
                amount = self._converted(run, amount, record[currency_field], day)
            amounts[record.id] = amount
        return [(self.model_name, amounts)]

    def _merged_documents(self, parts, combine):
        """One entry per model; a document named twice (sales and share) counts once."""
        merged = {}
        for model, amounts in parts:
            target = merged.setdefault(model, {})
            for document_id, amount in amounts.items():
                target[document_id] = (
                    combine(target[document_id], amount) if document_id in target else amount
                )
        return list(merged.items())

    def _create_explanation(self, partners, company, period, value, documents):
        opening = {}
        shown = []
        for model, amounts in documents:
            if model == "kam.opening.figure":
                opening = amounts
            elif amounts or not shown:
                shown = [part for part in shown if part[1]] + [(model, amounts)]
        facts = {
            "metric_id": self.id,
            "partner_ids": partners.ids,
            "company_id": company.id,
            "window_label": self._window_label(period),
            "value_label": self._format_value(value, company.currency_id),
        }
        parts = [{**facts, **self._explained_part(*part)} for part in shown]
        vals = parts[0] if len(parts) == 1 else facts
        if len(parts) > 1:
            # One after the other: documents of two kinds do not fit into one list.
            vals |= {"part_ids": [Command.create(part) for part in parts]}
            for name in ("readable_count", "readable_amount", "hidden_count", "hidden_amount"):
                vals[name] = sum(part[name] for part in parts)
        vals |= {"opening_count": len(opening), "opening_amount": sum(opening.values())}
        # sudo: the text is the system's, and nobody may write one by hand.
        return self.env["kam.metric.explanation"].sudo().create(vals).sudo(False)

    def _explained_part(self, model, amounts):
        """How many documents of one kind the reader may open, and their part."""
        readable = self._readable_ids(model, amounts)
        hidden = [document_id for document_id in amounts if document_id not in readable]
        return {
            "model_name": model,
            "document_ids": sorted(readable),
            "readable_count": len(readable),
            "readable_amount": sum(amounts[i] for i in readable),
            "hidden_count": len(hidden),
            "hidden_amount": sum(amounts[i] for i in hidden),
        }

    def _readable_ids(self, model, amounts):
        if not model:
            return set()
        records = self.env[model].browse(amounts)
        if not self.env[model].has_access("read"):
            return set()
        return set(records._filtered_access("read").ids)
