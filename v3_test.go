package b24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
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
	"github.com/b24go/b24/filter"
)

const (
	readsV3  = "tasks.task.get"
	writesV3 = "tasks.task.add"
)

func TestV3Call(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Seed("tasks.task", b24.Params{"id": 7, "title": "Paint"})

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
	require.ErrorIs(t, err, b24.ErrNoMorePages)

	_, err = h.V3().CallMethod(t.Context(), "crm.nothing.get", nil)
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
		"auth":        {b24.Params{"auth": marker}, nil},
		"list":        {[]int{1}, nil},
		"empty key":   {nil, []b24.CallOption{b24.WithIdempotencyKey("")}},
		"long key":    {nil, []b24.CallOption{b24.WithIdempotencyKey(strings.Repeat("k", 256))}},
		"unicode key": {nil, []b24.CallOption{b24.WithIdempotencyKey("ключ")}},
		"blank key":   {nil, []b24.CallOption{b24.WithIdempotencyKey(" ")}}, // HTTP would carry none
		"blank ends":  {nil, []b24.CallOption{b24.WithIdempotencyKey("order 17 ")}},
	} {
		_, err := h.V3().CallMethod(t.Context(), writesV3, test.params, test.opts...)
		require.ErrorIs(t, err, b24.ErrInvalidParams, name)
		assert.NotContains(t, err.Error(), marker, name)
	}
	_, err := h.CallMethod(t.Context(), writes, nil, b24.WithIdempotencyKey("k")) // v2 would ignore it
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	_, err = h.V3().CallBatch(t.Context(), echoes(1), b24.WithIdempotencyKey("k"))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	_, err = h.V3().CallListMethod(t.Context(), "main.eventlog.list", nil, b24.WithIdempotencyKey("k"))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	assert.Empty(t, p.Requests())
}

// The envelope of REST 3.0 has no next page, whatever it says.
func TestV3HasNoNextPage(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return b24test.Raw{Body: `{"result":[1],"next":50}`}, nil })
	r, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil)
	require.NoError(t, err)
	_, err = r.FetchNext(t.Context())
	require.ErrorIs(t, err, b24.ErrNoMorePages)
	assert.Len(t, p.Requests(), 1)
}

// A silent clamp does not end a list.
func TestV3ListsUnderEveryCap(t *testing.T) {
	t.Parallel()
	for limit := 1; limit <= 1000; limit += size(37, 1, 1) {
		allUnderCap(t, limit+1, limit, 1000)
	}
	for _, rows := range []int{0, 1, 49, 50, 51, 100, 130, 1200}[:size(6, 8, 8)] {
		for _, limit := range []int{7, 49, 50, 51, 1000} {
			for _, asked := range []int{0, 50, 51, 1000} {
				allUnderCap(t, rows, limit, asked)
			}
		}
	}
}

// allUnderCap reads rows of a portal that gives limit rows a page at most; asked is what
// the caller wants, 0: nothing.
func allUnderCap(t *testing.T, rows, limit, asked int) {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithMaxLimitV3(limit, "main.eventlog.list"))
	defer p.Close()
	p.V3().SeedN("main.eventlog", rows, func(i int) b24.Params { return b24.Params{"auditTypeId": fmt.Sprint("A", i)} })
	params := b24.Params{}
	if asked > 0 {
		params["pagination"] = b24.Params{"limit": asked}
	}
	var report b24.ListReport
	got, err := b24.Collect(b24.List[struct {
		ID b24.Int `json:"id"`
	}](t.Context(), newHook(t, p).V3(), "main.eventlog.list", params, b24.WithReport(&report)))

	at := fmt.Sprintf("%d rows, cap %d, asked %d", rows, limit, asked)
	require.NoError(t, err, at)
	require.Len(t, got, rows, at)
	for i, row := range got {
		require.EqualValues(t, i+1, row.ID, at)
	}
	require.True(t, report.Complete, at)
}

// The pages of a list are chained by references that the portal resolves: a wrong one would make each page a request.
func TestV3ListsAreChained(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().SeedN("main.eventlog", 3000, func(int) b24.Params { return b24.Params{"auditTypeId": "A"} })
	var report b24.ListReport
	got, err := b24.Collect(b24.List[json.RawMessage](t.Context(), h.V3(), "main.eventlog.list", nil, b24.WithReport(&report)))
	require.NoError(t, err)
	assert.Len(t, got, 3000)
	assert.Equal(t, b24.PagingChained, report.Paging)
	assert.LessOrEqual(t, len(p.HTTPRequests()), 11)
}

func TestV3ListKeepsTheFilter(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().SeedN("main.eventlog", 130, func(i int) b24.Params { return b24.Params{"auditType": fmt.Sprint("A", i)} })
	got, err := b24.Collect(b24.List[struct {
		ID int `json:"id"`
	}](t.Context(), h.V3(), "main.eventlog.list", b24.Params{"filter": filter.And(filter.Ge("id", 66), filter.Ne("id", 70))}))
	require.NoError(t, err)
	require.Len(t, got, 64)
	assert.Equal(t, 66, got[0].ID)
}

// Any filter that the portal takes is taken by a list: the builder's in all its forms, and
// groups written by hand, which need a type where they stand inside another.
func TestV3ListTakesEveryFilter(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().SeedN("main.eventlog", 60, func(i int) b24.Params { return b24.Params{"auditTypeId": strings.Repeat("A", i%5+1)} })
	group := b24.Params{"logic": "or", "conditions": []any{
		[]any{"id", ">", 50}, b24.Params{"logic": "and", "conditions": []any{[]any{"id", "<", 3}}},
	}}
	for name, test := range map[string]struct {
		filter any
		want   int
	}{
		"condition":          {filter.Gt("id", 10), 50},
		"length":             {filter.Length("auditTypeId").Ge(3), 36},
		"column":             {filter.Column("auditTypeId").Eq(filter.Column("auditTypeId")), 60},
		"group":              {filter.Or(filter.Gt("id", 50), filter.And(filter.Lt("id", 3))), 12},
		"group by hand":      {group, 12},
		"its list":           {[]any{group, []any{"id", "<", 60}}, 11},
		"condition by hand":  {[]any{"id", ">", 10}, 50},
		"expression by hand": {[]any{b24.Params{"expression": "length", "parameters": "auditTypeId"}, ">=", 3}, 36},
	} {
		rows, err := h.V3().CallListMethod(t.Context(), "main.eventlog.list", b24.Params{"filter": test.filter})
		require.NoError(t, err, name)
		assert.Len(t, rows.Data(), test.want, name)
	}
	for _, by := range []any{filter.Column("id").Gt(5), filter.Eq("userId", filter.Column("id"))} {
		_, err := h.V3().CallListMethod(t.Context(), "main.eventlog.tail", b24.Params{"filter": by})
		require.ErrorIs(t, err, b24.ErrInvalidParams)
	}
}

func TestV3Tail(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().SeedN("main.eventlog", 120, func(i int) b24.Params { return b24.Params{"auditType": fmt.Sprint("A", i)} })
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

// The end of a tail is a place to go on from: it grows.
func TestV3TailIsFollowed(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{0, 1, 100, 120} {
		p, h := newPortal(t)
		row := func(int) b24.Params { return b24.Params{"auditTypeId": "A"} }
		p.V3().SeedN("main.eventlog", rows, row)
		var last b24.Cursor
		total := 0
		for round := range 3 {
			var report b24.ListReport
			for page, err := range h.V3().FetchTail(t.Context(), "main.eventlog.tail", nil,
				b24.WithResume(last), b24.WithCheckpoint(func(c b24.Cursor) { last = c }), b24.WithReport(&report)) {
				require.NoError(t, err)
				total += len(page)
			}
			assert.Equal(t, rows+5*round, total)
			assert.True(t, report.Complete)
			if last == "" { // no page came
				last = report.Cursor
			}
			p.V3().SeedN("main.eventlog", 5, row)
		}
	}
}

// All rows of a tail at once, and what no tail takes.
func TestV3TailAtOnce(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().SeedN("main.eventlog", 110, func(i int) b24.Params { return b24.Params{"auditType": fmt.Sprint("A", i)} })
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
	p.V3().SeedN("note.collection", 450, func(i int) b24.Params { return b24.Params{"name": fmt.Sprint("N", i), "position": (i * 7) % 100} })
	p.V3().Handle("my.thing.list", pagesOfThings)
	for method, opts := range map[string][]b24.ListOption{
		"note.collection.list": nil,
		"my.thing.list":        {b24.WithMethod(b24.ListMethod{NextParam: "page.after", NextField: "paging.next"})},
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
	p.Handle("my.thing.add", func(b24test.Request) (any, error) { return b24.Params{"item": b24.Params{"id": 7}}, nil })
	p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return b24.Params{"item": b24.Params{"id": 7}}, nil })
	echo := func(r b24test.Request) (any, error) { return b24.Params{"item": r.Params["id"]}, nil }
	p.Handle("my.thing.get", echo)
	p.V3().Handle("my.thing.get", echo)
	p.SeedN("crm.item:2", 130, func(i int) b24.Params { return b24.Params{"title": fmt.Sprint("T", i)} })
	p.V3().SeedN("main.eventlog", 130, func(int) b24.Params { return b24.Params{"auditTypeId": "A"} })
	assert.Equal(t, program(t, h, "crm.item.list"), program(t, h.V3(), "main.eventlog.list"))
	assert.Equal(t, "b24.V3("+h.TargetOrigin()+")", fmt.Sprint(h.V3()))
}

// program uses all that a Client has, and returns what it saw.
func program(t *testing.T, c b24.Client, list string) (seen []any) {
	t.Helper()
	got, err := b24.Call[b24.ID](t.Context(), c, "my.thing.get", b24.Params{"id": 5}, b24.WithResultKey("item"))
	require.NoError(t, err)

	var batch b24.Batch
	made := batch.Add("my.thing.add", b24.Params{"fields": b24.Params{"title": "New"}})
	back := b24.Queue[b24.ID](&batch, "my.thing.get", b24.Params{"id": made.Ref("item", "id")}, "item")
	r, err := c.CallBatch(t.Context(), &batch)
	require.NoError(t, err)
	id, err := back.Get()
	require.NoError(t, err)

	many := make(b24.Commands, 120)
	for i := range many {
		many[i] = b24.Command{Method: "my.thing.get", Params: b24.Params{"id": i}}
	}
	chunks, err := c.CallBatchByChunk(t.Context(), many)
	require.NoError(t, err)
	last, err := b24.Decode[b24.ID](chunks.At(119), "item")
	require.NoError(t, err)
	streamed := 0
	for row, err := range b24.StreamBatch(t.Context(), c, slices.Values(many)) {
		require.NoError(t, err)
		assert.True(t, row.IsSuccess())
		streamed++
	}

	ids := []b24.ID{}
	for row, err := range b24.List[struct {
		ID b24.ID `json:"id"`
	}](t.Context(), c, list, b24.Params{"entityTypeId": 2}) {
		require.NoError(t, err)
		ids = append(ids, row.ID)
	}
	whole, err := c.CallListMethod(t.Context(), list, b24.Params{"entityTypeId": 2}, b24.WithLimit(60))
	require.NoError(t, err)
	return []any{got, r.Len(), id, last, streamed, ids, len(whole.Data())}
}

// A portal would answer with the first page, whatever the start.
func TestV3ListsHaveNoStart(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for _, start := range []any{0, 50, b24.NoCount, "50"} {
		_, err := h.V3().CallMethod(t.Context(), "main.eventlog.list", b24.Params{"start": start})
		require.ErrorIs(t, err, b24.ErrInvalidParams)
		require.ErrorContains(t, err, "start: REST 3.0 has none, it has pagination")
		_, err = h.V3().CallListMethod(t.Context(), "main.eventlog.list", b24.Params{"start": start})
		require.ErrorIs(t, err, b24.ErrInvalidParams)
	}
	assert.Empty(t, p.Requests())
}

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

func TestV3LongestKey(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Seed("tasks.task")
	key := strings.Repeat("k", 255)
	_, err := h.V3().CallMethod(t.Context(), writesV3, b24.Params{"fields": b24.Params{"title": "Paint", "creatorId": 1, "responsibleId": 1}},
		b24.WithIdempotencyKey(key), b24.WithoutRetry())
	require.NoError(t, err)
	assert.Equal(t, key, p.Requests()[0].Header.Get("Idempotency-Key"))
}

// Without a repeat, too, the portal can tell which call it was.
func TestV3KeyWithoutRetry(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
	p.Fault("my.thing.add", b24test.ResetAfter())
	_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil, b24.WithoutRetry())
	assert.True(t, b24.MayHaveExecuted(err))
	require.Len(t, p.Requests(), 1)
	assert.NotEmpty(t, p.Requests()[0].Header.Get("Idempotency-Key"))
}

// The portal does not store errors (docs/protocol.md 9.8): a call that failed half-way would
// run again.
func TestV3WriteThatFailedHalfWayIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, code := range []b24.Code{"BITRIX_REST_V3_EXCEPTION_INTERNAL_INTERNALEXCEPTION", "BITRIX_REST_V3_EXCEPTION_INTERNAL_ORMSAVEEXCEPTION", "", "0"} {
		p, h := newPortal(t)
		done := 0
		p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) {
			done++
			return nil, &b24.Error{Code: code, Status: 500}
		})

		_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil)

		assert.True(t, b24.MayHaveExecuted(err), string(code))
		assert.Equal(t, 1, done, string(code))
	}
}

// Two attempts at once may both be executed (docs/protocol.md 9.8): after a timeout the next
// one waits until the first must be over.
func TestV3AttemptsDoNotOverlap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t, b24.WithTimeout(5*time.Second))
		done := 0
		p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) {
			time.Sleep(7 * time.Second) // the portal works on, although the caller hung up
			done++
			return done, nil
		})
		start := time.Now()

		r, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil)

		require.NoError(t, err)
		assert.True(t, r.Replayed())
		assert.Equal(t, 1, done)
		assert.Equal(t, time.Minute, time.Since(start)) // from the beginning of the first

		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		start = time.Now()
		_, err = h.V3().CallMethod(ctx, "my.thing.add", nil)
		assert.True(t, b24.MayHaveExecuted(err))
		assert.Equal(t, 5*time.Second, time.Since(start)) // a wait beyond the deadline is not begun
		time.Sleep(time.Minute)
	})
}

// Where a connection broke or a gateway lost patience the portal may work on, and the key makes a repeat wait for it
// and harmless. Where the answer began to come the call is over and its answer is stored. A page or nothing in
// its place may come from a PHP that died: nothing is stored, and a repeat would do it again.
func TestV3RepeatsWhatTheKeyProtects(t *testing.T) {
	t.Parallel()
	const no = -1
	for name, test := range map[string]struct {
		fault b24test.Fault
		after time.Duration
	}{
		"reset":     {b24test.ResetAfter(), 90 * time.Second},
		"408 page":  {b24test.HTML(408), 90 * time.Second},
		"504 page":  {b24test.HTML(504), 90 * time.Second},
		"524 page":  {b24test.HTML(524), 90 * time.Second}, // Cloudflare's timeout
		"cut":       {b24test.CutBody(7), 0},
		"500 page":  {b24test.HTML(500), no},
		"500 empty": {b24test.Empty(500), no},
		"200 empty": {b24test.Empty(200), no},
		"502 page":  {b24test.HTML(502), no},
		"503 page":  {b24test.HTML(503), no},
		"429 page":  {b24test.HTML(429), no},
		"520 page":  {b24test.HTML(520), no}, // Cloudflare: the origin closed the connection
		"garbage":   {b24test.Garbage(), no},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{LongestCall: 90 * time.Second}))
			p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
			p.Fault("my.thing.add", test.fault)
			start := time.Now()
			_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil)
			took := time.Since(start)
			switch test.after {
			case no:
				assert.True(t, b24.MayHaveExecuted(err), "%s: %v", name, err)
				assert.Len(t, p.Requests(), 1, name)
			case 0:
				require.NoError(t, err, name)
				assert.LessOrEqual(t, took, time.Second, name)
			default:
				require.NoError(t, err, name)
				assert.Equal(t, test.after, took, name)
			}
		})
	}
}

// A request of which nothing was sent cannot overlap with the next one. Once another may still run, all wait for that.
func TestV3WriteThatWasNotSentIsRepeatedSoon(t *testing.T) {
	t.Parallel()
	unreached := func(r *http.Request) error {
		httptrace.ContextClientTrace(r.Context()).GetConn("example.bitrix24.com:443")
		return &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	}
	lost := func(r *http.Request) error {
		_, _ = io.Copy(io.Discard, r.Body)
		return io.ErrUnexpectedEOF
	}
	for name, test := range map[string]struct {
		fails    []func(*http.Request) error
		min, max time.Duration
	}{
		"not sent":            {[]func(*http.Request) error{unreached, unreached}, 0, 5 * time.Second},
		"lost, then not sent": {[]func(*http.Request) error{lost, unreached}, 90 * time.Second, 95 * time.Second},
		"not sent, then lost": {[]func(*http.Request) error{unreached, lost}, 90 * time.Second, 95 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, err := b24.FromWebhookURL("https://example.bitrix24.com/rest/1/"+marker, b24.WithRetry(b24.RetryPolicy{LongestCall: 90 * time.Second}),
				b24.WithHTTPClient(&http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
					if len(test.fails) == 0 {
						return answered(200, nil, `{"result":1}`), nil
					}
					fail := test.fails[0]
					test.fails = test.fails[1:]
					return nil, fail(r)
				})}))
			require.NoError(t, err, name)
			start := time.Now()
			_, err = h.V3().CallMethod(t.Context(), writesV3, nil)
			require.NoError(t, err, name)
			assert.GreaterOrEqual(t, time.Since(start), test.min, name)
			assert.LessOrEqual(t, time.Since(start), test.max, name)
		})
	}
}

// Who vouches for a repeat does not wait for the first attempt to be over.
func TestV3IdempotentWriteIsRepeatedSoon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.V3().Handle("my.thing.add", func(b24test.Request) (any, error) { return 1, nil })
		p.Fault("my.thing.add", b24test.ResetAfter())
		start := time.Now()
		_, err := h.V3().CallMethod(t.Context(), "my.thing.add", nil, b24.WithIdempotencyKey("order-17"), b24.WithIdempotent())
		require.NoError(t, err)
		assert.LessOrEqual(t, time.Since(start), time.Second)
	})
}

// net/http repeats by itself what has an Idempotency-Key if a kept connection breaks, and
// both may be executed (docs/protocol.md 9.8).
func TestV3WriteOnAKeptConnectionIsSentOnce(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 9)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		seen <- r.RemoteAddr + " " + r.Header.Get("Idempotency-Key")
		if len(seen) > 1 {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"result":1}`)
	}))
	defer srv.Close()
	h, err := b24.FromWebhookURL(srv.URL + "/rest/1/" + marker)
	require.NoError(t, err)
	defer h.Close()
	call := func() error {
		_, err := h.V3().CallMethod(t.Context(), writesV3, nil, b24.WithIdempotencyKey("order-17"), b24.WithoutRetry())
		return err
	}
	require.NoError(t, call())

	err = call()

	assert.True(t, b24.MayHaveExecuted(err))
	require.Len(t, seen, 2)
	first, second := <-seen, <-seen
	assert.Equal(t, first, second) // on the same connection
	assert.Contains(t, second, " order-17")
}

func TestV3Replayed(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{"true": true, "True": true, " 1 ": true, "": false, "false": false, "0": false, "yes?": false} {
		p, h := newPortal(t)
		p.Fault(writesV3, b24test.Answer(b24test.Raw{Body: `{"result":1}`, Header: http.Header{"Idempotent-Replayed": {value}}}))
		r, err := h.V3().CallMethod(t.Context(), writesV3, nil)
		require.NoError(t, err)
		assert.Equal(t, want, r.Replayed(), "%q", value)
	}
}

func TestV3WriteIsExecutedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.V3().Seed("tasks.task")
		p.Fault(writesV3, b24test.ResetAfter(), b24test.HTML(504), b24test.Pass())

		r, err := h.V3().CallMethod(t.Context(), writesV3, b24.Params{"fields": b24.Params{"title": "Paint", "creatorId": 1, "responsibleId": 1}})

		require.NoError(t, err)
		assert.True(t, r.Replayed())
		assert.Equal(t, 1, p.Executed(writesV3))
		assert.Len(t, p.V3().Rows("tasks.task"), 1)
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
	p.V3().Seed("tasks.task")
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
	seeds, sequences := size(8, 20, 20), size(50, 500, 5000)
	well := 0
	for seed := range uint64(seeds) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 3))
			p, h := newPortal(t, b24.WithRetry(b24.RetryPolicy{MaxRefusals: 4, MaxAttempts: 6}))
			for n := range sequences {
				method := fmt.Sprintf("my.thing%d.add", n)
				var executed atomic.Int32
				if rnd.IntN(20) == 0 {
					p.V3().Handle(method, failingWrite(&executed))
				} else {
					p.V3().Handle(method, slowWrite(rnd, &executed))
					p.Fault(method, randomFaults(rnd)...)
				}

				_, err := h.V3().CallMethod(t.Context(), method, b24.Params{"fields": b24.Params{"N": n}})
				time.Sleep(time.Hour) // whatever still runs there is over

				at := fmt.Sprintf("seed %d, sequence %d: %v", seed, n, err)
				require.LessOrEqual(t, executed.Load(), int32(1), at)
				switch {
				case err == nil:
					require.EqualValues(t, 1, executed.Load(), at)
					well++
				case !b24.MayHaveExecuted(err):
					require.Zero(t, executed.Load(), at)
				}
			}
		})
	}
	assert.Greater(t, well, seeds*sequences*9/20, "calls that ended well: those whose key protects a repeat, and those without a fault")
}

// slowWrite is a method that may take longer than its caller waits.
func slowWrite(rnd *rand.Rand, executed *atomic.Int32) func(b24test.Request) (any, error) {
	takes := time.Duration(0)
	if rnd.IntN(10) == 0 {
		takes = time.Duration(rnd.IntN(60)) * time.Second
	}
	return func(b24test.Request) (any, error) {
		time.Sleep(takes)
		return executed.Add(1), nil
	}
}

// failingWrite is a method that fails once it was executed.
func failingWrite(executed *atomic.Int32) func(b24test.Request) (any, error) {
	return func(b24test.Request) (any, error) {
		executed.Add(1)
		return nil, &b24.Error{Code: "BITRIX_REST_V3_EXCEPTION_INTERNAL_INTERNALEXCEPTION", Status: 500}
	}
}
