package scan_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/b24go/b24/internal/scan"
)

// chat answers as im.dialog.messages.get: the newest messages first, those below LAST_ID.
type chat struct {
	portal

	messages []int
	during   func(c *chat) // before each answer
	calls    []string
}

func (c *chat) Page(_ context.Context, params []byte) (scan.Answer, error) {
	c.calls = append(c.calls, string(params))
	if c.during != nil {
		c.during(c)
	}
	var in struct {
		Last  int `json:"LAST_ID"` //nolint:tagliatelle // as the portal calls it
		Limit int `json:"LIMIT"`   //nolint:tagliatelle // as the portal calls it
	}
	if err := json.Unmarshal(params, &in); err != nil {
		return scan.Answer{}, fmt.Errorf("params %s: %w", params, err)
	}
	below := slices.DeleteFunc(slices.Clone(c.messages), func(id int) bool { return in.Last > 0 && id >= in.Last })
	slices.Sort(below)
	slices.Reverse(below)
	return scan.Answer{Result: []byte(saidIn(below[:min(len(below), in.Limit)]...))}, nil
}

func saidIn(ids ...int) string {
	rows := make([]string, len(ids))
	for i, id := range ids {
		rows[i] = fmt.Sprintf(`{"id":%d,"text":"t"}`, id)
	}
	return `{"chat_id":29,"messages":[` + strings.Join(rows, ",") + `],"users":[{"id":1}],"files":[]}`
}

func (c *chat) read(t *testing.T, o scan.Options) outcome {
	t.Helper()
	var out outcome
	for page, err := range scan.Pages(t.Context(), c, o, &out.report) {
		out.err = err
		for _, row := range page.Rows {
			out.ids = append(out.ids, rowID(t, row))
		}
		out.pages = append(out.pages, page)
	}
	return out
}

func messages(n int) (all []int, back []uint64) {
	for i := range n {
		all, back = append(all, 3*i+1), append(back, uint64(3*i+1))
	}
	slices.Reverse(back)
	return all, back
}

func chatMessages() scan.Options {
	return scan.Options{Method: "im.dialog.messages.get", Params: []byte(`{"DIALOG_ID":"chat29"}`)}
}

// A history of any size is read from the newest message back, while others are written.
func TestFollowRowsOfAnySize(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 19, 20, 21, 49, 50, 51, 100, 1000} {
		c := &chat{}
		var back []uint64
		c.messages, back = messages(n)
		c.during = func(c *chat) {
			if len(c.calls) > 1 {
				c.messages = append(c.messages, 100_000+len(c.calls))
			}
		}

		got := c.read(t, chatMessages())

		require.NoError(t, got.err, n)
		assert.Equal(t, back, got.ids, n)
		assert.True(t, got.report.Complete)
		assert.Equal(t, scan.PagingCursor, got.report.Paging)
		assert.Len(t, c.calls, (n+49)/50+1, n)
		assert.JSONEq(t, `{"DIALOG_ID":"chat29","LIMIT":50,"LAST_ID":0}`, c.calls[0])
	}
}

// A message that is deleted meanwhile, even the one to go on from, moves no other.
func TestFollowRowsThatGo(t *testing.T) {
	t.Parallel()
	c := &chat{}
	all, back := messages(120)
	c.messages = all
	c.during = func(c *chat) {
		if len(c.calls) == 2 {
			c.messages = slices.Delete(c.messages, 70, 71) // the last one of the first page
		}
	}

	got := c.read(t, chatMessages())

	require.NoError(t, got.err)
	assert.Equal(t, back, got.ids)
}

// Any limit and any page is a place to go on from, whatever was written or deleted before it.
func TestFollowRowsResume(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 7, 49, 50, 51, 120, 121} {
		c := &chat{}
		var back, ids []uint64
		c.messages, back = messages(120)
		o := chatMessages()
		o.Limit = limit
		for complete := false; !complete; {
			got := c.read(t, o)
			require.NoError(t, got.err)
			ids = append(ids, got.ids...)
			complete = got.report.Complete
			o.Resume = got.report.Cursor
			c.messages = append(c.messages, 10_000+len(ids))
			if len(ids) < 120 {
				c.messages = slices.DeleteFunc(c.messages, func(id int) bool { return uint64(id) == ids[len(ids)-1] })
			}
		}
		assert.Equal(t, back, ids, limit)
	}
}

func TestFollowRowsBeginsAtTheCallersPlace(t *testing.T) {
	t.Parallel()
	c := &chat{}
	c.messages, _ = messages(5)
	o := chatMessages()
	o.Params = []byte(`{"DIALOG_ID":"chat29","last_id":"7","limit":"1"}`)

	got := c.read(t, o)

	require.ErrorIs(t, got.err, scan.ErrRequest) // the source takes no text for a number
	assert.JSONEq(t, `{"DIALOG_ID":"chat29","last_id":"7","limit":"1"}`, c.calls[0])
}

// What cannot be the next page is an error and never a shorter list.
func TestFollowRowsFaults(t *testing.T) {
	t.Parallel()
	thing := func(key string) scan.Options {
		return scan.Options{Method: "partner.thing.list", RowsKey: "rows", Next: &scan.Next{Param: "after", Key: key}}
	}
	rows := func(more string, ids ...string) string {
		all := make([]string, len(ids))
		for i, id := range ids {
			all[i] = `{"id":` + id + `,"at":{"n":` + id + `}}`
		}
		return `{` + more + `"rows":[` + strings.Join(all, ",") + `]}`
	}
	for _, row := range []struct {
		name     string
		o        scan.Options
		results  []string
		rows     int
		requests int
		reason   scan.Reason
	}{
		{"the last row", thing("[last].id"), []string{rows("", `5`, `9`), rows("", `2`), rows("")}, 3, 3, 0},
		{"the first row", thing("[first].id"), []string{rows("", `5`, `9`), rows("", `2`, `3`), rows("")}, 4, 3, 0},
		{"inside a row", thing("[last].at.n"), []string{rows("", `5`), rows("", `2`), rows("")}, 2, 3, 0},
		{"another letter case", thing("[last].ID"), []string{rows("", `5`), rows("", `2`), rows("")}, 2, 3, 0},
		{"the lowest", thing("[lowest].id"), []string{rows("", `8`, `5`, `"7"`), rows("", `2`), rows("")}, 4, 3, 0},
		{"the highest", thing("[highest].id"), []string{rows("", `2`, `"5"`, `3`), rows("", `6`), rows("")}, 4, 3, 0},
		{"no rows", thing("[last].id"), []string{rows("")}, 0, 1, 0},
		{"it says that there are no more", thing("[last].id"), []string{rows(`"hasMore":true,`, `5`), rows(`"hasMore":false,`, `4`)}, 2, 2, 0},

		{"it says that there are more", thing("[last].id"), []string{rows(`"hasMore":true,`, `5`), rows(`"hasMore":true,`)}, 1, 2, scan.ErrIncomplete},
		{"the cursor is ignored", thing("[last].id"), []string{rows("", `5`, `9`)}, 2, 2, scan.ErrStalled},
		{"the cursor is ignored, lowest", thing("[lowest].id"), []string{rows("", `9`, `5`)}, 2, 2, scan.ErrStalled},
		{"the border comes again", thing("[lowest].id"), []string{rows("", `9`, `5`), rows("", `5`, `4`)}, 2, 2, scan.ErrChanged},
		{"other rows above the border", thing("[lowest].id"), []string{rows("", `9`, `5`), rows("", `7`, `4`)}, 2, 2, scan.ErrStalled},
		{"other rows below the border", thing("[highest].id"), []string{rows("", `2`, `5`), rows("", `3`, `6`)}, 2, 2, scan.ErrStalled},
		{"a row comes twice", thing("[last].id"), []string{rows("", `9`, `5`), rows("", `4`, `9`)}, 2, 2, scan.ErrChanged},
		{"no field", thing("[last].key"), []string{rows("", `9`)}, 0, 1, scan.ErrNoID},
		{"no field, lowest", thing("[lowest].key"), []string{rows("", `9`)}, 0, 1, scan.ErrNoID},
		{"null", thing("[last].id"), []string{rows("", `9`), rows("", `null`)}, 1, 2, scan.ErrNoID},
		{"null in the middle", thing("[lowest].id"), []string{rows("", `9`, `null`, `3`)}, 0, 1, scan.ErrNoID},
		{"no number", thing("[lowest].id"), []string{rows("", `"x"`)}, 0, 1, scan.ErrBadID},
		{"rows that are numbers", thing("[last].id"), []string{`{"rows":[1,2]}`}, 0, 1, scan.ErrNoID},
		{"a failure", thing("[last].id"), []string{rows("", `9`), ""}, 1, 2, scan.ErrRequest},
		{"the rows are gone", thing("[last].id"), []string{rows("", `9`), `{}`}, 1, 2, scan.ErrRows},
		{"cut off", thing("[last].id"), []string{rows("", `9`), rows("", `8`)[:20]}, 1, 2, scan.ErrUnreadable},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := &script{results: row.results}
			var report scan.Report
			got := 0
			var problem error
			for page, err := range scan.Pages(t.Context(), s, row.o, &report) {
				got += len(page.Rows)
				problem = err
			}
			if row.reason == 0 {
				require.NoError(t, problem)
			} else {
				require.ErrorIs(t, problem, row.reason)
			}
			assert.Equal(t, row.rows, got)
			assert.Len(t, s.calls, row.requests)
			assert.Equal(t, row.reason == 0, report.Complete)
		})
	}
}

// A page whose order does not show where to go on within it is asked for again.
func TestFollowRowsResumeInAPageWithoutOrder(t *testing.T) {
	t.Parallel()
	o := scan.Options{Method: "log.blogcomment.user.get", Limit: 1}
	results := []string{`{"comments":[{"id":8},{"id":9},{"id":3}]}`, `{"comments":[]}`}
	first := readScript(t, &script{results: results}, o)
	require.NoError(t, first.err)
	o.Limit, o.Resume = 0, first.report.Cursor

	s := &script{results: results}
	rest := readScript(t, s, o)

	require.NoError(t, rest.err)
	assert.Equal(t, []uint64{9, 3}, rest.ids)
	assert.JSONEq(t, `{"LIMIT":100}`, s.calls[0])
	assert.JSONEq(t, `{"LIMIT":100,"LAST_ID":3}`, s.calls[1])
}

// FuzzFollowRows reads two pages with any field in their rows.
func FuzzFollowRows(f *testing.F) {
	for _, at := range []string{"first", "last", "lowest", "highest"} {
		f.Add(at, `5`, `9`, `7`)
		f.Add(at, `"5"`, `null`, `{"a":1}`)
	}
	f.Fuzz(func(t *testing.T, at, one, two, three string) {
		for _, v := range []string{one, two, three} {
			if !json.Valid([]byte(v)) {
				t.Skip()
			}
		}
		s := &script{results: []string{`{"rows":[{"k":` + one + `},{"k":` + two + `}]}`, `{"rows":[{"k":` + three + `}]}`, `{"rows":[]}`}}
		o := scan.Options{Method: "partner.thing.list", RowsKey: "rows", Next: &scan.Next{Param: "after", Key: "[" + at + "].k"}}
		rows := 0
		var problem error
		for page, err := range scan.Pages(t.Context(), s, o, nil) {
			rows += len(page.Rows)
			problem = err
		}
		if problem == nil && rows != 3 {
			t.Errorf("%d rows without an error: %s", rows, strconv.Quote(at))
		}
	})
}
