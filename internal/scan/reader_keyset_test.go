package scan_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

func deals() scan.Options { return scan.Options{Method: "crm.deal.list"} }

func singly() scan.Options { return paged(deals(), scan.PagingKeyset) }

// cursors are the first bounds of each request.
func cursors(p *portal) []string {
	var all []string
	for _, calls := range p.requests {
		_, rest, _ := strings.Cut(calls[0], `ID":`)
		value, _, _ := strings.Cut(rest, "}")
		all = append(all, value)
	}
	return all
}

func TestReadsByID(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name                  string
		rows, pages, requests int
	}{
		{"short", 30, 1, 1},
		{"three pages", 120, 3, 2},
		{"empty", 0, 0, 1},
		{"one page and nothing", 50, 1, 1},
		{"long", 10000, 200, 7},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(row.rows)

			got := read(t, p, deals(), 0)

			require.NoError(t, got.err)
			sameIDs(t, upTo(row.rows), got.ids)
			assert.Equal(t, row.pages, got.report.Pages)
			assert.Equal(t, row.requests, got.requests)
			assert.True(t, got.report.Complete)
			assert.Zero(t, p.counted)
		})
	}
}

func TestReadsPageByPage(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	p.container, p.idKey, p.textIDs = "tasks", "id", true

	got := read(t, p, scan.Options{Method: "tasks.task.list", Paging: scan.PagingKeyset}, 0)

	require.NoError(t, got.err)
	assert.Equal(t, []string{"50", "100"}, cursors(p)[1:])
	assert.Equal(t, 3, got.requests)
	sameIDs(t, upTo(120), got.ids)
	assert.Equal(t, scan.Report{
		Paging: scan.PagingKeyset, Rows: 120, Pages: 3, FirstID: "1", LastID: "120", Complete: true, Cursor: got.report.Cursor,
	}, got.report)
}

func TestReadsLargeIDs(t *testing.T) {
	t.Parallel()
	const large = 1 << 63
	p := newPortal(0)
	for i := range uint64(120) {
		p.ids = append(p.ids, large+i)
	}

	got := read(t, p, deals(), 0)

	require.NoError(t, got.err)
	sameIDs(t, p.ids, got.ids)
	assert.Equal(t, "9223372036854775857", cursors(p)[1])
}

func TestReadsDownwards(t *testing.T) {
	t.Parallel()
	p := newPortal(1234)

	got := read(t, p, down(deals()), 0)

	want := upTo(1234)
	slices.Reverse(want)
	require.NoError(t, got.err)
	sameIDs(t, want, got.ids)
}

func TestLimitAndResume(t *testing.T) {
	t.Parallel()
	p := newPortal(200)
	o := deals()
	o.Limit = 70

	first := read(t, p, o, 0)
	o.Resume = first.report.Cursor
	second := read(t, p, o, 0)
	o.Resume = second.report.Cursor
	third := read(t, p, o, 0)

	require.NoError(t, errors.Join(first.err, second.err, third.err))
	sameIDs(t, upTo(200), slices.Concat(first.ids, second.ids, third.ids))
	assert.Equal(t, []bool{false, false, true}, []bool{first.report.Complete, second.report.Complete, third.report.Complete})
	assert.Equal(t, 200, third.pages[len(third.pages)-1].Done)
	assert.Equal(t, 2, first.requests, "the chain is no longer than the limit")
	assert.Len(t, p.requests[1], 1)
}

// The end is where a page is shorter than the method's pages are, not where it is shorter than 50.
func TestPageSizeIsLearned(t *testing.T) {
	t.Parallel()
	things := scan.Options{Method: "partner.thing.list", IDKey: "id", CursorKey: "ID"}
	v3List := v3("tasks.task.list", `{"pagination":{"limit":100}}`)
	untilEmpty := singly()
	untilEmpty.UntilEmpty = true
	for _, row := range []struct {
		name                 string
		o                    scan.Options
		rows, size, requests int
	}{
		{"10 a page", paged(things, scan.PagingKeyset), 35, 10, 5}, // of a method that is not known, a short page proves nothing
		{"10 a page, chained", things, 235, 10, 6},
		{"one short page", things, 7, 10, 2},
		{"nothing", things, 0, 10, 1},
		{"exactly", paged(things, scan.PagingKeyset), 30, 10, 4},
		{"v3 gives 50 of 100", paged(v3List, scan.PagingKeyset), 120, 50, 3},
		{"v3 one short page", v3List, 20, 50, 2},
		{"v3 exactly", v3List, 100, 50, 2},
		{"more than 50", paged(deals(), scan.PagingKeyset), 250, 100, 4},
		{"until a page is empty", untilEmpty, 30, 50, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(row.rows)
			p.size = row.size
			if row.o.V3 {
				p.turnV3()
			}

			got := read(t, p, row.o, 0)

			require.NoError(t, got.err)
			sameIDs(t, upTo(row.rows), got.ids)
			assert.Equal(t, row.requests, got.requests)
		})
	}
}

// failure is a reading that ends with an error after some rows.
type failure struct {
	name     string
	o        scan.Options
	rows     int // of the portal
	spoil    func(p *portal)
	reason   scan.Reason
	text     string
	certain  int // rows that came before
	requests int
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, row := range failures() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(row.rows)
			row.spoil(p)

			got := read(t, p, row.o, 0)

			require.ErrorIs(t, got.err, row.reason)
			assert.ErrorContains(t, got.err, row.text)
			sameIDs(t, upTo(row.certain), got.ids)
			assert.Equal(t, row.requests, got.requests)
			assert.False(t, got.report.Complete)
			var e *scan.Error
			require.ErrorAs(t, got.err, &e)
			assert.Equal(t, got.report.Pages+1, e.Page)
			assert.Equal(t, row.certain > 0, got.report.Cursor != "")
		})
	}
}

func failures() []failure {
	wrongID, wrongRows := singly(), singly()
	wrongID.IDKey = "KEY"
	wrongRows.RowsKey = "items"
	answer := func(request int, text string) func(p *portal) {
		return func(p *portal) {
			p.spoil = func(r, _ int, result string) string {
				if r == request {
					return text
				}
				return result
			}
		}
	}
	fail := func(request int) func(p *portal) {
		return func(p *portal) {
			p.refuse = func(r, _ int) error {
				if r >= request {
					return errPortal
				}
				return nil
			}
		}
	}
	return []failure{
		{"wrong id field", wrongID, 60, func(*portal) {}, scan.ErrNoID, "no KEY in row 1", 0, 1},
		{
			"wrong rows key", wrongRows, 60, func(p *portal) { p.container = "things" }, scan.ErrRows,
			"no rows under items among the members beside, things", 0, 1,
		},
		{"rows key of a plain list", wrongRows, 60, func(*portal) {}, scan.ErrRows, "the result is a list, rows were expected under items", 0, 1},
		{"hash ids", singly(), 60, func(p *portal) { p.hash = true }, scan.ErrBadID, "ID is no whole number in row 1", 0, 1},
		{"null", deals(), 60, answer(1, "null"), scan.ErrRows, "the result is null", 0, 1},
		{"nothing", deals(), 60, answer(1, ""), scan.ErrRows, "no result", 0, 1},
		{"a row that is no object", singly(), 60, answer(1, `[1]`), scan.ErrNoID, "a row is a plain value", 0, 1},
		{"cut off", deals(), 60, answer(1, `[{"ID":"1"},{"ID"`), scan.ErrUnreadable, "cut off", 0, 1},
		{"id beyond 64 bits", singly(), 60, answer(1, `[{"ID":"18446744073709551615"}]`), scan.ErrBadID, "beyond 64 bits", 0, 1},
		{"id with zeros in front", singly(), 60, answer(1, `[{"ID":"007"}]`), scan.ErrBadID, "no whole number", 0, 1},
		{"a row without id", singly(), 60, answer(1, `[{"ID":"1"},{"ID":null}]`), scan.ErrNoID, "no ID in row 2", 0, 1},
		{
			"id in two spellings",
			scan.Options{Method: "partner.thing.list", IDKey: "id"},
			60, answer(1, `[{"ID":"1","Id":1}]`), scan.ErrNoID,
			"ID, Id", 0, 1,
		},
		{"filter ignored", singly(), 120, func(p *portal) { p.ignoreFilter = true }, scan.ErrStalled, "filter by ID has no effect", 50, 2},
		{"filter ignored, chained", deals(), 120, func(p *portal) { p.ignoreFilter = true }, scan.ErrStalled, "filter by ID has no effect", 50, 2},
		{"order ignored", deals(), 60, answer(1, `[{"ID":"5"},{"ID":"2"}]`), scan.ErrOrder, "row 2 of the page", 0, 1},
		{"row twice in a page", deals(), 60, answer(1, `[{"ID":"5"},{"ID":"5","A":1}]`), scan.ErrOrder, "row 2 of the page", 0, 1},
		{"backward", singly(), 150, answer(2, `[{"ID":"49"},{"ID":"51"}]`), scan.ErrStalled, "page 2", 50, 2},
		{"a short page that repeats", singly(), 150, answer(2, `[{"ID":"50"}]`), scan.ErrStalled, "page 2", 50, 2},
		{"first request", deals(), 60, fail(1), scan.ErrRequest, "portal said no", 0, 1},
		{"second page", singly(), 120, fail(2), scan.ErrRequest, "page 2: request failed: portal said no", 50, 2},
		{"chain", deals(), 500, fail(3), scan.ErrRequest, "portal said no", 250, 3},
	}
}

// A call of a chain that fails is made once more, alone: it may have been its
// reference.
func TestChainGoesOnBehindAFailure(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		fault func(request, call int) error
		spoil func(request, call int, result string) string
		want  []int // calls by request
	}{
		{name: "none", want: []int{2, 4, 12}},
		{name: "command failed", fault: func(r, c int) error { return at(r, c, 3, 6).fails() }, want: []int{2, 4, 12, 1, 4}},
		{name: "first command failed", fault: func(r, c int) error { return at(r, c, 3, 0).fails() }, want: []int{2, 4, 12, 1, 3, 3, 3, 2}},
		{name: "unreadable", spoil: func(r, c int, s string) string { return at(r, c, 3, 6).or("null", s) }, want: []int{2, 4, 12, 1, 4}},
		{name: "reference had no effect", spoil: func(r, c int, s string) string {
			return at(r, c, 3, 6).or(`[{"ID":"1"}]`, s)
		}, want: []int{2, 4, 12, 1, 4}},
		{name: "short page in the middle", spoil: func(r, c int, s string) string {
			return at(r, c, 2, 1).or(`[{"ID":"101"},{"ID":"102"}]`, s)
		}, want: []int{2, 4, 15}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(760)
			p.fault, p.spoil = row.fault, row.spoil

			got := read(t, p, deals(), 0)

			require.NoError(t, got.err)
			var calls []int
			for _, r := range p.requests {
				calls = append(calls, len(r))
			}
			assert.Equal(t, row.want, calls)
			sameIDs(t, upTo(760), got.ids)
		})
	}
}

// spot tells that a call is the one something happens to.
type spot bool

func at(request, call, r, c int) spot { return spot(request == r && call == c) }

func (s spot) fails() error {
	if s {
		return errPortal
	}
	return nil
}

func (s spot) or(text, result string) string {
	if s {
		return text
	}
	return result
}

// A third of the way, two thirds, the end.
func TestTotal(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	o := singly()
	o.WantTotal = true

	got := read(t, p, o, 0)

	require.NoError(t, got.err)
	var progress []string
	for _, page := range got.pages {
		progress = append(progress, fmt.Sprintf("%d/%d rows %d/%d pages", page.Done, page.Total, page.Number, page.Expected))
	}
	assert.Equal(t, []string{"50/120 rows 1/3 pages", "100/120 rows 2/3 pages", "120/120 rows 3/3 pages"}, progress)
	assert.Equal(t, 1, p.counted)
}

func TestTotalIsNotAskedFor(t *testing.T) {
	t.Parallel()
	p := newPortal(120)

	got := read(t, p, deals(), 0)

	require.NoError(t, got.err)
	assert.Zero(t, p.counted)
	for _, page := range got.pages {
		assert.Equal(t, -1, page.Total)
		assert.Equal(t, -1, page.Expected)
	}
}

// A list that shrinks while it is read ends at its end.
func TestTotalOfAListThatChanges(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	o := singly()
	o.WantTotal = true
	p.between = func(p *portal) {
		if len(p.requests) == 3 {
			p.ids = p.ids[:110]
		}
	}

	got := read(t, p, o, 0)

	require.NoError(t, got.err)
	last := got.pages[2]
	assert.Equal(t, 110, last.Done)
	assert.Equal(t, 120, last.Total, "that it is the last one is not known yet")
	assert.True(t, got.report.Complete)
}

// What the portal says of the first page, where it counts, tells the end
// better than the page's length.
func TestTotalTellsTheEnd(t *testing.T) {
	t.Parallel()
	full := string(appendRows(nil, 1, 50))
	for _, row := range []struct {
		name           string
		src            *source
		rows, requests int
	}{
		{"a total that was not counted", said(`[{"ID":"1"}]`, `[]`).total(0, 0), 1, 2},
		{"a short page that is not the last", said(`[{"ID":"1"}]`, `[{"ID":"2"}]`, `[]`).total(0, 9), 2, 3},
		{"a next page and no total", said(`[{"ID":"1"}]`, `[{"ID":"2"}]`, `[]`).next(0, 50), 2, 3},
		{"a full page that is the last", said(full, `[]`).total(0, 50), 50, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			o := singly()
			o.WantTotal = true
			var report scan.Report
			for _, err := range scan.Pages(t.Context(), row.src, o, &report) {
				require.NoError(t, err)
			}
			assert.True(t, report.Complete)
			assert.Equal(t, row.rows, report.Rows)
			assert.Equal(t, row.requests, row.src.n)
		})
	}
}

// The cursor knows the total: a later reading has nothing counted.
func TestTotalGoesAlong(t *testing.T) {
	t.Parallel()
	p := newPortal(200)
	o := deals()
	o.WantTotal = true
	o.Resume = read(t, p, o, 1).report.Cursor

	got := read(t, p, o, 0)

	require.NoError(t, got.err)
	assert.Equal(t, 1, p.counted)
	assert.Equal(t, 200, got.pages[0].Total)
}

// An upper bound keeps the chain from asking beyond it.
func TestBoundsLimitTheChain(t *testing.T) {
	t.Parallel()
	p := newPortal(1_000)

	got := read(t, p, deal(`{"filter":{"<ID":120}}`), 0)

	require.NoError(t, got.err)
	sameIDs(t, upTo(119), got.ids)
	require.Len(t, p.requests, 2)
	assert.Len(t, p.requests[1], 2)
}

// Behind a page that is not full a reference stands for something else: what
// comes then is not looked at, even if it is an empty page.
func TestChainEndsBehindAPageThatIsNotFull(t *testing.T) {
	t.Parallel()
	short := `[{"ID":"101"},{"ID":"102"}]`
	long := string(appendRows(nil, 101, 170))
	for name, odd := range map[string]string{"short": short, "long": long} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(760)
			p.spoil = func(request, call int, result string) string {
				return at(request, call, 2, 2).or("[]", at(request, call, 2, 1).or(odd, result))
			}
			o := deals()
			o.UntilEmpty = true

			got := read(t, p, o, 0)

			require.NoError(t, got.err)
			sameIDs(t, upTo(760), got.ids)
		})
	}
}

// A known total keeps the last chain from asking beyond the end.
func TestTotalBoundsTheChain(t *testing.T) {
	t.Parallel()
	p := newPortal(130)
	o := deals()
	o.WantTotal = true

	got := read(t, p, o, 0)

	require.NoError(t, got.err)
	require.Len(t, p.requests, 2)
	assert.Len(t, p.requests[1], 2)
	for _, page := range got.pages {
		assert.Equal(t, 130, page.Total)
	}
}
