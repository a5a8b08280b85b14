"""Printed papers (P4, P5) and amounts in the unit the company chose."""

from unittest.mock import patch

from lxml import html

from odoo.tests import tagged

from .common import MILLION, KamCase

DECLARATION = "key_account_mgmt.report_tier_declaration"
SHEET = "key_account_mgmt.report_tier_sheet"


class ReportCase(KamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.up = cls._customer("Rises", 30 * MILLION, "leading")
        cls.down = cls._customer("Falls", 6 * MILLION, "medium")
        cls.steady = cls._customer("Key and stays", 25 * MILLION, "leading")
        cls.small = cls._customer("Small", 1 * MILLION, "other")
        cls.unknown = cls._customer("Not assessed", 7 * MILLION)
        cls._sell(cls.down, 10 * MILLION, month=cls.window.start.replace(year=2024))
        for partner, tier in ((cls.up, cls.main), (cls.down, cls.key), (cls.steady, cls.key)):
            cls._hold(cls._account(partner, user=cls.user), tier)
        cls.customers = cls.up | cls.down | cls.steady | cls.small | cls.unknown

    def _render(self, report, records, user=None):
        """The page as ``user`` (default: the KAM office) would print it."""
        records = self._reader(records, user)
        content = records.env["ir.actions.report"]._render_qweb_html(report, records.ids)[0]
        return html.fromstring(content)

    def _reader(self, records, user=None):
        return self._as(records, user or self.officer).with_context(lang="en_US")

    def _text(self, node):
        return " ".join(node.text_content().split())

    def _table(self, page, name):
        """Rows of the tables of a class, as lists of cell texts, in order."""
        rows = page.xpath(f"//table[contains(@class, '{name}')]/tbody/tr[@data-line]")
        return [[self._text(cell) for cell in row.xpath("td")] for row in rows]

    def _crowd(self, number):
        """An evaluation of ``number`` new key accounts."""
        partners = self._new_customers(number, f"Of {number}")
        for partner in partners:
            self._sell(partner, 30 * MILLION)
            self._stand(partner, "leading")
        return self._evaluation(partners)

    def _queries(self, report, records):
        """How often printing asks the database, views and translations being known."""
        self._render(report, records)
        records = self._reader(records)
        before = self.cr.sql_log_count
        records.env["ir.actions.report"]._render_qweb_html(report, records.ids)
        return self.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestDeclaration(ReportCase):
    def test_changed_and_key_lines_come_first(self):
        """What changes, then unchanged key accounts; the rest is annex. S3-20, (f) P4."""
        page = self._render(DECLARATION, self._evaluation(self.customers))
        main = [row[1] for row in self._table(page, "kam_declared")]
        annex = [row[1] for row in self._table(page, "kam_compact")]
        self.assertEqual(main, ["Rises", "Falls", "Key and stays"])
        self.assertEqual(annex, ["Not assessed", "Small"])

    def test_row_shows_figures_and_decision(self):
        """Current, suggested, decided, sales of both years and growth. S2-07."""
        page = self._render(DECLARATION, self._evaluation(self.customers))
        falls = self._table(page, "kam_declared")[1]
        self.assertEqual(falls[2:6], ["Key", "Main", "Main", "Downgrade"])
        self.assertEqual(falls[6:9], ["6,000,000", "10,000,000", "-40.0 %"])
        self.assertIn("To reach Key: Annual Sales", falls[-1])

    def test_override_is_printed_with_author_and_reason(self):
        evaluation = self._evaluation(self.customers)
        self._line(evaluation, self.small)._override(self.main, "joint development")
        page = self._render(DECLARATION, evaluation)
        first = self._table(page, "kam_declared")[0]
        self.assertEqual(first[1], "Small")
        self.assertIn("Override by Officer: joint development", first[-1])

    def test_tried_threshold_is_printed_beside_the_policy(self):
        """Criteria that differ from the policy say so. S3-20."""
        evaluation = self._evaluation(self.customers)
        criterion = evaluation.criterion_ids.filtered(
            lambda c: c.tier_id == self.key and c.metric_code == "annual_sales"
        )
        criterion.threshold = "1800万"
        evaluation.action_compute()
        text = self._text(self._render(DECLARATION, evaluation))
        self.assertIn("differs from the policy: Annual Sales ≥ ¥ 20,000,000", text)

    def test_ranges_matrix_and_approval(self):
        """“0 of 3–5”, the migration, who approved and with which comment. S3-13, S2-25."""
        evaluation = self._approve(self._evaluation(self.customers))
        page = self._render(DECLARATION, evaluation)
        text = self._text(page)
        self.assertIn("Strategic: 0 of 3–5", text)
        self.assertIn("Submitted by Officer", text)
        self.assertIn("General Manager Approved Gm", text)
        self.assertIn("seen", text)

    def test_queries_do_not_grow_with_customers(self):
        """A declaration of 50 customers reads as often as one of 5."""
        counts = [self._queries(DECLARATION, self._crowd(number)) for number in (5, 50)]
        self.assertEqual(*counts)

    def test_long_annex_says_what_is_left_out(self):
        limit = "odoo.addons.key_account_mgmt.report.tier_declaration.ANNEX_LIMIT"
        with patch(limit, 1):
            page = self._render(DECLARATION, self._evaluation(self.customers))
        self.assertEqual(len(self._table(page, "kam_compact")), 1)
        self.assertIn("1 more unchanged customers are not printed", self._text(page))

    def test_labels_have_their_own_table(self):
        """A label scheme is printed beside the tier, never as a tier. S1n-04."""
        self._qualify(self.small, "public_body")
        self.s1n.active = True
        page = self._render(DECLARATION, self._evaluation(self.customers, self.s3 | self.s1n))
        rows = [row for row in self._table(page, "kam_declared") if "Label Added" in row]
        self.assertIn("Small", [row[1] for row in rows])


@tagged("post_install", "-at_install")
class TestSheet(ReportCase):
    def test_sheet_tells_the_whole_case(self):
        """Figures with window, criteria with verdict, what is missing, history. S2-08."""
        evaluation = self._approve(self._evaluation(self.customers))
        text = self._text(self._render(SHEET, self._line(evaluation, self.down)))
        self.assertIn("Nov 2025 – Oct 2026", text)
        self.assertIn("Missing for the next level: Key: Annual Sales", text)
        self.assertIn("Not met", text)
        self.assertIn("01/01/2025", text)

    def test_file_opened_by_the_evaluation_has_its_history(self):
        new = self._customer("New", 30 * MILLION, "leading")
        evaluation = self._approve(self._evaluation(new))
        line = self._line(evaluation, new)
        self.assertFalse(line.account_id)
        text = self._text(self._render(SHEET, line))
        self.assertNotIn("No level was held", text)

    def test_several_sheets_in_one_go(self):
        evaluation = self._evaluation(self.customers)
        page = self._render(SHEET, evaluation.line_ids)
        titles = page.xpath("//h2/text()")
        self.assertEqual(len(titles), 5)
        self.assertEqual(len(page.xpath("//div[contains(@class, 'kam_new_page')]")), 4)

    def test_queries_do_not_grow_with_sheets(self):
        counts = [self._queries(SHEET, self._crowd(number).line_ids) for number in (5, 50)]
        self.assertEqual(*counts)

    def test_restricted_figure_stays_with_its_group(self):
        """A criterion on profit is printed for the cost group only. g Q6."""
        metric = self._metric("annual_profit")
        metric.group_ids = self.env.ref("key_account_mgmt.group_kam_cost")
        self.env["kam.tier.criterion"].create(
            {"tier_id": self.key.id, "metric_id": metric.id, "threshold": "1"}
        )
        line = self._line(self._evaluation(self.customers), self.steady)
        hidden = self._text(self._render(SHEET, line))
        self.assertNotIn("Annual Profit", hidden)
        self.assertIn("shown to certain groups only", hidden)
        self.officer.group_ids |= self.env.ref("key_account_mgmt.group_kam_cost")
        self.assertIn(metric.name, self._text(self._render(SHEET, line)))

    def test_account_manager_prints_his_own_customer(self):
        """He learns the state, not who decided. S0-36."""
        evaluation = self._approve(self._evaluation(self.customers))
        line = self._line(evaluation, self.up)
        text = self._text(self._render(SHEET, line, self.user))
        self.assertIn("Who decided is shown to those involved", text)


@tagged("post_install", "-at_install")
class TestAmountUnit(KamCase):
    def _shown(self, amount, unit):
        self.company.kam_amount_unit = unit
        return self.company._kam_format_amount(amount).replace("\N{NO-BREAK SPACE}", " ")

    def test_amount_in_the_unit_of_the_company(self):
        """Amounts are shown in the unit the company chose: 元, 万元, million."""
        self.assertEqual(self._shown(21_200_000, "1"), "¥ 21,200,000.00")
        self.assertEqual(self._shown(21_200_000, "10000"), "¥ 2,120 万")
        self.assertEqual(self._shown(21_234_567, "10000"), "¥ 2,123.46 万")
        self.assertEqual(self._shown(21_200_000, "1000000"), "¥ 21.2 million")
        self.assertEqual(self._shown(-5_000, "10000"), "¥ -0.5 万")
        self.assertEqual(self._shown(0, "10000"), "¥ 0 万")

    def test_what_looks_round_is_round(self):
        """A figure just below a threshold is not shown as if it reached it."""
        self.assertEqual(self._shown(19_999_960, "10000"), "¥ 1,999.996 万")
        self.assertEqual(self._shown(19_999_999.99, "1000000"), "¥ 19.99999999 million")

    def test_column_and_its_head(self):
        self.company.kam_amount_unit = "10000"
        self.assertEqual(self.company._kam_amount_number(21_200_000), "2,120.00")
        self.assertEqual(self.company._kam_amount_unit_label(), "10 thousand Yuan")

    def test_criteria_speak_in_the_unit(self):
        self.company.kam_amount_unit = "10000"
        text = self._metric("annual_sales")._format_value(20_000_000, self.cny)
        self.assertEqual(text.replace("\N{NO-BREAK SPACE}", " "), "¥ 2,000 万")

    def test_branch_shows_amounts_as_its_root(self):
        self.company.kam_amount_unit = "10000"
        branch = self._new_company("Branch", self.cny, parent=self.company)
        self.assertEqual(branch._kam_amount_unit(), 10_000)
