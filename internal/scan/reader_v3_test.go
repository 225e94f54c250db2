package scan_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

func newV3(rows int) *portal {
	p := newPortal(rows)
	p.turnV3()
	return p
}

// Chains of REST 3.0 fail as a whole where a reference finds nothing: they
// begin late, and the end of the list is read with shorter ones.
func TestV3Chains(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ rows, requests int }{{110, 3}, {199, 3}, {9_990, 8}} {
		t.Run(strconv.Itoa(row.rows), func(t *testing.T) {
			t.Parallel()
			p := newV3(row.rows)

			got := read(t, p, v3("tasks.task.list", `{"filter":[["status","=",2]]}`), 0)

			require.NoError(t, got.err)
			sameIDs(t, upTo(row.rows), got.ids)
			assert.Equal(t, row.requests, got.requests)
			assert.Contains(t, p.requests[1][0], `"filter":[["status","=",2],["id",">",50]]`)
		})
	}
}

func TestV3Failure(t *testing.T) {
	t.Parallel()
	p := newV3(120)
	p.refuse = func(request, _ int) error {
		if request >= 2 {
			return errPortal
		}
		return nil
	}

	got := read(t, p, v3("tasks.task.list", ""), 0)

	require.ErrorIs(t, got.err, errPortal)
	sameIDs(t, upTo(50), got.ids)
	assert.Equal(t, 3, got.requests, "the page is asked for alone once more")
}

func TestV3WrongKeys(t *testing.T) {
	t.Parallel()
	rows, id := v3("tasks.task.list", ""), v3("tasks.task.list", "")
	rows.RowsKey, id.IDKey = "tasks", "taskId"
	for name, o := range map[string]scan.Options{"no rows under tasks among the members beside, items": rows, "no taskId in row 1": id} {
		got := read(t, newV3(60), o, 0)

		assert.ErrorContains(t, got.err, name)
		assert.Empty(t, got.ids)
	}
}

// tail is a method with a native cursor.
type tail struct {
	portal

	rows    int
	size    int
	without bool // rows without id
	fail    int  // request that fails
	values  []string
}

func (p *tail) Page(_ context.Context, params []byte) (scan.Answer, error) {
	var in struct {
		Cursor struct {
			Order string      `json:"order"`
			Value json.Number `json:"value"`
		} `json:"cursor"`
		Filter []any `json:"filter"`
	}
	if err := json.Unmarshal(params, &in); err != nil || in.Filter != nil {
		return scan.Answer{}, fmt.Errorf("params %s", params)
	}
	p.values = append(p.values, in.Cursor.Value.String())
	if len(p.values) == p.fail {
		return scan.Answer{}, errPortal
	}
	value, err := in.Cursor.Value.Int64()
	step := 1
	if in.Cursor.Order == "DESC" {
		step = -1
	}
	var rows []string
	for id := int(value) + step; id >= 1 && id <= p.rows && len(rows) < p.size; id += step {
		rows = append(rows, fmt.Sprintf(`{"id":%d,"x":{}}`, id))
		if p.without {
			rows[len(rows)-1] = `{"x":1}`
		}
	}
	return scan.Answer{Result: []byte("[" + strings.Join(rows, ",") + "]")}, err
}

func TestTail(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name        string
		src         *tail
		params      string
		first, last string
		rows        int
		values      []string
		reason      scan.Reason
	}{
		{"three pages", &tail{rows: 120}, "", "1", "120", 120, []string{"0", "50", "100"}, 0},
		{"capped", &tail{rows: 130}, `{"cursor":{"limit":1000}}`, "1", "130", 130, []string{"0", "50", "100"}, 0},
		{"exactly", &tail{rows: 100}, "", "1", "100", 100, []string{"0", "50", "100"}, 0},
		{"empty", &tail{}, "", "", "", 0, []string{"0"}, 0},
		{"from a value", &tail{rows: 120}, `{"cursor":{"field":"id","value":100}}`, "101", "120", 20, []string{"100", "120"}, 0},
		{"down", &tail{rows: 70}, `{"cursor":{"order":"DESC","value":60}}`, "59", "1", 59, []string{"60", "10"}, 0},
		{"without id", &tail{rows: 70, without: true}, "", "", "", 0, []string{"0"}, scan.ErrNoID},
		{"failure", &tail{rows: 70, fail: 2}, "", "1", "50", 50, []string{"0", "50"}, scan.ErrRequest},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			row.src.size = 50
			var report scan.Report
			var problem error
			for _, err := range scan.Pages(t.Context(), row.src, v3("main.eventlog.tail", row.params), &report) {
				problem = err
			}

			if e, ok := errors.AsType[*scan.Error](problem); ok {
				assert.Equal(t, row.reason, e.Reason)
			}
			assert.Equal(t, row.reason == 0, problem == nil)
			assert.Equal(t, row.reason == 0, report.Complete)
			assert.Equal(t, row.values, row.src.values)
			assert.Equal(t, []string{row.first, row.last}, []string{report.FirstID, report.LastID})
			assert.Equal(t, row.rows, report.Rows)
			assert.Equal(t, scan.PagingTail, report.Paging)
		})
	}
}

// The second request also asks for the last row. If it fails, its page is asked for alone; if
// the portal does not reverse the order, the list is read to its end all the same.
func TestV3LastRow(t *testing.T) {
	t.Parallel()
	one := v3("tasks.task.list", `{"pagination":{"limit":1}}`)
	for _, row := range []struct {
		name     string
		o        scan.Options
		rows     int
		spoil    func(p *portal)
		requests []int
	}{
		{"one page", v3("tasks.task.list", ""), 50, func(*portal) {}, []int{1, 2}},
		{"one row", v3("tasks.task.list", ""), 1, func(*portal) {}, []int{1, 2}},
		{"none", v3("tasks.task.list", ""), 0, func(*portal) {}, []int{1}},
		{"long", v3("tasks.task.list", ""), 1_000, func(*portal) {}, []int{1, 2, 4, 15}},
		{"down", down(v3("tasks.task.list", "")), 1_000, func(*portal) {}, []int{1, 2, 4, 15}},
		{"limited", limited(v3("tasks.task.list", ""), 220), 1_000, func(*portal) {}, []int{1, 2, 3}},
		{"refused", v3("tasks.task.list", ""), 120, func(p *portal) {
			p.refuse = func(_, calls int) error {
				if calls > 1 {
					return errPortal
				}
				return nil
			}
		}, []int{1, 2, 1, 1}},
		{"the order is ignored", v3("tasks.task.list", ""), 120, func(p *portal) { p.ignoreOrder = true }, []int{1, 2, 1}},
		{"the order is ignored, pages of one row", one, 3, func(p *portal) { p.ignoreOrder = true }, []int{1, 1, 1, 1}},
		{"rows are added", v3("tasks.task.list", ""), 120, func(p *portal) {
			p.between = func(p *portal) {
				if len(p.requests) > 1 {
					p.ids = upTo(200)
				}
			}
		}, []int{1, 2, 3}},
		{"not documented", v3("partner.thing.list", ""), 50, func(*portal) {}, []int{1, 1}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			p := newV3(row.rows)
			row.spoil(p)

			got := read(t, p, row.o, 0)

			require.NoError(t, got.err)
			assert.Equal(t, row.requests, lengths(p))
			want := upTo(len(p.ids))
			if row.o.Descending {
				slices.Reverse(want)
			}
			if row.o.Limit > 0 {
				want = want[:row.o.Limit]
			}
			sameIDs(t, want, got.ids)
			assert.Equal(t, row.o.Limit == 0, got.report.Complete)
		})
	}
}

func limited(o scan.Options, rows int) scan.Options {
	o.Limit = rows
	return o
}

// What a limit leaves bounds the last chain, and so does what is likely to be left.
func TestLastChainIsAsLongAsIsLikelyLeft(t *testing.T) {
	t.Parallel()
	for _, o := range []scan.Options{deals(), down(deals())} {
		p := newPortal(0)
		p.ids = every(7, 3, 1_300) // of 26 pages, 21 come before

		got := read(t, p, o, 0)

		require.NoError(t, got.err)
		assert.Len(t, got.ids, 1_300)
		assert.Equal(t, []int{2, 4, 16, 7}, lengths(p))
	}
}
