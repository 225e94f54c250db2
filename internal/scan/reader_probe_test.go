package scan_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

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

func named() scan.Options {
	o := byOffset()
	o.IDKey = "KEY"
	return o
}

// A method nothing is known of is looked at first, then read by the id it shows.
func TestUnknownMethods(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		rows     int
		o        scan.Options
		hash     bool
		requests int
		way      scan.Paging
	}{
		{"one page", 30, scan.Options{}, false, 1, scan.PagingOnce},
		{"more", 500, scan.Options{}, false, 4, scan.PagingChained},
		{"down", 30, scan.Options{Descending: true}, false, 3, scan.PagingChained},
		{"limit", 30, scan.Options{Limit: 10}, false, 2, scan.PagingChained},
		{"limit of all rows", 30, scan.Options{Limit: 30}, false, 1, scan.PagingOnce},
		{"none", 0, scan.Options{}, false, 1, scan.PagingOnce},
		{"two rows down", 2, scan.Options{Descending: true}, false, 3, scan.PagingChained},
		{"hash", 120, scan.Options{}, true, 3, scan.PagingOffset},
		{"parallel", 5_000, scan.Options{Concurrency: 2}, false, 0, scan.PagingRanges},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newPortal(row.rows)
			p.container, p.idKey, p.hash = "things", "ID", row.hash
			row.o.Method = "partner.thing.list"

			got := read(t, p, row.o, 0)

			require.NoError(t, got.err)
			slices.Sort(got.ids)
			want := upTo(row.rows)
			if row.o.Limit > 0 {
				want = want[:row.o.Limit]
			}
			if !row.hash {
				sameIDs(t, want, got.ids)
			}
			assert.Len(t, got.ids, len(want))
			assert.Equal(t, row.way, got.report.Paging)
			if row.requests > 0 {
				assert.Equal(t, row.requests, got.requests)
			}
		})
	}
}
