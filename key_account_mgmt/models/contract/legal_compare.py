from markupsafe import Markup, escape

from odoo import api, fields, models
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...policy import contracting

CLASSES = {
    contracting.SAME: "",
    contracting.INSERTED: "bg-success-subtle text-success-emphasis",
    contracting.DELETED: "bg-danger-subtle text-danger-emphasis text-decoration-line-through",
}
PLAIN = (
    "kind",
    "type_id",
    "paper",
    "currency_id",
    "amount_total",
    "date_from",
    "date_to",
    "subject",
    "differences",
    "supplement_text",
    "contact_id",
    "signatory_authority",
)


class KamContract(models.Model):
    """Two versions of a contract side by side: fields, clauses, prices, terms, files.

    Source: users §2 (legal).
    """

    _inherit = "kam.contract"

    def _version_content(self):
        """What the contract says, as ``{section: {key: [label, text]}}``.

        Labels and texts in ``env.lang``; kept with every round.
        """
        self.ensure_one()
        # sudo: quotations and negotiations are not open to everybody who decides about the
        # contract; what of them it says is part of it.
        known = self.sudo()
        return {
            "fields": known._version_fields(),
            "clauses": {
                str(clause.id): [clause.name or "", known._clause_words(clause)]
                for clause in known.clause_ids
            },
            "prices": known._version_lines(),
            "payments": {
                str(payment.id): [*known._payment_words(payment)] for payment in known.payment_ids
            },
        }

    def _version_fields(self):
        rows = {
            "partner_id": [self.env._("Customer"), self.partner_id.display_name or ""],
            "project": [self.env._("Project"), self.project or ""],
        }
        for name in PLAIN:
            if name in self._fields:
                label = self._fields[name]._description_string(self.env)
                rows[name] = [label, self._version_text(name)]
        return rows

    def _version_text(self, name):
        field, value = self._fields[name], self[name]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value) or ""
        if field.type == "many2one":
            return value.display_name or ""
        if field.type == "date":
            return format_date(self.env, value) or ""
        if field.type == "monetary":
            return self[field.get_currency_field(self)].format(value)
        return str(value or "")

    def _version_lines(self):
        """Prices and terms of the quotations, line by line."""
        rows = {}
        # sudo: prices and terms are part of the contract, for whoever reads it: legal need
        # not be a salesperson.
        for order in self.sudo()._agreed_orders():
            terms = order.payment_term_id.name or "–"
            said = self.env._("payment terms: %(terms)s", terms=terms)
            if order.state == "cancel":
                said = self.env._("cancelled")
            rows[f"order-{order.id}"] = [order.name, said]
            for line in order._kam_contract_lines():
                if line.display_type:
                    continue
                price = order.currency_id.format(line.price_unit)
                text = (
                    f"{formatLang(self.env, line.product_uom_qty)} {line.product_uom_id.name or ''}"
                    f" × {price}"
                )
                if line.discount:
                    text += f" -{formatLang(self.env, line.discount)} %"
                rows[str(line.id)] = [(line.name or "").split("\n")[0], text]
        return rows

    def _template_content(self):
        """What the contract would say with the clauses of our library."""
        return {
            "clauses": {
                str(clause.id): [clause.name or "", self._template_words(clause)]
                for clause in self.clause_ids
                if self._template_words(clause)
            }
        }

    def action_compare(self):
        """Side by side: this version and the last round; a first one, and our template."""
        self.ensure_one()
        self.check_access("read")
        return self._open_comparison(self._earlier_version())

    def action_side_by_side(self):
        return self.action_compare()

    def _earlier_version(self):
        """The round before the present version; empty in the first one."""
        versions = self.version_ids.sorted("round")
        return versions[-1:] if self.state == "draft" else versions[-2:-1]

    def _open_comparison(self, before, after=None):
        comparison = self.env["kam.contract.comparison"].create(
            {
                "contract_id": self.id,
                "basis": "round" if before else "template",
                "before_id": before.id,
                "after_id": after.id if after else False,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Side by Side"),
            "res_model": comparison._name,
            "res_id": comparison.id,
            "view_mode": "form",
        }

    def _side_by_side(self):
        """Differences to the last round, else to our template, as HTML."""
        self.ensure_one()
        before = self._earlier_version()
        if before:
            code, old = before._content()
            new = self.with_context(lang=code)._version_content()
        else:
            old, new = self._template_content(), self._version_content()
            new = {"clauses": new["clauses"]}
        return self._differences_html(contracting.differences(old, new))

    @api.model
    def _section_names(self):
        return {
            "fields": self.env._("Fields"),
            "clauses": self.env._("Clauses"),
            "prices": self.env._("Prices and Terms"),
            "payments": self.env._("Payment Schedule"),
            "files": self.env._("Files"),
        }

    @api.model
    def _differences_html(self, found):
        """A table of three columns: what, before, after; changed words are marked."""
        if not found:
            return Markup("<p class='text-muted'>%s</p>") % self.env._("Nothing differs.")
        names = self._section_names()
        parts, section = [], None
        for difference in found:
            if difference.section != section:
                section = difference.section
                parts.append(
                    Markup("<tr><th colspan='3' class='table-light'>%s</th></tr>")
                    % names.get(section, section)
                )
            before, after = self._marked(difference)
            parts.append(
                Markup(
                    "<tr><td class='text-muted'>%s</td>"
                    "<td style='white-space: pre-wrap; overflow-wrap: anywhere'>%s</td>"
                    "<td style='white-space: pre-wrap; overflow-wrap: anywhere'>%s</td></tr>"
                )
                % (difference.label, before, after)
            )
        head = Markup(
            "<tr><th style='width: 20%%'>%s</th><th style='width: 40%%'>%s</th>"
            "<th style='width: 40%%'>%s</th></tr>"
        ) % (self.env._("What"), self.env._("Earlier Version"), self.env._("Later Version"))
        return Markup(
            "<div class='table-responsive'><table class='table table-sm table-bordered'>"
            "<thead>%s</thead><tbody>%s</tbody></table></div>"
        ) % (head, Markup("").join(parts))

    @api.model
    def _marked(self, difference):
        words = contracting.words(difference.before, difference.after)
        return [
            self._marked_words(words, (contracting.SAME, changed))
            for changed in (contracting.DELETED, contracting.INSERTED)
        ]

    @api.model
    def _marked_words(self, words, kinds):
        return Markup("").join(
            Markup("<span class='%s'>%s</span>") % (CLASSES[kind], text)
            if CLASSES[kind]
            else escape(text)
            for kind, text in words
            if kind in kinds
        )


class KamContractComparison(models.TransientModel):
    """A page with two versions of a contract, their differences and two of their files.

    By the rights of its reader.  Source: users §2 (legal).
    """

    _name = "kam.contract.comparison"
    _description = "Contract Side by Side"
    _rec_name = "contract_id"

    contract_id = fields.Many2one("kam.contract", required=True, readonly=True, ondelete="cascade")
    basis = fields.Selection(
        [("round", "An Earlier Round"), ("template", "Our Template")],
        "Compared with",
        required=True,
        default="round",
    )
    before_id = fields.Many2one(
        "kam.contract.version",
        "Earlier Version",
        domain="[('contract_id', '=', contract_id)]",
    )
    after_id = fields.Many2one(
        "kam.contract.version",
        "Later Version",
        domain="[('contract_id', '=', contract_id)]",
        help="Empty: as it is now.",
    )
    html = fields.Html("Differences", compute="_compute_html", sanitize=False)
    known_file_ids = fields.Many2many("ir.attachment", compute="_compute_known_file_ids")
    left_file_id = fields.Many2one("ir.attachment", domain="[('id', 'in', known_file_ids)]")
    right_file_id = fields.Many2one("ir.attachment", domain="[('id', 'in', known_file_ids)]")
    # Addresses, not contents: another file is shown as soon as it is chosen.
    left_pdf = fields.Char(compute="_compute_pdfs")
    right_pdf = fields.Char(compute="_compute_pdfs")

    @api.depends("contract_id", "basis", "before_id", "after_id")
    @api.depends_context("lang")
    def _compute_html(self):
        for page in self:
            contract = page.contract_id
            if not contract:
                page.html = False
                continue
            contract.check_access("read")
            (page.before_id | page.after_id).check_access("read")
            version = page.before_id or page.after_id
            code = version._content()[0] if version else self.env.lang
            told = page.with_context(lang=code)
            after = (
                told.after_id._content()[1]
                if page.after_id
                else told.contract_id._version_content()
            )
            after = dict(after)
            if page.basis == "template":
                before = told.contract_id._template_content()
                after = {"clauses": after.get("clauses", {})}
            else:
                before = dict(told.before_id._content()[1])
                before["files"] = page._file_rows(page.before_id)
                after["files"] = page._file_rows(page.after_id)
            page.html = contract._differences_html(contracting.differences(before, after))

    def _file_rows(self, version):
        """``{id: [name, checksum]}`` of the files of a version, or of today."""
        if version:
            # By the reader's rights: what he may not open he does not read the name of.
            files = self.env["ir.attachment"].browse(version.file_ids or []).exists()
            files = files._filtered_access("read")
        else:
            files = self._contract_files()
        return {
            str(file.id): [file.name, f"{file.name} ({(file.checksum or '')[:8]})"]
            for file in files
        }

    def _contract_files(self):
        return self.env["ir.attachment"].search(
            [
                ("res_model", "=", "kam.contract"),
                ("res_id", "=", self.contract_id.id),
                ("res_field", "=", False),
            ],
            order="id",
        )

    @api.depends("contract_id")
    def _compute_known_file_ids(self):
        for page in self:
            contract = page.contract_id
            page.known_file_ids = page._contract_files() | contract.review_ids.file_ids

    @api.depends("left_file_id", "right_file_id")
    def _compute_pdfs(self):
        for page in self:
            for side in ("left", "right"):
                # By the reader's rights.
                file = page[f"{side}_file_id"]._origin._filtered_access("read")
                is_pdf = file.id in page.known_file_ids.ids and file.mimetype == "application/pdf"
                page[f"{side}_pdf"] = is_pdf and f"/web/content/{file.id}"

    @api.model_create_multi
    def create(self, vals_list):
        pages = super().create(vals_list)
        for page in pages:
            page.contract_id.check_access("read")
            files = page.known_file_ids.sorted("id")
            if len(files) > 1 and not page.left_file_id:
                page.write({"left_file_id": files[-2].id, "right_file_id": files[-1].id})
            elif files and not page.right_file_id:
                page.right_file_id = files[-1]
        return pages
