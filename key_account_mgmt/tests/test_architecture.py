import ast
import re
from pathlib import Path

from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tools import file_path

# Order of the domains; a domain may name itself and those before it, never a later one.
DOMAINS = (
    "core", "approval", "action", "account", "metric", "tier", "visit", "obligation",
    "deal", "review", "pursuit", "bid", "negotiation", "plan",
    "issue",
    "contract",
    "guard",
    "execution",
    "price",
    "kpi",
    "scorecard",
    "status",
    "programme",
    "reporting",
)  # fmt: skip
# Wizards and reports stand after all domains and may name any of them.
MODEL_NAME = re.compile(r"^kam\.[a-z_.]+$")
# Models whose tables are large on a live database: adding a stored computed field, a
# default or NOT NULL would rewrite every row at installation.
LARGE = (
    "res.partner", "crm.lead", "sale.order", "sale.order.line", "account.move",
    "account.move.line", "calendar.event",
)  # fmt: skip


class _Names(ast.NodeVisitor):
    """Models and fields a file defines, and every model name or module it mentions."""

    def __init__(self):
        self.defined, self.named, self.imported = set(), [], []

    def visit_ClassDef(self, node):
        for statement in node.body:
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                name = statement.targets[0].id
                if name == "_name" and isinstance(statement.value, ast.Constant):
                    self.defined.add(statement.value.value)
        self.generic_visit(node)

    def visit_Constant(self, node):
        if isinstance(node.value, str) and MODEL_NAME.match(node.value):
            self.named.append((node.lineno, node.value))

    def visit_ImportFrom(self, node):
        if node.level >= 2 and node.module:
            self.imported.append((node.lineno, node.module.split(".")[0]))


def _files():
    root = Path(file_path("key_account_mgmt/models"))
    for domain in DOMAINS:
        for path in sorted((root / domain).glob("*.py")):
            names = _Names()
            names.visit(ast.parse(path.read_text(encoding="utf-8")))
            yield domain, path, names


class TestDirection(BaseCase):
    """One direction; Odoo couples by names, not imports; design §2."""

    def test_every_domain_has_its_place(self):
        root = Path(file_path("key_account_mgmt/models"))
        folders = {path.name for path in root.iterdir() if (path / "__init__.py").exists()}
        self.assertEqual(folders, set(DOMAINS))
        imports = re.findall(r"^from \. import (\w+)", (root / "__init__.py").read_text(), re.M)
        self.assertEqual(tuple(imports), DOMAINS)

    def test_no_domain_names_a_later_one(self):
        files = list(_files())
        owner = {}
        for domain, _path, names in files:
            for model in names.defined:
                owner.setdefault(model, domain)
        wrong = []
        for domain, path, names in files:
            place = DOMAINS.index(domain)
            for line, model in names.named:
                if model in owner and DOMAINS.index(owner[model]) > place:
                    wrong.append(f"{domain}/{path.name}:{line} names {model}")
            for line, module in names.imported:
                if module in DOMAINS and DOMAINS.index(module) > place:
                    wrong.append(f"{domain}/{path.name}:{line} imports {module}")
        self.assertFalse(wrong, "\n".join(wrong))

    def test_the_policy_knows_no_odoo(self):
        for path in Path(file_path("key_account_mgmt/policy")).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                modules = []
                if isinstance(node, ast.Import):
                    modules = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom):
                    modules = [node.module or ""]
                    self.assertLessEqual(node.level, 1, path.name)
                for module in modules:
                    self.assertFalse(module.startswith("odoo"), path.name)

    def test_the_clock_is_not_read_in_the_policy(self):
        """The day is always passed in."""
        for path in Path(file_path("key_account_mgmt/policy")).glob("*.py"):
            self.assertNotRegex(path.read_text(encoding="utf-8"), r"\b(today|now)\(\)", path.name)


@tagged("post_install", "-at_install")
class TestFootprint(TransactionCase):
    """On Odoo's models, lightly; design §3."""

    def _own_fields(self):
        for model in LARGE:
            for name, field in self.env[model]._fields.items():
                if name.startswith("kam_"):
                    yield model, name, field

    def test_no_row_of_a_large_table_is_rewritten(self):
        names = set()
        for model, name, field in self._own_fields():
            names.add(name)
            with self.subTest(field=f"{model}.{name}"):
                self.assertFalse(field.store and (field.compute or field.related))
                self.assertFalse(field.default)
                self.assertFalse(field.required)
        self.assertLessEqual({"kam_account_id", "kam_tier_id", "kam_end_customer_id"}, names)

    def test_no_trigger_of_ours_recomputes_on_partner_or_order_writes(self):
        """No stored computed field of ours depends on a field of a large table."""
        for model in LARGE:
            for name, field in self.env[model]._fields.items():
                if name.startswith("kam_"):
                    continue
                for target in self.env.registry.get_dependent_fields(field):
                    if target.store and target.model_name.startswith("kam."):
                        self.fail(f"{target} is recomputed by {model}.{name}")

    def test_no_check_of_a_deletion_trusts_the_context(self):
        """``at_uninstall=False`` is skipped by any client that sends ``_force_unlink``."""
        for name, model in self.env.registry.items():
            for attribute in dir(model):
                method = getattr(model, attribute, None)
                module = getattr(method, "__module__", "")
                if module and ".key_account_mgmt.models" in module:
                    self.assertIsNot(getattr(method, "_ondelete", True), False, (name, attribute))

    def test_every_model_of_ours_says_what_it_is(self):
        for name, model in self.env.registry.items():
            if name.startswith("kam.") and name not in ("kam.test.document",):
                self.assertTrue(model._description)
                self.assertTrue(name == name.lower())
