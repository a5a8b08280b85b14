from odoo import api, models

PART = "key_account_mgmt.kam_approval_part_view_form"


class KamApprovalMixin(models.AbstractModel):
    """The page part every approvable document shows, put into its form by itself."""

    _inherit = "kam.approval.mixin"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form" and view:
            self._approval_add_part(arch)
        return arch, view

    @api.model
    def _approval_add_part(self, arch):
        """Buttons into the header, who holds it above the fields, the course as a page.

        A form without the place for one of them goes without it.
        """
        # sudo: the part is the same for everybody who may open the document.
        part = self.env.ref(PART).sudo()._get_combined_arch()
        header = arch.find("header")
        if header is not None:
            status = header.find("field[@widget='statusbar']")
            place = len(header) if status is None else list(header).index(status)
            for element in reversed(list(part.find("header"))):
                header.insert(place, element)
        sheet = arch.find("sheet")
        if sheet is None:
            return
        group = sheet.find("group")
        place = 0 if group is None else list(sheet).index(group)
        sheet.insert(place, part.find("sheet/div"))
        notebook = sheet.find("notebook")
        if notebook is not None:
            notebook.append(part.find("sheet/notebook/page"))
