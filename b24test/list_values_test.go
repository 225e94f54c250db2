package b24test_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// values seeds rows behind an entity that have a text, a number and a flag: 1 has something in each, 2 what looks like nothing, 3 nothing, and 4 other things.
func values(t *testing.T, entity string, names [3]string, more ...b24.Params) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed(entity,
		b24.Params{names[0]: "x", names[1]: 5, names[2]: true},
		b24.Params{names[0]: "0", names[1]: 0, names[2]: false},
		b24.Params{names[0]: "", names[1]: nil},
		b24.Params{names[0]: "1", names[1]: 1, names[2]: false},
	)
	p.Seed(entity, more...)
	return p
}

// What false, true, null, 0 and the empty list mean depends on the field and on the code behind the method.
func TestClassicFilterValues(t *testing.T) {
	t.Parallel()
	p := values(t, "crm.deal", [3]string{"TITLE", "ASSIGNED_BY_ID", "OPENED"})
	for filter, want := range map[string]string{
		`"TITLE":false`: "3", `"!TITLE":false`: "1 2 4", `"TITLE":null`: "3", `"TITLE":""`: "3", `"TITLE":"0"`: "2", `"TITLE":0`: "2", `"TITLE":true`: "4",
		`"TITLE":[false,"x"]`: "1 3", `"TITLE":[true,"x"]`: "1 4",
		`"ASSIGNED_BY_ID":false`: "2 3", `"ASSIGNED_BY_ID":0`: "2 3", `"ASSIGNED_BY_ID":"0"`: "2 3", `"ASSIGNED_BY_ID":null`: "2 3", `"ASSIGNED_BY_ID":true`: "4",
		`"!ASSIGNED_BY_ID":false`: "1 4", `"ASSIGNED_BY_ID":[false,5]`: "1 2 3", `"ASSIGNED_BY_ID":"5x"`: "1", `"%ASSIGNED_BY_ID":5`: "1",
		`"OPENED":"Y"`: "1", `"OPENED":"N"`: "2 4", `"OPENED":true`: "", `"OPENED":false`: "3", `"OPENED":"1"`: "", `"OPENED":0`: "",
		`"ID":[]`: "1 2 3 4", `"@ID":[]`: "1 2 3 4", `"=ID":[]`: "1 2 3 4", `"!ID":[]`: "1 2 3 4", `"!@ID":[]`: "1 2 3 4", `"@ID":[""]`: "", `"@ID":null`: "",
		`"TITLE":[]`: "1 2 3 4", `"!@TITLE":["x"]`: "2 3 4", `">ID":[3]`: "2 3 4", `">ID":[]`: "1 2 3 4", `">=ASSIGNED_BY_ID":0`: "1 2 3 4",
		`"><ID":[2,3]`: "1 2 3 4", `"PHONE":[]`: "1 2 3 4", `"=PHONE":"x"`: "1 2 3 4", `"CONTACT_IDS":[1]`: "1 2 3 4", `"UF_CRM_1":false`: "1 2 3 4",
	} {
		assert.Equal(t, want, listed(t, p, "crm.deal.list", `{"filter":{`+filter+`}}`), filter)
	}
	assert.Equal(t, "2 3", batchListed(t, p, "crm.deal.list?filter[ASSIGNED_BY_ID]=0"))
	assert.Equal(t, "2", batchListed(t, p, "crm.deal.list?filter[TITLE]=0"), "a query string cannot say false")
	assert.Empty(t, batchListed(t, p, "crm.deal.list?filter[@ID][]="))
}

// batchListed are the ids that a command of a batch lists.
func batchListed(t *testing.T, p *b24test.Portal, command string) string {
	t.Helper()
	a := call(t, p, "batch", `{"cmd":{"a":`+fmt.Sprintf("%q", command)+`}}`)
	return strings.Join(a.ids(t, "ID", "result", "result", "a"), " ")
}

func TestORMFilterValues(t *testing.T) {
	t.Parallel()
	p := values(t, "crm.item:2", [3]string{"title", "assignedById", "opened"}, b24.Params{"opportunity": 10.5})
	const refused, wrong = "error INVALID_ARG_VALUE", "error 400"
	for filter, want := range map[string]string{
		`"title":false`: "3 5", `"!title":false`: "1 2 4", `"title":null`: "3 5", `"title":"0"`: "2", `"title":0`: "2", `"title":true`: "4", `"title":[]`: "3",
		`"!title":[]`: refused, `"!=title":[]`: "1 2 4 5", `"!title":"x"`: "2 3 4", `"!=title":"x"`: "2 3 4 5", `"title":["x",false]`: "1 3",
		`"assignedById":false`: "2 3 5", `"assignedById":0`: "2 3 5", `"assignedById":"0"`: "2 3 5", `"assignedById":true`: "4", `"!assignedById":5`: "2 4",
		`"!assignedById":0`: "1 4", `"assignedById":[0,5]`: "1 2 3 5", `"@assignedById":[0,5]`: "1 2",
		`"opened":true`: "1", `"opened":false`: "2 4", `"opened":"Y"`: "1", `"opened":1`: "1", `"opened":"0"`: "2 4", `"opened":null`: "3 5",
		`"id":[]`: "", `"=id":[]`: "", `"@id":[]`: wrong, `"!=id":[]`: "1 2 3 4 5", `"!@id":[]`: wrong, `"!id":[1]`: refused, `"@id":null`: "", `"@id":[1,2]`: "1 2",
		`">id":[1]`: refused, `"><id":[2,3]`: refused, `">id":0`: "1 2 3 4 5", `">id":-1`: "1 2 3 4 5", `"@opportunity":[10.5]`: "error 0", `">ID":1`: refused,
		`"ID":2`: "2", `"%title":""`: "3 5",
	} {
		got := listed(t, p, "crm.item.list", `{"entityTypeId":2,"order":{"id":"ASC"},"filter":{`+filter+`}}`)
		assert.Equal(t, want, got, filter)
	}
}

func TestViewFilterValues(t *testing.T) {
	t.Parallel()
	p := values(t, "catalog.store", [3]string{"title", "sort", "active"})
	for filter, want := range map[string]string{
		`"@id":[]`: "1", `"id":[""]`: "1", `"id":[-1,0]`: "1", `"!id":[]`: "2 3 4", `"id":[2,-1]`: "2", `"id":[]`: "1", `"@id":[1,2,99]`: "1 2",
		`"sort":false`: "2 3", `"sort":null`: "2 3", `"title":false`: "3", `"title":[]`: "3", `"active":"Y"`: "1", `"active":true`: "1", `"active":false`: "2 4",
		`"><id":[1,2]`: "1 2 3 4", `"gpsN":[1,2]`: "", `"ID":1`: "1 2 3 4", `"!@id":[1,2]`: "3 4",
	} {
		assert.Equal(t, want, listed(t, p, "catalog.store.list", `{"filter":{`+filter+`}}`), filter)
	}
	orders := values(t, "sale.order", [3]string{"userDescription", "userId", "canceled"}) // these have no such view
	for filter, want := range map[string]string{`"id":[]`: "", `"@id":[]`: "error 400", `"@id":[1,2]`: "1 2", `"userId":0`: "2 3", `"canceled":true`: "1"} {
		assert.Equal(t, want, listed(t, orders, "sale.order.list", `{"filter":{`+filter+`}}`), filter)
	}
}

func TestIblockFilterValues(t *testing.T) {
	t.Parallel()
	p := values(t, "lists.element", [3]string{"NAME", "SORT", "X"})
	for filter, want := range map[string]string{
		`"NAME":false`: "3", `"NAME":""`: "3", `"NAME":null`: "", `"!NAME":false`: "1 2 4", `"NAME":"0"`: "2", `"NAME":[]`: "1 2 3 4", `"NAME":[""]`: "1 2 3 4",
		`"SORT":false`: "3", `"SORT":0`: "2", `"SORT":"0"`: "2", `"!SORT":5`: "2 3 4", `"ID":[]`: "1 2 3 4", `"!ID":[]`: "1 2 3 4", `"ID":[1,2]`: "1 2",
		`"><SORT":[1,5]`: "1 4", `"!><SORT":[1,5]`: "2 3", `"@ID":[1]`: "error ERROR_ARGUMENT", `"!=ID":1`: "error ERROR_ARGUMENT", `"PROPERTY_9":false`: "1 2 3 4",
		`">id":2`: "3 4",
	} {
		got := listed(t, p, "lists.element.get", `{"IBLOCK_TYPE_ID":"l","IBLOCK_ID":1,"FILTER":{`+filter+`}}`)
		assert.Equal(t, want, got, filter)
	}
	p = values(t, "entity.item", [3]string{"NAME", "SORT", "X"})
	for filter, want := range map[string]string{
		`"NAME":null`: "error ERROR_ARGUMENT", `"NAME":""`: "1 2 3 4", `"NAME":false`: "3", `"@ID":[1]`: "1 2 3 4", `"ID":[1,2]`: "1 2", `">id":2`: "3 4",
	} {
		assert.Equal(t, want, listed(t, p, "entity.item.get", `{"ENTITY":"m","FILTER":{`+filter+`}}`), filter)
	}
	p = b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("catalog.product", 4, func(int) b24.Params { return b24.Params{"iblockId": 1} })
	for filter, want := range map[string]string{`"@id":[1,2]`: "1 2 3 4", `"id":[1,2]`: "1 2", `"=id":[3]`: "3", `"id":[]`: "1", `">id":2`: "3 4", `"name":null`: "1 2 3 4"} {
		assert.Equal(t, want, listed(t, p, "catalog.product.list", `{"select":["id","iblockId"],"filter":{"iblockId":1,`+filter+`}}`), filter)
	}
}

func TestTaskFilterValues(t *testing.T) {
	t.Parallel()
	p := values(t, "tasks.task", [3]string{"title", "groupId", "favorite"})
	for filter, want := range map[string]string{
		`"ID":[]`: "1 2 3 4", `"ID":null`: "1 2 3 4", `"ID":""`: "1 2 3 4", `"@ID":[]`: "1 2 3 4", `"@ID":null`: "1 2 3 4", `"@ID":[1,2]`: "1 2", `"ID":[1,2]`: "1 2",
		`"!ID":[1,2]`: "3 4", `"!=ID":[1,2]`: "1 2 3 4", `"!@ID":[1]`: "1 2 3 4", `"><ID":[1,3]`: "1 3", `"ID":false`: "", `"GROUP_ID":""`: "2 3", `"GROUP_ID":0`: "2 3",
		`">GROUP_ID":[1,5]`: "1 4", `"!GROUP_ID":[1,5]`: "2 3", `"TITLE":"x"`: "1", `"TITLE":false`: "1 2 3 4", `"=TITLE":"0"`: "2", `">id":2`: "1 2 3 4",
		`"NO_SUCH":1`: "1 2 3 4", `">ID":2`: "3 4", `">ID":1," >ID":3`: "4", `">ID":3," >ID":1`: "4",
	} {
		assert.Equal(t, want, listed(t, p, "tasks.task.list", `{"order":{"ID":"asc"},"filter":{`+filter+`}}`), filter)
	}
}

// If FILTER is there, and be it empty, nothing beside it counts.
func TestUserFilter(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("user", 4, func(i int) b24.Params {
		return b24.Params{"NAME": fmt.Sprint("n", i+1), "ACTIVE": i > 0, "UF_DEPARTMENT": []int{i / 2}, "EMAIL": nil}
	})
	for args, want := range map[string]string{
		`"UF_DEPARTMENT":1`:                    "3 4",
		`"UF_DEPARTMENT":1,">ID":3`:            "4",
		`"UF_DEPARTMENT":1,"FILTER":{">ID":1}`: "2 3 4",
		`"UF_DEPARTMENT":1,"FILTER":[]`:        "1 2 3 4",
		`"UF_DEPARTMENT":1,"FILTER":"x"`:       "3 4",
		`"FILTER":{">id":3}`:                   "4",
		`"FILTER":{"@ID":[]}`:                  "",
		`"FILTER":{"ID":[]}`:                   "",
		`"FILTER":{"!ID":[]}`:                  "1 2 3 4",
		`"FILTER":{"ID":null}`:                 "",
		`"FILTER":{"ACTIVE":false}`:            "1",
		`"FILTER":{"ACTIVE":"false"}`:          "2 3 4",
		`"FILTER":{"EMAIL":false}`:             "1 2 3 4",
		`"FILTER":{"!EMAIL":false}`:            "",
		`"FILTER":{"!><ID":[1,2]}`:             "1 2 3 4",
		`"FILTER":{"><ID":[2,3]}`:              "2 3",
		`"FIND":"n1"`:                          "1 2 3 4", // user.get has none
		`"FILTER":{"NO_SUCH":1}`:               "1 2 3 4",
	} {
		assert.Equal(t, want, listed(t, p, "user.get", `{"sort":"id","order":"asc",`+args+`}`), args)
	}
	for args, want := range map[string]string{
		`"FIND":"n1"`: "1", `"FIND":"n1","FILTER":{">ID":2}`: "3 4", `"FILTER":{"FIND":"n1"}`: "1", `"find":"n","UF_DEPARTMENT":1`: "3 4",
	} {
		assert.Equal(t, want, listed(t, p, "user.search", `{"sort":"ID","order":"ASC",`+args+`}`), args)
	}
	assert.Equal(t, "error 100", listed(t, p, "user.get", `{"sort":"NO_SUCH","order":"ASC"}`))
	assert.Equal(t, "error ERROR_ARGUMENT", listed(t, p, "user.get", `{"sort":"ID","order":"up"}`))
}

// Older portals know no operators: the first page comes again and again.
func TestOldUsers(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithOldUsers())
	p.SeedN("user", 3, nil)
	assert.Equal(t, "1 2 3", listed(t, p, "user.get", `{"sort":"ID","order":"ASC","FILTER":{">ID":2}}`))
	assert.Equal(t, "2", listed(t, p, "user.search", `{"sort":"ID","order":"ASC","FILTER":{"ID":2}}`))
}

// A field that nobody knows is no condition to the classic CRM: all rows match.
func TestUnknownFieldsOfTheClassicCRM(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"TITLE": "a", "UF_CRM_1": "x", "PARENT_ID_130": 5, "OWN": "o"}, b24.Params{"TITLE": "b"})
	p.Define("my.entity")
	p.Seed("my.entity", b24.Params{"A": 1}, b24.Params{"A": 2})
	for filter, want := range map[string]string{
		`"NO_SUCH":"x"`: "1 2", `">NO_SUCH":1,"TITLE":"a"`: "1", `"title":"a"`: "1 2", `">id":1`: "1 2", `"STAGE_ID":"x"`: "", `"UF_CRM_1":"x"`: "1", `"UF_CRM_2":"x"`: "1 2",
		`"PARENT_ID_130":5`: "1", `"PARENT_ID_131":5`: "", `"OWN":"o"`: "1",
	} {
		assert.Equal(t, want, listed(t, p, "crm.deal.list", `{"filter":{`+filter+`}}`), filter)
	}
	assert.Equal(t, "2", listed(t, p, "my.entity.list", `{"filter":{"A":2}}`))
	assert.Empty(t, listed(t, p, "my.entity.list", `{"filter":{"B":2}}`), "nobody knows what fields it has")
}

// Recurring deals and other categories of contacts are left out unless somebody asks for them.
func TestConditionsOfTheMethod(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal", b24.Params{"IS_RECURRING": "Y"}, b24.Params{"IS_RECURRING": "N"}, b24.Params{})
	p.Seed("crm.contact", b24.Params{"CATEGORY_ID": 9}, b24.Params{"CATEGORY_ID": 0})
	p.Seed("documentgenerator.template", b24.Params{"isDeleted": "Y"}, b24.Params{"isDeleted": "N"})
	checkFiltered(t, p, []filtered{
		{"crm.deal.list", `{}`, "2 3"},
		{"crm.deal.list", `{"filter":{">ID":0}}`, "2 3"},
		{"crm.deal.list", `{"filter":{"@ID":[1,2]}}`, "1 2"},
		{"crm.deal.list", `{"filter":{"IS_RECURRING":"Y"}}`, "1"},
		{"crm.contact.list", `{}`, "2"},
	})
	assert.JSONEq(t, `{"templates":{"2":{"id":"2","isDeleted":"N"}}}`, resultText(t, call(t, p, "documentgenerator.template.list", `{"order":{"id":"ASC"}}`)))
}

// Where a method spells names its own way first, the later of two spellings counts; elsewhere both do.
func TestTwoSpellingsOfAField(t *testing.T) {
	t.Parallel()
	p := four(t, map[string][2]string{
		"user": {"NAME", "x"}, "disk.folder": {"NAME", "x"}, "lists.element": {"NAME", "x"}, "crm.item:2": {"title", "x"}, "tasks.api.scrum.epic": {"name", "x"},
		"crm.deal": {"TITLE", "x"}, "voximplant.statistic": {"CALL_ID", "x"},
	})
	checkFiltered(t, p, []filtered{
		{"user.get", `{"sort":"ID","order":"ASC","FILTER":{">ID":3,">id":1}}`, "2 3 4"},
		{"voximplant.statistic.get", `{"SORT":"ID","ORDER":"ASC","FILTER":{">ID":3,">id":1}}`, "2 3 4"},
		{"disk.folder.getchildren", `{"id":1,"order":{"ID":"ASC"},"filter":{">id":3,">ID":1}}`, "2 3 4"},
		{"lists.element.get", `{"IBLOCK_TYPE_ID":"l","IBLOCK_ID":1,"FILTER":{">id":3,">ID":1}}`, "2 3 4"},
		{"crm.item.list", `{"entityTypeId":2,"filter":{"id":3,"ID":1}}`, "1"},
		{"tasks.api.scrum.epic.list", `{"order":{"ID":"ASC"},"filter":{">id":3,">ID":1}}`, "4"},
		{"crm.deal.list", `{"filter":{"ID":1},"FILTER":{"ID":2}}`, "1"}, // of two arguments the one in small letters
		{"crm.deal.list", `{"FILTER":{"ID":2},"filter":{"ID":1}}`, "1"},
		{"crm.deal.list", `{"Filter":{"ID":3},"FILTER":{"ID":2}}`, "2"},
	})
}

// A select that names nothing the method knows is none.
func TestSelectOfNothing(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.item:2", b24.Params{"title": "a"})
	p.Seed("tasks.task", b24.Params{"title": "a"})
	p.Seed("sale.order", b24.Params{"comments": "a"})
	p.Seed("user", b24.Params{"NAME": "a"})
	for _, tt := range []struct{ method, sel, want string }{
		{"crm.item.list", `["NO_SUCH"]`, `{"items":[{"id":1,"title":"a","categoryId":0}]}`},
		{"crm.item.list", `["title"]`, `{"items":[{"title":"a"}]}`},
		{"tasks.task.list", `["id"]`, `{"tasks":[{"id":"1","title":"a"}]}`},
		{"tasks.task.list", `["TITLE"]`, `{"tasks":[{"id":"1","title":"a"}]}`},
		{"tasks.task.list", `["STATUS"]`, `{"tasks":[{"id":"1"}]}`},
		{"sale.order.list", `["ID"]`, `{"orders":[{"id":1,"comments":"a"}]}`},
		{"sale.order.list", `["comments"]`, `{"orders":[{"comments":"a"}]}`},
		{"user.get", `["id"]`, `[[]]`},
	} {
		a := call(t, p, tt.method, `{"entityTypeId":2,"select":`+tt.sel+`}`)
		assert.JSONEq(t, tt.want, resultText(t, a), "%s %s", tt.method, tt.sel)
	}
}

// What may stand beside a field in an order, and what becomes of the rest.
func TestOrderDirections(t *testing.T) {
	t.Parallel()
	p := four(t, map[string][2]string{
		"crm.deal": {"TITLE", "x"}, "crm.automatedsolution": {"title", "x"}, "crm.stagehistory": {"STAGE_ID", "x"},
		"crm.timeline.comment": {"COMMENT", "x"}, "crm.timeline.logmessage": {"title", "x"}, "sale.order": {"comments", "x"}, "bizproc.task": {"NAME", "x"},
		"voximplant.statistic": {"CALL_ID", "x"}, "disk.folder": {"NAME", "x"}, "tasks.task": {"title", "x"}, "crm.deal.recurring": {"x", "y"},
	})
	const up, down = "1 2 3 4", "4 3 2 1"
	checkFiltered(t, p, []filtered{
		{"crm.deal.list", `{"order":{"id":"desc"}}`, down},
		{"crm.deal.list", `{"order":{"ID":"anything"}}`, down},
		{"crm.deal.list", `{"order":{"ID":"asc"}}`, up},
		{"crm.deal.list", `{"order":"ID"}`, "error "},
		{"crm.deal.list", `{"filter":"ID"}`, "error "},
		{"crm.deal.recurring.list", `{"order":{"ID":"desc"}}`, down},
		{"crm.deal.recurring.list", `{"order":{"ID":"anything"}}`, "error ERROR_ARGUMENT"},
		{"crm.deal.recurring.list", `{"order":{"id":"desc"}}`, listed(t, p, "crm.deal.recurring.list", `{}`)}, // ignored
		{"crm.item.list", `{"entityTypeId":2,"order":{"ID":"desc"}}`, down},
		{"crm.item.list", `{"entityTypeId":2,"order":{"id":"anything"}}`, "error INVALID_ARG_VALUE"},
		{"crm.automatedsolution.list", `{"order":{"id":"desc"}}`, "error INVALID_ARG_VALUE"},
		{"crm.automatedsolution.list", `{"order":{"id":"DESC"}}`, down},
		{"crm.automatedsolution.list", `{"order":{"ID":"DESC"}}`, "error INVALID_ARG_VALUE"},
		{"crm.stagehistory.list", `{"entityTypeId":2,"order":{"ID":"desc"}}`, down},
		{"crm.stagehistory.list", `{"entityTypeId":2,"order":{"ID":"anything"}}`, up},
		{"crm.timeline.comment.list", `{"order":{"ID":"DESC"}}`, down},
		{"crm.timeline.comment.list", `{"order":{"ID":"desc"}}`, up},
		{"crm.timeline.logmessage.list", `{"entityTypeId":2,"entityId":1,"order":{"id":"asc"}}`, up},
		{"crm.timeline.logmessage.list", `{"entityTypeId":2,"entityId":1,"order":{"id":"ASC"}}`, down}, // ignored
		{"sale.order.list", `{"order":{"id":"desc"}}`, down},
		{"sale.order.list", `{"order":{"ID":"desc"}}`, up}, // ignored
		{"sale.order.list", `{"order":{"id":"anything"}}`, "error 100"},
		{"sale.order.list", `{"order":"id"}`, "error 100"},
		{"bizproc.task.list", `{"ORDER":{"id":"anything"}}`, up},
		{"voximplant.statistic.get", `{"SORT":"id","ORDER":"DESC"}`, down},
		{"voximplant.statistic.get", `{"SORT":"ID","ORDER":"desc"}`, listed(t, p, "voximplant.statistic.get", `{}`)}, // no order at all
		{"disk.folder.getchildren", `{"id":1,"order":{"id":"desc"}}`, down},
		{"disk.folder.getchildren", `{"id":1,"order":{"NO_SUCH":"desc"}}`, "error 100"},
		{"tasks.task.list", `{"order":{"id":"anything"}}`, down},
	})
}

// An id may be 0 or below.
func TestIDsBelowOne(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.category", b24.Params{"id": 0, "name": "General"}, b24.Params{"id": 3})
	p.Seed("crm.item:2", b24.Params{"id": -5}, b24.Params{"id": 0}, b24.Params{}, b24.Params{"id": 2})
	p.SeedN("crm.lead", 3, nil, b24test.WithIDs(func(i int) int64 { return int64(i) - 1 }), b24test.Generated())
	checkFiltered(t, p, []filtered{
		{"crm.category.list", `{"entityTypeId":2}`, "0 3"},
		{"crm.item.list", `{"entityTypeId":2,"order":{"id":"ASC"}}`, "-5 0 1 2"},
		{"crm.item.list", `{"entityTypeId":2,"order":{"id":"ASC"},"filter":{">id":0}}`, "1 2"},
		{"crm.item.list", `{"entityTypeId":2,"order":{"id":"DESC"},"filter":{"<id":1}}`, "0 -5"},
		{"crm.lead.list", `{"filter":{"<=ID":0}}`, "-1 0"},
	})
}

// A query string says true and false as 1 and 0.
func TestFlagsInABatch(t *testing.T) {
	t.Parallel()
	p := values(t, "user", [3]string{"NAME", "X", "ACTIVE"})
	for value, want := range map[string]string{"1": "1", "0": "2 4", "": "2 4"} {
		got := batchListed(t, p, "user.get?"+url.Values{"sort": {"ID"}, "order": {"ASC"}, "FILTER[ACTIVE]": {value}}.Encode())
		assert.Equal(t, want, got, value)
	}
}
