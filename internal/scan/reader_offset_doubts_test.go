package scan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// Read by offset, no row comes twice, from however far away; and where the ids are the
// order, they rise.
func TestOffsetRemembersRows(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		o      scan.Options
		pages  []string
		reason scan.Reason
	}{
		"an order that is not total":  {method("user.get", `{"sort":"NAME","order":"ASC"}`), []string{pageOf(1, 50), pageOf(51, 100), pageOf(1, 20)}, scan.ErrChanged},
		"by id, from far away":        {byOffset(), []string{pageOf(1, 50), pageOf(51, 100), pageOf(1, 20)}, scan.ErrOrder},
		"by id, and they do not rise": {byOffset(), []string{pageOf(51, 100), pageOf(1, 50), pageOf(51, 70)}, scan.ErrOrder},
	} {
		src := said(row.pages...).next(0, 50).next(1, 100)
		for i := range row.pages {
			src.total(i, 120)
		}
		_, report, err := readAll(t, src, row.o)
		var e *scan.Error
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, row.reason, e.Reason, name)
		assert.False(t, report.Complete, name)
	}
	// An order of its own is as good, as long as all rows come.
	mixed := said(`[{"ID":"9"},{"ID":"3"},{"ID":"5"}]`).total(0, 3)
	rows, report, err := readAll(t, mixed, byOffset())
	require.NoError(t, err)
	assert.Len(t, rows, 3)
	assert.True(t, report.Complete)
}

// The next page begins behind the rows of this one, and no more than a page further.
func TestNextPagesThatLeadAstray(t *testing.T) {
	t.Parallel()
	address := func(from, to int) string {
		var rows []string
		for i := from; i <= to; i++ {
			rows = append(rows, fmt.Sprintf(`{"TYPE_ID":1,"ENTITY_TYPE_ID":8,"ENTITY_ID":%d}`, i))
		}
		return "[" + strings.Join(rows, ",") + "]"
	}
	for name, src := range map[string]scan.Source{
		"back":  said(address(1, 50), address(31, 60)).next(0, 30),
		"ahead": said(address(1, 50), address(101, 120)).next(0, 100),
	} {
		_, report, err := readAll(t, src, method("crm.address.list", ""))
		var e *scan.Error
		require.ErrorAs(t, err, &e, name)
		assert.Equal(t, scan.ErrChanged, e.Reason, name)
		assert.False(t, report.Complete)
	}
	hidden := said(address(1, 47), address(51, 60)).next(0, 50) // three rows are hidden
	rows, _, err := readAll(t, hidden, method("crm.address.list", ""))
	require.NoError(t, err)
	assert.Len(t, rows, 57)
}

// A select without the id gets it, for rows are told apart by it.
func TestOffsetSelectsTheID(t *testing.T) {
	t.Parallel()
	_, calls, _, err := scan.FirstCalls(deal(`{"order":{"DATE_CREATE":"DESC"},"select":["STAGE_ID"]}`))
	require.NoError(t, err)
	assert.Contains(t, calls[0], `"select":["STAGE_ID","ID"]`)
}

// A method that answers with all rows each time, and meanwhile got one more.
func TestAllRowsAtOnceThatGrow(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 52 {
		lines = append(lines, fmt.Sprintf(`{"NUMBER":"%d"}`, i))
	}
	all := func(n int) string { return "[" + strings.Join(lines[:n], ",") + "]" }
	rows, report, err := readAll(t, said(all(50), all(51)), method("telephony.externalLine.get", ""))
	require.NoError(t, err)
	assert.Equal(t, lines[:51], rows)
	assert.True(t, report.Complete)

	again := method("telephony.externalLine.get", "")
	again.Resume = report.Cursor
	rows, _, err = readAll(t, said(all(52)), again)
	require.NoError(t, err)
	assert.Equal(t, lines[51:52], rows)
}

// A row is told by its id, whatever else of it changed.
func TestOffsetTellsRowsByTheirID(t *testing.T) {
	t.Parallel()
	byName := method("user.get", `{"sort":"NAME","order":"ASC"}`)
	again := strings.ReplaceAll(pageOf(1, 20), "EUR", "USD")
	_, _, err := readAll(t, said(pageOf(1, 50), again).next(0, 50).total(0, 70), byName)
	require.ErrorIs(t, err, scan.ErrChanged)
}

func TestMoreRowsThanCounted(t *testing.T) {
	t.Parallel()
	_, report, err := readAll(t, said(pageOf(1, 50), pageOf(51, 70)).total(0, 60).next(0, 50), byOffset())
	require.ErrorIs(t, err, scan.ErrIncomplete)
	assert.Equal(t, 70, report.Rows)
}

// Where a method ignores the start, a reading that was left behind a full page finds all rows again.
func TestAllRowsAtOnceResumed(t *testing.T) {
	t.Parallel()
	for _, all := range []int{50, 57, 100} {
		o := method("telephony.externalLine.get", "")
		var report scan.Report
		for range scan.Pages(t.Context(), said(lines(50)), o, &report) {
			break
		}
		o.Resume = report.Cursor
		rows, report, err := readAll(t, said(lines(all)), o)
		require.NoError(t, err)
		assert.Len(t, rows, all-50)
		assert.True(t, report.Complete)
	}
}

func TestAllRowsAtOnceWithALimit(t *testing.T) {
	t.Parallel()
	o := method("telephony.externalLine.get", "")
	o.Limit = 51
	first, report, err := readAll(t, said(lines(50), lines(53)), o)
	require.NoError(t, err)
	assert.Len(t, first, 51)
	assert.False(t, report.Complete)
	o.Resume = report.Cursor
	second, _, err := readAll(t, said(lines(53)), o)
	require.NoError(t, err)
	assert.Equal(t, []string{`{"NUMBER":"51"}`, `{"NUMBER":"52"}`}, second)
}

// A limit that ends in a later page of a method that was asked without pages.
func TestNextPageAllTheSameWithALimit(t *testing.T) {
	t.Parallel()
	o := method("crm.status.list", "")
	o.Limit = 60
	first, report, err := readAll(t, said(pageOf(1, 50), pageOf(51, 70)).next(0, 50), o)
	require.NoError(t, err)
	assert.Len(t, first, 60)
	o.Resume = report.Cursor
	second, _, err := readAll(t, said(pageOf(51, 70)), o)
	require.NoError(t, err)
	assert.Len(t, second, 10)
}

// What tells that rows moved between two pages by offset.
func TestOffsetNoticesRowsThatMoved(t *testing.T) {
	t.Parallel()
	byName := method("user.get", `{"sort":"NAME","order":"ASC"}`)
	address := func(from, to int) string {
		return strings.ReplaceAll(pageOf(uint64(from), uint64(to)), `"ID"`, `"ENTITY_ID"`)
	}
	falling := `[{"ID":"9"},{"ID":"3"},{"ID":"5"}]`
	for name, row := range map[string]struct {
		o      scan.Options
		src    *source
		reason scan.Reason
	}{
		"the last row again, by id":        {byOffset(), said(pageOf(1, 50), pageOf(50, 69)).total(0, 70).total(1, 70), scan.ErrOrder},
		"no id, and the total rose":        {method("crm.address.list", ""), said(address(1, 50), address(50, 60)).total(0, 60).total(1, 61), scan.ErrChanged},
		"no order, then one, and a repeat": {byOffset(), said(falling, `[{"ID":"5"},{"ID":"6"}]`).total(0, 5).next(0, 3).total(1, 5), scan.ErrChanged},
		"the order holds, the total fell":  {byName, said(pageOf(1, 50), pageOf(52, 60)).total(0, 60).total(1, 59), scan.ErrChanged},
	} {
		_, report, err := readAll(t, row.src, row.o)
		require.ErrorIs(t, err, row.reason, name)
		assert.False(t, report.Complete, name)
	}
}

// Behind a cursor the row read last must not come again.
func TestOffsetNoticesRowsThatMovedMeanwhile(t *testing.T) {
	t.Parallel()
	o := method("user.get", `{"sort":"NAME","order":"ASC"}`)
	var report scan.Report
	for range scan.Pages(t.Context(), said(pageOf(1, 50)).total(0, 70).next(0, 50), o, &report) {
		break
	}
	o.Resume = report.Cursor
	rows, _, err := readAll(t, said(pageOf(50, 69)).total(0, 70), o)
	require.ErrorIs(t, err, scan.ErrChanged)
	assert.Empty(t, rows)
}

// Rows in the order of their ids may grow by any number.
func TestOffsetByIDTakesRowsThatAreAdded(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	p.between = func(p *portal) {
		if len(p.requests) == 2 {
			p.ids = upTo(400)
		}
	}

	got := read(t, p, byOffset(), 0)

	require.NoError(t, got.err)
	sameIDs(t, upTo(400), got.ids)
}

// Pages overlap by a row where they can begin at any row, in either spelling of the parameters.
func TestPagesOverlap(t *testing.T) {
	t.Parallel()
	for _, o := range []scan.Options{method("im.search.chat.list", ""), paged(v3("tasks.task.list", ""), scan.PagingOffset)} {
		rows := []string{`[{"id":1},{"id":2}]`, `[{"id":2},{"id":3}]`, `[{"id":3}]`}
		if o.V3 {
			rows = []string{`{"items":` + rows[0] + `}`, `{"items":` + rows[1] + `}`, `{"items":` + rows[2] + `}`}
		}
		s := &script{results: rows}

		got := readScript(t, s, o)

		require.NoError(t, got.err)
		sameIDs(t, upTo(3), got.ids)
		require.Len(t, s.calls, 3)
		assert.Contains(t, strings.ToLower(s.calls[1]), `"offset":1}`)
	}
}
