import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { WeekBanner } from "./week_banner";

export class WeekListRenderer extends ListRenderer {
    static template = "key_account_mgmt.WeekListRenderer";
    static components = { ...ListRenderer.components, WeekBanner };
}

export class WeekKanbanRenderer extends KanbanRenderer {
    static template = "key_account_mgmt.WeekKanbanRenderer";
    static components = { ...KanbanRenderer.components, WeekBanner };
}

registry.category("views").add("kam_week_list", { ...listView, Renderer: WeekListRenderer });
registry
    .category("views")
    .add("kam_week_kanban", { ...kanbanView, Renderer: WeekKanbanRenderer });
