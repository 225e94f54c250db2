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

func byOffset() scan.Options { return paged(deals(), scan.PagingOffset) }

func TestReadsByOffset(t *testing.T) {
	t.Parallel()
	p := newPortal(1_010)

	got := read(t, p, byOffset(), 0)

	require.NoError(t, got.err)
	sameIDs(t, upTo(1_010), got.ids)
	assert.Equal(t, 3, got.requests, "1, 4 and 16 pages a request")
	assert.Equal(t, scan.PagingOffset, got.report.Paging)
	assert.True(t, got.report.Complete)
}

// department.get takes no notice of ">ID": the table has it read by offset.
func TestDepartmentsAreReadByOffset(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	p.ignoreFilter = true

	got := read(t, p, scan.Options{Method: "department.get"}, 0)

	require.NoError(t, got.err)
	sameIDs(t, upTo(120), got.ids)
}

// Rows without numbers for ids, if the way is left to the planner.
func TestHashIDsAreReadByOffset(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	p.hash = true

	got := read(t, p, deals(), 0)

	require.NoError(t, got.err)
	assert.Equal(t, 120, got.report.Rows)
	assert.Equal(t, scan.PagingOffset, got.report.Paging)
	assert.Equal(t, "5f120ab", got.report.LastID)
}

// A list that moved while it was read by offset is an error behind the rows
// that are certain.
func TestOffsetNoticesChanges(t *testing.T) {
	t.Parallel()
	v3List := paged(v3("tasks.task.list", `{"pagination":{"limit":50}}`), scan.PagingOffset)
	drop := func(p *portal) { p.ids = slices.Delete(p.ids, 3, 4) }
	add := func(p *portal) { p.ids = append(p.ids, 1_000) }
	for _, row := range []struct {
		name   string
		o      scan.Options
		change func(p *portal)
		reason scan.Reason
		rows   int
	}{
		{"a row was taken away", byOffset(), drop, scan.ErrChanged, 50},
		{"a row was put in front", down(byOffset()), add, scan.ErrChanged, 50},
		{"many rows were put in front", down(byOffset()), func(p *portal) {
			for i := range uint64(100) {
				p.ids = append(p.ids, 1_000+i)
			}
		}, scan.ErrChanged, 50},
		{"a row was taken away, v3", v3List, drop, scan.ErrChanged, 50},
		{"a row was put in front, v3", down(v3List), add, scan.ErrChanged, 50},
		{"one of each, v3", v3List, func(p *portal) { drop(p); add(p) }, scan.ErrChanged, 50},
		{"the start is ignored", byOffset(), func(p *portal) { p.ignoreStart = true }, scan.ErrStalled, 50},
		{"the start is ignored, v3", v3List, func(p *portal) { p.ignoreStart = true }, scan.ErrStalled, 50},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(120)
			if row.o.V3 {
				p.turnV3()
			}
			changed := false
			p.between = func(p *portal) {
				if len(p.requests) == 2 && !changed {
					changed = true
					row.change(p)
				}
			}

			got := read(t, p, row.o, 0)

			require.ErrorIs(t, got.err, row.reason)
			assert.Len(t, got.ids, row.rows)
			assert.False(t, got.report.Complete)
		})
	}
}

// New rows come last where the order is by the id: they are read too.
func TestOffsetReadsWhatIsAdded(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	p.between = func(p *portal) {
		if len(p.requests) == 2 && len(p.ids) < 130 {
			p.ids = append(p.ids, uint64(len(p.ids)+1))
		}
	}

	got := read(t, p, byOffset(), 0)

	require.NoError(t, got.err)
	assert.Equal(t, len(got.ids), got.report.Rows)
	sameIDs(t, p.ids, got.ids)
}

func TestOffsetComparesTheTotal(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	p.spoil = func(request, call int, result string) string {
		if request == 2 && call == 0 {
			return result[:strings.LastIndex(result, `,{"TITLE"`)] + "]" // a row is hidden
		}
		return result
	}

	got := read(t, p, byOffset(), 0)

	require.ErrorIs(t, got.err, scan.ErrIncomplete)
	assert.ErrorContains(t, got.err, "119 rows were read, the portal counts 120")
	assert.Len(t, got.ids, 119)
}

func TestOffsetResumes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name        string
		stop, limit int
	}{{"behind a page", 1, 0}, {"within a page", 0, 70}, {"at the end", 0, 0}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(130)
			o := byOffset()
			o.Limit = row.limit
			first := read(t, p, o, row.stop)
			o.Limit, o.Resume = 0, first.report.Cursor

			second := read(t, p, o, 0)

			require.NoError(t, errors.Join(first.err, second.err))
			sameIDs(t, upTo(130), slices.Concat(first.ids, second.ids))
			assert.True(t, second.report.Complete)
		})
	}
}

// Rows that go from behind the place do no harm.
func TestOffsetResumeWithinTheFirstPage(t *testing.T) {
	t.Parallel()
	p := newPortal(130)
	o := byOffset()
	o.Limit = 10
	first := read(t, p, o, 0)
	p.ids = slices.Delete(p.ids, 39, 40)
	o.Limit, o.Resume = 0, first.report.Cursor

	second := read(t, p, o, 0)

	require.NoError(t, second.err)
	sameIDs(t, p.ids, slices.Concat(first.ids, second.ids))
}

// Between two readings rows may go: what was read last is no longer where it was.
func TestOffsetResumeNoticesChanges(t *testing.T) {
	t.Parallel()
	p := newPortal(130)
	o := byOffset()
	o.Limit = 70
	first := read(t, p, o, 0)
	p.ids = p.ids[1:]
	o.Resume = first.report.Cursor

	second := read(t, p, o, 0)

	require.ErrorIs(t, second.err, scan.ErrChanged)
	assert.Empty(t, second.ids)
}

// once is a list that is read from a script.
type once struct {
	name     string
	o        scan.Options
	src      *source
	rows     []string
	requests int
	reason   scan.Reason // 0: no error
}

// Lists of other shapes: rows by id, plain values, all in one answer.
func TestOtherLists(t *testing.T) {
	t.Parallel()
	for _, row := range onces() {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var report scan.Report
			var rows []string
			var err error
			for page, problem := range scan.Pages(t.Context(), row.src, row.o, &report) {
				err = problem
				for _, r := range page.Rows {
					rows = append(rows, string(r))
				}
			}

			if row.reason == 0 {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, row.reason)
			}
			assert.Equal(t, row.rows, rows)
			assert.Equal(t, row.requests, row.src.n)
			assert.Equal(t, row.reason == 0, report.Complete)
		})
	}
}

func onces() []once {
	many := "[" + strings.Repeat(`{"a":1},`, 49) + `{"a":1}]`
	var ids []string
	for i := range 50 {
		ids = append(ids, fmt.Sprintf(`{"ID":%d}`, i))
	}
	ones := slices.Repeat([]string{`{"a":1}`}, 50)
	two := []string{`{"ID":"1"}`, `{"ID":"2"}`}
	return []once{
		{"scalars", method("placement.list", ""), said(`["A","B"]`), []string{`"A"`, `"B"`}, 1, 0},
		{"by id", method("imbot.bot.list", ""), said(`{"7":{"ID":7},"8":{"ID":8}}`), []string{`{"ID":7}`, `{"ID":8}`}, 1, 0},
		{"by id, empty", method("imbot.bot.list", ""), said(`[]`), nil, 1, 0},
		{"an empty object in PHP", method("crm.category.list", ""), said(`[]`), nil, 1, 0},
		{"all at once", method("crm.status.list", ""), said(`[{"ID":"1"},{"ID":"2"}]`), two, 1, 0},
		{"all at once, counted", method("crm.status.list", ""), said(`[{"ID":"1"},{"ID":"2"}]`).total(0, 2), two, 1, 0},
		{"all at once, not counted", method("crm.currency.list", ""), said(`[{"ID":"1"},{"ID":"2"}]`).total(0, 0), two, 1, 0},
		{"a next page all the same", method("crm.status.list", ""), said(`[{"ID":"1"}]`, `[{"ID":"2"}]`).next(0, 50), two, 2, 0},
		{"fewer than counted", method("crm.status.list", ""), said(`[{"ID":"1"},{"ID":"2"}]`).total(0, 3), two, 2, scan.ErrIncomplete},
		{"50 rows, and the start has no effect", method("telephony.externalLine.get", ""), said(many), ones, 2, 0},
		{"50 rows, and no more", method("telephony.externalLine.get", ""), said(many, `[]`), ones, 2, 0},
		{"positional", method("task.commentitem.getlist", `[1]`), said(`[{"ID":"1"},{"ID":"2"}]`), two, 1, 0},
		{"positional, 50 rows", method("task.commentitem.getlist", `[1]`), said("[" + strings.Join(ids, ",") + "]"), ids, 1, 0},
		{"positional, more", method("task.item.list", `[]`), said(`[{"ID":"1"}]`).next(0, 50), nil, 1, scan.ErrIncomplete},
		{"limit reached", method("mail.x", ""), said(`[{"ID":"1"}]`), []string{`{"ID":"1"}`}, 1, 0},
		{"unknown, one page", method("partner.list", ""), said(`{"things":[{"ID":"1"},{"ID":"2"}],"n":2}`).total(0, 2), two, 1, 0},
		{"unknown, more by the total", method("partner.list", ""), said(`[{"ID":"1"}]`, `[{"ID":"1"},{"ID":"2"}]`, `[]`).total(0, 2), two, 3, 0},
		{"unknown, no rows", method("partner.list", ""), said(`{"a":1,"b":{}}`), nil, 1, scan.ErrRows},
		{"unknown, two lists", method("partner.list", ""), said(`{"a":[],"b":[]}`), nil, 1, scan.ErrRows},
		{"unknown, a plain value", method("partner.list", ""), said(`true`), nil, 1, scan.ErrRows},
		{"next goes back", byOffset(), said(`[{"ID":"1"}]`).next(0, 0), nil, 1, scan.ErrStalled},
		{"limit only", v3Limit(), said(`[{"id":1},{"id":2}]`), nil, 1, scan.ErrIncomplete},
		{"limit only, fewer", v3Limit(), said(`[{"id":1}]`), []string{`{"id":1}`}, 1, 0},
		{"a row without the id that was named", named(), said(`[{"ID":"1"}]`), nil, 1, scan.ErrNoID},
	}
}

func v3Limit() scan.Options { return v3("mail.message.thread", `{"limit":2}`) }
