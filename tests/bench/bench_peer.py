"""Submitting and deciding the same documents with OCA's base_tier_validation, in turns."""

import statistics
import time

from approvals import Stage
from measure import compare, duration, report, rounds, timed

NAME = "kam.bench.peer.document"


def run(env, _day):
    ours = Ours(env)
    theirs = Theirs(env, ours.stage)
    for way in (ours, theirs):
        timed(env, way)
        way.laps.clear()
        way.queries.clear()
    count = rounds()
    seconds, least = compare(env, ours, theirs, count)
    total = len(ours.stage.documents)
    details = f"{total} documents, ours {ours.text()}, theirs {theirs.text()}, n {count}"
    report("approvals vs base_tier_validation", details, seconds / least, 1)


class Way:
    """Documents from draft to approved; each lap is (submitting, deciding)."""

    def __init__(self, env):
        self.env = env
        self.laps = []
        self.queries = []

    def __call__(self):
        times, queries = [], []
        for work in (self.submit, self.decide):
            started = time.perf_counter()
            before = self.env.cr.sql_log_count
            work()
            self.env.flush_all()
            # The next one is another person's request.
            self.env.invalidate_all()
            times.append(time.perf_counter() - started)
            queries.append(self.env.cr.sql_log_count - before)
        self.laps.append(times)
        self.queries.append(queries)

    def text(self):
        parts = []
        for number, name in enumerate(("submit", "decide")):
            seconds = statistics.median(lap[number] for lap in self.laps)
            queries = statistics.median(lap[number] for lap in self.queries)
            parts.append(f"{name} {duration(seconds)} ({queries:.0f} queries)")
        return " ".join(parts)


class Ours(Way):
    def __init__(self, env):
        super().__init__(env)
        self.stage = Stage(env)

    def submit(self):
        self.stage.documents.action_submit()

    def decide(self):
        self.stage.approve(self.stage.inbox())


class Theirs(Way):
    """The same fields, one reviewer; nobody is told anything, which is their default."""

    def __init__(self, env, stage):
        super().__init__(env)
        register(env)
        env["tier.definition"].create(
            {
                "name": "One step",
                "model_id": env["ir.model"]._get_id(NAME),
                "review_type": "individual",
                "reviewer_id": stage.approver.id,
            }
        )
        self.stage = stage
        self.documents = stage.model(NAME, stage.requester).create(stage.rows(env))
        env.flush_all()
        env.cr.commit()

    def submit(self):
        self.documents.request_validation()

    def decide(self):
        waiting = self.stage.model(NAME, self.stage.approver).search([("can_review", "=", True)])
        for document in waiting:
            document.validate_tier()
        # What follows from the decision is up to the requester there.
        self.documents.write({"state": "confirmed"})


def register(env):
    from odoo import fields, models
    from odoo.orm.model_classes import add_to_registry

    class PeerDocument(models.Model):
        _name = NAME
        _inherit = "tier.validation"
        _description = "Benchmark Document"
        _module = None

        name = fields.Char(required=True)
        company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
        partner_id = fields.Many2one("res.partner")
        value = fields.Float()
        currency_id = fields.Many2one("res.currency")
        terms = fields.Char()
        state = fields.Selection([("draft", "Draft"), ("confirmed", "Approved")], default="draft")

    registry = env.registry
    add_to_registry(registry, PeerDocument)
    registry._setup_models__(env.cr, [])
    registry.init_models(env.cr, [NAME], {"module": "key_account_mgmt"}, install=True)
    env["ir.model.access"].create(
        {
            "name": NAME,
            "model_id": env["ir.model"]._get_id(NAME),
            "group_id": env.ref("base.group_user").id,
            **{f"perm_{right}": True for right in ("read", "write", "create", "unlink")},
        }
    )
