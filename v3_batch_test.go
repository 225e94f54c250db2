package b24_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

func TestV3Batch(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Seed("tasks.task", b24.Params{"id": 7, "title": "Paint"})
	var b b24.Batch
	task := b24.Queue[struct {
		ID b24.ID `json:"id"`
	}](&b, writesV3, b24.Params{"fields": b24.Params{"title": "New", "creatorId": 1, "responsibleId": 1}}, "item")
	same := b24.Queue[struct {
		ID b24.ID `json:"id"`
	}](&b, readsV3, b24.Params{"id": task.Ref("id")}, "item")

	r, err := h.V3().CallBatch(t.Context(), &b)

	require.NoError(t, err)
	assert.Equal(t, 2, r.Len())
	assert.Positive(t, r.Time().Duration.V)
	made, err := task.Get()
	require.NoError(t, err)
	seen, err := same.Get()
	require.NoError(t, err)
	assert.Equal(t, made.ID, seen.ID)
	assert.JSONEq(t, `{"id":`+string(made.ID)+`}`, string(r.At(1).Query().Params), "the value stands where the reference was")
	assert.JSONEq(t, `[{"method":"tasks.task.add","query":{"fields":{"title":"New","creatorId":1,"responsibleId":1}},"as":"c0"},`+
		`{"method":"tasks.task.get","query":{"id":{"$ref":"c0.id"}},"as":"c1"}]`, string(p.Requests()[0].RawBody))

	var empty b24.Batch
	empty.Add(readsV3, b24.Params{"id": empty.Add(writesV3, nil).Ref()})
	_, err = h.V3().CallBatch(t.Context(), &empty)
	require.ErrorIs(t, err, b24.ErrInvalidParams)
}

func TestV3RefAll(t *testing.T) {
	t.Parallel()
	tasks := func() (*b24.Batch, *b24.Pending[int]) {
		var b b24.Batch
		list := b.Add("tasks.task.list", b24.Params{"select": []string{"id"}})
		return &b, b24.Queue[int](&b, "my.count.get", b24.Params{"filter": []any{[]any{"id", "in", list.RefAll("id")}}}, "item")
	}
	for name, send := range map[string]func(c b24.Client, b *b24.Batch) (*b24.BatchResult, error){
		"one batch": func(c b24.Client, b *b24.Batch) (*b24.BatchResult, error) { return c.CallBatch(t.Context(), b) },
		"one by one": func(c b24.Client, b *b24.Batch) (*b24.BatchResult, error) {
			return c.CallBatchByChunk(t.Context(), b, b24.WithSingleCalls())
		},
	} {
		p, h := newPortal(t)
		p.V3().SeedN("tasks.task", 3, func(i int) b24.Params { return b24.Params{"title": fmt.Sprint("T", i)} })
		p.V3().Handle("my.count.get", func(r b24test.Request) (any, error) {
			node := r.Params["filter"].([]any)[0].([]any)
			return b24.Params{"item": len(node[2].([]any))}, nil
		})
		b, count := tasks()
		_, err := send(h.V3(), b)
		require.NoError(t, err, name)
		n, err := count.Get()
		require.NoError(t, err, name)
		assert.Equal(t, 3, n, name)
	}
	_, h := newPortal(t)
	b, _ := tasks()
	_, err := h.CallBatch(t.Context(), b) // v2 has none
	require.ErrorIs(t, err, b24.ErrInvalidParams)
}

// Trap 34: the error of a batch hides what ran before it.
func TestV3BatchThatFails(t *testing.T) {
	t.Parallel()
	calls := b24.Commands{
		{Method: writesV3, Params: b24.Params{"fields": b24.Params{"title": "New", "creatorId": 1, "responsibleId": 1}}},
		{Method: readsV3, Params: b24.Params{"id": 99}},
	}
	p, h := newPortal(t)
	p.V3().Seed("tasks.task")
	r, err := h.V3().CallBatch(t.Context(), calls)
	require.ErrorIs(t, err, b24.ErrNotFound)
	assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(err))
	for i := range 2 {
		assert.True(t, b24.MayHaveExecuted(r.At(i).Err()))
	}

	r, err = h.V3().CallBatchByChunk(t.Context(), calls, b24.WithSingleCalls())
	require.ErrorIs(t, err, b24.ErrNotFound)
	assert.True(t, r.At(0).IsSuccess())
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(r.At(1).Err()))
	assert.NotEmpty(t, p.Requests()[1].Header.Get("Idempotency-Key"))

	_, err = h.V3().CallBatch(t.Context(), b24.Commands{{Method: writesV3}, {Method: "no.such.add"}})
	require.ErrorIs(t, err, b24.ErrMethodNotFound)
	assert.False(t, b24.MayHaveExecuted(err)) // names are checked before anything runs
}

func TestV3BatchRowsInEveryShape(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Handle("batch", func(b24test.Request) (any, error) { return b24test.Raw{Body: `{"result":[{"a":1},null]}`}, nil })
	r, err := h.V3().CallBatch(t.Context(), b24.Commands{{Method: "a.get"}, {Method: "b.get"}, {Method: "c.get"}})
	require.ErrorIs(t, err, b24.ErrNoAnswer)
	assert.JSONEq(t, `{"a":1}`, string(r.At(0).Raw()))
	assert.Equal(t, "null", string(r.At(1).Raw()))
	require.NoError(t, r.At(1).Err())

	p.V3().Handle("batch", func(b24test.Request) (any, error) { return b24test.Raw{Body: `{"result":{"x":1}}`}, nil })
	_, err = h.V3().CallBatch(t.Context(), b24.Commands{{Method: "a.get"}})
	require.ErrorIs(t, err, b24.ErrBadResponse)
}

// Whether a batch of writes whose answer was lost ran is not known: it is not repeated.
func TestV3BatchOfWritesIsNotRepeated(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
	p.Fault("batch", b24test.ResetAfter())
	r, err := h.V3().CallBatch(t.Context(), b24.Commands{{Method: "my.thing.add"}, {Method: "my.thing.add"}})
	assert.True(t, b24.MayHaveExecuted(err))
	for i := range 2 {
		assert.True(t, b24.MayHaveExecuted(r.At(i).Err()))
	}
	assert.Equal(t, 1, p.Calls("batch"))
	assert.Empty(t, p.Requests()[0].Header.Get("Idempotency-Key"))
}

// A batch that only reads is repeated.
func TestV3BatchOfReadsIsRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.V3().Seed("tasks.task", b24.Params{"id": 7, "title": "Paint"})
		p.Fault("batch", b24test.ResetAfter())
		_, err := h.V3().CallBatch(t.Context(), b24.Commands{{Method: readsV3, Params: b24.Params{"id": 7}}})
		require.NoError(t, err)
		assert.Equal(t, 2, p.Calls("batch"))
	})
}

// The error of a later command is not taken for a refusal of the batch, whatever it
// looks like: those before it ran, and are not run again.
func TestV3BatchErrorsThatLookLikeRefusals(t *testing.T) {
	t.Parallel()
	const v3 = "BITRIX_REST_V3_EXCEPTION_"
	for _, e := range []*b24.Error{
		{Code: "CONNECTION_ERROR", Status: 400},
		{Code: "CONNECTION_ERROR", Status: 401},
		{Code: "QUERY_LIMIT_EXCEEDED", Status: 400},
		{Code: v3 + "RATELIMITEXCEPTION", Status: 400},
		{Code: v3 + "RATELIMITEXCEPTION", Status: 429},
		{Code: "OPERATION_TIME_LIMIT", Status: 429},
		{Code: v3 + "RELATIONMETHODNOTFOUNDEXCEPTION", Status: 404},
		{Code: "MY_METHODNOTFOUNDEXCEPTION", Status: 404},
		{Code: "401", Status: 401},
		{Code: v3 + "ACCESSDENIEDEXCEPTION", Status: 403},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t)
			done := 0
			p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { done++; return b24.Params{"id": 1}, nil })
			p.V3().Handle("my.other.update", func(b24test.Request) (any, error) { return nil, e })
			r, err := h.V3().CallBatch(t.Context(), b24.Commands{{Method: "my.thing.add"}, {Method: "my.other.update"}})
			require.ErrorIs(t, err, e.Code)
			assert.True(t, b24.MayHaveExecuted(r.At(0).Err()), err)
			assert.Equal(t, 1, done, err)
		})
	}
}

// Refusals that come before the first command are waited out, or final and told as such.
func TestV3BatchRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	calls := b24.Commands{{Method: "my.thing.add"}, {Method: "my.thing.add"}}
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
		p.Fault("batch", b24test.QueryLimitExceeded())
		_, err := h.V3().CallBatch(t.Context(), calls)
		require.NoError(t, err)
		assert.Equal(t, 2, p.Calls("batch"))
	})
	for status, code := range map[int]string{401: "ACCESSDENIEDEXCEPTION", 400: "INVALIDJSONEXCEPTION"} {
		p, h := newPortal(t)
		p.Fault("batch", b24test.Status(status, `{"error":{"code":"BITRIX_REST_V3_EXCEPTION_`+code+`","message":"m"}}`))
		_, err := h.V3().CallBatch(t.Context(), calls)
		assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err), code)
		assert.Equal(t, 1, p.Calls("batch"), code)
	}
}

// One command is no batch whose error hides anything.
func TestV3BatchOfOne(t *testing.T) {
	t.Parallel()
	_, h := newPortal(t)
	_, err := h.V3().CallBatch(t.Context(), b24.Commands{{Method: "tasks.task.update", Params: b24.Params{"id": 99}}})
	assert.Equal(t, b24.OutcomeRefused, b24.OutcomeOf(err))
}

// Forms and options of a batch, as they go over the wire.
func TestV3BatchOnTheWire(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		calls b24.Calls
		opts  []b24.CallOption
		want  string
	}{
		"list":         {b24.Commands{{Method: "a.get"}}, nil, `[{"method":"a.get","query":{}}]`},
		"list, on":     {b24.Commands{{Method: "a.get"}}, []b24.CallOption{b24.WithHaltOnError(false)}, `[{"method":"a.get","query":{},"parallel":true}]`},
		"named":        {b24.NamedCommands{"x": {Method: "a.get"}}, nil, `[{"method":"a.get","query":{},"as":"x"}]`},
		"named, on":    {b24.NamedCommands{"x": {Method: "a.get"}}, []b24.CallOption{b24.WithHaltOnError(false)}, `[{"method":"a.get","query":{},"as":"x","parallel":true}]`},
		"named, twice": {b24.NamedCommands{"y": {Method: "b.get"}, "x": {Method: "a.get"}}, nil, `[{"method":"a.get","query":{},"as":"x"},{"method":"b.get","query":{},"as":"y"}]`},
	} {
		p, h := newPortal(t)
		r, err := h.V3().CallBatch(t.Context(), test.calls, test.opts...) // none of the methods is there
		require.ErrorIs(t, err, b24.ErrMethodNotFound, name)
		assert.JSONEq(t, test.want, string(p.Requests()[0].RawBody), name)
		for label, row := range r.All() {
			require.ErrorIs(t, row.Err(), b24.ErrMethodNotFound, label)
		}
	}
}

// An object of the caller's that looks like a reference keeps its meaning, or is refused.
func TestV3BatchKeepsWhatLooksLikeAReference(t *testing.T) {
	t.Parallel()
	for _, data := range []any{
		b24.Params{"$ref": "0.secret"}, b24.Params{"$refArray": "0.ids"}, b24.Params{"schema": []any{b24.Params{"a": 1, "$ref": "#/components/x"}}},
	} {
		p, h := newPortal(t)
		var got []any
		p.V3().Handle("my.thing.add", func(r b24test.Request) (any, error) {
			got = append(got, r.Params["data"])
			return b24.Params{"item": b24.Params{"id": 5, "secret": "x", "ids": []int{1}}}, nil
		})
		calls := b24.Commands{{Method: "my.thing.add"}, {Method: "my.thing.add", Params: b24.Params{"data": data}}}
		_, err := h.V3().CallBatch(t.Context(), calls)
		require.ErrorIs(t, err, b24.ErrInvalidParams)
		require.ErrorContains(t, err, "command 1")
		assert.Empty(t, got)

		_, err = h.V3().CallBatchByChunk(t.Context(), calls)
		require.NoError(t, err)
		require.Len(t, got, 2)
		assert.Equal(t, fmt.Sprint(data), fmt.Sprint(got[1]))
	}
	p, h := newPortal(t)
	p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
	_, err := h.V3().CallBatch(t.Context(), b24.Commands{{Method: "my.thing.add", Params: b24.Params{"a": "$ref", "b": []any{"$refArray"}, "c$ref": 1}}})
	require.NoError(t, err) // it is the name of a member that counts
}

func TestV3RefPaths(t *testing.T) {
	t.Parallel()
	for name, ref := range map[string]func(p *b24.Pending[int]) b24.Ref{
		"no path":      func(p *b24.Pending[int]) b24.Ref { return p.Ref() },
		"the whole":    func(p *b24.Pending[int]) b24.Ref { return p.Ref("item") },
		"all, no path": func(p *b24.Pending[int]) b24.Ref { return p.RefAll() },
		"a dot":        func(p *b24.Pending[int]) b24.Ref { return p.Ref("a.b") },
		"empty step":   func(p *b24.Pending[int]) b24.Ref { return p.Ref("a", "") },
	} {
		p, h := newPortal(t)
		var b b24.Batch
		first := b24.Queue[int](&b, readsV3, nil)
		b.Add(readsV3, b24.Params{"id": ref(first)})
		_, err := h.V3().CallBatch(t.Context(), &b)
		require.ErrorIs(t, err, b24.ErrInvalidParams, name)
		assert.Empty(t, p.Requests(), name)
	}
}

// The name that wraps the rows may stand before a path or not.
func TestV3RefIntoItems(t *testing.T) {
	t.Parallel()
	for _, path := range [][]any{{"items", 0, "id"}, {0, "id"}} {
		p, h := newPortal(t)
		p.V3().Seed("tasks.task", b24.Params{"id": 7, "title": "Paint"})
		var b b24.Batch
		list := b.Add("tasks.task.list", nil)
		task := b24.Queue[string](&b, readsV3, b24.Params{"id": list.Ref(path...)}, "item", "title")
		_, err := h.V3().CallBatch(t.Context(), &b)
		require.NoError(t, err)
		title, err := task.Get()
		require.NoError(t, err)
		assert.Equal(t, "Paint", title)
		assert.Contains(t, string(p.Requests()[0].RawBody), `{"$ref":"c0.0.id"}`)
	}
}

// All of nothing is no value: together and one by one.
func TestV3RefAllOfAnEmptyList(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]b24.CallOption{nil, {b24.WithSingleCalls()}} {
		p, h := newPortal(t)
		p.V3().Seed("tasks.task")
		p.V3().Handle("my.thing.delete", func(b24test.Request) (any, error) { return true, nil })
		var b b24.Batch
		list := b.Add("tasks.task.list", nil)
		b.Add("my.thing.delete", b24.Params{"ids": list.RefAll("id")})
		_, err := h.V3().CallBatchByChunk(t.Context(), &b, opts...)
		require.Error(t, err)
		assert.Zero(t, p.Executed("my.thing.delete"))
	}
}

// Any number of commands, in batches.
func TestV3Chunks(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Handle("my.thing.add", func(r b24test.Request) (any, error) { return r.Params["n"], nil })
	calls := make(b24.Commands, 120)
	for i := range calls {
		calls[i] = b24.Command{Method: "my.thing.add", Params: b24.Params{"n": i}}
	}
	_, err := h.V3().CallBatch(t.Context(), calls[:51])
	require.ErrorIs(t, err, b24.ErrBatchTooLong)

	r, err := h.V3().CallBatchByChunk(t.Context(), calls)

	require.NoError(t, err)
	assert.Equal(t, 3, p.Calls("batch"))
	for i := range calls {
		n, err := b24.Decode[int](r.At(i))
		require.NoError(t, err)
		assert.Equal(t, i, n)
	}
	n := 0
	for row, err := range b24.StreamBatch(t.Context(), h.V3(), slices.Values(calls), b24.WithConcurrency(3)) {
		require.NoError(t, err)
		assert.Equal(t, strconv.Itoa(n), string(row.Raw()))
		n++
	}
	assert.Equal(t, len(calls), n)
}

// A refusal for the operating time may be that of any command. It is waited out where no
// command before the last one writes, for then none did.
func TestV3BatchRefusedForItsOperatingTime(t *testing.T) {
	t.Parallel()
	const read, write = "my.thing.list", "my.thing.add"
	for _, row := range []struct {
		methods []string
		sure    bool
	}{
		{[]string{write}, true},
		{[]string{read, read}, true},
		{[]string{read, read, write}, true},
		{[]string{write, read}, false},
		{[]string{read, write, write}, false},
	} {
		for _, fault := range []b24test.Fault{
			b24test.OperationTimeLimit(), b24test.Status(429, `{"error":{"code":"BITRIX_REST_V3_EXCEPTION_RATELIMITEXCEPTION","message":"m"}}`),
		} {
			synctest.Test(t, func(t *testing.T) {
				p, h := newPortal(t)
				for _, method := range []string{read, write} {
					p.V3().Handle(method, func(b24test.Request) (any, error) { return b24.Params{"id": 1}, nil })
				}
				p.Fault("batch", fault)
				var calls b24.Commands
				for _, method := range row.methods {
					calls = append(calls, b24.Command{Method: method})
				}
				r, err := h.V3().CallBatch(t.Context(), calls)
				if row.sure {
					require.NoError(t, err, row.methods)
					assert.Equal(t, 2, p.Calls("batch"), row.methods)
					return
				}
				require.ErrorIs(t, err, b24.ErrOperationTimeLimit, row.methods)
				assert.Equal(t, 1, p.Calls("batch"), row.methods)
				for i := range calls {
					assert.Equal(t, b24.OutcomeUnknown, b24.OutcomeOf(r.At(i).Err()), row.methods)
				}
			})
		}
	}
}
