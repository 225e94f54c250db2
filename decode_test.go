package b24_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

type itemRow struct {
	ID    b24.ID `json:"id"`
	Title string `json:"title"`
}

type common struct {
	ID b24.ID `json:"id"`
}

type embedded struct {
	common

	Sum b24.Float `json:"opportunity"`
}

type Common struct {
	ID b24.ID `json:"id"`
}

type pointed struct {
	*Common
}

type foldedRow struct{ TITLE string }

type closedRow struct{ _ string }

type openRow struct {
	Rest map[string]any `json:",unknown"`
}

type ownRow struct{ text string }

func (r *ownRow) UnmarshalJSON(b []byte) error {
	r.text = string(b)
	return nil
}

func decodes[T any](t *testing.T, h *b24.Hook, method string) error {
	t.Helper()
	_, err := b24.Call[T](t.Context(), h, method, nil)
	return err
}

// A struct of which no field is in the answer does not stay empty without a word: the record is wrapped.
func TestStructOfWhichNothingIsThere(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "wrapped", b24.Params{"item": b24.Params{"id": 7, "title": "x"}})
	answers(p, "row", b24.Params{"id": 0, "title": ""})
	answers(p, "rows", []b24.Params{{"ID": 7}, {"ID": 8}})
	answers(p, "others", []b24.Params{{"NAME": 7}})
	for _, value := range []any{nil, []int{}, b24.Params{}} {
		p.Handle("nothing", func(b24test.Request) (any, error) { return value, nil })
		require.NoError(t, decodes[itemRow](t, h, "nothing"))
		require.NoError(t, decodes[[]itemRow](t, h, "nothing"))
		require.NoError(t, decodes[*itemRow](t, h, "nothing"))
	}
	for name, err := range map[string]error{
		"a struct": decodes[itemRow](t, h, "wrapped"), "a pointer": decodes[*itemRow](t, h, "wrapped"), "embedded": decodes[embedded](t, h, "wrapped"),
		"a list of structs": decodes[[]itemRow](t, h, "others"), "a list of pointers": decodes[[]*itemRow](t, h, "others"), "a time": decodes[struct{ At time.Time }](t, h, "wrapped"),
	} {
		require.ErrorIs(t, err, b24.ErrNoResult, name)
		assert.True(t, b24.MayHaveExecuted(err), name)
		require.ErrorContains(t, err, "the call was executed", name)
	}
	assert.ErrorContains(t, decodes[itemRow](t, h, "wrapped"), "it has item, and no field of b24_test.itemRow")
	for name, err := range map[string]error{
		"all zero": decodes[itemRow](t, h, "row"), "embedded": decodes[embedded](t, h, "row"), "by a pointer": decodes[pointed](t, h, "row"),
		"whatever letter case": decodes[foldedRow](t, h, "row"), "no fields": decodes[closedRow](t, h, "wrapped"), "nothing at all": decodes[struct{}](t, h, "wrapped"),
		"a map": decodes[map[string]any](t, h, "wrapped"), "raw": decodes[json.RawMessage](t, h, "wrapped"), "any": decodes[any](t, h, "wrapped"),
		"a way of its own": decodes[ownRow](t, h, "wrapped"), "Map": decodes[b24.Map[json.RawMessage]](t, h, "wrapped"), "rows": decodes[[]itemRow](t, h, "rows"),
		"what is left": decodes[openRow](t, h, "wrapped"),
	} {
		require.NoError(t, err, name)
	}
}

// So it is with a path, in a batch and in the rows of a list.
func TestWaysToDecode(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "wrapped", b24.Params{"outer": b24.Params{"item": b24.Params{"id": 7}}})
	p.Seed("crm.deal", b24.Params{"TITLE": "x"})

	deep, err := b24.Call[itemRow](t.Context(), h, "wrapped", nil, b24.WithResultKey("outer", "item"))
	require.NoError(t, err)
	assert.Equal(t, b24.ID("7"), deep.ID)
	_, err = b24.Call[itemRow](t.Context(), h, "wrapped", nil, b24.WithResultKey("outer"))
	require.ErrorIs(t, err, b24.ErrNoResult)
	_, err = b24.Call[itemRow](t.Context(), h, "wrapped", nil, b24.WithResultKey("outer", "deal"))
	require.ErrorIs(t, err, b24.ErrNoResult)

	var b b24.Batch
	queued := b24.Queue[itemRow](&b, "wrapped", nil, "outer")
	_, err = h.CallBatch(t.Context(), &b)
	require.NoError(t, err)
	_, err = queued.Get()
	require.ErrorIs(t, err, b24.ErrNoResult)
	var into itemRow
	require.ErrorIs(t, queued.Result().Decode(&into), b24.ErrNoResult)

	type other struct{ Nothing string }
	rows, err := b24.Collect(b24.List[other](t.Context(), h, "crm.deal.list", nil))
	require.ErrorIs(t, err, b24.ErrNoResult)
	require.ErrorContains(t, err, "row 1")
	assert.Empty(t, rows)
	_, err = h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithResultKey("result", "items"))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
}
