package scan_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// cost is what reading a list takes.
type cost struct{ requests, pages, barren, failed int }

// costs reads a ladder, whose rows must all come once, and logs a row of a table.
func costs(t *testing.T, o scan.Options, kind string, rows int) (c cost) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &ladder{ids: spread(kind, rows), v3: o.V3, size: 50}
		var seen []uint64
		began := time.Now()
		for page, err := range scan.Pages(t.Context(), l, o, nil) {
			require.NoError(t, err)
			for _, row := range page.Rows {
				_, text, _ := strings.Cut(string(row), ":")
				id, err := strconv.ParseUint(strings.Trim(text, `"}`), 10, 64)
				require.NoError(t, err)
				seen = append(seen, id)
			}
		}
		took := time.Since(began)
		if o.Concurrency < 2 && !o.Descending {
			assert.True(t, slices.IsSorted(seen))
		}
		slices.Sort(seen)
		sameIDs(t, l.ids, seen)
		c = cost{int(l.requests.Load()), int(l.pages.Load()), int(l.barren.Load()), int(l.failed.Load())}
		if o.Descending {
			kind += ", down"
		}
		api := "classic"
		if o.V3 {
			api = "3.0"
		}
		t.Logf("| %s | %d | %s | %d | %d | %d | %d | %d | %d | %d | %.2f | %.2f |", api, max(o.Concurrency, 1), kind, rows,
			c.requests, (rows+2499)/2500+4, c.pages, (rows+49)/50, c.barren, c.failed, float64(c.pages)*.02, took.Seconds())
	})
	return c
}

// A list of a known method takes few requests, and its last chain does not go far beyond the end,
// however its ids are spread. The environment variable B24_ROWS adds numbers of rows.
func TestCostsOfLists(t *testing.T) {
	t.Parallel()
	sizes := []int{50, 51, 1_000, 20_000}
	for more := range strings.FieldsSeq(strings.ReplaceAll(os.Getenv("B24_ROWS"), ",", " ")) {
		size, err := strconv.Atoi(more)
		require.NoError(t, err)
		sizes = append(sizes, size)
	}
	t.Log("| API | workers | ids | rows | requests | N/2,500 + 4 | pages | of rows | behind the end | failed | portal s | elapsed s |")
	for _, rows := range sizes {
		for _, kind := range []string{"dense", "gaps", "clusters", "denser", "thinner"} {
			least, full := (rows+2499)/2500+4, (rows+49)/50
			name := fmt.Sprint(kind, rows)
			rest3 := v3("tasks.task.list", "")
			for _, o := range []scan.Options{deals(), down(deals())} {
				c := costs(t, o, kind, rows)
				assert.LessOrEqual(t, c.requests, least, name)
				if rows >= 20_000 && kind != "clusters" {
					assert.LessOrEqual(t, c.pages, full+full*3/100+2, name)
				}
			}
			for _, o := range []scan.Options{rest3, down(rest3)} {
				c := costs(t, o, kind, rows)
				assert.LessOrEqual(t, c.requests, least+6, name)
				assert.LessOrEqual(t, c.failed, 2, name)
			}
			for _, o := range []scan.Options{parallel(8), rest3} {
				o.Concurrency = 8
				c := costs(t, o, kind, rows)
				assert.LessOrEqual(t, c.requests, least+30, name)
				assert.LessOrEqual(t, c.failed, 8, name)
				if kind == "dense" || kind == "gaps" {
					assert.LessOrEqual(t, c.requests, least+16, name)
					assert.LessOrEqual(t, c.pages, full+full/25+20, name)
				}
			}
			if rows == 50 {
				assert.Equal(t, 1, costs(t, deals(), kind, rows).requests, name)
			}
		}
	}
}
