package b24_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
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

	r := call(t, answer) // acceptance 50

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
	assert.Equal(t, b24.Timing{}, r.Time()) // acceptance 52
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
	r := call(t, document) // acceptance 51
	assert.Nil(t, r.Raw())
	assert.True(t, bytes.Equal([]byte(document), r.Body()))
	assert.ErrorIs(t, r.Decode(new(any)), b24.ErrNoResult)
}

func TestNullAbsentAndEmptyAreTold(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `null`, string(call(t, `{"result":null}`).Raw())) // acceptance 59
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
	assert.Equal(t, item{ID: "12", Title: "a"}, got) // acceptance 60; names without regard to case

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
	require.EqualError(t, err, "b24: some.method: the answer has no such result: itme is not in it, only item, items")

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
