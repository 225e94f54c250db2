package b24test_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// total is the number of rows of the page, and next is never there.
func TestTotalOfThePage(t *testing.T) {
	t.Parallel()
	for method, rows := range map[string]string{
		"documentgenerator.numerator.list": "numerators", "crm.documentgenerator.numerator.list": "numerators", "documentgenerator.role.list": "roles",
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.SeedN(method, 120, nil)
		for start, want := range map[string]string{``: "50 -", `"start":50`: "50 -", `"start":100`: "20 -", `"start":150`: "0 -", `"start":-1`: "- -"} {
			a := call(t, p, method, `{`+start+`}`)
			assert.Equal(t, want, counters(t, a), "%s %s", method, start)
		}
		assert.Equal(t, "101", call(t, p, method, `{"start":100,"filter":{"id":1},"order":{"id":"DESC"}}`).ids(t, "id", "result", rows)[0], method)
	}
}

func TestOpenLinesLimitThemselves(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("imopenlines.config.list.get", 250, nil)
	for args, want := range map[string]int{
		``: 50, `"start":50`: 50, `"limit":7`: 50, `"PARAMS":{"limit":7}`: 7, `"PARAMS":{"limit":500}`: 200, `"PARAMS":{"limit":200,"offset":200}`: 50, `"PARAMS":{"offset":230}`: 20,
	} {
		assert.Len(t, call(t, p, "imopenlines.config.list.get", `{`+args+`}`).ids(t, "ID", "result"), want, args)
	}
	a := call(t, p, "imopenlines.config.list.get", `{"PARAMS":{"order":{"ID":"ASC"},"filter":{">ID":240},"select":["ID"]}}`)
	assert.Equal(t, "241", a.ids(t, "ID", "result")[0])
	assert.Equal(t, "- -", counters(t, a))
}

// Rows without an id, and an order that does not tell them apart: ties come otherwise each time.
func TestTiesComeOtherwise(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ method, rows, tied, apart, order string }{
		{"sale.propertyrelation.list", "propertyRelations", "propertyId", "entityId", `{"propertyId":"ASC","entityId":"ASC"}`},
		{"sale.statuslang.list", "statusLangs", "statusId", "name", `{"statusId":"ASC","name":"ASC"}`},
		{"sale.businessvaluepersondomain.list", "businessValuePersonDomains", "personTypeId", "domain", `{"personTypeId":"ASC","domain":"ASC"}`},
		{"crm.orderentity.list", "orderEntity", "ownerId", "orderId", `{"orderId":"ASC"}`},
		{"catalog.productpropertysection.list", "productPropertySections", "smartFilter", "propertyId", `{"propertyId":"ASC"}`},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.SeedN(tt.method, 60, func(i int) b24.Params { return b24.Params{tt.tied: 1, tt.apart: i + 100} })
		read := func(body string) []string { return call(t, p, tt.method, body).ids(t, tt.apart, "result", tt.rows) }
		first, again := read(`{}`), read(`{}`)
		assert.Len(t, first, 50, tt.method)
		assert.NotEqual(t, first, again, tt.method)
		ordered := read(`{"order":` + tt.order + `}`)
		assert.Equal(t, ordered, read(`{"order":`+tt.order+`}`), tt.method)
		assert.IsIncreasing(t, ordered, tt.method)
		assert.Equal(t, "60 50", counters(t, call(t, p, tt.method, `{}`)), tt.method)
		assert.Len(t, read(`{"start":50,"filter":{">`+tt.apart+`":0}}`), 10, tt.method)
	}
}

// offset deletes the events below it.
func TestOffsetConfirmsEvents(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"im.v2.Event.get", "imbot.v2.Event.get"} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.SeedN(method, 150, func(i int) b24.Params { return b24.Params{"type": "ONX", "data": b24.Params{"n": i}} })
		a := call(t, p, method, `{"offset":0}`)
		assert.Len(t, a.ids(t, "eventId", "result", "events"), 100)
		assert.Equal(t, true, a.field(t, "result", "hasMore"))
		assert.Equal(t, json.Number("101"), a.field(t, "result", "nextOffset"))
		assert.Len(t, p.Rows(method), 150, method)

		a = call(t, p, method, `{"offset":149,"limit":1000}`)
		assert.Equal(t, []string{"149", "150"}, a.ids(t, "eventId", "result", "events"), method)
		assert.Equal(t, false, a.field(t, "result", "hasMore"))
		assert.Equal(t, json.Number("151"), a.field(t, "result", "nextOffset"))
		assert.Len(t, p.Rows(method), 2, method)
		assert.Equal(t, "- -", counters(t, a))
		a = call(t, p, method, `{"offset":200}`)
		assert.JSONEq(t, `{"events":[],"nextOffset":200,"hasMore":false}`, resultText(t, a))
	}
}

// The comments of the timeline are found by their owner, and by nothing else.
func TestCommentsOfTheTimeline(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.timeline.comment", 120, func(i int) b24.Params { return b24.Params{"ENTITY_ID": i % 2, "ENTITY_TYPE": "deal", "COMMENT": "c"} })
	const owner = `"ENTITY_ID":1,"ENTITY_TYPE":"deal"`
	for body, want := range map[string]string{
		`{"filter":{` + owner + `}}`:                                   "60 50",
		`{"filter":{` + owner + `},"start":-1}`:                        "60 50",
		`{"filter":{` + owner + `},"start":50}`:                        "60 -",
		`{"filter":{` + owner + `,">ID":110,"@ID":[1],"COMMENT":"x"}}`: "60 50",
		`{"filter":{"=ENTITY_ID":1,"ENTITY_TYPE":"DEAL"}}`:             "120 50",
	} {
		assert.Equal(t, want, counters(t, call(t, p, "crm.timeline.comment.list", body)), body)
	}
	assert.Empty(t, call(t, p, "crm.timeline.comment.list", `{"start":150}`).ids(t, "ID", "result"))
}

// 10 a page by the argument offset; next goes by start, which changes nothing else.
func TestLogMessagesOfTheTimeline(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.timeline.logmessage", 25, func(int) b24.Params { return b24.Params{"title": "x"} })
	for _, tt := range []struct {
		args, counters string
		first, rows    int
	}{
		{``, "25 10", 25, 10},
		{`,"offset":20`, "25 5", 5, 5}, // rows of the page, counted from start
		{`,"start":10`, "25 10", 25, 10},
		{`,"start":50`, "25 -", 25, 10},
		{`,"order":{"id":"asc"},"offset":"10"`, "25 10", 11, 10},
		{`,"start":-1`, "- -", 25, 10},
	} {
		a := call(t, p, "crm.timeline.logmessage.list", `{"entityTypeId":2,"entityId":5`+tt.args+`}`)
		ids := a.ids(t, "id", "result", "logMessages")
		require.Len(t, ids, tt.rows, tt.args)
		assert.Equal(t, strconv.Itoa(tt.first), ids[0], tt.args)
		assert.Equal(t, tt.counters, counters(t, a), tt.args)
	}
	assert.Equal(t, "error 100", listed(t, p, "crm.timeline.logmessage.list", `{"entityTypeId":2}`))
}

// The controller never sees start: each page is the first, and next goes on.
func TestAlwaysTheFirstPage(t *testing.T) {
	t.Parallel()
	for method, rows := range map[string]string{
		"sale.propertygroup.list": "propertyGroups", "sale.propertyvariant.list": "propertyVariants", "catalog.catalog.list": "catalogs",
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.SeedN(method, 120, nil)
		for start, want := range map[int]string{0: "120 50", 50: "120 100", 100: "120 -"} {
			a := call(t, p, method, fmt.Sprintf(`{"order":{"id":"DESC"},"start":%d}`, start))
			assert.Equal(t, "120", a.ids(t, "id", "result", rows)[0], method)
			assert.Equal(t, want, counters(t, a), "%s %d", method, start)
		}
		assert.Equal(t, "101", call(t, p, method, `{"filter":{">id":100},"start":-1}`).ids(t, "id", "result", rows)[0], method)
	}
}

// sale.paysystem.list takes an operator off and compares for equality, and gives all rows.
func TestPaySystems(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("sale.paysystem", 60, nil)
	assert.Len(t, strings.Fields(listed(t, p, "sale.paysystem.list", `{}`)), 60)
	checkFiltered(t, p, []filtered{
		{"sale.paysystem.list", `{"FILTER":{">ID":7}}`, "7"},
		{"sale.paysystem.list", `{"FILTER":{"!ID":7}}`, "7"},
		{"sale.paysystem.list", `{"FILTER":{"NO_SUCH":7}}`, "error ERROR_CHECK_FAILURE"},
	})
}

// Whatever an ORM refuses is an empty list without an error.
func TestScrumSaysNothing(t *testing.T) {
	t.Parallel()
	for _, entity := range []string{"tasks.api.scrum.epic", "tasks.api.scrum.sprint"} {
		p := four(t, map[string][2]string{entity: {"name", "groupId"}})
		method := entity + ".list"
		checkFiltered(t, p, []filtered{
			{method, `{"order":{"ID":"DESC"}}`, "4 3 2 1"},
			{method, `{"order":{"id":"asc"},"filter":{">id":2},"select":["id"]}`, "3 4"},
			{method, `{"order":{"ID":"ASC"},"filter":{"GROUP_ID":2}}`, "3 4"},
			{method, `{"filter":{"groupId":2}}`, ""},
			{method, `{"select":["NO_SUCH"]}`, ""},
			{method, `{"order":{"NO_SUCH":"ASC"}}`, ""},
			{method, `{"order":{"ID":"up"}}`, ""},
			{method, `{"filter":{"@ID":[]}}`, ""},
			{method, `{"filter":"x"}`, "error 100"},
		})
		assert.Equal(t, "- -", counters(t, call(t, p, method, `{}`)))
	}
}

// The values of select are not translated, and go to an ORM that takes any letter case. The answer
// always has settings.
func TestSelectOfCustomFields(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("userfieldconfig", b24.Params{"fieldName": "UF_X", "sort": 5})
	for sel, want := range map[string]string{
		`["id"]`: `{"id":"1"`, `["ID","FIELD_NAME"]`: `{"id":"1","fieldName":"UF_X"`, `["field_name"]`: `{"fieldName":"UF_X"`, `["*"]`: `{"id":"1","fieldName":"UF_X","sort":"5"`,
	} {
		a := call(t, p, "userfieldconfig.list", `{"moduleId":"crm","select":`+sel+`}`)
		assert.JSONEq(t, `{"fields":[`+want+`,"settings":null}]}`, resultText(t, a), sel)
	}
	assert.Equal(t, "error 100", listed(t, p, "userfieldconfig.list", `{"moduleId":"crm","select":["fieldName"]}`))
}

func TestBookings(t *testing.T) {
	t.Parallel()
	for method, rows := range map[string]string{
		"booking.v1.booking.list": "booking", "booking.v1.resource.list": "resource", "booking.v1.resourcetype.list": "resourceType", "booking.v1.waitlist.list": "waitList",
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		p.SeedN(method, 60, nil)
		for args, want := range map[string]int{``: 50, `"start":50`: 10, `"filter":{">id":50}`: 50, `"filter":{"id":[1,2]}`: 2, `"filter":{"!id":1}`: 50} {
			a := call(t, p, method, `{`+args+`}`)
			assert.Len(t, a.ids(t, "id", "result", rows), want, "%s %s", method, args)
			assert.Equal(t, "0 -", counters(t, a), method)
		}
	}
}

func TestOtherListsOfTheCRM(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.requisite.link", b24.Params{"ENTITY_ID": 2, "REQUISITE_ID": 7}, b24.Params{"ENTITY_ID": 1, "REQUISITE_ID": 8})
	p.Seed("crm.category", b24.Params{"id": 1, "code": "a"}, b24.Params{"id": 2, "code": "b"})
	p.Seed("crm.requisite.preset", b24.Params{"NAME": "a", "ACTIVE": true}, b24.Params{"NAME": "b", "ACTIVE": false})
	a := call(t, p, "crm.requisite.link.list", `{"order":{"ENTITY_ID":"ASC"},"select":["REQUISITE_ID"],"start":-1}`)
	assert.JSONEq(t, `[{"REQUISITE_ID":"8"},{"REQUISITE_ID":"7"}]`, resultText(t, a))
	assert.Equal(t, "2 -", counters(t, a))
	assert.Equal(t, http.StatusBadRequest, call(t, p, "crm.requisite.link.list", `{"order":{"ID":"ASC"}}`).Status, "it has no id")
	checkFiltered(t, p, []filtered{
		{"crm.category.list", `{"entityTypeId":2,"filter":{"code":"b"}}`, "2"},
		{"crm.category.list", `{"entityTypeId":2,"filter":{"=code":"b"},"order":{"id":"DESC"}}`, "1 2 0"},
		{"crm.requisite.preset.list", `{"filter":{"ACTIVE":false}}`, "2"},
		{"crm.requisite.preset.list", `{"filter":{"@ID":[]}}`, "error ERROR_CORE"},
		{"crm.requisite.preset.list", `{"order":{"NO_SUCH":"ASC"}}`, "error 100"},
	})
}

// The positional methods of tasks refuse what they do not know, and the list of a checklist has no filter.
func TestPositionalFilters(t *testing.T) {
	t.Parallel()
	p := four(t, map[string][2]string{
		"task.item": {"TITLE", "GROUP_ID"}, "task.commentitem": {"POST_MESSAGE", "AUTHOR_ID"}, "task.checklistitem": {"TITLE", "x"}, "task.elapseditem": {"COMMENT_TEXT", "x"},
	})
	const wrong = "error ERROR_CORE"
	checkFiltered(t, p, []filtered{
		{"task.item.list", `[{"ID":"asc"},{">ID":2}]`, "3 4"},
		{"task.item.list", `[{"ID":"asc"},{">id":2}]`, wrong},
		{"task.item.list", `[{"ID":"asc"},{"@ID":[1]}]`, wrong},
		{"task.item.list", `[{"ID":"asc"},{"0":{"ID":1}}]`, wrong},
		{"task.item.list", `[{"ID":"asc"},{"::LOGIC":"OR","ID":1}]`, wrong},
		{"task.item.list", `[{"ID":"asc"},[""]]`, "1 2 3 4"},
		{"task.item.list", `[{"ID":"asc"},{"ID":[]}]`, "1 2 3 4"},
		{"task.item.list", `[{"NO_SUCH":"asc"}]`, wrong},
		{"task.commentitem.getlist", `[1,{"ID":"asc"},{">=ID":3}]`, "3 4"},
		{"task.commentitem.getlist", `[1,{"ID":"asc"},{"=ID":3}]`, wrong},
		{"task.commentitem.getlist", `[1,{"ID":"asc"},{"ID":[]}]`, ""},
		{"task.elapseditem.getlist", `[1,{"ID":"desc"},{"!ID":3}]`, "4 2 1"},
		{"task.checklistitem.getlist", `[1,{"ID":"asc"},{"ID":3}]`, "1 2 3 4"},
	})
}
