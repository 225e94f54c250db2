package b24_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

type row struct {
	ID    b24.ID `json:"ID"`
	Title string `json:"TITLE"`
}

func TestListByPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"TITLE": i} })
		var report b24.ListReport

		rows, err := b24.Collect(b24.List[row](t.Context(), h, "crm.deal.list", nil,
			b24.WithPaging(b24.PagingKeyset), b24.WithReport(&report)))

		require.NoError(t, err)
		require.Len(t, rows, 120)
		assert.Equal(t, 3, p.Calls("crm.deal.list"))
		assert.True(t, report.Complete)
		assert.Equal(t, b24.PagingKeyset, report.Paging)
		assert.Equal(t, 120, report.Rows)
		assert.Equal(t, 3, report.Pages)
		assert.Equal(t, "1", report.FirstID)
		assert.Equal(t, "120", report.LastID)
	})
}

func TestListProgress(t *testing.T) {
	t.Parallel()
	for n, want := range map[int][]int{120: {0, 67, 100}, 30: {0, 100}, 0: {0, 100}} {
		p, h := newPortal(t)
		p.SeedN("crm.deal", n, func(i int) b24.Params { return b24.Params{"TITLE": i} })
		var told []int
		r, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithPaging(b24.PagingKeyset),
			b24.WithProgress(func(p b24.Progress) { told = append(told, int(p.Percent()+0.5)) }))
		require.NoError(t, err)
		assert.Len(t, r.Data(), n)
		assert.True(t, r.IsSuccess())
		assert.Equal(t, want, told, n)
	}
}

func TestListFailsInTheMiddle(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"TITLE": i} })
	denied := b24test.Status(403, `{"error":"ACCESS_DENIED","error_description":"d"}`)
	p.Fault("crm.deal.list", b24test.Pass(), denied)

	r, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithPaging(b24.PagingKeyset))

	require.ErrorIs(t, err, b24.ErrAccessDenied)
	var le *b24.ListError
	require.ErrorAs(t, err, &le)
	assert.Equal(t, 50, le.Rows)
	assert.Len(t, r.Data(), 50)
	assert.Equal(t, err, r.Err())

	rest, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithPaging(b24.PagingKeyset), b24.WithResume(le.Cursor))
	require.NoError(t, err)
	assert.Len(t, rest.Data(), 70)
}

// chainFails reads 120 rows where faults happen to a method.
func chainFails(t *testing.T, method string, faults ...b24test.Fault) (rows int, report b24.ListReport, err error) {
	t.Helper()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 120, func(i int) b24.Params { return b24.Params{"TITLE": i} })
	p.Fault(method, faults...)
	r, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithReport(&report))
	assert.Len(t, p.HTTPRequests(), report.Requests)
	return len(r.Data()), report, err
}

// A command of a chain that fails is asked for again alone; a chain that fails as a whole ends the list.
func TestListChainFails(t *testing.T) {
	t.Parallel()
	denied := b24test.Status(403, `{"error":"ACCESS_DENIED","error_description":"d"}`)

	rows, report, err := chainFails(t, "crm.deal.list", b24test.Pass(), denied)
	require.NoError(t, err)
	assert.Equal(t, 120, rows)
	assert.True(t, report.Complete)

	rows, report, err = chainFails(t, "batch", b24test.Pass(), denied)
	require.ErrorIs(t, err, b24.ErrAccessDenied)
	assert.Equal(t, 50, rows)
	assert.Equal(t, 2, report.Requests)
}

func TestListThatCannotBegin(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for name, test := range map[string]struct {
		method string
		params any
		opts   []b24.ListOption
		want   error
	}{
		"method": {"crm deal", nil, nil, b24.ErrInvalidParams},
		"params": {"crm.deal.list", 7, nil, b24.ErrInvalidParams},
		"start":  {"crm.deal.list", b24.Params{"start": 50}, nil, b24.ErrInvalidParams},
		"id":     {"crm.deal.list", nil, []b24.ListOption{b24.WithRequestID("")}, b24.ErrInvalidParams},
		"cursor": {"crm.deal.list", nil, []b24.ListOption{b24.WithResume("nonsense")}, b24.ErrCursor},
		"order":  {"crm.deal.list", b24.Params{"order": b24.Params{"TITLE": "ASC"}}, []b24.ListOption{b24.WithPaging(b24.PagingKeyset)}, b24.ErrInvalidParams},
	} {
		_, err := h.CallListMethod(t.Context(), test.method, test.params, test.opts...)
		require.ErrorIs(t, err, test.want, name)
		assert.Empty(t, p.Requests(), name)
	}
}

func TestListEndsWithItsContextAndItsConsumer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, h := newPortal(t)
		p.SeedN("crm.deal", 500, func(i int) b24.Params { return b24.Params{"TITLE": i} })
		var cursor b24.Cursor
		n := 0
		for _, err := range b24.List[row](t.Context(), h, "crm.deal.list", nil, b24.WithPaging(b24.PagingKeyset),
			b24.WithCheckpoint(func(c b24.Cursor) { cursor = c })) {
			require.NoError(t, err)
			if n++; n == 70 {
				break
			}
		}
		assert.Equal(t, 2, p.Calls("crm.deal.list"))
		rest, err := b24.Collect(b24.List[row](t.Context(), h, "crm.deal.list", nil, b24.WithResume(cursor)))
		require.NoError(t, err)
		assert.Len(t, rest, 450) // the page that was left in the middle comes again

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = h.CallListMethod(ctx, "crm.deal.list", nil)
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestLongListIsReadInChains(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 10_000, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
	var report b24.ListReport
	rows, err := b24.Collect(b24.List[row](t.Context(), h, "crm.deal.list", b24.Params{"select": []string{"ID"}}, b24.WithReport(&report)))
	require.NoError(t, err)
	require.Len(t, rows, 10_000)
	assert.Equal(t, b24.PagingChained, report.Paging)
	assert.Len(t, p.HTTPRequests(), report.Requests)
	assert.LessOrEqual(t, report.Requests, 8) // 1, 4 and 16 pages, then 50 each
	for i, r := range rows {
		require.Equal(t, b24.ID(strconv.Itoa(i+1)), r.ID)
	}
}

func TestRangesOfIDsAtOnce(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.deal", 10_000, func(i int) b24.Params { return b24.Params{"ID": 3*i + i%5 + 1} })
	var report b24.ListReport
	seen := map[b24.ID]int{}
	for r, err := range b24.List[row](t.Context(), h, "crm.deal.list", nil, b24.WithConcurrency(4), b24.WithReport(&report)) {
		require.NoError(t, err)
		seen[r.ID]++
	}
	assert.Equal(t, b24.PagingRanges, report.Paging)
	assert.True(t, report.Complete)
	want := map[b24.ID]int{}
	for _, r := range p.Rows("crm.deal") {
		want[b24.ID(r["ID"].(string))] = 1
	}
	assert.Equal(t, want, seen)
}

func TestListFindsItsRows(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("crm.item:2", 70, func(int) b24.Params { return b24.Params{"TITLE": "x"} })
	for _, key := range []string{"", "items"} {
		r, err := h.CallListMethod(t.Context(), "crm.item.list", b24.Params{"entityTypeId": b24.EntityDeal}, b24.WithResultKey(key))
		require.NoError(t, err)
		assert.Len(t, r.Data(), 70)
	}
	_, err := h.CallListMethod(t.Context(), "crm.item.list", b24.Params{"entityTypeId": b24.EntityDeal}, b24.WithResultKey("deals"))
	require.ErrorIs(t, err, b24.ErrListRows)
	pages := 0
	for rows, err := range h.FetchListMethod(t.Context(), "crm.item.list", b24.Params{"entityTypeId": b24.EntityDeal}) {
		require.NoError(t, err)
		assert.NotEmpty(t, rows)
		pages++
	}
	assert.Equal(t, 2, pages)
}

// Whoever leaves the loop is rid of the list: nothing more is asked, what was under way
// ends with the loop, and no goroutine outlives it, or the bubble would not end.
func TestListThatIsLeftAsksNothingMore(t *testing.T) {
	t.Parallel()
	for name, opts := range waysToRead() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithLatency(100*time.Millisecond),
					b24test.WithOperatingCost(b24test.CostModel{PerCall: 20 * time.Millisecond}))
				h := newHook(t, p)
				p.SeedN("crm.deal", 400_000, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} }, b24test.Generated())
				for _, rows := range []int{1, 70, 12_000} {
					n, asked := 0, 0
					for _, err := range b24.List[row](t.Context(), h, "crm.deal.list", nil, opts...) {
						require.NoError(t, err)
						if n++; n == rows {
							asked = len(p.HTTPRequests())
							break
						}
					}
					time.Sleep(time.Hour)
					assert.Equal(t, rows, n)
					assert.LessOrEqual(t, len(p.HTTPRequests()), asked+8) // on their way when the loop was left
				}
			})
		})
	}
}

// A way to read is a text that says what it is, in logs and in stored reports.
func TestPagingIsAText(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "[auto auto keyset chained offset ranges tail once ids cursor]", fmt.Sprint([]b24.Paging{
		"", b24.PagingAuto, b24.PagingKeyset, b24.PagingChained, b24.PagingOffset, b24.PagingRanges, b24.PagingTail, b24.PagingOnce, b24.PagingIDs, b24.PagingCursor,
	}))
	stored, err := json.Marshal(map[string]b24.Paging{"Paging": b24.PagingIDs})
	require.NoError(t, err)
	assert.JSONEq(t, `{"Paging":"ids"}`, string(stored))

	_, h := dealsPortal(t, 120)
	for _, paging := range []b24.Paging{"", b24.PagingAuto, "chained"} {
		var report b24.ListReport
		_, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithPaging(paging), b24.WithReport(&report))
		require.NoError(t, err)
		assert.Equal(t, b24.PagingChained, report.Paging)
	}
}

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

// familyList is a list that a portal reads in a way of its own (docs/protocol.md 16).
type familyList struct {
	method string
	params any
	rows   int
	seed   func(p *b24test.Portal)
	opts   []b24.ListOption
	key    string // what tells rows apart; ID or id otherwise
}

// Each is read to its end, each row once.
func TestListsOfFamiliesThatReadAFilterTheirOwnWay(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]familyList{
		"items by several contacts": {
			method: "crm.item.list", rows: 300, seed: itemsOfContacts,
			params: b24.Params{"entityTypeId": 2, "filter": b24.Params{"@contactIds": []int{1, 2}}},
		},
		"items by several contacts, nested": {
			method: "crm.item.list", rows: 300, seed: itemsOfContacts,
			params: b24.Params{"entityTypeId": 2, "filter": b24.Params{"0": b24.Params{"logic": "OR", "0": b24.Params{"contactIds": []int{1, 2}}, "1": b24.Params{"title": "x"}}}},
		},
		"items by several contacts, another order": {
			method: "crm.item.list", rows: 300, seed: itemsOfContacts,
			params: b24.Params{"entityTypeId": 2, "filter": b24.Params{"contactIds": []int{1, 2}}, "order": b24.Params{"title": "ASC"}},
		},
		"items by several contacts, counted": {
			method: "crm.item.list", rows: 300, seed: itemsOfContacts, opts: []b24.ListOption{b24.WithProgress(func(b24.Progress) {})},
			params: b24.Params{"entityTypeId": 2, "filter": b24.Params{"@contactIds": []int{1, 2}}},
		},
		"numerators":        {method: "documentgenerator.numerator.list", rows: 120, seed: seeded("documentgenerator.numerator", 120, nil)},
		"numerators of crm": {method: "crm.documentgenerator.numerator.list", rows: 120, seed: seeded("crm.documentgenerator.numerator", 120, nil)},
		"roles":             {method: "documentgenerator.role.list", rows: 120, seed: seeded("documentgenerator.role", 120, nil)},
		"open lines":        {method: "imopenlines.config.list.get", rows: 120, seed: seeded("imopenlines.config.list", 120, nil)},
		"workflow tasks by their users": {
			method: "bizproc.task.list", rows: 162, key: "ID+USER_ID", seed: tasksOfTwo(81),
			params: b24.Params{"SELECT": []string{"ID", "NAME", "USER_ID", "USER_STATUS"}},
		},
		"workflow tasks in the order of their users": {
			method: "bizproc.task.list", rows: 162, key: "none", seed: tasksOfTwo(81),
			params: b24.Params{"ORDER": b24.Params{"USER_ID": "DESC"}},
		},
		"workflow tasks, a group that the portal drops": {
			method: "bizproc.task.list", rows: 81, seed: tasksOfTwo(81),
			params: b24.Params{"FILTER": b24.Params{"NAME": "a", "0": b24.Params{"USER_ID": []int{5, 6}}}},
		},
		"relations":          {method: "sale.propertyrelation.list", rows: 120, key: "propertyId+entityId+entityType", seed: relations(120)},
		"activities of two":  {method: "crm.activity.list", rows: 130, seed: activitiesOfTwo(130), params: activitiesByBindings()},
		"comments":           {method: "crm.timeline.comment.list", rows: 130, seed: seeded("crm.timeline.comment", 130, b24.Params{"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}), params: b24.Params{"filter": b24.Params{"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}}},
		"recurring deals":    {method: "crm.deal.recurring.list", rows: 130, seed: seeded("crm.deal.recurring", 130, nil)},
		"recurring, falling": {method: "crm.deal.recurring.list", rows: 130, seed: seeded("crm.deal.recurring", 130, nil), opts: []b24.ListOption{b24.WithDescending()}},
		"messages of a log": {
			method: "crm.timeline.logmessage.list", rows: 95, seed: seeded("crm.timeline.logmessage", 95, b24.Params{"entityTypeId": 2, "entityId": 1}),
			params: b24.Params{"entityTypeId": 2, "entityId": 1},
		},
		"custom fields": {
			method: "userfieldconfig.list", rows: 60, seed: seeded("userfieldconfig", 60, b24.Params{"entityId": "CRM_DEAL"}),
			params: b24.Params{"moduleId": "crm", "select": []string{"FIELD_NAME"}, "filter": b24.Params{"entityId": "CRM_DEAL"}},
		},
		"stores that are hidden": {method: "catalog.store.list", rows: 120, seed: hidden("catalog.store", 120, 40), params: b24.Params{"order": b24.Params{"title": "ASC"}}},
		"templates of two types": {
			method: "crm.documentgenerator.template.list", rows: 120, seed: templatesOfTwo(120),
			params: b24.Params{"filter": b24.Params{"entityTypeId": []int{2, 4}}},
		},
		"groups of properties": {method: "sale.propertygroup.list", rows: 120, seed: seeded("sale.propertygroup", 120, nil)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, h := newPortal(t)
			f.seed(p)
			var report b24.ListReport
			got, err := b24.Collect(b24.List[map[string]any](t.Context(), h, f.method, f.params, append(f.opts, b24.WithReport(&report))...))
			require.NoError(t, err)
			assert.Len(t, got, f.rows)
			assert.True(t, report.Complete)
			if f.key != "none" { // the rows are alike
				assert.Len(t, distinct(t, got, f.key), f.rows)
			}
		})
	}
}

func seeded(entity string, n int, fields b24.Params) func(*b24test.Portal) {
	return func(p *b24test.Portal) {
		p.SeedN(entity, n, func(int) b24.Params {
			row := b24.Params{}
			maps.Copy(row, fields)
			return row
		})
	}
}

func itemsOfContacts(p *b24test.Portal) {
	p.SeedN("crm.item:2", 300, func(i int) b24.Params { return b24.Params{"title": fmt.Sprint("t", i%7), "contactIds": []int{1, 2}} })
	p.SeedN("crm.item:2", 20, func(int) b24.Params { return b24.Params{"title": "y", "contactIds": []int{3}} })
}

func tasksOfTwo(n int) func(*b24test.Portal) {
	user := func(id, status int) b24.Params { return b24.Params{"USER_ID": id, "USER_STATUS": status} }
	return seeded("bizproc.task", n, b24.Params{"NAME": "a", "USERS": []b24.Params{user(5, 0), user(6, 1)}})
}

func relations(n int) func(*b24test.Portal) {
	return func(p *b24test.Portal) {
		p.SeedN("sale.propertyrelation", n, func(i int) b24.Params {
			return b24.Params{"propertyId": i / 40, "entityId": i % 40, "entityType": "P"}
		})
	}
}

func owner(kind, id int) b24.Params { return b24.Params{"OWNER_TYPE_ID": kind, "OWNER_ID": id} }

func activitiesOfTwo(n int) func(*b24test.Portal) {
	return func(p *b24test.Portal) {
		seeded("crm.activity", n, b24.Params{"SUBJECT": "both", "BINDINGS": []b24.Params{owner(2, 5), owner(3, 6)}})(p)
		seeded("crm.activity", 20, b24.Params{"SUBJECT": "other", "BINDINGS": []b24.Params{owner(2, 7)}})(p)
	}
}

func activitiesByBindings() b24.Params {
	return b24.Params{"filter": b24.Params{"BINDINGS": []b24.Params{owner(2, 5), owner(3, 6)}}}
}

func hidden(entity string, n, more int) func(*b24test.Portal) {
	return func(p *b24test.Portal) {
		p.SeedN(entity, n, func(i int) b24.Params { return b24.Params{"title": strconv.Itoa(i)} })
		for range more {
			p.SeedHidden(entity, b24.Params{"title": "hidden"})
		}
	}
}

func templatesOfTwo(n int) func(*b24test.Portal) {
	return seeded("crm.documentgenerator.template", n, b24.Params{"entityTypeId": []int{2, 4}})
}

// distinct are the rows that differ by the fields of key.
func distinct(t *testing.T, rows []map[string]any, key string) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	for _, row := range rows {
		if key == "" {
			key = "id"
			if _, ok := row["ID"]; ok {
				key = "ID"
			}
		}
		var text strings.Builder
		for field := range strings.SplitSeq(key, "+") {
			v, ok := row[field]
			require.True(t, ok, "%s of %v", field, row)
			fmt.Fprint(&text, v, " ")
		}
		seen[text.String()] = true
	}
	return seen
}

// The records of recent chats are made dialogs behind the limit: a dialog at the edge of two pages comes on both.
func TestRecentDialogsAreReadOnce(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for i := range 250 {
		p.Seed("im.recent",
			b24.Params{"id": fmt.Sprint("chat", i), "title": "new", "date_update": 1000 - 2*i},
			b24.Params{"id": fmt.Sprint("chat", i+1), "title": "old", "date_update": 999 - 2*i})
	}
	got, err := b24.Collect(b24.List[map[string]any](t.Context(), h, "im.recent.list", nil))
	require.NoError(t, err)
	assert.Len(t, distinct(t, got, ""), 251)
	assert.Len(t, got, 251)
}

// An offset confirms events: the portal deletes what lies below it.
func TestEventsAreNotReadAsLists(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"imbot.v2.Event.get", "im.v2.Event.get"} {
		p, h := newPortal(t)
		p.SeedN(strings.TrimSuffix(method, ".get"), 150, nil)
		_, err := b24.Collect(b24.List[json.RawMessage](t.Context(), h, method, b24.Params{"botId": 1, "botToken": "x"}))
		require.ErrorIs(t, err, b24.ErrInvalidParams, method)
		assert.Empty(t, p.Requests(), method)
	}
}

func TestListByPositionNamesTheMethodThatGivesAll(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("task.item", 60, func(int) b24.Params { return b24.Params{"TITLE": "A"} })
	for _, opts := range [][]b24.ListOption{nil, {b24.WithPaging(b24.PagingKeyset)}} {
		_, err := h.CallListMethod(t.Context(), "task.item.list", nil, opts...)
		require.ErrorContains(t, err, "call tasks.task.list")
	}
}

type idRow struct {
	ID b24.ID `json:"ID"`
}

func dealsPortal(t *testing.T, n int) (*b24test.Portal, *b24.Hook) {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.deal", n, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW", "COMPANY_ID": nil} })
	return p, newHook(t, p)
}

// A list that is left in the middle of a page goes on with that page: no row is lost.
func TestReportOfAListThatIsLeft(t *testing.T) {
	t.Parallel()
	_, h := dealsPortal(t, 200)
	for name, stop := range map[string]int{"in the first page": 20, "in a later one": 70} {
		var report b24.ListReport
		var kept b24.Cursor
		n := 0
		for _, err := range b24.List[idRow](t.Context(), h, "crm.deal.list", nil,
			b24.WithReport(&report), b24.WithCheckpoint(func(c b24.Cursor) { kept = c })) {
			require.NoError(t, err)
			if n++; n == stop {
				break
			}
		}
		assert.Equal(t, kept, report.Cursor, name)
		assert.False(t, report.Complete, name)
		rest, err := b24.Collect(b24.List[idRow](t.Context(), h, "crm.deal.list", nil, b24.WithResume(report.Cursor)))
		require.NoError(t, err)
		assert.Equal(t, b24.ID(strconv.Itoa(stop/50*50+1)), rest[0].ID, name)
	}

	var report b24.ListReport
	for _, err := range b24.List[struct{ ID []int }](t.Context(), h, "crm.deal.list", nil, b24.WithReport(&report)) {
		require.Error(t, err) // a row that cannot be decoded
	}
	assert.Empty(t, report.Cursor)
	assert.False(t, report.Complete)
}

// A report is of its own list, also of one that was refused, and of one that ended in a
// panic.
func TestReportIsNeverThatOfAnotherList(t *testing.T) {
	t.Parallel()
	_, h := dealsPortal(t, 120)
	var report b24.ListReport
	_, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithReport(&report))
	require.NoError(t, err)
	require.True(t, report.Complete)
	_, err = h.CallListMethod(t.Context(), "crm.deal.list", b24.Params{"start": 50}, b24.WithReport(&report))
	require.Error(t, err)
	assert.Equal(t, b24.ListReport{}, report)

	assert.PanicsWithValue(t, "mine", func() {
		for range h.FetchListMethod(t.Context(), "crm.deal.list", nil, b24.WithReport(&report)) {
			panic("mine")
		}
	})
	assert.Equal(t, 1, report.Pages)
	assert.False(t, report.Complete)
}

func TestPagingThatCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	p, h := dealsPortal(t, 3)
	for _, paging := range []b24.Paging{b24.PagingRanges, b24.PagingTail, b24.PagingOnce, b24.PagingIDs, b24.PagingCursor, "fast"} {
		_, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithPaging(paging))
		require.ErrorIs(t, err, b24.ErrInvalidParams)
	}
	_, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithLimit(-1))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	assert.Empty(t, p.Requests())

	r, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithConcurrency(-3), b24.WithHaltOnError(true), b24.WithPaging(""))
	require.NoError(t, err)
	assert.Len(t, r.Data(), 3)
}

// A report counts what was sent, also where a batch cannot carry the filter.
func TestReportCountsRequests(t *testing.T) {
	t.Parallel()
	for name, filter := range map[string]b24.Params{
		"text": {"STAGE_ID": "NEW"}, "null": {"=COMPANY_ID": nil}, "list": {"!@STAGE_ID": []string{}}, "reference": {"!TITLE": "$result[0]"},
	} {
		p, h := dealsPortal(t, 700)
		var report b24.ListReport
		_, err := h.CallListMethod(t.Context(), "crm.deal.list", b24.Params{"filter": filter}, b24.WithReport(&report))
		require.NoError(t, err, name)
		assert.Len(t, p.HTTPRequests(), report.Requests, name)
	}
}

// Progress ends at 100 where the list is all there, and never takes back what it told.
func TestProgressOfAListThatChanges(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts   []b24.ListOption
		change func(t *testing.T, p *b24test.Portal, h *b24.Hook)
	}{
		"limit": {[]b24.ListOption{b24.WithLimit(120)}, func(*testing.T, *b24test.Portal, *b24.Hook) {}},
		"fewer": {[]b24.ListOption{b24.WithPaging(b24.PagingKeyset)}, func(t *testing.T, _ *b24test.Portal, h *b24.Hook) {
			t.Helper()
			for id := 151; id <= 200; id++ {
				_, err := h.CallMethod(t.Context(), "crm.deal.delete", b24.Params{"id": id})
				require.NoError(t, err)
			}
		}},
		"more": {[]b24.ListOption{b24.WithPaging(b24.PagingOffset)}, func(_ *testing.T, p *b24test.Portal, _ *b24.Hook) {
			p.SeedN("crm.deal", 3000, func(int) b24.Params { return b24.Params{} })
		}},
	} {
		p, h := dealsPortal(t, 200)
		told, rows := []float64{}, 0
		opts := append(test.opts, b24.WithProgress(func(p b24.Progress) { told = append(told, p.Percent()) }))
		for page, err := range h.FetchListMethod(t.Context(), "crm.deal.list", nil, opts...) {
			require.NoError(t, err, name)
			if rows += len(page); rows == 150 {
				test.change(t, p, h)
			}
		}
		assert.IsNonDecreasing(t, told, name)
		assert.InDelta(t, 100, told[len(told)-1], 0, name)
	}
}

// A list that is left in its last page is not told to be all there.
func TestProgressOfAListThatIsLeft(t *testing.T) {
	t.Parallel()
	_, h := dealsPortal(t, 200)
	told := 0.0
	progress := b24.WithProgress(func(p b24.Progress) { told = max(told, p.Percent()) })
	for _, err := range b24.List[idRow](t.Context(), h, "crm.deal.list", nil, b24.WithLimit(30), progress) {
		require.NoError(t, err)
		break
	}
	assert.Less(t, told, 100.0)
}

// Close ends a list under way with an error and a place, from which another client reads
// the rest.
func TestCloseEndsAList(t *testing.T) {
	t.Parallel()
	for name, opts := range waysToRead() {
		synctest.Test(t, func(t *testing.T) {
			const all = 6_000
			p := b24test.NewPortal(t, b24test.WithMemory(), b24test.WithLatency(100*time.Millisecond))
			p.SeedN("crm.deal", all, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
			h := newHook(t, p)
			time.AfterFunc(250*time.Millisecond, func() { _ = h.Close() })
			var end *b24.ListError
			n := 0
			for _, err := range b24.List[idRow](t.Context(), h, "crm.deal.list", nil, opts...) {
				if err != nil {
					require.ErrorAs(t, err, &end, name)
					require.ErrorIs(t, err, b24.ErrClosed, name)
					continue
				}
				n++
			}
			require.NotNil(t, end, name)
			rest, err := newHook(t, p).CallListMethod(t.Context(), "crm.deal.list", nil, append(opts, b24.WithResume(end.Cursor))...)
			require.NoError(t, err, name)
			assert.Equal(t, all, n+len(rest.Data()), name)
		})
	}
}

// Rows that the portal hides from a page make it short: it is no end where the caller
// says so, or where nothing is known of the method.
func TestShortPages(t *testing.T) {
	t.Parallel()
	for _, paging := range []b24.Paging{b24.PagingKeyset, b24.PagingChained} {
		p, h := dealsPortal(t, 500)
		p.Fault("crm.deal.list", b24test.Pass(), b24test.Pass(), b24test.Hidden(3))
		got, err := h.CallListMethod(t.Context(), "crm.deal.list", nil, b24.WithMethod(b24.ListMethod{ShortPages: true}), b24.WithPaging(paging))
		require.NoError(t, err)
		assert.GreaterOrEqual(t, len(got.Data()), 497)
		assert.Contains(t, string(got.Data()[len(got.Data())-1]), `"ID":"500"`)
	}
	p, h := dealsPortal(t, 500)
	p.Handle("my.thing.list", func(r b24test.Request) (any, error) {
		return b24.Call[json.RawMessage](r.Context(), h, "crm.deal.list", r.Params)
	})
	p.Fault("crm.deal.list", b24test.Pass(), b24test.Pass(), b24test.Hidden(3))
	got, err := h.CallListMethod(t.Context(), "my.thing.list", nil, b24.WithMethod(b24.ListMethod{IDKey: "ID"}), b24.WithPaging(b24.PagingKeyset))
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(got.Data()), 497)
}

// Rows that come and go while a list is read by id: those that were there all the time are
// all there, once.
func TestRowsThatComeAndGo(t *testing.T) {
	t.Parallel()
	for name, opts := range waysToRead() {
		if name == "offset" {
			continue // which says that the list changed
		}
		p, h := dealsPortal(t, 2000)
		next := 0
		var mu sync.Mutex
		p.Fault("crm.deal.list", b24test.Meanwhile(func() {
			mu.Lock()
			defer mu.Unlock()
			if next += 10; next <= 2000 {
				_, _ = h.CallMethod(t.Context(), "crm.deal.delete", b24.Params{"id": next})
				p.SeedN("crm.deal", 3, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
			}
		}).Always())
		seen := map[string]int{}
		for r, err := range b24.List[idRow](t.Context(), h, "crm.deal.list", nil, opts...) {
			require.NoError(t, err, name)
			seen[r.ID.String()]++
		}
		for id := 1; id <= 2000; id++ {
			if n := seen[strconv.Itoa(id)]; id%10 == 0 {
				assert.LessOrEqual(t, n, 1, "%s: %d", name, id)
			} else {
				assert.Equal(t, 1, n, "%s: %d", name, id)
			}
		}
	}
}

// A method that is not known says where its rows are: an object without members is no list
// beside one that may be meant.
func TestListOfAnObjectWithoutMembers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]error{
		`{"items":{}}`: nil, `{"items":{},"time":1}`: nil, `{"items":{},"things":[{"id":1}]}`: b24.ErrListRows, `{"things":{}}`: b24.ErrListRows,
	} {
		p, h := newPortal(t)
		p.V3().Handle("my.thing.list", func(b24test.Request) (any, error) {
			return b24test.Raw{Status: 200, Body: `{"result":` + answer + `}`}, nil // as sent: the fake would write [] for {}
		})
		r, err := h.V3().CallListMethod(t.Context(), "my.thing.list", nil)
		assert.Empty(t, r.Data(), answer)
		if want == nil {
			require.NoError(t, err, answer)
		} else {
			require.ErrorIs(t, err, want, answer)
		}
	}
}
