package b24test

import "strings"

// processFamilies returns those of workflows.
func processFamilies() []family {
	process := family{
		id: "ID", grammar: pickedGrammar("! < <= > >="), naming: [3]naming{inOrder: namingAnyCase, inSelect: namingAnyCase}, allIfNone: true, texts: textAll, paging: byOffset,
	}
	instances, templates, tasks := process, process, process
	instances.entity, instances.verbs, instances.textID = "bizproc.workflow", lists("instances"), true
	instances.order, instances.selects = "-MODIFIED", []string{"MODIFIED", "OWNED_UNTIL"}
	templates.entity, templates.verbs, templates.order, templates.selects = "bizproc.workflow.template", lists("list"), "ID", []string{"ID"}
	tasks.entity, tasks.verbs, tasks.order, tasks.paging, tasks.wraps = "bizproc.task", lists("list"), "-ID", byPage, true
	tasks.grammar.engine, tasks.selects = classicSQL, strings.Fields("ID WORKFLOW_ID DOCUMENT_NAME NAME")
	tasks.joins = []join{{member: "USERS", shown: true, fields: map[string]string{
		"USER_ID": "USER_ID", "USER_STATUS": "USER_STATUS",
	}}}
	return []family{instances, templates, tasks}
}

// listFamilies returns those of lists and of the storage of applications.
func listFamilies() []family {
	return []family{
		{
			entity: "lists.element", id: "ID", verbs: lists("get"), exact: true,
			names:   map[string]string{"filter": "FILTER", "order": "ELEMENT_ORDER", "select": "SELECT"},
			scopes:  []scope{{arg: "IBLOCK_TYPE_ID", field: "IBLOCK_TYPE_ID", required: true}, {arg: "IBLOCK_ID", field: "IBLOCK_ID", required: true}},
			grammar: strictGrammar(listsSQL, "! < <= > >= >< !>< % !% = *"), naming: [3]naming{inFilter: namingAnyCase, inOrder: namingAnyCase},
			strays: [3]stray{inFilter: strayWrong}, free: []string{"PROPERTY_"}, values: true, texts: textAll, order: "ID", wraps: true, noCount: totalOnRows,
		},
		{
			entity: "lists", id: "ID", verbs: lists("get"), exact: true, names: map[string]string{"order": "IBLOCK_ORDER"},
			scopes: []scope{{arg: "IBLOCK_TYPE_ID", field: "IBLOCK_TYPE_ID", required: true}}, filterable: []string{}, naming: everywhere(namingAnyCase), turns: turnsLower,
			texts: textAll, order: "-ID", wraps: true, noCount: totalOnRows,
		},
		{
			entity: "entity.item", id: "ID", verbs: lists("get"), exact: true, names: map[string]string{"filter": "FILTER", "order": "SORT"},
			scopes: []scope{{arg: "ENTITY", field: "ENTITY", required: true}}, grammar: itemGrammar(), naming: everywhere(namingAnyCase),
			free: []string{"PROPERTY_"}, texts: textAll, order: "ID", wraps: true,
		},
		{
			entity: "entity.section", id: "ID", verbs: lists("get"), exact: true, names: map[string]string{"filter": "FILTER", "order": "SORT"},
			scopes:  []scope{{arg: "ENTITY", field: "ENTITY", required: true}},
			grammar: grammar{engine: iblockSQL, operators: operatorsOf(pickedOperators), groups: groupsDropped}, naming: everywhere(namingAnyCase),
			texts: textAll, order: "ID", wraps: true,
		},
	}
}

// documentFamilies returns those of generated documents, their templates and numbers.
func documentFamilies() []family {
	documents := family{
		entity: "documentgenerator.document", id: "id", rows: "documents", verbs: lists("list"), exact: true, checked: true, camel: true,
		grammar: ormGrammar(logicSnake), implied: impliedAlways, naming: everywhere(namingCamel), strays: everywhere(strayUnknown), turns: turnsORM,
		texts: textNumbers, noCount: totalAbsent,
	}
	crmDocuments := documents
	crmDocuments.entity, crmDocuments.owned = "crm.documentgenerator.document", []string{"entityTypeId", "entityId"}

	templates := documents
	templates.entity, templates.rows, templates.byID, templates.merged, templates.withID = "documentgenerator.template", "templates", true, true, true
	templates.standing = []standing{{field: "isDeleted", value: "N", unless: []string{"isDeleted", "@isDeleted", "!isDeleted"}}}
	crmTemplates := templates
	templates.joins = []join{{member: "providers", fields: map[string]string{"provider.provider": "PROVIDER"}}}
	crmTemplates.entity, crmTemplates.owned = "crm.documentgenerator.template", []string{"entityTypeId"}
	crmTemplates.joins = []join{{member: "entityTypeId"}}
	all := []family{documents, crmDocuments, templates, crmTemplates}
	for _, names := range [][2]string{
		{"documentgenerator.numerator", "numerators"}, {"crm.documentgenerator.numerator", "numerators"}, {"documentgenerator.role", "roles"},
	} {
		f := family{
			entity: names[0], id: "id", rows: names[1], verbs: lists("list"), exact: true, checked: true, camel: true,
			filterable: []string{}, orderable: []string{}, texts: textNumbers, order: "id", noCount: totalPage,
		}
		if names[1] == "roles" {
			f.texts = textNone
		}
		all = append(all, f)
	}
	return all
}
