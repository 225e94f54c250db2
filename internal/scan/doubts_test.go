package scan_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// readAll reads what a source says, one call a request.
func readAll(t *testing.T, src scan.Source, o scan.Options) (rows []string, report scan.Report, err error) {
	t.Helper()
	o.Alone = "a source of single calls"
	for page, bad := range scan.Pages(t.Context(), src, o, &report) {
		err = bad
		for _, row := range page.Rows {
			rows = append(rows, string(row))
		}
	}
	return rows, report, err
}

func pageOf(from, to uint64) string { return string(appendRows(nil, from, to)) }

// What a total may say without meaning it does not end a list.
func TestTotalsThatMeanNothing(t *testing.T) {
	t.Parallel()
	counted := singly()
	counted.WantTotal = true
	for name, row := range map[string]struct {
		src scan.Source
		o   scan.Options
	}{
		"counted, and a next page":     {said(pageOf(1, 50), pageOf(51, 70)).total(0, 50).next(0, 50), counted},
		"not known, not counted: -1":   {said(pageOf(1, 50), pageOf(51, 70), pageOf(1, 50), pageOf(51, 70), `[]`).total(0, -1), method("partner.list", "")},
		"not known, not counted: 0":    {said(pageOf(1, 50), pageOf(51, 70), pageOf(1, 50), pageOf(51, 70), `[]`).total(0, 0), method("partner.list", "")},
		"not known, counts its page":   {said(pageOf(1, 50), pageOf(51, 70), pageOf(1, 50), pageOf(51, 70), `[]`).total(0, 50), method("partner.list", "")},
		"one hundred a page":           {said(pageOf(1, 100), pageOf(101, 170), pageOf(1, 100), pageOf(101, 170), `[]`), method("partner.list", "")},
		"one page is longer than most": {said(pageOf(1, 51), pageOf(52, 101), pageOf(102, 151), pageOf(152, 170)), singly()},
	} {
		rows, report, err := readAll(t, row.src, row.o)
		require.NoError(t, err, name)
		assert.Len(t, rows, map[bool]int{true: 170, false: 70}[strings.HasPrefix(name, "one")], name)
		assert.True(t, report.Complete, name)
	}
}

// A method that nothing is known of may drop rows from its pages: a short one is not
// taken for the end. The first one is, for a list that fits into a page costs one request.
func TestShortPagesOfUnknownMethods(t *testing.T) {
	t.Parallel()
	untilEmpty := deals()
	untilEmpty.UntilEmpty = true
	for name, o := range map[string]scan.Options{"unknown": method("partner.thing.list", ""), "until empty": untilEmpty} {
		p := newPortal(500)
		p.spoil = func(request, _ int, result string) string {
			if request == 3 {
				return result[:strings.LastIndex(result, `,{"TITLE"`)] + "]" // its last row is hidden
			}
			return result
		}
		got := read(t, p, o, 0)
		require.NoError(t, got.err, name)
		assert.Greater(t, len(got.ids), 490, name)
		assert.Equal(t, uint64(500), got.ids[len(got.ids)-1], name)
	}
	p := newPortal(49)
	assert.Equal(t, 1, read(t, p, method("partner.thing.list", ""), 0).requests)
}

// A row with the id 0 is one, where the first page shows that there are such.
func TestIDsFromZero(t *testing.T) {
	t.Parallel()
	p := newPortal(0)
	p.ids = append([]uint64{0}, upTo(120)...)
	for name, o := range map[string]scan.Options{"not known": method("partner.thing.list", ""), "down": down(deals())} {
		got := read(t, p, o, 0)
		require.NoError(t, got.err, name)
		assert.Len(t, got.ids, 121, name)
	}
}

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

// A cursor that nobody made is no reason to fall over.
func TestForgedCursors(t *testing.T) {
	t.Parallel()
	p := newPortal(200)
	for _, o := range []scan.Options{deals(), byOffset()} {
		place := read(t, p, o, 1).report.Cursor
		raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(place, "b24.1."))
		require.NoError(t, err)
		fields := string(raw[:len(raw)-4])
		require.Contains(t, fields, `"z":50,`)
		o.Resume = scan.Seal(strings.Replace(fields, `"z":50,`, "", 1))
		var e *scan.Error
		require.ErrorAs(t, read(t, p, o, 0).err, &e)
		assert.Equal(t, scan.ErrCursor, e.Reason)
	}
}

// Where several stretches are left, the rows of one are not counted for all.
func TestSeveralStretchesAreNotCounted(t *testing.T) {
	t.Parallel()
	p := newPortal(20_000)
	place := read(t, p, deals(), 1).report.Cursor
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(place, "b24.1."))
	require.NoError(t, err)
	whole := `"s":[51,18446744073709551615]`
	require.Contains(t, string(raw), whole)
	o := deals()
	o.Resume = scan.Seal(strings.Replace(string(raw[:len(raw)-4]), whole, `"s":[51,300,5001,18446744073709551615]`, 1))
	plain := read(t, p, o, 0)
	o.WantTotal = true
	counted := read(t, p, o, 0)
	require.NoError(t, counted.err)
	assert.Len(t, counted.ids, len(plain.ids))
	assert.Equal(t, plain.requests, counted.requests)
	assert.Zero(t, p.counted)
	for _, page := range counted.pages {
		assert.True(t, page.Total == -1 || page.Total >= page.Done)
	}
}

// Downwards, too, a page must go on behind the one before it.
func TestFilterIgnoredOnTheWayDown(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	p.ignoreUpper = true
	got := read(t, p, down(singly()), 3)
	var e *scan.Error
	require.ErrorAs(t, got.err, &e)
	assert.Equal(t, scan.ErrStalled, e.Reason)
	assert.Len(t, got.ids, 50)
}

// A method that nothing is known of may drop rows from any page, the first one behind a
// cursor and the first one by id among them.
func TestShortFirstPagesOfUnknownMethods(t *testing.T) {
	t.Parallel()
	for name, named := range map[string]string{"probed": "", "named": "ID"} {
		o := method("partner.thing.list", "")
		o.IDKey = named
		p := newPortal(500)
		whole := read(t, p, o, 0)
		for _, o.Resume = range []string{"", whole.pages[0].Cursor(), whole.pages[4].Cursor()} {
			p := newPortal(500)
			hidden := 1 // request
			if o.Resume == "" && named == "" {
				hidden = 2 // behind the probe
			}
			p.spoil = func(request, _ int, result string) string {
				if request == hidden {
					return result[:strings.LastIndex(result, `,{"TITLE"`)] + "]" // its last row is hidden
				}
				return result
			}

			got := read(t, p, o, 0)

			require.NoError(t, got.err, name)
			assert.Equal(t, uint64(500), got.ids[len(got.ids)-1], name)
		}
	}
}

// The portal may ignore a bound of the caller: rows beyond it are dropped, and end the list.
func TestBoundsThatThePortalIgnores(t *testing.T) {
	t.Parallel()
	counted := deal(`{"filter":{"<ID":3}}`)
	counted.WantTotal = true
	for name, row := range map[string]struct {
		o    scan.Options
		said *source
		rows int
	}{
		"down":                  {down(deal(`{"filter":{">ID":100}}`)), said(`[{"ID":"102"},{"ID":"101"},{"ID":"100"},{"ID":"99"}]`), 2},
		"counted, all of them":  {counted, said(`[{"ID":"5"},{"ID":"6"}]`).total(0, 9), 0},
		"counted, some of them": {counted, said(`[{"ID":"2"},{"ID":"6"}]`).total(0, 9), 1},
	} {
		rows, report, err := readAll(t, row.said, row.o)
		require.NoError(t, err, name)
		assert.Len(t, rows, row.rows, name)
		assert.True(t, report.Complete, name)
		assert.Equal(t, 1, row.said.n, name)
	}
}

// A later page without ids does not begin the list anew in another way.
func TestLaterPageWithoutIDs(t *testing.T) {
	t.Parallel()
	p := newPortal(500)
	p.spoil = func(r, c int, result string) string { return at(r, c, 2, 0).or(`[{"a":1}]`, result) }

	got := read(t, p, deals(), 0)

	require.ErrorIs(t, got.err, scan.ErrNoID)
	sameIDs(t, upTo(50), got.ids)
}

// Rows of a method known by its id that come without one are counted.
func TestFirstPageWithoutIDs(t *testing.T) {
	t.Parallel()
	rows, report, err := readAll(t, said(`[{"a":1},{"a":2}]`), deals())
	require.NoError(t, err)
	assert.Len(t, rows, 2)
	assert.Equal(t, scan.PagingOffset, report.Paging)
	assert.True(t, report.Complete)
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

// lines are the rows of a method that has no id for them.
func lines(n int) string {
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf(`{"NUMBER":"%d"}`, i))
	}
	return "[" + strings.Join(rows, ",") + "]"
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
