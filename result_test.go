package b24_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func call(t *testing.T, answer string) *b24.AjaxResult {
	t.Helper()
	p, h := newPortal(t)
	body(p, "some.method", 200, answer)
	r, err := h.CallMethod(t.Context(), "some.method", b24.Params{"id": 1})
	require.NoError(t, err)
	return r
}

func TestAjaxResult(t *testing.T) {
	t.Parallel()
	const answer = `{"result" : {"ID":"12", "x":[1, 2]} ,"total":120,"next":50,"time":{"start":1774078200}}`

	r := call(t, answer)

	assert.True(t, bytes.Equal([]byte(`{"ID":"12", "x":[1, 2]}`), r.Raw())) // byte for byte
	assert.True(t, bytes.Equal([]byte(answer), r.Body()))
	assert.Equal(t, 200, r.Status())
	total, ok := r.Total()
	assert.True(t, ok)
	assert.Equal(t, 120, total)
	next, ok := r.Next()
	assert.True(t, ok)
	assert.Equal(t, 50, next)
	assert.True(t, r.IsMore())
	assert.True(t, r.IsSuccess())
	assert.NoError(t, r.Err())
	assert.Equal(t, "some.method", r.Query().Method)
	assert.JSONEq(t, `{"id":1}`, string(r.Query().Params))
	assert.Equal(t, "b24.AjaxResult(some.method, status 200)", fmt.Sprintf("%+v", r))
}

func TestAbsentParts(t *testing.T) {
	t.Parallel()
	r := call(t, `{"result":true}`)
	_, ok := r.Total()
	assert.False(t, ok)
	_, ok = r.Next()
	assert.False(t, ok)
	assert.False(t, r.IsMore())
	assert.Equal(t, b24.Timing{}, r.Time())
}

func TestNextOfZeroIsPresent(t *testing.T) {
	t.Parallel()
	next, ok := call(t, `{"result":[],"next":0,"total":"7"}`).Next() // trap 30
	assert.True(t, ok)
	assert.Zero(t, next)
}

func TestOpenAPIDocumentHasNoResult(t *testing.T) {
	t.Parallel()
	const document = `{"openapi":"3.0.0","info":{"title":"x"}}`
	r := call(t, document)
	assert.Nil(t, r.Raw())
	assert.True(t, bytes.Equal([]byte(document), r.Body()))
	assert.ErrorIs(t, r.Decode(new(any)), b24.ErrNoResult)
}

func TestNullAbsentAndEmptyAreTold(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `null`, string(call(t, `{"result":null}`).Raw()))
	assert.Equal(t, `{}`, string(call(t, `{"result":{}}`).Raw()))
	assert.Equal(t, `[]`, string(call(t, `{"result":[]}`).Raw()))
}

func TestTime(t *testing.T) {
	t.Parallel()
	when := func(s, micro int64) b24.Null[time.Time] { return b24.NullOf(time.Unix(s, micro*1000).UTC()) }
	assert.Equal(t, b24.Timing{
		Start: when(1774078200, 250000), Finish: when(1774078200, 500000),
		Duration: b24.NullOf(250 * time.Millisecond), Processing: b24.NullOf(20 * time.Millisecond),
		Operating: b24.NullOf(1500 * time.Millisecond), OperatingResetAt: when(1774078800, 0),
	}, call(t, `{"result":1,"time":{"start":1774078200.25,"finish":1774078200.5,"duration":0.25,"processing":0.02,
		"operating":1.5,"operating_reset_at":1774078800}}`).Time())
	assert.Equal(t, b24.Timing{
		Start: when(1774078200, 0), Processing: b24.NullOf(time.Duration(0)),
	}, call(t, `{"result":1,"time":{"start":1774078200,"processing":0,"duration":"soon","operating":null,"operating_reset_at":1e300}}`).Time())
	dated := call(t, `{"result":1,"time":{"date_start":"2026-03-20T09:50:00+02:00","date_finish":[]}}`).Time()
	assert.Equal(t, "2026-03-20T09:50:00+02:00", dated.DateStart.V.Format(time.RFC3339))
	assert.False(t, dated.DateFinish.Valid)
	assert.Equal(t, b24.Timing{}, call(t, `{"result":1,"time":[]}`).Time())
}

func TestDecode(t *testing.T) {
	t.Parallel()
	type item struct {
		ID    b24.ID `json:"id"`
		Title string `json:"title"`
	}
	r := call(t, `{"result":{"item":{"id":12,"TITLE":"a"},"items":[{"id":"1"},{"id":2,"title":"b"}],"none":null}}`)

	got, err := b24.Decode[item](r, "item")
	require.NoError(t, err)
	assert.Equal(t, item{ID: "12", Title: "a"}, got) // names without regard to case

	got, err = b24.Decode[item](r, "items", "1")
	require.NoError(t, err)
	assert.Equal(t, item{ID: "2", Title: "b"}, got)

	got, err = b24.Decode[item](r, "none")
	require.NoError(t, err)
	assert.Equal(t, item{}, got)

	var all struct{ Items []item }
	require.NoError(t, r.Decode(&all))
	assert.Len(t, all.Items, 2)
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	r := call(t, `{"result":{"item":{"id":12},"items":[1]}}`)

	_, err := b24.Decode[int](r, "itme")
	require.ErrorIs(t, err, b24.ErrNoResult)
	require.EqualError(t, err, "b24: some.method: the answer has no such result: itme is not in it, only item, items; the call was executed")

	_, err = b24.Decode[int](r, "items", "1")
	require.ErrorIs(t, err, b24.ErrNoResult)

	_, err = b24.Decode[int](r, "item", "id", "deeper")
	require.ErrorIs(t, err, b24.ErrNoResult)

	_, err = b24.Decode[struct{ ID string }](r, "item")
	var te *json.UnmarshalTypeError
	require.ErrorAs(t, err, &te)
	assert.Contains(t, err.Error(), "b24: some.method: decode result.item: ")
}

func TestCall(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "crm.item.get", b24.Params{"item": b24.Params{"id": 7, "title": "x"}})
	type item struct {
		ID    int
		Title string
	}

	got, err := b24.Call[item](t.Context(), h, "crm.item.get", b24.Params{"id": 7}, b24.WithResultKey("item"))
	require.NoError(t, err)
	assert.Equal(t, item{7, "x"}, got)

	whole, err := b24.Call[map[string]item](t.Context(), h, "crm.item.get", nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]item{"item": {7, "x"}}, whole)

	_, err = b24.Call[item](t.Context(), h, "crm.item.get", nil, b24.WithResultKey("task"))
	require.ErrorIs(t, err, b24.ErrNoResult)
	assert.True(t, b24.MayHaveExecuted(err)) // it did

	got, err = b24.Call[item](t.Context(), h, "unknown", nil)
	require.ErrorIs(t, err, b24.ErrMethodNotFound)
	assert.Zero(t, got)
}

func TestStartForPage(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 0, b24.StartForPage(1))
	assert.Equal(t, 100, b24.StartForPage(3))
	assert.Panics(t, func() { b24.StartForPage(0) })
}

func TestQueryMasksSecrets(t *testing.T) {
	t.Parallel()
	q := b24.Query{Method: "user.add", RequestID: "r", Params: json.RawMessage(`{"password":"` + marker + `","NAME":"Ann"}`)}
	for _, text := range []string{fmt.Sprint(q), fmt.Sprintf("%#v", q), fmt.Sprintf("%s", q), q.LogValue().String()} {
		assert.NotContains(t, text, marker)
		assert.Contains(t, text, "Ann")
	}
	b, err := json.Marshal(q)
	require.NoError(t, err)
	assert.JSONEq(t, `{"method":"user.add","params":{"password":"***","NAME":"Ann"},"requestId":"r"}`, string(b))
}

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
	assert.ErrorContains(t, decodes[itemRow](t, h, "wrapped"), "it has item, but no field of b24_test.itemRow")
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

// argument makes something to call a method with: of the types that take part, what is
// nothing is enough.
func argument(t *testing.T, of reflect.Type) reflect.Value {
	t.Helper()
	switch of {
	case reflect.TypeFor[context.Context]():
		return reflect.ValueOf(t.Context())
	case reflect.TypeFor[any]():
		return reflect.ValueOf(new(int))
	default:
		return reflect.Zero(of)
	}
}

// callAllMethods calls each exported method of v, and runs what a method returns to be run over.
func callAllMethods(t *testing.T, v any) (called []string) {
	t.Helper()
	value := reflect.ValueOf(v)
	for i := range value.NumMethod() {
		name, method := value.Type().Method(i).Name, value.Method(i)
		if name == "Format" || name == "UnmarshalJSON" || name == "UnmarshalText" {
			continue // fmt's is tried below, with a state to write to
		}
		fixed := method.Type().NumIn()
		if method.Type().IsVariadic() {
			fixed--
		}
		var args []reflect.Value
		for i := range fixed {
			args = append(args, argument(t, method.Type().In(i)))
		}
		assert.NotPanics(t, func() {
			for _, out := range method.Call(args) {
				if out.Kind() == reflect.Func && !out.IsNil() && out.Type().NumIn() == 1 && out.Type().NumOut() == 0 {
					for range out.Seq2() {
						continue
					}
				}
			}
		}, "%T %s", v, name)
		called = append(called, name)
	}
	assert.NotPanics(t, func() { _ = fmt.Sprintf("%v %+v %#v %s", v, v, v, v) }, "%T", v)
	return called
}

// Results that are not there have methods all the same: who looks at one after an error must
// not fall.
func TestResultsThatAreNotThere(t *testing.T) {
	t.Parallel()
	for _, v := range []any{
		new(b24.AjaxResult), (*b24.AjaxResult)(nil), (*b24.BatchResult)(nil),
		new(b24.Batch), new(b24.Pending[int]), (*b24.Pending[int])(nil), new(b24.Result[int]), (*b24.Result[int])(nil),
		b24.Query{},
		b24.Ref{},
		b24.Timing{},
		new(b24.Error), new(b24.TransportError), new(b24.RedirectError), new(b24.ParamsError), new(b24.BatchError),
		b24.CommandError{},
		new(b24.ListError), new(b24.WebhookURLError),
		b24.Progress{},
		b24.ListReport{},
	} {
		callAllMethods(t, v)
	}
	assert.Len(t, callAllMethods(t, new(b24.AjaxResult)), reflect.TypeFor[*b24.AjaxResult]().NumMethod()-1) // the test sees them

	// No command of this result can be asked for; a position that is not there is the caller's mistake.
	none := new(b24.BatchResult)
	assert.Zero(t, none.Len())
	require.NoError(t, none.Err())
	assert.Panics(t, func() { none.At(0) })
}

// None of them looks like a success.
func TestResultsThatAreNotThereAreNoSuccess(t *testing.T) {
	t.Parallel()
	for _, r := range []*b24.AjaxResult{nil, new(b24.AjaxResult)} {
		assert.False(t, r.IsSuccess())
		require.ErrorIs(t, r.Err(), b24.ErrNoResult)
		assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(r.Err()))
		_, err := b24.Decode[int](r)
		require.ErrorIs(t, err, b24.ErrNoResult)
		_, err = r.FetchNext(t.Context())
		require.ErrorIs(t, err, b24.ErrNoMorePages)
		assert.Equal(t, "b24: no more pages", err.Error())
		assert.Equal(t, b24.Query{}, r.Query())
		assert.NotContains(t, r.Err().Error(), ": :")
	}
	var r *b24.BatchResult
	require.ErrorIs(t, r.Err(), b24.ErrNoResult)
	require.ErrorIs(t, r.At(7).Err(), b24.ErrNoResult)
	assert.False(t, r.At(7).IsSuccess())
	_, found := r.Get("0")
	assert.False(t, found)
	for range r.All() {
		t.Error("a row of no result")
	}
	var list *b24.Result[[]int]
	assert.Empty(t, list.Data())
	assert.False(t, list.IsSuccess())
	require.Error(t, list.Err())
	assert.True(t, new(b24.Result[int]).IsSuccess()) // as it always was: no errors
}

// A field whose name differs from a member's by underscores does not stay empty without a word: the
// struct is written for Go's names, or for the other API.
func TestFieldUnderAnotherName(t *testing.T) {
	t.Parallel()
	type goNames struct {
		ID       b24.ID
		LastName string
	}
	type classic struct {
		ID    b24.ID `json:"ID"`
		Stage string `json:"STAGE_ID"`
	}
	type forBoth struct {
		classic
		Item string `json:"stageId"`
	}
	type computed struct {
		ID       b24.ID `json:"ID"`
		LastName string `json:"-"`
	}
	p, h := newPortal(t)
	answers(p, "user", b24.Params{"ID": 1, "NAME": "Ann", "LAST_NAME": "Bee"})
	answers(p, "users", []b24.Params{{"ID": 1, "LAST_NAME": "Bee"}})
	answers(p, "deal", b24.Params{"id": 1, "stageId": "NEW"})
	answers(p, "exact", b24.Params{"ID": 1, "LASTNAME": "Bee", "LAST_NAME": "Wasp"})
	answers(p, "short", b24.Params{"ID": 1})

	for name, err := range map[string]error{
		"a struct": decodes[goNames](t, h, "user"), "a pointer": decodes[*goNames](t, h, "user"), "a list": decodes[[]goNames](t, h, "users"),
	} {
		require.ErrorIs(t, err, b24.ErrNoResult, name)
		require.ErrorContains(t, err, "it has LAST_NAME, which b24_test.goNames expects as LastName: write the tag `json:\"LAST_NAME\"`", name)
		require.ErrorContains(t, err, "the call was executed", name)
	}
	require.ErrorContains(t, decodes[classic](t, h, "deal"), "it has stageId, which b24_test.classic expects as STAGE_ID")
	for name, err := range map[string]error{
		"both APIs": decodes[forBoth](t, h, "deal"), "not in JSON": decodes[computed](t, h, "user"),
		"its own name": decodes[goNames](t, h, "exact"), "not selected": decodes[goNames](t, h, "short"),
	} {
		require.NoError(t, err, name)
	}

	type title struct {
		ID         b24.ID `json:"ID"`
		InCategory b24.ID `json:"categoryId"`
	}
	p.Seed("crm.deal", b24.Params{"TITLE": "x"}, b24.Params{"TITLE": "y"})
	rows, err := b24.Collect(b24.List[title](t.Context(), h, "crm.deal.list", nil))
	require.ErrorIs(t, err, b24.ErrNoResult)
	require.ErrorContains(t, err, "row 1: ")
	assert.Empty(t, rows)
}

// An error about a value that is inside another one says how to reach it.
func TestValueInsideAnother(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "wrapped", b24.Params{"item": b24.Params{"title": "x", "id": 7, "stage": "NEW"}})
	answers(p, "one", b24.Params{"task": b24.Params{"a": b24.Params{"b": 7}}})
	answers(p, "record", b24.Params{"title": "x", "stage": "NEW"})
	answers(p, "single", 7)

	require.EqualError(t, decodes[b24.ID](t, h, "wrapped"), `b24: wrapped: decode result: b24: ID: cannot read {"item":{"id":7,"stage":"NEW","title":"x…`+
		`; the value may be at b24.WithResultKey("item", "id"); the call was executed`)
	require.ErrorContains(t, decodes[b24.ID](t, h, "one"), `b24.WithResultKey("task", "a", "b")`)
	require.ErrorContains(t, decodes[int](t, h, "wrapped"), `b24.WithResultKey("item", "id")`)
	require.ErrorContains(t, decodes[[]itemRow](t, h, "record"), "it is an object with stage, title, name one of them with b24.WithResultKey")
	err := decodes[struct{ Item b24.ID }](t, h, "wrapped")
	require.Error(t, err)
	assert.NotContains(t, err.Error(), "WithResultKey", "a struct can be an object")

	_, err = b24.Call[b24.ID](t.Context(), h, "wrapped", nil, b24.WithResultKey("item"))
	require.ErrorContains(t, err, `b24.WithResultKey("item", "id")`)
	_, err = b24.Call[b24.ID](t.Context(), h, "wrapped", nil, b24.WithResultKey("item.id"))
	require.ErrorContains(t, err, `item.id is not in it, only item; each name of the path is an argument of its own: b24.WithResultKey("item", "id")`)
	_, err = b24.Call[b24.ID](t.Context(), h, "single", nil, b24.WithResultKey("id"))
	require.ErrorContains(t, err, "id is not in it, which is a single value without members")
	require.ErrorIs(t, err, b24.ErrNoResult)
	assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err))
}

// An error about a Go type that does not read what PHP writes names the type that does.
func TestTypeThatReadsIt(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "record", b24.Params{"n": "5", "b": "Y", "m": []int{}})
	for name, c := range map[string]struct {
		err  error
		says string
	}{
		"int":   {decodes[struct{ N int }](t, h, "record"), "b24.ID and b24.Int"},
		"float": {decodes[struct{ N float64 }](t, h, "record"), "b24.Float"},
		"bool":  {decodes[struct{ B bool }](t, h, "record"), "b24.Bool"},
		"map":   {decodes[struct{ M map[string]string }](t, h, "record"), "b24.Map"},
	} {
		require.ErrorContains(t, c.err, c.says, name)
		_, ok := errors.AsType[*json.UnmarshalTypeError](c.err)
		assert.True(t, ok, name)
	}
}
