package b24_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
	"github.com/b24go/b24/filter"
)

const (
	readsV3  = "tasks.task.get"
	writesV3 = "tasks.task.add"
)

func TestV3Call(t *testing.T) { // acceptance 207, 210
	t.Parallel()
	p, h := newPortal(t)
	p.SeedV3("tasks.task", b24.Params{"id": 7, "title": "Paint"})

	r, err := h.V3().CallMethod(t.Context(), readsV3, b24.Params{"id": 7, "select": []string{"id", "title"}})

	require.NoError(t, err)
	task, err := b24.Decode[struct {
		ID    b24.ID `json:"id"`
		Title string `json:"title"`
	}](r, "item")
	require.NoError(t, err)
	assert.Equal(t, "Paint", task.Title)
	assert.True(t, r.Time().Duration.Valid)
	in := p.Requests()[0]
	assert.Equal(t, 3, in.Version)
	assert.Empty(t, in.Header.Get("Idempotency-Key")) // it reads
	_, err = r.FetchNext(t.Context())
	require.ErrorIs(t, err, b24.ErrNoMorePages) // acceptance 236

	_, err = h.V3().CallMethod(t.Context(), "crm.nothing.get", nil) // acceptance 208
	require.ErrorIs(t, err, b24.ErrMethodNotFound)
	_, err = h.V3().CallMethod(t.Context(), readsV3, b24.Params{"id": 8})
	require.ErrorIs(t, err, b24.ErrNotFound)
}

func TestV3RefusesBeforeSending(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for name, test := range map[string]struct {
		params any
		opts   []b24.CallOption
	}{
		"start":       {nil, []b24.CallOption{b24.WithStart(50)}},
		"auth":        {b24.Params{"auth": marker}, nil},
		"list":        {[]int{1}, nil},
		"empty key":   {nil, []b24.CallOption{b24.WithIdempotencyKey("")}},
		"long key":    {nil, []b24.CallOption{b24.WithIdempotencyKey(strings.Repeat("k", 256))}},
		"unicode key": {nil, []b24.CallOption{b24.WithIdempotencyKey("ключ")}},
	} {
		_, err := h.V3().CallMethod(t.Context(), writesV3, test.params, test.opts...)
		require.ErrorIs(t, err, b24.ErrInvalidParams, name)
		assert.NotContains(t, err.Error(), marker, name)
	}
	_, err := h.CallMethod(t.Context(), writes, nil, b24.WithIdempotencyKey("k")) // v2 would ignore it
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	_, err = h.V3().CallBatch(t.Context(), echoes(1), b24.WithIdempotencyKey("k"))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	assert.Empty(t, p.Requests())
}

func TestV3WriteIsExecutedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.SeedV3("tasks.task")
		p.Fault(writesV3, b24test.ResetAfter(), b24test.HTML(502), b24test.Pass())

		r, err := h.V3().CallMethod(t.Context(), writesV3, b24.Params{"fields": b24.Params{"title": "Paint", "creatorId": 1, "responsibleId": 1}})

		require.NoError(t, err)
		assert.True(t, r.Replayed())
		assert.Equal(t, 1, p.Executed(writesV3))
		assert.Len(t, p.RowsV3("tasks.task"), 1)
		all := p.Requests()
		require.Len(t, all, 3)
		for _, in := range all {
			assert.NotEmpty(t, in.Header.Get("Idempotency-Key"))
			assert.Equal(t, all[0].Header.Get("Idempotency-Key"), in.Header.Get("Idempotency-Key"))
			assert.Equal(t, all[0].RawBody, in.RawBody) // trap 46
		}
	})
}

func TestV3KeyOfTheCaller(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedV3("tasks.task")
	add := func(title string) (*b24.AjaxResult, error) {
		return h.V3().CallMethod(t.Context(), writesV3, b24.Params{"fields": b24.Params{"title": title, "creatorId": 1, "responsibleId": 1}},
			b24.WithIdempotencyKey("order-17"))
	}
	r, err := add("Paint")
	require.NoError(t, err)
	assert.False(t, r.Replayed())
	r, err = add("Paint")
	require.NoError(t, err)
	assert.True(t, r.Replayed())
	_, err = add("Sand")
	require.ErrorIs(t, err, b24.ErrIdempotencyKeyReused)
	assert.False(t, b24.MayHaveExecuted(err))
	assert.Equal(t, 1, p.Executed(writesV3))
}

// Whatever happens on the way, a write of REST 3.0 is executed once, or what is
// said of it is true.
func TestV3RandomFaultsNeverDoubleAWrite(t *testing.T) {
	t.Parallel()
	const seeds, sequences = 20, 500
	for seed := range uint64(seeds) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 3))
			p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{MaxRefusals: 4, MaxAttempts: 6}))
			for n := range sequences {
				method := fmt.Sprintf("my.thing%d.add", n)
				p.HandleV3(method, func(b24test.Request) (any, error) { return n, nil })
				p.Fault(method, randomFaults(rnd)...)

				_, err := h.V3().CallMethod(t.Context(), method, b24.Params{"fields": b24.Params{"N": n}})

				executed := p.Executed(method)
				require.LessOrEqual(t, executed, 1, "seed %d, sequence %d", seed, n)
				if err == nil {
					require.Equal(t, 1, executed, "seed %d, sequence %d", seed, n)
				} else if !b24.MayHaveExecuted(err) {
					require.Zero(t, executed, "seed %d, sequence %d: %v", seed, n, err)
				}
			}
		})
	}
}

func TestV3Batch(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedV3("tasks.task", b24.Params{"id": 7, "title": "Paint"})
	var b b24.Batch
	task := b24.Queue[struct {
		ID b24.ID `json:"id"`
	}](&b, writesV3, b24.Params{"fields": b24.Params{"title": "New", "creatorId": 1, "responsibleId": 1}}, "item")
	same := b24.Queue[struct {
		ID b24.ID `json:"id"`
	}](&b, readsV3, b24.Params{"id": task.Ref("id")}, "item") // acceptance 215, 216

	r, err := h.V3().CallBatch(t.Context(), &b)

	require.NoError(t, err)
	assert.Equal(t, 2, r.Len())
	made, err := task.Get()
	require.NoError(t, err)
	seen, err := same.Get()
	require.NoError(t, err)
	assert.Equal(t, made.ID, seen.ID)
	assert.JSONEq(t, `[{"method":"tasks.task.add","query":{"fields":{"title":"New","creatorId":1,"responsibleId":1}},"as":"c0"},`+
		`{"method":"tasks.task.get","query":{"id":{"$ref":"c0.id"}},"as":"c1"}]`, string(p.Requests()[0].RawBody)) // acceptance 211

	var empty b24.Batch
	empty.Add(readsV3, b24.Params{"id": empty.Add(writesV3, nil).Ref()}) // acceptance 218
	_, err = h.V3().CallBatch(t.Context(), &empty)
	require.ErrorIs(t, err, b24.ErrInvalidParams)
}

func TestV3RefAll(t *testing.T) { // acceptance 215, 217, 219
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
		p.SeedNV3("tasks.task", 3, func(i int) b24.Params { return b24.Params{"title": fmt.Sprint("T", i)} })
		p.HandleV3("my.count.get", func(r b24test.Request) (any, error) {
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
func TestV3BatchThatFails(t *testing.T) { // acceptance 214
	t.Parallel()
	calls := b24.Commands{
		{Method: writesV3, Params: b24.Params{"fields": b24.Params{"title": "New", "creatorId": 1, "responsibleId": 1}}},
		{Method: readsV3, Params: b24.Params{"id": 99}},
	}
	p, h := newPortal(t)
	p.SeedV3("tasks.task")
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
	p.HandleV3("batch", func(b24test.Request) (any, error) { return b24test.Raw{Body: `{"result":[{"a":1},null]}`}, nil })
	r, err := h.V3().CallBatch(t.Context(), b24.Commands{{Method: "a.get"}, {Method: "b.get"}, {Method: "c.get"}})
	require.ErrorIs(t, err, b24.ErrNoAnswer) // acceptance 213
	assert.JSONEq(t, `{"a":1}`, string(r.At(0).Raw()))
	assert.Equal(t, "null", string(r.At(1).Raw())) // acceptance 212
	require.NoError(t, r.At(1).Err())

	p.HandleV3("batch", func(b24test.Request) (any, error) { return b24test.Raw{Body: `{"result":{"x":1}}`}, nil })
	_, err = h.V3().CallBatch(t.Context(), b24.Commands{{Method: "a.get"}})
	require.ErrorIs(t, err, b24.ErrBadResponse)
}

// A silent clamp does not end a list.
func TestV3ListsUnderEveryCap(t *testing.T) { // acceptance 260-264
	t.Parallel()
	for limit := 1; limit <= 1000; limit++ {
		allUnderCap(t, 60, limit)
	}
	for _, rows := range []int{0, 1, 49, 50, 51, 100, 130, 1200} {
		for _, limit := range []int{7, 49, 50, 51, 1000} {
			allUnderCap(t, rows, limit)
		}
	}
}

func allUnderCap(t *testing.T, rows, limit int) {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithMaxLimitV3(limit, "main.eventlog.list"))
	defer p.Close()
	p.SeedNV3("main.eventlog", rows, func(i int) b24.Params { return b24.Params{"auditTypeId": fmt.Sprint("A", i)} })
	var report b24.ListReport
	got, err := b24.Collect(b24.List[struct {
		ID b24.Int `json:"id"`
	}](t.Context(), newHook(t, p).V3(), "main.eventlog.list", nil, b24.WithReport(&report)))

	require.NoError(t, err, "%d rows, cap %d", rows, limit)
	require.Len(t, got, rows, "cap %d", limit)
	for i, row := range got {
		require.EqualValues(t, i+1, row.ID)
	}
	require.True(t, report.Complete)
}

func TestV3ListKeepsTheFilter(t *testing.T) { // acceptance 259
	t.Parallel()
	p, h := newPortal(t)
	p.SeedNV3("main.eventlog", 130, func(i int) b24.Params { return b24.Params{"auditType": fmt.Sprint("A", i)} })
	got, err := b24.Collect(b24.List[struct {
		ID int `json:"id"`
	}](t.Context(), h.V3(), "main.eventlog.list", b24.Params{"filter": filter.And(filter.Ge("id", 66), filter.Ne("id", 70))}))
	require.NoError(t, err)
	require.Len(t, got, 64)
	assert.Equal(t, 66, got[0].ID)
}

func TestV3Tail(t *testing.T) { // acceptance 272, 275, 278, 281-283
	t.Parallel()
	p, h := newPortal(t)
	p.SeedNV3("main.eventlog", 120, func(i int) b24.Params { return b24.Params{"auditType": fmt.Sprint("A", i)} })
	n := 0
	for rows, err := range h.V3().FetchTail(t.Context(), "main.eventlog.tail", nil) {
		require.NoError(t, err)
		n += len(rows)
	}
	assert.Equal(t, 120, n)
	for _, r := range p.Requests() {
		assert.NotContains(t, r.Params, "filter")
		assert.NotContains(t, r.Params, "select")
	}

	sent := len(p.Requests())
	for rows, err := range h.V3().FetchTail(t.Context(), "main.eventlog.tail", b24.Params{"select": []string{"auditType"}}) {
		require.NoError(t, err)
		for _, row := range rows {
			assert.Contains(t, string(row), `"id":`) // what the cursor goes by is asked for
		}
	}
	assert.Equal(t, []any{"auditType", "id"}, p.Requests()[sent].Params["select"])
}

// All rows of a tail at once, and what no tail takes.
func TestV3TailAtOnce(t *testing.T) { // acceptance 273, 276, 284-286
	t.Parallel()
	p, h := newPortal(t)
	p.SeedNV3("main.eventlog", 110, func(i int) b24.Params { return b24.Params{"auditType": fmt.Sprint("A", i)} })
	all, err := h.V3().CallListMethod(t.Context(), "main.eventlog.tail", nil)
	require.NoError(t, err)
	assert.Len(t, all.Data(), 110)

	sent := len(p.Requests())
	for name, tail := range map[string]struct {
		method string
		params any
		opts   []b24.ListOption
	}{
		"no tail":                        {"main.eventlog.list", nil, nil},
		"the id in the filter":           {"main.eventlog.tail", b24.Params{"filter": filter.Gt("id", 5)}, nil},
		"another field":                  {"main.eventlog.tail", b24.Params{"cursor": b24.Params{"field": "timestampX"}}, nil},
		"down, with nothing to begin at": {"main.eventlog.tail", nil, []b24.ListOption{b24.WithDescending()}},
	} {
		for _, err := range h.V3().FetchTail(t.Context(), tail.method, tail.params, tail.opts...) {
			require.ErrorIs(t, err, b24.ErrInvalidParams, name)
		}
		if tail.params != nil || tail.opts != nil {
			_, err := h.V3().CallListMethod(t.Context(), tail.method, tail.params, tail.opts...)
			require.ErrorIs(t, err, b24.ErrInvalidParams, name)
		}
	}
	assert.Len(t, p.Requests(), sent)
}

// A method with a cursor that each answer names: known, or told by an option.
func TestV3ListByTheCursorOfTheMethod(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedNV3("note.collection", 450, func(i int) b24.Params { return b24.Params{"name": fmt.Sprint("N", i), "position": (i * 7) % 100} })
	p.HandleV3("my.thing.list", pagesOfThings)
	for method, opts := range map[string][]b24.ListOption{
		"note.collection.list": nil,
		"my.thing.list":        {b24.WithNextCursor("page.after", "paging.next")},
	} {
		var report b24.ListReport
		var cursor b24.Cursor
		keep := b24.WithCheckpoint(func(c b24.Cursor) { cursor = c })
		seen := map[string]bool{}
		read := func(more ...b24.ListOption) {
			for row, err := range b24.List[struct {
				ID b24.ID `json:"id"`
			}](t.Context(), h.V3(), method, nil, append(more, opts...)...) {
				require.NoError(t, err)
				assert.False(t, seen[row.ID.String()], row.ID)
				seen[row.ID.String()] = true
			}
		}
		read(b24.WithLimit(250), keep)
		assert.Len(t, seen, 250, method)
		read(b24.WithResume(cursor), b24.WithReport(&report))

		assert.Len(t, seen, 450, method)
		assert.True(t, report.Complete)
		assert.Equal(t, b24.PagingCursor, report.Paging)
	}
	for _, err := range h.V3().FetchListMethod(t.Context(), "my.thing.list", nil, b24.WithNextCursor("", "next")) {
		require.ErrorIs(t, err, b24.ErrInvalidParams)
	}
}

// pagesOfThings answers with a hundred of 450 things, and the place of the next hundred.
func pagesOfThings(req b24test.Request) (any, error) {
	from := 0
	if page, ok := req.Params["page"].(map[string]any); ok {
		from, _ = strconv.Atoi(strings.TrimPrefix(fmt.Sprint(page["after"]), "thing-"))
	}
	var items []b24.Params
	for id := from + 1; id <= min(from+100, 450); id++ {
		items = append(items, b24.Params{"id": id})
	}
	var next any
	if from+100 < 450 {
		next = fmt.Sprint("thing-", from+100)
	}
	return b24.Params{"items": items, "paging": b24.Params{"next": next}}, nil
}

// A program written against Client runs on both.
func TestProgramOverEitherClient(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.Handle("my.thing.get", func(b24test.Request) (any, error) { return 7, nil })
	p.HandleV3("my.thing.get", func(b24test.Request) (any, error) { return 7, nil })
	for _, c := range []b24.Client{h, h.V3()} {
		got, err := b24.Call[int](t.Context(), c, "my.thing.get", nil)
		require.NoError(t, err)
		assert.Equal(t, 7, got)
		r, err := c.CallBatch(t.Context(), b24.Commands{{Method: "my.thing.get"}, {Method: "my.thing.get"}})
		require.NoError(t, err)
		assert.Equal(t, "7", string(r.At(1).Raw()))
	}
	assert.EqualValues(t, 4, h.Stats().Calls) // counted together
	assert.Equal(t, "b24.V3("+h.TargetOrigin()+")", fmt.Sprint(h.V3()))
}
