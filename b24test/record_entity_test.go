package b24test_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// deals are five deals with gaps between their ids.
func deals(t *testing.T) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.deal",
		b24.Params{"ID": 10, "TITLE": "Alpha", "OPPORTUNITY": 9, "STAGE_ID": "NEW", "OPENED": true, "UF_CRM_1": []int{1, 2}},
		b24.Params{"ID": "2", "TITLE": "beta", "OPPORTUNITY": 100.5, "STAGE_ID": "WON", "COMMENTS": nil},
		b24.Params{"ID": 30, "TITLE": "Gamma 5%", "OPPORTUNITY": "20", "STAGE_ID": "NEW", "COMMENTS": "x", "PHONE": []b24.Params{{"ID": 1, "VALUE": "+49 1"}}},
		b24.Params{"ID": 7, "TITLE": "alphabet", "OPPORTUNITY": 20, "STAGE_ID": "LOSE", "DATE_CREATE": "2024-01-02T03:00:00+03:00"},
	)
	p.Seed("crm.deal", b24.Params{"TITLE": "Omega", "STAGE_ID": "NEW", "DATE_CREATE": "2024-01-02T01:00:00+00:00"})
	return p
}

func TestClassicList(t *testing.T) {
	t.Parallel()
	p := deals(t)
	for _, tt := range []struct {
		body string
		ids  []string
	}{
		{`{}`, []string{"2", "7", "10", "30", "31"}},
		{`{"order":{"ID":"DESC"}}`, []string{"31", "30", "10", "7", "2"}},
		{`{"ORDER":{"ID":"desc"}}`, []string{"31", "30", "10", "7", "2"}},
		{`{"order":{"SOURCE_ID":"ASC","STAGE_ID":"ASC","ID":"DESC"}}`, []string{"31", "30", "10", "7", "2"}}, // the stage comes last wherever it stands
		{`{"order":{"OPENED":"up","TITLE":"DESC"}}`, []string{"10", "31", "30", "2", "7"}},                   // what is not ASC is descending,
		{`{"order":{"TITLE":"DESC","STAGE_ID":"ASC"}}`, []string{"31", "30", "2", "7", "10"}},
		{`{"order":{"OPPORTUNITY":"ASC","ID":"DESC"}}`, []string{"31", "10", "30", "7", "2"}},
		{`{"order":{"DATE_CREATE":"DESC"},"filter":{"!DATE_CREATE":""}}`, []string{"31", "7"}},
		{`{"filter":{"STAGE_ID":"NEW"}}`, []string{"10", "30", "31"}},
		{`{"filter":{"=STAGE_ID":"new"}}`, []string{"10", "30", "31"}},
		{`{"filter":{"STAGE_ID":["WON","LOSE"]}}`, []string{"2", "7"}},
		{`{"Filter":{"@STAGE_ID":["WON","LOSE"]}}`, []string{"2", "7"}},
		{`{"filter":{"!@STAGE_ID":["WON","LOSE"]}}`, []string{"10", "30", "31"}},
		{`{"filter":{"!STAGE_ID":"NEW"}}`, []string{"2", "7"}},
		{`{"filter":{"!=STAGE_ID":["NEW","WON"]}}`, []string{"7"}},
		{`{"filter":{">OPPORTUNITY":"9"}}`, []string{"2", "7", "30"}},
		{`{"filter":{">=OPPORTUNITY":20,"<OPPORTUNITY":100.5}}`, []string{"7", "30"}},
		{`{"filter":{"<=OPPORTUNITY":9}}`, []string{"10"}},
		{`{"filter":{"><OPPORTUNITY":[9,20]}}`, []string{"2", "7", "10", "30", "31"}}, // no operator of the classic CRM,
		{`{"filter":{"OPPORTUNITY":"20.00"}}`, []string{"7", "30"}},
		{`{"filter":{"OPENED":"Y"}}`, []string{"10"}},
		{`{"filter":{"%TITLE":"ALPHA"}}`, []string{"7", "10"}},
		{`{"filter":{"=%TITLE":"alpha%"}}`, []string{"7", "10"}},
		{`{"filter":{"=%TITLE":"%a"}}`, []string{"2", "10", "31"}},
		{`{"filter":{"=%TITLE":"a%b%t"}}`, []string{"7"}},
		{`{"filter":{"=%TITLE":"beta"}}`, []string{"2"}},
		{`{"filter":{"!%TITLE":"alpha"}}`, []string{"7", "10"}}, // a pattern cannot be negated,
		{`{"filter":{"!=%TITLE":"%a"}}`, []string{"2", "10", "31"}},
		{`{"filter":{"%TITLE":["beta","omega"]}}`, []string{"2", "31"}},
		{`{"filter":{"COMMENTS":""}}`, []string{"2", "7", "10", "31"}},
		{`{"filter":{"!COMMENTS":null}}`, []string{"30"}},
		{`{"filter":{"UF_CRM_1":2}}`, []string{"10"}},
		{`{"filter":{"PHONE":"+49 1"}}`, []string{"30"}},
		{`{"filter":{">DATE_CREATE":"2024-01-02T00:30:00+00:00"}}`, []string{"31"}},
		{`{"filter":{">ID":"7","<=ID":30}}`, []string{"10", "30"}},
		{`{"filter":{">=ID":8,"<ID":30,"!ID":10}}`, []string{}},
		{`{"filter":{"ID":[7,"30",99]}}`, []string{"7", "30"}},
		{`{"filter":{"ID":10}}`, []string{"10"}},
		{`{"filter":{">ID":30,"<ID":8}}`, []string{}},
		{`{"filter":{"0":{"LOGIC":"OR","STAGE_ID":"WON","%TITLE":"omega"}}}`, []string{"2", "7", "10", "30", "31"}},
		{`{"filter":{"STAGE_ID":"NEW","0":{"logic":"OR","0":{"TITLE":"Omega"},"1":{"ID":10,"STAGE_ID":"LOSE"}}}}`, []string{"10", "30", "31"}},
		{`{"filter":{"NO_SUCH":"x"}}`, []string{"2", "7", "10", "30", "31"}},
		{`{"filter":{">id":10}}`, []string{"2", "7", "10", "30", "31"}},        // trap 26
		{`{"filter":{">ID":["a","b"]}}`, []string{"2", "7", "10", "30", "31"}}, // trap 11
		{`{"filter":{"STAGE_ID":"NEW"},"order":{"TITLE":"ASC"},"start":-1}`, []string{"10", "30", "31"}},
	} {
		a := call(t, p, "crm.deal.list", tt.body)
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		assert.Equal(t, tt.ids, a.ids(t, "ID", "result"), tt.body)
	}
}

func TestClassicSelect(t *testing.T) {
	t.Parallel()
	p := deals(t)
	for sel, want := range map[string]string{
		`[]`:                        `{"ID":"30","CATEGORY_ID":"0","COMMENTS":"x","OPPORTUNITY":"20","STAGE_ID":"NEW","TITLE":"Gamma 5%"}`,
		`["*"]`:                     `{"ID":"30","CATEGORY_ID":"0","COMMENTS":"x","OPPORTUNITY":"20","STAGE_ID":"NEW","TITLE":"Gamma 5%"}`,
		`["TITLE","NO_SUCH"]`:       `{"ID":"30","TITLE":"Gamma 5%"}`,
		`["ID","PHONE","UF_CRM_1"]`: `{"ID":"30","PHONE":[{"ID":"1","VALUE":"+49 1"}]}`,
	} {
		a := call(t, p, "crm.deal.list", `{"filter":{"ID":30},"select":`+sel+`}`)
		assert.Equal(t, "["+want+"]", resultText(t, a), sel)
	}
	a := call(t, p, "crm.deal.list", `{"filter":{"ID":10},"select":["UF_*"]}`)
	assert.JSONEq(t, `[{"ID":"10","UF_CRM_1":["1","2"]}]`, resultText(t, a))
	a = call(t, p, "crm.deal.get", `{"ID":"10"}`)
	assert.JSONEq(t, `{"ID":"10","CATEGORY_ID":"0","OPENED":"Y","OPPORTUNITY":"9","STAGE_ID":"NEW","TITLE":"Alpha","UF_CRM_1":["1","2"]}`, resultText(t, a))
}

// many seeds n rows with the ids 1 to n.
func many(t *testing.T, entity string, n int) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN(entity, n, func(i int) b24.Params { return b24.Params{"TITLE": strconv.Itoa(i % 7)} })
	return p
}

func TestClassicPages(t *testing.T) {
	t.Parallel()
	p := many(t, "crm.company", 120)
	none := any(nil)
	num := func(n int) any { return json.Number(strconv.Itoa(n)) }
	for _, tt := range []struct {
		body        string
		first, rows int
		total, next any
	}{
		{`{}`, 1, 50, num(120), num(50)},
		{`{"start":0}`, 1, 50, num(120), num(50)},
		{`{"start":50}`, 51, 50, num(120), num(100)},
		{`{"start":"75"}`, 51, 50, num(120), num(100)},
		{`{"start":100}`, 101, 20, num(120), none},
		{`{"start":150}`, 1, 50, num(120), num(50)}, // a page that is not there is the first one
		{`{"start":-1}`, 1, 50, num(0), none},
		{`{"start":-1,"filter":{">ID":100}}`, 101, 20, num(0), none},
		{`{"filter":{">ID":20}}`, 21, 50, num(100), num(50)},
		{`{"filter":{">ID":20},"start":50}`, 71, 50, num(100), none},
		{`{"filter":{"TITLE":"0"}}`, 1, 18, num(18), none},
		{`{"filter":{"!TITLE":"0"},"start":100}`, 118, 2, num(102), none},
		{`{"filter":{"!TITLE":"0"},"order":{"ID":"DESC"}}`, 119, 50, num(102), num(50)},
		{`{"filter":{"!TITLE":"x"},"order":{"TITLE":"ASC"},"start":100}`, 0, 20, num(120), none},
	} {
		a := call(t, p, "crm.company.list", tt.body)
		ids := a.ids(t, "ID", "result")
		require.Len(t, ids, tt.rows, tt.body)
		if tt.first > 0 {
			assert.Equal(t, strconv.Itoa(tt.first), ids[0], tt.body)
		}
		assert.Equal(t, tt.total, a.field(t, "total"), tt.body)
		assert.Equal(t, tt.next, a.field(t, "next"), tt.body)
	}
	a := call(t, p, "crm.company.list?start=100", `{}`)
	assert.Len(t, a.ids(t, "ID", "result"), 20)
}

func TestClassicWrites(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())

	a := call(t, p, "crm.deal.add", `{"FIELDS":{"TITLE":"x","OPPORTUNITY":1,"ID":77}}`)
	assert.Equal(t, "1", resultText(t, a))
	a = call(t, p, "crm.deal.update", `{"id":1,"fields":{"TITLE":"y","ID":5}}`)
	assert.Equal(t, "true", resultText(t, a))
	a = call(t, p, "crm.deal.get", `{"id":"1"}`)
	assert.Equal(t, "1", a.field(t, "result", "ID"))
	assert.Equal(t, "y", a.field(t, "result", "TITLE"))
	assert.Equal(t, "1", a.field(t, "result", "OPPORTUNITY"))
	assert.NotEmpty(t, a.field(t, "result", "DATE_CREATE"))
	assert.Equal(t, "y", p.Rows("crm.deal")[0]["TITLE"])
	assert.Equal(t, "true", resultText(t, call(t, p, "crm.deal.delete", `{"id":1}`)))
	assert.Empty(t, p.Rows("crm.deal"))
	assert.Equal(t, "2", resultText(t, call(t, p, "crm.deal.add?fields[TITLE]=q", ``)))

	for _, tt := range []struct{ method, body, text string }{
		{"crm.deal.get", `{"id":99}`, "Not found"},
		{"crm.deal.update", `{"id":99,"fields":{}}`, "Not found"},
		{"crm.deal.delete", `{"id":99}`, "Not found"},
		{"crm.deal.get", `{}`, "ID is not defined or invalid."},
		{"crm.deal.get", `{"id":0}`, "ID is not defined or invalid."},
		{"crm.deal.add", `{"fields":"x"}`, "Parameter 'fields' must be array."},
		{"crm.deal.update", `{"id":2,"fields":1}`, "Parameter 'fields' must be array."},
		{"crm.lead.get", `{"id":99}`, "Not found"},
		{"crm.lead.update", `{"id":99,"fields":{}}`, "Lead is not found"},
		{"crm.contact.update", `{"id":99,"fields":{}}`, "Contact is not found"},
		{"crm.company.update", `{"id":99,"fields":{}}`, "Company is not found"},
		{"crm.quote.update", `{"id":99,"fields":{}}`, "Quote is not found"},
		{"crm.activity.update", `{"id":99,"fields":{}}`, "Activity is not found."},
	} {
		a := call(t, p, tt.method, tt.body)
		assert.Equal(t, http.StatusBadRequest, a.Status, tt)
		assert.Empty(t, a.field(t, "error"), tt)
		assert.Equal(t, tt.text, a.field(t, "error_description"), tt)
		assert.True(t, seen(t, p).Executed)
	}
}

func TestIdsAreNotReused(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	call(t, p, "crm.lead.add", `{"fields":{}}`)
	call(t, p, "crm.lead.add", `{"fields":{}}`)
	call(t, p, "crm.lead.delete", `{"id":2}`)
	assert.Equal(t, "3", resultText(t, call(t, p, "crm.lead.add", `{"fields":{}}`)))
}

func TestEntitiesOfEveryPortalAndOthers(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	for _, m := range []string{"crm.deal.list", "crm.lead.list", "crm.company.list", "crm.contact.list", "crm.quote.list", "crm.activity.list", "user.get", "department.get"} {
		assert.Equal(t, "[]", resultText(t, call(t, p, m, `{}`)), m)
	}
	assert.Equal(t, http.StatusNotFound, call(t, p, "crm.unheard.list", `{}`).Status)
	p.Seed("crm.vat", b24.Params{"NAME": "19%"})
	assert.JSONEq(t, `[{"ID":"1","NAME":"19%"}]`, resultText(t, call(t, p, "crm.vat.list", `{}`)))
	p.Seed("crm.measure")
	assert.Equal(t, "[]", resultText(t, call(t, p, "crm.measure.list", `{}`)))
	p.Handle("crm.vat.list", func(b24test.Request) (any, error) { return "mine", nil })
	assert.Equal(t, `"mine"`, resultText(t, call(t, p, "crm.vat.list", `{}`)))
	assert.Equal(t, "string", call(t, p, "crm.vat.fields", `{}`).field(t, "result", "NAME", "type"))
}

func TestActivitiesComeByStartTime(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.activity", b24.Params{"START_TIME": "2024-03-01"}, b24.Params{"START_TIME": "2024-01-01"}, b24.Params{"START_TIME": "2024-02-01"})
	assert.Equal(t, []string{"2", "3", "1"}, call(t, p, "crm.activity.list", `{}`).ids(t, "ID", "result"))
	assert.Equal(t, []string{"1", "2", "3"}, call(t, p, "crm.activity.list", `{"order":{"ID":"ASC"}}`).ids(t, "ID", "result"))
}

func TestItems(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.item:2", b24.Params{"id": "5", "title": "a", "opportunity": 10, "UF_CRM_5_1699": "u"}, b24.Params{"TITLE": "b", "ASSIGNED_BY_ID": 3})
	p.Seed("crm.item:1032", b24.Params{"title": "spa"})

	a := call(t, p, "crm.item.get", `{"entityTypeId":2,"id":5}`)
	assert.JSONEq(t, `{"item":{"id":5,"categoryId":0,"opportunity":10,"title":"a","ufCrm5_1699":"u"}}`, resultText(t, a))
	a = call(t, p, "crm.item.get", `{"entityTypeId":"2","id":"5","useOriginalUfNames":"Y"}`)
	assert.JSONEq(t, `{"item":{"id":5,"categoryId":0,"opportunity":10,"title":"a","UF_CRM_5_1699":"u"}}`, resultText(t, a))
	a = call(t, p, "crm.item.list", `{"entityTypeId":1032}`)
	assert.JSONEq(t, `{"items":[{"id":1,"title":"spa"}]}`, resultText(t, a))
	assert.Equal(t, json.Number("1"), a.field(t, "total"))

	a = call(t, p, "crm.item.add", `{"entityTypeId":2,"fields":{"title":"new","assignedById":1}}`)
	assert.Equal(t, json.Number("7"), a.field(t, "result", "item", "id"))
	assert.NotEmpty(t, a.field(t, "result", "item", "createdTime"))
	a = call(t, p, "crm.item.update", `{"entityTypeId":2,"id":7,"fields":{"title":"newer"}}`)
	assert.Equal(t, "newer", a.field(t, "result", "item", "title"))
	a = call(t, p, "crm.item.delete", `{"entityTypeId":2,"id":7}`)
	assert.Equal(t, "[]", resultText(t, a))
	assert.Equal(t, false, call(t, p, "crm.item.fields", `{"entityTypeId":2}`).field(t, "result", "fields", "title", "isDynamic"))

	for _, tt := range []struct{ method, body, code, text string }{
		{"crm.item.get", `{"entityTypeId":2,"id":99}`, "NOT_FOUND", "Item not found"},
		{"crm.item.update", `{"entityTypeId":2,"id":99,"fields":{}}`, "NOT_FOUND", "Item not found"},
		{"crm.item.delete", `{"entityTypeId":2,"id":99}`, "NOT_FOUND", "Item not found"},
		{"crm.item.get", `{"entityTypeId":2}`, "100", "Could not find value for parameter {id}"},
		{"crm.item.get", `{"entityTypeId":2,"id":0}`, "NOT_FOUND", "Item not found"},
		{"crm.item.get", `{"entityTypeId":2,"id":"x"}`, "100", "Invalid value {x} to match with parameter {id}. Should be value of type int."},
		{"crm.item.list", `{}`, "100", "Could not find value for parameter {entityTypeId}"},
		{"crm.item.list", `{"EntityTypeId":2}`, "100", "Could not find value for parameter {entityTypeId}"},
		{"crm.item.list", `{"entityTypeId":999}`, "NOT_FOUND", "Smart process not found"},
		{"crm.item.list", `{"entityTypeId":2,"filter":{">nope":1}}`, "INVALID_ARG_VALUE", "Invalid filter: field '>NOPE' is not allowed in filter"},
		{"crm.item.list", `{"entityTypeId":2,"filter":{"0":{"nope":1}}}`, "INVALID_ARG_VALUE", "Invalid filter: field 'NOPE' is not allowed in filter"},
		{"crm.item.list", `{"entityTypeId":2,"order":{"nope":"ASC"}}`, "INVALID_ARG_VALUE", "Invalid order: field 'NOPE' is not allowed in order"},
		{"crm.item.list", `{"entityTypeId":2,"filter":"x"}`, "100", "Invalid value {x} to match with parameter {filter}. Should be value of type array."},
		{"crm.item.add", `{"entityTypeId":2}`, "100", "Could not find value for parameter {fields}"},
		{"crm.item.add", `{"entityTypeId":2,"fields":"x"}`, "100", "Invalid value {x} to match with parameter {fields}. Should be value of type array."},
	} {
		a := call(t, p, tt.method, tt.body)
		assert.Equal(t, http.StatusBadRequest, a.Status, tt)
		assert.Equal(t, tt.code, a.field(t, "error"), tt)
		assert.Equal(t, tt.text, a.field(t, "error_description"), tt)
	}
}

func TestItemPages(t *testing.T) {
	t.Parallel()
	p := many(t, "crm.item:2", 120)
	list := func(rest string) answer { return call(t, p, "crm.item.list", `{"entityTypeId":2`+rest+`}`) }

	first, again := list(``), list(``)
	ids := first.ids(t, "id", "result", "items")
	require.Len(t, ids, 50)
	assert.Equal(t, ids, again.ids(t, "id", "result", "items"), "the same each time")
	assert.False(t, slices.IsSortedFunc(ids, func(a, b string) int {
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return x - y
	}), "without an order rows do not come by id")
	assert.Equal(t, json.Number("120"), first.field(t, "total"))
	assert.Equal(t, json.Number("50"), first.field(t, "next"))
	ids = append(append(ids, list(`,"start":50`).ids(t, "id", "result", "items")...), list(`,"start":100`).ids(t, "id", "result", "items")...)
	slices.Sort(ids)
	assert.Len(t, slices.Compact(ids), 120)

	a := list(`,"start":-1,"order":{"id":"ASC"},"filter":{">id":99}`)
	assert.Equal(t, "100", a.ids(t, "id", "result", "items")[0])
	assert.False(t, a.has(t, "total"))
	assert.False(t, a.has(t, "next"))
	assert.Equal(t, "120", list(`,"order":{"ID":"desc"}`).ids(t, "id", "result", "items")[0])
	assert.Len(t, list(`,"FILTER":{"id":1}`).ids(t, "id", "result", "items"), 50, "argument names are matched as they stand")
	assert.JSONEq(t, `{"items":[]}`, resultText(t, list(`,"filter":{"id":999}`)))
}

func TestTasks(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("tasks.task", 60, func(i int) b24.Params {
		return b24.Params{"TITLE": fmt.Sprint("t", i), "RESPONSIBLE_ID": i % 3, "ufCrmTask": []int{i}, "deadline": nil}
	})

	a := call(t, p, "tasks.task.list", `{"order":{"ID":"desc"},"filter":{"RESPONSIBLE_ID":1,"<=ID":20},"select":["ID","TITLE","RESPONSIBLE_ID"]}`)
	assert.Equal(t, []string{"20", "17", "14", "11", "8", "5", "2"}, a.ids(t, "id", "result", "tasks"))
	assert.Equal(t, map[string]any{"id": "20", "title": "t19", "responsibleId": "1"}, a.field(t, "result", "tasks", 0))
	assert.Equal(t, json.Number("7"), a.field(t, "total"))

	a = call(t, p, "tasks.task.list", `{"filter":{">id":30}}`) // trap 26: the lower name is ignored
	assert.Equal(t, "1", a.ids(t, "id", "result", "tasks")[0])
	assert.Equal(t, json.Number("50"), a.field(t, "next"))
	a = call(t, p, "tasks.task.list", `{"order":{"id":"asc"},"filter":{">ID":30},"start":-1}`)
	assert.Equal(t, "31", a.ids(t, "id", "result", "tasks")[0])
	assert.False(t, a.has(t, "total"))
	assert.Equal(t, http.StatusBadRequest, call(t, p, "tasks.task.list", `{"order":{"NOPE":"asc"}}`).Status)

	a = call(t, p, "tasks.task.get", `{"taskId":3}`)
	assert.JSONEq(t, `{"task":{"id":"3","deadline":null,"responsibleId":"2","title":"t2"}}`, resultText(t, a))
	a = call(t, p, "tasks.task.get", `{"taskId":3,"select":["ID","UF_CRM_TASK"]}`)
	assert.JSONEq(t, `{"task":{"id":"3","ufCrmTask":[2]}}`, resultText(t, a))
	assert.JSONEq(t, `[]`, resultText(t, call(t, p, "tasks.task.get", `{"taskId":99}`)), "a missing task is no error")

	a = call(t, p, "tasks.task.add", `{"fields":{"TITLE":"new","RESPONSIBLE_ID":1}}`)
	assert.Equal(t, "61", a.field(t, "result", "task", "id"))
	assert.Equal(t, "1", a.field(t, "result", "task", "responsibleId"))
	a = call(t, p, "tasks.task.update", `{"taskId":61,"fields":{"TITLE":"newer"}}`)
	assert.Equal(t, "newer", a.field(t, "result", "task", "title"))
	assert.JSONEq(t, `{"task":true}`, resultText(t, call(t, p, "tasks.task.delete", `{"taskId":61}`)))
	assert.Equal(t, "integer", call(t, p, "tasks.task.getFields", `{}`).field(t, "result", "fields", "id", "type"))

	for _, tt := range []struct{ method, body, code string }{
		{"tasks.task.get", `{"taskId":"x"}`, "0"},
		{"tasks.task.get", `{}`, "100"},
		{"tasks.task.update", `{"taskId":99,"fields":{}}`, "1048582"},
		{"tasks.task.delete", `{"taskId":99}`, "1048582"},
	} {
		a := call(t, p, tt.method, tt.body)
		assert.Equal(t, http.StatusBadRequest, a.Status, tt)
		assert.Equal(t, tt.code, a.field(t, "error"), tt)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("user", 60, func(i int) b24.Params {
		return b24.Params{"NAME": fmt.Sprint("n", i%2), "ACTIVE": i%3 != 0, "UF_DEPARTMENT": []int{1}}
	})

	a := call(t, p, "user.get", `{"sort":"ID","order":"DESC","FILTER":{"ACTIVE":true,">ID":55}}`)
	assert.Equal(t, []string{"60", "59", "57", "56"}, a.ids(t, "ID", "result"))
	assert.Equal(t, map[string]any{"ID": "60", "NAME": "n1", "ACTIVE": true, "UF_DEPARTMENT": []any{"1"}}, a.field(t, "result", 0))
	a = call(t, p, "user.get", `{"filter":{"ACTIVE":"N"},"SORT":"ID","ORDER":"asc"}`)
	assert.Equal(t, "1", a.ids(t, "ID", "result")[0])
	assert.Equal(t, json.Number("20"), a.field(t, "total"))
	assert.Equal(t, []string{"7"}, call(t, p, "user.get", `{"ID":7}`).ids(t, "ID", "result"))
	assert.Equal(t, json.Number("60"), call(t, p, "user.get", `{"FILTER":{"NO_SUCH":"x",">NAME ":"x"}}`).field(t, "total"), "unknown fields are dropped")
	assert.NotEqual(t, []string{"1", "2", "3"}, call(t, p, "user.get", `{}`).ids(t, "ID", "result")[:3])

	a = call(t, p, "user.get", `{"ID":999}`)
	assert.Equal(t, "[]", resultText(t, a))
	assert.False(t, a.has(t, "total"))
	a = call(t, p, "user.get", `{"start":-1,"sort":"ID","order":"ASC","FILTER":{">ID":50}}`)
	assert.Len(t, a.ids(t, "ID", "result"), 10)
	assert.Equal(t, json.Number("0"), a.field(t, "total"))
}

func TestDepartments(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("department", 60, func(i int) b24.Params {
		return b24.Params{"NAME": fmt.Sprint("d", i), "PARENT": i % 2, "SORT": 100 - i}
	})

	a := call(t, p, "department.get", `{">ID":30,"filter":{}}`) // trap 25: >ID is ignored
	assert.Equal(t, "1", a.ids(t, "ID", "result")[0])
	assert.Equal(t, json.Number("60"), a.field(t, "total"))
	assert.Equal(t, "1", call(t, p, "department.get", `{"FILTER":{">ID":30}}`).ids(t, "ID", "result")[0])
	assert.Equal(t, json.Number("30"), call(t, p, "department.get", `{"PARENT":1}`).field(t, "total"))
	assert.Equal(t, []string{"5"}, call(t, p, "department.get", `{"ID":5}`).ids(t, "ID", "result"))
	assert.Equal(t, "60", call(t, p, "department.get", `{"sort":"SORT","order":"ASC"}`).ids(t, "ID", "result")[0])
	assert.Equal(t, "1", call(t, p, "department.get", `{"sort":"SORT","FILTER":{"PARENT":[0,1]}}`).ids(t, "ID", "result")[0], "sort counts inside FILTER only")
	assert.Equal(t, "60", call(t, p, "department.get", `{"FILTER":{"PARENT":[0,1],"sort":"SORT"}}`).ids(t, "ID", "result")[0])
	assert.Equal(t, "NAME", call(t, p, "department.fields", `{}`).field(t, "result", "NAME"))
}
