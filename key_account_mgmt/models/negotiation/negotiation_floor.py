from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ...policy import negotiation as terms
from . import floor as vault
from .negotiation import OPEN

# More than anybody negotiates about; no client makes the text endless.
MOST = 1000


class KamNegotiation(models.Model):
    """The bottom line: set, opened and compared here, and nowhere else.

    Who: an executive of this very negotiation (explicit member of the group, named in
    ``executive_ids``), and the lead negotiator while he holds a valid authorization.
    Nobody gets in by a group he gave himself afterwards: once there is a bottom line, only
    its executives say who they are.  Where none of them is left, others may take over, but
    what was set before stays sealed for good.  Source: design §4.4, S0-94, S0-96.
    """

    _inherit = "kam.negotiation"

    sees_floor = fields.Boolean(compute="_compute_sees_floor")

    def _compute_sees_floor(self):
        for negotiation in self:
            negotiation.sees_floor = bool(
                negotiation._floor_reader() or negotiation._is_its_executive(self.env.user)
            )

    # Who -----------------------------------------------------------------------------

    def _its_executives(self):
        """Those named who are still here, still executives and allowed in the company; of a
        bottom line that is there, only those it was set for.
        """
        self.ensure_one()
        # sudo: who they are must not depend on who asks.
        negotiation = self.sudo()
        people = negotiation.executive_ids.filtered(
            lambda user: self._is_executive(user) and negotiation.company_id in user.company_ids
        )
        if version := self._floor_in_force():
            known = vault.readers(self.env.cr, version.id)
            people = people.filtered(lambda user: user.id in known)
        return people

    def _is_its_executive(self, user):
        """An executive of the negotiation; any executive while none is named.

        Where a bottom line is in force and none of those who know it is left, nobody:
        whoever takes over names himself first, which seals it.
        """
        self.ensure_one()
        people = self._its_executives()
        if people or self._floor_in_force():
            return user in people
        # sudo: as above.
        allowed = self.sudo().company_id in user.sudo().company_ids
        return allowed and self._is_executive(user)

    def _check_is_its_executive(self):
        """:raise AccessError: the user is no executive of the negotiation"""
        for negotiation in self:
            if not negotiation._is_its_executive(self.env.user):
                raise AccessError(self.env._("Only an executive of this negotiation may do this."))

    def _floor_reader(self):
        """By which right the user may open the bottom line.

        :return: ``("executive", None)``, ``("lead", authorization)`` or nothing
        """
        self.ensure_one()
        user = self.env.user
        if user in self._its_executives():
            return ("executive", None)
        if user == self.sudo().lead_negotiator_id:
            # sudo: the day it is where the company works.
            paper = self._authorization_on(user, self.sudo().company_id._kam_today())
            if paper:
                return ("lead", paper)
        return ()

    def _floor_check_reader(self):
        """:raise AccessError: the same words for everybody, bottom line or not"""
        reader = self._floor_reader()
        if not reader:
            raise AccessError(
                self.env._(
                    "The bottom line is opened to the executives of this negotiation and to its "
                    "authorised lead negotiator."
                )
            )
        return reader

    def _floor_check_executives(self, before):
        """Once there is a bottom line, only its executives change who they are.

        :param before: ``{negotiation: executives before}``
        """
        if self._is_engine():
            return
        for negotiation in self:
            if negotiation.executive_ids == before[negotiation] or not negotiation.floor_version:
                continue
            version = negotiation._floor_in_force()
            known = vault.readers(self.env.cr, version.id) if version else set()
            left = before[negotiation].filtered(
                lambda user, known=known: self._is_executive(user) and user.id in known
            )
            if self.env.user in left:
                vault.keep_readers(
                    self.env.cr, version.id, {*known, *negotiation.executive_ids.ids}
                )
                continue
            if left or not self._is_executive(self.env.user):
                raise AccessError(
                    self.env._(
                        "A bottom line was set: only the executives of the negotiation say who "
                        "else is one."
                    )
                )
            # Nobody of those who knew it is left: what they set stays with them.
            negotiation._as_engine().write({"floor_sealed": negotiation.floor_version})

    # Setting -------------------------------------------------------------------------

    def action_open_floor(self):
        """The dialog in which it is set and opened; nothing of it is in this answer."""
        self.ensure_one()
        self.check_access("read")
        if not self.sees_floor:
            self._floor_check_reader()
        return {
            "type": "ir.actions.client",
            "tag": "kam_negotiation_floor",
            "name": self.env._("Bottom Line"),
            "target": "new",
            "params": {"negotiation_id": self.id},
        }

    def action_floor_form(self):
        """What the dialog needs before anything is opened: items, and what one may do."""
        self.ensure_one()
        self.check_access("read")
        if not self.sees_floor:
            self._floor_check_reader()
        return {
            "name": self.display_name,
            "version": self.floor_version,
            "can_read": bool(self._floor_reader()) and self.has_floor,
            "can_set": self._is_its_executive(self.env.user) and self.state in OPEN,
            "items": [
                {
                    "id": item.id,
                    "name": item.name,
                    "opening": item._text(item.opening),
                    "target": item._text(item.target),
                    "agreed": item._text(item.agreed) if item.is_agreed else "",
                }
                for item in self._floor_items()
            ],
        }

    def _floor_items(self):
        return self.item_ids.filtered(lambda item: item.kind != terms.SERVICE)

    def action_set_floor(self, figures):
        """Set the bottom line: a new version; earlier ones are kept.

        Before the first round and while it is negotiated; not once an agreement waits.

        :param figures: ``{item id: number}``; without a number there is no limit
        :raise AccessError: by nobody but an executive of the negotiation
        :raise UserError: not a figure, an item of another negotiation, or too late
        """
        self.ensure_one()
        self.check_access("read")
        self._check_is_its_executive()
        if self.state not in OPEN:
            raise UserError(
                self.env._("The bottom line is set while the negotiation is prepared or held.")
            )
        values = self._floor_values(figures)
        # sudo: checked above; an executive need not be allowed to write the rest.
        negotiation = self.sudo()._as_engine()
        if not negotiation.try_lock_for_update():
            raise UserError(self.env._("Somebody else is working on it at this moment."))
        now = fields.Datetime.now()
        version = {
            "negotiation_id": self.id,
            "version": self.floor_version + 1,
            "set_by_id": self.env.uid,
            "set_on": now,
        }
        sealed = self.env["kam.negotiation.floor"].sudo()._as_engine().create(version)
        sealed.flush_recordset()
        vault.keep(self.env.cr, sealed.id, values)
        negotiation.write(
            {
                "floor_version": version["version"],
                "floor_set_on": now,
                "floor_set_by_id": self.env.uid,
            }
        )
        if self.env.user not in self.executive_ids:
            negotiation.write({"executive_ids": [fields.Command.link(self.env.uid)]})
        vault.keep_readers(self.env.cr, sealed.id, self.executive_ids.ids)
        self._floor_log("set", version["version"], ("executive", None))
        self.env["kam.notice"]._settle("negotiation_floor", self)
        return True

    def _floor_values(self, figures):
        """``{item id: number}`` of what a client sent; never says what was sent."""
        wrong = UserError(
            self.env._("Give a number for each item that has a bottom line, at least for one.")
        )
        if not isinstance(figures, dict) or len(figures) > MOST:
            raise wrong
        items = {str(item.id) for item in self._floor_items()}
        values = {}
        for key, figure in figures.items():
            if figure is None or figure is False or figure == "":
                continue
            if str(key) not in items or not terms.is_figure(figure):
                raise wrong
            values[str(key)] = figure
        if not values:
            raise wrong
        return values

    def _floor_in_force(self):
        """The version in force, for the engine; empty where there is none."""
        self.ensure_one()
        floors = self.env["kam.negotiation.floor"].sudo()._as_engine()
        domain = [
            # Of a draft in a form: what is kept.
            ("negotiation_id", "in", self.ids),
            ("version", ">", self.sudo()._origin.floor_sealed),
        ]
        return floors.search(domain, order="version desc", limit=1)

    def _floor_log(self, kind, version, reader):
        right, paper = reader
        # sudo: every reading is logged, also of somebody who may not read the log.
        self.env["kam.negotiation.reading"].sudo()._as_engine().create(
            {
                "negotiation_id": self.id,
                "company_id": self.sudo().company_id.id,
                "user_id": self.env.uid,
                "date": fields.Datetime.now(),
                "version": version,
                "kind": kind,
                "reader": right,
                "authorization_id": paper.id if paper else False,
            }
        )

    # Opening -------------------------------------------------------------------------

    def action_reveal(self):
        """Open the bottom line for the acting user, and write down that he read it.

        :return: ``{"version", "set_by", "set_on", "compared", "items": [{"id", "name",
            "floor", "agreed", "verdict"}]}``; ``verdict`` is ``"met"``, ``"below"`` or
            empty, of an agreement that was submitted
        :raise AccessError: neither an executive of this negotiation nor its lead
            negotiator with an authorization that is valid today
        :raise UserError: none was set
        """
        self.ensure_one()
        self.check_access("read")
        reader = self._floor_check_reader()
        version = self._floor_in_force()
        if not version:
            raise UserError(self.env._("No bottom line was set yet."))
        self._floor_log("read", version.version, reader)
        figures, outcome = vault.opened(self.env.cr, version.id)
        compared = self.state in ("to_confirm", "agreed") and outcome
        return {
            "version": version.version,
            "set_by": version.set_by_id.name,
            "set_on": fields.Datetime.to_string(version.set_on),
            "compared": bool(compared),
            "items": [
                {
                    "id": item.id,
                    "name": item.name,
                    "floor": figures.get(str(item.id)),
                    "agreed": item.agreed if item.is_agreed else None,
                    "verdict": (compared or {}).get(str(item.id), ""),
                }
                for item in self.sudo()._floor_items()
            ],
        }

    # Comparing -----------------------------------------------------------------------

    def _floor_compare(self):
        """Once, on an agreement that is locked; sealed like the bottom line itself.

        Nothing that follows depends on the answer: neither states nor words nor who is
        asked.  Only :meth:`action_reveal` tells it.
        """
        for negotiation in self:
            version = negotiation._floor_in_force()
            if not version:
                continue
            figures, _before = vault.opened(self.env.cr, version.id)
            outcome = {}
            for item in negotiation.sudo()._floor_items():
                limit = figures.get(str(item.id))
                if limit is not None:
                    worse = terms.is_worse(item.agreed, limit, item._higher_is_better())
                    outcome[str(item.id)] = "below" if worse else "met"
            vault.keep_outcome(self.env.cr, version.id, outcome)
