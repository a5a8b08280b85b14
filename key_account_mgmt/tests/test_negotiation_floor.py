import json
import logging

from freezegun import freeze_time
from psycopg2 import Error as DatabaseError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.key_account_mgmt.models.negotiation import floor as vault

from .common import GROUP
from .common_negotiation import NegotiationCase

# The bottom line, as a person or a machine may write it, and a target as a control: what
# the same channels do show.
FLOOR, TARGET = 4711.37, 4999.75
WRITTEN = ("4711.37", "4,711.37", "4711,37", "4 711", "471137")
# By which name somebody might ask for it.
NAMES = (
    "floor", "floor_id", "floor_ids", "floors", "figures", "outcome", "bottom_line", "limit",
    "minimum", "floor_amount", "negotiation_floor", "x_floor",
)  # fmt: skip
# What Odoo writes about questions it refuses.
NOISE = (
    "odoo.sql_db", "odoo.models", "odoo.fields", "odoo.domains", "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model", "odoo.orm.domains", "py.warnings",
)  # fmt: skip
FORGED = {
    "kam_engine": True,
    "kam_people": True,
    "bin_size": False,
    "active_test": False,
    "prefetch_fields": True,
    "default_floor_version": 1,
    "default_executive_ids": [1, 2],
    "default_lead_negotiator_id": 2,
    "install_mode": True,
    "module": "key_account_mgmt",
    "uid": 1,
    "su": True,
    "sudo": True,
    "tracking_disable": True,
    "lang": "en_US",
}
# Where traces of a negotiation might lie.
AROUND = (
    "kam.bid", "kam.bid.member",
    "crm.lead", "sale.order", "kam.account", "kam.deal.member", "kam.approval.request",
    "kam.approval.request.step", "kam.approval.decision", "kam.notice", "kam.week.item",
    "kam.action", "kam.policy.log", "kam.export.log", "kam.metric", "kam.metric.value",
    "kam.exception.kind", "kam.job", "mail.message", "mail.mail", "mail.tracking.value",
    "mail.activity", "ir.attachment", "ir.model", "ir.model.fields", "ir.model.access", "ir.rule",
    "ir.logging", "ir.default", "ir.filters", "ir.exports", "ir.config_parameter", "ir.ui.view",
    "ir.actions.report", "ir.actions.client",
)  # fmt: skip


def is_told(answer):
    """Whether an answer, or the text of an error, contains the bottom line."""
    text = answer if isinstance(answer, str) else repr(answer)
    sealed = vault._seal(FLOOR)
    return any(word in text for word in (*WRITTEN, sealed))


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestBottomLine(NegotiationCase):
    """Somebody goes looking for the bottom line, through every channel Odoo has.

    As a colleague of the bid and of the negotiating team, as administrator with every
    right to configure (rights, rules, fields, settings; no code on the server), and as
    auditor.  Source: design §4.4, S0-94.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = cls._new_user("root", "base.group_system,base.group_erp_manager")
        cls.root.group_ids |= cls.env.ref("key_account_mgmt.group_kam_admin")
        export = cls.env.ref("key_account_mgmt.group_kam_export")
        cls.seekers = cls.member | cls.root | cls.auditor
        cls.seekers.group_ids |= export | cls.env.ref("base.group_allow_export")
        sales = cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.member.group_ids |= sales

    def setUp(self):
        super().setUp()
        # Of the bid team only, and of both teams.
        self.bid_member = self._new_user("bidder", GROUP % "member")
        self.seekers |= self.bid_member
        team = [Command.create({"user_id": user.id}) for user in self.bid_member | self.member]
        bid = {"lead_id": self.deal.id, "user_id": self.user.id, "member_ids": team}
        self.bid = self.env["kam.bid"].create({"name": "Line 7", **bid})
        self.bid._as_engine().write({"state": "result", "result": "won"})
        both = [Command.set((self.member | self.user).ids)]
        links = {"lead_id": self.deal.id, "bid_id": self.bid.id, "member_ids": both}
        self.negotiation = self._begun(FLOOR, **links)
        self.item = self.negotiation.item_ids[0]
        self._as(self.negotiation, self.executive).action_reveal()
        paper = {"negotiation_id": self.negotiation.id, "competitor_id": self.customer.id}
        self.env["kam.negotiation.quote"].create({**paper, "amount": 1, "source": "Buyer"})
        self.env["kam.negotiation.concession"].create(
            {
                "negotiation_id": self.negotiation.id,
                "round_id": self.negotiation.round_ids.id,
                "item_id": self.item.id,
                "to_value": 5100,
            }
        )
        self._settle(self.negotiation, 4700.0)
        self.negotiation.action_submit()
        self.env.flush_all()

    # The channels --------------------------------------------------------------------

    def _own_models(self):
        return sorted(
            name
            for name, model in self.env.registry.items()
            if name.startswith("kam.negotiation") and not model._abstract
        )

    def _ask(self, user, model, method, args=(), kwargs=None, context=None):
        """One call as a client makes it: its answer, or the text of its error."""
        self.env.flush_all()
        self.env.invalidate_all()
        env = self.env(user=user, su=False, context={})
        kwargs = dict(kwargs or {})
        if context:
            kwargs["context"] = context
        try:
            with self.cr.savepoint() as savepoint, mute_logger(*NOISE):
                answer = call_kw(env[model], method, list(args), kwargs)
                answer = repr(answer)
                savepoint.rollback()
        except DatabaseError as error:
            return f"{error}"
        except Exception as error:  # pylint: disable=broad-exception-caught
            return f"{error!r} {error}"
        finally:
            self.env.invalidate_all()
        return answer

    def _calls(self, model):
        """``(method, args, kwargs)`` of what a client can ask of a model."""
        fields = self.env[model]._fields
        names = [n for n, f in fields.items() if f.type != "binary"]
        ids = self.env[model].sudo().with_context(active_test=False).search([], limit=80).ids
        yield "fields_get", [], {}
        yield "default_get", [names], {}
        yield "search_read", [[]], {"limit": 80}
        yield "read", [ids], {}
        yield "web_search_read", [], {
            "domain": [], "specification": self._nested(model, 2), "limit": 40}  # fmt: skip
        yield "web_read", [ids[:5]], {"specification": self._nested(model, 3)}
        yield "export_data", [ids, [*names[:60], *NAMES]], {}
        yield "export_data", [ids, [n for n in names if fields[n].exportable][:60]], {}
        yield "name_search", [], {"name": "", "limit": 80}
        for text in WRITTEN:
            yield "name_search", [], {"name": text}
        yield "copy", [ids[:1]], {}
        yield "onchange", [ids[:1], {}, [], self._nested(model, 2)], {}
        yield "onchange", [[], {}, names, self._nested(model, 2)], {}
        yield "get_views", [[[False, "form"], [False, "list"]]], {}
        yield "fields_get", [list(NAMES)], {}
        for name in NAMES:
            yield "read", [ids[:3], [name]], {}
            yield "search", [[(name, "=", FLOOR)]], {}
            yield "search", [[(name, "!=", False)]], {}
            yield "search", [[]], {"order": f"{name} desc"}
            yield "formatted_read_group", [[], [name], ["__count"]], {}
            yield "formatted_read_group", [[], [], [f"{name}:sum"]], {}
            yield "web_read", [ids[:3]], {"specification": {name: {}}}
            for path in ("negotiation_id", "item_ids", "lead_id", "create_uid"):
                yield "search", [[(f"{path}.{name}", ">", 1)]], {}
        for name, field in fields.items():
            if field.store and field.type in ("float", "monetary", "integer"):
                yield "search", [[(name, "=", FLOOR)]], {}
                if field.aggregator:
                    yield "formatted_read_group", [[], [], [f"{name}:sum", f"{name}:min"]], {}
            if field.store and field.type in ("char", "text", "html", "many2one", "selection"):
                yield "formatted_read_group", [[], [name], ["__count"]], {}

    def _nested(self, model, depth):
        spec = {}
        for name, field in self.env[model]._fields.items():
            if field.type == "binary":
                continue
            spec[name] = {}
            if field.relational and depth > 1 and field.comodel_name.startswith(("kam.", "crm.")):
                spec[name] = {"fields": self._nested(field.comodel_name, depth - 1)}
            elif field.relational:
                spec[name] = {"fields": {"display_name": {}}}
        return spec

    def _search_all(self, user, models, contexts=(None,)):
        """``(leaks, whether the target was seen, calls made)``."""
        leaks, target, count = [], False, 0
        for model in models:
            for method, args, kwargs in self._calls(model):
                for context in contexts:
                    answer = self._ask(user, model, method, args, kwargs, context)
                    count += 1
                    target |= str(TARGET) in answer
                    # Somebody who asks for a number hears it in the complaint.
                    asked = is_told([args, kwargs])
                    if is_told(answer) and not asked:
                        leaks.append(f"{user.login}: {model}.{method} {args} {kwargs}"[:300])
        return leaks, target, count

    # The search ----------------------------------------------------------------------

    def test_the_search_finds_what_is_there(self):
        """Who may read it gets it, and the search would notice."""
        ids = [self.negotiation.ids]
        answer = self._ask(self.executive, "kam.negotiation", "action_reveal", ids)
        self.assertTrue(is_told(answer))
        leaks, target, _count = self._search_all(self.member, ["kam.negotiation.item"])
        self.assertTrue(target, "the channels work")
        self.assertFalse(leaks)
        self.item.sudo()._as_engine().name = "Not below 4711.37"
        leaks, _target, _count = self._search_all(self.member, ["kam.negotiation.item"])
        self.assertTrue(leaks, "typed into a field, it is found")

    def _look_everywhere(self, user):
        """All models; with forged contexts those next to it."""
        near = ["kam.negotiation", "kam.negotiation.item", vault_model()]
        for models, context in ((self._own_models(), None), (near, FORGED)):
            leaks, target, count = self._search_all(user, models, (context,))
            self.assertFalse(leaks, "\n".join(leaks))
            self.assertTrue(target)
            self.assertGreater(count, 300)

    def test_as_a_colleague_of_the_team(self):
        self._look_everywhere(self.member)

    def test_as_a_colleague_of_the_bid_team(self):
        """Who works on the opportunity and its bid, not on the negotiation."""
        leaks, _target, count = self._search_all(self.bid_member, self._own_models())
        self.assertFalse(leaks, "\n".join(leaks))
        self.assertGreater(count, 300)
        self._refused(self._as(self.negotiation, self.bid_member))

    def test_as_administrator(self):
        self._look_everywhere(self.root)

    def test_as_auditor(self):
        self._look_everywhere(self.auditor)

    def test_in_everything_around(self):
        """Opportunity, approval, notices, messages, files, logs, views, settings."""
        for user in self.seekers:
            for model in AROUND:
                for method in ("search_read", "web_search_read"):
                    spec = {"specification": self._nested(model, 1)} if "web" in method else {}
                    answer = self._ask(user, model, method, [[]], {**spec, "limit": 2000})
                    self.assertFalse(is_told(answer), f"{user.login} {model}")

    def test_nobody_has_a_right_on_it(self):
        access = self.env["ir.model.access"].search([("model_id.model", "=", vault_model())])
        self.assertFalse(
            access.filtered(lambda a: a.perm_read or a.perm_write or a.perm_create or a.perm_unlink)
        )
        users = self.env["res.users"].search([("share", "=", False)])
        for user in users | self.executive | self.gm | self.lead:
            mine = self._as(self.env[vault_model()], user)
            for operation in ("read", "write", "create", "unlink"):
                self.assertFalse(mine.has_access(operation), user.login)

    def test_no_field_of_odoo_leads_to_it(self):
        for name, model in self.env.registry.items():
            for field in model._fields.values():
                self.assertNotEqual(field.comodel_name, vault_model(), f"{name}.{field.name}")
        floor = self.env[vault_model()]
        kinds = {field.type for field in floor._fields.values()}
        self.assertFalse(kinds & {"float", "monetary", "text", "html", "json", "binary"})

    def test_rights_and_rules_added_by_an_administrator_open_nothing(self):
        """Rights, rules, memberships, own fields, filters, defaults, templates."""
        root = self.env(user=self.root, su=False, context={})
        model = root["ir.model"]._get(vault_model())
        self.env["ir.model.access"].with_user(self.root).create(
            {
                "name": "Mine",
                "model_id": model.id,
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
                "perm_write": True,
                "perm_create": True,
                "perm_unlink": True,
            }
        )
        root["ir.rule"].create(
            {"name": "All", "model_id": model.id, "domain_force": "[(1, '=', 1)]"}
        )
        for other in ("kam.negotiation", "kam.negotiation.item"):
            root["ir.model.access"].create(
                {
                    "name": "Mine",
                    "model_id": root["ir.model"]._get_id(other),
                    "group_id": self.env.ref("base.group_user").id,
                    "perm_read": True,
                    "perm_write": True,
                }
            )
        for user in (self.root, self.member):
            leaks, _target, _count = self._search_all(user, [vault_model()], (None, FORGED))
            self.assertFalse(leaks, "\n".join(leaks))
            for method, args in (
                ("search_read", [[]]),
                ("search_count", [[]]),
                ("read", [[1]]),
                ("create", [[{"negotiation_id": self.negotiation.id, "version": 9}]]),
                ("export_data", [[1], ["version"]]),
                ("unlink", [[1]]),
            ):
                with self.assertRaises(AccessError, msg=method):
                    call_kw(self.env(user=user, su=False, context={})[vault_model()], method,
                            args, {})  # fmt: skip

            answer = call_kw(self.env(user=user, su=False, context={})[vault_model()], "load",
                             [["version"], [["1"]]], {})  # fmt: skip
            self.assertFalse(answer["ids"])

    def test_no_field_is_laid_over_its_table(self):
        """Links to what is no table need no key: a group by them would show any column."""
        root = self.env(user=self.root, su=False, context={})
        values = {
            "name": "x_links",
            "field_description": "Mine",
            "model_id": root["ir.model"]._get_id("kam.negotiation"),
            "ttype": "many2many",
            "relation": "sale.report",
            "column1": "negotiation_id",
            "column2": "figures",
        }
        for table in ("kam_negotiation_floor", "KAM_negotiation_floor"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                root["ir.model.fields"].create({**values, "relation_table": table})

    def test_an_administrator_makes_himself_an_executive(self):
        """The group opens bottom lines to come, none that is there; it is logged."""
        self._confirm(self.negotiation, kind="refuse")
        group = self.env.ref("key_account_mgmt.group_kam_executive")
        group.with_user(self.root).write({"user_ids": [Command.link(self.root.id)]})
        log = self.env["kam.policy.log"].search([("operation", "=", "grant")], limit=1)
        self.assertEqual(log.user_id, self.root)
        mine = self._as(self.negotiation, self.root)
        self._refused(mine)
        for attempt in (
            lambda: mine.write({"executive_ids": [Command.link(self.root.id)]}),
            lambda: mine.write({"executive_ids": [Command.set(self.root.ids)]}),
            lambda: mine.action_set_floor({str(self.item.id): 1.0}),
            lambda: mine.write({"floor_sealed": 0, "floor_version": 0}),
            lambda: self._authorise(self.negotiation, self.root, by=self.root),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                attempt()
            self.env.invalidate_all()
        # Past the ORM: by a field of his own over the table of links.
        self.env.cr.execute(
            "INSERT INTO kam_negotiation_executive_rel VALUES (%s, %s)",
            [self.negotiation.id, self.root.id],
        )
        self.env.invalidate_all()
        self._refused(mine)
        self.env.cr.execute(
            "DELETE FROM kam_negotiation_executive_rel WHERE user_id = %s", [self.root.id]
        )
        self.env.invalidate_all()
        # As the leader of the negotiation, executive or not.
        self.negotiation.lead_negotiator_id = self.root
        self._refused(mine)
        # Without the executives who knew it nobody learns it any more.
        (self.executive | self.gm).with_user(self.root).sudo().active = False
        mine = self._as(self.negotiation, self.root)
        self._refused(mine)
        for attempt in (
            lambda: self._authorise(self.negotiation, self.root, by=self.root),
            lambda: self._authorise(self.negotiation, self.member, by=self.root),
            lambda: mine.action_set_floor({str(self.item.id): 1.0}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                attempt()
            self.env.invalidate_all()
        mine.write({"executive_ids": [Command.set(self.root.ids)]})
        with self.assertRaisesRegex(UserError, "No bottom line"):
            mine.action_reveal()
        self.assertFalse(mine.has_floor)
        mine.action_set_floor({str(self.item.id): 1.0})
        self.assertEqual(mine.action_reveal()["items"][0]["floor"], 1.0)

    def _refused(self, negotiation):
        with self.assertRaises(AccessError):
            negotiation.action_reveal()
        self.env.invalidate_all()

    # Who opens it --------------------------------------------------------------------

    def test_who_opens_it(self):
        """Its executives, and the lead while he is authorised; every reading is logged."""
        readings = self.env["kam.negotiation.reading"]
        readings.search([]).sudo()._as_engine().unlink()
        stranger = self._new_user("wu2", "key_account_mgmt.group_kam_executive")
        for user in (
            self.member, self.bid_member, self.user, self.officer, self.director, self.admin,
            self.auditor, self.root, self.seller, stranger,
        ):  # fmt: skip
            self._refused(self._as(self.negotiation, user))
        self.assertFalse(readings.search([]))
        for user, right in (
            (self.executive, "executive"),
            (self.gm, "executive"),
            (self.lead, "lead"),
        ):
            answer = self._as(self.negotiation, user).action_reveal()
            self.assertEqual(answer["items"][0]["floor"], FLOOR)
            self.assertEqual(answer["items"][0]["verdict"], "below")
            self.assertEqual(answer["items"][1]["floor"], None)
            reading = readings.search([], limit=1)
            self.assertEqual((reading.user_id, reading.reader), (user, right))
            self.assertEqual(reading.version, 1)
            self.assertEqual(bool(reading.authorization_id), right == "lead")
            json.dumps(answer)
        self.assertEqual(len(self._as(readings, self.auditor).search([])), 3)
        for user in (self.lead, self.officer, self.admin):
            with self.assertRaises(AccessError):
                self._as(readings, user).search([])
        with self.assertRaises(AccessError):
            readings.search([]).unlink()
        with freeze_time("2027-03-01 04:00:00"):
            self._refused(self._as(self.negotiation, self.lead))
        self._as(self.negotiation.authorization_ids, self.gm).action_revoke()
        self._refused(self._as(self.negotiation, self.lead))
        self.executive.group_ids -= self.env.ref("key_account_mgmt.group_kam_executive")
        self._refused(self._as(self.negotiation, self.executive))

    def test_membership_is_explicit(self):
        """A group that implies the executives' opens nothing; nor does a delegation."""
        self._confirm(self.negotiation, kind="refuse")
        club = self.env["res.groups"].create(
            {
                "name": "Club",
                "implied_ids": [
                    Command.link(self.env.ref("key_account_mgmt.group_kam_executive").id)
                ],
                "user_ids": [Command.link(self.user.id)],
            }
        )
        self.assertTrue(self.user.has_group("key_account_mgmt.group_kam_executive"))
        self.assertTrue(club)
        with self.assertRaises(UserError):
            self.negotiation.executive_ids |= self.user
        self.env.invalidate_all()
        self._refused(self._as(self.negotiation, self.user))
        self.env["kam.approval.delegation"].with_user(self.executive).create(
            {
                "user_id": self.executive.id,
                "delegate_id": self.director.id,
                "date_from": self.day,
                "date_to": self.day,
            }
        )
        self._refused(self._as(self.negotiation, self.director))

    def test_who_sets_it_and_when(self):
        """An executive of the negotiation, before and while it is held; versioned."""
        other = self._negotiation()
        price = str(other.item_ids[0].id)
        for user in (self.lead, self.member, self.officer, self.director, self.admin, self.root):
            with self.assertRaises(AccessError, msg=user.name):
                self._as(other, user).action_set_floor({price: 1.0})
        mine = self._as(other, self.executive)
        foreign = str(self.item.id)
        for figures in (None, "x", [1], {}, {price: ""}, {price: "1"}, {price: True},
                        {price: float("nan")}, {price: 1e300}, {foreign: 1.0}, {"x": 1.0},
                        {price: [1]}):  # fmt: skip
            with self.assertRaises(UserError, msg=figures):
                mine.action_set_floor(figures)
        self.assertFalse(mine.has_floor)
        mine.action_set_floor({price: 1.0})
        mine.action_set_floor({price: 2.0})
        self.assertEqual(mine.floor_version, 2)
        self.assertEqual(mine.action_reveal()["items"][0]["floor"], 2.0)
        floors = self.env[vault_model()].sudo()._as_engine()
        versions = floors.search([("negotiation_id", "=", other.id)])
        self.assertEqual(len(versions), 2, "the first one is kept")
        with self.assertRaises(UserError):
            self._as(self.negotiation, self.executive).action_set_floor({foreign: 1.0})

    def test_its_executives_let_others_in(self):
        """Whoever an executive of the negotiation names, and nobody he takes away."""
        self._confirm(self.negotiation, kind="refuse")
        third = self._new_user("third", "key_account_mgmt.group_kam_executive")
        mine = self._as(self.negotiation, self.executive)
        mine.executive_ids |= third
        answer = self._as(self.negotiation, third).action_reveal()
        self.assertEqual(answer["items"][0]["floor"], FLOOR)
        mine = self._as(self.negotiation, self.executive)
        mine.executive_ids -= third
        self._refused(self._as(self.negotiation, third))

    def test_a_copy_has_none(self):
        copied = self._as(self.negotiation, self.lead).copy()
        self.assertFalse(copied.has_floor)
        self.assertFalse(copied._floor_in_force())

    # No oracle -----------------------------------------------------------------------

    def _world(self, figure, agreed):
        """Everything but the bottom line that is there after an agreement was tried: what
        is written in all tables, without numbers of rows and moments."""
        with self.cr.savepoint() as savepoint:
            begun = self._begun(figure)
            self._settle(begun, agreed)
            before = self.cr.sql_log_count
            begun.action_submit()
            self.env.flush_all()
            queries = self.cr.sql_log_count - before
            seen = self._texts(begun)
            savepoint.rollback()
        self.env.invalidate_all()
        return queries, seen

    def _texts(self, begun):
        request = begun.sudo()._approval_request()
        notices = self.env["kam.notice"].search([], order="id desc", limit=20)
        messages = begun.sudo().message_ids
        mine = self._as(begun, self.lead)
        shown = ("state", "authority", "missing", "has_floor", "approval_waiting_for")
        return repr(
            [
                [str(begun[name]) for name in shown],
                request.snapshot,
                request.state,
                [(step.state, step.name, step.approver_ids.ids) for step in request.step_ids],
                [(n.title, n.lines, n.topic) for n in notices],
                [(m.body, m.subtype_id.id) for m in messages],
                [step["state"] for step in mine.deal_ribbon["steps"]],
                mine.deal_ribbon["next"],
            ]
        )

    def test_trying_agreements_tells_nothing(self):
        """Below, at and above: the same states, words, people and number of queries."""
        self._world(5000.0, 4000.0)
        for agreed in (4000.0, 5000.0, 6000.0):
            worlds = [self._world(figure, agreed) for figure in (1.0, agreed, 1e6)]
            self.assertEqual(worlds[0], worlds[1])
            self.assertEqual(worlds[1], worlds[2])

    def test_the_fingerprint_could_be_guessed_and_says_nothing(self):
        self._confirm(self.negotiation, kind="refuse")

        def fingerprint():
            neutral = self.negotiation._approval_neutral(self.company)
            return neutral._approval_fingerprint(self.env["ir.attachment"])

        before = fingerprint()
        self._set_floor(self.negotiation, 1.0)
        self.assertEqual(fingerprint(), before)
        self.item.agreed = 4800
        self.assertNotEqual(fingerprint(), before)

    # In clear nowhere ----------------------------------------------------------------

    def test_no_table_holds_it_in_clear(self):
        tables = self.env.execute_query(
            SQL("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        found = [
            table
            for (table,) in tables
            for word in WRITTEN
            if self.env.execute_query(
                SQL(
                    "SELECT 1 FROM %s t WHERE t::text LIKE %s LIMIT 1",
                    SQL.identifier(table),
                    f"%{word}%",
                )
            )
        ]
        self.assertFalse(found)

    def test_no_log_shows_it(self):
        """Neither when it is set, opened and compared, nor when a statement fails."""
        self._confirm(self.negotiation, kind="refuse")
        with self.assertLogs("odoo", logging.INFO) as logs:
            logging.getLogger("odoo").info("begin")
            self._set_floor(self.negotiation, FLOOR)
            self._as(self.negotiation, self.executive).action_reveal()
            self.negotiation.action_submit()
            with self.assertRaises(DatabaseError) as failure, self.cr.savepoint():
                vault.keep(self.cr, "no number", {"1": FLOOR})
        self.assertFalse(is_told("\n".join(logs.output)))
        self.assertFalse(is_told(str(failure.exception)))

    # Other roads ---------------------------------------------------------------------

    def test_reports_templates_and_metrics(self):
        """What an administrator may set up without writing code."""
        for user in self.seekers - self.bid_member:
            Report = self.env(user=user, su=False, context={})["ir.actions.report"]
            for name, records in (
                ("minutes", self.negotiation.round_ids),
                ("authorization", self.negotiation.authorization_ids),
            ):
                html = Report._render_qweb_html(
                    f"key_account_mgmt.report_negotiation_{name}", records.ids
                )[0].decode()
                self.assertFalse(is_told(html))
        self.assertNotIn(
            vault_model(),
            [code for code, _name in self.env["kam.approval.route"]._selection_res_model()],
        )
        for values in (
            {"model": vault_model(), "measure": "figures"},
            {"res_model": vault_model(), "measure": "version"},
        ):
            answer = self._ask(
                self.root, "kam.metric", "create", [[{"name": "M", "code": "m", **values}]]
            )
            self.assertFalse(is_told(answer))
        for path in NAMES:
            answer = self._ask(
                self.root,
                "ir.model.fields",
                "create",
                [
                    [
                        {
                            "name": "x_floor",
                            "field_description": "Mine",
                            "model_id": self.env["ir.model"]._get_id("kam.negotiation"),
                            "ttype": "float",
                            "related": f"item_ids.{path}",
                        }
                    ]
                ],
            )
            self.assertFalse(is_told(answer), path)

    def test_messages_and_files(self):
        """Chatter, followers, and files laid at its door."""
        for user in self.seekers:
            for model, ids in (
                ("kam.negotiation", self.negotiation.ids),
                (vault_model(), [1]),
            ):
                for method, args in (
                    ("message_post", [ids]),
                    ("message_get_suggested_recipients", [ids]),
                    ("activity_schedule", [ids]),
                    ("get_formview_action", [ids]),
                    ("get_metadata", [ids]),
                ):
                    self.assertFalse(is_told(self._ask(user, model, method, args)))
            answer = self._ask(
                user,
                "ir.attachment",
                "create",
                [[{"name": "x", "raw": "x", "res_model": vault_model(), "res_id": 1}]],
            )
            self.assertIn("Error", answer)


def vault_model():
    return vault.KamNegotiationFloor._name
