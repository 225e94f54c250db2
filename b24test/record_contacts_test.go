package b24test_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// multi are the rows of a multifield of a classic record as "ID type value", with a mark where one lacks anything.
func multi(t *testing.T, p *b24test.Portal, entity string, id int, kind string) string {
	t.Helper()
	a := call(t, p, entity+".get", fmt.Sprintf(`{"id":%d}`, id))
	require.Equal(t, http.StatusOK, a.Status, a.Body)
	var env struct {
		Result map[string]json.RawMessage `json:"result"`
	}
	require.NoError(t, json.Unmarshal([]byte(a.Body), &env))
	var rows []map[string]string
	if env.Result[kind] != nil {
		require.NoError(t, json.Unmarshal(env.Result[kind], &rows), string(env.Result[kind]))
		require.NotEmpty(t, rows, "a portal leaves the name out")
	}
	told := make([]string, len(rows))
	for i, r := range rows {
		require.Len(t, r, 4)
		require.Equal(t, kind, r["TYPE_ID"])
		told[i] = r["ID"] + " " + r["VALUE_TYPE"] + " " + r["VALUE"]
	}
	return strings.Join(told, ", ")
}

func TestMultifieldsOfClassicRecords(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	for _, entity := range []string{"crm.lead", "crm.contact", "crm.company"} {
		p = b24test.NewPortal(t, b24test.WithMemory())
		call(t, p, entity+".add", `{"fields":{
			"PHONE":[{"VALUE":"+49 1","VALUE_TYPE":"MOBILE"},{"VALUE":" +49 2 "},{"VALUE":""},"x",{"ID":70,"VALUE":"+49 3"}],
			"IM":[{"VALUE":"me"}],"EMAIL":"no@example.com","WEB":[]}}`)
		assert.Equal(t, "1 MOBILE +49 1, 2 WORK +49 2, 3 WORK +49 3", multi(t, p, entity, 1, "PHONE"), entity)
		assert.Equal(t, "4 OTHER me", multi(t, p, entity, 1, "IM"), entity)
		assert.Empty(t, multi(t, p, entity, 1, "EMAIL")+multi(t, p, entity, 1, "WEB"), entity)
		for _, tt := range []struct{ fields, phones string }{
			{`"NAME":"x"`, "1 MOBILE +49 1, 2 WORK +49 2, 3 WORK +49 3"},
			{`"PHONE":[]`, "1 MOBILE +49 1, 2 WORK +49 2, 3 WORK +49 3"},
			{`"PHONE":[{"VALUE":"+49 1","VALUE_TYPE":"HOME"}]`, "1 MOBILE +49 1, 2 WORK +49 2, 3 WORK +49 3, 5 HOME +49 1"}, // once more
			{`"PHONE":[{"ID":"1","VALUE":"+49 9","VALUE_TYPE":"MOBILE"}]`, "1 MOBILE +49 9, 2 WORK +49 2, 3 WORK +49 3, 5 HOME +49 1"},
			{`"PHONE":[{"ID":1,"VALUE":"+49 8"}]`, "1 WORK +49 8, 2 WORK +49 2, 3 WORK +49 3, 5 HOME +49 1"}, // the type falls back
			{`"PHONE":[{"ID":2,"VALUE":""}]`, "1 WORK +49 8, 3 WORK +49 3, 5 HOME +49 1"},
			{`"PHONE":[{"ID":3}]`, "1 WORK +49 8, 5 HOME +49 1"},
			{`"PHONE":[{"ID":5,"VALUE":"+49 1","DELETE":"y"}]`, "1 WORK +49 8"},
			{`"PHONE":[{"ID":99,"VALUE":""}]`, "1 WORK +49 8"},
			{`"PHONE":[{"ID":99,"VALUE":"+49 7"}]`, "1 WORK +49 8, 6 WORK +49 7"}, // nobody has that id
			{`"PHONE":{"a":{"ID":6,"DELETE":"Y"},"b":{"ID":1,"DELETE":"Y"}}`, ""},
		} {
			require.Equal(t, "true", resultText(t, call(t, p, entity+".update", `{"id":1,"fields":{`+tt.fields+`}}`)))
			assert.Equal(t, tt.phones, multi(t, p, entity, 1, "PHONE"), "%s %s", entity, tt.fields)
		}
		assert.Equal(t, "4 OTHER me", multi(t, p, entity, 1, "IM"), "what is not sent stays")
	}
	// In a batch they are text.
	call(t, p, "batch", `{"cmd":["crm.company.update?id=1&fields[PHONE][0][VALUE]=%2B49+5&fields[IM][0][ID]=4&fields[IM][0][VALUE]="]}`)
	assert.Equal(t, "7 WORK +49 5", multi(t, p, "crm.company", 1, "PHONE"))
	assert.Empty(t, multi(t, p, "crm.company", 1, "IM"))
}

// Lists tell multifields where a select names them.
func TestListsTellMultifieldsThatAreSelected(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.contact", b24.Params{"NAME": "x", "PHONE": []b24.Params{{"VALUE": "+49 1"}}, "EMAIL": "a@example.com"})
	for _, sel := range []string{`[]`, `["*"]`, `["*","UF_*"]`} {
		assert.NotContains(t, call(t, p, "crm.contact.list", `{"select":`+sel+`}`).Body, "VALUE", sel)
	}
	a := call(t, p, "crm.contact.list", `{"select":["ID","PHONE","EMAIL"]}`)
	assert.JSONEq(t, `[{"ID":"1","EMAIL":[{"ID":"2","VALUE_TYPE":"WORK","VALUE":"a@example.com","TYPE_ID":"EMAIL"}],
		"PHONE":[{"ID":"1","VALUE_TYPE":"WORK","VALUE":"+49 1","TYPE_ID":"PHONE"}]}]`, resultText(t, a))
	assert.Len(t, call(t, p, "crm.contact.list", `{"filter":{"PHONE":"+49 1","EMAIL":"a@example.com"}}`).ids(t, "ID", "result"), 1)
}

// The rows of seeded records have ids, their own where they were given.
func TestSeededMultifieldsHaveIDs(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.Seed("crm.lead", b24.Params{"PHONE": []any{"+49 1", b24.Params{"ID": 40, "VALUE": "+49 2", "VALUE_TYPE": "HOME"}}, "EMAIL": []b24.Params{{"VALUE": "a@b"}}})
	p.Seed("crm.item:3", b24.Params{"fm": []b24.Params{{"typeId": "PHONE", "value": "+49 3", "valueType": "HOME"}, {"id": 50, "typeId": "WEB", "value": "w"}}})
	assert.Equal(t, "40 HOME +49 2, 41 WORK +49 1", multi(t, p, "crm.lead", 1, "PHONE"))
	assert.Equal(t, "42 WORK a@b", multi(t, p, "crm.lead", 1, "EMAIL"))
	assert.Equal(t, "51 HOME +49 3", multi(t, p, "crm.contact", 1, "PHONE"))
	assert.Equal(t, "50 WORK w", multi(t, p, "crm.contact", 1, "WEB"))
	call(t, p, "crm.lead.add", `{"fields":{"PHONE":[{"VALUE":"+49 4"}]}}`)
	assert.Equal(t, "52 WORK +49 4", multi(t, p, "crm.lead", 2, "PHONE"))

	// Rows that are not kept have the same ids each time.
	p.SeedN("crm.company", 60, func(i int) b24.Params {
		return b24.Params{"PHONE": []b24.Params{{"VALUE": fmt.Sprint("+49 ", i)}, {"VALUE": "+1"}}}
	}, b24test.Generated())
	before := multi(t, p, "crm.company", 60, "PHONE")
	assert.Regexp(t, `^\d+ WORK \+49 59, \d+ WORK \+1$`, before)
	assert.Equal(t, before, multi(t, p, "crm.company", 60, "PHONE"))
	assert.NotEqual(t, strings.Fields(before)[0], strings.Fields(multi(t, p, "crm.company", 59, "PHONE"))[0])
	call(t, p, "crm.company.update", `{"id":60,"fields":{"PHONE":[{"VALUE":"+2"}]}}`)
	after := multi(t, p, "crm.company", 60, "PHONE")
	assert.True(t, strings.HasPrefix(after, before+", ") && strings.HasSuffix(after, " WORK +2"), after)
	assert.NotContains(t, before, strings.Fields(after)[7])
}

func TestMultifieldsOfItems(t *testing.T) {
	t.Parallel()
	for typeID, entity := range map[int]string{1: "crm.lead", 3: "crm.contact", 4: "crm.company"} {
		p := b24test.NewPortal(t, b24test.WithMemory())
		write := func(method, fm string) string {
			a := call(t, p, method, fmt.Sprintf(`{"entityTypeId":%d,"id":1,"fields":{"fm":%s}}`, typeID, fm))
			require.Equal(t, http.StatusOK, a.Status, a.Body)
			told, err := json.Marshal(a.field(t, "result", "item", "fm"))
			require.NoError(t, err)
			return string(told)
		}
		assert.JSONEq(t, `[{"id":1,"typeId":"PHONE","valueType":"WORK","value":"+49 1"},{"id":2,"typeId":"PHONE","valueType":"MOBILE","value":"+49 2"},
			{"id":3,"typeId":"EMAIL","valueType":"WORK","value":"a@b"}]`,
			write("crm.item.add", `{"n0":{"typeId":"PHONE","valueType":"WORK","value":"+49 1"},"n1":{"typeId":"PHONE","valueType":"MOBILE","value":"+49 2"},
				"n2":{"typeId":"EMAIL","value":"a@b"},"n3":{"typeId":"PHONE"},"n4":{"value":"x"},"n5":{"typeId":"FAX","value":"x"}}`))
		assert.Equal(t, "1 WORK +49 1, 2 MOBILE +49 2", multi(t, p, entity, 1, "PHONE"))
		assert.JSONEq(t, `[{"id":1,"typeId":"PHONE","valueType":"HOME","value":"+49 9"},{"id":3,"typeId":"EMAIL","valueType":"WORK","value":"c@d"},
			{"id":4,"typeId":"WEB","valueType":"OTHER","value":"w"}]`,
			write("crm.item.update", `{"1":{"typeId":"PHONE","valueType":"HOME","value":"+49 9"},"2":{"typeId":"PHONE","value":""},
				"3":{"typeId":"EMAIL","value":"c@d"},"n0":{"typeId":"WEB","valueType":"OTHER","value":"w"},"99":{"typeId":"PHONE","value":""}}`))
		assert.JSONEq(t, `[{"id":1,"typeId":"PHONE","valueType":"HOME","value":"+49 9"},{"id":3,"typeId":"EMAIL","valueType":"WORK","value":"c@d"},
			{"id":4,"typeId":"WEB","valueType":"OTHER","value":"w"},{"id":5,"typeId":"IM","valueType":"OTHER","value":"me"}]`,
			write("crm.item.update", `{"typeId":"IM","valueType":"OTHER","value":"me"}`), "one alone")
		a := call(t, p, "crm.item.list", fmt.Sprintf(`{"entityTypeId":%d,"select":["id","fm"]}`, typeID))
		assert.JSONEq(t, `{"items":[{"id":1}]}`, resultText(t, a), "a select cannot name them")
		for _, sel := range []string{``, `,"select":["*"]`} {
			a = call(t, p, "crm.item.list", fmt.Sprintf(`{"entityTypeId":%d%s}`, typeID, sel))
			assert.Contains(t, resultText(t, a), `"fm":[{"id":1,`)
			assert.NotContains(t, resultText(t, a), `"phone"`)
		}
	}
}

// Records say whether they have phones, e-mails and chats.
func TestHasPhone(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())
	has := func(id int) string {
		a := call(t, p, "crm.contact.get", fmt.Sprintf(`{"id":%d}`, id))
		return jsonText(t, a, "result", "HAS_PHONE") + jsonText(t, a, "result", "HAS_EMAIL") + jsonText(t, a, "result", "HAS_IMOL")
	}
	p.Seed("crm.contact", b24.Params{"NAME": "x"}, b24.Params{"PHONE": "+49 1"}, b24.Params{"IM": "imol|livechat|1", "HAS_EMAIL": "Y"})
	call(t, p, "crm.contact.add", `{"fields":{"EMAIL":[{"VALUE":"a@b"}],"HAS_PHONE":"Y"}}`)
	call(t, p, "crm.item.add", `{"entityTypeId":3,"fields":{"fm":[{"typeId":"PHONE","value":"1"}]}}`)
	assert.Equal(t, []string{"NNN", "YNN", "NYY", "NYN", "YNN"}, []string{has(1), has(2), has(3), has(4), has(5)})
	call(t, p, "crm.contact.update", `{"id":4,"fields":{"EMAIL":[{"ID":3,"VALUE":""}],"PHONE":[{"VALUE":"1"}]}}`)
	call(t, p, "crm.contact.update", `{"id":3,"fields":{"NAME":"y"}}`)
	assert.Equal(t, []string{"NYY", "YNN"}, []string{has(3), has(4)})
	assert.Equal(t, []string{"2", "4", "5"}, call(t, p, "crm.contact.list", `{"filter":{"HAS_PHONE":"Y"}}`).ids(t, "ID", "result"))
	assert.Equal(t, "Y", jsonText(t, call(t, p, "crm.item.get", `{"entityTypeId":3,"id":5}`), "result", "item", "hasPhone"))
	assert.NotContains(t, call(t, p, "crm.deal.get", `{"id":1}`).Body, "HAS_PHONE")
}

// The keys of a list are positions, not ids: the first contact of a portal gets the id 1, which is
// the key of the second one.
func TestMultifieldsOfNewItemInList(t *testing.T) {
	t.Parallel()
	p := b24test.NewPortal(t, b24test.WithMemory())

	call(t, p, "crm.item.add", `{"entityTypeId":1,"fields":{"fm":[{"typeId":"PHONE","value":"1"},{"typeId":"EMAIL","value":"a@b"},{"typeId":"PHONE","value":"2"}]}}`)

	assert.Equal(t, "1 WORK 1, 3 WORK 2", multi(t, p, "crm.lead", 1, "PHONE"))
	assert.Equal(t, "2 WORK a@b", multi(t, p, "crm.lead", 1, "EMAIL"))
}
