package scan_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// slow is a portal whose requests take a tenth of a second a page.
func slow(rows int) *portal {
	p := newPortal(rows)
	p.took = func(calls []string) time.Duration { return time.Duration(len(calls)) * 100 * time.Millisecond }
	return p
}

func parallel(n int) scan.Options {
	o := deals()
	o.Concurrency = n
	return o
}

func TestRangesReadEachRowOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := slow(10_000)
		even := p.took
		p.took = func(calls []string) time.Duration {
			if strings.Contains(calls[0], `">ID":250,`) {
				return 2 * even(calls) // the lowest range comes last
			}
			return even(calls)
		}

		got := read(t, p, parallel(4), 0)

		require.NoError(t, got.err)
		assert.False(t, slices.IsSorted(got.ids), "rows come as they are read")
		slices.Sort(got.ids)
		sameIDs(t, upTo(10_000), got.ids)
		assert.Equal(t, 4, p.peak)
		assert.Equal(t, scan.PagingRanges, got.report.Paging)
		assert.Equal(t, "1", got.report.FirstID)
		assert.Equal(t, "10000", got.report.LastID)
		assert.True(t, got.report.Complete)
	})
}

// Work is taken over: ids that lie close together at one end are still read by all.
func TestRangesShareAClusterOfIDs(t *testing.T) {
	t.Parallel()
	alone, together := clusterTime(t, 1), clusterTime(t, 4)
	assert.Less(t, together, alone*2/5)
}

func clusterTime(t *testing.T, workers int) time.Duration {
	t.Helper()
	var took time.Duration
	synctest.Test(t, func(t *testing.T) {
		p := slow(0)
		for i := range uint64(100) {
			p.ids = append(p.ids, i+1)
		}
		for i := range uint64(10_000) {
			p.ids = append(p.ids, 50_000_000+i)
		}
		begin := time.Now()

		got := read(t, p, parallel(workers), 0)

		took = time.Since(begin)
		require.NoError(t, got.err)
		slices.Sort(got.ids)
		sameIDs(t, p.ids, got.ids)
	})
	return took
}

// All goroutines end with the range, or the bubble does not.
func TestRangesEndEarly(t *testing.T) {
	t.Parallel()
	for _, pages := range []int{1, 2, 7, 50} {
		synctest.Test(t, func(t *testing.T) {
			p := slow(10_000)
			var report scan.Report
			var stopped time.Time
			for page, err := range scan.Pages(t.Context(), p, parallel(4), &report) {
				assert.NoError(t, err)
				stopped = time.Now()
				if page.Number == pages {
					break
				}
			}

			assert.Equal(t, stopped, time.Now())
			assert.Equal(t, pages, report.Pages)
			assert.False(t, report.Complete)
			assert.Zero(t, p.busy())
		})
	}
}

func TestRangesEndWithAPanic(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := slow(50_000)

		assert.Panics(t, func() {
			for page := range scan.Pages(t.Context(), p, parallel(4), nil) {
				if page.Number > 7 && p.busy() > 0 {
					panic("the consumer's own")
				}
			}
		})

		assert.Zero(t, p.busy())
	})
}

// A total that was counted once goes along in the cursor.
func TestRangesKeepTheTotal(t *testing.T) {
	t.Parallel()
	p := newPortal(2_000)
	o := parallel(3)
	o.WantTotal = true
	o.Resume = read(t, p, o, 9).report.Cursor

	got := read(t, p, o, 0)

	require.NoError(t, got.err)
	assert.Equal(t, 2_000, got.pages[0].Total)
	assert.Equal(t, 2_000, got.pages[len(got.pages)-1].Done)
	assert.Equal(t, 1, p.counted)
}

func TestRangesResume(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			p := slow(10_000)
			first := read(t, p, parallel(4), 60)
			o := parallel(workers)
			o.Resume = first.pages[59].Cursor()

			second := read(t, p, o, 0)

			require.NoError(t, errors.Join(first.err, second.err))
			ids := slices.Concat(first.ids, second.ids)
			slices.Sort(ids)
			sameIDs(t, upTo(10_000), ids)
			assert.True(t, second.report.Complete)
		})
	}
}

func TestRangesEndWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := slow(10_000)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := time.Now()
		var err error
		for _, err = range scan.Pages(ctx, p, parallel(4), nil) {
			continue
		}

		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, scan.ErrRequest)
		assert.Equal(t, 3*time.Second, time.Since(begin))
	})
}

func TestRangesEndWithAnError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := slow(10_000)
		p.refuse = func(request, _ int) error {
			if request > 4 {
				return errPortal
			}
			return nil
		}

		first := read(t, p, parallel(4), 0)
		p.refuse = nil
		o := parallel(4)
		o.Resume = first.report.Cursor
		second := read(t, p, o, 0)

		require.ErrorIs(t, first.err, errPortal)
		require.NoError(t, second.err)
		ids := slices.Concat(first.ids, second.ids)
		slices.Sort(ids)
		sameIDs(t, upTo(10_000), ids)
	})
}

// Rows that are added while ranges are read are read too.
func TestRangesReadWhatIsAdded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := slow(5_000)
		p.between = func(p *portal) {
			if len(p.requests) >= 3 && len(p.ids) == 5_000 {
				for i := range uint64(300) {
					p.ids = append(p.ids, 5_001+i)
				}
			}
		}

		got := read(t, p, parallel(4), 0)

		require.NoError(t, got.err)
		slices.Sort(got.ids)
		sameIDs(t, upTo(5_300), got.ids)
	})
}

// A wish for an order or for a number of rows is kept: one range then.
func TestRangesKeepTheOrder(t *testing.T) {
	t.Parallel()
	limited := parallel(4)
	limited.Limit = 600
	ordered := parallel(4)
	ordered.Params = []byte(`{"order":{"ID":"ASC"}}`)
	for name, o := range map[string]scan.Options{"down": down(parallel(4)), "limit": limited, "order": ordered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(1_000)

			got := read(t, p, o, 0)

			require.NoError(t, got.err)
			if o.Descending {
				slices.Reverse(got.ids)
			}
			assert.True(t, slices.IsSorted(got.ids))
			assert.Equal(t, scan.PagingChained, got.report.Paging)
		})
	}
}

// A short list costs as many requests as it does without ranges.
func TestRangesOfAShortList(t *testing.T) {
	t.Parallel()
	singly := paged(parallel(4), scan.PagingKeyset)
	for _, row := range []struct {
		o              scan.Options
		rows, requests int
	}{{parallel(4), 0, 1}, {parallel(4), 30, 1}, {parallel(4), 120, 2}, {singly, 30, 2}, {singly, 190, 5}} {
		p := newPortal(row.rows)

		got := read(t, p, row.o, 0)

		require.NoError(t, got.err)
		sameIDs(t, upTo(row.rows), got.ids)
		assert.Equal(t, row.requests, got.requests, "%d rows, %v", row.rows, p.requests)
	}
}

// The portal ends a request after 60 s; chains stay below 25 s.
func TestChainsAdaptToTheTimeTheyTake(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPortal(20_000)
		p.took = func(calls []string) time.Duration { return time.Duration(len(calls)) * 2 * time.Second }

		got := read(t, p, deals(), 0)

		require.NoError(t, got.err)
		for _, calls := range p.requests {
			assert.LessOrEqual(t, len(calls), 12)
		}
	})
}

func TestChainsAdaptToFailures(t *testing.T) {
	t.Parallel()
	p := newPortal(20_000)
	longest := 0
	p.refuse = func(_, calls int) error {
		if calls > 20 {
			return errTimeout
		}
		longest = max(longest, calls)
		return nil
	}

	got := read(t, p, deals(), 0)

	require.NoError(t, got.err)
	sameIDs(t, upTo(20_000), got.ids)
	assert.GreaterOrEqual(t, longest, 12)
	assert.Less(t, got.requests, 60)
}

// A million rows, by parts of 2,500.
func TestMemoryIsConstant(t *testing.T) {
	t.Parallel()
	const rows = 1_000_000
	src := &endless{rows: rows}
	var peak, n uint64
	var stats runtime.MemStats
	requests := 0
	var report scan.Report
	for page, err := range scan.Pages(t.Context(), src, deals(), &report) {
		require.NoError(t, err)
		n += uint64(len(page.Rows))
		if src.requests != requests && src.requests%50 == 0 {
			requests = src.requests
			runtime.GC()
			runtime.ReadMemStats(&stats)
			peak = max(peak, stats.HeapAlloc)
		}
	}
	assert.EqualValues(t, rows, n)
	assert.Less(t, src.requests, rows/2_500+10)
	t.Logf("%d requests, heap at most %d KiB", src.requests, peak>>10)
}

// The request for the highest id fails as any other does.
func TestRangesWithoutTheHighestID(t *testing.T) {
	t.Parallel()
	p := newPortal(10_000)
	p.refuse = func(request, _ int) error {
		if request == 3 {
			return errPortal
		}
		return nil
	}
	p.spoil = func(request, call int, result string) string { return at(request, call, 1, 1).or("null", result) }

	got := read(t, p, parallel(4), 0)

	require.ErrorIs(t, got.err, errPortal)
	assert.ErrorContains(t, got.err, "page 6:")
	assert.Contains(t, p.requests[2][0], `"order":{"ID":"DESC"}`)
	sameIDs(t, upTo(250), got.ids)
}

// Where all pages of a reading come by ranges, its ends are those of the ids, too.
func TestEndsOfRanges(t *testing.T) {
	t.Parallel()
	p := newPortal(1_000)
	o := parallel(3)
	o.Alone = "no batch carries it"
	o.Resume = read(t, p, o, 1).report.Cursor

	got := read(t, p, o, 0)

	require.NoError(t, got.err)
	assert.Len(t, got.ids, 950)
	assert.Equal(t, "51", got.report.FirstID)
	assert.Equal(t, "1000", got.report.LastID)
}

// Rows at the upper end that are gone when their range is read leave each page a place to go on from.
func TestRangesOfRowsThatAreGone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := slow(10_000)
		p.between = func(p *portal) {
			if len(p.requests) > 3 {
				p.ids = p.ids[:min(len(p.ids), 2_600)]
			}
		}

		got := read(t, p, parallel(4), 0)

		require.NoError(t, got.err)
		slices.Sort(got.ids)
		sameIDs(t, upTo(2_600), got.ids)
		for _, page := range got.pages {
			_, err := scan.Recode(page.Cursor())
			require.NoError(t, err)
		}
	})
}

// Another worker took over the upper half of a part while it was read: what was read above is left to that worker, and the
// page stands for no id there, so that a cursor behind it leads to them.
func TestRangesLeaveWhatWasTakenOver(t *testing.T) {
	t.Parallel()
	ids, over, upper := scan.TakenOver(10_000, 1, 2, 9_000)

	assert.Equal(t, []uint64{1, 2}, ids)
	assert.Equal(t, upper[0], over[1]+1)
	assert.Equal(t, uint64(10_000), upper[1])
}

// A chain goes on behind the end of its part, if rows are known to be there: a page without a row
// behind that end, because rows are missing from it, is not the last of the part, and in REST 3.0 no
// reference finds nothing.
func TestRangesEndWithARowBehindThem(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]scan.Options{"classic": parallel(4), "3.0": v3("tasks.task.list", "")} {
		synctest.Test(t, func(t *testing.T) {
			p := slow(10_000)
			closing := "]"
			if o.Concurrency = 4; o.V3 {
				p.turnV3()
				closing = "]}"
			}
			missing := 0
			p.spoil = func(request, call int, result string) string {
				if request <= 3 || call != 7 {
					return result
				}
				missing++
				return result[:strings.LastIndex(result, `,{"TITLE"`)] + closing
			}

			got := read(t, p, o, 0)

			require.NoError(t, got.err, name)
			assert.GreaterOrEqual(t, len(got.ids), 10_000-missing, name)
			assert.Less(t, missing, 20, name)
			assert.True(t, got.report.Complete, name)
			assert.Equal(t, scan.PagingRanges, got.report.Paging, name)
		})
	}
}

// The rows of a part are not counted for all of the list.
func TestRangesAreNotCounted(t *testing.T) {
	t.Parallel()
	p := newPortal(1_000)
	o := paged(parallel(3), scan.PagingKeyset)
	o.Resume = read(t, p, o, 1).report.Cursor
	o.WantTotal = true

	got := read(t, p, o, 0)

	require.NoError(t, got.err)
	assert.Equal(t, scan.PagingRanges, got.report.Paging)
	assert.Zero(t, p.counted)
	assert.Equal(t, -1, got.pages[0].Total)
}

// A panic in the goroutine of a worker, which runs the caller's Trace and Limiter, reaches the
// goroutine of the consumer, as does an end of it by runtime.Goexit; the others end as well.
func TestRangesPassOnAPanic(t *testing.T) {
	t.Parallel()
	for name, bug := range map[string]func(){"panic": func() { panic("the caller's own") }, "exit": runtime.Goexit} {
		synctest.Test(t, func(t *testing.T) {
			p := slow(50_000)
			p.fault = func(request, _ int) error {
				if request == 9 {
					bug()
				}
				return nil
			}
			var reached any
			returned, ended := false, make(chan struct{})
			go func() {
				defer close(ended)
				defer func() { reached = recover() }()
				for range scan.Pages(t.Context(), p, parallel(4), nil) {
					continue
				}
				returned = true
			}()

			<-ended

			assert.False(t, returned, name)
			assert.Equal(t, name == "panic", reached == "the caller's own", name)
			assert.Zero(t, p.busy(), name)
			assert.Less(t, len(p.requests), 18, name) // the others send no more than is under way
		})
	}
}
