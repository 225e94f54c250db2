package b24_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestMultifieldReadsBothForms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]b24.Multifield{
		`{"ID":"15","VALUE_TYPE":"WORK","VALUE":"+49 1","TYPE_ID":"PHONE"}`: {ID: "15", Value: "+49 1", Type: "WORK"},
		`{"id":15,"valueType":"MOBILE","value":"a@b.de","typeId":"EMAIL"}`:  {ID: "15", Value: "a@b.de", Type: "MOBILE", Kind: "EMAIL"},
		`{"ID":"15","VALUE":"+49 1"}`:                                       {ID: "15", Value: "+49 1"},
		`"+49 1"`:                                                           {Value: "+49 1"},
		`null`:                                                              {},
	} {
		var got b24.Multifield
		require.NoError(t, json.Unmarshal([]byte(text), &got), text)
		assert.Equal(t, want, got, text)
	}
	for _, text := range []string{`[1]`, `5`, `true`, `{"VALUE":[1]}`} {
		got := b24.Multifield{Value: "kept"}
		require.Error(t, json.Unmarshal([]byte(text), &got), text)
		assert.Equal(t, b24.Multifield{Value: "kept"}, got)
	}
}

func TestMultifieldWrites(t *testing.T) {
	t.Parallel()
	phone := b24.Multifield{ID: "15", Value: "+49 1", Type: "WORK"}
	for want, rows := range map[string]b24.Rows[b24.Multifield]{
		`[]`: nil,
		`[{"ID":"15","VALUE":"+49 1","VALUE_TYPE":"WORK"},{"VALUE":"+49 2"}]`: {phone, {Value: "+49 2"}},
		`[{"ID":"15","VALUE":"","DELETE":"Y"}]`:                               {phone.Removed()},
		`[{"VALUE":"+49 3"}]`:                                                 {{ID: "0", Value: "+49 3"}},
		`{"15":{"typeId":"PHONE","valueType":"WORK","value":"+49 1"},"n0":{"typeId":"EMAIL","value":"a"},"n1":{"typeId":"PHONE","value":"b"}}`: {
			phone.In("PHONE"), {Value: "a", Kind: "EMAIL"}, {Value: "b", Kind: "PHONE"},
		},
		`{"15":{"typeId":"PHONE","value":""}}`: {phone.In("PHONE").Removed()},
	} {
		text, err := json.Marshal(rows)
		require.NoError(t, err, want)
		assert.JSONEq(t, want, string(text))
	}
	for want, row := range map[string]b24.Multifield{
		"would delete it": {ID: "15", Value: " "},
		"leave it out":    {Type: "WORK"},
		"but has no ID":   b24.Multifield{Value: "+49 1"}.Removed(),
		"send it in a":    phone.In("PHONE"),
	} {
		_, err := json.Marshal(row)
		require.ErrorContains(t, err, want)
	}
	_, err := json.Marshal(b24.Rows[b24.Multifield]{phone, phone.In("PHONE")})
	require.ErrorContains(t, err, "has no Kind")
	_, err = json.Marshal(b24.Rows[b24.Multifield]{{ID: "1", Kind: "PHONE"}})
	require.ErrorContains(t, err, "would delete it")
}

func TestMultifieldChanges(t *testing.T) {
	t.Parallel()
	one, two := b24.Multifield{ID: "1", Value: "+1", Type: "WORK"}, b24.Multifield{ID: "2", Value: "+2", Type: "HOME"}
	type rows = []b24.Multifield
	for name, test := range map[string]struct{ have, want, send rows }{
		"nothing":                    {rows{one, two}, rows{two, one}, nil},
		"none":                       {nil, nil, nil},
		"added":                      {rows{one}, rows{one, {Value: "+3"}}, rows{{Value: "+3"}}},
		"there already":              {rows{one}, rows{one, {Value: " +1 "}}, nil},
		"there already, without ids": {rows{one, two}, rows{{Value: "+2"}, {Value: "+1"}}, nil},
		"twice":                      {nil, rows{{Value: "+3"}, {Value: "+3 "}}, rows{{Value: "+3"}}},
		"removed":                    {rows{one, two}, rows{two}, rows{one.Removed()}},
		"changed":                    {rows{one}, rows{{ID: "1", Value: "+9"}}, rows{{ID: "1", Value: "+9", Type: "WORK"}}},
		"another type":               {rows{one}, rows{{Value: "+1", Type: "HOME"}}, rows{{ID: "1", Value: "+1", Type: "HOME"}}},
		"copied":                     {nil, rows{one, two}, rows{{Value: "+1", Type: "WORK"}, {Value: "+2", Type: "HOME"}}},
		"replaced":                   {rows{one}, rows{{Value: "+3"}}, rows{{Value: "+3"}, one.Removed()}},
		"said to be removed":         {rows{one, two}, rows{one.Removed(), two}, rows{one.Removed()}},
		"other kind":                 {rows{one.In("PHONE")}, rows{one.In("PHONE"), {Value: "+1", Kind: "IM"}}, rows{{Value: "+1", Kind: "IM"}}},
		"the same twice is kept":     {rows{one, {ID: "3", Value: "+1"}}, rows{one, {ID: "3", Value: "+1"}}, nil},
	} {
		assert.Equal(t, b24.Rows[b24.Multifield](test.send), b24.MultifieldChanges(test.have, test.want), name)
	}
}

// What is read can be written back through both APIs, and nothing is doubled or lost.
func TestMultifieldOnAPortal(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Seed("crm.contact", b24.Params{"ID": 1, "NAME": "Ann", "PHONE": []string{"+1", "+2"}, "EMAIL": []string{"a@b.de"}})
	before := p.Rows("crm.contact")
	type classic struct {
		Phone b24.Rows[b24.Multifield] `json:"PHONE,omitempty"`
		Email b24.Rows[b24.Multifield] `json:"EMAIL,omitempty"`
	}
	type item struct {
		FM b24.Rows[b24.Multifield] `json:"fm"`
	}
	update := func(fields any) {
		_, err := h.CallMethod(t.Context(), "crm.contact.update", b24.Params{"id": 1, "fields": fields})
		require.NoError(t, err)
	}
	updateItem := func(fields any) {
		_, err := h.CallMethod(t.Context(), "crm.item.update", b24.Params{"entityTypeId": 3, "id": 1, "fields": fields})
		require.NoError(t, err)
	}
	contact, err := b24.Call[classic](t.Context(), h, "crm.contact.get", b24.Params{"id": 1})
	require.NoError(t, err)
	update(contact)
	byItem, err := b24.Call[item](t.Context(), h, "crm.item.get", b24.Params{"entityTypeId": 3, "id": 1}, b24.WithResultKey("item"))
	require.NoError(t, err)
	require.Len(t, byItem.FM, 3)
	updateItem(byItem)
	assert.Equal(t, before[0]["PHONE"], p.Rows("crm.contact")[0]["PHONE"])
	assert.Equal(t, before[0]["EMAIL"], p.Rows("crm.contact")[0]["EMAIL"])

	want := append(b24.Rows[b24.Multifield]{{Value: "+3", Type: "MOBILE"}}, contact.Phone[1:]...)
	update(classic{Phone: b24.MultifieldChanges(contact.Phone, want)})
	contact, err = b24.Call[classic](t.Context(), h, "crm.contact.get", b24.Params{"id": 1})
	require.NoError(t, err)
	assert.Equal(t, []string{"+2", "+3"}, []string{contact.Phone[0].Value, contact.Phone[1].Value})
	assert.Len(t, contact.Email, 1)

	updateItem(item{FM: b24.Rows[b24.Multifield]{contact.Phone[0].In("PHONE").Removed(), {Value: "c@d.de", Kind: "EMAIL"}}})
	contact, err = b24.Call[classic](t.Context(), h, "crm.contact.get", b24.Params{"id": 1})
	require.NoError(t, err)
	assert.Len(t, contact.Phone, 1)
	assert.Equal(t, "+3", contact.Phone[0].Value)
	assert.Len(t, contact.Email, 2)
}

// A portal drops rows in the form of the other API without a word, so they are refused.
func TestMultifieldInTheWrongField(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Seed("crm.contact", b24.Params{"ID": 1, "NAME": "Ann"})
	plain, kind := b24.Multifield{Value: "+1"}, b24.Multifield{Value: "+1", Kind: "PHONE"}
	type rows = b24.Rows[b24.Multifield]
	type classic struct {
		Phone rows `json:"PHONE"`
	}
	type item struct {
		FM *rows `json:"fm"`
	}
	for name, c := range map[string]struct {
		fields any
		says   string
	}{
		"a kind in PHONE":     {b24.Params{"PHONE": rows{kind, kind}}, `fields.PHONE: row 0 has a Kind`},
		"a kind in a list":    {b24.Params{"EMAIL": []b24.Multifield{kind}}, `fields.EMAIL.0: b24: Multifield: a row with a Kind is for fm`},
		"a kind in a struct":  {classic{Phone: rows{kind}}, `fields.PHONE: row 0 has a Kind`},
		"a kind in Ordered":   {b24.Ordered{b24.KV("WEB", rows{kind})}, `fields.WEB: row 0 has a Kind`},
		"no kind in fm":       {b24.Params{"fm": rows{plain}}, `fields.fm: row 0 has no Kind`},
		"no kind, by pointer": {item{FM: &rows{plain}}, `fields.fm: row 0 has no Kind`},
		"one in PHONE":        {b24.Params{"PHONE": plain}, `fields.PHONE: is one b24.Multifield`},
		"one in fm":           {b24.Params{"fm": &plain}, `fields.fm: is one b24.Multifield`},
	} {
		for _, method := range []string{"crm.contact.update", "crm.item.update"} {
			_, err := h.CallMethod(t.Context(), method, b24.Params{"id": 1, "entityTypeId": 3, "fields": c.fields})
			require.ErrorIs(t, err, b24.ErrInvalidParams, name)
			assert.ErrorContains(t, err, c.says, name)
			assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err), name)
		}
		batch := b24.Commands{{Method: "crm.contact.update", Params: b24.Params{"id": 1, "fields": c.fields}}}
		_, err := h.CallBatch(t.Context(), batch)
		assert.ErrorContains(t, err, c.says, name)
	}
	assert.Empty(t, p.Requests())
}

// So is a text in the place of rows, which looks natural and leaves a record without a phone.
func TestPhoneAsText(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for name, phone := range map[string]any{"a text": "+1", "a list": []string{"+1"}, "a list of any": []any{"+1"}, "an id": b24.ID("1")} {
		_, err := h.CallMethod(t.Context(), "crm.lead.add", b24.Params{"fields": b24.Params{"TITLE": "x", "PHONE": phone}})
		require.ErrorIs(t, err, b24.ErrInvalidParams, name)
		assert.ErrorContains(t, err, "fields.PHONE: is text", name)
	}
	assert.Empty(t, p.Requests())

	_, err := h.CallMethod(t.Context(), "crm.lead.add", b24.Params{"fields": b24.Params{"PHONE": []b24.Params{{"VALUE": "+1"}}}})
	require.NoError(t, err)
	p.Handle("partner.add", func(b24test.Request) (any, error) { return 1, nil })
	_, err = h.CallMethod(t.Context(), "partner.add", b24.Params{"fields": b24.Params{"PHONE": "+1"}})
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), "crm.lead.list", b24.Params{"filter": b24.Params{"PHONE": "+1"}})
	require.NoError(t, err)
}
