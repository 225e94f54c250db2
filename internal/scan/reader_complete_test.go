package scan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// A portal whose pages are shorter than its methods' are known to be is read to the end,
// and a list that fits into a page costs one request all the same.
func TestPagesShorterThanKnown(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 7, 20, 33, 49, 50} {
		for _, rows := range []int{0, 1, 19, 20, 21, 40, 49, 50, 51, 300} {
			for name, o := range map[string]scan.Options{"auto": deals(), "singly": singly(), "down": down(deals()), "ranges": parallel(4)} {
				p := newPortal(rows)
				p.size = size

				got := read(t, p, o, 0)

				require.NoError(t, got.err, "%s: %d of %d", name, rows, size)
				assert.Len(t, got.ids, rows, "%s: %d of %d", name, rows, size)
				assert.True(t, got.report.Complete, "%s: %d of %d", name, rows, size)
				if name == "auto" && rows <= size {
					assert.Equal(t, 1, got.requests, "%d of %d", rows, size)
				}
			}
		}
	}
}

// The rows that a fake portal of somebody's test always answers with are all there are.
func TestTheSameRowsWhateverIsAsked(t *testing.T) {
	t.Parallel()
	for _, result := range []string{`[]`, `[{"ID":"7"}]`, `[{"ID":"1"},{"ID":"2"},{"ID":"3"}]`} {
		p := newPortal(0)
		p.spoil = func(int, int, string) string { return result }

		got := read(t, p, deals(), 0)

		require.NoError(t, got.err, result)
		assert.Len(t, got.ids, strings.Count(result, "ID"))
		assert.Len(t, p.requests, 1)
		assert.True(t, got.report.Complete)
	}
}

// Short pages of a list that was counted do not end it before all that was counted came; an empty page
// that says that rows are behind it is no end either.
func TestCountedLists(t *testing.T) {
	t.Parallel()
	hidden := func(request, _ int, result string) string { // ten rows of the first page are not shown
		if request > 1 {
			return result
		}
		return result[:strings.Index(result, `,{"TITLE":"Deal \"41\"`)] + "]"
	}
	o := singly()
	o.WantTotal = true
	p := newPortal(300)
	p.spoil = hidden
	got := read(t, p, o, 0)
	require.NoError(t, got.err)
	sameIDs(t, upTo(300), got.ids)

	lying := said(pageOf(1, 40), `[]`).total(0, 300).total(1, 260)
	rows, report, err := readAll(t, lying, o)
	require.ErrorIs(t, err, scan.ErrIncomplete)
	assert.Len(t, rows, 40)
	assert.False(t, report.Complete)

	deleted := said(pageOf(1, 40), `[]`).total(0, 300).total(1, 0)
	rows, report, err = readAll(t, deleted, o)
	require.NoError(t, err)
	assert.Len(t, rows, 40)
	assert.True(t, report.Complete)
}

// A total below the rows of its own page is no total of these rows, in any way of reading.
func TestTotalsBelowThePage(t *testing.T) {
	t.Parallel()
	counted := singly()
	counted.WantTotal = true
	for name, o := range map[string]scan.Options{"by id": counted, "by offset": byOffset(), "unknown": method("partner.thing.list", "")} {
		_, report, err := readAll(t, said(pageOf(1, 40)).total(0, 12), o)
		require.ErrorIs(t, err, scan.ErrIncomplete, name)
		assert.False(t, report.Complete, name)
	}
}

// Rows with ids of 0 and below are rows like others.
func TestIDsBelowOne(t *testing.T) {
	t.Parallel()
	var rows []string
	for i := -120; i < 3; i++ {
		rows = append(rows, fmt.Sprintf(`{"ID":"%d"}`, i))
	}
	list := func(from, to int) string { return "[" + strings.Join(rows[from:to], ",") + "]" }
	s := &script{results: []string{list(0, 50), list(50, 100), list(100, 123)}}

	got := readScript(t, s, singly())

	require.NoError(t, got.err)
	assert.Equal(t, 123, got.report.Rows)
	assert.NotContains(t, s.calls[0], "filter")
	assert.Contains(t, s.calls[1], `"filter":{">ID":-71}`)
	assert.Contains(t, s.calls[2], `"filter":{">ID":-21}`)
	assert.Equal(t, []string{"-120", "2"}, []string{got.report.FirstID, got.report.LastID})

	s = &script{results: []string{`[{"ID":-4294967297}]`}}
	require.ErrorIs(t, readScript(t, s, singly()).err, scan.ErrBadID)
}

// An upper bound below 0 bounds the list.
func TestBoundsBelowZero(t *testing.T) {
	t.Parallel()
	for params, want := range map[string]string{
		`{"filter":{"<ID":-5}}`:                       `"filter":{"<ID":-5}`,
		`{"filter":{"<=ID":"-1",">=ID":-70}}`:         `"filter":{">ID":-71,"<ID":0}`,
		`{"filter":{"<ID":-5},"order":{"ID":"desc"}}`: `"filter":{"<ID":-5}`,
	} {
		_, calls, _, err := scan.FirstCalls(deal(params))
		require.NoError(t, err, params)
		assert.Contains(t, calls[0], want)
	}
	p := newPortal(50)
	got := read(t, p, deal(`{"filter":{"<ID":-4294967299}}`), 0)
	require.NoError(t, got.err)
	assert.Empty(t, got.ids)
	assert.Empty(t, p.requests, "no id lies below")
	sameIDs(t, upTo(50), read(t, p, deal(`{"filter":{">ID":-4294967299}}`), 0).ids)
}

// An older server drops the bounds of users' ids: they are counted from there on.
func TestUsersOfAnOlderServer(t *testing.T) {
	t.Parallel()
	for _, rows := range []int{40, 50, 120, 400} {
		p := newPortal(rows)
		p.ignoreFilter, p.scalars = true, true

		got := read(t, p, method("user.get", `{"ACTIVE":1}`), 0)

		require.NoError(t, got.err, "%d", rows)
		sameIDs(t, upTo(rows), got.ids)
		assert.True(t, got.report.Complete)
		if rows > 50 {
			assert.Equal(t, scan.PagingOffset, got.report.Paging)
			assert.Contains(t, got.report.Why, "drops bounds")
		}
	}
}

// A row for each match in another table is one row; two that differ are two, and the id does not tell them apart.
func TestRowsForEachMatch(t *testing.T) {
	t.Parallel()
	p := newPortal(0)
	p.spoil = func(_, _ int, _ string) string {
		return `[{"ID":"1"},{"ID":"1"},{"ID":"2"},{"ID":"5"},{"ID":"5"},{"ID":"5"}]`
	}
	got := read(t, p, method("crm.activity.list", ""), 0)
	require.NoError(t, got.err)
	sameIDs(t, []uint64{1, 2, 5}, got.ids)

	p.spoil = func(_, _ int, _ string) string { return `[{"ID":"1","A":1},{"ID":"1","A":2}]` }
	got = read(t, p, method("crm.activity.list", ""), 0)
	require.ErrorIs(t, got.err, scan.ErrOrder)
	assert.ErrorContains(t, got.err, "does not tell its rows apart")
}
