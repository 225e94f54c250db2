package b24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// pagesCase is a list for each way of reading.
type pagesCase struct {
	method string
	params b24.Params
	opts   []b24.ListOption
	want   b24.Paging
	v3     bool
}

const pagesRows = 330

func pagesCases() map[string]pagesCase {
	ids := make([]int, 0, 2*pagesRows)
	for i := range pagesRows {
		ids = append(ids, 3*(pagesRows-i)-2, 3*(pagesRows-i)-2)
	}
	return map[string]pagesCase{
		"keyset":     {method: "crm.deal.list", opts: []b24.ListOption{b24.WithPaging(b24.PagingKeyset)}, want: b24.PagingKeyset},
		"descending": {method: "crm.deal.list", opts: []b24.ListOption{b24.WithDescending()}, want: b24.PagingChained},
		"chained":    {method: "crm.deal.list", want: b24.PagingChained},
		"progress":   {method: "crm.deal.list", opts: []b24.ListOption{b24.WithProgress(func(b24.Progress) {})}, want: b24.PagingChained},
		"offset":     {method: "crm.deal.list", opts: []b24.ListOption{b24.WithPaging(b24.PagingOffset)}, want: b24.PagingOffset},
		"order":      {method: "crm.deal.list", params: b24.Params{"order": b24.Params{"TITLE": "ASC"}}, want: b24.PagingOffset},
		"ranges":     {method: "crm.deal.list", opts: []b24.ListOption{b24.WithConcurrency(2), b24.WithPaging(b24.PagingKeyset)}, want: b24.PagingRanges},
		"ids":        {method: "crm.deal.list", params: b24.Params{"filter": b24.Params{"@ID": ids}}, want: b24.PagingIDs},
		"items":      {method: "crm.item.list", params: b24.Params{"entityTypeId": 1}, want: b24.PagingChained},
		"once":       {method: "crm.status.list", want: b24.PagingOnce},
		"own cursor": {method: "own.list", opts: []b24.ListOption{b24.WithMethod(b24.ListMethod{NextParam: "after", NextField: "nextCursor"}), b24.WithResultKey("rows")}, want: b24.PagingCursor},
		"rest3":      {method: "tasks.task.list", v3: true, want: b24.PagingChained},
		"tail":       {method: "main.eventlog.tail", v3: true, want: b24.PagingTail},
	}
}

// pagesPortal has the rows of all cases.
func pagesPortal(t *testing.T) (*b24test.Portal, *b24.Hook) {
	t.Helper()
	p := b24test.NewPortal(t, b24test.WithMemory())
	p.SeedN("crm.deal", pagesRows, func(i int) b24.Params { return b24.Params{"ID": 3*i + 1, "TITLE": "t" + strconv.Itoa(i%7)} })
	p.SeedN("crm.item:1", pagesRows, func(i int) b24.Params { return b24.Params{"title": strconv.Itoa(i)} })
	p.V3().SeedN("tasks.task", pagesRows, func(i int) b24.Params { return b24.Params{"title": strconv.Itoa(i)} })
	p.V3().SeedN("main.eventlog", pagesRows, func(int) b24.Params { return b24.Params{"auditTypeId": "USER_AUTHORIZE"} })
	rows := func(from, n int) []b24.Params {
		list := []b24.Params{}
		for id := from + 1; id <= min(from+n, pagesRows); id++ {
			list = append(list, b24.Params{"ID": strconv.Itoa(id)})
		}
		return list
	}
	answers(p, "crm.status.list", rows(0, pagesRows))
	p.Handle("own.list", func(r b24test.Request) (any, error) {
		text, _ := r.Params["after"].(string)
		from, _ := strconv.Atoi(strings.TrimPrefix(text, "c"))
		answer := b24.Params{"rows": rows(from, 40), "nextCursor": "c" + strconv.Itoa(from+40)}
		if from+40 >= pagesRows {
			answer["nextCursor"] = nil
		}
		return answer, nil
	})
	return p, newHook(t, p)
}

// read reads up to so many pages (-1: all) from a place, as a program that stores both does: what is stored
// after the program died is known of each row and of the place.
func (c pagesCase) read(t *testing.T, h *b24.Hook, from b24.Cursor, most int, more ...b24.ListOption) (ids []string, place b24.Cursor, pages int, report b24.ListReport) {
	t.Helper()
	var client b24.Client = h
	if c.v3 {
		client = h.V3()
	}
	opts := slices.Concat(c.opts, more, []b24.ListOption{b24.WithResume(from), b24.WithReport(&report)})
	place = from
	for page, err := range b24.Pages(t.Context(), around{client}, c.method, c.params, opts...) {
		require.NoError(t, err)
		if pages == most {
			break // it died before it stored this page
		}
		pages++
		require.NotEmpty(t, page.Rows)
		require.NotEmpty(t, page.Cursor)
		require.Equal(t, pages, page.Number)
		for _, row := range page.Rows {
			ids = append(ids, idOf(t, row))
		}
		place = page.Cursor
	}
	return ids, place, pages, report
}

func idOf(t *testing.T, row []byte) string {
	t.Helper()
	var r struct {
		ID b24.ID `json:"id"`
	}
	require.NoError(t, json.Unmarshal(row, &r))
	require.NotEmpty(t, r.ID)
	return string(r.ID)
}

// Whatever the page after which a program dies, the reading that continues from what it stored with the rows
// delivers each of the others, once.
func TestPagesResumeAfterEachPage(t *testing.T) {
	t.Parallel()
	for name, test := range pagesCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, h := pagesPortal(t)
			all, end, n, report := test.read(t, h, "", -1)
			require.Len(t, all, pagesRows)
			assert.Equal(t, test.want, report.Paging, "%d pages", n)
			assert.True(t, report.Complete)
			for stop := range n + 1 {
				some, place, _, _ := test.read(t, h, "", stop)
				rest, _, _, _ := test.read(t, h, place, -1)
				got := append(some, rest...)
				require.ElementsMatch(t, all, got, "after page %d", stop)
				if test.want != b24.PagingRanges {
					require.Equal(t, all, got, "after page %d", stop)
				}
			}
			if test.want != b24.PagingRanges && test.want != b24.PagingOffset { // the last place is one, too
				rest, _, _, _ := test.read(t, h, end, -1)
				assert.Empty(t, rest)
			}
		})
	}
}

// A program that dies after each page, and again after each page of what is left, reads all rows once.
func TestPagesResumeAgainAndAgain(t *testing.T) {
	t.Parallel()
	for name, test := range pagesCases() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, h := pagesPortal(t)
			var all []string
			var place b24.Cursor
			for range pagesRows {
				ids, next, n, _ := test.read(t, h, place, 1)
				if n == 0 {
					break
				}
				all, place = append(all, ids...), next
			}
			slices.Sort(all)
			assert.Equal(t, []int{pagesRows, pagesRows}, []int{len(all), len(slices.Compact(all))})
		})
	}
}

// The place of a page is that of the checkpoint after it, also with a limit.
func TestPagesWithCheckpointLimitAndReport(t *testing.T) {
	t.Parallel()
	_, h := dealsPortal(t, 200)
	var checked, given []b24.Cursor
	var report b24.ListReport
	rows := 0
	opts := []b24.ListOption{b24.WithLimit(120), b24.WithCheckpoint(func(c b24.Cursor) { checked = append(checked, c) }), b24.WithReport(&report)}
	for page, err := range b24.Pages(t.Context(), h, "crm.deal.list", nil, opts...) {
		require.NoError(t, err)
		rows += len(page.Rows)
		given = append(given, page.Cursor)
	}
	assert.Equal(t, 120, rows)
	assert.Equal(t, checked, given)
	assert.Equal(t, report.Cursor, given[len(given)-1])
	for page, err := range b24.Pages(t.Context(), h, "crm.deal.list", nil, b24.WithResume(report.Cursor), b24.WithLimit(1)) {
		require.NoError(t, err)
		assert.Equal(t, "121", idOf(t, page.Rows[0]))
		assert.Len(t, page.Rows, 1)
	}
}

func TestPagesOfNothingAndOfErrors(t *testing.T) {
	t.Parallel()
	_, empty := dealsPortal(t, 0)
	for range b24.Pages(t.Context(), empty, "crm.deal.list", nil) {
		t.Error("there is no page")
	}
	p, h := dealsPortal(t, 200)
	p.Fault("crm.deal.list", b24test.Pass(), b24test.Pass(), b24test.Refuse(&b24.Error{Code: b24.ErrAccessDenied}))
	pages := 0
	var place b24.Cursor
	for page, err := range b24.Pages(t.Context(), h, "crm.deal.list", nil, b24.WithPaging(b24.PagingKeyset)) {
		if err != nil {
			var le *b24.ListError
			require.ErrorAs(t, err, &le)
			assert.Equal(t, place, le.Cursor)
			assert.Zero(t, page)
			continue
		}
		pages++
		place = page.Cursor
	}
	assert.Equal(t, 2, pages)
}

// deaf is a Client that does not pass options on.
type deaf struct{ b24.Client }

func (d deaf) FetchListMethod(ctx context.Context, method string, params any, _ ...b24.ListOption) iter.Seq2[[]json.RawMessage, error] {
	return d.Client.FetchListMethod(ctx, method, params)
}

// merging is a Client that makes one page of two.
type merging struct{ b24.Client }

func (m merging) FetchListMethod(ctx context.Context, method string, params any, opts ...b24.ListOption) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		var rows []json.RawMessage
		n := 0
		for page, err := range m.Client.FetchListMethod(ctx, method, params, opts...) {
			rows = append(rows, page...)
			if n++; err != nil || n%2 == 0 {
				if !yield(rows, err) {
					return
				}
				rows = nil
			}
		}
	}
}

// splitting is a Client that makes two pages of one.
type splitting struct{ b24.Client }

func (s splitting) FetchListMethod(ctx context.Context, method string, params any, opts ...b24.ListOption) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) {
		for page, err := range s.Client.FetchListMethod(ctx, method, params, opts...) {
			if half := len(page) / 2; !yield(page[:half], err) || !yield(page[half:], err) {
				return
			}
		}
	}
}

// A client that does not say where its pages end never looks like one that does.
func TestPagesOfAClientWithoutPlaces(t *testing.T) {
	t.Parallel()
	_, h := dealsPortal(t, 200)
	for _, c := range []b24.Client{deaf{h}, merging{h}, around{deaf{h}}, splitting{h}} {
		pages, failed := 0, error(nil)
		for page, err := range b24.Pages(t.Context(), c, "crm.deal.list", nil) {
			if failed = err; err == nil {
				pages++
				assert.NotEmpty(t, page.Cursor)
			}
		}
		require.ErrorContains(t, failed, "place", "%T", c)
		assert.Zero(t, pages, "%T", c)
	}
	broken := errors.New("broken")
	for _, err := range b24.Pages(t.Context(), brokenList{err: broken}, "crm.deal.list", nil) {
		require.ErrorIs(t, err, broken)
	}
}

// brokenList is a Client whose lists fail.
type brokenList struct {
	b24.Client

	err error
}

func (f brokenList) FetchListMethod(context.Context, string, any, ...b24.ListOption) iter.Seq2[[]json.RawMessage, error] {
	return func(yield func([]json.RawMessage, error) bool) { yield(nil, f.err) }
}

// rowList is a list that goes on from a row of a page, or by page numbers of its own.
type rowList struct {
	entity, method string
	params         any
	id             string
	falls          bool // from the highest id down
	paging         b24.Paging
}

func rowLists() []rowList {
	chat := b24.Params{"DIALOG_ID": "chat29"}
	return []rowList{
		{"im.dialog.messages", "im.dialog.messages.get", chat, "id", true, b24.PagingCursor},
		{"im.dialog.messages", "im.dialog.messages.get", b24.Params{"DIALOG_ID": "chat29", "LIMIT": 7}, "id", true, b24.PagingCursor},
		{"im.dialog.users", "im.dialog.users.list", chat, "id", false, b24.PagingCursor},
		{"log.blogcomment.user", "log.blogcomment.user.get", nil, "id", true, b24.PagingCursor},
		{"task.elapseditem", "task.elapseditem.getlist", nil, "ID", false, b24.PagingOffset},
		{"task.elapseditem", "task.elapseditem.getlist", []any{0, b24.Params{"USER_ID": "desc"}}, "ID", false, b24.PagingOffset},
		{"task.elapseditem", "task.elapseditem.getlist", []any{29}, "ID", false, b24.PagingOnce},
	}
}

func idsOf(t *testing.T, rows []map[string]any, key string) []string {
	t.Helper()
	ids := make([]string, len(rows))
	for i, row := range rows {
		require.NotNil(t, row[key])
		ids[i] = fmt.Sprint(row[key])
	}
	return ids
}

// Each is read to its end, whatever its size and the place where a limit cut it.
func TestListsThatGoOnFromARow(t *testing.T) {
	t.Parallel()
	for _, l := range rowLists() {
		for _, n := range []int{0, 1, 19, 20, 21, 50, 51, 100, 1000} {
			p, h := newPortal(t)
			p.SeedN(l.entity, n, func(i int) b24.Params { return b24.Params{"unread": i%3 == 0} })
			var report b24.ListReport
			all, err := b24.Collect(b24.List[map[string]any](t.Context(), h, l.method, l.params, b24.WithReport(&report)))
			require.NoError(t, err, "%s %d", l.method, n)
			ids := idsOf(t, all, l.id)
			assert.Len(t, ids, n, l.method)
			for i, id := range ids {
				want := i + 1
				if l.falls {
					want = n - i
				}
				require.Equal(t, strconv.Itoa(want), id, "%s %d", l.method, n)
			}
			assert.True(t, report.Complete)
			assert.Equal(t, l.paging, report.Paging, l.method)

			var parts []string
			for cursor, complete := b24.Cursor(""), false; !complete && n <= 100; {
				part, err := b24.Collect(b24.List[map[string]any](t.Context(), h, l.method, l.params,
					b24.WithLimit(33), b24.WithResume(cursor), b24.WithReport(&report)))
				require.NoError(t, err, "%s %d", l.method, n)
				parts = append(parts, idsOf(t, part, l.id)...)
				cursor, complete = report.Cursor, report.Complete
			}
			if n > 0 && n <= 100 {
				assert.Equal(t, ids, parts, l.method)
			}
		}
	}
}

// A chat with more unread messages than a page holds begins at the first of them, if it is asked without a place.
func TestListOfMessagesWithManyUnread(t *testing.T) {
	t.Parallel()
	for _, unread := range []int{0, 1, 50, 51, 119, 120} {
		p, h := newPortal(t)
		p.SeedN("im.dialog.messages", 120, func(i int) b24.Params { return b24.Params{"unread": i >= 120-unread} })

		all, err := b24.Collect(b24.List[map[string]any](t.Context(), h, "im.dialog.messages.get", b24.Params{"DIALOG_ID": "chat29"}))

		require.NoError(t, err)
		assert.Len(t, all, 120, unread)
		assert.Equal(t, "120", fmt.Sprint(all[0]["id"]))
	}
}

// Messages that are written meanwhile move none.
func TestListOfMessagesThatGrows(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	p.SeedN("im.dialog.messages", 230, nil)
	n := 0
	for row, err := range b24.List[map[string]any](t.Context(), h, "im.dialog.messages.get", b24.Params{"DIALOG_ID": "chat29"}) {
		require.NoError(t, err)
		assert.Equal(t, strconv.Itoa(230-n), fmt.Sprint(row["id"]))
		if n++; n%40 == 0 {
			p.SeedN("im.dialog.messages", 3, nil)
		}
	}
	assert.Equal(t, 230, n)
}

// What lies about a page is found out.
func TestListsThatGoOnFromARowAndLies(t *testing.T) {
	t.Parallel()
	for _, l := range rowLists() {
		if l.paging != b24.PagingCursor {
			continue
		}
		for name, fault := range map[string]b24test.Fault{
			"the cursor is ignored": b24test.FilterIgnored(), "repeated": b24test.Repeated(), "without ids": b24test.WithoutIDs(), "null row": b24test.NullRow(),
		} {
			p, h := newPortal(t)
			p.SeedN(l.entity, 300, nil)
			p.Fault(l.method, fault.Always())
			_, err := b24.Collect(b24.List[map[string]any](t.Context(), h, l.method, l.params))
			var failed *b24.ListError
			require.ErrorAs(t, err, &failed, "%s: %s", l.method, name)
		}
	}
}

// A method that cannot be read says what to call instead, and sends nothing.
func TestListsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	p, h := newPortal(t)
	for method, text := range map[string]string{
		"im.notify.get": "LAST_TYPE", "im.notify.history.search": `NextField "[last].id"`, "im.dialog.messages.search": "im.dialog.messages.get",
		"log.blogpost.get": "start 0, 50, 100", "event.offline.get": "event.offline.list", "im.v2.Event.get": "nextOffset", "imbot.v2.Event.get": "nextOffset",
	} {
		_, err := b24.Collect(b24.List[map[string]any](t.Context(), h, method, nil))
		require.ErrorIs(t, err, b24.ErrInvalidParams, method)
		assert.ErrorContains(t, err, text)
	}
	_, err := b24.Collect(b24.List[map[string]any](t.Context(), h, "im.dialog.messages.get", b24.Params{"DIALOG_ID": "chat29", "FIRST_ID": 7}))
	require.ErrorIs(t, err, b24.ErrInvalidParams)
	assert.Empty(t, p.Requests())
}
