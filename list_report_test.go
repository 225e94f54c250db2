package b24_test

import (
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

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
