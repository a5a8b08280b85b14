from odoo import api, fields, models


class KamOwnFiles(models.AbstractModel):
    """Whoever may read the document reads its files; those of others are copied.

    By the rights of whoever attaches them.
    """

    _name = "kam.own.files"
    _description = "Document with Its Own Files"

    _own_file_fields = ()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._own_files(self._own_file_fields)
        return records

    def write(self, vals):
        result = super().write(vals)
        self._own_files([name for name in self._own_file_fields if name in vals])
        return result

    def _own_files(self, names):
        for record in self:
            for name in names:
                own = record._own(record[name])
                if own != record[name]:
                    record.write({name: [fields.Command.set(own.ids)]})

    def _own(self, files):
        """The same files, or copies of those that belong to something else."""
        self.ensure_one()
        place = {"res_model": self._name, "res_id": self.id}
        own = files.browse()
        for file in files:
            if (file.res_model, file.res_id) == (self._name, self.id):
                own |= file
            elif file.res_id:
                own |= file.copy({**place, "name": file.name})
            else:
                file.write(place)
                own |= file
        return own
