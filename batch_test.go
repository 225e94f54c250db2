package b24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// sent returns the parameters of the only request that came in.
func sent(t *testing.T, p *b24test.Portal) string {
	t.Helper()
	all := p.HTTPRequests()
	require.Len(t, all, 1)
	return string(all[0].RawBody)
}

func TestBatchOnTheWire(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		calls b24.Calls
		opts  []b24.CallOption
		want  string
	}{
		"list": {
			b24.Commands{{Method: "crm.deal.get", Params: b24.Params{"id": 1}}, {Method: "profile"}},
			nil,
			`{"halt":1,"cmd":["crm.deal.get?id=1","profile"]}`,
		},
		"named": {
			b24.NamedCommands{"b": {Method: "profile"}, "a": {Method: "crm.deal.get", Params: b24.Params{"id": "7"}}},
			nil,
			`{"halt":1,"cmd":{"a":"crm.deal.get?id=7","b":"profile"}}`,
		},
		"in the order given, some with names": {
			b24.Commands{{Name: "z", Method: "profile"}, {Method: "profile"}, {Name: "a", Method: "profile"}},
			[]b24.CallOption{b24.WithHaltOnError(false)},
			`{"halt":0,"cmd":{"z":"profile","c1":"profile","a":"profile"}}`,
		},
		"values": {
			b24.Commands{{Method: "crm.deal.add", Params: b24.Ordered{
				b24.KV("fields", b24.Ordered{b24.KV("TITLE", "ä & b=c+d #1\n"), b24.KV("OPENED", b24.Bool(true)), b24.KV("N", json.Number("12345678901234567890"))}),
				b24.KV("ids", []int{1, 2}), b24.KV("params", map[string]b24.Bool{"REGISTER": false}),
			}}},
			nil,
			`{"halt":1,"cmd":["crm.deal.add?fields[TITLE]=%C3%A4%20%26%20b%3Dc%2Bd%20%231%0A&fields[OPENED]=Y&fields[N]=12345678901234567890` +
				`&ids[0]=1&ids[1]=2&params[REGISTER]=N"]}`,
		},
	} {
		p, h := newPortal(t)
		body(p, "batch", http.StatusOK, `{"result":{"result":{"a":1,"b":2,"z":3,"c1":4,"0":5,"1":6}}}`)

		_, err := h.CallBatch(t.Context(), test.calls, test.opts...)

		require.NoError(t, err, name)
		assert.Equal(t, test.want, sent(t, p), name)
	}
}

func TestBatchThatCannotBeSent(t *testing.T) {
	t.Parallel()
	one := b24.Command{Method: "profile"}
	var ran b24.Batch
	ran.Add("profile", nil)
	var foreign, chained b24.Batch
	foreign.Add("profile", b24.Params{"id": ran.Add("profile", nil).Ref("ID")})
	chained.Add("profile", nil)
	later := b24.Commands{{Method: "crm.deal.get", Params: b24.Params{"id": b24.Ref{}}}}
	for name, test := range map[string]struct {
		calls b24.Calls
		want  error
		text  string
	}{
		"nil":           {nil, b24.ErrEmptyBatch, ""},
		"empty":         {b24.Commands{}, b24.ErrEmptyBatch, ""},
		"empty batch":   {&b24.Batch{}, b24.ErrEmptyBatch, ""},
		"51":            {make51(), b24.ErrBatchTooLong, ""},
		"twice a name":  {b24.Commands{{Name: "a", Method: "profile"}, {Name: "a", Method: "profile"}}, b24.ErrInvalidParams, `the name "a"`},
		"no method":     {b24.Commands{one, {}}, b24.ErrInvalidParams, "command 1"},
		"nested":        {b24.Commands{{Method: "Batch"}}, b24.ErrInvalidParams, "inside a batch"},
		"upload":        {b24.Commands{{Method: "upload"}}, b24.ErrInvalidParams, "inside a batch"},
		"download":      {b24.Commands{{Method: "download"}}, b24.ErrInvalidParams, "inside a batch"},
		"format":        {b24.Commands{one, {Method: "crm.deal.list.xml"}}, b24.ErrInvalidParams, "command 1"},
		"bad method":    {b24.Commands{{Name: "x", Method: "crm deal?" + marker}}, b24.ErrInvalidParams, `command "x"`},
		"bad params":    {b24.Commands{one, {Method: "profile", Params: b24.Params{"x": func() {}}}}, b24.ErrInvalidParams, "command 1"},
		"null":          {b24.Commands{{Method: "crm.deal.update", Params: b24.Params{"fields": b24.Params{"A": nil}}}}, b24.ErrInvalidParams, "fields.A"}, // trap 47
		"empty list":    {b24.Commands{{Method: "crm.deal.update", Params: b24.Params{"fields": b24.Params{"A": []int{}}}}}, b24.ErrInvalidParams, "fields.A"},
		"reference":     {b24.Commands{{Method: "crm.deal.update", Params: b24.Params{"t": "see $result[a][" + marker + "]"}}}, b24.ErrInvalidParams, "command 0"}, // trap 12
		"no batch":      {later, b24.ErrInvalidParams, "belongs to no batch"},
		"other batch":   {&foreign, b24.ErrInvalidParams, "another batch"},
		"empty name":    {b24.NamedCommands{"": one}, b24.ErrInvalidParams, "name is empty"},
		"reserved name": {b24.Commands{{Method: "profile", Params: b24.Params{"auth": marker}}}, b24.ErrInvalidParams, "auth"},
	} {
		p, h := newPortal(t)

		r, err := h.CallBatch(t.Context(), test.calls)

		require.ErrorIs(t, err, test.want, name)
		assert.Nil(t, r, name)
		assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(err), name)
		assert.Contains(t, err.Error(), test.text, name)
		assert.NotContains(t, err.Error(), marker, name)
		assert.Empty(t, p.Requests(), name)
	}
}

func TestBatchNames(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	for name, calls := range map[string]b24.Commands{
		"twice":                 {{Name: "x", Method: "echo"}, {Name: "x", Method: "echo"}},
		"no UTF-8":              {{Name: "a\xff", Method: "echo"}, {Name: "a\xfe", Method: "echo"}},
		"the position of other": {{Name: "1", Method: "echo"}, {Method: "echo"}},
	} {
		_, err := h.CallBatch(t.Context(), calls)
		require.ErrorIs(t, err, b24.ErrInvalidParams, name)
	}
	assert.Empty(t, p.Requests())

	r, err := h.CallBatch(t.Context(), b24.Commands{
		{Name: "c1", Method: "echo", Params: b24.Params{"v": "named"}},
		{Method: "echo", Params: b24.Params{"v": "unnamed"}},
		{Name: "2", Method: "echo", Params: b24.Params{"v": "at its position"}},
	})
	require.NoError(t, err)
	for name, want := range map[string]string{"c1": "named", "1": "unnamed", "2": "at its position"} {
		row, ok := r.Get(name)
		require.True(t, ok, name)
		assert.Equal(t, strconv.Quote(want), string(row.Raw()), name)
	}
}

func make51() b24.Commands {
	list := make(b24.Commands, 51)
	for i := range list {
		list[i].Method = "profile"
	}
	return list
}

// Each section is a list or an object by luck, and rows are missing in all ways
// there are.
func TestBatchAnswersInEveryShape(t *testing.T) {
	t.Parallel()
	three := b24.Commands{{Method: "a.get"}, {Method: "b.get"}, {Method: "c.get"}}
	type row struct {
		raw string
		err error
	}
	for name, test := range map[string]struct {
		halt   bool
		answer string
		want   []row
	}{
		"all":            {true, `{"result":[1,null,{"x":2}],"result_error":[],"result_total":[],"result_next":[]}`, []row{{"1", nil}, {"null", nil}, {`{"x":2}`, nil}}},
		"objects":        {true, `{"result":{"0":1,"1":2,"2":3},"result_error":{}}`, []row{{"1", nil}, {"2", nil}, {"3", nil}}},
		"middle failed":  {false, `{"result":{"0":1,"2":3},"result_error":{"1":{"error":"E","error_description":"d"}}}`, []row{{"1", nil}, {"", b24.Code("E")}, {"3", nil}}},
		"first failed":   {false, `{"result":{"1":2,"2":3},"result_error":[{"error":"E","error_description":"d"}]}`, []row{{"", b24.Code("E")}, {"2", nil}, {"3", nil}}},
		"halted":         {true, `{"result":[1],"result_error":{"1":{"error":"E","error_description":"d"}}}`, []row{{"1", nil}, {"", b24.Code("E")}, {"", b24.ErrNotExecuted}}},
		"bare string":    {true, `{"result":[1],"result_error":{"1":"ACCESS_DENIED"}}`, []row{{"1", nil}, {"", b24.ErrAccessDenied}, {"", b24.ErrNotExecuted}}},
		"empty code":     {true, `{"result":[1],"result_error":{"1":{"error":"","error_description":"Not found"}}}`, []row{{"1", nil}, {"", b24.ErrNotFound}, {"", b24.ErrNotExecuted}}},
		"left out, halt": {true, `{"result":{"0":1}}`, []row{{"1", nil}, {"", b24.ErrNoAnswer}, {"", b24.ErrNoAnswer}}},
		"went on, halt":  {true, `{"result":{"2":3},"result_error":{"0":{"error":"E","error_description":"d"}}}`, []row{{"", b24.Code("E")}, {"", b24.ErrNoAnswer}, {"3", nil}}},
		"two failed":     {true, `{"result_error":{"0":"E","2":"F"}}`, []row{{"", b24.Code("E")}, {"", b24.ErrNoAnswer}, {"", b24.Code("F")}}},
		"left out":       {false, `{"result":{"0":1,"2":3}}`, []row{{"1", nil}, {"", b24.ErrNoAnswer}, {"3", nil}}},
		"nothing":        {true, `[]`, []row{{"", b24.ErrBadResponse}, {"", b24.ErrBadResponse}, {"", b24.ErrBadResponse}}},
		"empty sections": {false, `{"result":[],"result_error":[]}`, []row{{"", b24.ErrNoAnswer}, {"", b24.ErrNoAnswer}, {"", b24.ErrNoAnswer}}},
	} {
		p, h := newPortal(t)
		body(p, "batch", http.StatusOK, `{"result":`+test.answer+`,"time":{"duration":1.5}}`)

		r, err := h.CallBatch(t.Context(), three, b24.WithHaltOnError(test.halt))

		require.NotNil(t, r, name)
		require.Equal(t, len(test.want), r.Len(), name)
		failed := false
		for i, want := range test.want {
			assert.Equal(t, want.raw, string(r.At(i).Raw()), "%s %d", name, i)
			require.ErrorIs(t, r.At(i).Err(), want.err, "%s %d", name, i)
			assert.Equal(t, want.err == nil, r.At(i).IsSuccess(), "%s %d", name, i)
			assert.Equal(t, three[i].Method, r.At(i).Query().Method)
			failed = failed || want.err != nil
		}
		assert.Equal(t, failed, err != nil, name)
		assert.Equal(t, err, r.Err(), name)
		assert.InDelta(t, 1500, r.Time().Duration.V.Milliseconds(), 0, name)
	}
}

func TestBatchError(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	body(p, "batch", http.StatusOK, `{"result":{"result":{"a":1},"result_error":{"b":{"error":"NOT_FOUND","error_description":"no"}},`+
		`"result_total":{"a":120},"result_next":{"a":50},"result_time":{"a":{"operating":0.2}}}}`)

	r, err := h.CallBatch(t.Context(), b24.Commands{
		{Name: "a", Method: "x.list"}, {Name: "b", Method: "x.get"}, {Name: "c", Method: "x.get"},
	})

	var be *b24.BatchError
	require.ErrorAs(t, err, &be)
	require.Len(t, be.Failed, 1)
	assert.Equal(t, 1, be.Failed[0].Index)
	assert.Equal(t, "b", be.Failed[0].Name)
	assert.Equal(t, "x.get", be.Failed[0].Method)
	assert.Equal(t, []int{2}, be.NotExecuted)
	require.ErrorIs(t, err, b24.ErrNotFound)
	require.ErrorIs(t, err, b24.ErrNotExecuted)
	assert.Equal(t, `b24: batch: 1 of 3 commands failed, 1 were not executed; first command #1 "b": x.get: portal answered NOT_FOUND: no (status 200, request `+
		r.At(1).Query().RequestID+`)`, err.Error())
	assert.True(t, b24.MayHaveExecuted(err)) // one command did
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(r.At(1).Err()))
	assert.Equal(t, b24.OutcomeNotSent, b24.OutcomeOf(r.At(2).Err()))

	a, ok := r.Get("a")
	require.True(t, ok)
	total, ok := a.Total()
	assert.True(t, ok)
	assert.Equal(t, 120, total)
	next, ok := a.Next()
	assert.True(t, ok)
	assert.Equal(t, 50, next)
	assert.Equal(t, 200*time.Millisecond, a.Time().Operating.V)
	b, _ := r.Get("b")
	_, ok = b.Total()
	assert.False(t, ok)
	_, ok = r.Get("d")
	assert.False(t, ok)
	names := []string{}
	for name, row := range r.All() {
		names = append(names, name)
		assert.NotNil(t, row)
	}
	assert.Equal(t, []string{"a", "b", "c"}, names)
	for name := range r.All() {
		assert.Equal(t, "a", name)
		break
	}
}

// One command that may have run makes the batch one that may have, whatever became of those
// before it.
func TestOutcomeOfABatchIsItsWorst(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	body(p, "batch", http.StatusOK, `{"result":{"result":[],"result_error":[{"error":"NOT_FOUND"},{"error":"INTERNAL_SERVER_ERROR"},{"error":"NOT_FOUND"}]}}`)

	r, err := h.CallBatch(t.Context(), make51()[:3], b24.WithHaltOnError(false))

	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(r.At(0).Err()))
	assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(r.At(1).Err()))
	assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err))
}

// A batch of reads would be repeated, but its caller said not to.
func TestBatchWithoutRetryIsSentOnce(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Fault("batch", b24test.HTML(502).Always())
	_, err := h.CallBatch(t.Context(), b24.Commands{{Method: "crm.deal.get", Params: b24.Params{"id": 1}}, {Method: "crm.deal.list"}}, b24.WithoutRetry())
	require.Error(t, err)
	assert.Len(t, p.Requests(), 1)
}

// A query string cannot say true or false: a batch refuses them by name and says what to write.
func TestBatchRefusesABool(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)

	_, err := h.CallBatch(t.Context(), b24.Commands{{Method: "crm.deal.add", Params: b24.Params{"fields": b24.Params{"OPENED": false}}}})

	require.ErrorIs(t, err, b24.ErrInvalidParams)
	for _, said := range []string{"fields.OPENED", "b24.Bool", "1 or 0"} {
		require.ErrorContains(t, err, said)
	}
	assert.Empty(t, p.Requests())
}

// Chunks and streams send such a command as a call of its own, which carries the bool, and say so once
// for each method.
func TestBoolsGoAlone(t *testing.T) {
	t.Parallel()
	var sink logSink
	p, h := newPortal(t, b24.WithLogger(sink.logger(slog.LevelWarn)))
	echo(p)
	calls := echoes(6)
	calls[1].Params = b24.Params{"v": true}
	calls[4].Params = b24.Params{"v": b24.Params{"deep": []any{false}}}

	r, err := h.CallBatchByChunk(t.Context(), calls)

	require.NoError(t, err)
	assert.Equal(t, "true", string(r.At(1).Raw()))
	assert.JSONEq(t, `{"deep":[false]}`, string(r.At(4).Raw()))
	for row, err := range b24.StreamBatch(t.Context(), h, slices.Values(calls)) {
		require.NoError(t, err)
		assert.NotNil(t, row)
	}
	assert.Equal(t, 1, strings.Count(sink.String(), "b24: commands are sent one by one"), "%s", &sink)
	assert.Contains(t, sink.String(), `"method":"echo"`)
	assert.Contains(t, sink.String(), `"param":"v"`)
	assert.Contains(t, sink.String(), "b24.Bool")
	assert.NotContains(t, sink.String(), "nothing was sent")
}

// REST 3.0 carries its batches as JSON.
func TestBoolsOfREST3GoTogether(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Seed("tasks.task", b24.Params{"title": "a"})

	r, err := h.V3().CallBatch(t.Context(), b24.Commands{
		{Method: "tasks.task.update", Params: b24.Params{"id": 1, "fields": b24.Params{"allowsTimeTracking": false}}},
		{Method: "tasks.task.get", Params: b24.Params{"id": 1, "select": []string{"id", "allowsTimeTracking"}}},
	})

	require.NoError(t, err)
	assert.Contains(t, string(r.At(1).Raw()), `"allowsTimeTracking":false`)
	assert.Len(t, p.HTTPRequests(), 1)
}

// items is a portal with two deals that are items, and the echo of what a command was given.
func items(t *testing.T) (*b24test.Portal, *b24.Hook, *[]any) {
	t.Helper()
	p, h := newPortal(t)
	p.Seed("crm.item:2", b24.Params{"title": "one"}, b24.Params{"title": "two"})
	var got []any
	p.Handle("echo", func(r b24test.Request) (any, error) {
		got = append(got, r.Params["v"])
		return r.Params["v"], nil
	})
	return p, h, &got
}

// A reference to a command leads into the part that it was queued with, on both APIs.
func TestReferenceIntoTheQueuedPart(t *testing.T) {
	t.Parallel()
	_, h, got := items(t)
	var b b24.Batch
	item := b24.Queue[b24.ID](&b, "crm.item.add", b24.Params{"entityTypeId": 2, "fields": b24.Params{"title": "three"}}, "item", "id")
	all := b24.Queue[[]b24.ID](&b, "crm.item.list", b24.Params{"entityTypeId": 2}, "items")
	for _, ref := range []b24.Ref{item.Ref(), item.Ref("item", "id"), all.Ref(1, "id"), all.Ref("items", "1", "id")} {
		b.Add("echo", b24.Params{"v": ref})
	}

	_, err := h.CallBatch(t.Context(), &b)

	require.NoError(t, err)
	require.Len(t, *got, 4)
	assert.Equal(t, (*got)[0], (*got)[1])
	assert.Equal(t, (*got)[2], (*got)[3])
	id, err := item.Get()
	require.NoError(t, err)
	assert.Equal(t, b24.ID("3"), id)
	assert.Equal(t, "3", fmt.Sprint((*got)[0]))

	p := b24test.NewPortal(t, b24test.WithMemory())
	h = newHook(t, p)
	var b3 b24.Batch
	task := b24.Queue[b24.ID](&b3, "tasks.task.add", b24.Params{"fields": b24.Params{"title": "a", "creatorId": 1, "responsibleId": 1}}, "item", "id")
	b3.Add("tasks.task.update", b24.Params{"id": task.Ref(), "fields": b24.Params{"title": "b"}})
	_, err = h.V3().CallBatch(t.Context(), &b3)
	require.NoError(t, err)
	assert.Equal(t, "b", p.V3().Rows("tasks.task")[0]["title"])
}

// A reference that led to an object or a list is an error: the portal had put it in the place of a value. So
// is what refers to such a command, and the outcome of all of them is unknown.
func TestReferenceToMoreThanAValue(t *testing.T) {
	t.Parallel()
	for name, path := range map[string][]any{"an object": {"item"}, "the whole result": {}, "a list": {"item", "contactIds"}} {
		p, h, _ := items(t)
		p.Seed("crm.item:2", b24.Params{"id": 9, "contactIds": []int{3, 4}})
		var b b24.Batch
		item := b.Add("crm.item.get", b24.Params{"entityTypeId": 2, "id": 9})
		first := b.Add("echo", b24.Params{"v": item.Ref(path...)})
		second := b.Add("echo", b24.Params{"v": first.Ref()})
		free := b.Add("echo", b24.Params{"v": 1})

		_, err := h.CallBatch(t.Context(), &b)

		require.ErrorIs(t, err, b24.ErrReference, name)
		_, err = first.Get()
		require.ErrorIs(t, err, b24.ErrReference, name)
		assert.True(t, b24.MayHaveExecuted(err), name)
		_, err = second.Get()
		require.ErrorIs(t, err, b24.ErrReference, name)
		assert.True(t, b24.MayHaveExecuted(err), name)
		_, err = free.Get()
		require.NoError(t, err, name)
	}
}

// A list is a value where a filter asks for one.
func TestReferenceToAListInAFilter(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Handle("ids", func(b24test.Request) (any, error) { return map[string]any{"ids": []int{2, 3}}, nil })
	p.SeedN("crm.deal", 5, nil)
	var b b24.Batch
	ids := b24.Queue[[]b24.ID](&b, "ids", nil, "ids")
	in := b24.Queue[[]b24.Map[any]](&b, "crm.deal.list", b24.Params{"filter": b24.Params{"@ID": ids.Ref()}})
	out := b24.Queue[[]b24.Map[any]](&b, "crm.deal.list", b24.Params{"filter": b24.Params{"!@ID": ids.Ref()}})
	wrong := b.Add("crm.deal.list", b24.Params{"filter": b24.Params{"ID": ids.Ref()}})

	_, err := h.CallBatch(t.Context(), &b, b24.WithHaltOnError(false))

	require.ErrorIs(t, err, b24.ErrReference)
	rows, err := in.Get()
	require.NoError(t, err)
	assert.Len(t, rows, 2)
	rows, err = out.Get()
	require.NoError(t, err)
	assert.Len(t, rows, 3)
	_, err = wrong.Get()
	require.ErrorIs(t, err, b24.ErrReference)
}

// So it is behind the "in" of REST 3.0, where a list of the values of all rows is one in any place.
func TestReferenceToAListOfREST3(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Seed("tasks.task", b24.Params{"title": "a"}, b24.Params{"title": "b"}, b24.Params{"title": "c"})
	var b b24.Batch
	some := b.Add("tasks.task.list", b24.Params{"filter": [][]any{{"id", "<", 3}}})
	again := b24.Queue[[]b24.Map[any]](&b, "tasks.task.list", b24.Params{"filter": [][]any{{"id", "in", some.RefAll("id")}}}, "items")

	_, err := h.V3().CallBatch(t.Context(), &b)

	require.NoError(t, err)
	rows, err := again.Get()
	require.NoError(t, err)
	assert.Len(t, rows, 2)
}

// The answers of batches and streams say by what name their commands were called, also where these failed or were not sent.
func TestAnswersNameTheirCommands(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	answers(p, "profile", 1)
	commands := b24.Commands{
		{Name: "me", Method: "profile"},
		{Name: "none", Method: "no.such.method"},
		{Method: "profile"},
		{Name: "alone", Method: "profile", Params: b24.Params{"a": nil}},
		{Name: "bad", Method: "profile", Params: make(chan int)},
	}
	want := []string{"me", "none", "", "alone", "bad"}

	r, err := h.CallBatchByChunk(t.Context(), commands[:4], b24.WithHaltOnError(false))
	require.Error(t, err)
	var got []string
	for _, row := range r.All() {
		got = append(got, row.Query().Name)
	}
	assert.Equal(t, want[:4], got)

	// Those of a stream may be equal, for they go over different requests.
	for _, c := range []b24.Client{h, h.V3()} {
		got = nil
		for row := range b24.StreamBatch(t.Context(), c, slices.Values(slices.Repeat(commands, 20)), b24.WithHaltOnError(false)) {
			got = append(got, row.Query().Name)
		}
		assert.Equal(t, slices.Repeat(want, 20), got)
	}

	call, err := h.CallMethod(t.Context(), "profile", nil)
	require.NoError(t, err)
	assert.Empty(t, call.Query().Name)
	q := r.At(0).Query()
	text, err := json.Marshal(q)
	require.NoError(t, err)
	assert.Contains(t, string(text), `"name":"me"`)
	assert.Contains(t, fmt.Sprint(q), `"me" profile {}`)
}

func TestStreamBatch(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		p, h := newPortal(t)
		echo(p)
		n := 0
		for r, err := range b24.StreamBatch(t.Context(), h, slices.Values(echoes(230)), b24.WithConcurrency(workers)) {
			require.NoError(t, err)
			assert.Equal(t, strconv.Quote(strconv.Itoa(n)), string(r.Raw()))
			n++
		}
		assert.Equal(t, 230, n)
		assert.Equal(t, 5, p.Calls("batch"))

		n, begun := 0, 0
		for range b24.StreamBatch(t.Context(), h, slices.Values(echoes(2300)), b24.WithConcurrency(workers)) {
			if n++; n == 20 {
				begun = p.Calls("batch")
				break
			}
		}
		assert.LessOrEqual(t, p.Calls("batch"), begun+workers) // those under way, and no other
		assert.LessOrEqual(t, begun, 5+4*workers)              // little is read ahead
	}
}

func TestBatchesOfNothingAndWithoutBounds(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	for range b24.StreamBatch(t.Context(), h, nil) {
		assert.Fail(t, "there is no command")
	}
	for _, workers := range []int{math.MinInt, math.MaxInt} {
		_, err := h.CallBatchByChunk(t.Context(), echoes(120), b24.WithConcurrency(workers))
		require.NoError(t, err)
		n := 0
		for _, err := range b24.StreamBatch(t.Context(), h, slices.Values(echoes(120)), b24.WithConcurrency(workers)) {
			require.NoError(t, err)
			n++
		}
		assert.Equal(t, 120, n)
	}
	p.SeedN("crm.deal", 6000, func(i int) b24.Params { return b24.Params{"ID": i + 1} })
	deals, err := b24.Collect(b24.List[b24.Params](t.Context(), h, "crm.deal.list", nil, b24.WithConcurrency(math.MaxInt)))
	require.NoError(t, err)
	assert.Len(t, deals, 6000)
}

func TestStreamBatchTellsOfEachCommand(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	calls := echoes(120, 3)
	calls[7].Params = b24.Params{"v": func() {}}
	var failed, notRun, ok int
	for r, err := range b24.StreamBatch(t.Context(), h, slices.Values(calls), b24.WithHaltOnError(false)) {
		assert.Equal(t, err, r.Err())
		if err != nil {
			failed++
		}
	}
	assert.Equal(t, 2, failed) // one at the portal, one that could not be sent

	failed = 0
	for _, err := range b24.StreamBatch(t.Context(), h, slices.Values(calls)) {
		switch {
		case errors.Is(err, b24.ErrNotExecuted):
			notRun++
		case err != nil:
			failed++
		default:
			ok++
		}
	}
	assert.Equal(t, []int{3, 2, 45}, []int{ok, failed, notRun}) // what cannot be sent fails by itself
}

// An endless stream ends with its context and with its client.
func TestStreamEndsWithContextAndClose(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]error{"context": context.Canceled, "close": b24.ErrClosed} {
		for _, workers := range []int{1, 3} {
			p, h := newPortal(t)
			echo(p)
			ctx, cancel := context.WithCancel(t.Context())
			taken, yielded, failed := 0, 0, 0
			endless := func(yield func(b24.Command) bool) {
				for more := true; more; {
					taken++
					more = yield(b24.Command{Method: "echo", Params: b24.Params{"v": 1}})
				}
			}
			for r, err := range b24.StreamBatch(ctx, h, endless, b24.WithHaltOnError(false), b24.WithConcurrency(workers)) {
				require.NotNil(t, r)
				assert.Equal(t, "echo", r.Query().Method)
				if yielded++; yielded == 60 && name == "close" {
					_ = h.Close()
				} else if yielded == 60 {
					cancel()
				}
				if err != nil {
					require.ErrorIs(t, err, want, name)
					failed++
				}
			}
			cancel()
			assert.NotZero(t, failed, "%s: it must not look like the end", name)
			assert.Equal(t, taken, yielded, name)
		}
	}
}

// The function that docs/bulk-writes.md shows does not take the end of a client for that
// of the deals.
func TestWinAllOfAClientThatIsClosed(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Handle("crm.deal.update", func(b24test.Request) (any, error) { return true, h.Close() })

	uncertain, err := winAll(t.Context(), h, make([]int, 500))

	require.ErrorContains(t, err, "400 deals were not sent")
	assert.Empty(t, uncertain)
}

// Parameters are taken as they are when the command is.
func TestStreamOfParametersThatAreUsedAgain(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	params, i := b24.Params{}, 0
	commands := func(yield func(b24.Command) bool) {
		for n := range 230 {
			if params["v"] = n; !yield(b24.Command{Method: "echo", Params: params}) {
				return
			}
		}
	}
	for r, err := range b24.StreamBatch(t.Context(), h, commands, b24.WithConcurrency(3)) {
		require.NoError(t, err)
		require.Equal(t, strconv.Quote(strconv.Itoa(i)), string(r.Raw()))
		i++
	}
	assert.Equal(t, 230, i)
}

// One command that cannot be sent is one failure, whatever is wrong with it; names mean
// nothing here.
func TestStreamOfCommandsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	echo(p)
	calls := echoes(120)
	calls[3].Name, calls[9].Name = "x", "x"
	calls[10].Name = "a\xff"
	calls[70].Params = json.RawMessage(`{"v":"\ud800"}`)
	calls[71].Params = json.RawMessage(`{"v":`)
	calls[72].Method = "batch"
	failed, reasons := 0, []string{}
	for r, err := range b24.StreamBatch(t.Context(), h, slices.Values(calls), b24.WithHaltOnError(false)) {
		assert.Equal(t, err, r.Err())
		if err != nil {
			require.ErrorIs(t, err, b24.ErrInvalidParams)
			reasons = append(reasons, err.Error())
			failed++
		}
	}
	assert.Equal(t, 3, failed)
	assert.Contains(t, reasons[1], "unexpected EOF", "its own reason, not that of what became of it")
	assert.Equal(t, 117, p.Executed("echo"))
	require.NoError(t, h.Close())
	for r, err := range b24.StreamBatch(t.Context(), h, slices.Values(echoes(1))) {
		require.ErrorIs(t, err, b24.ErrClosed)
		require.ErrorIs(t, r.Err(), b24.ErrClosed)
		_, err = r.FetchNext(t.Context())
		require.ErrorIs(t, err, b24.ErrNoMorePages)
	}
}

// The batches of a stream find their size as chunks do.
func TestStreamShrinksWhereThePortalIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithLatency(time.Second))
		echo(p)
		for _, err := range b24.StreamBatch(t.Context(), newHook(t, p), slices.Values(echoes(300))) {
			require.NoError(t, err)
		}
		var sizes []int
		for _, r := range p.HTTPRequests() {
			sizes = append(sizes, strings.Count(string(r.RawBody), "echo?"))
		}
		assert.Equal(t, 50, sizes[0])
		assert.Equal(t, 25, sizes[1])
	})
}

// Batches of a stream that break the portal's time limit are lost, and those after them fit.
func TestStreamFindsTheSizeThatFits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := b24test.NewPortal(t, b24test.WithLatency(1300*time.Millisecond), b24test.WithTimeLimit(time.Minute))
		answers(p, writes, 1)
		calls := slices.Repeat(b24.Commands{{Method: writes}}, 500)
		lost := 0
		for _, err := range b24.StreamBatch(t.Context(), newHook(t, p), slices.Values(calls), b24.WithHaltOnError(false)) {
			if err != nil {
				assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err))
				lost++
			}
		}
		assert.Equal(t, 50, lost, "no more than the batch that was sent first")
	})
}

// Progress counts each batch once, in the order in which they are yielded.
func TestProgressOfAStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Handle("echo", func(r b24test.Request) (any, error) {
			if r.Params["v"] == "0" {
				time.Sleep(time.Second) // the others are done before the first
			}
			return 1, nil
		})
		var told []b24.Progress
		note := b24.WithProgress(func(p b24.Progress) { told = append(told, p) })
		for _, err := range b24.StreamBatch(t.Context(), h, slices.Values(echoes(120)), b24.WithConcurrency(3), note) {
			require.NoError(t, err)
		}
		assert.Equal(t, []b24.Progress{{Done: 50, Total: -1}, {Done: 100, Total: -1}, {Done: 120, Total: -1}}, told)
	})
}

// Leaving the loop ends what is under way, and waits for no answer.
func TestStreamThatIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.Handle("echo", func(r b24test.Request) (any, error) {
			if n, _ := strconv.Atoi(fmt.Sprint(r.Params["v"])); n >= 50 {
				<-r.Context().Done() // all batches but the first
			}
			return 1, nil
		})
		started := time.Now()
		for range b24.StreamBatch(t.Context(), h, slices.Values(echoes(200)), b24.WithConcurrency(2)) {
			break
		}
		assert.Zero(t, time.Since(started))
	})
}

// However slow the portal is, each command is sent.
func TestStreamShrinksToSingleCommands(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	body(p, "batch", http.StatusOK, `{"result":{"result":[]},"time":{"duration":30}}`)
	yielded := 0
	for range b24.StreamBatch(t.Context(), h, slices.Values(echoes(105)), b24.WithHaltOnError(false)) {
		yielded++
	}
	assert.Equal(t, 105, yielded)
	assert.Equal(t, 5+105-50-25-12-6-3, p.Calls("batch"))
}

// slowToEnd is a transport that heeds the end of a context late.
type slowToEnd struct{ running atomic.Int64 }

func (s *slowToEnd) RoundTrip(r *http.Request) (*http.Response, error) {
	s.running.Add(1)
	defer s.running.Add(-1)
	<-r.Context().Done()
	time.Sleep(time.Second)
	return nil, r.Context().Err()
}

// Nothing runs on behind the back of who left the loop.
func TestStreamThatIsLeftRunsNoMore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var slow slowToEnd
		p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithCredentials(1, marker))
		h := newHook(t, p, b24.WithHTTPClient(&http.Client{Transport: &slow}))
		refused := slices.Repeat(b24.Commands{{Method: "batch"}}, 50) // these end at once
		for range b24.StreamBatch(t.Context(), h, slices.Values(append(refused, echoes(50)...)), b24.WithConcurrency(2), b24.WithHaltOnError(false)) {
			synctest.Wait()
			assert.EqualValues(t, 1, slow.running.Load())
			break
		}
		assert.Zero(t, slow.running.Load())
	})
}

// While the first batch takes long, a few others may be done, and no more.
func TestStreamWaitsForItsFirstBatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		var taken, ahead atomic.Int64
		p.Handle("echo", func(r b24test.Request) (any, error) {
			if fmt.Sprint(r.Params["v"]) == "0" {
				time.Sleep(time.Minute)
				ahead.Store(taken.Load())
			}
			return 1, nil
		})
		cmds := func(yield func(b24.Command) bool) {
			for _, command := range echoes(1000) {
				if taken.Add(1); !yield(command) {
					return
				}
			}
		}
		for _, err := range b24.StreamBatch(t.Context(), h, cmds, b24.WithConcurrency(2)) {
			require.NoError(t, err)
		}
		assert.EqualValues(t, 400, ahead.Load()) // 4 batches for each of the 2
		assert.EqualValues(t, 1000, taken.Load())
	})
}
