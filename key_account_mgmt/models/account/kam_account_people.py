from odoo import api, fields, models
from odoo.fields import Domain

from .kam_account import SUSPENDED

# Fewer people than this know us: who leaves takes the relation with him.
ENOUGH_CONTACTS = 2


class KamAccount(models.Model):
    """Who decides at the customer, and what is asked about him inside our house.

    Source: S1i-15, S3-23.
    """

    _inherit = "kam.account"

    stakeholder_ids = fields.One2many("kam.stakeholder", "account_id")
    stakeholder_count = fields.Integer(compute="_compute_stakeholder_count")
    no_decision_maker = fields.Boolean(
        "No Decision Maker Known",
        compute="_compute_stakeholder_gaps",
        search="_search_no_decision_maker",
    )
    one_contact_only = fields.Boolean(
        compute="_compute_stakeholder_gaps", search="_search_one_contact_only"
    )
    sponsor_silent = fields.Boolean(
        "Silent Sponsor", compute="_compute_stakeholder_gaps", search="_search_sponsor_silent"
    )
    decision_map_complete = fields.Boolean(
        compute="_compute_stakeholder_gaps",
        search="_search_decision_map_complete",
        help="Two people or more, one who decides, everybody's influence known, and what "
        "counts for whoever decides.",
    )
    stakeholder_warning = fields.Text(compute="_compute_stakeholder_gaps")
    request_ids = fields.One2many("kam.request", "account_id", "Requests")
    request_count = fields.Integer("Open Requests", compute="_compute_request_count")

    # What is known about the people ---------------------------------------------------

    @api.depends("stakeholder_ids")
    def _compute_stakeholder_count(self):
        groups = self.env["kam.stakeholder"]._read_group(
            [("account_id", "in", self.ids)], ["account_id"], ["__count"]
        )
        counts = {account.id: count for account, count in groups}
        for account in self:
            account.stakeholder_count = counts.get(account._origin.id, 0)

    @api.depends(
        "state",
        "stakeholder_ids.role_id",
        "stakeholder_ids.attitude",
        "stakeholder_ids.influence",
        "stakeholder_ids.criteria",
        "stakeholder_ids.left_on",
        "stakeholder_ids.active",
    )
    def _compute_stakeholder_gaps(self):
        # For all at once, not file by file.
        everybody = self.stakeholder_ids
        everybody.mapped("is_silent")
        everybody.partner_id.mapped("name")
        for account in self:
            gaps = account._stakeholder_gaps()
            account.no_decision_maker = "no_decision_maker" in gaps
            account.one_contact_only = "one_contact_only" in gaps
            account.sponsor_silent = "sponsor_silent" in gaps
            account.decision_map_complete = account._is_decision_map_complete()
            account.stakeholder_warning = "\n".join(gaps.values())

    def _known_people(self):
        """The stakeholders that count: still there."""
        return self.stakeholder_ids.filtered(lambda person: person.active and person._is_there())

    def _stakeholder_gaps(self):
        """``{code: sentence}`` of what is missing; nothing on files that are suspended."""
        self.ensure_one()
        if self.state in SUSPENDED:
            return {}
        people, gaps = self._known_people(), {}
        if not any(people.role_id.mapped("is_decision_maker")):
            gaps["no_decision_maker"] = self.env._("No decision maker is known.")
        if len(people) < ENOUGH_CONTACTS:
            gaps["one_contact_only"] = (
                self.env._("Only one contact is known: %(name)s.", name=people.partner_id.name)
                if people
                else self.env._("Not a single contact is known.")
            )
        if silent := people.filtered("is_silent"):
            gaps["sponsor_silent"] = self.env._(
                "No contact with our sponsor for %(months)s months: %(names)s.",
                # sudo: settings of a company are no secret.
                months=self.company_id.sudo()._kam_sponsor_silent_months(),
                names=", ".join(silent.mapped("partner_id.name")),
            )
        return gaps

    def _is_decision_map_complete(self):
        """Contacts × role × influence × what counts for who decides.  Source: S1i-15."""
        people = self._known_people()
        deciding = people.filtered("role_id.is_decision_maker")
        return (
            len(people) >= ENOUGH_CONTACTS
            and bool(deciding)
            and all((person.influence or "0") != "0" for person in people)
            and all((person.criteria or "").strip() for person in deciding)
        )

    def _decision_map_warning(self):
        """What a large opportunity is warned about, as sentences; empty: nothing."""
        self.ensure_one()
        if self.stakeholder_warning or self.state in SUSPENDED or self.decision_map_complete:
            return self.stakeholder_warning or ""
        return self.env._(
            "The decision map is incomplete: rate everybody's influence and note what counts "
            "for whoever decides."
        )

    def _search_no_decision_maker(self, operator, value):
        return self._search_gap("no_decision_maker", operator, value)

    def _search_one_contact_only(self, operator, value):
        return self._search_gap("one_contact_only", operator, value)

    def _search_sponsor_silent(self, operator, value):
        return self._search_gap("sponsor_silent", operator, value)

    def _search_decision_map_complete(self, operator, value):
        return self._search_gap("decision_map_complete", operator, value)

    @api.model
    def _search_gap(self, name, operator, value):
        if operator != "in":
            return NotImplemented
        accounts = self.search(Domain("state", "not in", SUSPENDED))
        found = Domain("id", "in", accounts.filtered(name).ids)
        return found if True in value else ~found

    # Opening ------------------------------------------------------------------------

    def action_open_stakeholders(self):
        """The people of this account, and of the members of its group."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_stakeholder_action"
        )
        return action | {
            "domain": [("account_id", "child_of", self.id)],
            "context": {"default_account_id": self.id},
        }

    def action_open_influence_map(self):
        """Who decides there, drawn."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_influence_map_action"
        )
        return action | {"context": {"active_id": self.id, "active_model": self._name}}

    # Requests -----------------------------------------------------------------------

    def _compute_request_count(self):
        Request = self.env["kam.request"]
        domain = Domain("account_id", "in", self.ids) & Request._open_domain()
        counts = {
            account.id: count
            for account, count in Request._read_group(domain, ["account_id"], ["__count"])
        }
        for account in self:
            account.request_count = counts.get(account._origin.id, 0)

    def action_open_requests(self):
        """What was asked about this account."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_request_action")
        return action | {
            "domain": [("account_id", "=", self.id)],
            "context": {"default_account_id": self.id, "search_default_open": 1},
        }

    def action_ask(self):
        """Ask a colleague or a department for something about this account.

        Source: S0-39, S0-42, S3-30.
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["kam.request"]._ask_action({"default_account_id": self.id})

    # Handing over, merging ------------------------------------------------------------

    def _handover_items(self, user):
        """Open requests the person owes or asked for, stakeholders he keeps."""
        return [
            *super()._handover_items(user),
            *(
                {
                    "kind": "request",
                    "model": request._name,
                    "res_id": request.id,
                    "name": request.name,
                    "date": request.date_due,
                    "account_id": request.account_id.id,
                }
                for request in self._handover_requests(user)
            ),
            *(
                {
                    "kind": "stakeholder",
                    "model": stakeholder._name,
                    "res_id": stakeholder.id,
                    "name": stakeholder.partner_id.name,
                    "date": stakeholder.last_contact_date,
                    "account_id": stakeholder.account_id.id,
                }
                for stakeholder in self._handover_stakeholders(user)
            ),
        ]

    def _handover_requests(self, user):
        Request = self.env["kam.request"]
        domain = Domain("account_id", "in", self.ids) & Request._open_domain()
        theirs = Domain("user_id", "=", user.id) | Domain("requester_id", "=", user.id)
        return Request.search(domain & theirs)

    def _handover_stakeholders(self, user):
        return self.env["kam.stakeholder"].search(
            [("account_id", "in", self.ids), ("owner_id", "=", user.id)]
        )

    def _handover_apply(self, old, new):
        """Requests he owes or waits for, and the people he keeps, go to the receiver."""
        result = super()._handover_apply(old, new)
        self._handover_mine(self._handover_requests(old))._hand_over(old, new)
        people = self._handover_mine(self._handover_stakeholders(old))
        people.with_context(tracking_disable=True).write({"owner_id": new.id})
        return result

    def _merge_into(self, kept):
        """People and requests follow; who is known to both stays as the kept file has him."""
        everybody = self.env["kam.stakeholder"].sudo().with_context(active_test=False)
        everybody.search([("account_id", "=", self.id)])._move_to_account(kept)
        requests = self.env["kam.request"].sudo()._as_engine()
        requests.search([("account_id", "=", self.id)]).account_id = kept
        return super()._merge_into(kept)

    @api.model
    def _merge_partners(self, sources, destination):
        result = super()._merge_partners(sources, destination)
        self.env["kam.stakeholder"]._merge_contacts(sources - destination, destination)
        return result
