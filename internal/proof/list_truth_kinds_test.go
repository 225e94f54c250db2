package proof_test

import (
	"slices"

	"github.com/b24go/b24"
)

// truthKind is a family of lists.
type truthKind struct {
	method, entity, id string
	container          string // of the rows in the result
	filter, order, sel string // names of the parameters
	sort               bool   // sort and order are plain
	key                string // the id in filter and order
	texts, numbers     []string
	needs              b24.Params                     // parameters of each call
	pinned             b24.Params                     // conditions of each filter
	fixed              b24.Params                     // fields of each row
	logic              string                         // the member that joins
	keys               []string                       // what tells rows apart, where it is not the id
	loose              bool                           // conditions may stand beside the filter
	drops              bool                           // the portal drops @ with its condition
	more               func(c *truth, row b24.Params) // what else a row has
	special            func(c *truth) b24.Pair        // a condition that other families do not have
	uncounted          bool                           // the caller's own call counts nothing, for the portal cannot
	again              bool                           // a row comes for each match of a condition
	adds               []string                       // fields that are added to a select beside the id
	fifty              bool                           // nothing but the size of a page tells its end
	unordered          bool                           // rows of one id come several times, or the order is the portal's own
}

func kindOf(base truthKind, change func(*truthKind)) truthKind {
	change(&base)
	return base
}

// classicKind and viewKind are what most families of the portal are like: of the older code, and of its controllers.
func classicKind() truthKind {
	return truthKind{
		id: "ID", key: "ID", filter: "filter", order: "order", sel: "select", logic: "LOGIC",
		texts: []string{"TITLE", "STAGE_ID"}, numbers: []string{"OPPORTUNITY", "ASSIGNED_BY_ID"},
	}
}

func viewKind() truthKind {
	return truthKind{
		id: "id", key: "id", filter: "filter", order: "order", sel: "select", logic: "logic",
		texts: []string{"name", "xmlId"}, numbers: []string{"sort"},
	}
}

func truthKinds() []truthKind {
	return slices.Concat(crmKinds(), documentKinds(), otherKinds())
}

func crmKinds() []truthKind {
	classic := classicKind()
	return []truthKind{
		kindOf(classic, func(k *truthKind) { k.method = "crm.deal.list" }),
		kindOf(classic, func(k *truthKind) {
			k.method, k.texts = "crm.contact.list", []string{"NAME", "POST"}
			k.numbers = []string{"ASSIGNED_BY_ID"}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.texts, k.numbers = "crm.activity.list", []string{"SUBJECT"}, []string{"RESPONSIBLE_ID"}
			k.more = func(c *truth, row b24.Params) {
				row["BINDINGS"] = []b24.Params{owner(2, 5), owner(3, 6), owner(4, 7)}[:c.rng.IntN(4)]
			}
			k.special = func(c *truth) b24.Pair {
				return b24.KV("BINDINGS", []b24.Params{owner(2, 5), owner(3, 6)}[:1+c.rng.IntN(2)])
			}
			k.again, k.sel = true, "" // without its id nothing tells the rows apart
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.entity, k.id, k.key, k.container, k.logic = "crm.item.list", "crm.item:2", "id", "id", "items", "logic"
			k.texts, k.numbers, k.needs = []string{"title", "stageId"}, []string{"opportunity", "assignedById"}, b24.Params{"entityTypeId": 2}
			k.more = func(c *truth, row b24.Params) {
				row["contactIds"] = [][]int{{1}, {2}, {1, 2}, {3}, {1, 2, 3}}[c.rng.IntN(5)]
			}
			k.special = func(c *truth) b24.Pair {
				return b24.KV([]string{"", "@", "!"}[c.rng.IntN(3)]+"contactIds", []int{1, 2, 3}[:1+c.rng.IntN(3)])
			}
			k.uncounted = true
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.keys, k.id, k.key = "crm.address.list", []string{"TYPE_ID", "ENTITY_TYPE_ID", "ENTITY_ID"}, "", ""
			k.texts, k.numbers = []string{"CITY"}, []string{"ENTITY_TYPE_ID"}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.texts, k.numbers = "crm.lead.list", []string{"TITLE", "SOURCE_ID"}, []string{"ASSIGNED_BY_ID"}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.texts, k.numbers = "crm.requisite.list", []string{"NAME", "XML_ID"}, []string{"ENTITY_ID"}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.container, k.needs = "crm.stagehistory.list", "items", b24.Params{"entityTypeId": 2}
			k.texts, k.numbers = []string{"STAGE_ID"}, []string{"OWNER_ID"}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.pinned = "crm.timeline.comment.list", b24.Params{"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}
			k.fixed, k.texts, k.numbers = b24.Params{"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}, []string{"COMMENT"}, []string{"AUTHOR_ID"}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.texts, k.numbers = "crm.deal.recurring.list", []string{"ACTIVE"}, []string{"DEAL_ID", "CATEGORY_ID"}
		}),
	}
}

// documentKinds are those of the generator of documents, and of what else has rows under a name.
func documentKinds() []truthKind {
	view := viewKind()
	return []truthKind{
		kindOf(view, func(k *truthKind) {
			k.method, k.container = "documentgenerator.numerator.list", "numerators"
			k.unordered, k.fifty = true, true
		}),
		kindOf(view, func(k *truthKind) {
			k.method, k.container, k.texts = "documentgenerator.template.list", "templates", []string{"name", "code"}
		}),
		kindOf(view, func(k *truthKind) {
			k.method, k.container, k.texts = "crm.documentgenerator.template.list", "templates", []string{"name", "code"}
			k.more = func(c *truth, row b24.Params) { row["entityTypeId"] = [][]int{{2}, {4}, {2, 4}}[c.rng.IntN(3)] }
			k.special = func(c *truth) b24.Pair { return b24.KV("entityTypeId", [][]int{{2}, {2, 4}, {4, 2, 9}}[c.rng.IntN(3)]) }
			k.unordered, k.fifty = true, true
		}),
		kindOf(view, func(k *truthKind) {
			k.method, k.container, k.needs = "userfieldconfig.list", "fields", b24.Params{"moduleId": "crm"}
			k.texts, k.fixed, k.sel = []string{"xmlId"}, b24.Params{"entityId": "CRM_DEAL"}, ""
		}),
		kindOf(view, func(k *truthKind) {
			k.method, k.container, k.keys, k.id, k.key = "sale.propertyrelation.list", "propertyRelations", []string{"propertyId", "entityId", "entityType"}, "", ""
			k.texts, k.numbers = []string{"entityType"}, []string{"propertyId"}
		}),
		kindOf(view, func(k *truthKind) {
			k.method, k.container, k.texts, k.numbers = "sale.propertygroup.list", "propertyGroups", []string{"name"}, []string{"sort", "personTypeId"}
		}),
	}
}

func otherKinds() []truthKind {
	classic, view := classicKind(), viewKind()
	return []truthKind{
		kindOf(classic, func(k *truthKind) {
			k.method, k.id, k.container = "tasks.task.list", "id", "tasks"
			k.texts, k.numbers, k.logic = []string{"TITLE"}, []string{"GROUP_ID", "PRIORITY"}, "::LOGIC"
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.filter, k.sort, k.loose = "user.get", "FILTER", true, true
			k.texts, k.numbers = []string{"NAME", "WORK_POSITION"}, []string{"UF_DEPARTMENT"}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.filter, k.order, k.sel, k.texts, k.numbers = "sonet_group.get", "FILTER", "ORDER", "", []string{"NAME"}, []string{"OWNER_ID"}
			k.drops = true
		}),
		kindOf(view, func(k *truthKind) {
			k.method, k.container, k.texts = "sale.order.list", "orders", []string{"statusId", "xmlId"}
			k.drops = true
			k.numbers = []string{"userId"}
		}),
		kindOf(view, func(k *truthKind) {
			k.method, k.container, k.texts = "catalog.store.list", "stores", []string{"title", "xmlId"}
			k.drops, k.fifty = true, true
		}),
		kindOf(view, func(k *truthKind) {
			k.method, k.container, k.texts, k.numbers = "catalog.product.list", "products", []string{"name", "xmlId"}, []string{"sort"}
			k.drops = true
			k.needs, k.pinned = b24.Params{"select": []string{"id", "iblockId", "name", "xmlId", "sort"}}, b24.Params{"iblockId": 5}
			k.fixed, k.sel = b24.Params{"iblockId": 5}, ""
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.filter, k.order, k.sel = "lists.element.get", "FILTER", "ELEMENT_ORDER", ""
			k.drops = true
			k.texts, k.numbers, k.needs = []string{"NAME", "CODE"}, []string{"SORT"}, b24.Params{"IBLOCK_TYPE_ID": "lists", "IBLOCK_ID": 7}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.filter, k.order, k.sel, k.needs = "entity.item.get", "FILTER", "SORT", "", b24.Params{"ENTITY": "menu"}
			k.drops = true
			k.texts, k.numbers = []string{"NAME", "CODE"}, []string{"SORT"}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.sel, k.needs, k.texts, k.numbers = "disk.folder.getchildren", "", b24.Params{"id": 1}, []string{"NAME", "CODE"}, []string{"CREATED_BY"}
			k.drops = true
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.filter, k.order, k.sel = "bizproc.workflow.template.list", "FILTER", "ORDER", "SELECT"
			k.drops = true
			k.texts, k.numbers = []string{"NAME"}, []string{"MODULE_ID"}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.filter, k.order, k.sel, k.texts, k.numbers = "bizproc.task.list", "FILTER", "ORDER", "SELECT", []string{"NAME"}, []string{"USER_STATUS"}
			k.more = func(c *truth, row b24.Params) {
				users := []b24.Params{}
				for user := range c.rng.IntN(3) + 1 {
					users = append(users, b24.Params{"USER_ID": user + 5, "USER_STATUS": c.rng.IntN(3)})
				}
				row["USERS"] = users
			}
			k.special = func(c *truth) b24.Pair { return b24.KV("USER_ID", []int{5, 6}[:1+c.rng.IntN(2)]) }
			k.unordered, k.drops, k.adds = true, true, []string{"USER_ID"}
		}),
		kindOf(classic, func(k *truthKind) {
			k.method, k.filter, k.sort, k.texts, k.numbers = "voximplant.statistic.get", "FILTER", true, []string{"PHONE_NUMBER"}, []string{"PORTAL_USER_ID"}
			k.sel, k.drops = "", true
		}),
	}
}
