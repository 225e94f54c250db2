package b24_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
)

type sorted struct {
	Order map[string]string `json:"order"`
}

type wrapped struct {
	sorted

	Filter struct{ ID int } `json:"filter"`
}

// A Go map has no order of its keys: where that has a meaning, it is refused by name.
func TestMapsWhereOrderHasAMeaning(t *testing.T) {
	t.Parallel()
	two := b24.Params{"TASKID": 7, "ITEMID": 9}
	order := map[string]string{"TITLE": "ASC", "ID": "DESC"}
	for name, test := range map[string]struct {
		method string
		params any
		path   string
	}{
		"arguments":                     {"task.commentitem.delete", two, ""},
		"arguments of a type":           {"TASK.ELAPSEDITEM.UPDATE", map[string]int{"A": 1, "B": 2}, ""},
		"arguments by a pointer":        {"task.checklistitem.add", &two, ""},
		"order":                         {"crm.deal.list", b24.Params{"order": order}, "order"},
		"capitals":                      {"crm.deal.list", b24.Params{"ORDER": b24.Params{"A": "ASC", "B": "ASC"}}, "ORDER"},
		"order of elements":             {"lists.element.get", b24.Params{"ELEMENT_ORDER": order}, "ELEMENT_ORDER"},
		"sort of an entity":             {"entity.item.get", b24.Params{"SORT": b24.Map[string](order)}, "SORT"},
		"within a parameter":            {"landing.site.getList", b24.Params{"params": b24.Params{"order": order}}, "params.order"},
		"in an Ordered":                 {"crm.deal.list", b24.Ordered{b24.KV("order", order)}, "order"},
		"in a struct":                   {"crm.deal.list", wrapped{sorted: sorted{order}}, "order"},
		"in a pointer":                  {"crm.deal.list", &sorted{order}, "order"},
		"order by position":             {"task.item.list", []any{order}, "0"},
		"order by position of a task's": {"task.commentitem.getlist", []any{7, order}, "1"},
		"order by name and position":    {"task.item.list", b24.Ordered{b24.KV("ORDER", order)}, "ORDER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, h := newPortal(t)

			_, single := h.CallMethod(t.Context(), test.method, test.params)
			_, batch := h.CallBatchByChunk(t.Context(), b24.Commands{{Method: test.method, Params: test.params}})
			_, list := h.CallListMethod(t.Context(), test.method, test.params)
			var streamed error
			for _, err := range b24.StreamBatch(t.Context(), h, func(yield func(b24.Command) bool) {
				yield(b24.Command{Method: test.method, Params: test.params})
			}) {
				streamed = err
			}

			for _, err := range []error{single, batch, list, streamed} {
				require.ErrorIs(t, err, b24.ErrInvalidParams)
				require.ErrorContains(t, err, "b24.Ordered")
				require.ErrorContains(t, err, test.path)
			}
			assert.Empty(t, p.Requests())
		})
	}
	_, h := newPortal(t)
	_, err := h.V3().CallMethod(t.Context(), "tasks.task.list", b24.Params{"order": map[string]string{"id": "ASC", "title": "ASC"}})
	require.ErrorIs(t, err, b24.ErrInvalidParams)
}

// What keeps an order is free, and so are the maps in which it has none.
func TestOrdersThatAreKept(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for _, call := range []struct {
		method string
		params any
	}{
		{"task.commentitem.delete", b24.Ordered{b24.KV("TASKID", 7), b24.KV("ITEMID", 9)}},
		{"task.commentitem.delete", []int{7, 9}},
		{"task.commentitem.delete", struct{ TASKID, ITEMID int }{7, 9}},
		{"task.commentitem.delete", json.RawMessage(`{"TASKID":7,"ITEMID":9}`)},
		{"task.commentitem.getmanifest", b24.Params{"A": 1}},
		{"task.commentitem.add", []any{7, b24.Params{"POST_MESSAGE": "a", "AUTHOR_ID": 1}}},
		{"task.commentitem.getlist", []any{7, b24.Params{"ID": "ASC"}, b24.Params{"AUTHOR_ID": 1, ">ID": 5}}},
		{"task.stages.get", b24.Params{"entityId": 1, "isAdmin": "Y"}},
		{"task.planner.getlist", b24.Params{"a": 1, "b": 2}},
		{"crm.deal.list", b24.Params{"order": b24.Params{"ID": "ASC"}, "filter": b24.Params{"ID": 1, "TITLE": "x"}}},
		{"user.get", b24.Params{"sort": "ID", "order": "ASC"}},
		{"crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "x", "STAGE_ID": "NEW"}}},
		{"crm.deal.list", b24.Params{"order": b24.Ordered{b24.KV("TITLE", "ASC"), b24.KV("ID", "ASC")}}},
	} {
		answers(p, call.method, 1)
		_, err := h.CallMethod(t.Context(), call.method, call.params)
		require.NoError(t, err, "%s %v", call.method, call.params)
	}
}

// A text that is no UTF-8 is refused with its path, wherever it stands and however it is sent.
func TestTextThatIsNoUTF8(t *testing.T) {
	t.Parallel()
	const bad = "caf\xe9"
	type deal struct {
		Title string `json:"TITLE"`
	}
	p, h := newPortal(t)
	type invalid struct {
		fields any
		path   string
	}
	tests := map[string]invalid{
		"a map":     {b24.Params{"TITLE": bad}, "fields.TITLE"},
		"a struct":  {deal{bad}, "fields.TITLE"},
		"a list":    {b24.Params{"UF": []string{"a", bad}}, "fields.UF.1"},
		"a name":    {b24.Params{bad: 1}, "fields"},
		"Ordered":   {b24.Ordered{b24.KV("TITLE", bad)}, "fields"},
		"a raw one": {json.RawMessage(`{"TITLE":"` + bad + `"}`), "fields"},
		"Null":      {b24.Params{"TITLE": b24.NullOf(bad)}, "fields.TITLE"},
		"Map":       {b24.Map[string]{"TITLE": bad}, "fields"},
		"ID":        {b24.Params{"TITLE": b24.ID(bad)}, "fields.TITLE"},
	}
	// From Go 1.27 on encoding/json writes the character U+FFFD itself, which may be the caller's.
	if text, err := json.Marshal(bad); err == nil && strings.Contains(string(text), `\ufffd`) {
		tests["half of it"] = invalid{b24.Params{"TITLE": standard{bad}}, ""}
	}
	for name, test := range tests {
		params := b24.Params{"fields": test.fields}
		_, single := h.CallMethod(t.Context(), "crm.deal.add", params)
		_, batch := h.CallBatch(t.Context(), b24.Commands{{Method: "crm.deal.add", Params: params}})
		_, v3 := h.V3().CallMethod(t.Context(), "tasks.task.add", params)
		var streamed error
		for _, err := range b24.StreamBatch(t.Context(), h, func(yield func(b24.Command) bool) {
			yield(b24.Command{Method: "crm.deal.add", Params: params})
		}) {
			streamed = err
		}
		for _, err := range []error{single, batch, v3, streamed} {
			require.ErrorIs(t, err, b24.ErrInvalidParams, name)
			require.ErrorContains(t, err, "UTF-8", name)
			require.ErrorContains(t, err, test.path, name)
			assert.NotContains(t, err.Error(), "caf", name)
		}
	}
	assert.Empty(t, p.Requests())
}

// standard has its JSON written by encoding/json, which puts U+FFFD in place of what is no UTF-8.
type standard struct{ text string }

func (s standard) MarshalJSON() ([]byte, error) { return json.Marshal(s.text) }

// PHP drops parameters that are nested too deep, all of them.
func TestParametersThatAreNestedTooDeep(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	nested := func(depth int) any {
		var v any = 1
		for range depth {
			v = []any{v}
		}
		return b24.Params{"v": v}
	}
	answers(p, "echo", 1)

	_, err := h.CallMethod(t.Context(), "echo", nested(511))
	require.NoError(t, err)
	_, err = h.CallMethod(t.Context(), "echo", nested(512))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	require.ErrorContains(t, err, "512")
	assert.Len(t, p.Requests(), 1)
}
