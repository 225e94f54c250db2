package b24_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

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
