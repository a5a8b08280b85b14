from odoo import models
from odoo.exceptions import AccessError


class ResConfigSettings(models.TransientModel):
    """The six stages of developing a key account, for who wants them in his pipeline.

    Never made by installing: stages belong to every team.  Source: S1r-14, g Q34.
    """

    _inherit = "res.config.settings"

    def _kam_stage_names(self):
        return [
            self.env._("Find"),
            self.env._("First Contact"),
            self.env._("Deeper Talks"),
            self.env._("Follow-Up"),
            self.env._("Deal"),
            self.env._("Maintenance"),
        ]

    def action_kam_propose_stages(self):
        """Add those of the six stages that the pipeline does not have, in every language.

        :raise AccessError: the user may not change Settings
        """
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Stages are added by who may change Settings."))
        # sudo: a Settings user decides about stages, with rights in Sales or not.
        Stage = self.env["crm.stage"].sudo()
        wanted = self.with_context(lang="en_US")._kam_stage_names()
        known = set(Stage.with_context(lang="en_US").search([("id", "!=", 0)]).mapped("name"))
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        last = Stage.search([("is_won", "=", False)], order="sequence desc", limit=1).sequence
        for number, name in enumerate(wanted):
            if name in known:
                continue
            stage = Stage.with_context(lang="en_US").create(
                {"name": name, "sequence": last + 1 + number}
            )
            for code in languages:
                texts = self.with_context(lang=code)._kam_stage_names()
                stage.with_context(lang=code).name = texts[number]
        return True
