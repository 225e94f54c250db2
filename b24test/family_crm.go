package b24test

import (
	"strings"

	"github.com/b24go/b24/b24test/internal/php"
)

// classic returns the family of an older CRM method: fields in capitals, all values text, the
// result is the rows.
func classic(entity string) family {
	f := family{
		entity: entity, insists: true, idArgs: []string{"id"}, id: "ID", texts: textAll, shy: shyMulti, order: "ID", wraps: true, withID: true,
		verbs:   map[string]operation{"list": list, "get": get, "add": add, "update": update, "delete": remove, "fields": fields},
		grammar: classicGrammar(), naming: [3]naming{inOrder: namingAnyCase, inSelect: namingAnyCase}, turns: turnsAsc,
		free: []string{"UF_", "PARENT_ID_"}, created: "DATE_CREATE", changed: "DATE_MODIFY", usual: usualValues(entity), cast: castClassic,
	}
	if documentedFields(entity) == nil {
		f.strays = everywhere(strayEmpty) // the fields it has are not known
	}
	return f
}

// recordOf returns the family of deals and the like.
func recordOf(entity string) family {
	f := classic(entity)
	f.cast = castRecord
	if name := strings.TrimPrefix(entity, "crm."); name != "deal" {
		f.absent = strings.ToUpper(name[:1]) + name[1:] + " is not found"
	}
	return f
}

// recordFamilies returns the records of the CRM.
func recordFamilies() []family {
	deal, lead, contact, company, quote := recordOf("crm.deal"), recordOf("crm.lead"), recordOf("crm.contact"), recordOf("crm.company"), recordOf("crm.quote")
	deal.ignored, deal.last = []string{"CONTACT_IDS"}, "STAGE_ID"
	deal.standing = []standing{{field: "IS_RECURRING", value: "N", unless: strings.Fields("IS_RECURRING =IS_RECURRING ID =ID @ID")}}
	lead.ignored, lead.last = []string{"CONTACT_IDS"}, "STATUS_ID"
	quote.ignored, quote.last = []string{"CONTACT_IDS"}, "STATUS_ID"
	contact.ignored, company.ignored = []string{"COMPANY_IDS", "ADDRESS_COUNTRY_CODE"}, []string{"CONTACT_ID"}
	contact.standing = []standing{{field: "CATEGORY_ID", value: "0"}}
	company.standing = contact.standing
	return []family{deal, lead, company, contact, quote}
}

// crmFamilies returns those of the CRM except its records.
func crmFamilies() []family {
	activity, status, currency := classic("crm.activity"), classic("crm.status"), classic("crm.currency")
	activity.cast, activity.absent = castActivity, "Activity is not found."
	activity.order, activity.created, activity.changed = "START_TIME", "CREATED", "LAST_UPDATED"
	activity.quiet = []string{"COMMUNICATIONS", "BINDINGS"}
	activity.bindings, activity.ignored = true, strings.Fields("COMMUNICATIONS FILES WEBDAV_ELEMENTS IS_INCOMING_CHANNEL")
	activity.joins = []join{{member: "BINDINGS", fields: map[string]string{
		"BINDINGS.OWNER_TYPE_ID": "OWNER_TYPE_ID", "BINDINGS.OWNER_ID": "OWNER_ID",
	}}}
	status.order, status.paging, status.noCount, status.created, status.changed = "SORT", allRows, totalAlways, "", ""
	currency.id, currency.textID, currency.verbs, currency.filterable = "CURRENCY", true, lists("list"), []string{}
	currency.order, currency.paging, currency.noCount, currency.quiet = "SORT", allRows, totalAlways, []string{"LANG"}
	older := classic("crm.dealcategory")
	older.shelf, older.view, older.paging, older.noCount = "crm.category", dealCategories, allRows, totalAlways
	older.shelve = func(values *php.Array) { values.Set("entityTypeId", php.Number(dealType)) }
	older.verbs = map[string]operation{"list": list, "get": get, "fields": fields, "default.get": defaultCategory}
	all := []family{activity, status, currency, comments(), logMessages(), recurring(), older}
	all = append(all, olderFieldFamilies()...)
	for _, entity := range []string{"crm.product", "crm.productsection", "crm.catalog", "crm.vat", "crm.measure"} {
		f := classic(entity)
		f.created, f.changed = "", ""
		all = append(all, f)
	}
	for _, entity := range []string{"crm.lead.productrows", "crm.deal.productrows", "crm.quote.productrows"} {
		all = append(all, family{
			entity: entity, id: "ID", verbs: lists("get"), scopes: []scope{{arg: "id", field: "OWNER_ID", required: true}},
			shelf: "crm.item.productrow", view: capitalRows, shelve: shelveRow(entity), order: "ID", filterable: []string{}, paging: allRows, noCount: totalNever,
		})
	}
	return append(all, family{
		entity: "crm.productrow", id: "ID", verbs: lists("list"), grammar: classicGrammar(), texts: textAll, order: "ID", paging: allRows, noCount: totalNever,
		shelf: "crm.item.productrow", view: capitalRows, shelve: shelveRow("crm.productrow"),
	})
}

// comments returns the family of timeline comments: only the owner counts in a filter.
func comments() family {
	f := classic("crm.timeline.comment")
	f.filterable = []string{"ENTITY_ID", "ENTITY_TYPE"}
	f.bare, f.orderable, f.naming = f.filterable, []string{"ID", "CREATED", "AUTHOR_ID"}, [3]naming{}
	f.turns, f.order, f.wraps, f.withID, f.noCount = turnsUpper, "", false, false, totalAlways
	f.created, f.changed = "CREATED", ""
	return f
}

// logMessages returns the family of timeline log messages: 10 a page, by the argument offset.
func logMessages() family {
	return family{
		entity: "crm.timeline.logmessage", id: "id", rows: "logMessages", verbs: lists("list"), exact: true, checked: true,
		scopes:     []scope{{arg: "entityTypeId", field: "entityTypeId", required: true}, {arg: "entityId", field: "entityId", required: true}},
		filterable: []string{}, orderable: []string{"id", "created"}, turns: turnsLower, camel: true,
		order: "-id", paging: byArg, limit: 10, noCount: totalAbsent,
	}
}

// recurring returns the family of recurring deal templates: the portal reads all of them and cuts
// them into pages.
func recurring() family {
	f := classic("crm.deal.recurring")
	f.verbs, f.grammar, f.naming, f.strays = lists("list"), mixedGrammar(), [3]naming{}, [3]stray{}
	f.turns, f.order, f.noCount = turnsORM, "", totalAlways
	return f
}

// requisiteFamilies returns requisites and related entities: an ORM reads them all, and the portal
// cuts them into pages.
func requisiteFamilies() []family {
	var all []family
	for _, entity := range []string{"crm.requisite", "crm.requisite.bankdetail", "crm.requisite.preset", "crm.requisite.link"} {
		f := classic(entity)
		f.grammar, f.naming, f.strays = mixedGrammar(), [3]naming{inOrder: namingSnake, inSelect: namingSnake}, [3]stray{inOrder: strayUnknown, inSelect: strayUnknown}
		f.turns, f.withID, f.noCount = turnsORM, false, totalAlways
		if entity == "crm.requisite.link" {
			f.id, f.verbs, f.order = "", lists("list"), ""
		}
		all = append(all, f)
	}
	address := all[3]
	address.entity, address.paging, address.wraps, address.noCount = "crm.address", byOffset, false, totalAbsent
	return append(all, address)
}

// itemFamilies returns the items of all types.
func itemFamilies() []family { return []family{item()} }

// item returns the family of items; itemOf returns that of one type.
func item() family {
	return family{
		entity: "crm.item", typed: true, exact: true, checked: true, idArgs: []string{"id"}, id: "id", rows: "items", row: "item",
		verbs:   map[string]operation{"list": list, "get": get, "add": add, "update": update, "delete": remove, "fields": fields},
		grammar: checkedGrammar(logicCamel), naming: [3]naming{inFilter: namingItem, inOrder: namingItem},
		strays: [3]stray{inFilter: strayRefused, inOrder: strayRefused}, turns: turnsFold, camel: true, cast: castItem, allIfNone: true, merged: true,
		noCount: totalAbsent, missing: missingItem, created: "createdTime", changed: "updatedTime",
	}
}

// joinItems names the members of an item that a portal keeps as rows of other tables, as they are
// stored.
func (f *family) joinItems() {
	for _, name := range []string{"contactIds", "companyIds", "observers"} {
		f.joins = append(f.joins, join{member: f.field(name)})
	}
	f.countable = []string{f.field("contactIds"), f.field("observers")}
}

// crmControllers returns the families of the CRM that answer as crm.item.* does.
func crmControllers() []family {
	controller := family{
		id: "id", verbs: lists("list"), exact: true, checked: true, camel: true, grammar: checkedGrammar(logicCamel), naming: everywhere(namingCamel),
		strays: [3]stray{inFilter: strayRefused, inOrder: strayRefused}, turns: turnsFold, noCount: totalAbsent,
	}
	pipelines, history, types, solutions, rows := controller, controller, controller, controller, controller
	pipelines.entity, pipelines.rows, pipelines.paging, pipelines.order = "crm.category", "categories", allRows, "id"
	pipelines.grammar, pipelines.naming, pipelines.strays = grammar{engine: ormSQL, groups: groupsDropped}, [3]naming{}, [3]stray{}
	pipelines.filterable, pipelines.orderable = []string{"code"}, []string{}
	pipelines.verbs = map[string]operation{"list": categories}
	pipelines.scopes = []scope{{arg: "entityTypeId", field: "entityTypeId", required: true}}

	history.entity, history.rows, history.id, history.camel, history.withID, history.allIfNone = "crm.stagehistory", "items", "ID", false, true, true
	history.grammar, history.naming, history.turns = checkedGrammar(logicExact), [3]naming{}, turnsDesc
	history.grammar.engine, history.strays[inOrder], history.implied = historySQL, strayIgnored, impliedDynamic
	history.scopes = []scope{{arg: "entityTypeId", field: "ENTITY_TYPE_ID", required: true}}

	types.entity, types.rows, types.implied = "crm.type", "types", impliedAlways
	solutions.entity, solutions.rows, solutions.turns, solutions.order = "crm.automatedsolution", "automatedSolutions", turnsStrict, "id"
	solutions.filterable, solutions.orderable = []string{"id", "title"}, []string{"id", "title"}

	rows.entity, rows.row, rows.rows, rows.needs = "crm.item.productrow", "productRow", "productRows", []string{"=ownerType", "=ownerId"}
	rows.grammar, rows.strays, rows.turns = ormGrammar(logicCamel), everywhere(strayUnknown), turnsORM
	rows.grammar.engine = productRowSQL
	return []family{pipelines, history, types, solutions, rows}
}

// productRowSQL is the engine of crm.item.productrow.list, which requires a text or a number in a
// comparison by size.
func productRowSQL(op string, value any, of subject) (p predicate, use bool, err error) {
	_, isFlag := value.(bool)
	if isSize(op) && (value == nil || isFlag || php.IsArray(value)) {
		return p, false, badRequest("INVALID_ARG_VALUE", "Value for filter key '"+op+snakeCapitals(of.field)+"' should be either string or number")
	}
	return ormSQL(op, value, of)
}
