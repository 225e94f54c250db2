package b24test_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// A misspelled name would make a test pass without rows.
func TestUnknownEntitiesFailTheTest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(p *b24test.Portal)
		want string
	}{
		{"plural", func(p *b24test.Portal) { p.Seed("crm.deals", b24.Params{"ID": 1}) }, "did you mean crm.deal?"},
		{"no rows", func(p *b24test.Portal) { p.Seed("crm.contacts") }, "did you mean crm.contact?"},
		{"many", func(p *b24test.Portal) { p.SeedN("crm.leed", 3, nil) }, "did you mean crm.lead?"},
		{"none of many", func(p *b24test.Portal) { p.SeedN("crm.leed", 0, nil) }, "did you mean crm.lead?"},
		{"generated", func(p *b24test.Portal) { p.SeedN("crm.leed", 3, nil, b24test.Generated()) }, "did you mean crm.lead?"},
		{"hidden", func(p *b24test.Portal) { p.SeedHidden("catalog.stores") }, "did you mean catalog.store?"},
		{"remove", func(p *b24test.Portal) { p.Remove("crm.deals") }, "did you mean crm.deal?"},
		{"rows", func(p *b24test.Portal) { p.Rows("crm.deals") }, "did you mean crm.deal?"},
		{"typed", func(p *b24test.Portal) { p.Seed("crm.itm:2") }, "did you mean crm.item?"},
		{"no type", func(p *b24test.Portal) { p.Rows("crm.item") }, "as in crm.item:2"},
		{"other API", func(p *b24test.Portal) { p.Seed("main.eventlog") }, "Portal.V3"},
		{"strange", func(p *b24test.Portal) { p.Seed("acme.robot") }, "Portal.Define creates an entity"},
	} {
		tb := &recorder{TB: t}
		tt.do(b24test.NewPortal(tb, b24test.WithMemory()))
		require.Len(t, tb.texts, 1, tt.name)
		assert.Contains(t, tb.texts[0], tt.want, tt.name)
	}
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("CRM.Deal", b24.Params{"ID": 3})
	assert.Len(t, p.Rows("crm.deal"), 1)
}

func TestDefineCreatesEntities(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Define("acme.robot", b24test.Field{Name: "NAME", Label: "Name"}, b24test.Field{Name: "ARMS", Type: "integer"})
	p.Seed("acme.robot", b24.Params{"NAME": "R1", "ARMS": 2})
	walk(t, p, []step{
		{"acme.robot.add", `{"fields":{"NAME":"R2","ARMS":"4","LEGS":2}}`, `2`},
		{"acme.robot.update", `{"id":1,"fields":{"ARMS":3}}`, `true`},
		{"acme.robot.list", `{"filter":{">ARMS":2},"order":{"ARMS":"DESC"}}`, `[{"ID":"2","NAME":"R2","ARMS":"4"},{"ID":"1","NAME":"R1","ARMS":"3"}]`},
		{"acme.robot.delete", `{"id":1}`, `true`},
		{"acme.robot.get", `{"id":2}`, `{"ID":"2","NAME":"R2","ARMS":"4"}`},
	})
	a := call(t, p, "acme.robot.fields", `{}`)
	assert.Equal(t, "integer", a.field(t, "result", "ARMS", "type"))
	assert.Equal(t, "Name", a.field(t, "result", "NAME", "formLabel"))
	assert.Equal(t, true, a.field(t, "result", "ID", "isReadOnly"))
}

func colours() b24test.Field {
	return b24test.Field{Name: "UF_CRM_COLOR", Type: "enumeration", Label: "Colour", Items: []string{"Red", "Blue"}}
}

func TestDefineDescribesCustomFields(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Define("crm.deal", colours(), b24test.Field{Name: "UF_CRM_SIZES", Type: "enumeration", Multiple: true, Items: []string{"S"}})
	p.Define("crm.item:130", b24test.Field{Name: "UF_CRM_7_NOTE", Required: true})
	walk(t, p, []step{
		{"crm.deal.userfield.list", `{"filter":{"FIELD_NAME":"UF_CRM_COLOR","LANG":"en"}}`, `[{"ID":"1","ENTITY_ID":"CRM_DEAL","USER_TYPE_ID":"enumeration","MULTIPLE":"N",
			"EDIT_FORM_LABEL":"Colour","LIST":[{"ID":"1","SORT":"10","VALUE":"Red","DEF":"N"},{"ID":"2","VALUE":"Blue"}]}]`},
		{"crm.deal.userfield.list", `{"filter":{"FIELD_NAME":"UF_CRM_SIZES"}}`, `[{"ID":"2","MULTIPLE":"Y","LIST":[{"ID":"3"}]}]`},
		{"userfieldconfig.list", `{"moduleId":"crm","filter":{"entityId":"CRM_7"}}`, `{"fields":[{"id":"3","fieldName":"UF_CRM_7_NOTE","userTypeId":"string","mandatory":"Y"}]}`},
		{"userfieldconfig.list", `{"moduleId":"crm","select":{"0":"*","language":"en"},"filter":{"fieldName":"UF_CRM_COLOR"}}`, `{"fields":[{"id":"1","entityId":"CRM_DEAL","editFormLabel":{"en":"Colour"}}]}`},
		{"crm.deal.fields", `{}`, `{"UF_CRM_COLOR":{"type":"enumeration","isDynamic":true,"isMultiple":false,"title":"UF_CRM_COLOR","listLabel":"Colour",
			"formLabel":"Colour","filterLabel":"Colour","items":[{"ID":"1","VALUE":"Red"},{"ID":"2","VALUE":"Blue"}]}}`},
		{"crm.item.fields", `{"entityTypeId":2}`, `{"fields":{"ufCrmColor":{"type":"enumeration","title":"Colour","upperName":"UF_CRM_COLOR"}}}`},
		{"crm.item.fields", `{"entityTypeId":2,"useOriginalUfNames":"Y"}`, `{"fields":{"UF_CRM_COLOR":{"type":"enumeration"}}}`},
		{"crm.item.fields", `{"entityTypeId":130}`, `{"fields":{"ufCrm7Note":{"isRequired":true}}}`},
	})
}

func TestDefinedFieldsHoldTheirType(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ kind, written, classic, item string }{
		{"enumeration", `2`, `"2"`, `2`},
		{"enumeration", `["2"]`, `"2"`, `2`},
		{"enumeration", `"Red"`, `"0"`, `0`}, // a portal does not look up texts
		{"enumeration", `""`, `null`, `null`},
		{"boolean", `true`, `"1"`, `"Y"`},
		{"boolean", `false`, `"0"`, `"N"`},
		{"boolean", `"0"`, `"0"`, `"N"`},
		{"boolean", `"N"`, `"1"`, `"Y"`}, // PHP takes the letter for true
		{"integer", `"5"`, `"5"`, `5`},
		{"integer", `null`, `null`, `null`},
		{"double", `"1,5"`, `"1.5"`, `1.5`},
		{"string", `5`, `"5"`, `"5"`},
		{"string", `["a"]`, `"Array"`, `"Array"`},
		{"date", `"2026-01-02"`, `"2026-01-02T00:00:00+00:00"`, `"2026-01-02T00:00:00+00:00"`},
		{"date", `"never"`, ``, ``},
		{"integer+", `[1,"2",""]`, `["1","2"]`, `[1,2]`},
		{"integer+", `7`, `["7"]`, `[7]`},
		{"enumeration+", `[]`, `false`, `[]`},
	} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		kind, several := strings.CutSuffix(tt.kind, "+")
		f := b24test.Field{Name: "UF_CRM_X", Type: kind, Multiple: several}
		p.Define("crm.deal", f)
		require.Equal(t, "1", resultText(t, call(t, p, "crm.deal.add", `{"fields":{"UF_CRM_X":`+tt.written+`}}`)), tt)
		classic, item := call(t, p, "crm.deal.get", `{"id":1}`), call(t, p, "crm.item.get", `{"entityTypeId":2,"id":1}`)
		if tt.classic == "" {
			assert.NotContains(t, classic.Body+item.Body, "never", tt)
			continue
		}
		assert.Contains(t, classic.Body, `"UF_CRM_X":`+tt.classic, tt)
		assert.Contains(t, item.Body, `"ufCrmX":`+tt.item, tt)
	}
}

func TestDefinedFieldsRefuseWrites(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Define("crm.deal", b24test.Field{Name: "UF_CRM_N", Type: "integer", Label: "Number"}, b24test.Field{Name: "UF_CRM_F", Type: "double"},
		b24test.Field{Name: "UF_CRM_B", Type: "boolean"})
	p.Seed("crm.deal", b24.Params{"UF_CRM_N": 1})
	for _, fields := range []string{`{"UF_CRM_N":"abc"}`, `{"UF_CRM_N":"1.5"}`, `{"UF_CRM_F":"x"}`} {
		for _, body := range []string{`crm.deal.add {"fields":` + fields + `}`, `crm.deal.update {"id":1,"fields":` + fields + `}`} {
			method, params, _ := strings.Cut(body, " ")
			a := call(t, p, method, params)
			assert.Equal(t, 400, a.Status, body)
			assert.Contains(t, a.Body, "number", body)
		}
	}
	assert.Len(t, p.Rows("crm.deal"), 1)
	call(t, p, "crm.item.update", `{"entityTypeId":2,"id":1,"fields":{"ufCrmB":"N","ufCrmN":-7}}`)
	assert.Contains(t, call(t, p, "crm.item.get", `{"entityTypeId":2,"id":1}`).Body, `"ufCrmB":"N"`, "crm.item.* knows the letter")
	assert.Equal(t, "-7", p.Rows("crm.deal")[0]["UF_CRM_N"])
}

func TestDefineAndSeedRefuseMistakes(t *testing.T) {
	t.Parallel()
	field := func(f b24test.Field) func(p *b24test.Portal) {
		return func(p *b24test.Portal) { p.Define("crm.deal", f) }
	}
	seed := func(f b24test.Field, v any) func(p *b24test.Portal) {
		return func(p *b24test.Portal) {
			p.Define("crm.deal", f)
			p.Seed("crm.item:2", b24.Params{"ufCrmColor": v})
		}
	}
	for want, do := range map[string]func(p *b24test.Portal){
		`did you mean enumeration?`:            field(b24test.Field{Name: "UF_CRM_X", Type: "enumaration"}),
		`a portal has string, integer`:         field(b24test.Field{Name: "UF_CRM_X", Type: "zzz"}),
		`has capitals`:                         field(b24test.Field{Name: "ufCrmX"}),
		`begins with UF_`:                      field(b24test.Field{Name: "COLOR"}),
		`"TITLE": the entity has it already`:   field(b24test.Field{Name: "TITLE"}),
		`a boolean has one value`:              field(b24test.Field{Name: "UF_CRM_X", Type: "boolean", Multiple: true}),
		`only an enumeration has items`:        field(b24test.Field{Name: "UF_CRM_X", Items: []string{"a"}}),
		`an item has no text`:                  field(b24test.Field{Name: "UF_CRM_X", Type: "enumeration", Items: []string{"a", ""}}),
		`field 1, "UF_CRM_COLOR": it is defin`: func(p *b24test.Portal) { p.Define("crm.deal", colours(), colours()) },
		`"UF_CRM_COLOR": the entity has it al`: func(p *b24test.Portal) { p.Define("crm.deal", colours()); p.Define("crm.item:2", colours()) },
		`define it before them`: func(p *b24test.Portal) {
			p.Seed("crm.deal", b24.Params{"UF_CRM_COLOR": 1})
			p.Define("crm.deal", colours())
		},
		`has small letters`:                    func(p *b24test.Portal) { p.Define("Acme Robot") },
		`without its method`:                   func(p *b24test.Portal) { p.Define("acme.robot.list") },
		`Portal.V3`:                            func(p *b24test.Portal) { p.Define("main.eventlog") },
		`did you mean crm.item?`:               func(p *b24test.Portal) { p.Define("crm.itm:2") },
		`every entity has it`:                  func(p *b24test.Portal) { p.Define("acme.robot", b24test.Field{Name: "ID"}) },
		`have no custom fields`:                func(p *b24test.Portal) { p.Define("crm.dealcategory", colours()) },
		`that of "Blue" is 2`:                  seed(colours(), "Blue"),
		`not the id of an item: 1 Red, 2 Blue`: seed(colours(), 3),
		`holds one value`:                      seed(colours(), []int{1}),
		`"x" is not a whole number`:            seed(b24test.Field{Name: "UF_CRM_COLOR", Type: "integer"}, "x"),
		`"maybe" is not a boolean`:             seed(b24test.Field{Name: "UF_CRM_COLOR", Type: "boolean"}, "maybe"),
		`"soon" is not a date`:                 seed(b24test.Field{Name: "UF_CRM_COLOR", Type: "date"}, "soon"),
	} {
		tb := &recorder{TB: t}
		do(b24test.NewPortal(tb, b24test.WithMemory()))
		require.Len(t, tb.texts, 1, want)
		assert.Contains(t, tb.texts[0], want)
	}
}

// logger records the log of a test.
type logger struct {
	testing.TB

	mu    sync.Mutex
	lines []string
}

func (l *logger) Log(args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, args[0].(string))
}

func TestUnknownMethodsAreLogged(t *testing.T) {
	t.Parallel()
	tb := &logger{TB: t}
	p := b24test.NewPortal(tb, b24test.WithMemory())
	for _, method := range []string{"crm.deals.list", "CRM.deals.list", "acme.robot.list", "acme.robot.walk", "crm.deal.list"} {
		call(t, p, method, `{}`)
	}
	call(t, p, "batch", `{"cmd":["acme.other"]}`)
	tb.mu.Lock()
	defer tb.mu.Unlock()
	assert.Equal(t, []string{
		"b24test: the portal has no method crm.deals.list: did you mean crm.deal.list? Otherwise add it with Portal.Handle.",
		`b24test: the portal has no method acme.robot.list: add it with Portal.Handle, or its entity with Portal.Define("acme.robot").`,
		"b24test: the portal has no method acme.robot.walk: add it with Portal.Handle.",
		"b24test: the portal has no method acme.other: add it with Portal.Handle.",
	}, tb.lines)
}

func TestSeedJSON(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	err := p.SeedJSON(strings.NewReader(`{"crm.deal":[{"ID":7,"OPPORTUNITY":0.10,"TITLE":"a"},{"ORIGIN_ID":12345678901234567890}],"v3:shop.good":[{"id":2}],"crm.lead":[]}`))
	require.NoError(t, err)
	assert.Equal(t, "0.10", p.Rows("crm.deal")[0]["OPPORTUNITY"])
	assert.Equal(t, "12345678901234567890", p.Rows("crm.deal")[1]["ORIGIN_ID"])
	assert.Len(t, p.V3().Rows("shop.good"), 1)
	for text, want := range map[string]string{
		``:                                  "unexpected ",
		`[]`:                                "instead of an object of entities",
		`{"crm.deals":[]}`:                  "crm.deals: the portal has no such entity: did you mean crm.deal?",
		`{"crm.deal":{}}`:                   "crm.deal: it begins with { instead of a list of rows",
		`{"crm.deal":[{},{"ID":"x"}]}`:      `crm.deal: row 1: ID: "x" is not a whole number`,
		`{"crm.deal":[{},7]}`:               "crm.deal: row 1: ",
		`{"crm.deal":[null]}`:               "crm.deal: row 0: a row is an object, not null",
		`{"v3:":[]}`:                        "no name",
		`{"v3:shop.good":[{},{"id":"0"}]}`:  "v3:shop.good: row 1: id",
		`{"crm.deal":[{}`:                   "unexpected ",
		`{"crm.deal":[{}]`:                  "unexpected ",
		`{"crm.deal":[{"TITLE":"a`:          "unexpected ",
		`{"crm.deal":[{}]} {"crm.lead":[]}`: "there is more",
	} {
		require.ErrorContains(t, p.SeedJSON(strings.NewReader(text)), want, text)
	}
}
