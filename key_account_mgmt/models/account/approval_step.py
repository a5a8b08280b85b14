from odoo import fields, models


class KamApprovalStep(models.Model):
    """The manager of a department as approver.

    Without a department named here: of the requester's own.  A manager's own request
    goes to the manager above him.
    """

    _inherit = "kam.approval.step"

    approver_type = fields.Selection(
        selection_add=[("department", "The manager of a department")],
        ondelete={"department": "cascade"},
    )
    department_id = fields.Many2one(
        "kam.department",
        ondelete="restrict",
        help="Empty: the department of whoever submits.",
    )

    def _is_complete(self):
        return self.approver_type == "department" or super()._is_complete()

    def _candidates(self, document, requester):
        if self.approver_type != "department":
            return super()._candidates(document, requester)
        department = self.department_id or self._department_of(
            requester, document._approval_company()
        )
        while department and department.manager_id in (requester, requester.browse()):
            department = department.parent_id
        return department.manager_id

    def _department_of(self, user, company):
        """The department ``user`` works in, of ``company`` or of no company."""
        return self.env["kam.department"]._of_user(user, company)
