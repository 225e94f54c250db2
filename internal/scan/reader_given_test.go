package scan_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// byIDs reads rows by their ids.
func byIDs(t *testing.T, o scan.Options, ids ...uint64) scan.Options {
	t.Helper()
	list, err := json.Marshal(ids)
	require.NoError(t, err)
	if o.V3 {
		o.Params = fmt.Appendf(nil, `{"filter":[["id","in",%s]]}`, list)
	} else {
		o.Params = fmt.Appendf(nil, `{"filter":{"@ID":%s}}`, list)
	}
	return o
}

func tasks3() scan.Options { return scan.Options{Method: "tasks.task.list", V3: true} }

// Fifty ids a page, fifty pages a request, whatever their order and however often they stand there.
func TestRowsByTheirIDs(t *testing.T) {
	t.Parallel()
	for _, o := range []scan.Options{deals(), tasks3()} {
		for _, row := range []struct{ ids, requests int }{{1, 1}, {50, 1}, {51, 1}, {120, 1}, {2500, 1}, {2501, 2}, {3000, 2}} {
			p := newPortal(6000)
			if o.V3 {
				p.turnV3()
			}
			var ids, want []uint64
			for i := range row.ids {
				want = append(want, uint64(2*i+1))
			}
			ids = append(slices.Clone(want), want[:min(10, row.ids)]...)
			slices.Reverse(ids)

			got := read(t, p, byIDs(t, o, ids...), 0)

			require.NoError(t, got.err, "%d", row.ids)
			sameIDs(t, want, got.ids)
			assert.Equal(t, row.requests, got.requests, "%d", row.ids)
			assert.Equal(t, scan.PagingIDs, got.report.Paging)
			assert.True(t, got.report.Complete)
		}
	}
}

// Ids without a row cost nothing where the portal counts, and one more look at the end where it does not.
func TestIDsWithoutARow(t *testing.T) {
	t.Parallel()
	for requests, o := range map[int]scan.Options{1: deals(), 2: tasks3()} {
		p := newPortal(100)
		if o.V3 {
			p.turnV3()
		}

		got := read(t, p, byIDs(t, o, 7, 9, 500, 501), 0)

		require.NoError(t, got.err)
		sameIDs(t, []uint64{7, 9}, got.ids)
		assert.Equal(t, requests, got.requests)
		assert.True(t, got.report.Complete)
	}
}

// A portal with shorter pages than its method is known to have leaves none out.
func TestIDsOnShortPages(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 3, 20, 49} {
		for _, o := range []scan.Options{deals(), down(deals()), tasks3()} {
			p := newPortal(300)
			if p.size = size; o.V3 {
				p.turnV3()
				p.size = size
			}

			got := read(t, p, byIDs(t, o, upTo(150)...), 0)

			require.NoError(t, got.err)
			if o.Descending {
				slices.Reverse(got.ids)
			}
			sameIDs(t, upTo(150), got.ids)
			assert.True(t, got.report.Complete)
		}
	}
}

// The caller's other conditions, bounds, limit and total hold, and a cursor goes on.
func TestIDsAmongOtherConditions(t *testing.T) {
	t.Parallel()
	p := newPortal(400)
	o := deal(`{"filter":{"ID":[2,"4",5,6,8,10,12,2],"EVEN":1,">ID":2,"<=ID":"10"}}`)
	o.Limit, o.WantTotal = 2, true

	first := read(t, p, o, 0)
	o.Resume, o.Limit = first.report.Cursor, 0
	second := read(t, p, o, 0)
	o.Resume = second.report.Cursor
	third := read(t, p, o, 0)

	require.NoError(t, first.err)
	require.NoError(t, second.err)
	require.NoError(t, third.err)
	sameIDs(t, []uint64{4, 6}, first.ids)
	sameIDs(t, []uint64{8, 10}, second.ids)
	assert.Empty(t, third.ids)
	assert.Equal(t, []bool{false, true, true}, []bool{first.report.Complete, second.report.Complete, third.report.Complete})
	assert.Equal(t, 4, second.pages[0].Total, "of 4, 5, 6, 8, 10 one has no row")
	assert.Contains(t, p.requests[0][0], `"filter":{"EVEN":1,"ID":[4,5,6,8,10]}`)
}

// Where the list has no effect the rows are read by id with the list as it is: the portal's own answer.
func TestIDsThatThePortalIgnores(t *testing.T) {
	t.Parallel()
	p := newPortal(120)
	p.ignoreLists = true

	got := read(t, p, byIDs(t, deals(), 7, 9), 0)

	require.NoError(t, got.err)
	sameIDs(t, upTo(120), got.ids)
	assert.Equal(t, scan.PagingChained, got.report.Paging)
}

// A list in which something is no number is the portal's to read, and so is one among alternatives.
func TestListsThatAreNoIDs(t *testing.T) {
	t.Parallel()
	for _, o := range []scan.Options{
		deal(`{"filter":{"@ID":[1,"x"]}}`), deal(`{"filter":{"@ID":[1,2],"ID":2}}`),
		method("crm.item.list", `{"entityTypeId":2,"filter":{"logic":"OR","@id":[1,2],"stageId":"NEW"}}`),
		method("crm.item.list", `{"entityTypeId":2,"filter":{"@id":[1,2],"@contactIds":[1,2]}}`),
	} {
		way, _, _, err := scan.FirstCalls(o)
		require.NoError(t, err, "%s", o.Params)
		assert.Equal(t, scan.PagingChained, way, "%s", o.Params)
	}
	way, _, _, err := scan.FirstCalls(deal(`{"filter":{"@ID":[1,2]},"order":{"TITLE":"ASC"}}`))
	require.NoError(t, err)
	assert.Equal(t, scan.PagingOffset, way)
	way, calls, _, err := scan.FirstCalls(method("catalog.store.list", `{"filter":{"@id":[0,-1,7]}}`))
	require.NoError(t, err)
	assert.Equal(t, scan.PagingIDs, way)
	assert.Contains(t, calls[0], `"filter":{"id":[7]}`) // the portal would make 1 of the others
}
