package b24test

import "strings"

// recordOf is the family of deals and the like.
func recordOf(entity string) family {
	f := classic(entity)
	f.cast = castRecord
	if name := strings.TrimPrefix(entity, "crm."); name != "deal" {
		f.absent = strings.ToUpper(name[:1]) + name[1:] + " is not found"
	}
	return f
}

// classic is the family of the old CRM methods: fields in capitals, all values text, result is the rows.
func classic(entity string) family {
	return family{
		entity: entity, idArgs: []string{"id"}, id: "ID", texts: textAll, shy: shyMulti, order: "ID", wraps: true,
		verbs:   map[string]operation{"list": list, "get": get, "add": add, "update": update, "delete": remove, "fields": fields},
		created: "DATE_CREATE", changed: "DATE_MODIFY", usual: usualValues(entity), cast: castClassic,
	}
}

// crmFamilies are those of the CRM beside deals and the like.
func crmFamilies() []family {
	activity, requisite, comment := classic("crm.activity"), classic("crm.requisite"), classic("crm.timeline.comment")
	activity.cast, activity.absent = castActivity, "Activity is not found."
	activity.order, activity.created, activity.changed = "START_TIME", "CREATED", "LAST_UPDATED"
	comment.created, comment.changed = "CREATED", ""
	address := classic("crm.address")
	address.id, address.verbs, address.order, address.paging, address.wraps, address.noCount = "", lists("list"), "", byOffset, false, totalAbsent
	status, currency := classic("crm.status"), classic("crm.currency")
	status.order, status.upper, status.paging, status.noCount, status.created, status.changed = "SORT", true, allRows, totalAlways, "", ""
	currency.id, currency.textID, currency.verbs, currency.filterable = "CURRENCY", true, lists("list"), []string{}
	currency.order, currency.upper, currency.paging, currency.noCount = "SORT", true, allRows, totalAlways
	older := classic("crm.dealcategory")
	older.shelf, older.view, older.paging, older.noCount = "crm.category", dealCategories, allRows, totalAlways
	older.verbs = map[string]operation{"list": list, "get": get, "fields": fields, "default.get": defaultCategory}
	all := []family{activity, requisite, comment, address, status, currency, item(), older}
	all = append(all, crmControllers()...)
	for _, owner := range []string{"lead", "deal", "contact", "company", "quote"} {
		all = append(all, family{
			entity: "crm." + owner + ".userfield", id: "ID", verbs: lists("list"), unknown: unknownIgnored, upper: true, texts: textAll,
			order: "ID", paging: allRows, noCount: totalAlways,
		}, family{
			entity: "crm." + owner + ".productrows", id: "ID", verbs: lists("get"), scopes: []scope{{arg: "id", field: "OWNER_ID", required: true}}, texts: textAll,
			order: "ID", filterable: []string{}, paging: allRows, noCount: totalNever,
		})
	}
	return append(all, family{
		entity: "crm.productrow", id: "ID", verbs: lists("list"), texts: textAll, order: "ID", paging: allRows, noCount: totalNever,
	})
}

func item() family {
	return family{
		entity: "crm.item", typed: true, exact: true, checked: true, idArgs: []string{"id"}, id: "id", rows: "items", row: "item",
		verbs: map[string]operation{"list": list, "get": get, "add": add, "update": update, "delete": remove, "fields": fields},
		camel: true, cast: castItem, fields: itemFields(), unknown: unknownRefused, noCount: totalAbsent, missing: missingItem,
		created: "createdTime", changed: "updatedTime",
	}
}

// crmControllers are the families of the CRM that answer as crm.item.* does.
func crmControllers() []family {
	controller := family{id: "id", verbs: lists("list"), exact: true, checked: true, camel: true, unknown: unknownRefused, noCount: totalAbsent}
	pipelines, history, types, rows := controller, controller, controller, controller
	pipelines.entity, pipelines.rows, pipelines.paging, pipelines.order, pipelines.zero = "crm.category", "categories", allRows, "id", true
	pipelines.verbs = map[string]operation{"list": categories}
	pipelines.filterable, pipelines.scopes = []string{"code"}, []scope{{arg: "entityTypeId", field: "entityTypeId", required: true}}
	history.entity, history.rows, history.id, history.camel, history.anyOrder = "crm.stagehistory", "items", "ID", false, true
	history.fields = strings.Fields("TYPE_ID OWNER_ID CREATED_TIME CATEGORY_ID STAGE_SEMANTIC_ID STAGE_ID STATUS_SEMANTIC_ID STATUS_ID")
	history.scopes = []scope{{arg: "entityTypeId", field: "ENTITY_TYPE_ID", required: true}}
	types.entity, types.rows = "crm.type", "types"
	types.fields = strings.Fields("title entityTypeId code createdBy isAutomationEnabled isBizProcEnabled isCategoriesEnabled isClientEnabled")
	rows.entity, rows.rows, rows.needs = "crm.item.productrow", "productRows", []string{"ownerId", "ownerType"}
	rows.fields = strings.Fields("ownerId ownerType productId productName price quantity sort")
	return []family{pipelines, history, types, rows}
}

// taskFamilies are those of tasks and of what belongs to one.
func taskFamilies() []family {
	part := family{id: "ID", verbs: lists("getlist"), texts: textAll, scopes: []scope{{arg: "taskid", field: "TASK_ID", required: true}}, order: "ID"}
	comments, checks, elapsed := part, part, part
	comments.entity, checks.entity, elapsed.entity = "task.commentitem", "task.checklistitem", "task.elapseditem"
	comments.positions = []string{"taskid", "order", "filter"}
	comments.paging, comments.noCount = allRows, totalNever
	checks.positions, checks.paging, checks.noCount = comments.positions, allRows, totalNever
	elapsed.positions = []string{"taskid", "order", "filter", "select", "params"}
	elapsed.paging, elapsed.noCount = byNav, totalAlways
	return []family{
		{
			entity: "tasks.task", exact: true, checked: true, idArgs: []string{"taskId", "id"}, id: "id", rows: "tasks", row: "task",
			verbs: map[string]operation{"list": list, "get": get, "add": add, "update": update, "delete": remove, "getfields": fields},
			camel: true, capitals: true, loud: true, cast: castTask, fields: taskFields(), texts: textNumbers, shy: shyUser, order: "id", noCount: totalAbsent,
			missing: missingTask, created: "createdDate", changed: "changedDate",
		},
		{
			entity: "tasks.task.result", id: "id", verbs: lists("list"), exact: true, checked: true, scopes: []scope{{arg: "taskId", field: "taskId", required: true}},
			filterable: []string{}, order: "id", paging: allRows, noCount: totalNever,
		},
		{
			entity: "task.item", id: "ID", verbs: lists("list", "getlist"), positions: []string{"order", "filter", "params", "select"},
			texts: textAll, order: "ID", paging: byNav, limit: pageSize, noCount: totalAlways,
		},
		comments, checks, elapsed,
	}
}
