from odoo import api, models
from odoo.tools.misc import format_date, format_datetime


class KamVisitPaper(models.AbstractModel):
    """What outline and report of a visit have in common.

    Read with the rights of the person who prints: a limit he may not see on the screen is
    not on his paper either.
    """

    _name = "kam.visit.paper"
    _description = "Papers of a Visit"

    @api.model
    def _get_report_values(self, docids, data=None):
        visits = self.env["kam.visit"].browse(docids)
        visits.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": visits._name,
            "docs": visits,
            "papers": {visit.id: self._paper(visit) for visit in visits},
        }

    def _paper(self, visit):
        return {"head": self._head(visit), "texts": self._texts(visit)}

    def _head(self, visit):
        """Who meets whom, when, where and why, as (label, value)."""
        rows = [
            (self.env._("Customer"), visit.account_id.display_name),
            (self.env._("Purpose"), visit.purpose_id.name),
            (self.env._("How"), visit.mode_id.name),
            (self.env._("When"), self._when(visit)),
            (self.env._("Place"), visit.location or "–"),
            (self.env._("Organiser"), visit.user_id.name),
            (self.env._("Our participants"), self._names(visit.participant_ids)),
            (self.env._("Customer's participants"), self._names(visit.contact_ids)),
        ]
        if visit.also_account_ids:
            names = ", ".join(visit.also_account_ids.mapped("display_name"))
            rows.append((self.env._("Also for"), names))
        return rows

    def _when(self, visit):
        zone = visit.company_id._kam_working_time().tz.zone
        start, stop = (
            format_datetime(self.env, moment, tz=zone, dt_format="short")
            for moment in (visit.start, visit.stop)
        )
        return f"{start} – {stop}"

    def _names(self, people):
        return ", ".join(people.mapped("name")) or "–"

    def _label(self, visit, name):
        return visit._fields[name]._description_string(self.env)

    def _texts(self, visit):
        """Hook: ``[(label, text)]`` of what was written."""
        return []


class VisitOutline(models.AbstractModel):
    """Outline of a visit (P10): what to prepare, say and ask.  Source: S0-74, S1r-04."""

    _name = "report.key_account_mgmt.report_visit_outline"
    _inherit = ["kam.visit.paper"]
    _description = "Visit Outline"

    def _texts(self, visit):
        names = ("checklist", "outline", "questions", "disputed_points", "concession_limit")
        texts = [(self._label(visit, name), visit[name]) for name in names if visit[name]]
        files = ", ".join(visit.material_ids.mapped("name"))
        if files:
            texts.append((self._label(visit, "material_ids"), files))
        return texts


class VisitReport(models.AbstractModel):
    """Report of a visit (P11).  Source: S0-76, S0-77."""

    _name = "report.key_account_mgmt.report_visit_report"
    _inherit = ["kam.visit.paper"]
    _description = "Visit Report"

    def _paper(self, visit):
        return super()._paper(visit) | {"handed_in": self._handed_in(visit)}

    def _texts(self, visit):
        nothing = self.env._("Nothing new")
        texts = [(self._label(visit, "report"), visit.report or "–")]
        texts += [
            (self._label(visit, name), visit[name] or nothing)
            for name in visit._blocks()
            if visit[name] or visit[f"{name}_none"] or visit.nothing_else
        ]
        if visit.satisfaction:
            labels = dict(visit._fields["satisfaction"]._description_selection(self.env))
            texts.append((self._label(visit, "satisfaction"), labels[visit.satisfaction]))
        texts += [
            (self._label(visit, name), visit[name]) for name in ("suggestions",) if visit[name]
        ]
        if visit.tag_ids:
            passed = ", ".join(visit.tag_ids.mapped("name"))
            texts.append((self._label(visit, "tag_ids"), passed))
        if visit.next_action:
            until = format_date(self.env, visit.next_action_date)
            texts.append((self._label(visit, "next_action"), f"{visit.next_action} ({until})"))
        return texts

    def _handed_in(self, visit):
        if visit.state != "reported":
            return self.env._("Not handed in yet.")
        values = {
            "name": visit.reported_by_id.name,
            "moment": format_datetime(
                self.env,
                visit.reported_on,
                tz=visit.company_id._kam_working_time().tz.zone,
                dt_format="short",
            ),
        }
        if visit.entered_late:
            return self.env._("Handed in by %(name)s on %(moment)s, entered late", **values)
        return self.env._("Handed in by %(name)s on %(moment)s", **values)
