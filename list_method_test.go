package b24_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

type handler = func(b24test.Request) (any, error)

// parcels is a list method of an application: 120 rows, 50 a page, whose id the row calls by one name
// and the filter by another one.
func parcels(row, filter string) handler {
	return func(r b24test.Request) (any, error) {
		after := 0
		if conditions, ok := r.Params["filter"].(map[string]any); ok {
			after, _ = strconv.Atoi(fmt.Sprint(conditions[">"+filter]))
		}
		rows := []b24.Params{}
		for id := after + 1; id <= min(after+50, 120); id++ {
			rows = append(rows, b24.Params{row: id})
		}
		return b24test.Result{Value: rows, Total: new(120)}, nil
	}
}

// secretive is a list method that makes pages of 50 out of 120 rows, then hides a third of each and does not count.
func secretive(r b24test.Request) (any, error) {
	page, err := parcels("id", "id")(r)
	if err != nil {
		return nil, err
	}
	shown := []b24.Params{}
	for i, row := range page.(b24test.Result).Value.([]b24.Params) {
		if i%3 > 0 {
			shown = append(shown, row)
		}
	}
	return shown, nil
}

// Each knob is what it takes to read a method to its end that otherwise is an error, or a shorter list.
func TestListMethod(t *testing.T) {
	t.Parallel()
	cursor := func(r b24test.Request) (any, error) {
		page := map[any]b24.Params{
			nil: {"parcels": []b24.Params{{"id": 7}, {"id": 3}}, "place": b24.Params{"next": "two"}},
			"two": {
				"parcels": []b24.Params{{"id": 5}}, "place": b24.Params{"next": nil},
			},
		}
		return page[r.Params["after"]], nil
	}
	for name, tt := range map[string]struct {
		method  handler
		knob    b24.ListMethod
		rows    int
		without int // rows that come without the knob; below 0: an error
	}{
		"IDKey":                    {parcels("CODE", "CODE"), b24.ListMethod{IDKey: "CODE"}, 120, -1},
		"IDKey and CursorKey":      {parcels("CODE", "code"), b24.ListMethod{IDKey: "CODE", CursorKey: "code"}, 120, -1},
		"CursorKey":                {parcels("id", "PARCEL_ID"), b24.ListMethod{CursorKey: "PARCEL_ID"}, 120, -1},
		"NextParam and NextField":  {cursor, b24.ListMethod{NextParam: "after", NextField: "place.next"}, 3, 2},
		"the same with an id":      {cursor, b24.ListMethod{NextParam: "after", NextField: "place.next", IDKey: "id"}, 3, 2},
		"ShortPages":               {secretive, b24.ListMethod{ShortPages: true}, 79, 33},
		"ShortPages, keys by name": {secretive, b24.ListMethod{ShortPages: true, IDKey: "id", CursorKey: "id"}, 79, 33},
	} {
		p, h := newPortal(t)
		p.Handle("my.parcel.list", tt.method)

		r, err := h.CallListMethod(t.Context(), "my.parcel.list", nil, b24.WithMethod(tt.knob))

		require.NoError(t, err, name)
		assert.Len(t, r.Data(), tt.rows, name)
		r, err = h.CallListMethod(t.Context(), "my.parcel.list", nil)
		assert.Equal(t, tt.without < 0, err != nil, "%s: %v", name, err)
		if tt.without >= 0 {
			assert.Len(t, r.Data(), tt.without, name)
		}
	}
}

// A knob that means nothing to the method is refused by its name, and nothing is sent.
func TestListMethodThatMeansNothing(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for _, tt := range []struct {
		client b24.Client
		method string
		knob   b24.ListMethod
		text   string
	}{
		{h, "my.thing.list", b24.ListMethod{NextField: "next"}, "NextParam and NextField belong together"},
		{h, "my.thing.list", b24.ListMethod{NextParam: "after"}, "NextParam and NextField belong together"},
		{h, "my.thing.list", b24.ListMethod{NextParam: "a.b.c", NextField: "next"}, "one dot at most"},
		{h, "my.thing.list", b24.ListMethod{NextParam: "after", NextField: "next", CursorKey: "ID"}, "CursorKey means nothing"},
		{h, "my.thing.list", b24.ListMethod{NextParam: "after", NextField: "next", ShortPages: true}, "ShortPages means nothing"},
		{h.V3(), "note.collection.list", b24.ListMethod{ShortPages: true}, "ShortPages means nothing"},
		{h.V3(), "tasks.task.field.list", b24.ListMethod{CursorKey: "id"}, "CursorKey means nothing"},
		{h, "crm.status.list", b24.ListMethod{CursorKey: "ID"}, "CursorKey means nothing"},
		{h, "crm.status.list", b24.ListMethod{ShortPages: true}, "ShortPages means nothing"},
		{h, "landing.role.getList", b24.ListMethod{ShortPages: true}, "ShortPages means nothing"},
		{h, "task.item.list", b24.ListMethod{CursorKey: "ID"}, "by position"},
		{h, "task.item.list", b24.ListMethod{NextParam: "after", NextField: "next"}, "by position"},
	} {
		_, err := tt.client.CallListMethod(t.Context(), tt.method, nil, b24.WithMethod(tt.knob))

		require.ErrorIs(t, err, b24.ErrInvalidParams, "%s %+v", tt.method, tt.knob)
		assert.ErrorContains(t, err, tt.text)
	}
	for _, opt := range []b24.ListOption{b24.WithHaltOnError(false), b24.WithSingleCalls(), b24.WithIdempotencyKey("k"), b24.WithResultKey("a", "b")} {
		_, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, opt)
		require.ErrorIs(t, err, b24.ErrInvalidParams)
	}
	assert.Empty(t, p.Requests())
}

// Of several descriptions the last one counts, all of it.
func TestListMethodTheLastCounts(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Handle("my.parcel.list", parcels("CODE", "CODE"))

	r, err := h.CallListMethod(t.Context(), "my.parcel.list", nil,
		b24.WithMethod(b24.ListMethod{NextParam: "after", NextField: "next"}), b24.WithMethod(b24.ListMethod{IDKey: "CODE"}))

	require.NoError(t, err)
	assert.Len(t, r.Data(), 120)
}
