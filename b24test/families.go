package b24test

import "strings"

// families are the entities every portal has, protocol.md 5.2.
func families() []family {
	all := []family{
		recordOf("crm.deal"),
		recordOf("crm.lead"),
		recordOf("crm.company"),
		recordOf("crm.contact"),
		recordOf("crm.quote"),
		{
			entity: "user", id: "ID", verbs: map[string]operation{"get": list, "search": list, "fields": fields, "add": addUser, "update": updateUser}, find: userNames(),
			fields: userFields(), unknown: unknownIgnored, texts: textUser, sort: true, both: true, loose: true, noCount: totalOnRows,
			paging: byOffset,
		},
		{
			entity: "department", id: "ID", verbs: map[string]operation{"get": list, "fields": fields},
			fields: []string{"NAME", "SORT", "PARENT", "UF_HEAD"}, unknown: unknownIgnored, texts: textAll, order: "LEFT_MARGIN",
			sort: true, loose: true, equal: true, wraps: true,
		},
		{
			entity: "sonet_group", id: "ID", verbs: lists("get"), exact: true, names: capitalNames(), texts: textAll, order: "-ID", wraps: true,
		},
		{
			entity: "socialnetwork.api.workgroup", id: "id", rows: "workgroups", verbs: lists("list"), exact: true, checked: true, camel: true,
			capitals: true, fields: strings.Fields("name active closed visible opened"), unknown: unknownIgnored, texts: textNumbers,
			selects: []string{"id"}, noCount: totalAbsent,
		},
		{
			entity: "entity.item", id: "ID", verbs: lists("get"), exact: true, names: map[string]string{"filter": "FILTER", "order": "SORT"},
			scopes: []scope{{arg: "ENTITY", field: "ENTITY", required: true}}, upper: true, texts: textAll, order: "ID", wraps: true,
		},
		{
			entity: "event.offline", id: "ID", verbs: lists("list"), fields: strings.Fields("TIMESTAMP_X EVENT_NAME MESSAGE_ID PROCESS_ID ERROR"),
			operators: strings.Fields("= > < >= <= @ %"), upper: true, unknown: unknownWrong, texts: textAll, order: "ID",
			paging: byOffset, noCount: totalAlways,
		},
		{
			entity: "userfieldconfig", id: "id", rows: "fields", verbs: lists("list"), exact: true, checked: true, camel: true,
			scopes: []scope{{arg: "moduleId", field: "moduleId", required: true}}, unknown: unknownIgnored, texts: textNumbers, noCount: totalAbsent,
		},
	}
	for _, more := range [][]family{crmFamilies(), taskFamilies(), talkFamilies(), processFamilies(), fileFamilies(), tradeFamilies()} {
		all = append(all, more...)
	}
	return all
}

// lists are the verbs of an entity whose rows can only be listed.
func lists(names ...string) map[string]operation {
	verbs := map[string]operation{}
	for _, name := range names {
		verbs[name] = list
	}
	return verbs
}

// capitalNames are the arguments of a method that knows them in capitals only.
func capitalNames() map[string]string {
	return map[string]string{"filter": "FILTER", "order": "ORDER", "select": "SELECT"}
}

// talkFamilies are those of chats, calls and the feed.
func talkFamilies() []family {
	return []family{
		{
			entity: "im.recent", id: "id", textID: true, rows: "items", more: "hasMore", verbs: lists("list"), order: "-date_update",
			filterable: []string{}, paging: byLimit, limit: pageSize, most: 200, noCount: totalMinus,
		},
		{
			entity: "im.dialog.messages", id: "id", rows: "messages", verbs: map[string]operation{"get": history},
			scopes: []scope{{arg: "DIALOG_ID", field: "dialog_id", required: true}}, order: "-id", filterable: []string{}, limit: 20, most: 50, noCount: totalNever,
		},
		{
			entity: "im.search.user", id: "id", byID: true, verbs: lists("list"), find: []string{"name", "first_name", "last_name"}, order: "id",
			filterable: []string{}, paging: byLimit, limit: 10, most: 50, noCount: totalAlways,
		},
		{
			entity: "log.blogpost", id: "ID", verbs: map[string]operation{"get": history}, scopes: []scope{{arg: "POST_ID", field: "ID"}},
			order: "-ID", filterable: []string{}, texts: textAll, limit: pageSize, most: 200, wraps: true,
		},
		{
			entity: "voximplant.statistic", id: "ID", verbs: lists("get"), texts: textAll, sort: true, both: true, upper: true, paging: byOffset,
		},
		{
			entity: "telephony.externalline", id: "NUMBER", textID: true, verbs: lists("get"), texts: textAll, filterable: []string{},
			order: "NUMBER", paging: allRows, noCount: totalNever,
		},
		{
			entity: "imopenlines.config.list", id: "ID", verbs: lists("get"), inside: "params", texts: textAll,
			paging: byLimit, noCount: totalNever,
		},
		{
			entity: "calendar.event", id: "ID", verbs: lists("get"), filterable: []string{}, texts: textAll, order: "DATE_FROM",
			scopes: []scope{
				{arg: "type", field: "CAL_TYPE", required: true},
				{arg: "ownerId", field: "OWNER_ID"},
				{arg: "from", field: "DATE_TO", op: ">="},
				{arg: "to", field: "DATE_FROM", op: "<="},
			}, paging: allRows, noCount: totalNever,
		},
	}
}

// processFamilies are those of workflows, lists and generated documents.
func processFamilies() []family {
	process := family{
		id: "ID", texts: textAll, unknown: unknownIgnored, upper: true, paging: byOffset,
		operators: strings.Fields("! = != < <= > >= >< % @"),
	}
	instances, templates, tasks := process, process, process
	instances.entity, instances.verbs, instances.textID = "bizproc.workflow", lists("instances"), true
	instances.order, instances.selects = "-MODIFIED", []string{"MODIFIED", "OWNED_UNTIL"}
	instances.fields = strings.Fields("MODIFIED OWNED_UNTIL MODULE_ID ENTITY DOCUMENT_ID STARTED STARTED_BY TEMPLATE_ID")
	templates.entity, templates.verbs, templates.order, templates.selects = "bizproc.workflow.template", lists("list"), "ID", []string{"ID"}
	tasks.entity, tasks.verbs, tasks.order, tasks.paging, tasks.wraps = "bizproc.task", lists("list"), "-ID", byPage, true
	tasks.selects = strings.Fields("ID WORKFLOW_ID DOCUMENT_NAME NAME")
	list := []family{
		instances, templates, tasks,
		{
			entity: "lists.element", id: "ID", verbs: lists("get"), exact: true,
			names:  map[string]string{"filter": "FILTER", "order": "ELEMENT_ORDER", "select": "SELECT"},
			scopes: []scope{{arg: "IBLOCK_TYPE_ID", field: "IBLOCK_TYPE_ID", required: true}, {arg: "IBLOCK_ID", field: "IBLOCK_ID", required: true}},
			fields: strings.Fields("NAME IBLOCK_SECTION_ID CREATED_BY MODIFIED_BY DATE_CREATE TIMESTAMP_X ACTIVE_FROM ACTIVE_TO CODE SORT"),
			upper:  true, operators: strings.Fields("! = != < <= > >= >< % !% ?"), unknown: unknownWrong, anyOrder: true, values: true,
			texts: textAll, order: "ID", wraps: true, noCount: totalOnRows,
		},
		{
			entity: "lists", id: "ID", verbs: lists("get"), exact: true, names: map[string]string{"order": "IBLOCK_ORDER"},
			scopes: []scope{{arg: "IBLOCK_TYPE_ID", field: "IBLOCK_TYPE_ID", required: true}}, filterable: []string{}, texts: textAll, order: "ID", wraps: true,
			noCount: totalOnRows,
		},
	}
	for _, entity := range []string{"documentgenerator.document", "crm.documentgenerator.document"} {
		list = append(list, family{
			entity: entity, id: "id", rows: "documents", verbs: lists("list"), exact: true, checked: true, camel: true,
			unknown: unknownIgnored, texts: textNumbers, noCount: totalAbsent,
		})
	}
	return list
}

// fileFamilies are those of the Drive and of sites.
func fileFamilies() []family {
	disk := family{
		id: "ID", verbs: lists("getchildren"), texts: textAll, unknown: unknownIgnored, upper: true, anyOrder: true,
		operators: strings.Fields("! < <= > >= >< = != % !%"), fields: strings.Fields("NAME CODE TYPE PARENT_ID CREATE_TIME UPDATE_TIME CREATED_BY"),
		paging: byOffset, noCount: totalAlways,
	}
	folders, storages, roots := disk, disk, disk
	folders.entity, folders.scopes = "disk.folder", []scope{{arg: "id", field: "PARENT_ID", required: true}}
	storages.entity, storages.verbs, storages.scopes = "disk.storage.getchildren", lists(""), []scope{{arg: "id", field: "STORAGE_ID", required: true}}
	roots.entity, roots.verbs = "disk.storage", lists("getlist")
	sites := family{id: "ID", verbs: lists("getlist"), inside: "params", texts: textAll, paging: byLimit, noCount: totalNever}
	pages := sites
	sites.entity, pages.entity = "landing.site", "landing.landing"
	return []family{folders, storages, roots, sites, pages}
}

// tradeFamilies are those of the catalog and of orders.
func tradeFamilies() []family {
	var all []family
	for _, names := range [][2]string{
		{"catalog.product", "products"},
		{"catalog.section", "sections"},
		{"catalog.price", "prices"},
		{"catalog.catalog", "catalogs"},
		{"catalog.document", "documents"},
		{"catalog.store", "stores"},
		{"sale.order", "orders"},
		{"sale.basketitem", "basketItems"},
		{"sale.payment", "payments"},
		{"sale.shipment", "shipments"},
	} {
		f := family{
			entity: names[0], id: "id", rows: names[1], verbs: lists("list"), exact: true, checked: true, camel: true,
			unknown: unknownIgnored, order: "id", noCount: totalAbsent,
		}
		if f.entity == "catalog.product" || f.entity == "catalog.section" {
			f.needs, f.fields = []string{"iblockId"}, []string{"iblockId"}
		}
		all = append(all, f)
	}
	return all
}
