package b24test_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

const prefixV3 = "BITRIX_REST_V3_EXCEPTION_"

// codeOf is the code of an error of REST 3.0 without what all codes begin with, or "" for a success.
func codeOf(t *testing.T, a answer) string {
	t.Helper()
	if !a.has(t, "error") {
		return ""
	}
	assert.False(t, a.has(t, "result"), a.Body)
	assert.False(t, a.has(t, "time"), a.Body)
	return strings.TrimPrefix(fmt.Sprint(a.field(t, "error", "code")), prefixV3)
}

// goodsV3 is a portal with an entity of a test's own: ids 1 to n, of which every third has no price.
func goodsV3(t *testing.T, n int, opts ...b24test.Option) *b24test.Portal {
	t.Helper()
	p := b24test.NewPortal(t, opts...)
	p.V3().SeedN("shop.good", n, func(i int) b24.Params {
		row := b24.Params{
			"name": fmt.Sprintf("good %02d", i+1), "price": json.Number(fmt.Sprintf("%d.5", i+1)), "inStock": i%2 == 0,
			"made": fmt.Sprintf("2026-03-%02dT10:00:00+03:00", i%28+1), "day": fmt.Sprintf("2026-03-%02d", i%28+1), "tags": []string{"a"},
			"groupId": i%2 + 1,
		}
		if i%3 == 2 {
			row["price"] = nil
		}
		return row
	})
	return p
}

func TestTasksV3(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	const fields = `"title":"a","creatorId":1,"responsibleId":2,"deadline":"2026-03-01T10:00:00+03:00"`

	a := callV3(t, p, "tasks.task.add", `{"fields":{`+fields+`}}`)
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	assert.JSONEq(t, `{"item":{"id":1,`+fields+`}}`, resultText(t, a))
	assert.True(t, a.has(t, "time"))

	a = callV3(t, p, "tasks.task.get", `{"id":"1","select":["title","id","none","status"]}`)
	assert.JSONEq(t, `{"item":{"id":1,"status":null,"title":"a"}}`, resultText(t, a), "an unknown field is left out, one without a value is null")

	a = callV3(t, p, "tasks.task.update", `{"id":1,"fields":{"title":"b"}}`)
	assert.JSONEq(t, `{"result":true}`, resultText(t, a))
	assert.JSONEq(t, `{"items":[{"id":1}]}`, resultText(t, callV3(t, p, "tasks.task.list", `{}`)), "without a select there is the id alone")
	a = callV3(t, p, "tasks.task.list", `{"select":["title"],"filter":["id",1],"order":{"title":"desc"}}`)
	assert.JSONEq(t, `{"items":[{"title":"b"}]}`, resultText(t, a))
	require.Len(t, p.V3().Rows("tasks.task"), 1)
	assert.Equal(t, "b", p.V3().Rows("tasks.task")[0]["title"])

	assert.JSONEq(t, `{"result":true}`, resultText(t, callV3(t, p, "tasks.task.delete", `{"id":1}`)))
	assert.Empty(t, p.V3().Rows("tasks.task"))
	assert.Equal(t, json.Number("2"), callV3(t, p, "tasks.task.add", `{"fields":{`+fields+`}}`).field(t, "result", "item", "id"), "an id is used once")
	assert.Equal(t, 2, p.Executed("tasks.task.add"))
	assert.Empty(t, p.Rows("tasks.task"), "the rows of the classic API are others")
}

func TestRefusalsV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 3)
	p.V3().Seed("tasks.task", b24.Params{"id": 7, "title": "x"})
	p.V3().Define("shop.strict", b24test.EntityV3{
		Fields:       map[string]b24test.FieldV3{"name": {Type: b24test.StringV3, Required: true}, "n": {Type: b24test.IntV3, NoSort: true}},
		StrictSelect: true, FilterBy: []string{"n"},
	})
	const invalid = "VALIDATION_REQUESTVALIDATIONEXCEPTION"
	for _, c := range []struct {
		method, body, code, field, message string
		status                             int
	}{
		{"tasks.task.get", `{"id":2}`, "ENTITYNOTFOUNDEXCEPTION", "", "Record with ID = `2` not found", 400},
		{"tasks.task.get", `{}`, invalid, "id", "Error during request object validation", 400},
		{"tasks.task.get", `{"id":[7]}`, invalid, "id", "", 400},
		{"tasks.task.get", `{"id":7,"select":["responsible.x.y"]}`, "UNKNOWNDTOPROPERTYEXCEPTION", "", "Unknown field `x.y` for entity `UserDto`", 400},
		{"tasks.task.get", `{"id":7,"select":["title.x"]}`, "UNKNOWNDTOPROPERTYEXCEPTION", "", "Unknown field `title.x` for entity `TaskDto`", 400},
		{"tasks.task.get", `{"id":7,"select":[["title"]]}`, "INVALIDSELECTEXCEPTION", "", "", 400},
		{"tasks.task.add", `{}`, invalid, "fields", "", 400},
		{"tasks.task.add", `{"fields":"x"}`, invalid, "fields", "", 400},
		{"tasks.task.add", `{"fields":{"title":"x","creatorId":1}}`, "VALIDATION_DTOVALIDATIONEXCEPTION", "responsibleId", "", 400},
		{"tasks.task.add", `{"fields":{"id":1}}`, "VALIDATION_DTOVALIDATIONEXCEPTION", "id", "", 400},
		{"tasks.task.add", `{"fields":{"TITLE":"x"}}`, "UNKNOWNDTOPROPERTYEXCEPTION", "", "Unknown field `TITLE` for entity `TaskDto`", 400},
		{"tasks.task.add", `{"fields":{"deadline":"2026-03-01T10:00:00Z"}}`, invalid, "deadline", "", 400},
		{"tasks.task.add", `{"fields":{"checklist":"x"}}`, invalid, "checklist", "", 400},
		{"tasks.task.add", `{"fields":{"title":{}}}`, invalid, "title", "", 400},
		{"tasks.task.add", `{"fields":{"creatorId":"x"}}`, invalid, "creatorId", "", 400},
		{"tasks.task.update", `{"id":2,"fields":{}}`, "ACCESSDENIEDEXCEPTION", "", "", 403},
		{"tasks.task.update", `{"fields":{}}`, invalid, "", "", 400},
		{"tasks.task.delete", `{"id":1,"filter":["id",1]}`, invalid, "", "", 400},
		{"tasks.task.list", `{"filter":[["title","=","x"]]}`, invalid, "title", "", 400},
		{"tasks.task.list", `{"order":{"guid":"ASC"}}`, invalid, "guid", "", 400},
		{"tasks.task.tail", `{}`, "METHODNOTFOUNDEXCEPTION", "", "Method `tasks.task.tail` not found", 404},
		{"crm.deal.list", `{}`, "METHODNOTFOUNDEXCEPTION", "", "", 404},
		{"tasks.task", `{}`, "METHODNOTFOUNDEXCEPTION", "", "", 404},
		{"main.eventlog.add", `{"fields":{}}`, "METHODNOTFOUNDEXCEPTION", "", "", 404},
		{"main.eventlog.field.list", `{"select":["unknownField"]}`, "UNKNOWNDTOPROPERTYEXCEPTION", "", "Unknown field `unknownField` for entity `DtoFieldDto`", 400},
		{"main.eventlog.field.get", `{}`, invalid, "name", "", 400},
		{"main.eventlog.field.get", `{"name":"x"}`, "ENTITYNOTFOUNDEXCEPTION", "", "", 400},
		{"mail.mailbox.list", `{"pagination":{"limit":"abc"}}`, "INVALIDPAGINATIONEXCEPTION", "", "Unable to recognize pagination parameter `{\"limit\":\"abc\"}`", 400},
		{"shop.good.list", `{"pagination":{"limit":0}}`, "INVALIDPAGINATIONEXCEPTION", "", "", 400},
		{"shop.good.list", `{"pagination":{"page":"x"}}`, "INVALIDPAGINATIONEXCEPTION", "", "", 400},
		{"shop.good.list", `{"pagination":{"offset":[]}}`, "INVALIDPAGINATIONEXCEPTION", "", "", 400},
		{"shop.good.list", `{"pagination":{"limit":-1}}`, "INTERNAL_INTERNALEXCEPTION", "", "", 500},
		{"shop.good.list", `{"order":["id"]}`, "INVALIDORDEREXCEPTION", "", "", 400},
		{"shop.good.list", `{"order":"id"}`, "INVALIDORDEREXCEPTION", "", "", 400},
		{"shop.good.list", `{"order":{"id":"up"}}`, "INVALIDORDEREXCEPTION", "", "", 400},
		{"shop.good.list", `{"order":{"none":"ASC"}}`, "UNKNOWNDTOPROPERTYEXCEPTION", "", "", 400},
		{"shop.strict.list", `{"filter":["n",1],"select":["none"]}`, "UNKNOWNDTOPROPERTYEXCEPTION", "", "", 400},
		{"shop.strict.list", `{}`, "VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION", "filter.n", "", 400},
		{"shop.strict.list", `{"filter":[["n",">",1]]}`, "VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION", "filter.n", "", 400},
		{"timeman.record.list", `{"filter":[["id",1]]}`, "VALIDATION_REQUESTFILTERVALIDATIONEXCEPTION", "filter.userId", "", 400},
	} {
		a := callV3(t, p, c.method, c.body)
		name := c.method + " " + c.body
		assert.Equal(t, c.status, a.Status, name)
		require.Equal(t, c.code, codeOf(t, a), "%s: %s", name, a.Body)
		if c.message != "" && c.field == "" {
			// The portal writes & and ' as PHP does; the text is compared after decoding.
			assert.Equal(t, c.message, a.field(t, "error", "message"), name)
		}
		if c.field != "" {
			assert.Equal(t, c.field, a.field(t, "error", "validation", 0, "field"), name)
			assert.NotEmpty(t, a.field(t, "error", "validation", 0, "message"), name)
		}
	}
	assert.JSONEq(t, `{"items":[]}`, resultText(t, callV3(t, p, "shop.strict.list", `{"filter":[["n",1]]}`)))
	assert.JSONEq(t, `{"items":[]}`, resultText(t, callV3(t, p, "timeman.record.list", `{"filter":{"conditions":[["userId","=",1]]}}`)))
	assert.Zero(t, p.Executed("crm.deal.list"))
}

func TestAddUpdateDeleteV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 5)
	assert.JSONEq(t, `{"id":6}`, resultText(t, callV3(t, p, "shop.good.add", `{"fields":{"name":"new","UF_X":"1"}}`)), "the framework tells the id alone")
	assert.JSONEq(t, `{"result":true}`, resultText(t, callV3(t, p, "shop.good.update", `{"filter":[["id",">=",5]],"fields":{"name":"changed"}}`)))
	assert.JSONEq(t, `{"items":[{"id":5},{"id":6}]}`, resultText(t, callV3(t, p, "shop.good.list", `{"filter":["name","changed"],"select":["id"]}`)))
	assert.JSONEq(t, `{"result":true}`, resultText(t, callV3(t, p, "shop.good.delete", `{"filter":["id","<",5]}`)))
	assert.Len(t, p.V3().Rows("shop.good"), 2)
	assert.Equal(t, "1", p.V3().Rows("shop.good")[1]["UF_X"])
	assert.JSONEq(t, `{"item":{"id":1,"title":"n"}}`, resultText(t, callV3(t, p, "note.document.add", `{"fields":{"title":"n"}}`)), "the knowledge base tells the row")
	assert.Nil(t, p.V3().Rows("none"))
	p.V3().Seed("shop.other", b24.Params{"id": 9}, b24.Params{"id": 2})
	assert.JSONEq(t, `{"id":10}`, resultText(t, callV3(t, p, "shop.other.add", `{"fields":{}}`)), "the id after the highest")
}

func TestFieldsV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 3)
	a := callV3(t, p, "main.eventlog.field.list", `{"select":["name","type","filterable","sortable"]}`)
	items, ok := a.field(t, "result", "items").([]any)
	require.True(t, ok)
	assert.Len(t, items, 13)
	assert.Contains(t, items, any(map[string]any{"name": "id", "type": "int", "filterable": true, "sortable": true}))
	assert.Contains(t, items, any(map[string]any{"name": "timestampX", "type": "object", "filterable": true, "sortable": true}))
	assert.Contains(t, items, any(map[string]any{"name": "severity", "type": "string", "filterable": false, "sortable": false}))

	for name, want := range map[string]string{
		"id": "int", "name": "string", "price": "float", "inStock": "bool", "made": "object", "day": "object", "tags": "array", "groupId": "int",
	} {
		a := callV3(t, p, "shop.good.field.get", `{"name":"`+name+`"}`)
		assert.Equal(t, want, a.field(t, "result", "item", "type"), name)
	}
	p.V3().Seed("tasks.task", b24.Params{"own": 1})
	a = callV3(t, p, "tasks.task.field.get", `{"name":"own","select":["filterable","sortable"]}`)
	assert.JSONEq(t, `{"item":{"filterable":false,"sortable":false}}`, resultText(t, a), "a field that was not defined is told and no more")
	p.V3().Seed("text", b24.Params{"id": "7"})
	assert.Equal(t, "string", callV3(t, p, "text.field.get", `{"name":"id"}`).field(t, "result", "item", "type"))
	p.V3().Seed("mixed", b24.Params{"a": nil, "b": 1, "c": "x", "d": 1, "e": "2026-01-02"}, b24.Params{"a": 1, "b": json.Number("1.5"), "c": 1, "d": true, "e": "y"})
	for name, want := range map[string]string{"a": "int", "b": "float", "c": "", "d": "", "e": "string"} {
		assert.Equal(t, want, callV3(t, p, "mixed.field.get", `{"name":"`+name+`"}`).field(t, "result", "item", "type"), name)
	}
}

// A mistake in the test's own data fails the test.
func TestSeedV3Reports(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]func(p *b24test.Portal){
		`b24test: seed a: row 1: id: "x" is no positive`:           func(p *b24test.Portal) { p.V3().Seed("a", b24.Params{}, b24.Params{"id": "x"}) },
		`b24test: seed a: row 0: encode: `:                         func(p *b24test.Portal) { p.V3().Seed("a", b24.Params{"x": make(chan int)}) },
		`b24test: seed tasks.task: row 0: creator is a relation`:   func(p *b24test.Portal) { p.V3().Seed("tasks.task", b24.Params{"creator": 1}) },
		`b24test: seed: the entity has no name`:                    func(p *b24test.Portal) { p.V3().Seed("", b24.Params{}) },
		`b24test: define : the entity has no name`:                 func(p *b24test.Portal) { p.V3().Define("", b24test.EntityV3{}) },
		`b24test: define a: the limits 0 and 1001 are not within `: func(p *b24test.Portal) { p.V3().Define("a", b24test.EntityV3{MaxLimit: 1001}) },
	} {
		tb := &complaints{TB: t}
		f(b24test.NewPortal(tb))
		require.Len(t, tb.texts, 1, want)
		assert.True(t, strings.HasPrefix(tb.texts[0], want), tb.texts[0])
	}
	_, err := b24test.Start(b24test.WithMaxLimitV3(0), b24test.WithMaxLimitV3(1001, "x"))
	assert.ErrorContains(t, err, "max limit: 0 is outside 1 to 1000\nmax limit: 1001 is")
}

// complaints takes down what a portal reports.
type complaints struct {
	testing.TB

	texts []string
}

func (c *complaints) Error(args ...any) { c.texts = append(c.texts, fmt.Sprint(args...)) }

func TestDefineV3KeepsRows(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 3)
	p.V3().Define("shop.good", b24test.EntityV3{Methods: []string{"list"}, ListFields: []string{"name"}, Limit: 1})
	assert.JSONEq(t, `{"items":[{"name":"good 01"}]}`, resultText(t, callV3(t, p, "shop.good.list", `{}`)))
	assert.Equal(t, "METHODNOTFOUNDEXCEPTION", codeOf(t, callV3(t, p, "shop.good.get", `{"id":1}`)))
}

func TestOpenAPI(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	p.V3().Seed("shop.good")
	p.V3().Handle("my.method", func(b24test.Request) (any, error) { return 1, nil })
	for _, w := range []wire{
		{http.MethodGet, p.V3().WebhookURL() + "rest.documentation.openapi", "", ""},
		{http.MethodPost, p.V3().WebhookURL() + "documentation", "", ""},
		{http.MethodPost, p.V3().WebhookURL() + "documentation", "application/json", "{}"},
	} {
		a, err := send(t, p.HTTPClient(), w)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, a.Status)
		assert.Equal(t, "3.0.0", a.field(t, "openapi"))
		assert.False(t, a.has(t, "result"))
		assert.False(t, a.has(t, "time"))
		paths, ok := a.field(t, "paths").(map[string]any)
		require.True(t, ok)
		for _, name := range []string{"/tasks.task.add", "/main.eventlog.tail", "/shop.good.list", "/my.method", "/batch", "/documentation"} {
			assert.Contains(t, paths, name)
		}
		assert.NotContains(t, paths, "/tasks.task.tail")
	}
	p.V3().Handle("documentation", func(b24test.Request) (any, error) { return "mine", nil })
	assert.Equal(t, "mine", callV3(t, p, "documentation", `{}`).field(t, "result"))
}

func TestNumericCodesV3(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t)
	for want, e := range map[string]b24.Error{
		`400 {"error":{"code":1048582,"message":"m"}}`: {Code: "1048582", Description: "m", Status: 400},
		`200 {"error":{"code":0,"message":"m"}}`:       {Code: "0", Description: "m"},
		`403 {"error":{"code":403,"message":"m"}}`:     {Code: "403", Description: "m"},
		`400 {"error":{"code":"007","message":"m"}}`:   {Code: "007", Description: "m", Status: 400},
		`400 {"error":{"code":"NOTE","message":"m"}}`:  {Code: "NOTE", Description: "m"},
	} {
		p.V3().Handle("m", func(b24test.Request) (any, error) { return nil, &e })
		a := callV3(t, p, "m", `{}`)
		assert.Equal(t, want, fmt.Sprintf("%d %s", a.Status, a.Body))
	}
}

func TestFaultsV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 1)
	p.Fault("shop.good.add", b24test.RefuseV3(&b24.Error{Code: prefixV3 + "LICENSEEXCEPTION"}), b24test.ResetBefore(), b24test.ResetAfter(),
		b24test.CutBody(5), b24test.HTML(502).Executed())
	add := wire{http.MethodPost, p.V3().WebhookURL() + "shop.good.add", "application/json", `{"fields":{"name":"x"}}`}

	a, err := send(t, p.HTTPClient(), add)
	require.NoError(t, err)
	assert.Equal(t, http.StatusForbidden, a.Status)
	for range 3 {
		_, err = send(t, p.HTTPClient(), add)
		require.Error(t, err)
	}
	a, err = send(t, p.HTTPClient(), add)
	require.NoError(t, err)
	assert.Equal(t, http.StatusBadGateway, a.Status)

	assert.Equal(t, 5, p.Calls("shop.good.add"))
	assert.Equal(t, 3, p.Executed("shop.good.add"))
	assert.Len(t, p.V3().Rows("shop.good"), 4)
}

func TestManyAtOnceV3(t *testing.T) {
	t.Parallel()
	p := goodsV3(t, 10)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			for _, w := range []wire{
				{http.MethodPost, p.V3().WebhookURL() + "shop.good.add", "application/json", `{"fields":{"name":"x"}}`},
				{http.MethodPost, p.V3().WebhookURL() + "shop.good.list", "application/json", `{"order":{"name":"DESC"}}`},
				{http.MethodPost, p.V3().WebhookURL() + "batch", "application/json", `[{"method":"shop.good.get","query":{"id":1}}]`},
			} {
				a, err := send(t, p.HTTPClient(), w)
				assert.NoError(t, err)
				assert.Equal(t, http.StatusOK, a.Status)
			}
			p.V3().Seed("shop.other", b24.Params{"id": 100 + i})
			_ = p.V3().Rows("shop.good")
		})
	}
	wg.Wait()
	assert.Len(t, p.V3().Rows("shop.good"), 30)
	assert.Len(t, p.V3().Rows("shop.other"), 20)
	assert.Len(t, p.V3().Commands(), 20)
}

// FuzzParametersV3: whatever the parameters are, the answer is JSON of the portal's and no panic.
func FuzzParametersV3(f *testing.F) {
	for _, seed := range []string{
		`{"filter":[["id",">",1]]}`, `{"filter":{"logic":"or","negative":true,"conditions":[["id",[1,2]],{"type":"filter","conditions":[]}]}}`,
		`{"filter":["price","between",[1.5,2.5]]}`, `{"filter":[[{"expression":"length","parameters":"name"},">",3]]}`,
		`{"select":["id","name","x.y"],"order":{"name":"ASC"},"pagination":{"page":2,"limit":1}}`, `{"cursor":{"field":"id","value":1,"order":"DESC"}}`,
		`{"id":1,"fields":{"name":null}}`, `[{"method":"shop.good.get","query":{"id":{"$ref":"a.0.id"}},"as":"a"}]`, `{"pagination":{"afterCursor":{"id":1,"position":2}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		p := goodsV3(t, 3, b24test.WithMemory())
		p.V3().Seed("note.collection", b24.Params{"position": 1})
		for _, method := range []string{"shop.good.list", "shop.good.tail", "shop.good.get", "shop.good.update", "shop.good.add", "shop.good.field.list", "batch", "note.collection.list"} {
			a := callV3(t, p, method, body)
			require.True(t, json.Valid([]byte(a.Body)), "%s: %s", method, a.Body)
			require.NotEqual(t, a.has(t, "error"), a.has(t, "result"), a.Body)
		}
	})
}
